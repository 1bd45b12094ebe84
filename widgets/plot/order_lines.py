"""What belongs to the account on the chart: working orders, fills, average price; and the last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QPolygonF

from app.domain.enums import Side
from app.domain.ids import ClOrdID
from widgets import theme
from widgets.plot.axis import is_in_view, paint_tag
from widgets.plot.scale import Ints, Scale
from widgets.theme import Role

LABEL_HEIGHT_PX: Final = 20
CROSS_PX: Final = 20
GAP_PX: Final = 10
FILL_PX: Final = 5


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


class OrderLinesLayer:
    """Dashed lines with a label and a cross that cancels."""

    def __init__(self) -> None:
        self._crosses: dict[ClOrdID, QRect] = {}

    def paint(
        self, painter: QPainter, scale: Scale, axis_width: int, lines: tuple[OrderLine, ...]
    ) -> None:
        """Draw; labels that would cover each other move to the left."""
        self._crosses.clear()
        taken: list[QRect] = []
        metrics = QFontMetrics(theme.text_font(theme.SMALL_PX))
        for line in lines:
            if not is_in_view(scale, line.price):
                continue
            y = round(scale.y(line.price))
            painter.setPen(_dashed(Role.ACCENT))
            painter.drawLine(0, y, scale.width, y)
            paint_tag(painter, scale, axis_width, line.price, theme.color(Role.ACCENT))
            width = metrics.horizontalAdvance(line.words) + 16 + CROSS_PX
            box = QRect(
                scale.width - GAP_PX - width, y - LABEL_HEIGHT_PX // 2, width, LABEL_HEIGHT_PX
            )
            while any(box.intersects(other) for other in taken):
                box.moveLeft(box.left() - 24)
            taken.append(box)
            self._paint_label(painter, box, line)

    def cross_at(self, at: QPoint) -> ClOrdID | None:
        """Return the order whose cross is under a point."""
        return next((i for i, rect in self._crosses.items() if rect.contains(at)), None)

    def cross_of(self, cl_ord_id: ClOrdID) -> QRect | None:
        """Return where an order's cross is; None if it is not in view."""
        return self._crosses.get(cl_ord_id)

    def _paint_label(self, painter: QPainter, box: QRect, line: OrderLine) -> None:
        painter.setPen(theme.color(Role.ACCENT))
        painter.setBrush(theme.color(Role.BACKGROUND))
        painter.drawRoundedRect(box, 3, 3)
        painter.setFont(theme.text_font(theme.SMALL_PX))
        painter.setPen(theme.color(theme.side_role(line.side)))
        painter.drawText(box.adjusted(8, 0, 0, 0), theme.ALIGN_LEFT, line.words)
        cross = QRect(box.right() - CROSS_PX, box.top(), CROSS_PX, box.height())
        self._crosses[line.cl_ord_id] = cross
        painter.setPen(theme.color(Role.TEXT))
        middle = cross.center()
        painter.drawLine(middle + QPoint(-3, -3), middle + QPoint(4, 4))
        painter.drawLine(middle + QPoint(-3, 4), middle + QPoint(4, -3))


def paint_fills(
    painter: QPainter, scale: Scale, starts_ns: Ints, fills: tuple[FillMark, ...]
) -> None:
    """Draw fills: up triangles under the price for buys, down triangles over it for sells."""
    if not fills or not len(starts_ns):
        return
    times = np.fromiter((fill.ts_ns for fill in fills), dtype=np.int64, count=len(fills))
    numbers = np.searchsorted(starts_ns, times, side="right") - 1
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color(Role.BACKGROUND), 1))
    for fill, number in zip(fills, numbers.tolist(), strict=True):
        if number < scale.left - 1 or not is_in_view(scale, fill.price):
            continue
        x, y = scale.x(number), scale.y(fill.price)
        away = FILL_PX * 2 if fill.side is Side.BUY else -FILL_PX * 2
        painter.setBrush(theme.color(theme.side_role(fill.side)))
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(x, y),
                    QPointF(x - FILL_PX - 1, y + away),
                    QPointF(x + FILL_PX + 1, y + away),
                ]
            )
        )
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def paint_average(painter: QPainter, scale: Scale, price: float, words: str) -> None:
    """Draw the average price of the position."""
    if not is_in_view(scale, price):
        return
    y = round(scale.y(price))
    pen = QPen(theme.color(Role.CAUTION))
    pen.setStyle(Qt.PenStyle.DotLine)
    painter.setPen(pen)
    painter.drawLine(0, y, scale.width, y)
    painter.setFont(theme.text_font(theme.SMALL_PX))
    width = painter.fontMetrics().horizontalAdvance(words) + 10
    box = QRect(8, y - 9, width, 18)
    painter.fillRect(box, theme.color(Role.PANEL))
    painter.setPen(theme.color(Role.CAUTION))
    painter.drawText(box, theme.ALIGN_CENTER, words)


def paint_last(painter: QPainter, scale: Scale, axis_width: int, last: LastPrice) -> None:
    """Draw the last price: dotted line and a tag on the axis; grey when stale."""
    if not is_in_view(scale, last.price):
        return
    role = Role.DIM if last.stale_words else last.role
    pen = QPen(theme.color(role))
    pen.setStyle(Qt.PenStyle.DotLine)
    painter.setPen(pen)
    y = round(scale.y(last.price))
    painter.drawLine(0, y, scale.width, y)
    paint_tag(painter, scale, axis_width, last.price, theme.color(role))


def _dashed(role: Role) -> QPen:
    pen = QPen(theme.color(role))
    pen.setDashPattern([5.0, 4.0])
    return pen
