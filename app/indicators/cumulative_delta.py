"""Cumulative volume delta.

    the sum of what was bought at the ask less what was sold at the bid, of the session or of all
      bars

Source: see delta, whose estimates it shares, named in the legend. Warm-up: none; 1 bar by the tick
rule. Needs to be told which session a bar belongs to, unless it runs on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from app.indicators.base import Category, Columns, IndicatorSpec, Output, StudyParams, zero_level
from app.indicators.engine.recursions import running
from app.indicators.engine.sessions import in_session
from app.indicators.engine.values import Value
from app.indicators.words import Direction, delta_of


class Params(StudyParams, frozen=True):
    """How it is known, and whether a session begins anew."""

    direction: Annotated[Direction, Meta(title="Direction", description="how known")] = (
        Direction.TRADES
    )
    is_of_session: Annotated[bool, Meta(title="Of the session", description="begin anew")] = True


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the running sum, in units of volume."""
    part = delta_of(bars, params.direction)
    return (in_session(part, bars.day) if params.is_of_session else running(part),)


INDICATOR = IndicatorSpec(
    name="cumulative_delta",
    title="Cumulative volume delta",
    short="CVD {direction}",
    params=Params,
    outputs=(Output(name="sum", title="CVD"),),
    category=Category.VOLUME,
    levels=zero_level,
    rule=rule,
)
