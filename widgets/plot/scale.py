"""Bars and prices to pixels, and the round values that axes show; no painting.

A pane is a box of the chart with a price axis of its own; all panes share the time axis.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain.times import SECOND_NS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

AXIS_HEIGHT_PX: Final = 24
LEGEND_HEIGHT_PX: Final = 26
CALM_BITS: Final = 4
"""The ends of a calm range are multiples of a sixteenth to an eighth of a power of two."""
VOLUME_SHARE: Final = 0.16
"""Part of the height, at the bottom, in which volume stands behind the prices."""
_DAY: Final = 86_400
_TIME_STEPS_S: Final = (
    *(1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14400, 28800),
    *(_DAY, 2 * _DAY, 7 * _DAY),
)
MONTH_S: Final = 30 * _DAY
"""About a month: from this step on, labels stand at the beginning of months."""
_MONTH_STEPS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 240)
_TINY: Final = 1e-300
"""Stands for what has no logarithm: far below every picture."""
_EDGE: Final = 1e-6
"""Of a pixel: what lies on the edge of two is in the right one, whatever a float made of it."""
_FAR_PX: Final = 1e6
"""Pixels beyond which nothing is drawn: painters count in 32 bits."""


class AxisKind(StrEnum):
    """How prices are spread over the height."""

    LINEAR = "linear"
    LOG = "log"
    """Equal ratios are equal heights. Prices of 0 and below have no place."""
    PERCENT = "percent"
    """Linear, told as change from `PriceScale.base`."""


@dataclass(frozen=True)
class PriceScale:
    """Where a price is in the height of a pane, in pixels of the view."""

    top: float
    """Of the highest price."""
    room: float
    """Height between the highest and the lowest price, above 0."""
    low: float
    high: float
    """Above `low`; of a logarithmic axis both are above 0."""
    kind: AxisKind = AxisKind.LINEAR
    is_inverted: bool = False
    base: float = 0.0
    """What a percent axis counts from; 0: it counts nothing."""

    def y(self, price: float) -> float:
        """Return where a price is."""
        share = (self._value(price) - self._value(self.low)) / self._span()
        return self.top + (share if self.is_inverted else 1.0 - share) * self.room

    def ys(self, prices: Floats) -> Floats:
        """Return where prices are, in whole pixels; what is not finite stays so."""
        values, low = prices, self.low
        if self.kind is AxisKind.LOG:
            # What has no logarithm is far below, but NaN stays NaN.
            values, low = np.log(np.maximum(prices, _TINY)), math.log(self.low)
        # In one piece of memory: of a few bars most of the cost is the calls.
        ys: Floats = values - low
        ys /= self._span()
        if not self.is_inverted:
            np.subtract(1.0, ys, out=ys)
        ys *= self.room
        ys += self.top
        np.maximum(ys, -_FAR_PX, out=ys)
        np.minimum(ys, _FAR_PX, out=ys)
        return np.rint(ys, out=ys)

    def price_at(self, y: float) -> float:
        """Return the price at a pixel."""
        place = (y - self.top) / self.room
        share = place if self.is_inverted else 1.0 - place
        value = self._value(self.low) + share * self._span()
        return math.exp(min(value, 700.0)) if self.kind is AxisKind.LOG else value

    def _value(self, price: float) -> float:
        if self.kind is AxisKind.LOG:
            return math.log(max(price, _TINY))
        return price

    def _span(self) -> float:
        return self._value(self.high) - self._value(self.low)


@dataclass(frozen=True)
class Scale:
    """Where a bar number and a price are in one pane, in pixels of the view."""

    width: int
    """Of the drawing area, without the price axis."""
    height: int
    """Of the pane."""
    left: float
    """Bar number at the left edge."""
    bars: float
    """Bars across the width."""
    prices: PriceScale
    pane_top: int = 0
    """Upper edge of the pane."""

    @property
    def step(self) -> float:
        """Pixels a bar."""
        return self.width / self.bars

    @property
    def bottom(self) -> int:
        """Lower edge of the pane: the line on which volume stands."""
        return self.pane_top + self.height

    def x(self, number: float) -> int:
        """Return the middle of a bar."""
        return math.floor((number + 0.5) * self.step + _EDGE) - self._offset

    def xs(self, numbers: Floats | Ints) -> Floats:
        """Return the middles of bars, in whole pixels."""
        xs: Floats = np.floor((numbers + 0.5) * self.step + _EDGE) - self._offset
        return xs

    @property
    def _offset(self) -> int:
        """Pixels left of the view: whole ones, so that bars keep their distances on a pan."""
        return round(self.left * self.step)

    def y(self, price: float) -> float:
        """Return where a price is."""
        return self.prices.y(price)

    def ys(self, prices: Floats) -> Floats:
        """Return where prices are, in whole pixels."""
        return self.prices.ys(prices)

    def number_at(self, x: float) -> int:
        """Return the number of the bar under a pixel."""
        return math.floor(self.left + x / self.step)

    def price_at(self, y: float) -> float:
        """Return the price at a pixel."""
        return self.prices.price_at(y)

    def slice_of(self, count: int) -> slice:
        """Return which of `count` bars are in view."""
        first = max(0, math.floor(self.left))
        return slice(min(first, count), max(first, min(count, math.ceil(self.left + self.bars))))

    def has(self, price: float) -> bool:
        """Whether a price is within the pane."""
        return math.isfinite(price) and self.pane_top <= self.y(price) <= self.bottom


def main_prices(pane_top: int, height: int, low: float, high: float) -> PriceScale:
    """Return the linear scale of the pane with the bars: room for legend above, volume below."""
    lower = height * (1 - VOLUME_SHARE * 0.75)
    top = LEGEND_HEIGHT_PX + 8
    return PriceScale(pane_top + top, max(1.0, lower - top), low, high)


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


def calm_range(low: float, high: float) -> tuple[float, float]:
    """Return a range a little wider whose ends are round, so that small changes change nothing.

    A study's newest value moves with every tick; a scale that moves along has to be drawn anew.
    """
    span = high - low
    if not 0 < span < math.inf:
        return low, high
    step = 2.0 ** (math.floor(math.log2(span)) - CALM_BITS)
    return math.floor(low / step) * step, math.ceil(high / step) * step


def calm_most(most: float) -> float:
    """Return a little more than the most, and the same for a little more of it."""
    if not 0 < most < math.inf:
        return most
    step = 2.0 ** (math.floor(math.log2(most)) - CALM_BITS)
    return math.ceil(most / step) * step


def price_ticks(low: float, high: float, count_max: int, finest: float = 0.0) -> list[float]:
    """Return round values in a range, at most about `count_max`, no finer than `finest`."""
    raw = (high - low) / max(1, count_max)
    if not raw > 0 or not math.isfinite(raw):
        return []
    raw = max(raw, finest)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999999)
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def axis_ticks(prices: PriceScale, count_max: int, finest: float = 0.0) -> list[tuple[float, str]]:
    """Return round values of an axis with their words, from low to high."""
    low, high = prices.low, prices.high
    if prices.kind is AxisKind.PERCENT and prices.base > 0:
        changes = [(price / prices.base - 1.0) * 100.0 for price in (low, high)]
        marks = price_ticks(changes[0], changes[1], count_max)
        places = _places(marks)
        return [(prices.base * (1.0 + m / 100.0), f"{m:+.{places}f}%") for m in marks]
    if prices.kind is AxisKind.LOG and high > 3.0 * low:
        values = _log_ticks(low, high, count_max)
    else:
        values = price_ticks(low, high, count_max, finest)
    places = max(2, _places(values)) if finest else _places(values)
    return [(value, _figure(value, places)) for value in values]


def _log_ticks(low: float, high: float, count_max: int) -> list[float]:
    """Return 1, 2 and 5 times powers of ten; of a wide range some of the powers only."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    heads = (1, 2, 5) if len(powers) * 3 <= 2 * max(3, count_max) else (1,)
    thin = -(-len(powers) * len(heads) // max(3, count_max)) if heads == (1,) else 1
    values = [head * 10.0**power for power in powers[::thin] for head in heads]
    return [value for value in values if low <= value <= high]


def _places(values: list[float]) -> int:
    """Return the decimal places that tell neighbours apart."""
    if len(values) < 2:
        return 2
    step = min(b - a for a, b in itertools.pairwise(values))
    if not step > 0:
        return 2
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    # A step of 2.5 needs a place more than its power of ten.
    is_between = abs(step * 10**places - round(step * 10**places)) > 1e-6
    return min(12, places + 1 if is_between else places)


def _figure(value: float, places: int) -> str:
    if abs(value) < 1e6 or places > 2:
        return f"{value:,.{places}f}"
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if abs(value) >= size:
            return f"{value / size:,.4g}{letter}"
    return f"{value:,.0f}"


def time_ticks(local_ns: Ints, interval_ns: int, bars_apart: float) -> tuple[Ints, int]:
    """Return which bars begin a round time, at least about `bars_apart` apart, and the step in s.

    Args:
        local_ns: starts of the bars in view by the exchange's clock, as ns since its 1970.
        interval_ns: of a bar.
        bars_apart: smallest distance of two labels.
    """
    wanted_s = bars_apart * interval_ns / SECOND_NS
    short_s = next((s for s in _TIME_STEPS_S if s >= wanted_s), None)
    if short_s is not None:
        step_s, rounds = short_s, local_ns // (short_s * SECOND_NS)
    else:
        step = next((n for n in _MONTH_STEPS if n * MONTH_S >= wanted_s), _MONTH_STEPS[-1])
        months = local_ns.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
        step_s, rounds = step * MONTH_S, months // step
    marks = np.flatnonzero(rounds[1:] != rounds[:-1]) + 1
    if len(marks) > 1:
        # A gap puts two round times side by side: keep the first of those too near.
        kept = [int(marks[0])]
        for mark in marks[1:].tolist():
            if mark - kept[-1] >= bars_apart * 0.7:
                kept.append(mark)
        marks = np.asarray(kept)
    return marks.astype(np.int64), step_s
