"""Cash that moves without a trade, and what the account was worth when the day began.

Records carry these: a field's name and a kind's value stay as they were once released.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from app.domain.errors import BadInput
from app.domain.ids import Symbol


class CashKind(StrEnum):
    """Why cash moved."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    FEE = "fee"
    INTEREST = "interest"
    BORROW = "borrow"
    """What shares that were sold short cost to borrow."""
    DIVIDEND = "dividend"
    """Got on what is held, or paid in its place on what is short."""
    CASH_IN_LIEU = "cash_in_lieu"
    """For the fraction of a share that a split left."""
    UNEXPLAINED = "unexplained"
    """The broker's cash differs and nobody can say why: a gain or a loss until somebody can."""

    @property
    def is_flow(self) -> bool:
        """Whether it comes from outside, and is neither gain nor loss."""
        return self in (CashKind.DEPOSIT, CashKind.WITHDRAWAL)


class CashPosting(msgspec.Struct, frozen=True, kw_only=True):
    """A movement of cash that is no trade."""

    posting_id: str
    """The same whenever the same movement is found again, so that it counts once."""
    kind: CashKind
    amount: Decimal
    """Account currency; negative leaves the account."""
    ts_ns: int
    text: str = ""
    symbol: Symbol = Symbol("")
    """Empty: of the account."""


class DayStart(msgspec.Struct, frozen=True, kw_only=True):
    """The account as the trading day began: what gains of the day are counted from."""

    trading_day: date
    """The exchange's, never the machine's."""
    equity: Decimal
    cash: Decimal
    ts_ns: int


def check_posting(posting: CashPosting) -> None:
    """Make sure that a movement of cash can be booked.

    Raises:
        BadInput: the amount is no number, or its sign is not that of its kind.
    """
    amount, kind = posting.amount, posting.kind
    if not amount.is_finite():
        raise BadInput(f"the amount of {kind} {posting.posting_id} is {amount}; not posted")
    if kind is CashKind.DEPOSIT and not (amount > 0):
        raise BadInput(
            f"the amount of deposit {posting.posting_id} is {amount}, it has to be above 0; "
            "not posted"
        )
    if kind is CashKind.WITHDRAWAL and not (amount < 0):
        raise BadInput(
            f"the amount of withdrawal {posting.posting_id} is {amount}, it has to be below 0; "
            "not posted"
        )


def check_day_start(day: DayStart) -> None:
    """Make sure that gains can be counted from a day's figures.

    Raises:
        BadInput: equity or cash is no number.
    """
    for name, amount in (("equity", day.equity), ("cash", day.cash)):
        if not amount.is_finite():
            raise BadInput(f"{name} at the start of {day.trading_day} is {amount}; day not started")
