"""Orders, positions and cash as the fold of the record.

The same `Books.apply` runs live (after a record is durable) and at start-up (over the records of
earlier runs), so recovery is not a second implementation: live state is the replay of the journal.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from app.audit.fold import fold
from app.audit.records import (
    AmendmentDecided,
    CashPosted,
    DayStarted,
    EquityPeaked,
    LotMethodSet,
    LotsPicked,
    OrderDecided,
    OrderHeld,
    PositionAdjusted,
    Record,
    SharesSplit,
    TradingStateSet,
)
from app.domain.alarms import Alarm, alarms_of
from app.domain.errors import BadInput
from app.domain.fills import FillChange
from app.domain.ids import Symbol
from app.domain.orders import Order
from app.domain.terms import ZERO
from app.oms.blotter import Blotter
from app.oms.breaches import Breaches
from app.oms.limits import LimitsRecord
from app.oms.traffic import TrafficBook
from app.portfolio.ledger import Ledger
from app.portfolio.settlement import Unsettled


class Change(msgspec.Struct, frozen=True):
    """What one record changed."""

    before: Order | None = None
    order: Order | None = None
    fills: tuple[FillChange, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    problem: str = ""
    """Why a report could not be applied as it was; the record of it is kept."""


class Books:
    """Everything that follows from the records of an account."""

    def __init__(self, cash: Decimal) -> None:
        self.blotter: Final = Blotter()
        self.ledger: Final = Ledger(cash)
        self.identities = 0
        """Identities ever recorded, or more; the next one is above."""
        self.traffic: Final = TrafficBook()
        self.unsettled: Final = Unsettled()
        self.limits: Final = LimitsRecord()
        self.breaches: Final = Breaches()
        self._peak: EquityPeaked | None = None
        self._peak_deposits = ZERO
        """Deposits ever, when the peak was recorded."""
        self.trading_states: Final[dict[Symbol, TradingStateSet]] = {}
        """Symbol, or empty for the account -> its last recorded state."""

    def apply(self, record: Record) -> Change:
        """Add one durable record; records without effect on the books change nothing."""
        if isinstance(record, OrderDecided | OrderHeld | AmendmentDecided):
            self.identities += 1
        try:
            self._account(record)
        except BadInput as error:
            return Change(problem=str(error))
        self.traffic.on_record(record)
        self.limits.on_record(record)
        self.breaches.on_record(record)
        folded = fold(record, self.blotter.orders)
        if folded.order is None:
            return Change(problem=folded.problem)
        fills = self.blotter.put(folded.order)
        for fill in fills:
            self._book(fill)
        alarms = () if folded.before is None else alarms_of(folded.before, folded.order)
        return Change(folded.before, folded.order, fills, alarms, folded.problem)

    def peak_equity(self, week: date) -> Decimal | None:
        """Return the highest equity of a trading week, deposits since added; None if not known.

        Args:
            week: its Monday.
        """
        if self._peak is None or self._peak.week != week:
            return None
        return self._peak.equity + self.ledger.deposits - self._peak_deposits

    def _account(self, record: Record) -> None:
        """Add what concerns the account and no order."""
        match record:
            case TradingStateSet():
                self.trading_states[record.symbol] = record
            case PositionAdjusted():
                self.ledger.adjust(record.adjustment)
            case CashPosted():
                self.ledger.post(record.posting)
            case SharesSplit():
                self.ledger.split(record.split)
            case DayStarted():
                self.ledger.start_day(record.start)
            case LotsPicked():
                self.ledger.pick(record.exec_id, record.picks)
            case EquityPeaked():
                self._peak, self._peak_deposits = record, self.ledger.deposits
            case LotMethodSet():
                self.ledger.set_method(record.method, record.symbol or None)

    def _book(self, change: FillChange) -> None:
        if change.old is None:
            assert change.new is not None
            self.ledger.book(change.new)
            self.traffic.on_fill()
        elif change.new is None:
            self.ledger.withdraw(change.old.exec_id)
            self.unsettled.drop(change.old)
        else:
            self.ledger.correct(change.old.exec_id, change.new)
        if change.new is not None:
            self.unsettled.put(change.new)
