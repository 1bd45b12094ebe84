"""What a chart shows, as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.domain.enums import Side
from app.domain.ids import ClOrdID
from widgets.palettes import Role
from widgets.plot.scale import Floats, Ints
from widgets.plot.styles import BarStyle

if TYPE_CHECKING:
    from app.desk import BarColumns, Cells, DepthHistory
    from app.indicators.profile import Profile

MAIN_PANE: Final = ""
"""Key of the pane with the bars."""


@dataclass(frozen=True)
class OrderLine:
    """A working order."""

    cl_ord_id: ClOrdID
    price: float
    words: str
    side: Side


@dataclass(frozen=True)
class FillMark:
    """A fill."""

    ts_ns: int
    price: float
    side: Side


@dataclass(frozen=True)
class LastPrice:
    """The newest price, and its age in words if it is stale."""

    price: float
    role: Role
    stale_words: str = ""


class PlotKind(StrEnum):
    """How the values of a study are drawn."""

    LINE = "line"
    STEP = "step"
    HISTOGRAM = "histogram"
    """From 0; of the role UP, what is below has the colour of DOWN."""
    BAND = "band"
    """Two rows of values: their lines, and the area between them."""
    CLOUD = "cloud"
    """Two rows of values: the area between them, coloured by which is the upper."""
    POINTS = "points"
    MARKS = "marks"
    """A small triangle: below the bars where its role is UP, above them else."""
    LEGS = "legs"
    """Straight lines from point to point. Four rows: a point, how many bars back it lies, the
    newest point, and how many bars back that lies."""


@dataclass(frozen=True)
class Plot:
    """One drawing of a study."""

    name: str
    kind: PlotKind
    role: Role
    values: tuple[Floats, ...]
    """Rows as long as the bars; NaN where there is no value."""
    shift: int = 0
    """Bars by which it is drawn to the right; to the left if negative."""

    @property
    def told(self) -> tuple[Floats, ...]:
        """Return the rows that the legend tells."""
        return self.values[2:3] if self.kind is PlotKind.LEGS else self.values

    @property
    def reaches_back(self) -> bool:
        """Whether the newest bar has a say in how older ones look."""
        return self.kind is PlotKind.LEGS or self.shift < 0


@dataclass(frozen=True)
class StudySeries:
    """A study on the chart."""

    key: str
    """Tells it from the others; the same while it is the same study with the same settings."""
    title: str
    plots: tuple[Plot, ...]
    pane: str = MAIN_PANE
    levels: tuple[float, ...] = ()
    """Fixed values that are marked in its own pane."""
    fault: str = ""
    """Why there is nothing, in words."""
    has_own_scale: bool = False
    """In the pane with the bars: whether it has a scale of its own and fills the height."""
    role: Role = Role.STUDY
    """Its colour, where its plots do not say."""
    profile: Profile | None = None
    """Volume by price, of a study that is one."""
    is_settled: bool = True
    """Whether values of bars before the last stay as they are."""

    @property
    def reaches_back(self) -> bool:
        """Whether the newest bar has a say in how older ones look."""
        return (
            not self.is_settled
            or self.profile is not None
            or any(plot.reaches_back for plot in self.plots)
        )


@dataclass(frozen=True)
class GapMark:
    """A stretch of time of which bars are missing, or were fetched afterwards."""

    start_ns: int
    end_ns: int
    words: str
    role: Role
    is_filled: bool = False


CoreHours = Callable[[int, int], Ints]
"""From and to (UTC ns) -> open and close of each core session between, a row each."""


@dataclass(frozen=True)
class ChartContent:
    """Everything a chart shows."""

    bars: BarColumns
    interval_ns: int
    last: LastPrice | None = None
    orders: tuple[OrderLine, ...] = ()
    fills: tuple[FillMark, ...] = ()
    average: tuple[float, str] | None = None
    alerts: tuple[tuple[float, str], ...] = ()
    """Prices that somebody wants to be told of, and what is said of each."""
    """Average price of the position, and its label."""
    studies: tuple[StudySeries, ...] = ()
    style: BarStyle = BarStyle.CANDLES
    core_hours: CoreHours | None = None
    """Gives the core sessions between two times; what lies outside is shaded. None: nothing is."""
    series: str = ""
    """Tells these bars from others of the same times: symbol and interval."""
    history: int = 0
    """Another number whenever older bars of the series have changed."""
    empty_words: str = ""
    gaps: tuple[GapMark, ...] = ()
    edge_words: str = ""
    """What there is to say at the left of the oldest bar."""
    cells: Mapping[int, Cells] | None = None
    """Footprints by the numbers of their bars, drawn in place of the bars; None: bars are drawn."""
    depth: DepthHistory | None = None
    """What was displayed over time, drawn under the bars."""
    title: str = ""
    """Of the chart, where nobody else tells it."""
    note: str = ""
    """What the bars are made of, where that has to be said."""
