"""Columns whose newest n rows are always one slice.

Every row is written twice, `capacity` apart, so that any window is contiguous and reading copies
nothing. This module is the one place where market prices become floats: what is drawn is float64,
what is sent or recorded stays Decimal.
"""

from __future__ import annotations

from array import array
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
A = TypeVar("A", Floats, Ints)


class Ring:
    """One int64 time column and k float64 columns of the newest `capacity` rows.

    Rows are written through `array.array`, whose item assignment costs a tenth of numpy's; readers
    get numpy views of the same memory.
    """

    def __init__(self, capacity: int, columns: int) -> None:
        assert capacity > 0
        self.capacity: Final = capacity
        self._times = array("q", bytes(16 * capacity))
        self._columns = tuple(array("d", bytes(16 * capacity)) for _ in range(columns))
        self._time_view: Ints = np.frombuffer(self._times, dtype=np.int64)
        self._views = tuple(np.frombuffer(c, dtype=np.float64) for c in self._columns)
        self._next = 0
        self.count = 0
        """Rows ever appended; the newest row has number count - 1."""

    def __len__(self) -> int:
        return min(self.count, self.capacity)

    def append(self, ts_ns: int, *values: float) -> None:
        """Add one row; the oldest falls out when full."""
        here = self._next
        twin = here + self.capacity
        self._times[here] = self._times[twin] = ts_ns
        for column, value in zip(self._columns, values, strict=True):
            column[here] = column[twin] = value
        self._next = 0 if twin + 1 == 2 * self.capacity else here + 1
        self.count += 1

    def extend(self, times_ns: Ints, *columns: Floats) -> None:
        """Add several rows, oldest first; all columns have the length of the times."""
        n = len(times_ns)
        kept = min(n, self.capacity)
        start = (self._next + n - kept) % self.capacity
        first = min(kept, self.capacity - start)
        for view, values in zip((self._time_view, *self._views), (times_ns, *columns), strict=True):
            head, tail = values[n - kept : n - kept + first], values[n - kept + first :]
            for offset in (0, self.capacity):
                view[offset + start : offset + start + first] = head
                view[offset : offset + kept - first] = tail
        self._next = (start + kept) % self.capacity
        self.count += n

    def replace_last(self, *values: float) -> None:
        """Overwrite the newest row's values; its time stays."""
        assert self.count > 0
        here = (self._next - 1) % self.capacity
        for column, value in zip(self._columns, values, strict=True):
            column[here] = column[here + self.capacity] = value

    def times(self, n: int) -> Ints:
        """Return the newest n times (fewer if there are fewer), oldest first, read-only."""
        return _read_only(self._time_view[self._window(n)])

    def column(self, index: int, n: int) -> Floats:
        """Return the newest n values of a column, oldest first, read-only."""
        return _read_only(self._views[index][self._window(n)])

    def _window(self, n: int) -> slice:
        n = max(0, min(n, len(self)))
        end = self._next + self.capacity
        return slice(end - n, end)


def _read_only(view: A) -> A:
    view.flags.writeable = False
    return view
