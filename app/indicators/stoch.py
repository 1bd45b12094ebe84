"""Stochastic oscillator.

    %K = SMA(100 (close - lowest low) / (highest high - lowest low), smooth) over n, %D = SMA(%K, m)

Source: G. C. Lane, "Lane's Stochastics", Stocks & Commodities 2 (1984); the slow form, 14, 3, 3.
With smooth = 1 it is the fast form. 50 where the range is nothing. Warm-up: n + smooth - 2 bars,
%D m - 1 more.
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
    Length,
    Level,
    Output,
    Percent,
    Role,
    StudyParams,
)
from app.indicators.engine.values import Value
from app.indicators.engine.windows import highest, lowest, mean
from app.indicators.words import place


class Params(StudyParams, frozen=True):
    """Lengths and levels."""

    length: Length = 14
    smooth: Annotated[int, Meta(title="Smooth %K", description="bars", ge=1, le=LENGTH_MAX)] = 3
    signal: Annotated[int, Meta(title="%D", description="bars", ge=1, le=LENGTH_MAX)] = 3
    low: Percent = 20.0
    high: Percent = 80.0


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return %K and %D, 0 to 100."""
    n = params.length
    raw = place(bars.close, highest(bars.high, n), lowest(bars.low, n))
    k = mean(raw, params.smooth)
    return k, mean(k, params.signal)


def levels(params: Params) -> Sequence[Level]:
    """Return the levels that mean much."""
    return Level(params.low), Level(params.high)


INDICATOR = IndicatorSpec(
    name="stoch",
    title="Stochastic oscillator",
    short="Stoch {length},{smooth},{signal}",
    params=Params,
    outputs=(
        Output(name="k", title="%K"),
        Output(name="d", title="%D", role=Role.SECOND),
    ),
    category=Category.MOMENTUM,
    levels=levels,
    rule=rule,
)
