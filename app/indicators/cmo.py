"""Chande momentum oscillator.

    CMO = 100 (U - D) / (U + D), where U and D are what x has gained and lost over the last n bars

Source: T. S. Chande and S. Kroll, "The New Technical Trader" (1994), ch. 5. Over sums, as the book
has it; TA-Lib's smooths as Wilder does. 0 where nothing has moved. Warm-up: n bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Level,
    Output,
    Price,
    Source,
    StudyParams,
)
from app.indicators.engine.values import Value, ratio
from app.indicators.engine.windows import change, flow


class Params(StudyParams, frozen=True):
    """Length and price."""

    length: Length = 14
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the oscillator, -100 to 100."""
    x, n = bars.price(params.source), params.length
    size = flow(abs(change(x)), n)
    return (ratio(change(x, n), size, otherwise=0.0, beside=x) * 100,)


def levels(params: Params) -> Sequence[Level]:
    """Return the levels that mean much."""
    return Level(-50), Level(50)


INDICATOR = IndicatorSpec(
    name="cmo",
    title="Chande momentum oscillator",
    short="CMO {length}",
    params=Params,
    outputs=(Output(name="value", title="CMO"),),
    category=Category.MOMENTUM,
    levels=levels,
    rule=rule,
)
