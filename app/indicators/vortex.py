"""Vortex indicator.

    VI+ = sum |high - low[1]| / sum TR, VI- = sum |low - high[1]| / sum TR, over n; 0 without range

Source: E. Botes and D. Siepman, "The Vortex Indicator", Stocks & Commodities 28 (2010): 14.
Warm-up: n bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Level,
    Output,
    Role,
    StudyParams,
)
from app.indicators.engine.values import Value, ratio
from app.indicators.engine.windows import back, flow
from app.indicators.words import true_range


class Params(StudyParams, frozen=True):
    """Length."""

    length: Length = 14


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the movement up and down."""
    n = params.length
    size = flow(true_range(bars), n)
    up = flow(abs(bars.high - back(bars.low)), n)
    down = flow(abs(bars.low - back(bars.high)), n)
    return tuple(ratio(one, size, otherwise=0.0) for one in (up, down))


def levels(params: Params) -> Sequence[Level]:
    """Return the levels that mean much."""
    return (Level(1),)


INDICATOR = IndicatorSpec(
    name="vortex",
    title="Vortex indicator",
    short="VI {length}",
    params=Params,
    outputs=(
        Output(name="plus", title="VI+", role=Role.UP),
        Output(name="minus", title="VI-", role=Role.DOWN),
    ),
    category=Category.TREND,
    levels=levels,
    rule=rule,
)
