"""Volume.

    the volume of a bar, as that of a rise where close >= open and of a fall elsewhere

Source: the bars. Warm-up: none.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import Category, Columns, IndicatorSpec, Kind, Output, Role, StudyParams
from app.indicators.engine.values import Value, where
from app.indicators.words import only


def rule(bars: Columns, params: StudyParams) -> Sequence[Value]:
    """Return the volume of bars that rose and of bars that fell: at each bar one of them."""
    fell = bars.close < bars.open
    return where(fell, float("nan"), bars.volume), only(fell, bars.volume)


INDICATOR = IndicatorSpec(
    name="volume",
    title="Volume",
    short="Volume",
    params=StudyParams,
    outputs=(
        Output(name="rise", title="Rise", kind=Kind.HISTOGRAM, role=Role.UP, is_sparse=True),
        Output(name="fall", title="Fall", kind=Kind.HISTOGRAM, role=Role.DOWN, is_sparse=True),
    ),
    category=Category.VOLUME,
    rule=rule,
)
