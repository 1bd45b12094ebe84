"""What each report adds to an order: the transition table, as a fold of facts.

The danger: an event out of order, twice, or about something else than was thought, that changes an
order into what it is not. Time line of the classic: submit, time-out, "failed", sent again; then
both fill. Or: cancel acknowledged, fill arrives late, dropped; the position is wrong from then on.
How this prevents it: a report adds a fact or nothing. What ended never works again, with one
exception: an order that we declared absent, of which the broker then speaks.
Not guaranteed: that a broker tells the truth; what contradicts itself raises `IllegalTransition`,
is kept on record and puts the order in doubt.

Source: the rows in comments are those of CONTRIBUTING, "What a report does to an order".
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

import msgspec

from app.domain.enums import (
    AmendmentState,
    AmendmentWay,
    Custody,
    CxlRejReason,
    CxlRejResponseTo,
    ExecType,
    OrdStatus,
)
from app.domain.errors import IllegalTransition
from app.domain.executions import TRADE_TYPES, ExecFact, execution_of, executions_of
from app.domain.ids import ClOrdID
from app.domain.orders import Amendment, Order
from app.domain.reports import (
    AbsentAtBroker,
    CancelReject,
    ExecutionReport,
    Report,
    SendUncertain,
)

_replace: Final = msgspec.structs.replace


def apply_report(order: Order, report: Report) -> Order:
    """Return the order with the facts of one report added.

    A report that adds nothing (a fill with a known exec_id, an acknowledgement of an order already
    acknowledged) returns the same object.

    Raises:
        IllegalTransition: the report is for another order, carries an execution without identity,
            quantity, price or fee, contradicts one already booked, or lacks what its kind needs.
    """
    if not order.has_id(report.cl_ord_id) and not (
        isinstance(report, ExecutionReport) and report.exec_type is ExecType.REPLACED
    ):
        raise IllegalTransition(f"report for {report.cl_ord_id} was applied to {order.cl_ord_id}")
    match report:
        case SendUncertain():
            return _uncertain(order, report)
        case AbsentAtBroker():
            return _absent(order, report)
        case CancelReject():
            return _cancel_rejected(order, report)
        case _:
            if not _says_nothing_of_terms(report):
                order = _imply_replacement(order, report)
            return _EXECUTION_RULES[report.exec_type](order, report)


def _says_nothing_of_terms(report: ExecutionReport) -> bool:
    """Whether a report on requested terms leaves open if they are accepted."""
    pending = (OrdStatus.PENDING_NEW, OrdStatus.PENDING_REPLACE)
    return report.exec_type in _SAYS_NOTHING_OF_TERMS or report.ord_status in pending


def _imply_replacement(order: Order, report: ExecutionReport) -> Order:
    """Take a report on the requested terms for their acceptance, as a fill is for an order."""
    amendment = order.open_amendment
    if amendment is None or amendment.cl_ord_id != report.cl_ord_id:
        return order
    if report.exec_type is ExecType.REJECTED or report.ord_status is OrdStatus.REJECTED:
        refused = AmendmentState.REJECTED
        return _settle(order, amendment, refused, report.ts_recv_ns, report.text)
    return _accept(order, amendment, report)


# Our own findings


def _uncertain(order: Order, report: SendUncertain) -> Order:
    if report.cl_ord_id != order.cl_ord_id:
        # The order itself is as it was; whether it was replaced is not known (row 22, like row 4).
        return _set_text(order, report.text, report.ts_recv_ns)
    # An answer that came by another way (stream before response) settles it already; that the
    # broker does not list what it once acknowledged is news.
    if order.done is not None or (order.custody is Custody.ACKNOWLEDGED and not report.is_unlisted):
        return order
    return _replace(order, custody=Custody.UNKNOWN, text=report.text, ts_last_ns=report.ts_recv_ns)


def _absent(order: Order, report: AbsentAtBroker) -> Order:
    """Row 9, and the replacement of row 28 that is confirmed absent."""
    amendment = order.open_amendment
    if amendment is not None and report.cl_ord_id == amendment.cl_ord_id:
        return _settle(order, amendment, AmendmentState.DROPPED, report.ts_recv_ns, report.text)
    if order.is_ended or report.cl_ord_id != order.live_id:
        return order
    # What the broker once acknowledged was there: it has ended. What it never did never was.
    done = OrdStatus.CANCELED if order.ts_ack_ns else OrdStatus.REJECTED
    return _end(order, done, report.ts_recv_ns, report.text, is_absent=True)


def _cancel_rejected(order: Order, report: CancelReject) -> Order:
    if report.response_to is CxlRejResponseTo.REPLACE:
        amendment = order.open_amendment
        if amendment is None or amendment.cl_ord_id != report.cl_ord_id:
            return order
        ended = AmendmentState.REJECTED  # Row 26: the order is as it was.
        return _settle(order, amendment, ended, report.ts_recv_ns, report.text)
    if order.done is not None:
        return order
    if order.is_ended:  # Row 17: too late is what it should say, and the request is no more.
        return _replace(order, cancel_requested=False) if order.cancel_requested else order
    doubtful = report.reason is CxlRejReason.UNKNOWN_ORDER  # Row 20.
    return _replace(
        order,
        cancel_requested=False,
        custody=Custody.UNKNOWN if doubtful else order.custody,
        text=report.text,
        ts_last_ns=report.ts_recv_ns,
    )


# What a broker says


def _acknowledge(order: Order, report: ExecutionReport) -> Order:
    """Rows 6, 11, 40, 41: it is there; never brings back what ended, but for the absent."""
    is_new_time = report.ts_exch_ns > order.working_ns
    if (
        order.custody is Custody.ACKNOWLEDGED
        and (order.order_id == report.order_id or not report.order_id)
        and order.was_released
        and not (is_new_time or order.is_absent)
    ):
        return order
    return _replace(
        _answered(order, report),
        was_released=True,
        working_ns=max(order.working_ns, report.ts_exch_ns),
    )


def _held(order: Order, report: ExecutionReport) -> Order:
    """Accepted, kept by the broker until it is released (row 6); once working it is so no more."""
    if order.was_held and order.custody is Custody.ACKNOWLEDGED and not order.is_absent:
        return order
    return _replace(_answered(order, report), was_held=True)


def _done_for_day(order: Order, report: ExecutionReport) -> Order:
    """Row 30: not the end of an order that lasts; a later report that it works takes it back."""
    if report.ts_exch_ns <= order.done_for_day_ns:
        return order
    return _state_cum(_replace(_answered(order, report), done_for_day_ns=report.ts_exch_ns), report)


def _ended(order: Order, report: ExecutionReport) -> Order:
    """Rows 3, 8, 18, 28, 29, 30."""
    if order.done is not None and not order.is_absent:
        return _state_cum(order, report)
    if report.cl_ord_id != order.live_id:
        return order  # Of terms that were replaced, or never came into force.
    answered = _answered(order, report)
    done = _DONE_BY_EXEC_TYPE[report.exec_type]
    ended = _end(answered, done, report.ts_recv_ns, report.text or order.text, is_absent=False)
    return _state_cum(ended, report)


def _replaced(order: Order, report: ExecutionReport) -> Order:
    """Rows 24, 25: the new terms are in force; what was executed carries over."""
    for amendment in order.amendments:
        if amendment.cl_ord_id == report.cl_ord_id:
            break
    else:
        return _replaced_elsewhere(order, report)
    if amendment.state is not AmendmentState.ACCEPTED:
        order = _accept(order, amendment, report)
    if report.ts_exch_ns <= order.working_ns:
        return order
    return _replace(order, working_ns=report.ts_exch_ns)


def _accept(order: Order, amendment: Amendment, report: ExecutionReport) -> Order:
    accepted = _settle(
        _answered(order, report), amendment, AmendmentState.ACCEPTED, report.ts_recv_ns, ""
    )
    # An end that is known was told of the terms before these: these are live.
    return _replace(accepted, done=None)


def _replaced_elsewhere(order: Order, report: ExecutionReport) -> Order:
    qty, limit_px = report.order_qty, report.limit_px
    if not _is_positive(qty) or not (limit_px is None or _is_positive(limit_px)):
        raise IllegalTransition(
            f"order {order.cl_ord_id}: replaced by nobody here, to quantity {qty}, limit "
            f"{limit_px}; not applied"
        )
    assert qty is not None  # Above 0.
    terms = _replace(order.terms, order_qty=qty, limit_px=limit_px or order.terms.limit_px)
    is_own_id = report.cl_ord_id == order.cl_ord_id
    amendment = Amendment(
        cl_ord_id=_elsewhere_id(report) if is_own_id else report.cl_ord_id,
        order=terms,
        origin=order.origin,
        actor="broker",
        ts_intent_ns=report.ts_exch_ns,
        way=AmendmentWay.ELSEWHERE if is_own_id else AmendmentWay.NATIVE,
        state=AmendmentState.ACCEPTED,
        ts_last_ns=report.ts_recv_ns,
        text=report.text,
    )
    if order.has_id(amendment.cl_ord_id):
        return order
    return _replace(_answered(order, report), amendments=_inserted(order.amendments, amendment))


def _elsewhere_id(report: ExecutionReport) -> ClOrdID:
    """Return a name for a change that keeps the order's identity: the same for the same report."""
    return ClOrdID(f"{report.cl_ord_id}~{report.ts_exch_ns}~{report.order_qty}~{report.limit_px}")


