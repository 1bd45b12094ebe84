"""Facts from the market. Every one has two time stamps: the exchange's and ours.

Prices are Decimal as the venue wrote them; they become float64 in one place, `market.ring`.
Sizes are whole shares. Instances hold no references that could form a cycle, hence `gc=False`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import msgspec

from app.domain.enums import Auction, FeedState, Side
from app.domain.ids import Symbol


class Trade(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A print on the tape."""

    symbol: Symbol
    price: Decimal
    size: int
    ts_exch_ns: int
    ts_recv_ns: int
    exchange: str = ""
    conditions: str = ""


class Quote(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Best bid and ask after a change. None means that this side is not known or empty."""

    symbol: Symbol
    bid: Decimal | None
    bid_size: int
    ask: Decimal | None
    ask_size: int
    ts_exch_ns: int
    ts_recv_ns: int

    @property
    def mid(self) -> Decimal | None:
        """Midpoint, or None where a side is missing."""
        if self.bid is None or self.ask is None:
            return None
        return (self.bid + self.ask) / 2

    @property
    def is_two_sided(self) -> bool:
        """Whether both sides are there and not locked or crossed."""
        return self.bid is not None and self.ask is not None and self.bid < self.ask


class Bar(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Open, high, low, close and volume of one interval."""

    symbol: Symbol
    start_ns: int
    interval_ns: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int
    ts_recv_ns: int


class BarRow(NamedTuple):
    """A bar of the past, as it is drawn: floats, no symbol. Cheap to make by the thousand."""

    start_ns: int
    """UTC; of a daily bar the open of its session."""
    open: float
    high: float
    low: float
    close: float
    volume: float


class Depth(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Displayed shares by price (FIX 35=X, or 35=W where it is the whole book)."""

    symbol: Symbol
    bids: tuple[tuple[Decimal, int], ...]
    """Price and all the shares displayed there now; 0 shares: none are left."""
    asks: tuple[tuple[Decimal, int], ...]
    is_whole: bool
    """Whether nothing else is displayed; otherwise other prices are as they were."""
    ts_exch_ns: int
    ts_recv_ns: int


class Imbalance(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an auction would do now."""

    symbol: Symbol
    auction: Auction
    px: Decimal | None
    """At which most would trade; None if nobody would."""
    paired_qty: int
    imbalance_qty: int
    """Shares left over at that price."""
    side: Side | None
    """Who is left over; None if nobody."""
    ts_exch_ns: int
    ts_recv_ns: int


class FeedStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A feed changed its health."""

    feed: str
    state: FeedState
    text: str
    ts_recv_ns: int


class SymbolStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A symbol, or the whole market, may trade or may not. Holds until the next one."""

    symbol: Symbol
    """Empty: of the whole market."""
    halt: str = ""
    """Why it does not trade, in words; empty if it does."""
    is_short_restricted: bool = False
    """The price test of Regulation SHO Rule 201 is in force."""
    lower_px: Decimal | None = None
    """Price band, both ends included; None: none is in force, or none is known."""
    upper_px: Decimal | None = None
    ts_exch_ns: int
    ts_recv_ns: int


MarketEvent = Trade | Quote | Bar | SymbolStatus | Depth | Imbalance


def real_price(price: Decimal | None) -> Decimal | None:
    """Return a price, or None where it is none: missing, not a number, or not above 0.

    A stock's price of 0 or below is a fault or an empty side; a limit would let any order pass it.
    """
    return price if price is not None and price.is_finite() and price > 0 else None
