"""Price volume trend.

    PVT = PVT[1] + volume (close / close[1] - 1)

Source: S. B. Achelis, "Technical Analysis from A to Z" (1995). Warm-up: 1 bar.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import Category, Columns, IndicatorSpec, Output, StudyParams
from app.indicators.engine.recursions import running
from app.indicators.engine.values import Value
from app.indicators.words import growth


def rule(bars: Columns, params: StudyParams) -> Sequence[Value]:
    """Return the running sum, in units of volume."""
    return (running(bars.volume * growth(bars.close)),)


INDICATOR = IndicatorSpec(
    name="pvt",
    title="Price volume trend",
    short="PVT",
    params=StudyParams,
    outputs=(Output(name="value", title="PVT"),),
    category=Category.VOLUME,
    rule=rule,
)
