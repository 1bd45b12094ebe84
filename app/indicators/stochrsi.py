"""Stochastic of the relative strength index.

    raw = 100 (RSI - lowest of m) / (highest of m - lowest of m), %K = SMA(raw, k), %D = SMA(%K, d)

Source: T. S. Chande and S. Kroll, "The New Technical Trader" (1994), ch. 5; smoothed as platforms
do: 14, 14, 3, 3. RSI is Wilder's; 50 where it does not move. Warm-up: n + m - 1 + k - 1 bars.
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
    Price,
    Role,
    Source,
    StudyParams,
)
from app.indicators.engine.values import Value
from app.indicators.engine.windows import mean
from app.indicators.words import place_among, strength


class Params(StudyParams, frozen=True):
    """Lengths and price."""

    length: Length = 14
    stoch: Annotated[int, Meta(title="Stochastic", description="bars", ge=1, le=LENGTH_MAX)] = 14
    smooth: Annotated[int, Meta(title="Smooth %K", description="bars", ge=1, le=LENGTH_MAX)] = 3
    signal: Annotated[int, Meta(title="%D", description="bars", ge=1, le=LENGTH_MAX)] = 3
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return %K and %D, 0 to 100."""
    index = strength(bars.price(params.source), params.length)
    hundred = index * 0 + 100
    k = mean(place_among(index, params.stoch, hundred), params.smooth)
    return k, mean(k, params.signal)


def levels(params: Params) -> Sequence[Level]:
    """Return the levels that mean much."""
    return Level(20), Level(80)


INDICATOR = IndicatorSpec(
    name="stochrsi",
    title="Stochastic of the relative strength index",
    short="StochRSI {length},{stoch}",
    params=Params,
    outputs=(
        Output(name="k", title="%K"),
        Output(name="d", title="%D", role=Role.SECOND),
    ),
    category=Category.MOMENTUM,
    levels=levels,
    rule=rule,
)