def _inserted(amendments: tuple[Amendment, ...], new: Amendment) -> tuple[Amendment, ...]:
    """Return the amendments with one made elsewhere, by the broker's clock; an open one is last."""
    later = [
        a.state.is_open or (a.actor == new.actor and a.ts_intent_ns > new.ts_intent_ns)
        for a in amendments
    ]
    place = later.index(True) if True in later else len(amendments)
    return (*amendments[:place], new, *amendments[place:])


def _pending_new(order: Order, report: ExecutionReport) -> Order:
    """The broker has it and may still reject it: no acceptance, but the end of a doubt."""
    if order.custody is not Custody.UNKNOWN or order.done is not None:
        return order
    return _replace(order, custody=Custody.SENT, order_id=report.order_id or order.order_id)


def _pending(order: Order, report: ExecutionReport) -> Order:
    """An echo of our own request: the order is there, and that is all it says."""
    return order if order.custody is Custody.ACKNOWLEDGED else _answered(order, report)


def _status(order: Order, report: ExecutionReport) -> Order:
    """An answer to a query, or a line of a snapshot (rows 6, 37, 38, 40, 41)."""
    status = report.ord_status
    if status is None:
        raise IllegalTransition(f"order {order.cl_ord_id}: a status report without status")
    done = _EXEC_TYPE_BY_DONE.get(status)
    if done is not None:
        return _ended(order, _replace(report, exec_type=done))
    told = _RULE_BY_STATUS.get(status, _acknowledge)(order, report)
    if told is not order and _is_stale(order, report):
        # Row 37: older than what is known here. When it was said still counts, by the broker's
        # clock; it settles no doubt.
        return _replace(told, custody=order.custody)
    return _state_cum(told, report)


