"""What goes into an order book and what comes out: an order, and the events it causes.

Prices are whole ticks, quantities whole shares. One `Order` is one object from entry to end; the
book writes its state into it and nobody else may.
"""

from __future__ import annotations

from enum import Enum

import msgspec

from app.domain.enums import Side, TimeInForce


class SelfMatch(Enum):
    """What happens instead of a trade between two orders of one owner. The newer order decides.

    FIX 2964 SelfMatchPreventionInstruction knows the first three.
    """

    CANCEL_NEWEST = "newest"
    CANCEL_OLDEST = "oldest"
    CANCEL_BOTH = "both"
    DECREMENT = "decrement"
    """Both lose the smaller of the two quantities; who has none left is gone."""


class CancelReason(Enum):
    """Why shares left the book without a trade."""

    REQUESTED = "requested"
    UNFILLED = "unfilled"
    """A market, immediate or auction order that found no more."""
    WOULD_TRADE = "would trade"
    """A post-only order at a price where somebody waits."""
    SELF_MATCH = "self match"


class Order(msgspec.Struct, gc=False):
    """Terms of an order, and how far it has come.

    `gc=False`: it refers to nothing that could refer back, and a book holds very many.
    """

    order_id: int
    side: Side
    leaves: int
    """Shares that may still trade."""
    px: int | None = None
    """Limit in ticks, from 1; None for a market order."""
    time_in_force: TimeInForce = TimeInForce.DAY
    """IOC and FOK never rest; OPG and CLS wait for their auction; all others rest until canceled:
    when a day or a date ends is for the caller."""
    owner: int = 0
    """Orders of one owner do not trade with each other; 0 is nobody's."""
    self_match: SelfMatch = SelfMatch.CANCEL_NEWEST
    is_post_only: bool = False
    """Whether it is canceled rather than traded on arrival."""
    display: int | None = None
    """Shares to show at a time: None for all, 0 for none (hidden), else a reserve order."""
    shown: int = 0
    """Of `leaves`, the shares displayed now; 0 unless it rests. The rest is hidden."""
    priority: int = 0
    """When it (its displayed part) took its place: the smaller comes first at equal price."""

    @property
    def reserve(self) -> int:
        """Shares that are not displayed."""
        return self.leaves - self.shown

    def fault(self) -> str | None:
        """Say why no book can take the order; None if one can."""
        if self.leaves <= 0:
            return f"quantity {self.leaves} is not positive"
        if self.px is not None and self.px < 1:
            return f"limit {self.px} is below one tick"
        if self.display is not None and self.display < 0:
            return f"display quantity {self.display} is negative"
        at_once = self.time_in_force is TimeInForce.IOC or self.time_in_force is TimeInForce.FOK
        if self.is_post_only and (self.px is None or at_once):
            return "post-only order that could never rest"
        return None


class Accepted(msgspec.Struct, frozen=True, gc=False):
    """An order is in; what becomes of it follows."""

    order_id: int
    side: Side
    px: int | None
    qty: int


class Displayed(msgspec.Struct, frozen=True, gc=False):
    """Shares now stand at the back of the displayed queue of a price: new, moved or out of reserve.

    Whoever adds these and takes off what the other events say has the displayed book.
    """

    order_id: int
    side: Side
    px: int
    qty: int


class Executed(msgspec.Struct, frozen=True, gc=False):
    """A trade: the taker met the maker at the maker's price."""

    maker_id: int
    taker_id: int
    px: int
    qty: int
    maker_leaves: int
    """0: the maker is gone from the book."""
    taker_leaves: int
    is_displayed: bool
    """Whether the maker's shares were displayed."""


class Crossed(msgspec.Struct, frozen=True, gc=False):
    """A trade of an auction, where nobody makes or takes."""

    buy_id: int
    sell_id: int
    px: int
    qty: int
    buy_leaves: int
    sell_leaves: int
    buy_shown: int
    """Displayed shares that are left of the buy order."""
    sell_shown: int


class Canceled(msgspec.Struct, frozen=True, gc=False):
    """Shares of an order are gone without a trade."""

    order_id: int
    qty: int
    leaves: int
    """0: the order is gone."""
    shown: int
    """Displayed shares that are left of it."""
    reason: CancelReason


class Replaced(msgspec.Struct, frozen=True, gc=False):
    """An order has new terms. Without its place it has left the queue; what comes of it follows."""

    order_id: int
    px: int | None
    leaves: int
    shown: int
    """Displayed shares that are left where it stood."""
    keeps_place: bool


Event = Accepted | Displayed | Executed | Crossed | Canceled | Replaced
