"""Records to orders: the one function that the live books, recovery and every export use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from app.audit.records import (
    AmendmentDecided,
    AmendmentEnded,
    CancelRejected,
    CancelRequested,
    ExecutionReported,
    HoldEnded,
    HoldMoved,
    HoldTriggered,
    OrderAdopted,
    OrderDecided,
    OrderHeld,
    OrderMissing,
    OrderSent,
    Record,
    SendLost,
    cl_ord_id_of,
)
from app.domain.enums import AmendmentState, AmendmentWay, Custody, OrdStatus, Origin
from app.domain.errors import IllegalTransition
from app.domain.ids import ClOrdID
from app.domain.orders import Amendment, Order
from app.domain.reports import Report
from app.domain.transitions import apply_report

_replace: Final = msgspec.structs.replace


class Orders:
    """Orders by any of their identities: their own, and those of their amendments."""

    def __init__(self) -> None:
        self.by_id: Final[dict[ClOrdID, Order]] = {}
        """First ClOrdID -> order, in order of entry."""
        self._roots: dict[ClOrdID, ClOrdID] = {}
        """ClOrdID of an amendment -> the order's first one."""

    def __iter__(self) -> Iterator[Order]:
        return iter(self.by_id.values())

    def get(self, cl_ord_id: ClOrdID) -> Order | None:
        """Return the order that an identity belongs to, or None."""
        order = self.by_id.get(cl_ord_id)
        if order is None and (root := self._roots.get(cl_ord_id)) is not None:
            order = self.by_id[root]
        return order

    def put(self, order: Order) -> None:
        """Store the new facts of an order."""
        self.by_id[order.cl_ord_id] = order
        for amendment in order.amendments:
            # A chained one becomes an order of its own, under that identity.
            if amendment.way is not AmendmentWay.CHAINED:
                self._roots[amendment.cl_ord_id] = order.cl_ord_id


class Folded(msgspec.Struct, frozen=True):
    """What a record means for its order."""

    before: Order | None = None
    order: Order | None = None
    """The order with the record's fact added; None if the record changes no order."""
    problem: str = ""
    """Why a record could not be applied as it was."""


def fold(record: Record, orders: Orders) -> Folded:
    """Return what one record changes, given the orders of the records before it."""
    rule = _RULES.get(type(record))
    if rule is None:
        return Folded()
    known = orders.get(ClOrdID(cl_ord_id_of(record)))
    try:
        after = rule(record, known)
    except (IllegalTransition, ArithmeticError) as error:
        return _unappliable(record, known, error)
    return Folded(known, None if after is known else after)


def _unappliable(record: Record, known: Order | None, error: Exception) -> Folded:
    # Whatever a broker said is on record by now: reading it must not end the program, or no later
    # start would succeed either.
    problem = str(error)
    if known is None or not isinstance(record, ExecutionReported):
        return Folded(problem=problem)
    if isinstance(error, ArithmeticError):
        problem = f"order {known.cl_ord_id}: a number of the report is none; not applied"
    if known.is_ended:
        return Folded(problem=problem)
    return Folded(known, _replace(known, custody=Custody.UNKNOWN, text=problem), problem)


def _decided(record: OrderDecided, known: Order | None) -> Order:
    command = record.command
    if known is None:
        decided = _new_order(record)
    elif known.is_here and known.done is None:
        # Its conditions are met: what goes out may be another type than what was asked for.
        decided = _replace(
            known,
            custody=Custody.UNSENT,
            hold=None,
            sent=command.order,
            ts_last_ns=record.picture.ts_ns,
        )
    else:
        # Taking the second would drop the fills of the first.
        raise IllegalTransition(f"order {command.cl_ord_id} was decided twice; the first stands")
    if record.approved:
        return decided
    text = " · ".join(check.text for check in record.checks if not check.passed)
    return _replace(decided, done=OrdStatus.REJECTED, is_denied=True, text=text)


def _new_order(record: OrderDecided | OrderHeld) -> Order:
    command = record.command
    return Order(
        cl_ord_id=command.cl_ord_id,
        account=record.account,
        order=command.order,
        origin=command.origin,
        actor=command.actor,
        ts_intent_ns=command.ts_intent_ns,
        ts_last_ns=record.picture.ts_ns,
        links=command.links,
        hold=command.hold,
    )


def _held(record: OrderHeld, known: Order | None) -> Order:
    hold = record.command.hold
    if known is not None or hold is None:
        raise IllegalTransition(f"order {record.command.cl_ord_id} cannot be held; as it was")
    return _replace(_new_order(record), custody=Custody.STAGED if hold.is_staged else Custody.HELD)


