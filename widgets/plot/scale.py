"""Bars and prices to pixels, and the round values that axes show; no painting."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.times import SECOND_NS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

AXIS_HEIGHT_PX: Final = 24
LEGEND_HEIGHT_PX: Final = 26
VOLUME_SHARE: Final = 0.16
"""Part of the height, at the bottom, in which volume stands behind the prices."""
_DAY: Final = 86_400
_TIME_STEPS_S: Final = (
    *(1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14400, 28800),
    *(_DAY, 2 * _DAY, 7 * _DAY, 30 * _DAY, 365 * _DAY),
)


@dataclass(frozen=True)
class Scale:
    """Where a bar number and a price are, in pixels of the view."""

    width: int
    """Of the drawing area, without the price axis."""
    height: int
    """Of the drawing area, without the time axis."""
    left: float
    """Bar number at the left edge."""
    bars: float
    """Bars across the width."""
    low: float
    high: float

    @property
    def step(self) -> float:
        """Pixels a bar."""
        return self.width / self.bars

    @property
    def floor_px(self) -> float:
        """The line on which volume stands."""
        return self.height - 1

    def x(self, number: float) -> int:
        """Return the middle of a bar."""
        return math.floor((number - self.left + 0.5) * self.step)

    def y(self, price: float) -> float:
        """Return where a price is."""
        top, room = self._room()
        return top + (self.high - price) / (self.high - self.low) * room

    def ys(self, prices: Floats) -> Floats:
        """Return where prices are, in whole pixels."""
        top, room = self._room()
        return np.rint(top + (self.high - prices) / (self.high - self.low) * room)

    def number_at(self, x: float) -> int:
        """Return the number of the bar under a pixel."""
        return math.floor(self.left + x / self.step)

    def price_at(self, y: float) -> float:
        """Return the price at a pixel."""
        top, room = self._room()
        return self.high - (y - top) / room * (self.high - self.low)

    def slice_of(self, count: int) -> slice:
        """Return which of `count` bars are in view."""
        first = max(0, math.floor(self.left))
        return slice(min(first, count), max(first, min(count, math.ceil(self.left + self.bars))))

    def _room(self) -> tuple[float, float]:
        lower = self.height * (1 - VOLUME_SHARE * 0.75)
        return LEGEND_HEIGHT_PX + 8, max(1.0, lower - LEGEND_HEIGHT_PX - 8)


def price_range(lows: Floats, highs: Floats, extra: tuple[float, ...] = ()) -> tuple[float, float]:
    """Return a range that holds all prices with a little room; (0, 1) if there are none.

    Prices that are not finite are left out. `extra` prices (orders) widen the range only if they
    lie within one height of it: a far order must not flatten the bars.
    """
    lows, highs = lows[np.isfinite(lows)], highs[np.isfinite(highs)]
    if not len(lows) or not len(highs):
        return 0.0, 1.0
    low, high = float(lows.min()), float(highs.max())
    if high <= low:
        half = abs(low) * 0.001 or 0.5
        return low - half, high + half
    near = [price for price in extra if low - (high - low) < price < high + (high - low)]
    low, high = min([low, *near]), max([high, *near])
    room = (high - low) * 0.06
    return low - room, high + room


def price_ticks(low: float, high: float, count_max: int) -> list[float]:
    """Return round prices in a range, at most about `count_max`."""
    raw = (high - low) / max(1, count_max)
    if not raw > 0 or not math.isfinite(raw):
        return []
    raw = max(raw, 0.01 if high >= 1 else 0.0001)  # No finer than prices are shown.
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999999)
    first = math.ceil(low / step)
    return [number * step for number in range(first, math.floor(high / step) + 1)]


def time_ticks(
    starts_ns: Ints, interval_ns: int, offset_ns: int, bars_apart: float
) -> tuple[Ints, int]:
    """Return which bars begin a round time, at least about `bars_apart` apart, and the step in s.

    Args:
        starts_ns: starts of the bars in view, UTC.
        interval_ns: of a bar.
        offset_ns: what the exchange's zone adds to UTC, as at the newest bar.
        bars_apart: smallest distance of two labels.
    """
    wanted_s = bars_apart * interval_ns / SECOND_NS
    step_s = next((s for s in _TIME_STEPS_S if s >= wanted_s), _TIME_STEPS_S[-1])
    rounds = (starts_ns + offset_ns) // (step_s * SECOND_NS)
    marks = np.flatnonzero(np.diff(rounds)) + 1
    if len(marks) > 1:
        # A gap puts two round times side by side: keep the first of those too near.
        kept = [int(marks[0])]
        for mark in marks[1:].tolist():
            if mark - kept[-1] >= bars_apart * 0.7:
                kept.append(mark)
        marks = np.asarray(kept)
    return marks.astype(np.int64), step_s
