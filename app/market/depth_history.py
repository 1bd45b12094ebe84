"""What was displayed over time: a look at the book once a second, for those who watch it.

Looks are taken by the time of the feed, so that a replay gives what live trading gave. While the
feed is away there are none: a gap is a gap.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import msgspec
import numpy as np

from app.domain.enums import Side
from app.domain.times import SECOND_NS
from app.market.depth import DepthBook
from app.market.ring import Floats

EVERY_NS: Final = SECOND_NS
LEVELS: Final = 40
"""Prices of a side that a look takes in."""
LOOKS_MAX: Final = 3_600
"""Kept of a symbol: an hour, some 5 MB."""


class Look(msgspec.Struct, frozen=True):
    """The book at one moment."""

    ts_ns: int
    prices: Floats
    """Of both sides."""
    sizes: Floats
    """Displayed shares, as long as the prices."""


class DepthHistory:
    """Looks at one symbol's book, oldest first."""

    def __init__(self) -> None:
        self.looks: deque[Look] = deque(maxlen=LOOKS_MAX)
        self.version = 0
        """A number that grows with every look."""
        self._next_ns = -(2**63)

    def see(self, book: DepthBook, ts_ns: int) -> None:
        """Take a look, if the last one is old enough."""
        if ts_ns < self._next_ns:
            return
        self._next_ns = ts_ns - ts_ns % EVERY_NS + EVERY_NS
        levels = [*book.levels(Side.BUY, LEVELS), *book.levels(Side.SELL, LEVELS)]
        prices = np.array([float(price) for price, _ in levels])
        sizes = np.array([float(size) for _, size in levels])
        self.looks.append(Look(ts_ns, prices, sizes))
        self.version += 1
