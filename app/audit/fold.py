"""Records to orders: the one function that both the live books and every export use."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from app.audit.records import (
    CancelRejected,
    CancelRequested,
    ExecutionReported,
    OrderDecided,
    OrderSent,
    Record,
    SendLost,
    cl_ord_id_of,
)
from app.domain.enums import Custody, OrdStatus
from app.domain.errors import IllegalTransition
from app.domain.ids import ClOrdID
from app.domain.orders import Order, Report, apply_report


class Folded(msgspec.Struct, frozen=True):
    """What a record means for its order."""

    order: Order | None = None
    """The order with the record's fact added; None if the record changes no order."""
    problem: str = ""
    """Why a report could not be applied as it was."""


def fold(record: Record, orders: Mapping[ClOrdID, Order]) -> Folded:
    """Return what one record changes, given the orders of the records before it."""
    known = orders.get(ClOrdID(cl_ord_id_of(record)))
    match record:
        case OrderDecided():
            return _decided(record, known)
        case OrderSent():
            return Folded(_sent(record, known))
        case CancelRequested():
            return Folded(_cancel_requested(known))
        case ExecutionReported() | CancelRejected() | SendLost():
            return _reported(record.report, known)
    return Folded()


def _decided(record: OrderDecided, known: Order | None) -> Folded:
    command = record.command
    if known is not None:
        # Taking the second would drop the fills of the first.
        return Folded(problem=f"order {command.cl_ord_id} was decided twice; the first stands")
    return Folded(_new_order(record))


def _new_order(record: OrderDecided) -> Order:
    command = record.command
    return Order(
        cl_ord_id=command.cl_ord_id,
        account=record.account,
        order=command.order,
        origin=command.origin,
        actor=command.actor,
        ts_intent_ns=command.ts_intent_ns,
        ts_last_ns=record.picture.ts_ns,
        done=None if record.approved else OrdStatus.REJECTED,
        text=" · ".join(check.text for check in record.checks if not check.passed),
    )


def _sent(record: OrderSent, known: Order | None) -> Order | None:
    if known is None or known.custody is not Custody.UNSENT:
        return None
    return msgspec.structs.replace(
        known,
        custody=Custody.SENT,
        ts_sent_ns=record.ts_sent_ns,
        ts_last_ns=record.ts_sent_ns,
    )


def _cancel_requested(known: Order | None) -> Order | None:
    if known is None or not known.is_working or known.cancel_requested:
        return None
    return msgspec.structs.replace(known, cancel_requested=True)


def _reported(report: Report, known: Order | None) -> Folded:
    if known is None:
        return Folded(problem=f"report for the unknown order {report.cl_ord_id}; recorded only")
    try:
        after = apply_report(known, report)
    except (IllegalTransition, ArithmeticError) as error:
        # Whatever a broker said is on record by now: reading it must not end the program, or no
        # later start would succeed either.
        problem = str(error)
        if isinstance(error, ArithmeticError):
            problem = f"order {known.cl_ord_id}: a number of the report is none; not applied"
        doubtful = msgspec.structs.replace(known, custody=Custody.UNKNOWN, text=problem)
        return Folded(doubtful, problem)
    return Folded(None if after is known else after)
