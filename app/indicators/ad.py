"""Accumulation/distribution line.

    A/D = A/D[1] + volume ((close - low) - (high - close)) / (high - low); 0 of a bar without range

Source: M. Chaikin, in S. B. Achelis, "Technical Analysis from A to Z" (1995). Warm-up: none.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import Category, Columns, IndicatorSpec, Output, StudyParams
from app.indicators.engine.recursions import running
from app.indicators.engine.values import Value
from app.indicators.words import close_place


def rule(bars: Columns, params: StudyParams) -> Sequence[Value]:
    """Return the running sum, in units of volume."""
    return (running(bars.volume * close_place(bars)),)


INDICATOR = IndicatorSpec(
    name="ad",
    title="Accumulation/distribution line",
    short="A/D",
    params=StudyParams,
    outputs=(Output(name="value", title="A/D"),),
    category=Category.VOLUME,
    rule=rule,
)
