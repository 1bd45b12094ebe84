"""What the risk gate decided, and what it saw when it decided."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from app.domain.enums import TradingState
from app.domain.terms import ZERO


class Picture(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was known at the moment of a decision. None means not known, never zero."""

    ts_ns: int
    trading_state: TradingState
    bid: Decimal | None = None
    bid_size: int = 0
    ask: Decimal | None = None
    ask_size: int = 0
    last_px: Decimal | None = None
    feed_age_ns: int | None = None
    """Since the feed last said anything; None if it never has."""
    position_qty: Decimal = ZERO
    """Of the order's symbol, signed."""
    working_buy_qty: Decimal = ZERO
    """Leaves of working buys of the symbol; what is in doubt counts."""
    working_sell_qty: Decimal = ZERO
    equity: Decimal | None = None
    """Account currency; None while a held position has no mark."""
    gross_exposure: Decimal | None = None
    """Worst-case gross of all symbols, working orders included; None without marks."""
    symbol_exposure: Decimal | None = None
    """The part of `gross_exposure` that is the order's symbol."""
    in_doubt: int = 0
    """Orders of the symbol that were sent and of which nobody knows what became."""
    replaced_qty: Decimal = ZERO
    """Of a replace: leaves of the order it takes the place of, which is not counted above."""
    replaced_px: Decimal | None = None
    """Of a replace: that order's limit."""


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """One check's verdict on one order."""

    name: str
    """Stable id of the check; stored in records."""
    passed: bool
    value: str
    """What was found, as shown."""
    limit: str
    """What is allowed, as shown."""
    text: str
    """The whole sentence: what, found, limit, what happens now. Empty when passed."""
    use: float | None = None
    """Share of the limit that is used, for a headroom bar; None where there is no scale."""
