"""Zigzag.

    a top is a high from which the price has fallen by p per cent, a bottom a low from which it
      has risen

Source: A. A. Merrill, "Filtered Waves" (1977). A turn is known some bars after its bar; it stands
in the array at the bar at which it became known, and `turn_back` says how many bars before it
lies. So nothing known later stands at an earlier bar, unlike in the drawn line, whose last leg
ends at the extreme so far (`tip`) and is not final. Warm-up: none; no number before the first
turn.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from msgspec import Meta

from app.indicators.base import Category, Columns, IndicatorSpec, Kind, Output, Pane, StudyParams
from app.indicators.engine.recursions import fold
from app.indicators.engine.values import Value


class Params(StudyParams, frozen=True):
    """Size of a turn."""

    percent: Annotated[float, Meta(title="Turn", description="per cent", gt=0, le=100)] = 5.0


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the turns and the extreme since the last, each with how far back it lies."""
    step = functools.partial(_step, params.percent / 100)
    return fold(step, None, (bars.high, bars.low), 4)


class Leg(NamedTuple):
    """Where the line is."""

    way: int
    """1 up, -1 down, 0 not yet known."""
    top: float
    top_age: float
    bottom: float
    bottom_age: float


def _step(share: float, leg: Leg | None, high: float, low: float) -> tuple[Leg, tuple[float, ...]]:
    if leg is None:
        leg = Leg(0, high, -1.0, low, -1.0)
    way, top, top_age, bottom, bottom_age = leg
    top_age, bottom_age = top_age + 1, bottom_age + 1
    if way >= 0 and high >= top:
        top, top_age = high, 0.0
    if way <= 0 and low <= bottom:
        bottom, bottom_age = low, 0.0
    turn = turn_back = math.nan
    if way >= 0 and top_age > 0 and low <= top - share * abs(top):
        way, turn, turn_back = -1, top, top_age
        bottom, bottom_age = low, 0.0
    elif way <= 0 and bottom_age > 0 and high >= bottom + share * abs(bottom):
        way, turn, turn_back = 1, bottom, bottom_age
        top, top_age = high, 0.0
    tip = (math.nan, math.nan) if way == 0 else (top, top_age) if way > 0 else (bottom, bottom_age)
    return Leg(way, top, top_age, bottom, bottom_age), (turn, turn_back, *tip)


INDICATOR = IndicatorSpec(
    name="zigzag",
    title="Zigzag",
    short="ZigZag {percent:g}",
    params=Params,
    outputs=(
        Output(
            name="turn", title="Turn", kind=Kind.LEGS, back="turn_back", tip="tip", is_sparse=True
        ),
        Output(name="turn_back", title="Bars back", kind=Kind.HIDDEN, is_sparse=True),
        Output(name="tip", title="Extreme", kind=Kind.HIDDEN, back="tip_back", is_sparse=True),
        Output(name="tip_back", title="Bars back", kind=Kind.HIDDEN, is_sparse=True),
    ),
    category=Category.LEVELS,
    pane=Pane.OVERLAY,
    rule=rule,
)
