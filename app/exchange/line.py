"""What a member says to a market in this process, and what it hears back.

Two markets speak it: the built-in exchange (`gateway`), and the quotes and prints of somebody
else's (`outside`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, Protocol

import msgspec

from app.domain.enums import CxlRejReason, ExecType, Liquidity, Side, TimeInForce
from app.domain.ids import ClOrdID, Symbol

NEVER_NS: Final = 2**63 - 1


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it is sent."""

    cl_ord_id: ClOrdID
    symbol: Symbol
    side: Side
    qty: int
    """Shares in all, what is executed included."""
    limit_px: Decimal | None = None
    """None for a market order."""
    time_in_force: TimeInForce = TimeInForce.DAY
    expires_ns: int = NEVER_NS
    has_extended_hours: bool = False
    display: int | None = None
    """Shares shown while it rests; None: all."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """An order has arrived and is good."""

    cl_ord_id: ClOrdID
    ts_ns: int


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A replace has arrived: from here on the new identity is in force."""

    cl_ord_id: ClOrdID
    old_id: ClOrdID
    ts_ns: int


class NotDone(msgspec.Struct, frozen=True, kw_only=True):
    """A cancel or a replace has arrived in vain."""

    cl_ord_id: ClOrdID
    """Of the order that was to be canceled; of a replace the new identity."""
    is_replace: bool
    reason: CxlRejReason
    text: str
    ts_ns: int


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """Some of an order traded."""

    cl_ord_id: ClOrdID
    qty: int
    px: Decimal
    liquidity: Liquidity
    ts_ns: int
    """When it traded, by the market's time."""
    assumption: str = ""
    """What was assumed of its place in the queue, in words; empty where nothing had to be."""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """An order ended without (all of) its quantity."""

    cl_ord_id: ClOrdID
    exec_type: ExecType
    ts_ns: int
    text: str
    is_killed: bool = False
    """Whether the kill switch ended it."""


Answer = Taken | Changed | NotDone | Match | Ending
Sink = Callable[[Sequence[Answer]], None]


def killed(cl_ord_id: ClOrdID, ts_ns: int) -> Ending:
    """Return the end of an order that the kill switch took back."""
    return Ending(
        cl_ord_id=cl_ord_id,
        exec_type=ExecType.CANCELED,
        ts_ns=ts_ns,
        text="canceled by the kill switch",
        is_killed=True,
    )


class Line(Protocol):
    """A member's way into a market. What comes of a verb is heard when it `speak`s."""

    @property
    def open_ids(self) -> frozenset[ClOrdID]:
        """Identities in force that may still trade, those on their way included."""
        ...

    @property
    def arrives_ns(self) -> int | None:
        """When the last of what is on its way, there or back, arrives; None if nothing is."""
        ...

    @property
    def is_killed(self) -> bool:
        """Whether a kill waits to be worked in."""
        ...

    def send(self, terms: Terms, now_ns: int) -> None:
        """Send an order."""
        ...

    def put_back(self, terms: Terms, cum: int, now_ns: int) -> None:
        """Take in an order that was working before a restart, behind those already put back.

        Args:
            terms: as last agreed.
            cum: shares of it that are executed.
            now_ns: when it was first taken.
        """
        ...

    def cancel(self, cl_ord_id: ClOrdID, now_ns: int) -> None:
        """Send a cancel of any identity of an order."""
        ...

    def replace(self, old_id: ClOrdID, terms: Terms, now_ns: int) -> None:
        """Send new terms for an order."""
        ...

    def bust(self, cl_ord_id: ClOrdID, symbol: Symbol, signed_qty: int, px: Decimal) -> None:
        """Take a trade back, and its order out if it works; nothing is said of either."""
        ...

    def withdraw(self, symbol: Symbol, now_ns: int, text: str) -> None:
        """Take all orders of a symbol out, not on the member's request; the news need no time."""
        ...

    def px(self, symbol: Symbol, side: Side) -> Decimal | None:
        """Return what a buyer would pay now, or a seller get; None: nobody is there."""
        ...

    def turn(self, now_ns: int) -> None:
        """Let arrive what is due by now, on either side."""
        ...

    def speak(self) -> None:
        """Give the sink what has come since the last time. Never called while the door is held."""
        ...

    def kill(self, now_ns: int) -> None:
        """Let nothing that is out trade any more. From any thread, while the door is held."""
        ...

    def end_killed(self) -> None:
        """Take out what a kill has ended."""
        ...
