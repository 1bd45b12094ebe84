"""What the list of orders says: of each order, of each change asked for, and of each event; no Qt.

A row is words and meanings. What must be seen is red or amber and stands first in the reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, NamedTuple

from app.domain.enums import (
    AmendmentState,
    AmendmentWay,
    ExecType,
    Home,
    OrderState,
    Origin,
)
from app.domain.executions import ExecFact
from app.domain.ids import ClOrdID
from app.domain.orders import Amendment, Order
from app.domain.terms import NewOrder
from widgets import text, theme
from widgets.palettes import Role

if TYPE_CHECKING:
    from app.desk import Desk, InquiryRow


class Kind(Enum):
    """What a row is about."""

    ORDER = auto()
    AMENDMENT = auto()
    EVENT = auto()


class RowKey(NamedTuple):
    """Which row: an order, or the nth change or event of one."""

    cl_ord_id: ClOrdID
    kind: Kind = Kind.ORDER
    number: int = 0


@dataclass(frozen=True)
class OrderRow:
    """One row in words."""

    time: str
    status: str
    status_role: Role = Role.DIM
    symbol: str = ""
    side: str = ""
    side_role: Role = Role.DIM
    type: str = ""
    qty: str = ""
    filled: str = ""
    share: float | None = None
    """Filled, 0 to 1; None where there is no bar."""
    limit: str = ""
    stop: str = ""
    average: str = ""
    tif: str = ""
    home: str = ""
    home_role: Role = Role.DIM
    reason: str = ""
    reason_role: Role = Role.DIM


STATE_ROLES: Final = {
    OrderState.STAGED: Role.HERE,
    OrderState.HELD_HERE: Role.HERE,
    OrderState.DENIED: Role.DOWN,
    OrderState.IN_DOUBT: Role.CAUTION,
    OrderState.NEW: Role.ACCENT,
    OrderState.PARTIALLY_FILLED: Role.CAUTION,
    OrderState.PENDING_CANCEL: Role.CAUTION,
    OrderState.PENDING_REPLACE: Role.CAUTION,
    OrderState.FILLED: Role.UP,
    OrderState.REJECTED: Role.DOWN,
}
HOME_ROLES: Final = {
    Home.STAGED: Role.HERE,
    Home.THIS_PC: Role.HERE,
    Home.UNKNOWN: Role.CAUTION,
}
_AMENDMENT_ROLES: Final = {
    AmendmentState.DENIED: Role.DOWN,
    AmendmentState.PENDING: Role.CAUTION,
    AmendmentState.ACCEPTED: Role.ACCENT,
    AmendmentState.REJECTED: Role.DOWN,
    AmendmentState.UNKNOWN: Role.CAUTION,
    AmendmentState.DROPPED: Role.DIM,
}
_WAY_WORDS: Final = {
    AmendmentWay.NATIVE: "change at the broker",
    AmendmentWay.CHAINED: "change by cancel and new order",
    AmendmentWay.HERE: "change on this PC",
    AmendmentWay.ELSEWHERE: "change not by this station",
}
_ORIGIN_WORDS: Final = {
    Origin.MANUAL: "by hand",
    Origin.SCRIPT: "from an order file",
    Origin.CONTINGENT: "called for by another order, a price or a time",
    Origin.EXTERNAL: "found at the broker",
}
_FACT_WORDS: Final = {
    ExecType.TRADE: ("Fill", Role.UP),
    ExecType.TRADE_CORRECT: ("Correction", Role.CAUTION),
    ExecType.TRADE_CANCEL: ("Broken", Role.DOWN),
}
_URGENCY: Final = (Role.DOWN, Role.CAUTION)
"""What colours a whole reason, the most urgent first."""


def parent_id(order: Order) -> ClOrdID:
    """Return the order that one stands under: what it replaced, or what it hangs on; or empty."""
    return order.links.replaces or order.links.parent


def children(desk: Desk, order: Order) -> tuple[Order, ...]:
    """Return the orders that stand under one, in order of entry."""
    hanging = desk.orders.children_of(order.cl_ord_id)
    return tuple(child for child in hanging if parent_id(child) == order.cl_ord_id)


def root_of(desk: Desk, order: Order) -> Order:
    """Return the order at the top of the tree that an order stands in."""
    while (above := desk.orders.get(parent_id(order))) is not None:
        order = above
    return order


def keys_under(desk: Desk, key: RowKey) -> list[tuple[RowKey, bool]]:
    """Return the rows under a row, each with whether there are more under that."""
    order = desk.orders.get(key.cl_ord_id)
    if key.kind is not Kind.ORDER or order is None:
        return []
    own = key.cl_ord_id
    keys = [(RowKey(child.cl_ord_id), True) for child in children(desk, order)]
    keys += [(RowKey(own, Kind.AMENDMENT, n), False) for n in range(len(order.amendments))]
    keys += [(RowKey(own, Kind.EVENT, n), False) for n in range(len(_events(order)))]
    return keys


def row_of(desk: Desk, key: RowKey) -> OrderRow:
    """Return what a row says now."""
    order = desk.orders.get(key.cl_ord_id)
    assert order is not None, key
    if key.kind is Kind.AMENDMENT:
        return _amendment_row(order.amendments[key.number])
    if key.kind is Kind.EVENT:
        return _events(order)[key.number]
    return _order_row(desk, order)


def doubt_words(inquiry: InquiryRow) -> str:
    """Return a question and its count-down: asked 3 times, again in 1.2 s · is it there?"""
    asked = {0: "not asked yet", 1: "asked once"}.get(inquiry.asked, f"asked {inquiry.asked} times")
    silent = f" {inquiry.failures} without answer" if inquiry.failures else ""
    verb = "again" if inquiry.asked else "first"
    return f"{asked}, {verb} in {inquiry.next_in_s:.1f} s · {inquiry.question}{silent}"


def asked_for(order: Order) -> NewOrder:
    """Return the terms a person knows an order by: a stop that went out as a market is a stop."""
    if order.sent is None:
        return order.terms
    changes = [amendment.order for amendment in order.amendments if amendment.is_in_force]
    return changes[-1] if changes else order.order


def _order_row(desk: Desk, order: Order) -> OrderRow:
    terms, qty, cum = asked_for(order), order.order_qty, order.cum_qty
    reason, role = _reason(desk, order)
    return OrderRow(
        time=text.clock(order.ts_intent_ns),
        symbol=order.symbol,
        side=text.SIDE_WORDS[terms.side],
        side_role=theme.side_role(terms.side),
        type=text.type_words(terms),
        qty=text.quantity(qty),
        filled=f"{text.quantity(cum)} of {text.quantity(qty)}",
        share=float(cum / qty) if qty.is_finite() and qty else 0.0,
        limit=_limit_words(terms),
        stop=_stop_words(terms, order),
        average=_or_blank(text.average(order.avg_px)),
        tif=text.TIF_WORDS[terms.time_in_force],
        status=text.STATE_WORDS[order.state],
        status_role=STATE_ROLES.get(order.state, Role.DIM),
        home=order.home.value,
        home_role=HOME_ROLES.get(order.home, Role.DIM),
        reason=reason,
        reason_role=role,
    )


def _reason(desk: Desk, order: Order) -> tuple[str, Role]:
    said = [(words, role) for words, role in _remarks(desk, order) if words]
    roles = [role for _, role in said]
    role = next((role for role in _URGENCY if role in roles), Role.DIM)
    return " · ".join(words for words, _ in said), role


def _remarks(desk: Desk, order: Order) -> Iterable[tuple[str, Role]]:
    """Yield what is to be said of an order, the most urgent first; empty words are left out."""
    bare = desk.unprotected_qty(order.cl_ord_id)
    yield f"{text.quantity(bare)} unprotected" if bare else "", Role.DOWN
    over = order.overfilled_qty
    yield f"overfilled by {text.quantity(over)}" if over else "", Role.DOWN
    inquiry = desk.inquiry(order.cl_ord_id)
    yield "" if inquiry is None else doubt_words(inquiry), Role.CAUTION
    missing = order.missing_qty
    yield f"{text.quantity(missing)} executed and not reported" if missing else "", Role.CAUTION
    late = sum(execution.is_late for execution in order.executions)
    yield f"{late} late fill{'' if late == 1 else 's'}" if late else "", Role.CAUTION
    below = _working_below(desk, order)
    yield f"{below} order{'' if below == 1 else 's'} under it live" if below else "", Role.DIM
    role = Role.DOWN if order.state in (OrderState.REJECTED, OrderState.DENIED) else Role.DIM
    yield order.text, role


def _working_below(desk: Desk, order: Order) -> int:
    below = children(desk, order)
    return sum(child.is_working + _working_below(desk, child) for child in below)


def _amendment_row(amendment: Amendment) -> OrderRow:
    terms = amendment.order
    way = _WAY_WORDS[amendment.way]
    return OrderRow(
        time=text.clock(amendment.ts_intent_ns),
        type=text.type_words(terms),
        qty=text.quantity(terms.order_qty),
        limit=_limit_words(terms),
        stop=_or_blank(text.price(terms.stop_px)),
        tif=text.TIF_WORDS[terms.time_in_force],
        status=amendment.state.value.capitalize(),
        status_role=_AMENDMENT_ROLES[amendment.state],
        reason=" · ".join(words for words in (way, amendment.text) if words),
    )


def _events(order: Order) -> list[OrderRow]:
    """Return what happened to an order with its times by our clock, oldest first."""
    events = [(order.ts_intent_ns, _step(order.ts_intent_ns, "Intent", _author(order)))]
    if order.ts_sent_ns:
        took = text.span(order.ts_sent_ns - order.ts_intent_ns)
        form = "" if order.sent is None else f"as {text.type_words(order.sent).lower()}, "
        words = f"{form}{took} after the intent"
        events.append((order.ts_sent_ns, _step(order.ts_sent_ns, "Sent", words)))
    if order.ts_ack_ns:
        took = text.span(order.ts_ack_ns - order.ts_sent_ns) if order.ts_sent_ns else ""
        words = f"{took} after sending" if took else ""
        events.append((order.ts_ack_ns, _step(order.ts_ack_ns, "Acknowledged", words)))
    events += [(fact.report.ts_recv_ns, _fact_row(fact)) for fact in order.facts]
    events.sort(key=lambda event: event[0])
    if order.is_ended:
        role = STATE_ROLES.get(order.state, Role.DIM)
        ended = _step(order.ts_last_ns, text.STATE_WORDS[order.state], order.text)
        events.append((order.ts_last_ns, replace(ended, status_role=role)))
    return [row for _, row in events]


def _step(ts_ns: int, words: str, reason: str) -> OrderRow:
    return OrderRow(time=text.clock(ts_ns), status=words, reason=reason)


def _author(order: Order) -> str:
    words = _ORIGIN_WORDS[order.origin]
    return f"{words}, {order.actor}" if order.actor else words


def _fact_row(fact: ExecFact) -> OrderRow:
    report = fact.report
    words, role = _FACT_WORDS[report.exec_type]
    marks = (
        report.last_mkt,
        f"fee {text.money(report.fee)}" if report.fee else "",
        f"of fill {report.exec_ref_id}" if report.exec_ref_id else "",
        "made up from the broker's totals" if report.is_synthetic else "",
        "late" if fact.is_late else "",
        report.text,
    )
    doubtful = report.is_synthetic or fact.is_late
    return OrderRow(
        time=text.clock(report.ts_recv_ns),
        filled=text.quantity(report.last_qty) if report.last_qty else "",
        average=text.average(report.last_px) if report.last_px else "",
        status=words,
        status_role=role,
        reason=" · ".join(mark for mark in marks if mark),
        reason_role=Role.CAUTION if doubtful else Role.DIM,
    )


def _limit_words(terms: NewOrder) -> str:
    if terms.limit_offset is not None:
        return f"±{text.average(terms.limit_offset)}"
    return _or_blank(text.price(terms.limit_px))


def _stop_words(terms: NewOrder, order: Order) -> str:
    if terms.stop_px is None and order.hold is not None:
        return _or_blank(text.price(order.hold.watch_px))
    return _or_blank(text.price(terms.stop_px))


def _or_blank(words: str) -> str:
    """A market order has no limit, an unfilled one no average: nothing is missing there."""
    return "" if words == text.DASH else words
