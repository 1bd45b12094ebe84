"""The builder that a name of bars stands for."""

from __future__ import annotations

from collections.abc import Callable

from app.domain.bar_spec import BarKind, BarSpec
from app.domain.times import SECOND_NS
from app.market.builders.base import Builder
from app.market.builders.dollar import DollarBars
from app.market.builders.kagi import KagiBars
from app.market.builders.line_break import LineBreakBars
from app.market.builders.point_figure import PointFigureBars
from app.market.builders.range_bars import RangeBars
from app.market.builders.renko import RenkoBars
from app.market.builders.ticks import TickBars
from app.market.builders.time_bars import TimeBars
from app.market.builders.volume import VolumeBars


def make_builder(spec: BarSpec, step: float, capacity: int) -> Builder:
    """Return a builder without bars.

    Args:
        spec: not of days, weeks or months.
        step: height of a brick by true range; 0 where there is none, or it is not known.
        capacity: bars that are kept.
    """
    size = float(spec.size)
    makers: dict[BarKind, Callable[[], Builder]] = {
        BarKind.TIME: lambda: TimeBars(int(size) * SECOND_NS, capacity),
        BarKind.TICK: lambda: TickBars(size, capacity),
        BarKind.VOLUME: lambda: VolumeBars(size, capacity),
        BarKind.DOLLAR: lambda: DollarBars(size, capacity),
        BarKind.RANGE: lambda: RangeBars(size, capacity),
        BarKind.RENKO: lambda: RenkoBars(step or size, capacity),
        BarKind.KAGI: lambda: KagiBars(size, capacity, is_percent=spec.is_percent),
        BarKind.POINT_FIGURE: lambda: PointFigureBars(
            size, spec.reversal, capacity, by_extremes=spec.by_extremes
        ),
        BarKind.LINE_BREAK: lambda: LineBreakBars(int(size), capacity),
    }
    return makers[spec.kind]()
