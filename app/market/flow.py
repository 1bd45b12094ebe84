"""Who traded: what was bought at the ask and sold at the bid, by second, by bar and by price.

A print is put to a side when it arrives, by the quote that stood then: at the ask or above it was
bought, at the bid or below it was sold, between them by the nearer; in the middle, or without a
quote, by the tick rule: bought above the print before, sold below, as before at the same price.
Source: C. M. C. Lee and M. J. Ready, "Inferring Trade Direction from Intraday Data", Journal of
Finance 46 (1991). Not guaranteed: that a print and the quote beside it came in the order in which
they happened. Of history nobody knows sides, and none are invented.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec
import numpy as np

from app.domain.market import Quote, Trade
from app.domain.times import SECOND_NS
from app.market.ring import Floats, Ints, Ring

BOUGHT: Final = 1.0
SOLD: Final = -1.0
UNKNOWN: Final = 0.0
CELLS_MAX: Final = 2_000
"""Rows of one bar's footprint; finer ones are made coarser."""


def side_of(trade: Trade, quote: Quote | None, before: Trade | None, side_before: float) -> float:
    """Return BOUGHT, SOLD or UNKNOWN.

    Args:
        trade: the print.
        quote: as it stood when the print came.
        before: the print before of the symbol.
        side_before: of that one.
    """
    price = trade.price
    if quote is not None:
        ask, bid = quote.ask, quote.bid
        if ask is not None and price >= ask:
            return BOUGHT
        if bid is not None and price <= bid:
            return SOLD
        if ask is not None and bid is not None:
            above, below = ask - price, price - bid
            if above != below:
                return BOUGHT if above < below else SOLD
    return _by_tick(price, before, side_before)


def _by_tick(price: Decimal, before: Trade | None, side_before: float) -> float:
    if before is None:
        return UNKNOWN
    if price == before.price:
        return side_before
    return BOUGHT if price > before.price else SOLD


class Flow(msgspec.Struct, frozen=True):
    """Shares of each bar; NaN where they are not known."""

    bought: Floats
    sold: Floats


class FlowSeries:
    """Bought and sold shares by second, of the newest seconds with a print."""

    def __init__(self, capacity: int) -> None:
        self._ring = Ring(capacity, 2)
        self._start_ns = -(2**63)
        self._bought = self._sold = 0.0
        self._first_ns: int | None = None
        """Of the first print that had a side, rounded up to a whole second."""

    def extend(self, times_ns: Ints, sizes: Floats, sides: Floats) -> None:
        """Count prints, oldest first; one that is older than its second counts in the open one."""
        starts = np.maximum.accumulate(times_ns - times_ns % SECOND_NS)
        first = np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))
        bought = np.add.reduceat(np.where(sides > 0, sizes, 0.0), first)
        sold = np.add.reduceat(np.where(sides < 0, sizes, 0.0), first)
        if self._first_ns is None:
            self._first_ns = int(starts[0]) + SECOND_NS
        for row in zip(starts[first].tolist(), bought.tolist(), sold.tolist(), strict=True):
            self._add(*row)

    def of_bars(self, starts_ns: Ints) -> Flow:
        """Return what was bought and sold in bars, each up to the start of the next.

        Args:
            starts_ns: of all bars from one on to the newest, rising.
        """
        count = len(starts_ns)
        bought, sold = np.full(count, np.nan), np.full(count, np.nan)
        seconds = self._ring.times(self._ring.capacity)
        known_ns = self._known_ns(seconds)
        first = int(starts_ns.searchsorted(known_ns))
        if first == count:
            return Flow(bought, sold)
        edges = seconds.searchsorted(starts_ns[first:])
        for column, made in ((0, bought), (1, sold)):
            values = self._ring.column(column, self._ring.capacity)
            sums = np.concatenate(([0.0], np.cumsum(values)))
            made[first:] = np.diff(sums[np.append(edges, len(values))])
        return Flow(bought, sold)

    def _known_ns(self, seconds: Ints) -> int:
        """Return from when on nothing is missing."""
        if self._first_ns is None or not len(seconds):
            return 2**63 - 1
        if self._ring.count > self._ring.capacity:
            return max(self._first_ns, int(seconds[0]))
        return self._first_ns

    def _add(self, start_ns: int, bought: float, sold: float) -> None:
        if start_ns > self._start_ns:
            self._start_ns, self._bought, self._sold = start_ns, bought, sold
            self._ring.append(start_ns, bought, sold)
            return
        self._bought += bought
        self._sold += sold
        self._ring.replace_last(self._start_ns, self._bought, self._sold)


class Cells(msgspec.Struct, frozen=True):
    """The footprint of a bar: shares by price."""

    low: float
    """Lower edge of the first row."""
    height: float
    """Of a row, in prices."""
    bought: Floats
    sold: Floats
    """A row each, lowest first; shares without a side are in neither."""


def cells_of(
    prices: Floats, sizes: Floats, sides: Floats, height: float, tick: float = 0.0
) -> Cells | None:
    """Return the footprint of some prints; None without any.

    Args:
        prices: of the prints.
        sizes: their shares.
        sides: BOUGHT, SOLD or UNKNOWN.
        height: of a row in prices; a multiple of it where there would be too many rows.
        tick: distance of two prices; a row begins half of it below its first price.
    """
    good = np.isfinite(prices)
    if not good.any() or not height > 0:
        return None
    prices, sizes, sides = prices[good], sizes[good], sides[good]
    # A price lies on the lower edge of its row, whatever rounding says.
    rows = np.floor(prices / height + 1e-6).astype(np.int64)
    if int(rows.max() - rows.min()) >= CELLS_MAX:
        return cells_of(prices, sizes, sides, height * 10, tick)
    first, count = int(rows.min()), int(rows.max() - rows.min()) + 1
    places = rows - first
    bought, sold = np.zeros(count), np.zeros(count)
    np.add.at(bought, places[sides > 0], sizes[sides > 0])
    np.add.at(sold, places[sides < 0], sizes[sides < 0])
    return Cells(first * height - tick / 2, height, bought, sold)
