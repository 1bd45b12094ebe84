"""Trading on one chart: lines that cancel and amend, a menu at a price, and clicks while armed.

Everything goes the way of the ticket: the same parser, the same gate. Where the gate asks something
the order goes into the ticket instead, which can ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu

from app.domain.enums import OrderClass
from app.domain.errors import UserError
from app.domain.ids import ClOrdID, Symbol
from app.domain.instrument import Instrument
from app.domain.terms import NewOrder
from app.domain.times import SECOND_NS
from widgets.chart.order_moves import moved_prices
from widgets.chart.place_layer import PlaceLayer
from widgets.chart.placing import Exits, Placing, typed_of
from widgets.link import LinkGroup
from widgets.order_terms import Draft, Problem, drafts_at, parse_ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.desk import Desk
    from widgets.plot.view import ChartView

ARMED_NS: Final = 60 * SECOND_NS
"""Without a click for so long a chart disarms itself."""


class ChartTrader(QObject):
    """Turns gestures of a chart into orders."""

    armed_changed = Signal()
    """It was armed, armed otherwise, or disarmed."""

    menu_opens = Signal(QMenu, QPoint)
    """The menu of a price is about to be shown at a place of the screen: more may be put in."""

    def __init__(
        self, desk: Desk, link: LinkGroup, view: ChartView, symbol: Callable[[], Symbol]
    ) -> None:
        """Listen to a view.

        Args:
            desk: takes the orders.
            link: takes drafts and sentences.
            view: whose gestures they are.
            symbol: what the chart shows.
        """
        super().__init__(view)
        self._desk: Final = desk
        self._link: Final = link
        self._view: Final = view
        self._symbol: Final = symbol
        self._layer: Final = PlaceLayer(lambda: view.hover, self._facts, self._place)
        view.layers.insert(0, self._layer)  # Lines of orders can be taken while it is armed.
        view.cancel_wanted.connect(self._cancel)
        view.move_wanted.connect(self._move)
        view.menu_wanted.connect(self._open_menu)
        self._used_ns = 0
        """When it was armed, or last used."""

    @property
    def placing(self) -> Placing | None:
        """What is armed; None: a click places nothing."""
        return self._layer.placing

    def arm(self, placing: Placing) -> None:
        """Let every click be an order, until somebody disarms it or a while has gone by."""
        self._layer.placing = placing
        self._used_ns = self._desk.now_ns()
        self._view.update()
        self.armed_changed.emit()

    def disarm(self) -> None:
        """Let clicks be clicks."""
        self._layer.dragged = None
        if self._layer.placing is not None:
            self._layer.placing = None
            self._view.update()
            self.armed_changed.emit()

    def look(self) -> None:
        """Disarm what nobody has used for a while; asked every frame."""
        if self.placing is not None and self._desk.now_ns() - self._used_ns > ARMED_NS:
            self.disarm()

    def _facts(self) -> tuple[Instrument | None, float | None]:
        symbol = self._symbol()
        day = self._desk.market.day(symbol)
        return self._desk.market.instrument(symbol), None if day is None else day.last

    def _place(self, entry: Draft, exits: Exits | None) -> None:
        """Send an order through the gate; into the ticket where the gate asks."""
        placing = self._layer.placing
        if placing is None:
            return
        self._used_ns = self._desk.now_ns()
        instrument, _ = self._facts()
        typed = typed_of(self._symbol(), placing, entry, exits)
        parsed = parse_ticket(typed, instrument, self._desk.now_ns())
        if isinstance(parsed, Problem):
            self._link.said.emit(parsed.text)
            return
        preview = self._desk.preview(parsed[0])
        if preview.asked:
            self._link.draft_wanted.emit(entry)
            asked = preview.asked[0].removesuffix("; order not sent")
            self._link.said.emit(f"{asked}; the price waits in the ticket")
            return
        self._send(parsed)

    def _send(self, orders: tuple[NewOrder, ...]) -> None:
        # A refusal of the gate is an order too, with its reason on record.
        try:
            if len(orders) == 1:
                self._desk.submit(orders[0])
            else:
                self._desk.submit_list(orders, OrderClass.BRACKET)
        except UserError as error:
            self._link.said.emit(str(error))

    def _open_menu(self, at: QPoint, price: float) -> None:
        """Offer orders that would rest at the price under the mouse; the ticket takes the draft."""
        instrument, last = self._facts()
        drafts = drafts_at(price, last, instrument)
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # The ticket's symbol is the group's.
        for draft in drafts if self._symbol() == self._link.symbol else ():
            action = menu.addAction(draft.words)
            action.triggered.connect(
                lambda _on=False, draft=draft: self._link.draft_wanted.emit(draft)
            )
        self.menu_opens.emit(menu, at)
        menu.popup(at)

    def _cancel(self, cl_ord_id: str) -> None:
        self._desk.cancel(ClOrdID(cl_ord_id))

    def _move(self, cl_ord_id: str, price: float) -> None:
        """Ask for the price that an order's line was dragged to; the gate decides."""
        order = self._desk.orders.get(ClOrdID(cl_ord_id))
        if order is None:
            return
        moved = moved_prices(order, price, self._desk.market.instrument(order.symbol))
        if isinstance(moved, str):
            self._link.said.emit(moved)
            return
        try:
            self._desk.replace(
                order.cl_ord_id,
                order_qty=order.order_qty,
                limit_px=moved.limit_px,
                stop_px=moved.stop_px,
            )
        except UserError as error:
            self._link.said.emit(str(error))
