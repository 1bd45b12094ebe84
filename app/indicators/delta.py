"""Volume delta.

    what was bought at the ask less what was sold at the bid

Source: J. P. Steidlmayer and S. B. Hawkins, "Steidlmayer on Markets" (2003), ch. 9, for its use.
Where the bars do not say, a person may choose an estimate, and the legend then says so: volume
times the place of the close in the bar, -1 to 1, or the tick rule on closes (C. M. C. Lee and M.
J. Ready, "Inferring Trade Direction from Intraday Data", Journal of Finance 46, 1991). Warm-up:
none; 1 bar by the tick rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Kind,
    Output,
    Role,
    StudyParams,
    zero_level,
)
from app.indicators.engine.values import Value
from app.indicators.words import Direction, delta_of


class Params(StudyParams, frozen=True):
    """How it is known."""

    direction: Annotated[Direction, Meta(title="Direction", description="how known")] = (
        Direction.TRADES
    )


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the difference, in units of volume."""
    return (delta_of(bars, params.direction),)


INDICATOR = IndicatorSpec(
    name="delta",
    title="Volume delta",
    short="Delta {direction}",
    params=Params,
    outputs=(Output(name="delta", title="Delta", kind=Kind.HISTOGRAM, role=Role.SIGNED),),
    category=Category.VOLUME,
    levels=zero_level,
    rule=rule,
)
