"""The limit order book of one symbol: price first, then time. Pure: no clock, no chance, no I/O.

At one price displayed shares trade first, in order of entry; then hidden ones, orders and reserves
alike, in order of entry. A reserve order whose displayed part is used up shows the next one when
the incoming order has passed, at the back of the queue. A market order that finds nobody is
canceled; so is what is left of an immediate one.

Kept at all times, and shown by tests/app/exchange/test_book_laws.py:
  never crossed   while matching is on the best bid is below the best ask, hidden orders included;
  priority        no order trades while one of better price, or of the same price, kind and earlier
                  entry, could have: there is no trade-through;
  conservation    entered = traded + canceled + still open, for every order;
  levels          a price's totals are the sums over its orders, and no price is without orders;
  events          the displayed book follows from the events alone.

Not here: when a day ends, who may trade, what a tick is worth, and how events reach anybody.
Auctions do not look at owners: everybody trades at one price, whoever comes together.
"""

from __future__ import annotations

from bisect import insort
from itertools import islice
from typing import Final

from app.domain.enums import Side, TimeInForce
from app.exchange.auction import Indication, interest, lined_up
from app.exchange.entry import (
    Accepted,
    Canceled,
    CancelReason,
    Crossed,
    Displayed,
    Event,
    Executed,
    Order,
    Replaced,
    SelfMatch,
)
from app.exchange.levels import Ladder, Level

# Looking a member up in its class costs more than a comparison.
_BUY: Final = Side.BUY
_DAY: Final = TimeInForce.DAY
_IOC: Final = TimeInForce.IOC
_FOK: Final = TimeInForce.FOK
_OPENING: Final = TimeInForce.OPG
_CLOSING: Final = TimeInForce.CLS
_REQUESTED: Final = CancelReason.REQUESTED
_UNFILLED: Final = CancelReason.UNFILLED
_SELF_MATCH: Final = CancelReason.SELF_MATCH
_ANY_PX: Final = 2**62


