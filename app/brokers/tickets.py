"""What the paper broker keeps of an order, and the reports it makes of one."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from app.brokers.base import BrokerOrder
from app.domain.enums import ExecType, OrdStatus
from app.domain.ids import ClOrdID, ExecID, OrderID
from app.domain.reports import ExecutionReport
from app.domain.terms import ZERO, NewOrder
from app.exchange.line import Match

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
    ord_status: OrdStatus = OrdStatus.NEW
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
