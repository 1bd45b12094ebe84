"""Detrended price oscillator.

    DPO = x[n / 2 + 1] - SMA(x, n)

Source: J. J. Murphy, "Technical Analysis of the Financial Markets" (1999), ch. 10, for detrending;
the form is that of most platforms, which is not drawn shifted. Warm-up: n - 1 bars, or n / 2 + 1.
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
    zero_level,
)
from app.indicators.engine.values import Value
from app.indicators.engine.windows import back, mean


class Params(StudyParams, frozen=True):
    """Length and price."""

    length: Length = 20
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the difference, in units of price."""
    x, n = bars.price(params.source), params.length
    return (back(x, n // 2 + 1) - mean(x, n),)


INDICATOR = IndicatorSpec(
    name="dpo",
    title="Detrended price oscillator",
    short="DPO {length}",
    params=Params,
    outputs=(Output(name="value", title="DPO"),),
    category=Category.MOMENTUM,
    levels=zero_level,
    rule=rule,
)
