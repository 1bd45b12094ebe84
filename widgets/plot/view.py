"""The chart's surface: a pyqtgraph view with one item that draws all layers, and the mouse.

One item, because crossing from Qt into Python is what a layer costs; the layers are plain painters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyqtgraph
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QStyleOptionGraphicsItem, QWidget

from app.domain.ids import ClOrdID
from app.domain.times import new_york
from widgets import text, theme
from widgets.plot.axis import AxisLayer, axis_width_px, paint_tag
from widgets.plot.candles import CandleLayer
from widgets.plot.order_lines import (
    FillMark,
    LastPrice,
    OrderLine,
    OrderLinesLayer,
    paint_average,
    paint_fills,
    paint_last,
)
from widgets.plot.scale import AXIS_HEIGHT_PX, LEGEND_HEIGHT_PX, Scale, price_range
from widgets.plot.window import TimeWindow
from widgets.theme import Role

if TYPE_CHECKING:
    from app.desk import BarColumns

ZOOM_STEP: Final = 1.18


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
    empty_words: str = ""


class ChartView(pyqtgraph.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no types.
    """Bars with axes, orders, fills and a crosshair."""

    cancel_wanted = Signal(str)
    """Somebody pressed the cross of an order's line: its ClOrdID."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, useOpenGL=False, background=theme.color(Role.PANEL))
        self.window: Final = TimeWindow()
        self.content: ChartContent | None = None
        self.scale_now: Scale | None = None
        """As last drawn; None before."""
        self.paints = 0
        self._axis_width = 64
        self._is_dirty = True
        self._hover: QPoint | None = None
        self._drag_from: QPoint | None = None
        self._grid = AxisLayer()
        self._candles = CandleLayer()
        self._orders = OrderLinesLayer()
        self._item = _Surface(self)
        self.scene().addItem(self._item)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMinimumSize(240, 160)
        self.setAccessibleName("Price chart")

    def show_content(self, content: ChartContent) -> None:
        """Draw something else."""
        self.content = content
        self._redraw()

    def cross_of(self, cl_ord_id: str) -> QRect | None:
        """Return where the cross of an order's line is."""
        return self._orders.cross_of(ClOrdID(cl_ord_id))

    def paint_all(self, painter: QPainter) -> None:
        """Draw every layer; called by the item."""
        content = self.content
        self.paints += 1
        if content is None:
            return
        if self._is_dirty:
            self._rescale(content)
        scale = self.scale_now
        assert scale is not None
        if not len(content.bars):
            painter.setPen(theme.color(Role.DIM))
            painter.setFont(theme.text_font())
            box = QRect(0, 0, self.width(), self.height())
            painter.drawText(box, theme.ALIGN_CENTER, content.empty_words)
            return
        plot = QRect(0, 0, scale.width, scale.height)
        painter.setClipRect(plot)
        self._grid.paint_grid(painter)
        self._candles.paint(painter)
        painter.setClipping(False)
        tags = [line.price for line in content.orders]
        if content.last is not None:
            tags.append(content.last.price)
        self._grid.paint_labels(painter, scale, self._axis_width, tuple(tags))
        self._paint_account(painter, scale, content)
        self._paint_crosshair(painter, scale, content)
        self._paint_legend(painter, scale, content)

    def close(self) -> bool:
        """Close as any widget: pyqtgraph's way takes the viewport away, and Qt 6.11 crashes."""
        return QGraphicsView.close(self)

    # The mouse

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  Qt's name.
        """Zoom about the cursor."""
        scale, content = self.scale_now, self.content
        if scale is not None and content is not None:
            steps = event.angleDelta().y() / 120
            share = min(1.0, max(0.0, event.position().x() / max(1, scale.width)))
            self.window.zoom(content.bars.start_ns, ZOOM_STEP**-steps, share)
            self._redraw()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name.
        """Begin to drag, or press a cross."""
        at = event.position().toPoint()
        cl_ord_id = self._orders.cross_at(at)
        if event.button() is Qt.MouseButton.LeftButton and cl_ord_id is None:
            self._drag_from = at
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name.
        """Pan while dragging; move the crosshair."""
        at = event.position().toPoint()
        scale, content = self.scale_now, self.content
        if self._drag_from is not None and scale is not None and content is not None:
            moved = self._drag_from.x() - at.x()
            self.window.move(content.bars.start_ns, moved / scale.step)
            self._drag_from = at
            self._is_dirty = True
        self._hover = at
        on_cross = self._orders.cross_at(at) is not None
        shape = Qt.CursorShape.PointingHandCursor if on_cross else Qt.CursorShape.CrossCursor
        if self.cursor().shape() is not shape:
            self.setCursor(shape)
        self._item.update()
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name.
        """End a drag, or cancel the order whose cross was pressed."""
        if event.button() is Qt.MouseButton.LeftButton:
            cl_ord_id = self._orders.cross_at(event.position().toPoint())
            if self._drag_from is None and cl_ord_id is not None:
                self.cancel_wanted.emit(cl_ord_id)
            self._drag_from = None
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name.
        """Follow the newest bar again."""
        self.window.reset()
        self._redraw()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802  Qt's name.
        """Take the crosshair away."""
        self._hover = None
        self._item.update()
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name.
        """Fit everything to the new size."""
        super().resizeEvent(event)
        # pyqtgraph's constructor resizes before there is an item.
        if hasattr(self, "_item"):
            self._item.fit(self.width(), self.height())
            self._redraw()

    # Drawing

    def _redraw(self) -> None:
        self._is_dirty = True
        self._item.update()

    def _rescale(self, content: ChartContent) -> None:
        bars = content.bars
        right = self.window.right_edge(bars.start_ns)
        left = right - self.window.bars
        height = max(40, self.height() - AXIS_HEIGHT_PX)
        width = max(40, self.width() - self._axis_width)
        probe = Scale(width, height, left, self.window.bars, 0.0, 1.0)
        part = probe.slice_of(len(bars))
        extra = [line.price for line in content.orders]
        if content.average is not None:
            extra.append(content.average[0])
        low, high = price_range(bars.low[part], bars.high[part], tuple(extra))
        self._axis_width = axis_width_px(high)
        width = max(40, self.width() - self._axis_width)
        scale = Scale(width, height, left, self.window.bars, low, high)
        self._candles.set_bars(bars, scale)
        self._grid.set_scale(scale, bars.start_ns, content.interval_ns)
        self.scale_now = scale
        self._is_dirty = False

    def _paint_account(self, painter: QPainter, scale: Scale, content: ChartContent) -> None:
        if content.last is not None:
            paint_last(painter, scale, self._axis_width, content.last)
        if content.average is not None:
            paint_average(painter, scale, *content.average)
        paint_fills(painter, scale, content.bars.start_ns, content.fills)
        self._orders.paint(painter, scale, self._axis_width, content.orders)

    def _paint_crosshair(self, painter: QPainter, scale: Scale, content: ChartContent) -> None:
        at = self._hover
        if at is None or at.x() >= scale.width or at.y() >= scale.height:
            return
        number = scale.number_at(at.x())
        x = scale.x(number)
        pen = QPen(theme.color(Role.FAINT))
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(0, at.y(), scale.width, at.y())
        painter.drawLine(x, 0, x, scale.height)
        paint_tag(painter, scale, self._axis_width, scale.price_at(at.y()), theme.color(Role.TEXT))
        if 0 <= number < len(content.bars):
            moment = new_york(int(content.bars.start_ns[number]))
            words = f"{moment:%a %d %b  %H:%M:%S}"
            painter.setFont(theme.figure_font(theme.SMALL_PX))
            width = painter.fontMetrics().horizontalAdvance(words) + 14
            left = min(max(0, x - width // 2), scale.width - width)
            box = QRect(left, scale.height + 1, width, AXIS_HEIGHT_PX - 3)
            painter.fillRect(box, theme.color(Role.TEXT))
            painter.setPen(theme.color(Role.BACKGROUND))
            painter.drawText(box, theme.ALIGN_CENTER, words)

    def _paint_legend(self, painter: QPainter, scale: Scale, content: ChartContent) -> None:
        bars = content.bars
        number = len(bars) - 1
        if self._hover is not None and self._hover.x() < scale.width:
            number = min(max(0, scale.number_at(self._hover.x())), number)
        values = [float(v[number]) for v in (bars.open, bars.high, bars.low, bars.close)]
        role = Role.UP if values[3] >= values[0] else Role.DOWN
        painter.setFont(theme.figure_font(theme.SMALL_PX))
        metrics = painter.fontMetrics()
        x = 10
        figures = [*map(text.price, values), text.volume(float(bars.volume[number]))]
        for name, figure in zip("OHLCV", figures, strict=True):
            for words, shown in ((f"{name} ", Role.DIM), (f"{figure}  ", role)):
                painter.setPen(theme.color(shown))
                width = metrics.horizontalAdvance(words)
                painter.drawText(QRect(x, 4, width, LEGEND_HEIGHT_PX - 8), theme.ALIGN_LEFT, words)
                x += width
        if content.last is not None and content.last.stale_words:
            painter.setPen(theme.color(Role.CAUTION))
            box = QRect(x + 12, 4, 400, LEGEND_HEIGHT_PX - 8)
            painter.drawText(box, theme.ALIGN_LEFT, content.last.stale_words)


class _Surface(QGraphicsItem):
    """The one item of the scene."""

    def __init__(self, view: ChartView) -> None:
        super().__init__()
        self._view = view
        self._rect = QRectF(0, 0, 1, 1)

    def fit(self, width: int, height: int) -> None:
        """Fill the view."""
        self.prepareGeometryChange()
        self._rect = QRectF(0, 0, width, height)

    def boundingRect(self) -> QRectF:  # noqa: N802  Qt's name.
        """Return the whole view."""
        return self._rect

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,  # noqa: ARG002  Qt's signature.
        widget: QWidget | None = None,  # noqa: ARG002
    ) -> None:
        """Draw every layer, in whole pixels."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        self._view.paint_all(painter)
