"""What a drawing stands on: times and prices to pixels and back, and the bars below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from widgets.drawings.model import Anchor, Point
from widgets.plot.layer import Frame

if TYPE_CHECKING:
    from app.desk import BarColumns

MAGNET_PX: Final = 14
"""As near as this an anchor goes to a price of the bar."""


class Ground(Protocol):
    """What a tool needs to know."""

    @property
    def width(self) -> float:
        """Of the pane, in pixels."""
        ...

    @property
    def top(self) -> float:
        """Upper edge of the pane."""
        ...

    @property
    def bottom(self) -> float:
        """Lower edge of the pane."""
        ...

    def point(self, anchor: Anchor) -> Point:
        """Return where an anchor is."""
        ...

    def y(self, price: float) -> float:
        """Return where a price is."""
        ...

    def bars_between(self, first_ns: int, last_ns: int) -> BarColumns | None:
        """Return the bars that start from one time up to and with another; None: none is known."""
        ...

    def number(self, ts_ns: int) -> float:
        """Return the number of the bar of a time, with the part of it that has passed."""
        ...


class ChartGround:
    """The pane with the bars of a chart, as it is in one frame.

    Between bars time goes on evenly within a bar; a time without a bar, at night, stands at the end
    of the bar before. Beyond both ends bars are imagined, each an interval long.
    """

    def __init__(self, frame: Frame) -> None:
        self._scale: Final = frame.scale
        self._bars: Final = frame.content.bars
        self._starts: Final = frame.content.bars.start_ns
        self._interval_ns: Final = max(1, frame.content.interval_ns)
        box = frame.geometry.panes[0].box
        self.width: Final = float(frame.geometry.width)
        self.top: Final = float(box.top)
        self.bottom: Final = float(box.bottom)

    def point(self, anchor: Anchor) -> Point:
        """Return where an anchor is: a bar's start is in the middle of the bar."""
        scale = self._scale
        x = (self.number(anchor[0]) + 0.5 - scale.left) * scale.step
        return x, self._scale.y(anchor[1])

    def y(self, price: float) -> float:
        """Return where a price is."""
        return self._scale.y(price)

    def number(self, ts_ns: int) -> float:
        """Return the number of the bar of a time, with the part of it that has passed."""
        starts, count = self._starts, len(self._starts)
        if not count:
            return ts_ns / self._interval_ns
        at = int(starts.searchsorted(ts_ns, side="right")) - 1
        if at < 0:
            return (ts_ns - int(starts[0])) / self._interval_ns
        passed = ts_ns - int(starts[at])
        if at == count - 1:
            return at + passed / self._interval_ns
        return at + min(1.0, passed / min(self._interval_ns, int(starts[at + 1] - starts[at]) or 1))

    def anchor(self, x: float, y: float) -> Anchor:
        """Return the anchor at a pixel: the start of the bar there, and the price."""
        scale = self._scale
        return self.ts_of(round(scale.left + x / scale.step - 0.5)), scale.price_at(y)

    def ts_of(self, number: int) -> int:
        """Return when a bar begins, be it there or not."""
        starts, count = self._starts, len(self._starts)
        if not count:
            return number * self._interval_ns
        if number < 0:
            return int(starts[0]) + number * self._interval_ns
        if number >= count:
            return int(starts[-1]) + (number - count + 1) * self._interval_ns
        return int(starts[number])

    def magnet(self, anchor: Anchor) -> Anchor:
        """Return an anchor moved to the nearest of a bar's four prices, if one is near."""
        at = int(self._starts.searchsorted(anchor[0]))
        if not (at < len(self._starts) and int(self._starts[at]) == anchor[0]):
            return anchor
        bars = self._bars
        prices = [float(column[at]) for column in (bars.open, bars.high, bars.low, bars.close)]
        nearest = min(prices, key=lambda price: abs(self.y(price) - self.y(anchor[1])))
        is_near = abs(self.y(nearest) - self.y(anchor[1])) <= MAGNET_PX
        return (anchor[0], nearest) if is_near else anchor

    def bars_between(self, first_ns: int, last_ns: int) -> BarColumns | None:
        """Return the bars that start from one time up to and with another; None: there is none."""
        first, end = (
            int(self._starts.searchsorted(first_ns)),
            int(self._starts.searchsorted(last_ns, side="right")),
        )
        if end <= first:
            return None
        bars = self._bars
        columns = {
            name: getattr(bars, name)[first:end]
            for name in ("start_ns", "open", "high", "low", "close", "volume")
        }
        return _plain(bars)(**columns)


def _plain(bars: BarColumns) -> type[BarColumns]:
    """Return the type of bars without columns of their own kind."""
    return next(it for it in type(bars).__mro__ if it.__name__ == "BarColumns")
