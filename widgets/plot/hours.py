"""Bars without the hours before the open and after the close; a longer series costs what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from app.domain.times import SECOND_NS
from widgets.plot.content import CoreHours
from widgets.plot.growth import Growth
from widgets.plot.scale import Ints

if TYPE_CHECKING:
    from app.desk import BarColumns

_DAY_NS: Final = 86_400 * SECOND_NS
_NAMES: Final = ("start_ns", "open", "high", "low", "close", "volume")


class CoreSessions:
    """Keeps the bars that touch a core session, in columns of its own."""

    def __init__(self, core_hours: CoreHours) -> None:
        self._core_hours: Final = core_hours
        self._growth = Growth()
        self._numbers: Ints = np.empty(0, dtype=np.int64)
        """Of the bars that are kept, in the whole series; longer than what is used."""
        self._columns: dict[str, np.ndarray] = {}
        self._used = 0

    def of(self, bars: BarColumns, interval_ns: int, identity: object) -> BarColumns:
        """Return the bars that touch a core session; all of them where a bar is a day or more.

        Args:
            bars: a series, as `Growth.see` wants it.
            interval_ns: of a bar.
            identity: of the series.
        """
        if interval_ns >= _DAY_NS or not len(bars):
            return bars
        sound = self._growth.see(bars, (identity, interval_ns))
        self._used = int(self._numbers[: self._used].searchsorted(sound)) if sound else 0
        fresh = self._within(bars.start_ns[sound:], interval_ns) + sound
        self._add(bars, fresh)
        if self._used == len(bars):
            return bars
        kept = {name: column[: self._used] for name, column in self._columns.items()}
        return type(bars)(**kept)

    def _within(self, starts_ns: Ints, interval_ns: int) -> Ints:
        hours = self._core_hours(int(starts_ns[0]), int(starts_ns[-1]))
        core = np.array(hours, dtype=np.int64)
        # The session that opened last before the end of a bar is the one that it may touch.
        number = core[:, 0].searchsorted(starts_ns + interval_ns) - 1
        is_in = (number >= 0) & (starts_ns < core[np.maximum(number, 0), 1])
        return np.flatnonzero(is_in)

    def _add(self, bars: BarColumns, fresh: Ints) -> None:
        used = self._used + len(fresh)
        if used > len(self._numbers):
            room = max(1_024, used + used // 2)
            self._numbers = _grown(self._numbers, room, self._used)
            self._columns = {
                name: _grown(self._columns.get(name, getattr(bars, name)[:0]), room, self._used)
                for name in _NAMES
            }
        self._numbers[self._used : used] = fresh
        for name, column in self._columns.items():
            column[self._used : used] = getattr(bars, name)[fresh]
        self._used = used


def _grown(column: np.ndarray, room: int, used: int) -> np.ndarray:
    grown = np.empty(room, dtype=column.dtype)
    grown[:used] = column[:used]
    return grown
