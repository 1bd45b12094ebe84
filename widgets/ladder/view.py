"""The ladder's rows on the screen, and the mouse and keys on them.

One widget paints all rows, a few dozen, from values: cheaper than a table's cells. A click in the
column of bids is an order to buy at that price, in that of asks one to sell.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.domain.enums import Side
from widgets import text, theme
from widgets.ladder.rungs import Own, Rung
from widgets.palettes import Role
from widgets.theme import ALIGN_CENTER, ALIGN_LEFT, ALIGN_RIGHT

ROW_PX: Final = 20
PNL_FROM_PX: Final = 300
"""Width from which the column of gains is shown."""
VOLUME_FROM_PX: Final = 230
_PNL_PX: Final = 64
_VOLUME_PX: Final = 50
_PRICE_PX: Final = 62
_WHEEL_ROWS: Final = 3
_BADGE_PX: Final = 34
_KEYS: Final = {Qt.Key.Key_B: Side.BUY, Qt.Key.Key_S: Side.SELL}


class LadderView(QWidget):
    """Paints rungs and says what somebody wants."""

    order_wanted = Signal(object, object, bool)
    """A `Side`, a price, and whether it is to be a stop."""
    move_wanted = Signal(object, object)
    """An own order was dragged: its ClOrdID, and the price it was let go at."""
    cancel_wanted = Signal(object)
    """The ClOrdID of an own order."""
    scroll_wanted = Signal(int)
    """By so many rows up."""
    centre_wanted = Signal()
    disarm_wanted = Signal()
    resized = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.empty_words = ""
        """Why there is nothing."""
        self.armed_role: Role | None = None
        """Colour of the frame while a click sends at once."""
        self.is_stale = False
        self.paint_ms = 0.0
        """What painting took the last time."""
        self.cursor_px: Decimal | None = None
        """Price that the keys act at."""
        self._rungs: Sequence[Rung] = ()
        self._hover: QPoint | None = None
        self._pressed: Own | None = None
        self._dragged_to: Decimal | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(150, 6 * ROW_PX)
        self.setAccessibleName("Depth ladder")
        self.setAccessibleDescription(
            "Prices with what is bid and asked. Up and down choose a price, B buys and S sells "
            "there, Delete cancels own orders there, C brings the market to the middle."
        )

    @property
    def rows(self) -> int:
        """How many rows there is room for."""
        return max(6, self.height() // ROW_PX - 1)

    def show_rungs(self, rungs: Sequence[Rung]) -> None:
        """Draw other rows."""
        if rungs != self._rungs:
            self._rungs = rungs
            self.update()

    def rect_of(self, price: Decimal, column: str) -> QRect:
        """Return where a cell is: "bid", "price", "ask", "volume" or "pnl"."""
        for place, rung in enumerate(self._rungs):
            if rung.price == price:
                left, width = self._columns()[column]
                return QRect(left, (place + 1) * ROW_PX, width, ROW_PX)
        return QRect()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002  Qt's name.
        """Draw."""
        began_s = time.perf_counter()
        self._paint_all()
        self.paint_ms = (time.perf_counter() - began_s) * 1e3

    def _paint_all(self) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color(Role.PANEL))
            if not self._rungs:
                painter.setPen(theme.color(Role.DIM))
                painter.setFont(theme.text_font())
                box = self.rect().adjusted(12, 0, -12, 0)
                painter.drawText(box, ALIGN_CENTER | Qt.TextFlag.TextWordWrap, self.empty_words)
            else:
                self._paint_head(painter)
                most = max(max(r.bid, r.ask) for r in self._rungs) or 1
                traded = max(r.traded for r in self._rungs) or 1.0
                for place, rung in enumerate(self._rungs):
                    self._paint_rung(painter, place, rung, (most, traded))
            if self.armed_role is not None:
                painter.setPen(QPen(theme.color(self.armed_role), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def _columns(self) -> dict[str, tuple[int, int]]:
        """Return left edge and width of each column there is room for."""
        width = self.width()
        pnl = _PNL_PX if width >= PNL_FROM_PX else 0
        volume = _VOLUME_PX if width >= VOLUME_FROM_PX else 0
        side = (width - pnl - volume - _PRICE_PX) // 2
        found = {"pnl": (0, pnl), "bid": (pnl, side), "price": (pnl + side, _PRICE_PX)}
        ask = pnl + side + _PRICE_PX
        return found | {"ask": (ask, width - ask - volume), "volume": (width - volume, volume)}

    def _paint_head(self, painter: QPainter) -> None:
        painter.setFont(theme.text_font(theme.SMALL_PX))
        painter.setPen(theme.color(Role.DIM))
        titles = {"pnl": "P&L", "bid": "Bid", "price": "Price", "ask": "Ask", "volume": "Vol"}
        for name, (left, width) in self._columns().items():
            if width:
                painter.drawText(QRect(left, 0, width, ROW_PX), ALIGN_CENTER, titles[name])

    def _paint_rung(
        self, painter: QPainter, place: int, rung: Rung, most: tuple[int, float]
    ) -> None:
        top = (place + 1) * ROW_PX
        columns = {
            name: QRect(left, top, width, ROW_PX) for name, (left, width) in self._columns().items()
        }
        if rung.price == self.cursor_px and self.hasFocus():
            painter.fillRect(0, top, self.width(), ROW_PX, theme.color(Role.SELECTED))
        if rung.is_last:
            painter.fillRect(columns["price"], theme.color(Role.SELECTED))
        for name, shares, role in (("bid", rung.bid, Role.UP), ("ask", rung.ask, Role.DOWN)):
            self._paint_size(painter, columns[name], (shares, shares / most[0]), role)
        self._paint_price(painter, columns["price"], rung)
        if columns["volume"].width() and rung.traded:
            self._paint_traded(painter, columns["volume"], rung.traded, rung.traded / most[1])
        if columns["pnl"].width() and rung.pnl is not None:
            painter.setPen(theme.color(theme.sign_role(rung.pnl)))
            painter.drawText(columns["pnl"].adjusted(0, 0, -4, 0), ALIGN_RIGHT, f"{rung.pnl:+,.0f}")
        for own in rung.own:
            self._paint_own(painter, top, own)
        if rung.price == self._dragged_to and self._pressed is not None:
            painter.setPen(QPen(theme.color(Role.ACCENT), 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(0, top, self.width() - 1, ROW_PX - 1)

    def _paint_size(
        self, painter: QPainter, box: QRect, size: tuple[int, float], role: Role
    ) -> None:
        shares, share = size
        if not shares:
            return
        bar = max(1, round((box.width() - 2) * share))
        left = box.left() + 1 if role is Role.UP else box.right() - bar
        painter.fillRect(left, box.top() + 1, bar, ROW_PX - 2, theme.tint(role, 0.24))
        painter.setFont(theme.figure_font(theme.SMALL_PX))
        painter.setPen(theme.color(Role.DIM if self.is_stale else Role.TEXT))
        words = box.adjusted(5, 0, -5, 0)
        painter.drawText(words, ALIGN_LEFT if role is Role.UP else ALIGN_RIGHT, f"{shares:,}")

    @staticmethod
    def _paint_traded(painter: QPainter, box: QRect, shares: float, share: float) -> None:
        bar = max(1, round((box.width() - 2) * share))
        painter.fillRect(box.right() - bar, box.top() + 2, bar, ROW_PX - 4, theme.color(Role.LINE))
        painter.setPen(theme.color(Role.DIM))
        painter.drawText(box.adjusted(0, 0, -4, 0), ALIGN_RIGHT, text.volume(shares))

    def _paint_price(self, painter: QPainter, box: QRect, rung: Rung) -> None:
        weight = QFont.Weight.Bold if rung.is_last else QFont.Weight.Normal
        painter.setFont(theme.figure_font(theme.SMALL_PX, weight))
        role = Role.UP if rung.bid else Role.DOWN if rung.ask else Role.DIM
        painter.setPen(theme.color(Role.DIM if self.is_stale else role))
        painter.drawText(box, ALIGN_CENTER, text.price(rung.price))

    def _paint_own(self, painter: QPainter, top: int, own: Own) -> None:
        box = self._badge(top, own.side)
        painter.fillRect(box, theme.color(Role.CAUTION if own.is_stop else Role.ACCENT))
        painter.setFont(theme.figure_font(theme.SMALL_PX - 1, QFont.Weight.Bold))
        painter.setPen(theme.color(Role.BACKGROUND))
        painter.drawText(box, ALIGN_CENTER, text.volume(own.leaves))

    def _badge(self, top: int, side: Side) -> QRect:
        """Return where own orders of a side stand: by the price, on their side of it."""
        left, width = self._columns()["bid" if side is Side.BUY else "ask"]
        x = left + width - _BADGE_PX - 1 if side is Side.BUY else left + 1
        return QRect(x, top + 2, _BADGE_PX, ROW_PX - 4)

    # Mouse and keys

    def rung_at(self, at: QPoint) -> Rung | None:
        """Return the row at a point; None above and below all."""
        place = at.y() // ROW_PX - 1
        return self._rungs[place] if 0 <= place < len(self._rungs) else None

    def _own_at(self, at: QPoint) -> Own | None:
        rung = self.rung_at(at)
        if rung is None:
            return None
        top = (at.y() // ROW_PX) * ROW_PX
        return next((o for o in rung.own if self._badge(top, o.side).contains(at)), None)

    def _side_at(self, at: QPoint) -> Side | None:
        for name, side in (("bid", Side.BUY), ("ask", Side.SELL)):
            left, width = self._columns()[name]
            if left <= at.x() < left + width:
                return side
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name.
        """Take hold of an own order; the right button cancels it."""
        at = event.position().toPoint()
        own = self._own_at(at)
        event.accept()
        if event.button() is Qt.MouseButton.RightButton:
            if own is not None:
                self.cancel_wanted.emit(own.cl_ord_id)
        elif event.button() is Qt.MouseButton.LeftButton:
            self._pressed = own
            rung = self.rung_at(at)
            self.cursor_px = None if rung is None else rung.price
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name.
        """Drag an own order to another price; else say what is under the mouse."""
        at = event.position().toPoint()
        rung = self.rung_at(at)
        if self._pressed is not None:
            self._dragged_to = None if rung is None else rung.price
            self.update()
        else:
            self._tell(at, rung)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name.
        """Let an order go where it was dragged to, or order where it was clicked."""
        event.accept()
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        at = event.position().toPoint()
        own, self._pressed, self._dragged_to = self._pressed, None, None
        rung, side = self.rung_at(at), self._side_at(at)
        self.update()
        if rung is None or rung.price != self.cursor_px and own is None:
            return
        if own is not None:
            if own not in rung.own:
                self.move_wanted.emit(own.cl_ord_id, rung.price)
        elif side is not None:
            is_stop = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.order_wanted.emit(side, rung.price, is_stop)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  Qt's name.
        """Look at higher or lower prices."""
        steps = event.angleDelta().y() / 120
        self.scroll_wanted.emit(round(steps * _WHEEL_ROWS))
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Keep the keys of orders, which elsewhere go to the ticket, while the ladder has focus."""
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and (event.key() in _KEYS or event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_C))
            and event.modifiers() in (Qt.KeyboardModifier.NoModifier, _SHIFT)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name.
        """Act at the chosen price."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step(1 if key is Qt.Key.Key_Up else -1)
        elif key is Qt.Key.Key_Escape and self._pressed is not None:
            self._pressed = self._dragged_to = None
            self.update()
        elif key is Qt.Key.Key_Escape:
            self.disarm_wanted.emit()
        elif key is Qt.Key.Key_C:
            self.centre_wanted.emit()
        elif key in _KEYS and self.cursor_px is not None:
            is_stop = event.modifiers() == _SHIFT
            self.order_wanted.emit(_KEYS[key], self.cursor_px, is_stop)
        elif key is Qt.Key.Key_Delete:
            for own in next((r.own for r in self._rungs if r.price == self.cursor_px), ()):
                self.cancel_wanted.emit(own.cl_ord_id)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name.
        """Have other rows made."""
        super().resizeEvent(event)
        self.resized.emit()

    def _step(self, by: int) -> None:
        """Choose the next price up or down; from nowhere, the last one traded or the middle."""
        prices = [rung.price for rung in self._rungs]
        if not prices:
            return
        if self.cursor_px not in prices:
            last = next((r.price for r in self._rungs if r.is_last), prices[len(prices) // 2])
            self.cursor_px = last
        else:
            place = prices.index(self.cursor_px) - by
            if not 0 <= place < len(prices):
                self.scroll_wanted.emit(by)
                return
            self.cursor_px = prices[place]
        self.update()

    def _tell(self, at: QPoint, rung: Rung | None) -> None:
        own, side = self._own_at(at), self._side_at(at)
        self.setCursor(
            Qt.CursorShape.SizeVerCursor
            if own is not None
            else Qt.CursorShape.PointingHandCursor
            if rung is not None and side is not None
            else Qt.CursorShape.ArrowCursor
        )
        self.setToolTip("" if own is None else own_words(own))


def own_words(own: Own) -> str:
    """Say what an own order is and where it stands."""
    kind = "stop" if own.is_stop else "limit"
    words = f"{text.SIDE_WORDS[own.side]} {text.quantity(own.leaves)} {kind}"
    if own.ahead is not None:
        words += f" · at most {own.ahead:,} shares ahead of it"
    return f"{words} · drag to move, right click to cancel"


_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