def _hold_moved(record: HoldMoved, known: Order | None) -> Order | None:
    if known is None or known.hold is None or known.done is not None:
        return known
    moved = _replace(known.hold, watch_px=record.watch_px)
    return _replace(known, hold=moved, ts_last_ns=record.ts_ns)


def _hold_triggered(record: HoldTriggered, known: Order | None) -> Order | None:
    if known is None or known.hold is None or known.done is not None or known.hold.triggered_ns:
        return known
    triggered = _replace(known.hold, triggered_ns=record.ts_ns)
    return _replace(known, hold=triggered, ts_last_ns=record.ts_ns)


def _hold_ended(record: HoldEnded, known: Order | None) -> Order | None:
    if known is None or not known.is_here or known.done is not None:
        return known
    return _replace(known, done=OrdStatus.CANCELED, text=record.text, ts_last_ns=record.ts_ns)


def _sent(record: OrderSent, known: Order | None) -> Order | None:
    if known is None or known.custody is not Custody.UNSENT:
        return known
    return _replace(
        known,
        custody=Custody.SENT,
        ts_sent_ns=record.ts_sent_ns,
        ts_last_ns=record.ts_sent_ns,
    )


def _cancel_requested(record: CancelRequested, known: Order | None) -> Order | None:
    if known is None or known.is_ended or known.cancel_requested:
        return known
    return _replace(known, cancel_requested=True)


def _amendment_decided(record: AmendmentDecided, known: Order | None) -> Order | None:
    command = record.command
    if known is None or any(a.cl_ord_id == command.cl_ord_id for a in known.amendments):
        return known
    state = AmendmentState.PENDING
    if not record.approved:
        state = AmendmentState.DENIED
    elif record.way is AmendmentWay.HERE:
        state = AmendmentState.ACCEPTED
    amendment = Amendment(
        cl_ord_id=command.cl_ord_id,
        order=record.order,
        origin=command.origin,
        actor=command.actor,
        ts_intent_ns=command.ts_intent_ns,
        way=record.way,
        state=state,
        ts_last_ns=record.picture.ts_ns,
        text=" · ".join(check.text for check in record.checks if not check.passed),
    )
    hold = known.hold
    if hold is not None and state is AmendmentState.ACCEPTED and _is_other_trail(record, known):
        hold = _replace(hold, watch_px=None)  # It takes its level anew.
    amendments = (*known.amendments, amendment)
    if known.open_amendment is not None and not state.is_open:
        # What is refused while another is open came and went before that one's end.
        amendments = (*known.amendments[:-1], amendment, known.amendments[-1])
    return _replace(
        known,
        amendments=amendments,
        hold=hold,
        ts_last_ns=record.picture.ts_ns,
    )


def _is_other_trail(record: AmendmentDecided, known: Order) -> bool:
    new, old = record.order, known.terms
    return (new.peg_offset, new.peg_offset_type) != (old.peg_offset, old.peg_offset_type)


def _amendment_ended(record: AmendmentEnded, known: Order | None) -> Order | None:
    if known is None or known.open_amendment is None:
        return known
    last = known.open_amendment
    if last.cl_ord_id != record.request_id:
        return known
    ended = _replace(last, state=record.state, text=record.text, ts_last_ns=record.ts_ns)
    return _replace(known, amendments=(*known.amendments[:-1], ended), ts_last_ns=record.ts_ns)


def _adopted(record: OrderAdopted, known: Order | None) -> Order | None:
    if known is not None:
        return known
    return Order(
        cl_ord_id=record.cl_ord_id,
        account=record.account,
        order=record.order,
        origin=Origin.EXTERNAL,
        actor="broker",
        ts_intent_ns=record.ts_ns,
        custody=Custody.ACKNOWLEDGED,
        order_id=record.order_id,
        ts_ack_ns=record.ts_ns,
        ts_last_ns=record.ts_ns,
        text="found at the broker; not from this station",
    )


def _reported(
    record: ExecutionReported | CancelRejected | SendLost | OrderMissing, known: Order | None
) -> Order:
    report: Report = record.report
    if known is None:
        raise IllegalTransition(f"report for the unknown order {report.cl_ord_id}; recorded only")
    return apply_report(known, report)


_RULES: Final[dict[type[Any], Callable[[Any, Order | None], Order | None]]] = {
    OrderDecided: _decided,
    OrderHeld: _held,
    HoldMoved: _hold_moved,
    HoldTriggered: _hold_triggered,
    HoldEnded: _hold_ended,
    OrderSent: _sent,
    CancelRequested: _cancel_requested,
    AmendmentDecided: _amendment_decided,
    AmendmentEnded: _amendment_ended,
    OrderAdopted: _adopted,
    ExecutionReported: _reported,
    CancelRejected: _reported,
    SendLost: _reported,
    OrderMissing: _reported,
}
