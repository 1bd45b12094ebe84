"""Relative volume.

    volume / SMA(volume of the bars before, n); 0 where those had none

Source: common on trading desks; the bar itself is left out of its measure, so that it is compared
with what was usual before. Warm-up: n bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Kind,
    Length,
    Level,
    Output,
    StudyParams,
)
from app.indicators.engine.values import Value, ratio
from app.indicators.engine.windows import back, flow


class Params(StudyParams, frozen=True):
    """Length."""

    length: Length = 20


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return how many times the usual volume was traded."""
    usual = flow(back(bars.volume), params.length) / params.length
    return (ratio(bars.volume, usual, otherwise=0.0),)


def levels(params: Params) -> Sequence[Level]:
    """Return the levels that mean much."""
    return (Level(1),)


INDICATOR = IndicatorSpec(
    name="relative_volume",
    title="Relative volume",
    short="RVOL {length}",
    params=Params,
    outputs=(Output(name="times", title="RVOL", kind=Kind.HISTOGRAM),),
    category=Category.VOLUME,
    levels=levels,
    rule=rule,
)
