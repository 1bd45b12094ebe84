"""What a chart shows, as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.domain.enums import Side
from app.domain.ids import ClOrdID
from widgets.plot.scale import Floats
from widgets.plot.styles import BarStyle
from widgets.theme import Role

if TYPE_CHECKING:
    from app.desk import BarColumns

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
    """From 0; up and down have colours of their own."""
    BAND = "band"
    """Two rows of values: their lines, and the area between them."""
    CLOUD = "cloud"
    """Two rows of values: the area between them, coloured by which is the upper."""
    POINTS = "points"


@dataclass(frozen=True)
class Plot:
    """One drawing of a study."""

    name: str
    kind: PlotKind
    role: Role
    values: tuple[Floats, ...]
    """One or two rows as long as the bars; NaN where there is no value."""


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


CoreHours = Callable[[int, int], tuple[tuple[int, int], ...]]
"""From and to (UTC ns) -> open and close of each core session between."""


@dataclass(frozen=True)
class ChartContent:
    """Everything a chart shows."""

    bars: BarColumns
    interval_ns: int
    last: LastPrice | None = None
    orders: tuple[OrderLine, ...] = ()
    fills: tuple[FillMark, ...] = ()
    average: tuple[float, str] | None = None
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
