"""Rows whose newest n are always one slice.

The buffer has room for twice the rows that are kept. Rows are written one after the other; when the
end is reached, the newest half is moved to the front in one copy. So any window is contiguous and
reading copies nothing. This module is the one place where market prices become floats: what is
drawn is float64, what is sent or recorded stays Decimal.
"""

from __future__ import annotations

from struct import Struct
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
A = TypeVar("A", Floats, Ints)


class Ring:
    """One int64 time and k float64 values a row, of the newest `capacity` rows.

    A row is written with one `pack_into`, a tenth of what numpy takes for its items; readers get
    numpy views of the same memory, a column a view. A view is good until the next append.
    """

    def __init__(self, capacity: int, columns: int) -> None:
        assert capacity > 0
        self.capacity: Final = capacity
        row = Struct(f"=q{columns}d")
        self._pack = row.pack_into
        self._row_bytes = row.size
        self._half = capacity * row.size
        self._size = 2 * self._half
        self._buffer = bytearray(self._size)
        names = [f"value {index}" for index in range(columns)]
        fields = [("time", np.int64), *((name, np.float64) for name in names)]
        rows = np.frombuffer(self._buffer, dtype=fields)
        self._time_view: Ints = rows["time"]
        self._views: tuple[Floats, ...] = tuple(rows[name] for name in names)
        self._end = 0
        """Where the next row goes, in bytes."""
        self.count = 0
        """Rows ever appended; the newest row has number count - 1."""

    def __len__(self) -> int:
        return min(self.count, self.capacity)

    def append(self, *row: float) -> int:
        """Add a row, its time first; the oldest falls out when full. Return the new count."""
        end = self._end
        if end == self._size:
            self._buffer[: self._half] = self._buffer[self._half :]
            end = self._half
        self._pack(self._buffer, end, *row)
        self._end = end + self._row_bytes
        self.count += 1
        return self.count

    def extend(self, times_ns: Ints, *columns: Floats) -> int:
        """Add rows, oldest first; return the new count. The same as appending each."""
        added, row_bytes = len(times_ns), self._row_bytes
        done = max(0, added - self.capacity)  # What would fall out at once is only counted.
        self.count += added
        while done < added:
            if self._end == self._size:
                self._buffer[: self._half] = self._buffer[self._half :]
                self._end = self._half
            first = self._end // row_bytes
            rows = min(added - done, (self._size - self._end) // row_bytes)
            self._time_view[first : first + rows] = times_ns[done : done + rows]
            for view, column in zip(self._views, columns, strict=True):
                view[first : first + rows] = column[done : done + rows]
            self._end += rows * row_bytes
            done += rows
        return self.count

    def replace_all(self, times_ns: Ints, *columns: Floats) -> None:
        """Keep these rows, oldest first, in place of all others; they may be views of this ring."""
        times_ns, copies = times_ns.copy(), [column.copy() for column in columns]
        self._end = self.count = 0
        self.extend(times_ns, *copies)

    def replace_last(self, ts_ns: int, *values: float) -> None:
        """Overwrite the newest row."""
        assert self.count > 0
        self._pack(self._buffer, self._end - self._row_bytes, ts_ns, *values)

    def times(self, n: int) -> Ints:
        """Return the newest n times (fewer if there are fewer), oldest first, read-only."""
        return _read_only(self._time_view[self._window(n)])

    def column(self, index: int, n: int) -> Floats:
        """Return the newest n values of a column, oldest first, read-only."""
        return _read_only(self._views[index][self._window(n)])

    def _window(self, n: int) -> slice:
        end = self._end // self._row_bytes
        return slice(end - max(0, min(n, len(self))), end)


def _read_only(view: A) -> A:
    view.flags.writeable = False
    return view
