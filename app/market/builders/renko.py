"""Renko: bricks of one height, each when the price has gone that far.

Definition: S. Nison, "Beyond Candlesticks", 1994, chapter 7. Bricks lie on whole multiples of their
height. A brick is added when the price reaches the next line in the direction of the last brick;
against it, the price has to go two bricks, and the first of the new ones lies beside the last of
the old. Every price that is counted is a close; bricks have no wicks. The bar under construction
goes from the end of the last brick to the newest price.

Shares traded since the last brick count to the first brick that a trade makes; the others it makes
have none and begin with that trade.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from app.market.bars import BarColumns
from app.market.builders.base import StepBuilder, line_px, steps_above, steps_below


class RenkoBars(StepBuilder):
    """Bricks of a height in prices."""

    def __init__(self, brick: float, capacity: int) -> None:
        assert brick > 0, brick
        super().__init__(capacity)
        self._brick: Final = brick
        self._top: int | None = None
        """Line at the upper end of the last brick; None before the first price."""
        self._bottom = 0
        """Line at its lower end; the top where there is no brick yet."""
        self._is_up = True
        """Which way the last brick goes."""
        self._above = self._below = 0.0
        """Between these two prices nothing happens."""

    def _step(self, ts_ns: int, price: float, size: float) -> None:
        self._volume += size
        if self._top is None:
            self._set(steps_below(price, self._brick), steps_below(price, self._brick))
        if self._below < price < self._above:
            return
        self._rise(ts_ns, steps_below(price, self._brick))
        self._fall(ts_ns, steps_above(price, self._brick))

    def _rise(self, ts_ns: int, to: int) -> None:
        assert self._top is not None
        for line in range(self._skip(self._top, to - self.capacity), to):
            low, high = line_px(line, self._brick), line_px(line + 1, self._brick)
            self._end_bar(ts_ns, low, high, low, high)
            self._set(line, line + 1)
            self._is_up = True

    def _fall(self, ts_ns: int, to: int) -> None:
        for line in range(-self._skip(-self._bottom, -to - self.capacity), to, -1):
            low, high = line_px(line - 1, self._brick), line_px(line, self._brick)
            self._end_bar(ts_ns, high, high, low, low)
            self._set(line - 1, line)
            self._is_up = False

    def _skip(self, line: int, first_kept: int) -> int:
        """Return from where bricks are made: those that would be forgotten at once are not."""
        if line >= first_kept:
            return line
        self._start_ns, self._volume = None, 0.0
        return first_kept

    def _set(self, bottom: int, top: int) -> None:
        self._bottom, self._top = bottom, top
        # A little nearer than the lines: how near is near enough is said in one place.
        self._above = (top + 0.999) * self._brick
        self._below = (bottom - 0.999) * self._brick

    def _show_open(self) -> None:
        if self._start_ns is None or self._top is None:
            return
        open_ = line_px(self._top if self._is_up else self._bottom, self._brick)
        high, low = max(open_, self._price), min(open_, self._price)
        self._put(self._start_ns, open_, high, low, self._price, self._volume, is_over=False)


def atr_brick(bars: BarColumns, n: int, tick: float = 0.01) -> float:
    """Return the mean true range of the newest n bars, rounded up to the tick.

    The true range of a bar reaches from the close before it where that lies outside (J. W. Wilder,
    "New Concepts in Technical Trading Systems", 1978). The plain mean is taken: it is needed once.

    Args:
        bars: that are over, oldest first; one more than n, or as many as there are.
        n: at least 1.
        tick: the smallest height, and the one where there are no bars.
    """
    if not len(bars):
        return tick
    before = np.append(bars.open[:1], bars.close[:-1])[-n:]
    ranges = np.maximum(bars.high[-n:], before) - np.minimum(bars.low[-n:], before)
    mean = float(np.mean(ranges[np.isfinite(ranges)])) if np.isfinite(ranges).any() else 0.0
    return line_px(max(1, steps_above(mean, tick)), tick)