class Book:
    """Working orders of one symbol. Every verb returns what it caused, in order."""

    def __init__(self, *, is_continuous: bool = True) -> None:
        """Open an empty book, matching or collecting for an auction."""
        self._is_continuous = is_continuous
        self._bids, self._asks = Ladder(_BUY), Ladder(Side.SELL)
        self._orders: dict[int, Order] = {}
        """Order id -> every order that may still trade."""
        self._waiting: dict[int, Order] = {}
        """Order id -> order that waits for an auction outside the queues, oldest first."""
        self._priority = 0

    def __len__(self) -> int:
        return len(self._orders)

    def enter(self, order: Order) -> list[Event]:
        """Take an order in. From here on it is the book's: read it, but do not write it.

        Raises:
            ValueError: if its id works already or its terms make no sense; nothing has happened.
        """
        if order.order_id in self._orders:
            raise ValueError(f"order {order.order_id} is working")
        if (fault := order.fault()) is not None:
            raise ValueError(f"order {order.order_id}: {fault}")
        events: list[Event] = [Accepted(order.order_id, order.side, order.px, order.leaves)]
        self._enter(order, events)
        return events

    def cancel(self, order_id: int) -> list[Event]:
        """Take a working order out; no events if it does not work (any more)."""
        order = self._orders.get(order_id)
        if order is None:
            return []
        events: list[Event] = []
        self._end(order, _REQUESTED, events)
        return events

    def replace(self, order_id: int, leaves: int, px: int | None) -> list[Event]:
        """Change open quantity and limit of a working order; no events if it does not work.

        Fewer shares at the same price keep their place, and hidden shares go first; all else goes
        to the back, and trades if the new price is met.

        Raises:
            ValueError: if a market order would get a limit or the other way round, or the new
                terms make no sense; nothing has happened.
        """
        order = self._orders.get(order_id)
        if order is None:
            return []
        if leaves <= 0 or (px is None) != (order.px is None) or (px is not None and px < 1):
            raise ValueError(f"order {order_id} cannot become {leaves} at {px}")
        if px == order.px and leaves <= order.leaves:
            self._shrink(order, order.leaves - leaves)
            return [Replaced(order_id, px, leaves, order.shown, True)]
        self._remove(order)
        order.leaves, order.px = leaves, px
        events: list[Event] = [Replaced(order_id, px, leaves, 0, False)]
        self._enter(order, events)
        return events

    def collect(self) -> None:
        """Stop matching: from now on orders wait for `uncross`, and prices may cross."""
        self._is_continuous = False

    def indicate(self, reference: int, auction: TimeInForce = _OPENING) -> Indication:
        """Return what `uncross` would do now."""
        return interest(self._bids, self._asks, self._called(auction)).indicate(reference)

    def uncross(self, reference: int, auction: TimeInForce = _OPENING) -> list[Event]:
        """Trade at the auction's one price, cancel what was for this auction only, and match again.

        Market orders go first, then by price, then displayed before hidden, then by time.

        Args:
            reference: ticks; see `app.exchange.auction`.
            auction: OPG or CLS: whose orders take part beside those in the book.
        """
        events: list[Event] = []
        indication = self.indicate(reference, auction)
        if indication.px is not None:
            self._cross(indication.px, indication.paired, auction, events)
        for order in self._called(auction):
            self._end(order, _UNFILLED, events)
        self._is_continuous = True
        return events

    @property
    def is_continuous(self) -> bool:
        """Whether orders match on arrival."""
        return self._is_continuous

    def order(self, order_id: int) -> Order | None:
        """Return a working order, not to be written; None if it does not work."""
        return self._orders.get(order_id)

    def best(self, side: Side) -> tuple[int, int] | None:
        """Return best displayed price of a side in ticks and the shares displayed there."""
        return next(self._ladder(side).displayed(), None)

    def first(self, side: Side) -> Order | None:
        """Return the order that trades first of those displayed at the best price, to be read."""
        ladder = self._ladder(side)
        for key in reversed(ladder.keys):
            for order in ladder.levels[key].shown.values():
                return order
        return None

    def depth(self, side: Side, levels: int) -> list[tuple[int, int]]:
        """Return the best displayed prices of a side and the shares displayed at each."""
        return list(islice(self._ladder(side).displayed(), levels))

    def volume_at(self, side: Side, px: int) -> tuple[int, int]:
        """Return displayed and hidden shares at a price."""
        ladder = self._ladder(side)
        level = ladder.levels.get(px * ladder.sign)
        return (0, 0) if level is None else (level.shown_qty, level.hidden_qty)

    def ahead_of(self, order_id: int) -> int | None:
        """Return the shares at its price that trade before an order (its displayed part, if any).

        None if the order does not work or waits for an auction.
        """
        order = self._orders.get(order_id)
        if order is None or order_id in self._waiting:
            return None
        ahead = 0
        for other, qty in self._level(order).parts():
            if other is order:
                break
            ahead += qty
        return ahead

    def _ladder(self, side: Side) -> Ladder:
        return self._bids if side is _BUY else self._asks

    def _level(self, order: Order) -> Level:
        """Return where an order rests."""
        assert order.px is not None
        ladder = self._ladder(order.side)
        return ladder.levels[order.px * ladder.sign]

    def _enter(self, order: Order, events: list[Event]) -> None:
        """Match what can be matched of an order, and let the rest wait if it may."""
        px, life = order.px, order.time_in_force
        if life is not _DAY and (life is _OPENING or life is _CLOSING):
            self._wait(order)
            return
        if self._is_continuous:
            far = self._asks if order.side is _BUY else self._bids
            worst = -_ANY_PX if px is None else px * far.sign
            if far.keys and far.keys[-1] >= worst:
                if order.is_post_only:
                    _drop(order, CancelReason.WOULD_TRADE, events)
                    return
                if life is not _FOK or self._can_fill(order, far, worst):
                    self._take(order, far, worst, events)
                if not order.leaves:
                    return
        elif px is None and life is not _IOC and life is not _FOK:
            self._wait(order)
            return
        if px is None or life is _IOC or life is _FOK:
            _drop(order, _UNFILLED, events)
        else:
            self._rest(order, px, events)

    def _take(self, taker: Order, far: Ladder, worst: int, events: list[Event]) -> None:
        """Trade with the other side down to its worst key that is still good enough."""
        keys, levels = far.keys, far.levels
        while keys and keys[-1] >= worst:
            level = levels[keys[-1]]
            refresh = self._meet(taker, level, events, is_displayed=True)
            if taker.leaves and level.hidden:
                self._meet(taker, level, events, is_displayed=False)
            if refresh:
                self._show_more(refresh, level, events)
            if not level.shown and not level.hidden:
                del levels[keys.pop()]
            if not taker.leaves:
                return

    def _meet(
        self, taker: Order, level: Level, events: list[Event], *, is_displayed: bool
    ) -> list[Order]:
        """Trade with one queue; return the orders whose next part is due, first used up first."""
        queue = level.shown if is_displayed else level.hidden
        left, owner = taker.leaves, taker.owner
        traded = 0
        spent: list[Order] = []
        for maker in queue.values():
            # Whoever is in the hidden queue by now has no displayed shares left.
            qty = maker.shown if is_displayed else maker.leaves
            if owner and maker.owner == owner:
                taker.leaves = left
                _prevent(taker, maker, level, events)
                left = taker.leaves
            else:
                if qty > left:
                    qty = left
                left -= qty
                traded += qty
                maker.leaves = leaves = maker.leaves - qty
                if is_displayed:
                    maker.shown -= qty
                events.append(
                    Executed(
                        maker.order_id, taker.order_id, level.px, qty, leaves, left, is_displayed
                    )
                )
            if not (maker.shown if is_displayed else maker.leaves):
                spent.append(maker)
            if not left:
                break
        taker.leaves = left
        if is_displayed:
            level.shown_qty -= traded
        else:
            level.hidden_qty -= traded
        return self._take_out(spent, queue, level)

    def _take_out(self, spent: list[Order], queue: dict[int, Order], level: Level) -> list[Order]:
        """Take orders out of a queue and, if nothing is left of them, of the book."""
        refresh: list[Order] = []
        for maker in spent:
            del queue[maker.order_id]
            if maker.leaves:
                refresh.append(maker)
            else:
                del self._orders[maker.order_id]
        level.forget(len(spent))
        return refresh

    def _show_more(self, refresh: list[Order], level: Level, events: list[Event]) -> None:
        """Display the next part of reserve orders."""
        for order in refresh:
            assert order.display
            qty = min(order.display, order.leaves)
            if not qty:
                continue
            self._priority += 1
            order.priority, order.shown = self._priority, qty
            level.shown[order.order_id] = order
            level.shown_qty += qty
            level.hidden_qty -= qty
            if qty == order.leaves:
                del level.hidden[order.order_id]
            events.append(Displayed(order.order_id, order.side, level.px, qty))

    def _can_fill(self, taker: Order, far: Ladder, worst: int) -> bool:
        """Return whether all of an order would trade, before its owner's own orders end it."""
        wanted = taker.leaves
        for key in reversed(far.keys):
            if key < worst:
                break
            level = far.levels[key]
            if not taker.owner:
                wanted -= level.shown_qty + level.hidden_qty
                if wanted <= 0:
                    return True
                continue
            for maker, qty in level.parts():
                if maker.owner != taker.owner:
                    wanted -= qty
                    if wanted <= 0:
                        return True
                elif taker.self_match is not SelfMatch.CANCEL_OLDEST:
                    return False
        return False

    def _rest(self, order: Order, px: int, events: list[Event]) -> None:
        """Put an order at the back of its price."""
        ladder = self._bids if order.side is _BUY else self._asks
        key = px * ladder.sign
        level = ladder.levels.get(key)
        if level is None:
            level = ladder.levels[key] = Level(px)
            insort(ladder.keys, key)
        order_id, leaves, display = order.order_id, order.leaves, order.display
        shown = leaves if display is None or display > leaves else display
        self._priority += 1
        order.priority, order.shown = self._priority, shown
        self._orders[order_id] = order
        if shown:
            level.shown[order_id] = order
            level.shown_qty += shown
            events.append(Displayed(order_id, order.side, px, shown))
        if shown != leaves:
            level.hidden[order_id] = order
            level.hidden_qty += leaves - shown

    def _wait(self, order: Order) -> None:
        """Keep an order for an auction, outside the queues."""
        self._priority += 1
        order.priority = self._priority
        self._orders[order.order_id] = self._waiting[order.order_id] = order

    def _shrink(self, order: Order, qty: int) -> None:
        """Take shares off an order that keeps its place, hidden ones first."""
        if order.order_id in self._waiting:
            order.leaves -= qty
        else:
            hidden = min(qty, order.leaves - order.shown)
            self._level(order).reduce(order, qty - hidden, hidden)

    def _remove(self, order: Order) -> None:
        """Take an order out of the book."""
        order_id = order.order_id
        del self._orders[order_id]
        if order_id in self._waiting:
            del self._waiting[order_id]
            return
        assert order.px is not None
        ladder = self._bids if order.side is _BUY else self._asks
        key = order.px * ladder.sign
        level = ladder.levels[key]
        shown = order.shown
        if shown:
            del level.shown[order_id]
            level.shown_qty -= shown
            order.shown = 0
        if shown != order.leaves:
            del level.hidden[order_id]
            level.hidden_qty -= order.leaves - shown
        if level.shown or level.hidden:
            level.forget(1)
        else:
            ladder.drop(key)

    def _called(self, auction: TimeInForce) -> list[Order]:
        """Return waiting orders that take part in an auction; a market order does in the next."""
        other = _CLOSING if auction is _OPENING else _OPENING
        return [order for order in self._waiting.values() if order.time_in_force is not other]

    def _cross(self, px: int, qty: int, auction: TimeInForce, events: list[Event]) -> None:
        """Trade a quantity at one price, the first of each side with each other."""
        called = self._called(auction)
        buys, sells = lined_up(self._bids, called, px), lined_up(self._asks, called, px)
        used_up: list[Order] = []
        bought = sold = 0
        while qty:
            if not bought:
                buy, bought, is_buy_hidden = next(buys)
            if not sold:
                sell, sold, is_sell_hidden = next(sells)
            traded = min(bought, sold, qty)
            bought, sold, qty = bought - traded, sold - traded, qty - traded
            self._give(buy, traded, used_up, is_hidden=is_buy_hidden)
            self._give(sell, traded, used_up, is_hidden=is_sell_hidden)
            events.append(
                Crossed(
                    buy.order_id,
                    sell.order_id,
                    px,
                    traded,
                    buy.leaves,
                    sell.leaves,
                    buy.shown,
                    sell.shown,
                )
            )
        for order in used_up:
            if order.leaves:
                self._show_more([order], self._level(order), events)

    def _give(self, order: Order, qty: int, used_up: list[Order], *, is_hidden: bool) -> None:
        """Take traded shares off an order; note it if its displayed part is used up by that."""
        if order.order_id in self._waiting:
            order.leaves -= qty
            if not order.leaves:
                del self._waiting[order.order_id], self._orders[order.order_id]
            return
        level = self._level(order)
        level.reduce(order, 0 if is_hidden else qty, qty if is_hidden else 0)
        if not order.leaves:
            del self._orders[order.order_id]
            if not level.shown and not level.hidden:
                ladder = self._ladder(order.side)
                ladder.drop(level.px * ladder.sign)
        elif not is_hidden and not order.shown:
            used_up.append(order)

    def _end(self, order: Order, reason: CancelReason, events: list[Event]) -> None:
        """Take an order out of the book and say so."""
        self._remove(order)
        _drop(order, reason, events)