def _is_stale(order: Order, report: ExecutionReport) -> bool:
    if report.cum_qty is None or not (report.cum_qty < order.cum_qty):
        return False
    return not order.reduced_ns or report.ts_exch_ns < order.reduced_ns


def _trade(order: Order, report: ExecutionReport) -> Order:
    """Rows 7, 12 to 14, 16, 17, 23, 31 to 36: book it once, whatever state the order is in."""
    _require_execution(order, report)
    for fact in order.facts:
        if fact.report.exec_id == report.exec_id:
            return _known_execution(order, fact.report, report)
    fact = ExecFact(report=report, is_late=order.done is not None and not order.is_absent)
    facts = (*order.facts, fact)
    # A fill may overtake the acknowledgement: it implies it.
    answered = _answered(order, report)
    is_plain = report.exec_type is ExecType.TRADE and all(
        f.report.exec_type is ExecType.TRADE and not f.report.is_synthetic for f in order.facts
    )
    executions = (*order.executions, execution_of(fact)) if is_plain else executions_of(facts)
    booked = _replace(answered, facts=facts, executions=executions, was_released=True)
    if report.exec_type is ExecType.TRADE:
        # What was made up here says nothing of when it works.
        worked_ns = 0 if report.is_synthetic else report.ts_exch_ns
        booked = _replace(booked, working_ns=max(order.working_ns, worked_ns))
        return _state_cum(booked, report)
    if report.ts_exch_ns < order.reduced_ns:
        return booked  # A later one has said how much there is.
    reduced = _replace(booked, reduced_ns=report.ts_exch_ns, stated_cum_qty=None)
    return _state_cum(reduced, report)


def _known_execution(order: Order, known: ExecutionReport, report: ExecutionReport) -> Order:
    same = (known.exec_type, known.exec_ref_id, known.last_qty, known.last_px) == (
        report.exec_type,
        report.exec_ref_id,
        report.last_qty,
        report.last_px,
    )
    if same:
        return order  # Row 32.
    raise IllegalTransition(  # Row 33.
        f"order {order.cl_ord_id}: fill {report.exec_id} was {known.last_qty} at {known.last_px}, "
        f"is now {report.last_qty} at {report.last_px} without a correction; not booked"
    )


