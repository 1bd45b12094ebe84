"""Schaff trend cycle.

    MACD = EMA(x, fast) - EMA(x, slow), K = place of MACD in its range of n bars, D = mean of K
      that goes
    half way with each bar; STC = the same of D

Source: D. Schaff, "The Schaff Trend Cycle" (1999): 23, 50, 10. Where the range of MACD is
nothing K is 50, and where that of D is STC follows D, so that a long trend keeps its 0 or 100.
Warm-up: slow + 2 (n - 1) - 1 bars.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from app.indicators.base import (
    LENGTH_MAX,
    Category,
    Columns,
    IndicatorSpec,
    Level,
    Output,
    Price,
    Source,
    StudyParams,
)
from app.indicators.engine.recursions import ema, smoothed
from app.indicators.engine.values import Value
from app.indicators.words import place_among

_HALF = 3
"""Span of a mean that goes half way."""


class Params(StudyParams, frozen=True):
    """Lengths and price."""

    fast: Annotated[int, Meta(title="Fast", description="bars", ge=1, le=LENGTH_MAX)] = 23
    slow: Annotated[int, Meta(title="Slow", description="bars", ge=1, le=LENGTH_MAX)] = 50
    cycle: Annotated[int, Meta(title="Cycle", description="bars", ge=1, le=LENGTH_MAX)] = 10
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the cycle, 0 to 100."""
    x = bars.price(params.source)
    line = ema(x, params.fast) - ema(x, params.slow)
    once = smoothed(place_among(line, params.cycle, x), _HALF)
    hundred = once * 0 + 100
    return (smoothed(place_among(once, params.cycle, hundred, once / 100), _HALF),)


def levels(params: Params) -> Sequence[Level]:
    """Return the levels that mean much."""
    return Level(25), Level(75)


INDICATOR = IndicatorSpec(
    name="schaff",
    title="Schaff trend cycle",
    short="STC {fast},{slow},{cycle}",
    params=Params,
    outputs=(Output(name="value", title="STC"),),
    category=Category.MOMENTUM,
    levels=levels,
    rule=rule,
)
