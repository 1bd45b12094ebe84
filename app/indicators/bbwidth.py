"""Width of the Bollinger bands.

    (upper - lower) / middle * 100; 0 where the middle is 0

Source: J. Bollinger, "Bollinger on Bollinger Bands" (2001), ch. 8, "BandWidth". The deviation is
that of a population. Warm-up: n - 1 bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
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
    """Return the width in per cent of the mean."""
    x = bars.price(params.source)
    width = deviation(x, params.length) * (200 * params.width)
    return (ratio(width, mean(x, params.length), otherwise=0.0),)


INDICATOR = IndicatorSpec(
    name="bbwidth",
    title="Bollinger band width",
    short="BBW {length},{width:g}",
    params=Params,
    outputs=(Output(name="width", title="Width"),),
    category=Category.VOLATILITY,
    rule=rule,
)
