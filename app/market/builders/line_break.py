"""Line break: a line for every new high or low of the closes; to turn, several must be broken.

Definition: S. Nison, "Beyond Candlesticks", 1994, chapter 6. While closes go the way of the last
line, each one beyond its end draws a line from there. Against it the close has to go beyond the
extreme of the last n lines (usually three; of as many as there are), and the new line begins where
the last one began.
The first line goes from the first close to the next that differs. The bar under construction goes
from the end of the last line to the newest close.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from app.market.builders.base import StepBuilder


class LineBreakBars(StepBuilder):
    """Lines between closes."""

    def __init__(self, lines: int, capacity: int) -> None:
        assert lines > 0, lines
        super().__init__(capacity)
        self._lines: Final[deque[tuple[float, float]]] = deque(maxlen=lines)
        """Open and close of the last lines."""
        self._first_px = 0.0

    def _step(self, ts_ns: int, price: float, size: float) -> None:
        self._volume += size
        if not self._lines:
            if not self._first_px:
                self._first_px = price
            elif price != self._first_px:
                self._draw(ts_ns, self._first_px, price)
            return
        open_, close = self._lines[-1]
        is_up = close > open_
        if (price > close) if is_up else (price < close):
            self._draw(ts_ns, close, price)
        elif self._breaks(price, is_up=is_up):
            self._draw(ts_ns, open_, price)

    def _breaks(self, price: float, *, is_up: bool) -> bool:
        """Whether a price is beyond all the last lines, against their way."""
        if is_up:
            return price < min(min(line) for line in self._lines)
        return price > max(max(line) for line in self._lines)

    def _draw(self, ts_ns: int, open_: float, close: float) -> None:
        self._end_bar(ts_ns, open_, max(open_, close), min(open_, close), close)
        self._lines.append((open_, close))

    def _show_open(self) -> None:
        if self._start_ns is None:
            return
        open_ = self._lines[-1][1] if self._lines else self._first_px
        prices = open_, max(open_, self._price), min(open_, self._price), self._price
        self._put(self._start_ns, *prices, self._volume, is_over=False)
