"""Orders by one gesture: from an armed chart or ladder, through the parser and gate of the ticket.

Where the gate asks something the order goes into the ticket instead, which can ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.domain.enums import OrderClass
from app.domain.errors import UserError
from app.domain.ids import ClOrdID
from app.domain.terms import NewOrder
from app.domain.times import SECOND_NS
from widgets.link import LinkGroup
from widgets.order_moves import moved_prices
from widgets.order_terms import Draft, Problem, Typed, parse_ticket

if TYPE_CHECKING:
    from app.desk import Desk

ARMED_NS: Final = 60 * SECOND_NS
"""Without a gesture for so long what was armed disarms itself."""


class QuickOrders:
    """Sends, moves and cancels; what is refused is said in the status line."""

    def __init__(self, desk: Desk, link: LinkGroup) -> None:
        self._desk: Final = desk
        self._link: Final = link

    def place(self, typed: Typed, draft: Draft) -> None:
        """Send an order, or entry and exits; into the ticket as a draft where the gate asks."""
        instrument = self._desk.market.instrument(typed.symbol)
        parsed = parse_ticket(typed, instrument, self._desk.now_ns())
        if isinstance(parsed, Problem):
            self._link.said.emit(parsed.text)
            return
        preview = self._desk.preview(parsed[0])
        if preview.asked:
            self._link.draft_wanted.emit(draft)
            asked = preview.asked[0].removesuffix("; order not sent")
            self._link.said.emit(f"{asked}; the price waits in the ticket")
            return
        self._send(parsed)

    def cancel(self, cl_ord_id: ClOrdID) -> None:
        """Ask for a cancel."""
        self._desk.cancel(cl_ord_id)

    def move(self, cl_ord_id: ClOrdID, price: float) -> None:
        """Ask for the price that an order was dragged to; the gate decides."""
        order = self._desk.orders.get(cl_ord_id)
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

    def _send(self, orders: tuple[NewOrder, ...]) -> None:
        # A refusal of the gate is an order too, with its reason on record.
        try:
            if len(orders) == 1:
                self._desk.submit(orders[0])
            else:
                self._desk.submit_list(orders, OrderClass.BRACKET)
        except UserError as error:
            self._link.said.emit(str(error))
