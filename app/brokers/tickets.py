"""What the paper broker keeps of an order: its terms and life, and the reports it makes of one."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from app.brokers.base import BrokerOrder
from app.calendar import us_calendar
from app.domain.capabilities import Capabilities
from app.domain.enums import ExecType, OrdStatus, OrdType, TimeInForce
from app.domain.ids import ClOrdID, ExecID, OrderID
from app.domain.reports import ExecutionReport
from app.domain.terms import ZERO, NewOrder
from app.domain.times import day_end_ns
from app.exchange.line import NEVER_NS, Match

MARKET: Final = "PAPER"
"""Venue of execution on every fill (FIX 30)."""


class Ticket(msgspec.Struct, kw_only=True):
    """What is kept of an order from its arrival on."""

    cl_ord_id: ClOrdID
    """The identity in force."""
    first_id: ClOrdID
    """The identity it came with; its executions are numbered by it."""
    order: NewOrder
    ts_ns: int
    """Of its last change."""
    fills: int = 0
    """Executions reported so far; numbers the next one."""
    cum_qty: Decimal = ZERO
    paid: Decimal = ZERO
    """Sum of quantity x price."""
    ord_status: OrdStatus = OrdStatus.PENDING_NEW
    newest: ExecutionReport | None = None
    """Newest execution of this run that stands: the one that can be busted."""

    @property
    def leaves(self) -> Decimal:
        """Shares that may still trade."""
        return self.order.order_qty - self.cum_qty

    def as_broker_order(self) -> BrokerOrder:
        """Return the order as a snapshot shows it."""
        return BrokerOrder(
            cl_ord_id=self.cl_ord_id,
            order_id=order_id_of(self.cl_ord_id),
            order=self.order,
            ord_status=self.ord_status,
            cum_qty=self.cum_qty,
            avg_px=self.paid / self.cum_qty if self.cum_qty else None,
            ts_ns=self.ts_ns,
        )


def open_status(ticket: Ticket) -> OrdStatus:
    """Return the status of an order that has not ended otherwise than by its fills."""
    if not ticket.cum_qty:
        return OrdStatus.NEW
    return OrdStatus.PARTIALLY_FILLED if ticket.leaves > 0 else OrdStatus.FILLED


def order_id_of(cl_ord_id: ClOrdID) -> OrderID:
    """Return the broker's own identity of an order."""
    return OrderID(f"P-{cl_ord_id}")


def done_or_new(
    cl_ord_id: ClOrdID, exec_type: ExecType, ts_exch_ns: int, ts_recv_ns: int, text: str = ""
) -> ExecutionReport:
    """Return a report of an order's begin or end."""
    return ExecutionReport(
        cl_ord_id=cl_ord_id,
        exec_type=exec_type,
        order_id=order_id_of(cl_ord_id),
        ts_exch_ns=ts_exch_ns,
        ts_recv_ns=ts_recv_ns,
        text=text,
    )


def trade_report(match: Match, exec_id: ExecID, ts_recv_ns: int, fee: Decimal) -> ExecutionReport:
    """Return a report of a fill; the fee in USD."""
    return ExecutionReport(
        cl_ord_id=match.cl_ord_id,
        exec_type=ExecType.TRADE,
        order_id=order_id_of(match.cl_ord_id),
        exec_id=exec_id,
        last_qty=Decimal(match.qty),
        last_px=match.px,
        last_mkt=MARKET,
        liquidity=match.liquidity,
        fee=fee,
        text=match.assumption,
        ts_exch_ns=match.ts_ns,
        ts_recv_ns=ts_recv_ns,
    )


def expiry_ns(order: NewOrder, since_ns: int, *, has_hours: bool) -> int:
    """Return when an order that came at a time ends by itself.

    A DAY order ends with the session that it is for; with the calendar day where the market has no
    hours.
    """
    if order.time_in_force is TimeInForce.GTD and order.expire_ns is not None:
        return order.expire_ns
    if order.time_in_force is not TimeInForce.DAY:
        return NEVER_NS
    if not has_hours:
        return day_end_ns(since_ns)
    calendar = us_calendar()
    session = calendar.session_of(calendar.trading_day(since_ns))
    assert session is not None
    if order.extended_hours:
        return session.post_close_ns
    if since_ns < session.close_ns:
        return session.close_ns
    return calendar.next_session(session.day).close_ns


def terms_fault(order: NewOrder, taken: Capabilities, now_ns: int) -> str:
    """Return why an order is not taken as it is; empty if it is."""
    if order.ord_type not in taken.ord_types:
        return f"type {order.ord_type.name} is not taken here"
    if order.time_in_force not in taken.times_in_force:
        return f"time in force {order.time_in_force.name} is not taken here"
    if order.display_qty is not None and not taken.has_reserve:
        return "a displayed quantity is not taken here"
    if order.order_qty <= 0 or order.order_qty % 1:
        return f"quantity {order.order_qty} is not a whole number of shares over 0"
    if (order.ord_type is OrdType.LIMIT) != (order.limit_px is not None):
        return "a limit order has a limit price, a market order has none"
    if order.limit_px is not None and order.limit_px <= 0:
        return f"limit price {order.limit_px} is not over 0"
    if order.time_in_force is TimeInForce.GTD and (order.expire_ns or 0) <= now_ns:
        return "good till date, and its date is missing or over"
    return ""
