"""Wishes to commands: what cannot be is refused in words before it has an identity or a record.

The danger: an identity is given twice, or an order that no broker of this kind takes fills the
record. Here every check comes first, and the identity, one for each intent, last.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

import msgspec

from app.brokers.base import Broker
from app.clock import Clock
from app.domain.commands import ReplaceOrder, SubmitList, SubmitOrder
from app.domain.decision import Picture
from app.domain.enums import OrderClass, Origin, Side
from app.domain.errors import RefusedOrder
from app.domain.ids import ClOrdID, Symbol
from app.domain.terms import Hold, NewOrder
from app.oms.blotter import Blotter
from app.oms.decide import amended, replace_fault, replace_terms_fault
from app.oms.identity import ClOrdIDs
from app.oms.lists import linked, list_fault
from app.oms.terms import require_taken
from app.risk.exposure import closable_qty


class Intake:
    """Makes the commands that enter the inbox."""

    def __init__(
        self,
        *,
        broker: Broker,
        blotter: Blotter,
        clock: Clock,
        ids: ClOrdIDs,
        picture: Callable[[NewOrder], Picture],
    ) -> None:
        self._broker: Final = broker
        self._blotter: Final = blotter
        self._clock: Final = clock
        self._ids: Final = ids
        self._picture: Final = picture
        self._held_back: Final[set[Symbol]] = set()
        """Symbols of which nothing that waits here is sent."""

    def order(  # noqa: PLR0913  The terms, and who wants them how.
        self, order: NewOrder, *, origin: Origin, actor: str, hold: Hold | None, override: str
    ) -> SubmitOrder:
        """Return the command of one order; what the broker does not trigger is held here.

        Raises:
            RefusedOrder: this broker does not take such an order.
        """
        able = self._broker.capabilities
        require_taken(order, able, broker=self._broker.name)
        self._require_long(order)
        if hold is None and not able.is_native(order):
            hold = Hold()
        return self._command(order, origin=origin, actor=actor, hold=hold, override=override)

    def order_list(  # noqa: PLR0913  The terms, and who wants them how.
        self,
        orders: tuple[NewOrder, ...],
        order_class: OrderClass,
        *,
        origin: Origin,
        actor: str,
        override: str,
    ) -> SubmitList:
        """Return the command of orders that hang together.

        Raises:
            RefusedOrder: one of them, or how they hang together, is not possible.
        """
        fault = list_fault(orders, order_class)
        if fault:
            raise RefusedOrder(f"{fault}; nothing was sent")
        able = self._broker.capabilities
        for order in orders:
            require_taken(order, able, broker=self._broker.name)
        if order_class is not OrderClass.OCO:
            self._require_long(orders[0])
        drafts = tuple(
            self._command(order, origin=origin, actor=actor, hold=None, override=override)
            for order in orders
        )
        return SubmitList(order_class=order_class, orders=linked(drafts, order_class, able))

    def release(
        self, cl_ord_id: ClOrdID, terms: NewOrder, *, origin: Origin, actor: str
    ) -> SubmitOrder | None:
        """Return the command that sends what waits here; None if it does not, or is held back."""
        order = self._blotter.get(cl_ord_id)
        if order is None or not order.is_here or order.symbol in self._held_back:
            return None
        return SubmitOrder(
            cl_ord_id=cl_ord_id,
            order=terms,
            origin=origin,
            actor=actor,
            ts_intent_ns=self._clock.now_ns(),
            links=order.links,
        )

    def hold_back(self, symbol: Symbol) -> None:
        """Send nothing of a symbol that waits here, until it is let go."""
        self._held_back.add(symbol)

    def let_go(self, symbol: Symbol) -> None:
        """Send again what waits here and is released from now on."""
        self._held_back.discard(symbol)

    def replace(  # noqa: PLR0913  The terms that can change, and who changes them.
        self,
        cl_ord_id: ClOrdID,
        *,
        order_qty: Decimal,
        limit_px: Decimal | None,
        stop_px: Decimal | None,
        origin: Origin,
        actor: str,
        override: str,
    ) -> ReplaceOrder:
        """Return the command that changes an order's terms.

        Raises:
            RefusedOrder: it cannot be changed now, or not to that.
        """
        order = self._blotter.get(cl_ord_id)
        if order is None:
            raise RefusedOrder(f"order {cl_ord_id} is not known here; nothing was sent")
        now_ns = self._clock.now_ns()
        draft = ReplaceOrder(
            cl_ord_id=ClOrdID(""),
            orig_cl_ord_id=order.cl_ord_id,
            order_qty=order_qty,
            limit_px=limit_px,
            stop_px=stop_px,
            origin=origin,
            actor=actor,
            ts_intent_ns=now_ns,
            override=override,
        )
        terms = amended(order, draft)
        fault = replace_fault(order) or replace_terms_fault(order, terms)
        if fault:
            raise RefusedOrder(f"{fault}; nothing was sent")
        require_taken(terms, self._broker.capabilities, broker=self._broker.name)
        return msgspec.structs.replace(draft, cl_ord_id=self._ids.next(now_ns))

    def _command(  # noqa: PLR0913  The terms, and who wants them how.
        self, order: NewOrder, *, origin: Origin, actor: str, hold: Hold | None, override: str
    ) -> SubmitOrder:
        now_ns = self._clock.now_ns()
        return SubmitOrder(
            cl_ord_id=self._ids.next(now_ns),
            order=order,
            origin=origin,
            actor=actor,
            ts_intent_ns=now_ns,
            hold=hold,
            override=override,
        )

    def _require_long(self, order: NewOrder) -> None:
        if order.side is Side.BUY or self._broker.capabilities.can_short:
            return
        qty, closable = order.order_qty, closable_qty(order, self._picture(order))
        if not (qty.is_finite() and qty <= closable):
            raise RefusedOrder(
                f"{self._broker.name} takes no short sales: {qty} to sell, "
                f"{closable} held and not for sale yet; order not sent"
            )
