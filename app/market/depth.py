"""The displayed book of one symbol, as far as a feed tells it."""

from __future__ import annotations

import heapq
from decimal import Decimal
from typing import Final

from app.domain.enums import Side
from app.domain.market import Depth

LEVELS_MAX: Final = 2_000
"""Prices kept of a side; beyond, the farthest from the market are forgotten."""

Levels = tuple[tuple[Decimal, int], ...]
"""Price and displayed shares, the best first."""


class DepthBook:
    """Prices and shares of both sides."""

    def __init__(self) -> None:
        self._bids: dict[Decimal, int] = {}
        self._asks: dict[Decimal, int] = {}
        self.version = 0
        """Grows with every change; 0: nothing is known."""

    def apply(self, depth: Depth) -> None:
        """Take in what a feed says."""
        bids, asks = self._bids, self._asks
        if depth.is_whole:
            bids.clear()
            asks.clear()
        for price, size in depth.bids:
            if size:
                bids[price] = size
            else:
                bids.pop(price, None)
        for price, size in depth.asks:
            if size:
                asks[price] = size
            else:
                asks.pop(price, None)
        if len(bids) > LEVELS_MAX:
            self._bids = dict(heapq.nlargest(LEVELS_MAX // 2, bids.items()))
        if len(asks) > LEVELS_MAX:
            self._asks = dict(heapq.nsmallest(LEVELS_MAX // 2, asks.items()))
        self.version += 1

    def levels(self, side: Side, n: int) -> Levels:
        """Return the n best prices of a side with their shares."""
        if side is Side.BUY:
            return tuple(heapq.nlargest(n, self._bids.items()))
        return tuple(heapq.nsmallest(n, self._asks.items()))
