"""Range bars: each holds as many trades as fit into a height.

Source of the idea: V. Nicolellis, Brazil, 1995. A trade that would make the bar higher than the
range ends it and opens the next one at its own price. No bar is made up: where the price jumps by
several ranges there is a gap between two bars, as there was in the market.
"""

from __future__ import annotations

from typing import Final

from app.market.builders.base import STEP_SLACK, StepBuilder


class RangeBars(StepBuilder):
    """Bars of at most a height, in prices."""

    def __init__(self, height: float, capacity: int) -> None:
        assert height > 0, height
        super().__init__(capacity)
        self._height_max: Final = height * (1 + STEP_SLACK)
        self._open = self._high = self._low = 0.0

    def _step(self, ts_ns: int, price: float, size: float) -> None:
        if not self._open:
            self._open = self._high = self._low = price
        elif max(self._high, price) - min(self._low, price) > self._height_max:
            self._end_bar(ts_ns, self._open, self._high, self._low, self._price)
            self._start_ns = ts_ns
            self._open = self._high = self._low = price
        else:
            self._high, self._low = max(self._high, price), min(self._low, price)
        self._volume += size

    def _show_open(self) -> None:
        if self._start_ns is not None:
            prices = self._open, self._high, self._low, self._price
            self._put(self._start_ns, *prices, self._volume, is_over=False)
