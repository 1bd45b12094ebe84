"""What a company does to its shares: dividends and splits.

The danger: a split is booked as a trade. Then a gain is made that never was, and each lot forgets
what it cost and since when it is held. Here a split changes the lots themselves: more shares or
fewer of each, at the same cost and the same age.

Source: record, ex- and payable date, FINRA Rule 11140; basis of the shares after a split,
IRC Section 307(a); both as of 2026-11.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Annotated, Final

import msgspec

from app.domain.ids import Symbol
from app.domain.lots import EXACT

QTY_STEP: Final = Decimal("1E-9")
"""The finest part of a share that a split leaves."""

PAY_DAYS_MAX: Final = 100
"""Between ex-date and payment."""

Shares = Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class Dividend(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cash dividend. Who holds shares at the end of the day before `ex_date` gets it.

    Raises: ValueError: the amount is not above 0, or the shares are paid for before `ex_date`.
    """

    symbol: Symbol
    ex_date: date
    pay_date: date
    amount: Decimal
    """USD for a share."""

    def __post_init__(self) -> None:
        if not self.amount.is_finite() or not (self.amount > 0):
            raise ValueError(f"amount was {self.amount}, must be a number above 0")
        if self.pay_date < self.ex_date:
            raise ValueError(f"pay_date was {self.pay_date}, before ex_date {self.ex_date}")

    @property
    def dividend_id(self) -> str:
        """The same whenever the same dividend is found again."""
        return f"dividend.{self.symbol}.{self.ex_date}"


class Split(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`new` shares for `old` ones from the beginning of a day on; fewer: a reverse split."""

    symbol: Symbol
    ex_date: date
    new: Shares
    old: Shares

    @property
    def split_id(self) -> str:
        """The same whenever the same split is found again."""
        return f"split.{self.symbol}.{self.ex_date}"

    @property
    def text(self) -> str:
        """What it is, in words."""
        return f"{self.symbol} splits {self.new} for {self.old} on {self.ex_date}"

    def scale(self, qty: Decimal) -> Decimal:
        """Return what becomes of so many shares, cut off to `QTY_STEP`."""
        exact = EXACT.divide(EXACT.multiply(qty, Decimal(self.new)), Decimal(self.old))
        cut = exact.quantize(QTY_STEP, ROUND_DOWN, EXACT)
        return cut.normalize(EXACT) if cut % 1 else cut.to_integral_value()
