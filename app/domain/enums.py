"""FIX vocabularies: each member carries the FIX code as its value.

Stored data keeps the codes, so it survives renames and translation. States of our own are separate
enums: a FIX enum never gets a member that FIX does not have.

Source: FIX Latest (EP292) fields 39, 40, 54, 59, 102, 150, 434, 836, 851 (names and codes).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Side(StrEnum):
    """FIX 54."""

    BUY = "1"
    SELL = "2"

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1


class OrdType(StrEnum):
    """FIX 40."""

    MARKET = "1"
    LIMIT = "2"
    STOP = "3"
    """With a `peg_offset` it trails the market: FIX 1094 PegPriceType = 8, trailing stop peg."""
    STOP_LIMIT = "4"


class PegOffsetType(StrEnum):
    """FIX 836: the unit of a trailing offset."""

    PRICE = "0"
    """Account currency a share."""
    TICKS = "2"
    PERCENTAGE = "4"


class TimeInForce(StrEnum):
    """FIX 59."""

    DAY = "0"
    GTC = "1"
    OPG = "2"
    """At the opening auction: market or limit on open."""
    IOC = "3"
    FOK = "4"
    GTD = "6"
    CLS = "7"
    """At the closing auction: market or limit on close."""


class OrdStatus(StrEnum):
    """FIX 39: where the order is now."""

    NEW = "0"
    PARTIALLY_FILLED = "1"
    FILLED = "2"
    DONE_FOR_DAY = "3"
    CANCELED = "4"
    PENDING_CANCEL = "6"
    REJECTED = "8"
    SUSPENDED = "9"
    """Accepted and not at the market yet: held by the broker."""
    PENDING_NEW = "A"
    EXPIRED = "C"
    PENDING_REPLACE = "E"

    @property
    def is_terminal(self) -> bool:
        """Whether the order can no longer trade by itself (a late fill may still be reported)."""
        return self in _TERMINAL


_TERMINAL = frozenset({OrdStatus.FILLED, OrdStatus.CANCELED, OrdStatus.REJECTED, OrdStatus.EXPIRED})


class ExecType(StrEnum):
    """FIX 150: why a report came. Reading it as a status is a classic fault."""

    NEW = "0"
    DONE_FOR_DAY = "3"
    CANCELED = "4"
    REPLACED = "5"
    PENDING_CANCEL = "6"
    REJECTED = "8"
    SUSPENDED = "9"
    PENDING_NEW = "A"
    EXPIRED = "C"
    RESTATED = "D"
    PENDING_REPLACE = "E"
    TRADE = "F"
    TRADE_CORRECT = "G"
    TRADE_CANCEL = "H"
    ORDER_STATUS = "I"
    TRIGGERED = "L"


class CxlRejReason(StrEnum):
    """FIX 102: why a cancel or replace was not taken."""

    TOO_LATE = "0"
    UNKNOWN_ORDER = "1"
    ALREADY_PENDING = "3"
    OTHER = "99"


class CxlRejResponseTo(StrEnum):
    """FIX 434: what was not taken."""

    CANCEL = "1"
    REPLACE = "2"


class Liquidity(StrEnum):
    """FIX 851 LastLiquidityInd."""

    UNKNOWN = "0"
    ADDED = "1"
    REMOVED = "2"
    AUCTION = "4"


class QueueModel(StrEnum):
    """How a paper order waits its turn at its price. Ours: no feed tells where it would stand."""

    TRADE_THROUGH = "trade_through"
    """It fills only when the market trades or quotes beyond its price."""
    VOLUME_AHEAD = "volume_ahead"
    """It stands behind what was displayed when it came; prints there work that off first."""
    FRONT = "front"
    """It stands in front: the first print at its price fills it."""


class Custody(StrEnum):
    """What this station knows about where the order is. Ours, not FIX."""

    STAGED = "staged"
    """Recorded here; goes when a person sends it."""
    HELD = "held"
    """Recorded here; goes when its conditions are met. Dies with the station."""
    UNSENT = "unsent"
    """Durable here, not yet handed to a broker."""
    SENT = "sent"
    """Handed to the broker; no answer yet."""
    ACKNOWLEDGED = "acknowledged"
    """The broker has answered at least once."""
    UNKNOWN = "unknown"
    """Sent, and the outcome is not known: neither accepted nor rejected may be assumed."""


class TriggerMethod(StrEnum):
    """Which price sets off an order held here. Ours; FIX 1107 has no second print."""

    LAST = "last"
    BID_ASK = "bid_ask"
    """A sell looks at the bid, a buy at the ask."""
    MID = "mid"
    DOUBLE_LAST = "double_last"
    """Two prints in a row."""


class OrderClass(StrEnum):
    """How orders hang together. Ours; the usual names of brokers' order forms."""

    SIMPLE = "simple"
    BRACKET = "bracket"
    """An entry, and of its fills a limit and a stop that exclude each other."""
    OCO = "oco"
    """One cancels the other."""
    OTO = "oto"
    """One triggers the other."""
    OTOCO = "otoco"
    """One triggers two that exclude each other; the two may be of any type."""


