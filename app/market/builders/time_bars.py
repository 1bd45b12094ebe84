"""Bars of a time within the day, counted from the start of each phase (see `app.market.sessions`).

A time without a trade has no bar. A trade that is older than the open bar is counted in it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from app.market.bars import BarColumns, group_bars
from app.market.builders.base import Builder
from app.market.ring import Floats, Ints
from app.market.sessions import bar_starts

_NEVER_NS: Final = -(2**63)


class TimeBars(Builder):
    """Bars of an interval that is shorter than a day."""

    def __init__(self, interval_ns: int, capacity: int) -> None:
        super().__init__(capacity)
        self.interval_ns: Final = interval_ns
        self._start_ns = _NEVER_NS
        self._open: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)
        """Open, high, low, close and volume of the bar under construction."""

    def extend_bars(self, bars: BarColumns) -> None:
        """Count whole bars of a shorter interval, each as a bar and not as a trade."""
        self._add(group_bars(bars, bar_starts(bars.start_ns, self.interval_ns)))

    def over(self) -> int:
        """Return how many bars were ever completed."""
        return self._ring.count - int(self._has_open)

    def _count(self, times_ns: Ints, prices: Floats, sizes: Floats) -> None:
        starts = bar_starts(times_ns, self.interval_ns)
        trades = BarColumns(
            start_ns=starts, open=prices, high=prices, low=prices, close=prices, volume=sizes
        )
        self._add(group_bars(trades, starts))

    def _add(self, bars: BarColumns) -> None:
        """Count bars of this interval; the last stays open, and the first may belong to it."""
        if not len(bars):
            return
        columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
        joined = int(np.searchsorted(bars.start_ns, self._start_ns, side="right"))
        for place in range(joined):
            self._join(*(float(column[place]) for column in columns))
        if joined == len(bars):
            return
        self._end_open()
        last = len(bars) - 1
        if last > joined:
            middle = slice(joined, last)
            self._ring.extend(bars.start_ns[middle], *(column[middle] for column in columns))
        self._start_ns = int(bars.start_ns[last])
        o, h, low, c, v = (float(column[last]) for column in columns)
        self._open = (o, h, low, c, v)

    def _join(self, open_: float, high: float, low: float, close: float, volume: float) -> None:
        del open_
        first, highest, lowest, _, shares = self._open
        self._open = (first, max(highest, high), min(lowest, low), close, shares + volume)

    def _end_open(self) -> None:
        if self._start_ns != _NEVER_NS:
            self._put(self._start_ns, *self._open, is_over=True)

    def _show_open(self) -> None:
        if self._start_ns != _NEVER_NS:
            self._put(self._start_ns, *self._open, is_over=False)
