"""Bars of an amount of money: as volume bars, but a split or a long rise does not change them."""

from __future__ import annotations

from app.market.builders.counted import CountedBars
from app.market.ring import Floats


class DollarBars(CountedBars):
    """Each bar has trades worth at least so many dollars, and less without its last trade."""

    def _amounts(self, prices: Floats, sizes: Floats) -> Floats:
        return prices * sizes
