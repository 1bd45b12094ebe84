"""Commands to records: the gate's verdict on each, with what was known when it was given."""

from __future__ import annotations

from typing import Final

import msgspec

from app.audit.records import (
    AmendmentDecided,
    AmendmentEnded,
    CancelRequested,
    HoldEnded,
    OrderDecided,
    OrderHeld,
    Record,
)
from app.brokers.base import Broker
from app.domain.approval import ApprovedOrder
from app.domain.commands import CancelOrder, ReplaceOrder, SubmitOrder
from app.domain.decision import CheckResult, Picture
from app.domain.enums import AmendmentState, AmendmentWay, Origin, TradingState
from app.domain.ids import ClOrdID
from app.domain.orders import Order
from app.domain.terms import ZERO, NewOrder
from app.market.store import MarketView
from app.oms.blotter import Blotter
from app.oms.family import Families
from app.oms.picture import Pictures
from app.risk.gate import Gate, Passed, Refused


class Decision(msgspec.Struct, frozen=True):
    """What goes on record for a command, and the verdict that lets it go out."""

    record: Record
    passed: Passed | None = None
    live_id: ClOrdID = ClOrdID("")
    """Of a replace: the identity it takes the place of."""


class Decider:
    """Decides one command after the other; each on a picture with those before it."""

    def __init__(
        self,
        *,
        gate: Gate,
        pictures: Pictures,
        market: MarketView,
        broker: Broker,
        blotter: Blotter,
    ) -> None:
        self._gate: Final = gate
        self._pictures: Final = pictures
        self._market: Final = market
        self._broker: Final = broker
        self._blotter: Final = blotter
        self._families: Final = Families(blotter)
        self._canceled: Final[set[ClOrdID]] = set()
        """Orders whose cancel was taken in this batch: nothing may take their place after it."""
        self._replaced: Final[set[ClOrdID]] = set()
        """Orders whose replace was decided in this batch: one change at a time."""

    def start_batch(self) -> None:
        """Forget what was decided before: it is in the books by now."""
        self._pictures.reserved.clear()
        self._canceled.clear()
        self._replaced.clear()

    def submit(self, command: SubmitOrder) -> list[Decision]:
        """Decide an order; one that is kept here is recorded with the gate's view of it now."""
        known = self._blotter.get(command.cl_ord_id)
        if known is not None and (not known.is_here or known.done is not None):
            return []  # It was taken back between its release and now.
        if self._is_dropped(command):
            return []  # A cancel was faster than the replace that this is the end of.
        verdict, picture = self._check(command, known)
        if command.hold is not None:
            held = OrderHeld(
                command=command,
                account=self._broker.account,
                checks=verdict.checks,
                picture=picture,
            )
            return [Decision(held)]
        passed = verdict if isinstance(verdict, Passed) else None
        if passed is not None:
            self._pictures.reserved.append(command.order)
        decided = OrderDecided(
            command=command,
            account=self._broker.account,
            approved=passed is not None,
            checks=verdict.checks,
            picture=picture,
        )
        return [Decision(decided, passed)]

    def cancel(self, command: CancelOrder) -> list[Decision]:
        """Take a cancel as it is; what waits here ends with it."""
        requested = Decision(CancelRequested(command=command))
        order = self._blotter.get(command.cl_ord_id)
        if order is None:
            return [requested]
        if not command.request_id:
            self._canceled.add(order.cl_ord_id)
        text, ts_ns = "canceled on request", command.ts_intent_ns
        if order.is_here and order.done is None:
            return [
                requested,
                Decision(HoldEnded(cl_ord_id=order.cl_ord_id, ts_ns=ts_ns, text=text)),
            ]
        amendment = order.open_amendment
        if amendment is None or amendment.way is not AmendmentWay.CHAINED or command.request_id:
            return [requested]
        # The cancel wins (row 27): the order is on its way out, and nothing takes its place.
        dropped = AmendmentEnded(
            cl_ord_id=order.cl_ord_id,
            request_id=amendment.cl_ord_id,
            state=AmendmentState.DROPPED,
            ts_ns=ts_ns,
            text=text,
        )
        return [requested, Decision(dropped)]

    def replace(self, command: ReplaceOrder) -> list[Decision]:
        """Decide a replace on the terms as they would be, the order itself left out."""
        order = self._blotter.get(command.orig_cl_ord_id)
        if order is None:
            return []
        terms = amended(order, command)
        checked = _to_execute(terms, order)
        picture = self._pictures.picture(checked, self._gate, without=order)
        fault = (
            self._batch_fault(order) or replace_fault(order) or replace_terms_fault(order, terms)
        )
        verdict: Passed | Refused = self._gate.check(
            checked,
            picture,
            self._market.instrument(order.symbol),
            is_confirmed=_is_confirmed(command, order),
        )
        checks = verdict.checks if not fault else (*verdict.checks, _refused(fault))
        way = self.way_of(order)
        approved = not fault and (isinstance(verdict, Passed) or way is AmendmentWay.HERE)
        if approved:
            self._replaced.add(order.cl_ord_id)
        decided = AmendmentDecided(
            command=command, order=terms, way=way, approved=approved, checks=checks, picture=picture
        )
        if not approved or way is not AmendmentWay.NATIVE:
            return [Decision(decided)]
        assert isinstance(verdict, Passed)
        # The order itself counts until then: what is asked for beyond it is what is new.
        more = max(ZERO, checked.order_qty - order.leaves_qty)
        self._pictures.reserved.append(msgspec.structs.replace(checked, order_qty=more))
        return [Decision(decided, Passed(order=terms, checks=checks), order.live_id)]

    def way_of(self, order: Order) -> AmendmentWay:
        """Return how an order would be amended."""
        if order.is_here:
            return AmendmentWay.HERE
        native = self._broker.capabilities.has_replace
        return AmendmentWay.NATIVE if native else AmendmentWay.CHAINED

    def barrier(self, approved: ApprovedOrder) -> str:
        """Return why an approved order may not go out any more; empty if it may.

        The kill switch, or a cancel, may have been faster than the disk.
        """
        order = self._blotter.get(approved.orig_cl_ord_id or approved.cl_ord_id)
        assert order is not None
        if order.is_ended:
            return f"order {order.cl_ord_id} has ended before it was sent"
        if order.cancel_requested:
            return f"order {order.cl_ord_id} was canceled before it was sent"
        if self._gate.state_of(order.symbol) is TradingState.ACTIVE:
            return ""  # What is let through whatever it is needs no picture.
        left = _to_execute(approved.order, order)
        picture = self._pictures.picture(left, self._gate, without=order)
        if not approved.orig_cl_ord_id:  # It takes the place of nothing: it lowers nothing.
            picture = msgspec.structs.replace(picture, replaced_qty=ZERO, replaced_px=None)
        if self._gate.lets_through(left, picture):
            return ""
        return f"trading became {picture.trading_state.name} before it was sent"

    def _batch_fault(self, order: Order) -> str:
        """Return what was decided in this batch that a replace must not follow."""
        if order.cl_ord_id in self._canceled:
            return f"order {order.cl_ord_id} is being canceled"
        if order.cl_ord_id in self._replaced:
            return f"order {order.cl_ord_id} is being replaced: one change at a time"
        return ""

    def _is_dropped(self, command: SubmitOrder) -> bool:
        """Whether an order is the end of a replace that was given up meanwhile."""
        if command.links.replaces in self._canceled:
            return True
        before = self._blotter.get(command.links.replaces)
        amendments = () if before is None else before.amendments
        return any(
            a.cl_ord_id == command.cl_ord_id and a.state is AmendmentState.DROPPED
            for a in amendments
        )

    def _check(self, command: SubmitOrder, known: Order | None) -> tuple[Passed | Refused, Picture]:
        order, family_qty = command.order, None
        if known is not None and self._blotter.has_kin(known):
            family_qty = self._families.allowed_qty(known)
        picture = self._pictures.picture(order, self._gate, family_qty=family_qty)
        instrument = self._market.instrument(order.symbol)
        verdict = self._gate.check(
            order, picture, instrument, is_confirmed=_is_confirmed(command, known)
        )
        return verdict, picture


