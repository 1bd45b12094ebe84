"""Relative strength index over simple means, Cutler's.

    RSI = 100 U / (U + D), where U and D are what x has gained and lost over the last n bars

Source: D. Cutler's form, in P. J. Kaufman, "Trading Systems and Methods" (5th ed., 2013), ch. 9: it
does not hang on where the data begin, as Wilder's does. 50 where nothing has moved. Warm-up: n
bars.
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
    Percent,
    Price,
    Source,
    StudyParams,
)
from app.indicators.engine.values import Value, ratio
from app.indicators.engine.windows import change, flow


class Params(StudyParams, frozen=True):
    """Length, price and levels."""

    length: Length = 14
    source: Price = Source.CLOSE
    low: Percent = 30.0
    high: Percent = 70.0


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the index, 0 to 100."""
    x, n = bars.price(params.source), params.length
    size = flow(abs(change(x)), n)
    return (ratio(change(x, n), size, otherwise=0.0, beside=x) * 50 + 50,)


def levels(params: Params) -> Sequence[Level]:
    """Return the levels that mean much."""
    return Level(params.low), Level(params.high)


INDICATOR = IndicatorSpec(
    name="rsi_sma",
    title="Relative strength index, simple means",
    short="RSI SMA {length}",
    params=Params,
    outputs=(Output(name="index", title="RSI"),),
    category=Category.MOMENTUM,
    levels=levels,
    rule=rule,
)
