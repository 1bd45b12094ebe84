"""Orders, positions and cash as the fold of the record.

The same `Books.apply` runs live (after a record is durable) and at start-up (over the records of
earlier runs), so recovery is not a second implementation: live state is the replay of the journal.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from app.audit.fold import fold
from app.audit.records import OrderDecided, Record, TradingStateSet
from app.domain.orders import Fill, Order
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
        if isinstance(record, TradingStateSet):
            self.trading_state = record
        elif isinstance(record, OrderDecided):
            self.decided += 1
        folded = fold(record, self.blotter.orders)
        if folded.order is None:
            return Change(problem=folded.problem)
        fills = self.blotter.put(folded.order)
        for fill in fills:
            self.ledger.book(fill)
        return Change(order=folded.order, fills=fills, problem=folded.problem)
