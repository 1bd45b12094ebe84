"""FIX vocabularies: each member carries the FIX code as its value.

Stored data keeps the codes, so it survives renames and translation. States of our own are separate
enums: a FIX enum never gets a member that FIX does not have.

Source: FIX Latest (EP292) fields 39, 40, 54, 59, 150, 851 (names and codes).
"""

from __future__ import annotations

from enum import StrEnum


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
    STOP_LIMIT = "4"


class TimeInForce(StrEnum):
    """FIX 59."""

    DAY = "0"
    GTC = "1"
    OPG = "2"
    IOC = "3"
    FOK = "4"
    GTD = "6"
    CLS = "7"


class OrdStatus(StrEnum):
    """FIX 39: where the order is now."""

    NEW = "0"
    PARTIALLY_FILLED = "1"
    FILLED = "2"
    DONE_FOR_DAY = "3"
    CANCELED = "4"
    PENDING_CANCEL = "6"
    REJECTED = "8"
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
    CANCELED = "4"
    REPLACED = "5"
    PENDING_CANCEL = "6"
    REJECTED = "8"
    EXPIRED = "C"
    RESTATED = "D"
    TRADE = "F"
    TRADE_CORRECT = "G"
    TRADE_CANCEL = "H"
    ORDER_STATUS = "I"


class Liquidity(StrEnum):
    """FIX 851 LastLiquidityInd."""

    UNKNOWN = "0"
    ADDED = "1"
    REMOVED = "2"


class Custody(StrEnum):
    """What this station knows about where the order is. Ours, not FIX."""

    UNSENT = "unsent"
    """Durable here, not yet handed to a broker."""
    SENT = "sent"
    """Handed to the broker; no answer yet."""
    ACKNOWLEDGED = "acknowledged"
    """The broker has answered at least once."""
    UNKNOWN = "unknown"
    """Sent, and the outcome is not known: neither accepted nor rejected may be assumed."""


class Origin(StrEnum):
    """Who asked for the order. Ours."""

    MANUAL = "manual"
    SCRIPT = "script"
    """From an order file of a replay, or the demonstration without a display."""
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
        return list(TradingState).index(self)

    def is_tighter_than(self, other: TradingState) -> bool:
        """Whether this state lets less through."""
        return self.tightness > other.tightness


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
