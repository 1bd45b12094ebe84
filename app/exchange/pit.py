"""Where one symbol trades: its book, its price bands, and all that it tells the world.

Whoever sends an order here sends it to the same book: the seeded crowd, the market makers and the
person at the station. Everything that happens leaves as messages in the order in which it happened;
owners hear of their own orders first.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Final, Protocol

import msgspec

from app.domain.enums import Liquidity, Side, TimeInForce
from app.exchange.book import Book
from app.exchange.entry import (
    Canceled,
    CancelReason,
    Crossed,
    Displayed,
    Event,
    Executed,
    Order,
)
from app.exchange.luld import Band, LimitUpDown, Tier
from app.exchange.wire import (
    SCALE,
    AnyMessage,
    DepthMessage,
    ImbalanceMessage,
    PrintMessage,
    QuoteMessage,
    StatusMessage,
)

DEPTH_LEVELS: Final = 200
"""Of a side, in a message of the whole book."""
OFF_EXCHANGE: Final = "D"
"""Venue of trades that were reported, not made here: FINRA's facility."""
_LOT_LEVELS: Final = 50
"""Levels looked at until a round lot is together."""
_RESTRICTED_AT: Final = 0.90
"""Share of the prior close at which a fall trips Rule 201 of Regulation SHO."""
_NOTHING: Final = (0, 0)
_BUY: Final = Side.BUY
_SELL: Final = Side.SELL
_ANY_NS: Final = 2**63 - 1


