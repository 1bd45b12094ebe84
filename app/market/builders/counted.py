"""Bars that end when enough was counted: the common part of tick, volume and dollar bars.

Source of the idea: M. López de Prado, "Advances in Financial Machine Learning", 2018, section 2.3.
A trade belongs to one bar as a whole: the one that reaches the amount ends the bar, and what it is
over does not count to the next. So a bar holds at least the amount.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

import numpy as np

from app.market.builders.base import Builder
from app.market.ring import Floats, Ints


class CountedBars(Builder):
    """Bars of an amount."""

    def __init__(self, amount: float, capacity: int) -> None:
        assert amount > 0, amount
        super().__init__(capacity)
        self._amount: Final = amount
        self._counted = 0.0
        """In the bar under construction."""
        self._row: tuple[float, ...] | None = None
        """Start, open, high, low, close and volume of it; None: the next trade begins one."""

    @abstractmethod
    def _amounts(self, prices: Floats, sizes: Floats) -> Floats:
        """Return what each trade counts."""

    def _count(self, times_ns: Ints, prices: Floats, sizes: Floats) -> None:
        ends = self._ends(self._amounts(prices, sizes).tolist())
        first = np.array([0, *ends])
        if first[-1] == len(times_ns):
            first = first[:-1]
        last = np.append(first[1:], len(times_ns)) - 1
        rows = zip(
            times_ns[first].tolist(),
            prices[first].tolist(),
            np.maximum.reduceat(prices, first).tolist(),
            np.minimum.reduceat(prices, first).tolist(),
            prices[last].tolist(),
            np.add.reduceat(sizes, first).tolist(),
            strict=True,
        )
        for place, row in enumerate(rows):
            self._row = row if self._row is None else _joined(self._row, row)
            if place < len(ends):
                self._put(int(self._row[0]), *self._row[1:], is_over=True)
                self._row = None

    def _ends(self, amounts: list[float]) -> list[int]:
        """Return after how many trades each bar ends."""
        ends, counted, enough = [], self._counted, self._amount
        for place, amount in enumerate(amounts, start=1):
            counted += amount
            if counted >= enough:
                ends.append(place)
                counted = 0.0
        self._counted = counted
        return ends

    def _show_open(self) -> None:
        if self._row is not None:
            self._put(int(self._row[0]), *self._row[1:], is_over=False)


def _joined(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    start_ns, open_, high, low, _, volume = one
    return (
        start_ns,
        open_,
        max(high, other[2]),
        min(low, other[3]),
        other[4],
        volume + other[5],
    )
