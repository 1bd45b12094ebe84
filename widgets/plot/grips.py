"""What of the chart itself can be dragged: the plot, both axes, and the lines between panes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, Qt

from widgets.plot.arrange import PriceAxis
from widgets.plot.layer import Frame, Grip
from widgets.plot.panes import Panes
from widgets.plot.window import TimeWindow

STRETCH_PX: Final = 160
"""A drag along an axis by so much makes it 2.7 times as wide or narrow."""
DRAG_PX: Final = 3
"""A shorter way is no drag of an axis: a click must not fix its scale."""

Done = Callable[[], None]


class PanGrip(Grip):
    """The plot: moves through time, and through prices once their scale is fixed."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, window: TimeWindow, axis: PriceAxis, at: QPoint, done: Done) -> None:
        self._window = window
        self._axis = axis
        self._at = at
        self._done = done

    def drag(self, at: QPoint, frame: Frame) -> None:
        """Follow the mouse."""
        moved = self._at - at
        starts_ns = frame.content.bars.start_ns
        self._window.move(starts_ns, moved.x() / frame.scale.step)
        prices = frame.scale.prices
        if self._axis.fixed is not None and moved.y():
            y_low, y_high = prices.y(prices.low), prices.y(prices.high)
            low, high = prices.price_at(y_low + moved.y()), prices.price_at(y_high + moved.y())
            _fix(self._axis, low, high)
        self._at = at
        self._done()

    def drop(self, at: QPoint, frame: Frame) -> None:
        """Stay there."""

    def cancel(self) -> None:
        """Stay there: nothing was done that a drag back does not undo."""


class TimeAxisGrip(Grip):
    """The time axis: to the right fewer bars, to the left more, about the right edge."""

    cursor = Qt.CursorShape.SizeHorCursor

    def __init__(self, window: TimeWindow, at: QPoint, done: Done) -> None:
        self._window = window
        self._x = at.x()
        self._done = done

    def drag(self, at: QPoint, frame: Frame) -> None:
        """Stretch."""
        factor = math.exp((self._x - at.x()) / STRETCH_PX)
        self._window.zoom(frame.content.bars.start_ns, factor, 1.0)
        self._x = at.x()
        self._done()

    def drop(self, at: QPoint, frame: Frame) -> None:
        """Stay there."""

    def cancel(self) -> None:
        """Stay there."""


class PriceAxisGrip(Grip):
    """The price axis: up narrows the range, down widens it, about its middle."""

    cursor = Qt.CursorShape.SizeVerCursor

    def __init__(self, axis: PriceAxis, at: QPoint, done: Done) -> None:
        self._axis = axis
        self._from = self._y = at.y()
        self._before = axis.fixed
        self._is_drag = False
        self._done = done

    def drag(self, at: QPoint, frame: Frame) -> None:
        """Stretch; from here on the scale is fixed."""
        self._is_drag = self._is_drag or abs(at.y() - self._from) >= DRAG_PX
        if not self._is_drag:
            return
        prices = frame.scale.prices
        half = math.exp((at.y() - self._y) / STRETCH_PX) * prices.room / 2
        middle = prices.top + prices.room / 2
        ends = prices.price_at(middle - half), prices.price_at(middle + half)
        _fix(self._axis, min(ends), max(ends))
        self._y = at.y()
        self._done()

    def drop(self, at: QPoint, frame: Frame) -> None:
        """Stay there."""

    def cancel(self) -> None:
        """Let the range be as it was."""
        self._axis.fixed = self._before
        self._done()


class PaneGrip(Grip):
    """The line above a pane."""

    cursor = Qt.CursorShape.SplitVCursor

    def __init__(self, panes: Panes, key: str, done: Done) -> None:
        self._panes = panes
        self._key = key
        self._done = done

    def drag(self, at: QPoint, frame: Frame) -> None:
        """Follow the mouse."""
        boxes = tuple(pane.box for pane in frame.geometry.panes)
        self._panes.drag(boxes, self._key, at.y())
        self._done()

    def drop(self, at: QPoint, frame: Frame) -> None:
        """Stay there."""

    def cancel(self) -> None:
        """Stay there."""


def _fix(axis: PriceAxis, low: float, high: float) -> None:
    """Fix a range if it is one."""
    if math.isfinite(low) and math.isfinite(high) and high - low > 1e-12 * max(1e-9, abs(high)):
        axis.fixed = low, high