class Owner(Protocol):
    """Who wants to hear of its orders."""

    def on_fill(self, order: Order, qty: int, px: int, liquidity: Liquidity, now_ns: int) -> None:
        """Hear that some of an order traded, at a price in ticks; more of it may have already."""
        ...

    def on_cancel(self, order: Order, qty: int, reason: CancelReason, now_ns: int) -> None:
        """Hear that shares of an order are gone without a trade."""
        ...


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is fixed of a symbol for a day."""

    symbol: str
    market: str
    """One letter: the exchange of its prints."""
    tick: Decimal
    """USD."""
    lot: int
    """Round lot in shares."""
    tier: Tier


class Pit:
    """The trading place of one symbol. Prices are whole ticks, sizes shares."""

    def __init__(self, facts: Facts, prior_close: float, say: Callable[[AnyMessage], None]) -> None:
        """Make a pit without orders.

        Args:
            facts: of the symbol.
            prior_close: USD.
            say: takes every message.
        """
        self.facts: Final = facts
        self.tick_units: Final = int(facts.tick * SCALE)
        """One tick in units of the wire."""
        self.ticks_per_usd: Final = SCALE / self.tick_units
        self.book: Final = Book()
        self.prior_close = prior_close
        """Closing price of the session before, USD."""
        self.is_restricted = False
        """Whether short sales are: Rule 201 of Regulation SHO."""
        self.is_quiet = False
        """Whether changes of depth and quote go untold, until `say_whole`."""
        self.ids: Final = count(1)
        """Numbers of orders."""
        self.halt = ""
        """Why it does not trade, in words; empty if it does."""
        self.last_px: int | None = None
        """Of the newest trade on a book."""
        self.conditions = "@"
        """Of regular prints now."""
        self.taken: Callable[[Side, int], None] = _ignore
        """Hears of every taker: side and shares."""
        self._say = say
        self._owned: dict[int, tuple[Owner, Order]] = {}
        """Order id -> who wants to hear of it."""
        self._luld: LimitUpDown | None = None
        self._band: Band | None = None
        self._bid = self._ask = _NOTHING
        """As last said: price and shares."""

    # Orders

    def enter(self, order: Order, now_ns: int, owner: Owner | None = None) -> None:
        """Take an order in; while it does not trade the order waits.

        Raises:
            ValueError: its terms make no sense; nothing has happened.
        """
        self._fit(order, now_ns)
        if owner is not None:
            self._owned[order.order_id] = (owner, order)
        try:
            events = self.book.enter(order)
        except ValueError:
            self._owned.pop(order.order_id, None)
            raise
        self._tell(events, order, None, now_ns)

    def cancel(self, order_id: int, now_ns: int) -> bool:
        """Take a working order out; False if it does not work."""
        order = self.book.order(order_id)
        if order is None:
            return False
        self._tell(self.book.cancel(order_id), order, order.px, now_ns)
        return True

    def replace(self, order_id: int, leaves: int, px: int | None, now_ns: int) -> bool:
        """Change open shares and limit of a working order; False if it does not work.

        Raises:
            ValueError: the new terms make no sense; nothing has happened.
        """
        order = self.book.order(order_id)
        if order is None:
            return False
        band = self._look_at_band(now_ns)
        if px is not None and band is not None:
            px = min(px, band.upper) if order.side is _BUY else max(px, band.lower)
        old_px = order.px
        self._tell(self.book.replace(order_id, leaves, px), order, old_px, now_ns)
        return True

    def report(self, px: int, qty: int, now_ns: int) -> None:
        """Print a trade made elsewhere."""
        self._print(px, qty, OFF_EXCHANGE, now_ns)

    # States

    def open(self, px: int, now_ns: int, close_ns: int) -> None:
        """Begin a core session, or go on after a pause: from here on price bands hold."""
        self.conditions = "@"
        self._luld = LimitUpDown(
            prior_close=self.prior_close,
            tier=self.facts.tier,
            opening=px,
            open_ns=now_ns,
            close_ns=close_ns,
        )
        self._band = None
        self._look_at_band(now_ns)

    def close(self, now_ns: int, conditions: str) -> None:
        """End the core session: no bands from here on, and prints carry other conditions."""
        self._luld = None
        self.conditions = conditions
        if self._band is not None:
            self._band = None
            self.say_status(now_ns)

    def stop(self, reason: str, now_ns: int) -> None:
        """Halt: orders are taken and wait."""
        self.halt = reason
        self.book.collect()
        self.say_status(now_ns)

    def cross(self, auction: TimeInForce, conditions: str, now_ns: int) -> int | None:
        """Hold an auction, trade on, and return its price; None if nobody met.

        Whoever was halted trades from here on.
        """
        was_halted, self.halt = bool(self.halt), ""
        before = self.conditions
        self.conditions = conditions
        events = self.book.uncross(self.reference(), auction)
        px = next((event.px for event in events if type(event) is Crossed), None)
        qty = sum(event.qty for event in events if type(event) is Crossed)
        if px is not None:
            self._print(px, qty, self.facts.market, now_ns)
            self.last_px = px
        self._tell_crossed(events, now_ns)
        self.conditions = before
        self.say_whole(now_ns)
        if was_halted:
            self.say_status(now_ns)
        return px

    def pause_due_ns(self) -> int:
        """Return when trading pauses if a side stays at its band until then."""
        due = None if self._luld is None else self._luld.pause_due_ns()
        return _ANY_NS if due is None else due

    def reference(self) -> int:
        """Return the price nearest to which an auction trades, in ticks: the last or the middle."""
        if self.last_px is not None:
            return self.last_px
        bid, ask = self.book.best(_BUY), self.book.best(_SELL)
        if bid and ask:
            return max(1, (bid[0] + ask[0]) // 2)
        return max(1, round(self.prior_close * self.ticks_per_usd))

    def far_px(self, side: Side) -> Decimal | None:
        """Return the best price a buyer (or seller) meets, USD; else of the newest trade."""
        best = self.book.best(_SELL if side is _BUY else _BUY)
        px = self.last_px if best is None else best[0]
        return None if px is None else px * self.facts.tick

    # Words

    def say_imbalance(self, auction: TimeInForce, letter: str, now_ns: int) -> None:
        """Tell what an auction would do now."""
        found = self.book.indicate(self.reference(), auction)
        side = {None: "", _BUY: "B", _SELL: "S"}[found.imbalance_side]
        px = 0 if found.px is None else found.px * self.tick_units
        self._say(
            ImbalanceMessage(
                self.facts.symbol, now_ns, letter, px, found.paired, found.imbalance, side
            )
        )

    def say_status(self, now_ns: int) -> None:
        """Tell whether it trades, and within which prices."""
        band, unit = self._band, self.tick_units
        lower, upper = (0, 0) if band is None else (band.lower * unit, band.upper * unit)
        self._say(
            StatusMessage(self.facts.symbol, now_ns, self.halt, self.is_restricted, lower, upper)
        )

    def say_whole(self, now_ns: int) -> None:
        """Tell quote and depth from the beginning, as to somebody who knows nothing."""
        self.is_quiet = False
        unit = self.tick_units
        bids, asks = (
            tuple((px * unit, qty) for px, qty in self.book.depth(side, DEPTH_LEVELS))
            for side in (_BUY, _SELL)
        )
        self._bid, self._ask = self._best(_BUY), self._best(_SELL)
        self._say_quote(now_ns)
        self._say(DepthMessage(self.facts.symbol, now_ns, bids, asks, True))

    def _tell(self, events: list[Event], order: Order, old_px: int | None, now_ns: int) -> None:
        """Tell owners and the world what one order caused."""
        side = order.side
        bids: set[int] = set()
        asks: set[int] = set()
        own, others = (bids, asks) if side is _BUY else (asks, bids)
        if old_px is not None:
            own.add(old_px)
        taken = 0
        for event in events:
            kind = type(event)
            if kind is Displayed:
                assert isinstance(event, Displayed)
                (bids if event.side is _BUY else asks).add(event.px)
            elif kind is Executed:
                assert isinstance(event, Executed)
                taken += event.qty
                others.add(event.px)
                self._print(event.px, event.qty, self.facts.market, now_ns)
                self.last_px = event.px
                self._tell_fill(event.maker_id, event, event.maker_leaves, Liquidity.ADDED, now_ns)
                self._tell_fill(
                    event.taker_id, event, event.taker_leaves, Liquidity.REMOVED, now_ns
                )
            elif kind is Canceled:
                assert isinstance(event, Canceled)
                known = self._owned.get(event.order_id)
                if known is not None:
                    if known[1].px is not None:
                        (bids if known[1].side is _BUY else asks).add(known[1].px)
                    self._tell_cancel(event, now_ns)
        if taken:
            self._follow_trades(now_ns)
            self.taken(side, taken)
        if (
            self.book.is_continuous and not self.is_quiet
        ):  # What waits for an auction makes no market.
            self._say_changes(bids, asks, now_ns)

    def _tell_crossed(self, events: list[Event], now_ns: int) -> None:
        for event in events:
            if isinstance(event, Crossed):
                self._tell_fill(event.buy_id, event, event.buy_leaves, Liquidity.AUCTION, now_ns)
                self._tell_fill(event.sell_id, event, event.sell_leaves, Liquidity.AUCTION, now_ns)
            elif isinstance(event, Canceled):
                self._tell_cancel(event, now_ns)

    def _tell_fill(
        self,
        order_id: int,
        event: Executed | Crossed,
        leaves: int,
        liquidity: Liquidity,
        now_ns: int,
    ) -> None:
        known = self._owned.get(order_id)
        if known is None:
            return
        owner, order = known
        if not leaves:  # The order itself is further already: more events of it may follow.
            del self._owned[order_id]
        owner.on_fill(order, event.qty, event.px, liquidity, now_ns)

    def _tell_cancel(self, event: Canceled, now_ns: int) -> None:
        known = self._owned.get(event.order_id)
        if known is None:
            return
        owner, order = known
        if not event.leaves:
            del self._owned[event.order_id]
        owner.on_cancel(order, event.qty, event.reason, now_ns)

    def _say_changes(self, bids: set[int], asks: set[int], now_ns: int) -> None:
        """Tell the depth that changed, and the quote if it did."""
        if bids or asks:
            self._say(
                DepthMessage(
                    self.facts.symbol,
                    now_ns,
                    self._levels(_BUY, bids),
                    self._levels(_SELL, asks),
                    False,
                )
            )
        bid, ask = self._best(_BUY), self._best(_SELL)
        if bid != self._bid or ask != self._ask:
            self._bid, self._ask = bid, ask
            self._say_quote(now_ns)
            if self._luld is not None:
                self._luld.on_quote(bid[0] or None, ask[0] or None, now_ns)
                self._look_at_band(now_ns)

    def _levels(self, side: Side, pxs: set[int]) -> tuple[tuple[int, int], ...]:
        unit, volume_at = self.tick_units, self.book.volume_at
        if len(pxs) == 1:
            (px,) = pxs
            return ((px * unit, volume_at(side, px)[0]),)
        return tuple((px * unit, volume_at(side, px)[0]) for px in sorted(pxs))

    def _say_quote(self, now_ns: int) -> None:
        (bid, bid_size), (ask, ask_size) = self._bid, self._ask
        unit = self.tick_units
        self._say(
            QuoteMessage(self.facts.symbol, now_ns, bid * unit, bid_size, ask * unit, ask_size)
        )

    def _best(self, side: Side) -> tuple[int, int]:
        """Return the price down to which a round lot is displayed, and the shares down to there.

        Odd lots at better prices count, but make no quote of their own (Rule 600(b)(93)).
        """
        lot, book = self.facts.lot, self.book
        best = book.best(side)
        if best is None or best[1] >= lot:
            return best or _NOTHING
        total = 0
        for px, qty in book.depth(side, _LOT_LEVELS):
            total += qty
            if total >= lot:
                return px, total
        return _NOTHING

    def _print(self, px: int, qty: int, venue: str, now_ns: int) -> None:
        conditions = self.conditions if qty >= self.facts.lot else f"{self.conditions}I"
        self._say(
            PrintMessage(self.facts.symbol, now_ns, px * self.tick_units, qty, venue, conditions)
        )
        if self._luld is not None:
            self._luld.on_trade(px, now_ns)

    # Bands

    def _fit(self, order: Order, now_ns: int) -> None:
        """Move a limit that lies beyond its band to the band; a market order becomes a limit there.

        Source: Limit Up-Limit Down Plan, section VI(A)(3): no trades outside the bands.
        """
        band = self._look_at_band(now_ns)
        if band is None:
            return
        is_auction = order.time_in_force in {TimeInForce.OPG, TimeInForce.CLS}
        if is_auction or not self.book.is_continuous:
            return
        if order.px is None:
            order.px = band.upper if order.side is _BUY else band.lower
            if order.time_in_force is not TimeInForce.FOK:
                order.time_in_force = TimeInForce.IOC
        elif order.side is _BUY:
            order.px = min(order.px, band.upper)
        else:
            order.px = max(order.px, band.lower)

    def _look_at_band(self, now_ns: int) -> Band | None:
        """Return the band now, and tell the world when it has moved."""
        luld = self._luld
        if luld is None:
            return None
        band = luld.band(now_ns)
        if band is not self._band and band != self._band:
            self._band = band
            self.say_status(now_ns)
        return band

    def _follow_trades(self, now_ns: int) -> None:
        """Look whether the price has fallen so far that short sales are restricted."""
        if self.is_restricted or self._luld is None or self.last_px is None:
            return
        if self.last_px <= _RESTRICTED_AT * self.prior_close * self.ticks_per_usd:
            self.is_restricted = True
            self.say_status(now_ns)


def _ignore(side: Side, qty: int) -> None:
    """Hear nothing."""