class Home(StrEnum):
    """Where an order lives now, as shown. Ours."""

    STAGED = "staged"
    THIS_PC = "this PC"
    """Not sent: it dies with the station, and comes back with it."""
    WIRE = "on the wire"
    BROKER = "broker"
    """Held there until released or triggered."""
    EXCHANGE = "exchange"
    UNKNOWN = "unknown"
    NOWHERE = ""
    """It has ended."""


class OrderState(StrEnum):
    """What is shown of an order. Ours: FIX statuses, and the states that FIX has no word for."""

    STAGED = "staged"
    HELD_HERE = "held here"
    DENIED = "denied"
    """By the gate; never sent."""
    PENDING_NEW = "pending new"
    IN_DOUBT = "in doubt"
    """Sent, no answer: neither accepted nor rejected may be assumed."""
    HELD = "held at broker"
    NEW = "working"
    PARTIALLY_FILLED = "partially filled"
    PENDING_CANCEL = "pending cancel"
    PENDING_REPLACE = "pending replace"
    FILLED = "filled"
    CANCELED = "canceled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    DONE_FOR_DAY = "done for day"


class AmendmentWay(StrEnum):
    """How a request to replace is carried out. Ours."""

    NATIVE = "native"
    """The broker replaces; the request's identity is the order's from then on."""
    CHAINED = "chained"
    """Cancel, wait for the confirmed end, send a new order for the remainder."""
    HERE = "here"
    """The order waits on this machine: its terms are changed at once."""
    ELSEWHERE = "elsewhere"
    """Not by this station; the order keeps its identity."""


class AmendmentState(StrEnum):
    """What became of a request to replace. Ours."""

    DENIED = "denied"
    """By the gate; never sent."""
    PENDING = "pending"
    ACCEPTED = "accepted"
    """Its terms are in force; the terms before it are REPLACED."""
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    """The order ended while it was under way: the replacement may live at the broker."""
    DROPPED = "dropped"
    """Not needed or not possible any more; confirmed absent, or never sent."""

    @property
    def is_open(self) -> bool:
        """Whether its terms may come into force yet."""
        return self in (AmendmentState.PENDING, AmendmentState.UNKNOWN)


class Closing(StrEnum):
    """How much of a position is to be closed. Ours."""

    FLATTEN = "flatten"
    HALF = "half"
    REVERSE = "reverse"
    """Flatten, and once flat open as much on the other side."""


class Origin(StrEnum):
    """Who asked for the order. Ours."""

    MANUAL = "manual"
    SCRIPT = "script"
    """From an order file of a replay, or the demonstration without a display."""
    CONTINGENT = "contingent"
    """Sent by this station because another order, a price or a time called for it."""
    EXTERNAL = "external"
    """Found at the broker; not from this station."""


class TradingState(StrEnum):
    """What the risk gate lets through. Ours."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"

    @property
    def tightness(self) -> int:
        """How little it lets through: 0 for ACTIVE, 2 for HALTED."""
        return _TIGHTNESS[self]

    def is_tighter_than(self, other: TradingState) -> bool:
        """Whether this state lets less through."""
        return self.tightness > other.tightness


_TIGHTNESS: Final = {state: index for index, state in enumerate(TradingState)}


class FeedState(StrEnum):
    """Health of a market-data feed. Ours."""

    CONNECTING = "connecting"
    LIVE = "live"
    DEGRADED = "degraded"
    DOWN = "down"
    ENDED = "ended"
    """A recorded feed has been played to its end."""


class Venue(StrEnum):
    """Whether money is real. Decides the colour of the window frame."""

    PAPER = "paper"
    LIVE = "live"
    REPLAY = "replay"


class Phase(StrEnum):
    """What the exchanges do at a moment. Each phase holds its first moment, not its last."""

    PRE = "pre"
    CORE = "core"
    POST = "post"
    CLOSED = "closed"
    """Night, weekend or holiday; a broker may trade overnight all the same."""


class Auction(StrEnum):
    """Which auction."""

    OPENING = "O"
    CLOSING = "C"
    REOPENING = "H"
    """After a halt or a pause."""


class TradingHours(StrEnum):
    """When the built-in exchange trades."""

    ALWAYS = "always"
    """Around the clock: practice at any hour, without auctions."""
    CALENDAR = "calendar"
    """As the New York exchanges: 04:00 to 20:00 on trading days, with auctions."""


class MarginRegime(StrEnum):
    """By which rules a broker lends to an account: data of the account, never inferred.

    Source: Regulation T, 12 CFR 220.8 and 220.12; FINRA Rule 4210 as amended by SR-FINRA-2025-017
    (effective 2026-06-04; firms may phase in until 2027-10-20).
    """

    CASH = "cash"
    """Nothing is lent: what is bought is paid from settled funds."""
    REG_T = "reg_t"
    """Half of an opening is lent, overnight as in the day."""
    INTRADAY_MARGIN = "intraday_margin"
    """More may be lent within the day; what is held at its end must meet Regulation T."""
    LEGACY_PDT = "legacy_pdt"
    """The rule before 2026-06-04, where a broker is still on it: four day trades in five days."""
