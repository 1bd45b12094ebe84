"""The orders of this account, newest on top, as a tree: exits, changes and events under each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtWidgets import QMenu, QPushButton, QVBoxLayout

from app.domain.enums import Custody, Side
from app.domain.ids import ClOrdID, Symbol
from app.domain.orders import Order
from widgets import order_rows, text, theme
from widgets.cells import PADDING_PX, Column, Face, paint_progress
from widgets.order_rows import OrderRow, RowKey
from widgets.outline import OutlineModel, OutlineTable
from widgets.palettes import Role
from widgets.panel import Area, Panel, PanelContext, PanelSpec
from widgets.replace_dialog import ask_replace
from widgets.table_tools import TableTools

BAR_PX: Final = 26


class OrdersPanel(Panel):
    """A row an order; what belongs to it opens under it."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        desk = self.desk
        self.model: Final = OutlineModel[RowKey, OrderRow](
            _columns(),
            under=lambda key: order_rows.keys_under(desk, key),
            row_of=lambda key: order_rows.row_of(desk, key),
        )
        self.table: Final = OutlineTable(
            self.model, "No orders yet. Press B or S to write one in the ticket.", self.body
        )
        self.model.extra = self._extra_words
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self.table.row_picked.connect(self._on_row)
        self.table.selectionModel().selectionChanged.connect(self._show_buttons)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self.tools: Final = TableTools(self, self.table, "orders", "working symbol:AAPL")
        self.replace = self._button("Change…", "Change the selected order", self.replace_selected)
        self.send = self._button("Send", "Send the selected staged order", self.send_selected)
        self.cancel = self._button(
            "Cancel", "Cancel the selected order (Delete)", self.cancel_selected
        )
        self.cancel_all = self._button("Cancel all", "Cancel every working order", self._cancel_all)
        self.link.cancel_selected_wanted.connect(self.cancel_selected)
        self.link.replace_selected_wanted.connect(self.replace_selected)
        self._version = -1
        self._inquiries_version = -1
        self._asked: dict[ClOrdID, None] = {}
        """Orders the broker is being asked about: their count-down runs."""
        self._show_buttons()

    def stale(self) -> bool:
        """Whether any order changed, or the broker is being asked about one."""
        is_busy = bool(self._asked) or self.tools.is_busy
        return is_busy or self._now() != (self._version, self._inquiries_version)

    def refresh(self) -> None:
        """Show the orders that changed."""
        view = self.desk.orders
        first = self._version < 0
        changed = view.all() if first else view.changed_since(self._version)
        new: list[tuple[RowKey, bool]] = []
        for order in changed:
            top = order_rows.root_of(self.desk, order)
            if top is order and not self.model.is_root(RowKey(order.cl_ord_id)):
                new.append((RowKey(order.cl_ord_id), True))
        self.model.add(new)
        if not first:
            for order in changed:
                self._renew(order)
        self._note_inquiries(changed)
        self._version, self._inquiries_version = self._now()
        self.tools.work()
        self._show_buttons()

    def headline(self) -> str:
        """Return how many orders may still trade."""
        count = len(self.desk.orders.working())
        return f"Orders {count}" if count else "Orders"

    def state(self) -> dict[str, object]:
        """Return how the table is set."""
        return {"table": self.tools.state()}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take it back."""
        self.tools.restore(state.get("table"))

    # Gestures

    def cancel_selected(self) -> None:
        """Ask for a cancel of the selected order; cancels never ask back."""
        order = self._live_selected("cancel it")
        if order is not None:
            self.desk.cancel(order.cl_ord_id)

    def replace_selected(self) -> None:
        """Open the dialog that changes the selected order."""
        order = self._live_selected("change it")
        if order is not None:
            ask_replace(self.window(), self.desk, order)

    def send_selected(self) -> None:
        """Send the selected staged order on its way through the gate."""
        order = self._live_selected("send it")
        if order is not None and order.custody is Custody.STAGED:
            self.desk.send_staged(order.cl_ord_id)
        elif order is not None:
            words = text.STATE_WORDS[order.state].lower()
            self.link.said.emit(f"{text.order_words(order.terms)} is {words}, not staged")

    def copy_id(self) -> None:
        """Put the selected order's identity on the clipboard."""
        order = self._selected()
        if order is not None:
            QGuiApplication.clipboard().setText(order.cl_ord_id)
            self.link.said.emit(f"Copied {order.cl_ord_id}")

    def _selected(self) -> Order | None:
        """Return the order of the selected row, or that its change or event belongs to."""
        place = self.table.selected_row()
        return None if place is None else self._order_at(place)

    def _order_at(self, place: int) -> Order | None:
        return self.desk.orders.get(self.model.node(place).key.cl_ord_id)

    def _live_selected(self, purpose: str) -> Order | None:
        """Return the selected order if it may still trade; otherwise say why there is none."""
        order = self._selected()
        if order is None:
            self.link.said.emit(f"Select an order to {purpose}")
        elif not order.is_working:
            words = text.order_words(order.terms)
            self.link.said.emit(f"{words} is {text.STATE_WORDS[order.state].lower()} already")
            return None
        return order

    def _cancel_all(self, symbol: Symbol | None = None, side: Side | None = None) -> None:
        count = self.desk.cancel_all(symbol, side)
        self.link.said.emit(f"Cancel asked for {count} order{'' if count == 1 else 's'}")

    def _open_menu(self, at: QPoint) -> None:
        order = self._selected()
        is_live = order is not None and order.is_working
        is_staged = is_live and order is not None and order.custody is Custody.STAGED
        working = self.desk.orders.working()
        sides = {working_order.terms.side for working_order in working}
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Cancel this order\tDel", self.cancel_selected).setEnabled(is_live)
        menu.addAction("Change this order…\tCtrl+R", self.replace_selected).setEnabled(is_live)
        menu.addAction("Send staged order", self.send_selected).setEnabled(is_staged)
        menu.addAction("Copy order id", self.copy_id).setEnabled(order is not None)
        menu.addSeparator()
        if order is not None:
            symbol = order.symbol
            of_symbol = menu.addAction(
                f"Cancel all {symbol} orders", lambda: self._cancel_all(symbol)
            )
            of_symbol.setEnabled(any(other.symbol == symbol for other in working))
        for side, words in ((Side.BUY, "buys"), (Side.SELL, "sells")):
            cancel = partial(self._cancel_all, None, side)
            action = menu.addAction(f"Cancel all {words}", cancel)
            action.setEnabled(side in sides)
        menu.addAction("Cancel all orders", self._cancel_all).setEnabled(bool(working))
        menu.addSeparator()
        self.tools.add_to(menu)
        menu.popup(self.table.viewport().mapToGlobal(at))

    # What is shown

    def _extra_words(self, key: RowKey) -> str:
        """Return words by which an order is found that its row does not say."""
        order = self.desk.orders.get(key.cl_ord_id)
        if order is None:
            return ""
        return f"{'working' if order.is_working else 'done'} {order.cl_ord_id.lower()}"

    def _button(self, words: str, hint: str, run: Callable[[], None]) -> QPushButton:
        button = QPushButton(words, self.header)
        button.setToolTip(hint)
        button.setProperty("link", True)
        button.clicked.connect(lambda _checked=False: run())
        self.header_row.addWidget(button)
        return button

    def _now(self) -> tuple[int, int]:
        return self.desk.orders.version, self.desk.inquiries_version

    def _renew(self, order: Order) -> None:
        """Bring an order's rows up to date, and those above it: they tell of what is under them."""
        top = RowKey(order_rows.root_of(self.desk, order).cl_ord_id)
        self.model.renew(RowKey(order.cl_ord_id), top)
        above = self.desk.orders.get(order_rows.parent_id(order))
        while above is not None:
            self.model.rewrite(RowKey(above.cl_ord_id))
            above = self.desk.orders.get(order_rows.parent_id(above))

    def _note_inquiries(self, changed: tuple[Order, ...] | list[Order]) -> None:
        desk, before = self.desk, self._asked
        if desk.inquiries_version != self._inquiries_version:
            candidates = dict.fromkeys(
                (
                    *before,
                    *(order.cl_ord_id for order in changed),
                    *(order.cl_ord_id for order in desk.orders.working()),
                )
            )
            self._asked = {known: None for known in candidates if desk.inquiry(known) is not None}
        for cl_ord_id in {**before, **self._asked}:
            self.model.rewrite(RowKey(cl_ord_id))

    def _show_buttons(self) -> None:
        order = self._selected()
        is_live = order is not None and order.is_working
        self.cancel.setEnabled(is_live)
        self.replace.setEnabled(is_live)
        self.send.setVisible(order is not None and order.custody is Custody.STAGED and is_live)
        self.cancel_all.setEnabled(bool(self.desk.orders.working()))

    def _on_row(self, place: int) -> None:
        order = self._order_at(place)
        if order is not None:
            self.link.pick_symbol(order.symbol)


