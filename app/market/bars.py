"""Trades to bars.

Two base series are kept of each symbol, of one second and of one minute; every longer interval is
folded from one of them when it is read. The bar under construction lives in plain attributes and is
written to its ring when somebody looks or when it is complete.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from app.market.ring import Floats, Ints, Ring


class BarColumns(msgspec.Struct, frozen=True, kw_only=True):
    """Bars as columns of equal length, oldest first; the last may be under construction."""

    start_ns: Ints
    """UTC, start of each interval."""
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def __len__(self) -> int:
        return len(self.start_ns)


class BarSeries:
    """Bars of one symbol and one interval. Intervals without a trade have no bar."""

    def __init__(self, interval_ns: int, capacity: int) -> None:
        self.interval_ns: Final = interval_ns
        self._ring = Ring(capacity, 5)
        self._start_ns = -(2**63)  # Before every time there is.
        self._open = self._high = self._low = self._close = self._volume = 0.0
        self._is_written = True

    @property
    def capacity(self) -> int:
        """Bars that are kept."""
        return self._ring.capacity

    @property
    def count(self) -> int:
        """Bars there ever were, with the one under construction."""
        return self._ring.count

    def splice(self, bars: BarColumns) -> None:
        """Take these bars in place of all that are known; the last goes on."""
        assert len(bars), "nothing to go on with"
        self._write()
        self._ring.replace_all(
            bars.start_ns, bars.open, bars.high, bars.low, bars.close, bars.volume
        )
        self._start_ns = int(bars.start_ns[-1])
        columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
        self._open, self._high, self._low, self._close, self._volume = (
            float(column[-1]) for column in columns
        )

    def extend(self, times_ns: Ints, prices: Floats, sizes: Floats) -> None:
        """Count several trades; one that is older than its bar is counted in the open bar."""
        starts = np.maximum.accumulate(times_ns - times_ns % self.interval_ns)
        first = np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))
        rows = zip(
            starts[first].tolist(),
            prices[first].tolist(),
            np.maximum.reduceat(prices, first).tolist(),
            np.minimum.reduceat(prices, first).tolist(),
            prices[np.append(first[1:], len(starts)) - 1].tolist(),
            np.add.reduceat(sizes, first).tolist(),
            strict=True,
        )
        for row in rows:
            self.add_bar(*row)

    def add_bar(  # noqa: PLR0913  The five figures of a bar.
        self, ts_ns: int, open_: float, high: float, low: float, close: float, volume: float
    ) -> None:
        """Count a whole bar that begins at or in the interval of `ts_ns`."""
        start_ns = ts_ns - ts_ns % self.interval_ns
        if start_ns <= self._start_ns:
            self._high = max(self._high, high)
            self._low = min(self._low, low)
            self._close = close
            self._volume += volume
            self._is_written = False
            return
        self._write()
        self._start_ns = start_ns
        self._open, self._high, self._low, self._close = open_, high, low, close
        self._volume = volume
        self._ring.append(start_ns, open_, high, low, close, volume)

    def columns(self, n: int) -> BarColumns:
        """Return the newest n bars; slices, not copies."""
        self._write()
        ring = self._ring
        return BarColumns(
            start_ns=ring.times(n),
            open=ring.column(0, n),
            high=ring.column(1, n),
            low=ring.column(2, n),
            close=ring.column(3, n),
            volume=ring.column(4, n),
        )

    def _write(self) -> None:
        if not self._is_written:
            row = (self._open, self._high, self._low, self._close, self._volume)
            self._ring.replace_last(self._start_ns, *row)
            self._is_written = True


def fold_bars(base: BarColumns, interval_ns: int) -> BarColumns:
    """Return the bars of a longer interval; the first may begin in mid-interval."""
    return group_bars(base, base.start_ns - base.start_ns % interval_ns)


def group_bars(base: BarColumns, starts: Ints) -> BarColumns:
    """Return the bars that shorter ones make, where `starts` says for each to which it belongs."""
    if not len(base):
        return base
    starts = np.maximum.accumulate(starts)
    first = np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))
    last = np.append(first[1:], len(starts)) - 1
    return BarColumns(
        start_ns=starts[first],
        open=base.open[first],
        high=np.maximum.reduceat(base.high, first),
        low=np.minimum.reduceat(base.low, first),
        close=base.close[last],
        volume=np.add.reduceat(base.volume, first),
    )
