"""Relative volatility index.

    s = deviation of the last m closes; U = Wilder's mean over n of s where x > x[1], D where x <
      x[1]
    100 U / (U + D); 50 where nothing moves

Source: D. Dorsey, "The Relative Volatility Index", Stocks & Commodities 11 (1993): 14 and 10. The
deviation is that of a population. Warm-up: m - 1 + n - 1 bars.
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
    Source,
    StudyParams,
)
from app.indicators.engine.recursions import wilder
from app.indicators.engine.values import Value, ratio, where
from app.indicators.engine.windows import deviation
from app.indicators.words import moves


class Params(StudyParams, frozen=True):
    """Lengths and price."""

    length: Length = 14
    window: Annotated[int, Meta(title="Deviation", description="bars", ge=2, le=LENGTH_MAX)] = 10
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the index, 0 to 100."""
    x = bars.price(params.source)
    size, moved = deviation(x, params.window), moves(x)
    up = wilder(where(moved > 0, size, 0.0), params.length)
    down = wilder(where(moved < 0, size, 0.0), params.length)
    return (ratio(up, up + down, otherwise=0.5, beside=x) * 100,)


def levels(params: Params) -> Sequence[Level]:
    """Return the levels that mean much."""
    return (Level(50),)


INDICATOR = IndicatorSpec(
    name="relative_volatility",
    title="Relative volatility index",
    short="RVol {length}",
    params=Params,
    outputs=(Output(name="value", title="RVol"),),
    category=Category.VOLATILITY,
    levels=levels,
    rule=rule,
)