def _require_execution(order: Order, report: ExecutionReport) -> None:
    is_bust = report.exec_type is ExecType.TRADE_CANCEL
    needs_ref = report.exec_type is not ExecType.TRADE
    # Finite first: a comparison with NaN raises, and infinity is above 0.
    if (
        not report.exec_id
        or (needs_ref and report.exec_ref_id in ("", report.exec_id))
        or not (is_bust or _is_positive(report.last_qty))
        or not (is_bust or _is_positive(report.last_px))
        or not report.fee.is_finite()
    ):
        raise IllegalTransition(
            f"order {order.cl_ord_id}: fill '{report.exec_id}' of {report.last_qty} at "
            f"{report.last_px}, fee {report.fee}, lacks identity, quantity, price or fee; "
            "not booked"
        )


def _is_positive(number: Decimal | None) -> bool:
    return number is not None and number.is_finite() and number > 0


# Facts


def _answered(order: Order, report: ExecutionReport) -> Order:
    """The broker speaks of it: it is there; of the absent that takes the end back (row 41)."""
    return _replace(
        order,
        custody=Custody.ACKNOWLEDGED,
        order_id=report.order_id or order.order_id,
        ts_ack_ns=order.ts_ack_ns or report.ts_recv_ns,
        ts_last_ns=max(order.ts_last_ns, report.ts_recv_ns),
        done=None if order.is_absent else order.done,
        is_absent=False,
        stated_qty=_stated_qty(order, report),
    )


def _stated_qty(order: Order, report: ExecutionReport) -> Decimal | None:
    """Shares of an order by value become known as it fills; other orders keep to their terms."""
    is_stated = order.order.cash_qty is not None and _is_positive(report.order_qty)
    return report.order_qty if is_stated else order.stated_qty


def _state_cum(order: Order, report: ExecutionReport) -> Order:
    """Keep the highest total that the broker has named: it shows what is missing here."""
    cum = report.cum_qty
    if cum is None or not cum.is_finite() or report.ts_exch_ns < order.reduced_ns:
        return order
    return order if cum <= (order.stated_cum_qty or 0) else _replace(order, stated_cum_qty=cum)


def _end(order: Order, done: OrdStatus, ts_recv_ns: int, text: str, *, is_absent: bool) -> Order:
    amendment = order.open_amendment
    ended = _replace(
        order,
        done=done,
        is_absent=is_absent,
        text=text,
        ts_last_ns=max(order.ts_last_ns, ts_recv_ns),
    )
    if amendment is None or amendment.way is not AmendmentWay.NATIVE:
        return ended
    # Row 28: the replacement was under way. It is reckoned with until confirmed absent.
    return _settle(ended, amendment, AmendmentState.UNKNOWN, ts_recv_ns, "the order ended first")


def _settle(
    order: Order, amendment: Amendment, state: AmendmentState, ts_ns: int, text: str
) -> Order:
    settled = _replace(amendment, state=state, ts_last_ns=ts_ns, text=text or amendment.text)
    return _replace(
        order,
        amendments=tuple(settled if a is amendment else a for a in order.amendments),
        ts_last_ns=max(order.ts_last_ns, ts_ns),
    )


def _set_text(order: Order, text: str, ts_ns: int) -> Order:
    return _replace(order, text=text, ts_last_ns=max(order.ts_last_ns, ts_ns))


_SAYS_NOTHING_OF_TERMS: Final = frozenset(
    {ExecType.REPLACED, ExecType.PENDING_REPLACE, ExecType.PENDING_NEW}
)
_DONE_BY_EXEC_TYPE: Final = {
    ExecType.CANCELED: OrdStatus.CANCELED,
    ExecType.REJECTED: OrdStatus.REJECTED,
    ExecType.EXPIRED: OrdStatus.EXPIRED,
}
_EXEC_TYPE_BY_DONE: Final = {done: kind for kind, done in _DONE_BY_EXEC_TYPE.items()}
_RULE_BY_STATUS: Final = {
    OrdStatus.SUSPENDED: _held,
    OrdStatus.DONE_FOR_DAY: _done_for_day,
    OrdStatus.PENDING_NEW: _pending_new,
}
_EXECUTION_RULES: Final[dict[ExecType, Callable[[Order, ExecutionReport], Order]]] = {
    ExecType.NEW: _acknowledge,
    ExecType.RESTATED: _acknowledge,
    ExecType.TRIGGERED: _acknowledge,
    ExecType.SUSPENDED: _held,
    ExecType.PENDING_NEW: _pending_new,
    ExecType.PENDING_CANCEL: _pending,
    ExecType.PENDING_REPLACE: _pending,
    ExecType.DONE_FOR_DAY: _done_for_day,
    ExecType.CANCELED: _ended,
    ExecType.REJECTED: _ended,
    ExecType.EXPIRED: _ended,
    ExecType.REPLACED: _replaced,
    ExecType.ORDER_STATUS: _status,
    **dict.fromkeys(TRADE_TYPES, _trade),
}
