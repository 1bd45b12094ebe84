"""Bars of a number of shares: quiet hours have few bars, busy minutes have many."""

from __future__ import annotations

from app.market.builders.counted import CountedBars
from app.market.ring import Floats


class VolumeBars(CountedBars):
    """Each bar has at least so many shares, and fewer without its last trade."""

    def _amounts(self, prices: Floats, sizes: Floats) -> Floats:
        del prices
        return sizes
