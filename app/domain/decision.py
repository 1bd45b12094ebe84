"""What the risk gate decided, and what it saw when it decided."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from app.domain.enums import MarginRegime, Phase, TradingState
from app.domain.terms import ZERO


class Funds(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the account can pay with, at the moment of a decision. Account currency."""

    regime: MarginRegime = MarginRegime.REG_T
    settled_cash: Decimal | None = None
    """What a cash account may spend: sales count from their settlement on."""
    buying_power: Decimal | None = None
    """What openings may still use, all working ones taken off; the broker's, if it is less."""
    net_exposure: Decimal | None = None
    """Sum of positions at their marks, shorts negative; None without marks."""
    open_value: Decimal | None = None
    """Leaves of all working orders at their worst prices; None without a price."""
    day_equity: Decimal | None = None
    """Equity when the trading day began, deposits since added; None before it is known."""
    peak_equity: Decimal | None = None
    """Highest equity of the trading week so far, deposits since added."""


class Traffic(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went before, at the moment of a decision; those of the same batch count."""

    sent_1s: int = 0
    """Orders and replaces that the gate let through in the last second ..."""
    sent_60s: int = 0
    """... in the last minute ..."""
    sent_day: int = 0
    """... and in this trading day."""
    cancels_60s: int = 0
    fills_day: int = 0
    changes_60s: int = 0
    """Of a replace: replaces of the same order in the last minute."""
    twin_age_ns: int | None = None
    """Since the newest order of the same symbol, side, quantity, type, prices and time in force
    that was let through; None if there was none in the last minute."""
    twins_60s: int = 0
    """Such orders in the last minute."""
    habit_value: Decimal | None = None
    """Median value of the newest 50 orders by hand; None while there are fewer than 10."""


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
    phase: Phase | None = None
    """What the exchanges do; None where no calendar says."""
    quote_age_ns: int | None = None
    """Since the symbol's quote came; None without one."""
    is_feed_live: bool = True
    halt: str = ""
    """Why the symbol, or the whole market, does not trade; empty if it does."""
    is_short_restricted: bool = False
    """The price test of Rule 201 is in force for the symbol."""
    station_fault: str = ""
    """Why this station may send nothing at all; empty if it may."""
    unreconciled: str = ""
    """Why the books are not known to be the broker's; empty if they are."""
    venue_fault: str = ""
    """What does not agree about paper and live; empty if all does."""
    loop_lag_ns: int = 0
    """How late the loop last was."""
    open_orders: int = 0
    """Orders of all symbols that may still trade."""
    symbols_held: int = 0
    group_exposure: Decimal | None = ZERO
    """Worst-case gross of the order's group of symbols, its own included; None without marks."""
    own_bid: Decimal | None = None
    """Highest limit of own working buys of the symbol."""
    own_ask: Decimal | None = None
    """Lowest limit of own working sells of the symbol."""
    has_own_market: tuple[bool, bool] = (False, False)
    """Whether a buy, and a sell, of the symbol works without a limit."""
    family_qty: Decimal | None = None
    """Of a child: the most it may come to, by its parent and its siblings; None: it is none."""
    funds: Funds = Funds()
    traffic: Traffic = Traffic()


ARM_WORDS: Final = "ARM"
"""What has to be typed to let orders through again."""


class Latch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Trading was tightened by a limit on losses, and stays so until a person says otherwise."""

    by: str
    """Stable id of the check."""
    until: date | None = None
    """No arming before this trading day; None: at any time, by hand."""


class CheckResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One check's verdict on one order."""

    name: str
    """Stable id of the check; stored in records."""
    passed: bool
    value: str
    """What was found, as shown."""
    limit: str
    """What is allowed, as shown."""
    text: str = ""
    """The whole sentence: what, found, limit, what happens now. Empty when passed."""
    can_confirm: bool = False
    """Not passed, but a person may let it through by typing a reason."""
    use: float | None = None
    """Share of the limit that is used, for a headroom bar; None where there is no scale."""
