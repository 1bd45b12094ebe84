"""Kagi: a line that goes on while the price does and turns when the price has turned far enough.

Definition: S. Nison, "Beyond Candlesticks", 1994, chapter 8. A line grows with every new extreme.
When the price comes back from the extreme by the reversal amount, or by that percentage of the
extreme, the line ends there and the next one begins at the same price in the other direction.
A line becomes thick (yang) where it rises above the last high at which a line turned (the shoulder)
and thin (yin) where it falls below the last low (the waist); it may do so in the middle.
The first line begins when the price has moved so far from the first one, and is thick if it rises.

A bar is a line: open where it begins, close where it ends.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.market.bars import BarColumns
from app.market.builders.base import STEP_SLACK, StepBuilder
from app.market.ring import Floats


class KagiColumns(BarColumns, frozen=True, kw_only=True):
    """Lines as bars."""

    is_yang: Floats
    """1 where a line ends thick, 0 where it ends thin."""
    turn_px: Floats
    """Price at which a line changed between thick and thin; NaN where it did not."""


class KagiBars(StepBuilder):
    """Lines that turn after an amount or a percentage."""

    def __init__(self, reversal: float, capacity: int, *, is_percent: bool = False) -> None:
        """Begin with no lines.

        Args:
            reversal: in prices, or in percent of the extreme.
            capacity: lines that are kept.
            is_percent: which of the two.
        """
        assert reversal > 0, reversal
        super().__init__(capacity, extra=2)
        self._reversal: Final = reversal
        self._is_percent: Final = is_percent
        self._way = 0
        """1 while the line rises, -1 while it falls, 0 before the first line."""
        self._from = 0.0
        self._to = 0.0
        """The extreme of the line."""
        self._shoulder = math.inf
        self._waist = -math.inf
        self._is_yang = True
        self._turn_px = math.nan

    def columns(self, n: int) -> KagiColumns:
        """Return the newest n lines, oldest first; slices, good until the next trade."""
        bars = super().columns(n)
        return KagiColumns(
            start_ns=bars.start_ns,
            open=bars.open,
            high=bars.high,
            low=bars.low,
            close=bars.close,
            volume=bars.volume,
            is_yang=self._ring.column(5, n),
            turn_px=self._ring.column(6, n),
        )

    def _step(self, ts_ns: int, price: float, size: float) -> None:
        way = self._way
        if not way:
            self._volume += size
            self._begin(price)
        elif (price - self._to) * way >= 0:
            self._volume += size
            self._grow(price)
        elif (self._to - price) * way >= self._needed(self._to):
            self._turn(ts_ns, price)
            self._volume += size
        else:
            self._volume += size

    def _begin(self, price: float) -> None:
        if not self._from:
            self._from = self._to = price
        elif abs(price - self._from) >= self._needed(self._from):
            self._way = 1 if price > self._from else -1
            self._is_yang = self._way > 0
            self._to = price

    def _turn(self, ts_ns: int, price: float) -> None:
        self._end_bar(ts_ns, *self._prices(), extra=(float(self._is_yang), self._turn_px))
        self._start_ns = ts_ns
        if self._way > 0:
            self._shoulder = self._to
        else:
            self._waist = self._to
        self._way = -self._way
        self._from, self._turn_px = self._to, math.nan
        self._grow(price)

    def _grow(self, price: float) -> None:
        self._to = price
        if not self._is_yang and price > self._shoulder:
            self._is_yang, self._turn_px = True, self._shoulder
        elif self._is_yang and price < self._waist:
            self._is_yang, self._turn_px = False, self._waist

    def _needed(self, extreme: float) -> float:
        amount = extreme * self._reversal / 100 if self._is_percent else self._reversal
        return amount * (1 - STEP_SLACK)

    def _prices(self) -> tuple[float, float, float, float]:
        return self._from, max(self._from, self._to), min(self._from, self._to), self._to

    def _show_open(self) -> None:
        if self._start_ns is not None:
            values = (*self._prices(), self._volume, float(self._is_yang), self._turn_px)
            self._put(self._start_ns, *values, is_over=False)


def begins_thick(columns: KagiColumns) -> NDArray[np.bool_]:
    """Return which lines begin thick: they end thick and did not change, or thin and did."""
    begins: NDArray[np.bool_] = (columns.is_yang > 0) != np.isfinite(columns.turn_px)
    return begins
