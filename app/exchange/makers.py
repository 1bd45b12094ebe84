"""A market maker: quotes both sides around what it thinks the symbol is worth, and fears its stock.

What it has bought it wants to sell again: with a long inventory it quotes lower, with a short one
higher, so that the price gives way to whoever keeps buying.
"""

from __future__ import annotations

import math
import random
from typing import Final

from app.domain.enums import Liquidity, Side, TimeInForce
from app.exchange.entry import CancelReason, Order
from app.exchange.pit import Pit

INVENTORY_LOTS_MAX: Final = 25
"""Of its usual quote size, either way; beyond, it gets rid of half at any price."""
SKEW_SPREADS: Final = 2.0
"""How far a full inventory moves its quotes, in half-spreads."""


class Maker:
    """One market maker of one symbol."""

    def __init__(self, pit: Pit, rnd: random.Random, *, owner: int, size: int) -> None:
        self._pit = pit
        self._random = rnd
        self._owner = owner
        self._size = size
        """Shares of its usual quote."""
        self._quotes: dict[Side, Order] = {}
        """What it has in the book."""
        self.inventory = 0
        """Signed shares."""
        self._shyness = 0.8 + 0.6 * rnd.random()
        """How much wider than usual it quotes."""

    def on_fill(self, order: Order, qty: int, px: int, liquidity: Liquidity, now_ns: int) -> None:
        """Count what it has got."""
        self.inventory += order.side.sign * qty
        self._forget(order)

    def on_cancel(self, order: Order, qty: int, reason: CancelReason, now_ns: int) -> None:
        """Forget a quote that is gone."""
        self._forget(order)

    def turn(self, worth: float, half_spread: float, size_factor: float, now_ns: int) -> None:
        """Renew its quotes.

        Args:
            worth: what the symbol is worth, in ticks.
            half_spread: usual distance of a quote from it now, in ticks.
            size_factor: how large orders are now, against the mean.
            now_ns: the time.
        """
        limit = INVENTORY_LOTS_MAX * self._size
        if abs(self.inventory) > limit:
            self._shed(now_ns)
        half = half_spread * self._shyness
        center = worth - SKEW_SPREADS * half * self.inventory / limit
        size = max(1, int(self._size * size_factor * (0.5 + self._random.random())))
        lot = self._pit.facts.lot
        size = max(lot, size // lot * lot)
        self._quote(Side.BUY, max(1, math.floor(center - half)), size, now_ns)
        self._quote(Side.SELL, max(2, math.ceil(center + half)), size, now_ns)

    def withdraw(self, now_ns: int) -> None:
        """Take its quotes out."""
        for order in list(self._quotes.values()):
            self._pit.cancel(order.order_id, now_ns)

    def _quote(self, side: Side, px: int, size: int, now_ns: int) -> None:
        order = self._quotes.get(side)
        if order is not None:
            if order.px == px and order.leaves * 2 >= size:
                return
            self._pit.cancel(order.order_id, now_ns)
        order = Order(next(self._pit.ids), side, size, px, owner=self._owner, is_post_only=True)
        self._quotes[side] = order
        self._pit.enter(order, now_ns, self)

    def _shed(self, now_ns: int) -> None:
        """Sell or buy back half of its inventory at any price."""
        side = Side.SELL if self.inventory > 0 else Side.BUY
        qty = abs(self.inventory) // 2
        order = Order(next(self._pit.ids), side, qty, None, TimeInForce.IOC, owner=self._owner)
        self._pit.enter(order, now_ns, self)

    def _forget(self, order: Order) -> None:
        if not order.leaves and self._quotes.get(order.side) is order:
            del self._quotes[order.side]
