"""What all builders have in common: a ring of bars, the last of which may be under construction.

A bar's start is the time of its first trade. Where a trade is older than the one before it, it
counts when it came and the bar does not begin earlier than the bar before: starts never go back,
though several bars may have the same one.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Final

import numpy as np

from app.market.bars import BarColumns
from app.market.ring import Floats, Ints, Ring

STEP_SLACK: Final = 1e-6
"""Of a step: how much a price may miss a line by and still touch it. Floats are not exact."""


class Builder(ABC):
    """Cuts trades into bars."""

    def __init__(self, capacity: int, extra: int = 0) -> None:
        """Begin with no bars.

        Args:
            capacity: bars that are kept; the oldest are forgotten.
            extra: columns beside open, high, low, close and volume.
        """
        self._ring = Ring(capacity, 5 + extra)
        self._extra: Final = extra
        self._has_open = False
        """Whether the newest row of the ring is under construction."""
        self._last_ns = -(2**63)
        """Newest time so far."""

    @property
    def capacity(self) -> int:
        """Bars that are kept."""
        return self._ring.capacity

    def extend(self, times_ns: Ints, prices: Floats, sizes: Floats) -> None:
        """Count several trades. One without a price above 0 or a size is left out.

        Args:
            times_ns: UTC.
            prices: of one share.
            sizes: in shares.
        """
        sound = (prices > 0) & (prices < np.inf) & (sizes >= 0) & (sizes < np.inf)
        if not sound.all():
            times_ns, prices, sizes = times_ns[sound], prices[sound], sizes[sound]
        if not len(times_ns):
            return
        times_ns = np.maximum(np.maximum.accumulate(times_ns), self._last_ns)
        self._last_ns = int(times_ns[-1])
        self._count(times_ns, prices, sizes)

    def extend_bars(self, bars: BarColumns) -> None:
        """Count bars that are over, each as one trade at its close."""
        self.extend(bars.start_ns, bars.close, bars.volume)

    def columns(self, n: int) -> BarColumns:
        """Return the newest n bars, oldest first; slices, good until the next trade."""
        self._show_open()
        return self._columns(n)

    def _columns(self, n: int) -> BarColumns:
        ring = self._ring
        return BarColumns(
            start_ns=ring.times(n),
            open=ring.column(0, n),
            high=ring.column(1, n),
            low=ring.column(2, n),
            close=ring.column(3, n),
            volume=ring.column(4, n),
        )

    @abstractmethod
    def _count(self, times_ns: Ints, prices: Floats, sizes: Floats) -> None:
        """Count sound trades whose times do not go back; at least one."""

    @abstractmethod
    def _show_open(self) -> None:
        """Put the bar under construction, if there is one, with `_put(..., is_over=False)`."""

    def _put(self, start_ns: int, *values: float, is_over: bool) -> None:
        """Write the bar after the last that is over, in place of the one under construction."""
        if self._has_open:
            self._ring.replace_last(start_ns, *values)
        else:
            self._ring.append(start_ns, *values)
        self._has_open = not is_over


class StepBuilder(Builder):
    """A builder that looks at every price: most prices change nothing but the volume.

    What was traded since the last bar that is over counts to the next one, and its first trade is
    where that begins.
    """

    def __init__(self, capacity: int, extra: int = 0) -> None:
        super().__init__(capacity, extra)
        self._start_ns: int | None = None
        """Of the first trade since the last bar that is over; None: there was none."""
        self._volume = 0.0
        """Since then."""
        self._price = 0.0
        """The newest."""

    def _count(self, times_ns: Ints, prices: Floats, sizes: Floats) -> None:
        columns = times_ns.tolist(), prices.tolist(), sizes.tolist()
        for ts_ns, price, size in zip(*columns, strict=True):
            if self._start_ns is None:
                self._start_ns = ts_ns
            self._step(ts_ns, price, size)
            self._price = price

    @abstractmethod
    def _step(self, ts_ns: int, price: float, size: float) -> None:
        """Count one trade: add its size to `_volume`, and take that with `_end_bar`."""

    def _end_bar(self, ts_ns: int, *prices: float, extra: tuple[float, ...] = ()) -> None:
        """End a bar of open, high, low and close with all that was traded since the last."""
        start_ns = ts_ns if self._start_ns is None else self._start_ns
        self._put(start_ns, *prices, self._volume, *extra, is_over=True)
        self._start_ns, self._volume = None, 0.0


def steps_below(price: float, step: float) -> int:
    """Return the highest line of a grid that a price reaches from above, counted from 0."""
    return math.floor(price / step + STEP_SLACK)


def steps_above(price: float, step: float) -> int:
    """Return the lowest line of a grid that a price reaches from below, counted from 0."""
    return math.ceil(price / step - STEP_SLACK)


def line_px(number: int, step: float) -> float:
    """Return the price of a line of a grid, without the noise of the multiplication."""
    return round(number * step, 10)
