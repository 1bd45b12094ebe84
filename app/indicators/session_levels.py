"""Levels of the session before.

    high, low and close of the whole session before, and the open of this one

Source: the bars; see J. F. Dalton, "Mind over Markets" (1990), for their use. Warm-up: the first
session. Needs to be told which session a bar belongs to.
"""

from __future__ import annotations

from collections.abc import Sequence

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
from app.indicators.engine.sessions import sessions
from app.indicators.engine.values import Value


def rule(bars: Columns, params: StudyParams) -> Sequence[Value]:
    """Return yesterday's high, low and close, and today's open."""
    known = sessions(bars.open, bars.high, bars.low, bars.close, bars.day)
    return known.before.high, known.before.low, known.before.close, known.now.open


INDICATOR = IndicatorSpec(
    name="session_levels",
    title="Levels of the session before",
    short="Session levels",
    params=StudyParams,
    outputs=(
        Output(name="high", title="High", kind=Kind.STEP, role=Role.UP, is_sparse=True),
        Output(name="low", title="Low", kind=Kind.STEP, role=Role.DOWN, is_sparse=True),
        Output(name="close", title="Close", kind=Kind.STEP, is_sparse=True),
        Output(name="open", title="Open", kind=Kind.STEP, role=Role.SECOND, is_sparse=True),
    ),
    category=Category.LEVELS,
    pane=Pane.OVERLAY,
    rule=rule,
)
