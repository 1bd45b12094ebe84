"""Opening range.

    highest high and lowest low of the bars that begin in the first m minutes of the session, so
      far and
    then kept

Source: T. Crabel, "Day Trading with Short Term Price Patterns and Opening Range Breakout" (1990).
Warm-up: none. Needs to be told which session a bar belongs to; a bar that is longer than the range
is all of it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Kind,
    Output,
    Pane,
    Role,
    StudyParams,
)
from app.indicators.engine.recursions import fold
from app.indicators.engine.values import Value


class Params(StudyParams, frozen=True):
    """Length."""

    minutes: Annotated[int, Meta(title="Range", description="minutes", ge=1, le=1_440)] = 30


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the high and the low of the range."""
    step = functools.partial(_step, params.minutes * 60e9)
    return fold(step, None, (bars.start_ns, bars.high, bars.low, bars.day), 2)


Known = tuple[float, float, float, float]
"""Session, its first bar's start, high, low."""


def _step(length_ns: float, known: Known | None, *bar: float) -> tuple[Known, tuple[float, ...]]:
    start_ns, high, low, day = bar
    if known is None or known[0] != day:
        known = (day, start_ns, high, low)
    elif start_ns - known[1] < length_ns:
        known = (day, known[1], max(known[2], high), min(known[3], low))
    return known, known[2:]


INDICATOR = IndicatorSpec(
    name="opening_range",
    title="Opening range",
    short="OR {minutes} min",
    params=Params,
    outputs=(
        Output(name="high", title="High", kind=Kind.STEP, role=Role.UP),
        Output(name="low", title="Low", kind=Kind.STEP, role=Role.DOWN),
    ),
    category=Category.LEVELS,
    pane=Pane.OVERLAY,
    rule=rule,
)