def _paint_filled(painter: QPainter, rect: QRect, row: OrderRow) -> None:
    figures = row.filled
    words_left = rect.left() + PADDING_PX
    if row.share is not None:
        bar = QRect(rect.left(), rect.top(), BAR_PX + 2 * PADDING_PX, rect.height())
        paint_progress(painter, bar, row.share, Role.UP)
        figures = row.filled.partition(" ")[0]
        words_left = bar.right()
    painter.setFont(theme.figure_font())
    painter.setPen(theme.color(Role.DIM if row.share == 0 else Role.TEXT))
    words = QRect(words_left, rect.top(), rect.right() - words_left, rect.height())
    painter.drawText(words, theme.ALIGN_LEFT, figures)


def _dim(_row: OrderRow) -> Role:
    return Role.DIM


def _columns() -> tuple[Column[OrderRow], ...]:
    figures = Face.FIGURES
    return (
        Column("Time", lambda r: r.time, 129, figures, _dim, is_right=False),
        Column("Symbol", lambda r: r.symbol, 57, Face.BOLD),
        Column("Side", lambda r: r.side, 46, role=lambda r: r.side_role),
        Column("Type", lambda r: r.type, 74),
        Column("Qty", lambda r: r.qty, 53, figures),
        Column("Filled", lambda r: r.filled, 70, paint=_paint_filled),
        Column("Limit", lambda r: r.limit, 60, figures),
        Column("Stop", lambda r: r.stop, 60, figures),
        Column("Avg fill", lambda r: r.average, 64, figures),
        Column("TIF", lambda r: r.tif, 42, role=_dim, drops=True),
        Column("Status", lambda r: r.status, 104, role=lambda r: r.status_role),
        Column("Lives", lambda r: r.home, 72, role=lambda r: r.home_role),
        Column("Reason", lambda r: r.reason, 260, role=lambda r: r.reason_role, is_elastic=True),
    )


PANEL: Final = PanelSpec("orders", "Orders", Area.BOTTOM, OrdersPanel)
