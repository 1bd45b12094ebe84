"""The orders of this account, newest on top; what works can be cancelled."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QMenu, QPushButton, QVBoxLayout

from app.domain.enums import Custody, OrdStatus, TimeInForce
from app.domain.orders import Order
from widgets import text, theme
from widgets.panel import Area, Panel, PanelContext, PanelSpec
from widgets.tables import PADDING_PX, Column, Face, Table, TableModel, paint_progress
from widgets.theme import Role

_STATUS_ROLES: Final = {
    OrdStatus.NEW: Role.ACCENT,
    OrdStatus.PARTIALLY_FILLED: Role.CAUTION,
    OrdStatus.FILLED: Role.UP,
    OrdStatus.REJECTED: Role.DOWN,
    OrdStatus.PENDING_CANCEL: Role.CAUTION,
}
BAR_PX: Final = 52


class OrdersPanel(Panel):
    """A row an order."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.model: Final = TableModel[Order](
            _columns(), key=lambda order: order.cl_ord_id, newest_first=True
        )
        self.table: Final = Table(
            self.model, "No orders yet. Press B or S to write one in the ticket.", self.body
        )
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self.table.row_picked.connect(self._on_row)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self.cancel = QPushButton("Cancel", self.header)
        self.cancel.setToolTip("Cancel the selected order (Delete)")
        self.cancel.clicked.connect(self.cancel_selected)
        self.cancel_all = QPushButton("Cancel all", self.header)
        self.cancel_all.setToolTip("Cancel every working order")
        self.cancel_all.clicked.connect(self._cancel_all)
        for button in (self.cancel, self.cancel_all):
            button.setProperty("link", True)
            self.header_row.addWidget(button)
        self.link.cancel_selected_wanted.connect(self.cancel_selected)
        self._version = -1
        self._show_buttons()

    def stale(self) -> bool:
        """Whether any order changed."""
        return self.desk.orders.version != self._version

    def refresh(self) -> None:
        """Show the orders that changed."""
        view = self.desk.orders
        first = self._version < 0
        self.model.put(view.all() if first else view.changed_since(self._version))
        self._version = view.version
        self._show_buttons()

    def headline(self) -> str:
        """Return how many orders may still trade."""
        count = len(self.desk.orders.working())
        return f"Orders {count}" if count else "Orders"

    def cancel_selected(self) -> None:
        """Ask for a cancel of the selected order; cancels never ask back."""
        order = self._selected()
        if order is None:
            self.link.said.emit("Select an order to cancel it")
        elif not order.is_working:
            words = text.order_words(order.order)
            self.link.said.emit(f"{words} is {text.STATUS_WORDS[order.ord_status].lower()} already")
        else:
            self.desk.cancel(order.cl_ord_id)

    def _selected(self) -> Order | None:
        place = self.table.selected_row()
        return None if place is None else self.model.row(place)

    def _cancel_all(self) -> None:
        count = self.desk.cancel_all()
        self.link.said.emit(f"Cancel asked for {count} order{'' if count == 1 else 's'}")

    def _show_buttons(self) -> None:
        selected = self._selected()
        self.cancel.setEnabled(selected is not None and selected.is_working)
        self.cancel_all.setEnabled(bool(self.desk.orders.working()))

    def _on_row(self, place: int) -> None:
        self._show_buttons()
        self.link.pick_symbol(self.model.row(place).symbol)

    def _open_menu(self, at: QPoint) -> None:
        order = self._selected()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        cancel = menu.addAction("Cancel this order\tDel", self.cancel_selected)
        cancel.setEnabled(order is not None and order.is_working)
        every = menu.addAction("Cancel all orders", self._cancel_all)
        every.setEnabled(bool(self.desk.orders.working()))
        menu.popup(self.table.viewport().mapToGlobal(at))


def _status_role(order: Order) -> Role:
    if order.custody is Custody.UNKNOWN and order.is_working:
        return Role.CAUTION
    return _STATUS_ROLES.get(order.ord_status, Role.DIM)


def _paint_filled(painter: QPainter, rect: QRect, order: Order) -> None:
    bar = QRect(rect.left(), rect.top(), BAR_PX + 2 * PADDING_PX, rect.height())
    painter.setFont(theme.figure_font())
    painter.setPen(theme.color(Role.TEXT if order.cum_qty else Role.DIM))
    words = QRect(bar.right(), rect.top(), rect.right() - bar.right(), rect.height())
    painter.drawText(words, theme.ALIGN_LEFT, text.quantity(order.cum_qty))
    share = float(order.cum_qty / order.order.order_qty) if order.order.order_qty else 0.0
    paint_progress(painter, bar, share, Role.UP)


def _click_to_wire(order: Order) -> str:
    return text.span(order.ts_sent_ns - order.ts_intent_ns) if order.ts_sent_ns else text.DASH


def _wire_to_ack(order: Order) -> str:
    known = order.ts_sent_ns and order.ts_ack_ns
    return text.span(order.ts_ack_ns - order.ts_sent_ns) if known else text.DASH


def _dim(_order: Order) -> Role:
    return Role.DIM


def _side_role(order: Order) -> Role:
    return theme.side_role(order.order.side)


def _columns() -> tuple[Column[Order], ...]:
    figures = Face.FIGURES
    return (
        Column("Time", lambda o: text.clock(o.ts_intent_ns), 102, figures, _dim, is_right=False),
        Column("Symbol", lambda o: o.symbol, 60, Face.BOLD),
        Column("Side", lambda o: text.SIDE_WORDS[o.order.side], 50, role=_side_role),
        Column("Type", lambda o: text.TYPE_WORDS[o.order.ord_type], 60),
        Column("Qty", lambda o: text.quantity(o.order.order_qty), 52, figures),
        Column(
            "Filled",
            lambda o: f"{text.quantity(o.cum_qty)} of {text.quantity(o.order.order_qty)}",
            100,
            paint=_paint_filled,
        ),
        Column("Limit", lambda o: _or_blank(text.price(o.order.limit_px)), 66, figures),
        Column("Avg fill", lambda o: _or_blank(text.average(o.avg_px)), 68, figures),
        Column("TIF", lambda o: _tif(o.order.time_in_force), 44, role=_dim),
        Column("Status", text.status_words, 176, role=_status_role, is_elastic=True),
        Column("Click→wire", _click_to_wire, 80, figures, _dim),
        Column("Wire→ack", _wire_to_ack, 76, figures, _dim),
        Column("Order id", lambda o: text.short_id(o.cl_ord_id), 84, figures, _dim),
    )


def _tif(tif: TimeInForce) -> str:
    return text.TIF_WORDS[tif]


def _or_blank(words: str) -> str:
    """A market order has no limit, an unfilled one no average: nothing is missing there."""
    return "" if words == text.DASH else words


PANEL: Final = PanelSpec("orders", "Orders", Area.BOTTOM, OrdersPanel)
