"""Place of the price in the Bollinger bands.

    %b = (x - lower) / (upper - lower); 0 is the lower band, 1 the upper, 0.5 where they are one

Source: J. Bollinger, "Bollinger on Bollinger Bands" (2001), ch. 8. The deviation is that of a
population. Warm-up: n - 1 bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Level,
    Output,
    Price,
    Source,
    Span,
    StudyParams,
    Width,
)
from app.indicators.engine.values import Value, ratio
from app.indicators.engine.windows import deviation, mean


class Params(StudyParams, frozen=True):
    """Length, width and price."""

    length: Span = 20
    width: Width = 2.0
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the place."""
    x = bars.price(params.source)
    half = deviation(x, params.length) * params.width
    off = ratio(x - mean(x, params.length), half, otherwise=0.0, beside=x)
    return (off * 0.5 + 0.5,)


def levels(params: Params) -> Sequence[Level]:
    """Return the bands."""
    return Level(0), Level(1)


INDICATOR = IndicatorSpec(
    name="percent_b",
    title="Place in the Bollinger bands",
    short="%b {length},{width:g}",
    params=Params,
    outputs=(Output(name="place", title="%b"),),
    category=Category.VOLATILITY,
    levels=levels,
    rule=rule,
)
