"""The price at which one auction serves most. Pure.

Rule, in this order: the price at which most shares trade; of those the one that leaves fewest
shares over; of those the nearest to the reference. Two are never equally near: demand falls and
supply rises with the price, so a tick between two best ones is as good as they are. Any tick may
win, not only one that an order names: between two named prices nothing changes, so the nearest tick
to the reference stands for all of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, pairwise
from typing import Final

import msgspec

from app.domain.enums import Side
from app.exchange.entry import Order
from app.exchange.levels import Ladder

_ANY_PX: Final = 2**62


class Indication(msgspec.Struct, frozen=True):
    """What an auction would do now; the content of an imbalance message."""

    px: int | None
    """Ticks; None if nothing would trade."""
    paired: int
    """Shares that would trade."""
    imbalance: int
    """Shares left over of those willing to trade at the price (at the reference if none)."""
    imbalance_side: Side | None
    """Who is left over; None if nobody."""


class Interest:
    """All shares that may trade in an auction."""

    def __init__(
        self,
        bids: Mapping[int, int],
        asks: Mapping[int, int],
        *,
        market_buys: int = 0,
        market_sells: int = 0,
    ) -> None:
        """Take shares by limit in ticks, and shares at any price."""
        self._bid_pxs, self._ask_pxs = sorted(bids), sorted(asks)
        from_top = accumulate((bids[px] for px in reversed(self._bid_pxs)), initial=market_buys)
        self._demand = list(from_top)[::-1]
        """One more than bid prices: shares bid at this price or a higher one."""
        self._supply = list(accumulate((asks[px] for px in self._ask_pxs), initial=market_sells))

    def at(self, px: int) -> tuple[int, int]:
        """Return the shares that buyers and sellers would trade at a price."""
        demand = self._demand[bisect_left(self._bid_pxs, px)]
        return demand, self._supply[bisect_right(self._ask_pxs, px)]

    def indicate(self, reference: int) -> Indication:
        """Return the auction's price and what trades at it.

        Args:
            reference: ticks, from 1: the last price, or the middle of the market.
        """
        best = min(self._candidates(reference), key=lambda px: self._rank(px, reference))
        demand, supply = self.at(best)
        paired = min(demand, supply)
        if not paired:
            demand, supply = self.at(reference)
        over = demand - supply
        side = None if not over else Side.BUY if over > 0 else Side.SELL
        return Indication(best if paired else None, paired, abs(over), side)

    def _rank(self, px: int, reference: int) -> tuple[int, int, int]:
        demand, supply = self.at(px)
        return -min(demand, supply), abs(demand - supply), abs(px - reference)

    def _candidates(self, reference: int) -> Iterator[int]:
        yield reference
        named = sorted({*self._bid_pxs, *self._ask_pxs})
        yield from named
        for low, high in pairwise(named):
            if high - low > 1:
                yield min(max(reference, low + 1), high - 1)
        if named:
            yield max(1, named[0] - 1)
            yield named[-1] + 1


def interest(bids: Ladder, asks: Ladder, waiting: Iterable[Order]) -> Interest:
    """Return the shares in a book and of orders that wait beside it."""
    sums: dict[Side, Counter[int]] = {}
    for side, ladder in ((Side.BUY, bids), (Side.SELL, asks)):
        levels = ladder.levels.values()
        sums[side] = Counter({level.px: level.shown_qty + level.hidden_qty for level in levels})
    for order in waiting:
        sums[order.side][order.px or 0] += order.leaves
    buys, sells = sums[Side.BUY], sums[Side.SELL]
    market_buys, market_sells = buys.pop(0, 0), sells.pop(0, 0)
    return Interest(buys, sells, market_buys=market_buys, market_sells=market_sells)


def lined_up(
    ladder: Ladder, waiting: Iterable[Order], px: int
) -> Iterator[tuple[Order, int, bool]]:
    """Give orders of one side that trade at a price, their shares and whether those are hidden.

    Market orders first, then by price, then displayed before hidden, then by time. Reserve orders
    come twice.
    """
    worst = px * ladder.sign
    line: list[tuple[int, bool, int, Order, int]] = []
    for order in waiting:
        key = _ANY_PX if order.px is None else order.px * ladder.sign
        if key >= worst and order.side is ladder.side:
            line.append((-key, False, order.priority, order, order.leaves))
    for key in reversed(ladder.keys):
        if key < worst:
            break
        level = ladder.levels[key]
        line += ((-key, False, o.priority, o, o.shown) for o in level.shown.values())
        hidden = enumerate(level.hidden.values())
        line += ((-key, True, place, o, o.reserve) for place, o in hidden)
    line.sort(key=lambda entry: entry[:3])
    return ((order, qty, is_hidden) for _, is_hidden, _, order, qty in line)
