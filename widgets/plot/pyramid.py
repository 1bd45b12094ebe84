"""Columns of numbers with the extremes and sums of their blocks, so that any stretch is cheap.

A million bars on a thousand pixels are a thousand bars a pixel: looking at each would take
milliseconds a frame. A pyramid keeps, of each column, one number for 16 bars, for 16 x 16, and so
on; a frame reads the coarsest level that still has two blocks a pixel, so its cost does not grow
with what is in view. A spike is never lost: a block's extreme is that of its bars. What lies at the
edge of two pixels may be drawn in either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from widgets.plot.scale import Floats, Ints, Scale

FAN: Final = 16
"""Items of a level that become one of the next."""
MERGE_FROM: Final = 2.0
"""Bars a pixel from which they are merged by pixel column."""


class Pyramid:
    """Blocks of one column, made by one reduction; follows a column that grows at its end."""

    def __init__(self, reduction: np.ufunc) -> None:
        """Be empty.

        Args:
            reduction: np.fmax, np.fmin or np.add; none of them minds NaN: it counts nothing.
        """
        self._reduce: Final = reduction
        self._values: Floats = np.empty(0)
        self._levels: list[Floats] = []
        """Of each level room for more than is used, so that it grows in place."""
        self._used: list[int] = []

    def follow(self, values: Floats, sound: int) -> None:
        """Take a column of which the first `sound` numbers are as they were."""
        self._values = values
        below, count, start = values, len(values), sound
        for level in range(64):
            blocks = -(-count // FAN)
            if blocks < 2:
                del self._levels[level:], self._used[level:]
                return
            if level == len(self._levels):
                self._levels.append(np.empty(0))
                self._used.append(0)
                start = 0
            start = min(start // FAN, self._used[level])
            self._fill(level, below[:count], start, blocks)
            below, count = self._levels[level], blocks

    def level(self, number: int) -> Floats:
        """Return a level: 0 is the column itself, each block of level n is of FAN**n numbers."""
        if not number:
            return self._values
        return self._levels[number - 1][: self._used[number - 1]]

    def __len__(self) -> int:
        """Levels above the column."""
        return len(self._levels)

    @property
    def nbytes(self) -> int:
        """Memory of the levels."""
        return sum(level.nbytes for level in self._levels)

    def _fill(self, level: int, below: Floats, start: int, blocks: int) -> None:
        kept = self._levels[level]
        if blocks > len(kept):
            grown = np.empty(max(2 * FAN, blocks + blocks // 4))
            grown[:start] = kept[:start]
            self._levels[level] = kept = grown
        changed = below[start * FAN :]
        if self._reduce is np.add:
            changed = finite_or_zero(changed)
        if blocks - start == 1:  # The usual case: the last block of a level.
            kept[start] = self._reduce.reduce(changed)
        else:
            kept[start:blocks] = self._reduce.reduceat(changed, np.arange(0, len(changed), FAN))
        self._used[level] = blocks


def finite_or_zero(values: Floats) -> Floats:
    """Return values with 0 for what is not finite; the same array if all are."""
    good = np.isfinite(values)
    return values if good.all() else np.where(good, values, 0.0)


@dataclass(frozen=True)
class Merge:
    """How bars in view become pixel columns."""

    level: int
    size: int
    """Bars of a block."""
    first_block: int
    end_block: int
    firsts: Ints
    """Where, among the blocks in view, each pixel column begins."""
    x: Floats
    """Of each pixel column."""

    def reduce(self, pyramid: Pyramid, reduction: np.ufunc) -> Floats:
        """Return one number a pixel column."""
        blocks = pyramid.level(self.level)[self.first_block : self.end_block]
        merged: Floats = reduction.reduceat(blocks, self.firsts)
        return merged

    def opens(self, values: Floats) -> Floats:
        """Return the first number of each pixel column."""
        opens: Floats = values[(self.first_block + self.firsts) * self.size]
        return opens

    def closes(self, values: Floats) -> Floats:
        """Return the last number of each pixel column."""
        ends = np.append(self.firsts[1:], self.end_block - self.first_block)
        last = np.minimum((self.first_block + ends) * self.size, len(values)) - 1
        closes: Floats = values[last]
        return closes


def merge_of(scale: Scale, part: slice, levels: int) -> Merge | None:
    """Return how bars are merged; None if each has pixels of its own, or none is there.

    Args:
        scale: where they are.
        part: which bars.
        levels: that the pyramids have above their columns.
    """
    a_pixel = 1.0 / scale.step
    if a_pixel <= MERGE_FROM or part.stop - part.start < 2:
        return None
    level, size = 0, 1
    while level < levels and size * FAN * 2 <= a_pixel:
        level, size = level + 1, size * FAN
    first, end = part.start // size, -(-part.stop // size)
    middles = np.arange(first, end) * size + (size - 1) / 2
    x = scale.xs(middles)
    is_first = np.empty(len(x), dtype=np.bool_)
    is_first[0] = True
    np.not_equal(x[1:], x[:-1], out=is_first[1:])
    firsts = np.flatnonzero(is_first)
    return Merge(level, size, first, end, firsts, x[firsts])