def _is_confirmed(command: SubmitOrder | ReplaceOrder, known: Order | None) -> bool:
    """Whether a person has let a command through that a check asks about.

    What a person entered and this station carries out later is not asked about again: nobody is
    there to answer, and a stop that waits for an answer protects nothing.
    """
    if command.origin is Origin.MANUAL:
        return bool(command.override)
    return (
        command.origin is Origin.CONTINGENT and known is not None and known.origin is Origin.MANUAL
    )


def _to_execute(terms: NewOrder, order: Order) -> NewOrder:
    """Return terms of an order with the quantity that is not executed yet: the gate's matter."""
    return msgspec.structs.replace(terms, order_qty=terms.order_qty - order.cum_qty)


def amended(order: Order, command: ReplaceOrder) -> NewOrder:
    """Return an order's terms as a replace would make them."""
    return msgspec.structs.replace(
        order.terms,
        order_qty=command.order_qty,
        limit_px=command.limit_px,
        stop_px=command.stop_px,
    )


def replace_fault(order: Order) -> str:
    """Return why an order cannot be amended now, in words; empty if it can.

    One change at a time: two that cross on the wire could both come into force.
    """
    if order.is_ended:
        return f"order {order.cl_ord_id} is {order.ord_status.name}: nothing is left to replace"
    if order.is_in_doubt:
        return f"order {order.cl_ord_id} is in doubt: its fate has to be known first"
    if order.cancel_requested:
        return f"order {order.cl_ord_id} is being canceled"
    if order.open_amendment is not None:
        return f"order {order.cl_ord_id} is being replaced: one change at a time"
    if not order.is_here and not order.ts_ack_ns:
        return f"order {order.cl_ord_id} is not acknowledged yet"
    return ""


def replace_terms_fault(order: Order, terms: NewOrder) -> str:
    """Return what of amended terms can be no order's, in words; empty if nothing."""
    qty = terms.order_qty
    if not (qty.is_finite() and qty > order.cum_qty):
        return f"quantity {qty} must be above the {order.cum_qty} executed"
    if order.links.parent and not order.is_here and not (qty <= order.order_qty):
        return f"quantity {qty} of an exit must not be above its {order.order_qty}"
    for name, was, now in (
        ("limit", order.terms.limit_px, terms.limit_px),
        ("stop", order.terms.stop_px, terms.stop_px),
    ):
        if (was is None) != (now is None):
            return f"{name} price {now} does not fit a {terms.ord_type.name} order"
        if now is not None and not (now.is_finite() and now > ZERO):
            return f"{name} price {now} must be above 0"
    return "" if terms != order.terms else "the terms are what they were"


def _refused(fault: str) -> CheckResult:
    return CheckResult(
        name="replaceable", passed=False, value="", limit="", text=f"{fault}; not sent"
    )
