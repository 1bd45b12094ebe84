"""Connors RSI.

    streak = bars in a row that rose (or fell, then negative), 0 where the price stands
    (RSI(x, 3) + RSI(streak, 2) + 100 share of the last 100 changes that were less than this one)
      / 3

Source: L. Connors and C. Alvarez, "An Introduction to ConnorsRSI" (2012); changes in per cent.
Warm-up: 1 + 100 bars.
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
from app.indicators.engine.recursions import fold
from app.indicators.engine.values import Value
from app.indicators.engine.windows import rank
from app.indicators.words import growth, moves, strength


class Params(StudyParams, frozen=True):
    """Lengths and price."""

    length: Length = 3
    streak: Annotated[int, Meta(title="Streak", description="bars", ge=1, le=LENGTH_MAX)] = 2
    rank: Annotated[int, Meta(title="Rank", description="bars", ge=1, le=LENGTH_MAX)] = 100
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the index, 0 to 100."""
    x = bars.price(params.source)
    (streak,) = fold(_step, 0.0, (moves(x),), 1)
    share = rank(growth(x), params.rank) * (100 / params.rank)
    whole = strength(x, params.length) + strength(streak, params.streak) + share
    return (whole / 3,)


def _step(state: float, moved: float) -> tuple[float, tuple[float, ...]]:
    if moved > 0:
        state = max(state, 0.0) + 1
    elif moved < 0:
        state = min(state, 0.0) - 1
    else:
        state = 0.0
    return state, (state,)


def levels(params: Params) -> Sequence[Level]:
    """Return the levels that mean much."""
    return Level(10), Level(90)


INDICATOR = IndicatorSpec(
    name="connors_rsi",
    title="Connors RSI",
    short="CRSI {length},{streak},{rank}",
    params=Params,
    outputs=(Output(name="value", title="CRSI"),),
    category=Category.MOMENTUM,
    levels=levels,
    rule=rule,
)
