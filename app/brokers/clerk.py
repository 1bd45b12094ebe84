"""The paper broker's clerk: what the exchange answers becomes reports, and the tickets are kept.

One ticket an order, under every identity it had. Own state is complete when a report is returned,
so that whoever hears it may call back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from app.brokers.tickets import Ticket, done_or_new, open_status, trade_report
from app.domain.enums import (
    Custody,
    CxlRejReason,
    CxlRejResponseTo,
    ExecType,
    OrdStatus,
)
from app.domain.fees import Schedule, fee_of
from app.domain.ids import ClOrdID, ExecID, Symbol
from app.domain.orders import Order
from app.domain.reports import CancelReject, ExecutionReport
from app.domain.terms import LASTING_TIMES, ZERO, NewOrder
from app.domain.times import new_york
from app.exchange.line import Answer, Changed, Ending, Match, NotDone, Taken

Bookkeeper = Callable[[Symbol, Decimal, Decimal, Decimal, int], None]
"""Books a trade: symbol, signed shares, price, fee in USD, when (UTC ns)."""


class Clerk:
    """Orders by identity; the exchange's answers as reports."""

    def __init__(self, fees: Schedule, book_trade: Bookkeeper) -> None:
        """Know no orders yet.

        Args:
            fees: of a fill.
            book_trade: told of each fill, and of each that is broken.
        """
        self._fees: Final = fees
        self._book_trade: Final = book_trade
        self.tickets: Final[dict[ClOrdID, Ticket]] = {}
        """By each identity that an order has or had."""
        self.changes: Final[dict[ClOrdID, NewOrder]] = {}
        """Identity of a replace on its way -> the terms asked for."""
        self.killed: Final[set[ClOrdID]] = set()
        """Orders that the kill switch ended, and that nobody else asked to cancel yet."""

    def open(self, cl_ord_id: ClOrdID, terms: NewOrder, now_ns: int) -> None:
        """Open the ticket of an order that is on its way."""
        self.tickets[cl_ord_id] = Ticket(
            cl_ord_id=cl_ord_id, first_id=cl_ord_id, order=terms, ts_ns=now_ns
        )

    def put_back(self, order: Order) -> Ticket | None:
        """Open the ticket of an order of the record; None where it is none of ours any more.

        Orders that never were acknowledged, and those that had to trade at once, have none: nothing
        names them here, and reconciliation closes them.
        """
        terms = order.terms
        if (
            order.custody is not Custody.ACKNOWLEDGED
            or terms.time_in_force not in LASTING_TIMES
            or not order.leaves_qty
        ):
            return None
        self.tickets[order.live_id] = ticket = Ticket(
            cl_ord_id=order.live_id,
            first_id=order.cl_ord_id,
            order=terms,
            ts_ns=order.ts_last_ns,
            fills=len(order.facts),
            cum_qty=order.cum_qty,
            paid=sum((e.qty * e.px for e in order.executions), ZERO),
        )
        ticket.ord_status = open_status(ticket)
        return ticket

    def in_force(self) -> list[Ticket]:
        """Return each ticket once."""
        return [ticket for key, ticket in self.tickets.items() if key == ticket.cl_ord_id]

    def apply(self, answer: Answer, now_ns: int) -> ExecutionReport | CancelReject:
        """Write down what the exchange says, and return it as a report of this moment."""
        match answer:
            case Taken():
                ticket = self.tickets[answer.cl_ord_id]
                ticket.ord_status = open_status(ticket)
                return done_or_new(answer.cl_ord_id, ExecType.NEW, answer.ts_ns, now_ns)
            case Changed():
                return self._change(answer, now_ns)
            case NotDone():
                return self._not_done(answer, now_ns)
            case Ending():
                ticket = self.tickets[answer.cl_ord_id]
                ticket.ts_ns = answer.ts_ns
                ticket.ord_status = _STATUS_BY_ENDING[answer.exec_type]
                if answer.is_killed:
                    self.killed.add(answer.cl_ord_id)
                return done_or_new(
                    answer.cl_ord_id, answer.exec_type, answer.ts_ns, now_ns, answer.text
                )
            case Match():
                return self._fill(answer, now_ns)

    def bust(
        self, ticket: Ticket, broken: ExecutionReport, now_ns: int
    ) -> Sequence[ExecutionReport]:
        """Break an order's newest execution, and return what is to be reported.

        The shares do not go back to the market: an order that worked, or was filled, is CANCELED.
        """
        had_ended = ticket.ord_status in _STATUS_BY_ENDING.values()
        ticket.ord_status = ticket.ord_status if had_ended else OrdStatus.CANCELED
        ticket.newest, ticket.ts_ns = None, now_ns
        ticket.cum_qty -= broken.last_qty
        ticket.paid -= broken.last_qty * broken.last_px
        qty = -ticket.order.side.sign * broken.last_qty
        symbol, px, fee = ticket.order.symbol, broken.last_px, -broken.fee
        self._book_trade(symbol, qty, px, fee, broken.ts_exch_ns)
        text = "broken by the exchange as clearly erroneous"
        report = msgspec.structs.replace(
            broken,
            cl_ord_id=ticket.cl_ord_id,
            exec_type=ExecType.TRADE_CANCEL,
            exec_id=ExecID(f"{broken.exec_id}.bust"),
            exec_ref_id=broken.exec_id,
            ts_exch_ns=now_ns,
            ts_recv_ns=now_ns,
            text=text,
        )
        if had_ended:
            return (report,)
        return report, done_or_new(ticket.cl_ord_id, ExecType.CANCELED, now_ns, now_ns, text)

    def _fill(self, match: Match, now_ns: int) -> ExecutionReport:
        ticket = self.tickets[match.cl_ord_id]
        ticket.ts_ns = match.ts_ns
        qty = Decimal(match.qty)
        ticket.fills += 1
        ticket.cum_qty += qty
        ticket.paid += qty * match.px
        ticket.ord_status = open_status(ticket)
        symbol, side = ticket.order.symbol, ticket.order.side
        fee = fee_of(
            self._fees,
            side=side,
            liquidity=match.liquidity,
            qty=qty,
            px=match.px,
            day=new_york(match.ts_ns).date(),
        )
        self._book_trade(symbol, side.sign * qty, match.px, fee, match.ts_ns)
        exec_id = ExecID(f"{ticket.first_id}.{ticket.fills}")
        ticket.newest = trade_report(match, exec_id, now_ns, fee)
        return ticket.newest

    def _change(self, answer: Changed, now_ns: int) -> ExecutionReport:
        ticket = self.tickets[answer.old_id]
        new_id = answer.cl_ord_id
        ticket.cl_ord_id, ticket.order = new_id, self.changes.pop(new_id)
        ticket.ts_ns = answer.ts_ns
        ticket.ord_status = open_status(ticket)
        self.tickets[new_id] = ticket
        return done_or_new(new_id, ExecType.REPLACED, answer.ts_ns, now_ns)

    def _not_done(self, answer: NotDone, now_ns: int) -> CancelReject:
        cl_ord_id, text, reason = answer.cl_ord_id, answer.text, answer.reason
        if answer.is_replace:
            self.changes.pop(cl_ord_id, None)
        else:
            ticket = self.tickets.get(cl_ord_id)
            if ticket is None:
                why, reason = "it is not known here", CxlRejReason.UNKNOWN_ORDER
            else:
                why = f"it is {ticket.ord_status.name.lower().replace('_', ' ')}"
            text = f"order {cl_ord_id} was not canceled: {why}"
        return CancelReject(
            cl_ord_id=cl_ord_id,
            ts_exch_ns=answer.ts_ns,
            ts_recv_ns=now_ns,
            response_to=(
                CxlRejResponseTo.REPLACE if answer.is_replace else CxlRejResponseTo.CANCEL
            ),
            reason=reason,
            text=text,
        )


_STATUS_BY_ENDING: Final = {
    ExecType.CANCELED: OrdStatus.CANCELED,
    ExecType.EXPIRED: OrdStatus.EXPIRED,
}