def _drop(order: Order, reason: CancelReason, events: list[Event]) -> None:
    """Cancel what is open of an order that is not in the book."""
    events.append(Canceled(order.order_id, order.leaves, 0, 0, reason))
    order.leaves = 0


def _prevent(taker: Order, maker: Order, level: Level, events: list[Event]) -> None:
    """Do to two orders of one owner what the newer one asks for instead of a trade.

    The maker stays in the queue in which it was met; the caller takes it out if that part is gone.
    """
    mode = taker.self_match
    is_displayed = maker.shown > 0
    if mode is SelfMatch.DECREMENT:
        qty = min(maker.shown or maker.leaves, taker.leaves)
        maker.leaves -= qty
        taker.leaves -= qty
        if is_displayed:
            maker.shown -= qty
            level.shown_qty -= qty
        else:
            level.hidden_qty -= qty
        events.append(Canceled(maker.order_id, qty, maker.leaves, maker.shown, _SELF_MATCH))
        events.append(Canceled(taker.order_id, qty, taker.leaves, 0, _SELF_MATCH))
        return
    if mode is not SelfMatch.CANCEL_NEWEST:
        reserve = maker.leaves - maker.shown
        level.shown_qty -= maker.shown
        level.hidden_qty -= reserve
        if is_displayed and reserve:
            del level.hidden[maker.order_id]
        maker.shown = 0
        _drop(maker, _SELF_MATCH, events)
    if mode is not SelfMatch.CANCEL_OLDEST:
        _drop(taker, _SELF_MATCH, events)
