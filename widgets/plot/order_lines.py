"""Working orders on the chart: a line each, a cross that cancels, and a line that can be dragged.

A drag only asks: nothing has moved until the order path says so, and until then the old line stays
where the order is.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen

from app.domain.ids import ClOrdID
from widgets import text, theme
from widgets.palettes import Role
from widgets.plot.axis import is_in_view, paint_tag
from widgets.plot.content import OrderLine
from widgets.plot.layer import Frame, Grip, Layer
from widgets.plot.scale import Scale

LABEL_HEIGHT_PX: Final = 20
CROSS_PX: Final = 20
GAP_PX: Final = 10
NEAR_PX: Final = 4
"""Distance from a line at which it can be taken."""
DRAG_PX: Final = 3
"""A shorter way is no drag."""


class OrdersLayer(Layer):
    """Dashed lines with a label and a cross."""

    def __init__(
        self, cancel: Callable[[ClOrdID], None], move: Callable[[ClOrdID, float], None]
    ) -> None:
        """Draw none yet.

        Args:
            cancel: somebody pressed the cross of an order.
            move: somebody dragged an order to a price.
        """
        self._cancel: Final = cancel
        self._move: Final = move
        self._crosses: dict[ClOrdID, QRect] = {}
        self._labels: dict[ClOrdID, QRect] = {}
        self.dragged: tuple[OrderLine, float] | None = None
        """The order that is being dragged, and the price under the mouse."""

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Draw; labels that would cover each other move to the left."""
        self._crosses.clear()
        self._labels.clear()
        taken: list[QRect] = []
        for line in frame.content.orders:
            if is_in_view(frame.scale, line.price):
                self._paint_line(painter, frame, line, taken)
        if self.dragged is not None:
            line, price = self.dragged
            _paint_ghost(painter, frame, line, price)

    def grip_at(self, at: QPoint, frame: Frame) -> Grip | None:
        """Return the cross or the line under a point."""
        for cl_ord_id, rect in self._crosses.items():
            if rect.contains(at):
                return _Cross(rect, functools.partial(self._cancel, cl_ord_id))
        for line in reversed(frame.content.orders):
            label = self._labels.get(line.cl_ord_id)
            if label is None:
                continue
            near = abs(frame.scale.y(line.price) - at.y()) <= NEAR_PX
            if label.contains(at) or (near and at.x() < frame.geometry.width):
                return _Line(self, line, at)
        return None

    def cross_of(self, cl_ord_id: ClOrdID) -> QRect | None:
        """Return where an order's cross is; None if it is not in view."""
        return self._crosses.get(cl_ord_id)

    def let_go(self, line: OrderLine, price: float | None) -> None:
        """End a drag; None: nothing is asked."""
        self.dragged = None
        if price is not None:
            self._move(line.cl_ord_id, price)

    def _paint_line(
        self, painter: QPainter, frame: Frame, line: OrderLine, taken: list[QRect]
    ) -> None:
        scale = frame.scale
        y = round(scale.y(line.price))
        painter.setPen(_dashed(Role.ACCENT))
        painter.drawLine(0, y, scale.width, y)
        axis_width = frame.geometry.axis_width
        paint_tag(painter, scale, axis_width, line.price, theme.color(Role.ACCENT))
        metrics = QFontMetrics(theme.text_font(theme.SMALL_PX))
        width = metrics.horizontalAdvance(line.words) + 16 + CROSS_PX
        left = scale.width - GAP_PX - width
        box = QRect(left, y - LABEL_HEIGHT_PX // 2, width, LABEL_HEIGHT_PX)
        while any(box.intersects(other) for other in taken):
            box.moveLeft(box.left() - 24)
        taken.append(box)
        self._labels[line.cl_ord_id] = box
        _paint_label(painter, box, line)
        cross = QRect(box.right() - CROSS_PX, box.top(), CROSS_PX, box.height())
        self._crosses[line.cl_ord_id] = cross
        painter.setPen(theme.color(Role.TEXT))
        middle = cross.center()
        painter.drawLine(middle + QPoint(-3, -3), middle + QPoint(4, 4))
        painter.drawLine(middle + QPoint(-3, 4), middle + QPoint(4, -3))


class _Cross(Grip):
    """A cross under the mouse: it cancels where it is pressed and let go."""

    cursor = Qt.CursorShape.PointingHandCursor

    def __init__(self, rect: QRect, cancel: Callable[[], None]) -> None:
        self._rect = rect
        self._cancel_order = cancel

    def drag(self, at: QPoint, frame: Frame) -> None:
        """Nothing moves."""

    def drop(self, at: QPoint, frame: Frame) -> None:  # noqa: ARG002  The contract's.
        """Cancel, if the mouse is still there."""
        if self._rect.contains(at):
            self._cancel_order()

    def cancel(self) -> None:
        """Nothing was done."""


class _Line(Grip):
    """An order's line under the mouse."""

    cursor = Qt.CursorShape.SizeVerCursor

    def __init__(self, layer: OrdersLayer, line: OrderLine, at: QPoint) -> None:
        self._layer = layer
        self._line = line
        self._from = at

    def drag(self, at: QPoint, frame: Frame) -> None:
        """Show where it would go."""
        if self._layer.dragged is not None or abs(at.y() - self._from.y()) >= DRAG_PX:
            self._layer.dragged = self._line, self._price(at, frame)

    def drop(self, at: QPoint, frame: Frame) -> None:
        """Ask for the new price, if it was dragged at all and is still on the pane."""
        box = frame.geometry.panes[0].box
        is_on = self._layer.dragged is not None and box.top <= at.y() < box.bottom
        self._layer.let_go(self._line, self._price(at, frame) if is_on else None)

    def cancel(self) -> None:
        """Leave the order where it is."""
        self._layer.let_go(self._line, None)

    def _price(self, at: QPoint, frame: Frame) -> float:
        # The line keeps its distance from the mouse.
        y = frame.scale.y(self._line.price) + at.y() - self._from.y()
        return frame.scale.price_at(y)


def _paint_ghost(painter: QPainter, frame: Frame, line: OrderLine, price: float) -> None:
    scale: Scale = frame.scale
    if not scale.has(price):
        return
    y = round(scale.y(price))
    role = theme.side_role(line.side)
    painter.setPen(theme.color(role))
    painter.drawLine(0, y, scale.width, y)
    paint_tag(painter, scale, frame.geometry.axis_width, price, theme.color(role))
    words = f"move to {text.price(price)}"
    width = QFontMetrics(theme.text_font(theme.SMALL_PX)).horizontalAdvance(words) + 16
    box = QRect(scale.width // 2 - width // 2, y - LABEL_HEIGHT_PX // 2, width, LABEL_HEIGHT_PX)
    painter.setPen(theme.color(role))
    painter.setBrush(theme.color(Role.BACKGROUND))
    painter.drawRoundedRect(box, 3, 3)
    painter.setFont(theme.text_font(theme.SMALL_PX))
    painter.drawText(box, theme.ALIGN_CENTER, words)


def _paint_label(painter: QPainter, box: QRect, line: OrderLine) -> None:
    painter.setPen(theme.color(Role.ACCENT))
    painter.setBrush(theme.color(Role.BACKGROUND))
    painter.drawRoundedRect(box, 3, 3)
    painter.setFont(theme.text_font(theme.SMALL_PX))
    painter.setPen(theme.color(theme.side_role(line.side)))
    painter.drawText(box.adjusted(8, 0, 0, 0), theme.ALIGN_LEFT, line.words)


def _dashed(role: Role) -> QPen:
    pen = QPen(theme.color(role))
    pen.setDashPattern([5.0, 4.0])
    return pen
