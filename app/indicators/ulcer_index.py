"""Ulcer index.

    root of the mean over n of (100 (x / highest x of n - 1))^2

Source: P. G. Martin and B. B. McCann, "The Investor's Guide to Fidelity Funds" (1989): 14. Warm-up:
2 (n - 1) bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Output,
    Price,
    Source,
    StudyParams,
)
from app.indicators.engine.values import Value, ratio, root
from app.indicators.engine.windows import flow, highest


class Params(StudyParams, frozen=True):
    """Length and price."""

    length: Length = 14
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the depth of the falls, per cent."""
    x, n = bars.price(params.source), params.length
    top = highest(x, n)
    fall = ratio(x - top, top, otherwise=0.0) * 100
    return (root(flow(fall * fall, n) / n),)


INDICATOR = IndicatorSpec(
    name="ulcer_index",
    title="Ulcer index",
    short="UI {length}",
    params=Params,
    outputs=(Output(name="value", title="UI"),),
    category=Category.VOLATILITY,
    rule=rule,
)
