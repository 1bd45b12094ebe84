"""Orders, positions and cash as the fold of the record.

The same `Books.apply` runs live (after a record is durable) and at start-up (over the records of
earlier runs), so recovery is not a second implementation: live state is the replay of the journal.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from app.audit.records import (
    CancelRejected,
    CancelRequested,
    ExecutionReported,
    OrderDecided,
    OrderSent,
    Record,
    SendLost,
    TradingStateSet,
)
from app.domain.enums import Custody, OrdStatus, TradingState
from app.domain.errors import IllegalTransition
from app.domain.ids import ClOrdID
from app.domain.orders import Fill, Order, Report, apply_report
from app.oms.blotter import Blotter
from app.portfolio.ledger import Ledger


class Change(msgspec.Struct, frozen=True):
    """What one record changed."""

    order: Order | None = None
    fills: tuple[Fill, ...] = ()
    problem: str = ""
    """Why a report could not be applied as it was; the record of it is kept."""


class Books:
    """Everything that follows from the records of an account."""

    def __init__(self, cash: Decimal) -> None:
        self.blotter: Final = Blotter()
        self.ledger: Final = Ledger(cash)
        self.decided = 0
        """Orders ever decided; the next identity is one more."""
        self.trading_state: TradingStateSet | None = None
        """The last recorded state; None if it was never changed."""

    def apply(self, record: Record) -> Change:
        """Add one durable record; records without effect on the books change nothing."""
        match record:
            case OrderDecided():
                return self._decide(record)
            case OrderSent():
                return self._sent(record)
            case CancelRequested():
                return self._cancel_requested(record.command.cl_ord_id)
            case ExecutionReported() | CancelRejected() | SendLost():
                return self._report(record.report)
            case TradingStateSet():
                self.trading_state = record
        return Change()

    @property
    def must_halt(self) -> bool:
        """Whether the record ends in a halt that nobody has lifted."""
        last = self.trading_state
        return last is not None and last.state is not TradingState.ACTIVE

    def _decide(self, record: OrderDecided) -> Change:
        command = record.command
        self.decided += 1
        refusals = [check.text for check in record.checks if not check.passed]
        order = Order(
            cl_ord_id=command.cl_ord_id,
            account=record.account,
            order=command.order,
            origin=command.origin,
            actor=command.actor,
            ts_intent_ns=command.ts_intent_ns,
            ts_last_ns=record.picture.ts_ns,
            done=None if record.approved else OrdStatus.REJECTED,
            text=" · ".join(refusals),
        )
        return self._put(order)

    def _sent(self, record: OrderSent) -> Change:
        order = self.blotter.get(record.cl_ord_id)
        if order is None or order.custody is not Custody.UNSENT:
            return Change()
        sent = msgspec.structs.replace(
            order,
            custody=Custody.SENT,
            ts_sent_ns=record.ts_sent_ns,
            ts_last_ns=record.ts_sent_ns,
        )
        return self._put(sent)

    def _cancel_requested(self, cl_ord_id: ClOrdID) -> Change:
        order = self.blotter.get(cl_ord_id)
        if order is None or not order.is_working or order.cancel_requested:
            return Change()
        return self._put(msgspec.structs.replace(order, cancel_requested=True))

    def _report(self, report: Report) -> Change:
        order = self.blotter.get(report.cl_ord_id)
        if order is None:
            return Change(problem=f"report for the unknown order {report.cl_ord_id}; recorded only")
        try:
            after = apply_report(order, report)
        except IllegalTransition as error:
            in_doubt = msgspec.structs.replace(order, custody=Custody.UNKNOWN, text=str(error))
            return msgspec.structs.replace(self._put(in_doubt), problem=str(error))
        return Change() if after is order else self._put(after)

    def _put(self, order: Order) -> Change:
        fills = self.blotter.put(order)
        for fill in fills:
            self.ledger.book(fill)
        return Change(order=order, fills=fills)
