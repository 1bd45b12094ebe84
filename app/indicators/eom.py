"""Ease of movement.

    SMA((median price - median price[1]) (high - low) / volume, n) * 10,000; 0 of a bar without
      volume

Source: R. W. Arms, "Volume Cycles in the Stock Market" (1983): 14. The factor only keeps the
numbers readable. Warm-up: n bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Output,
    StudyParams,
    zero_level,
)
from app.indicators.engine.values import Value, ratio
from app.indicators.engine.windows import change, mean


class Params(StudyParams, frozen=True):
    """Length."""

    length: Length = 14


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the ease."""
    moved = change(bars.median) * (bars.high - bars.low)
    return (mean(ratio(moved, bars.volume, otherwise=0.0) * 10_000, params.length),)


INDICATOR = IndicatorSpec(
    name="eom",
    title="Ease of movement",
    short="EOM {length}",
    params=Params,
    outputs=(Output(name="value", title="EOM"),),
    category=Category.VOLUME,
    levels=zero_level,
    rule=rule,
)
