"""Replaces that the broker does not do: cancel, wait for the confirmed end, send the remainder.

The danger: the new order goes out on the cancel's request, the old one fills, and both are there.
How this prevents it: the new order is made of the old one's confirmed end and of what it had
executed by then; it passes the gate as any other. If the cancel is refused, or the order ends
otherwise, nothing is sent. A cancel that somebody asks for meanwhile wins: the replace is dropped.
Not guaranteed: that no execution of the old order is reported after its end; it is booked, alarmed
and counts.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

import msgspec

from app.audit.records import AmendmentEnded
from app.clock import Clock
from app.domain.commands import CancelOrder, SubmitOrder
from app.domain.enums import AmendmentState, AmendmentWay, OrdStatus
from app.domain.ids import ClOrdID
from app.domain.orders import Amendment, Order
from app.domain.terms import NewOrder
from app.oms.engine import OmsEngine


class _Step(Enum):
    """How far a replace has come."""

    ASKED = auto()
    """The order's cancel was asked for."""
    CANCELING = auto()
    """The cancel is on record."""
    ENDING = auto()
    """The outcome is on its way to the record."""


class Chains:
    """Carries chained replaces through; one step after each change of an order."""

    def __init__(self, engine: OmsEngine, clock: Clock) -> None:
        self._engine: Final = engine
        self._clock: Final = clock
        self._steps: dict[ClOrdID, _Step] = {}
        """Order -> how far its replace has come in this run."""

    def restore(self) -> None:
        """Close what an earlier run left open: nothing is sent that nobody sees coming."""
        for order in self._engine.blotter.working():
            amendment = _chained(order)
            if amendment is None:
                continue
            went_on = any(
                child.cl_ord_id == amendment.cl_ord_id
                for child in self._engine.blotter.children_of(order.cl_ord_id)
            )
            state = AmendmentState.ACCEPTED if went_on else AmendmentState.DROPPED
            text = "" if went_on else "the station stopped before the new order was sent"
            self._end(order, amendment, state, text)

    def on_order(self, order: Order) -> None:
        """Take the next step of an order's replace, if it has one."""
        amendment = _chained(order)
        if amendment is None:
            self._steps.pop(order.cl_ord_id, None)
            return
        step = self._steps.get(order.cl_ord_id)
        if step is _Step.ENDING:
            return
        if order.is_ended:
            self._go_on(order, amendment)
        elif order.cancel_requested:
            self._steps[order.cl_ord_id] = _Step.CANCELING
        elif step is _Step.CANCELING:
            text = f"the order could not be canceled: {order.text}"
            self._end(order, amendment, AmendmentState.REJECTED, text)
        elif step is None:
            self._steps[order.cl_ord_id] = _Step.ASKED
            self._engine.put(
                CancelOrder(
                    cl_ord_id=order.cl_ord_id,
                    origin=amendment.origin,
                    actor=amendment.actor,
                    ts_intent_ns=amendment.ts_intent_ns,
                    request_id=amendment.cl_ord_id,
                )
            )

    def _go_on(self, order: Order, amendment: Amendment) -> None:
        left = amendment.order.order_qty - order.cum_qty
        if order.ord_status is not OrdStatus.CANCELED or left <= 0:
            text = f"not needed: the order is {order.ord_status.name}"
            self._end(order, amendment, AmendmentState.DROPPED, text)
            return
        terms: NewOrder = msgspec.structs.replace(amendment.order, order_qty=left)
        links = msgspec.structs.replace(order.links, replaces=order.cl_ord_id)
        self._engine.put(
            SubmitOrder(
                cl_ord_id=amendment.cl_ord_id,
                order=terms,
                origin=amendment.origin,
                actor=amendment.actor,
                ts_intent_ns=amendment.ts_intent_ns,
                links=links,
            )
        )
        self._end(order, amendment, AmendmentState.ACCEPTED, "")

    def _end(self, order: Order, amendment: Amendment, state: AmendmentState, text: str) -> None:
        self._steps[order.cl_ord_id] = _Step.ENDING
        self._engine.put(
            AmendmentEnded(
                cl_ord_id=order.cl_ord_id,
                request_id=amendment.cl_ord_id,
                state=state,
                ts_ns=self._clock.now_ns(),
                text=text,
            )
        )


def _chained(order: Order) -> Amendment | None:
    amendment = order.open_amendment
    if amendment is None or amendment.way is not AmendmentWay.CHAINED:
        return None
    return amendment
