"""The series that somebody looks at: kept while they are asked for, the least recent given up."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from app.domain.bar_spec import BarSpec
from app.domain.ids import Symbol
from app.market.live import LiveSeries
from app.market.ring import Floats, Ints
from app.market.seeds import Kept

SERIES_MAX: Final = 64
ROWS_MAX: Final = 4_000_000
"""Bars of all series together: some 200 MB."""

Key = tuple[Symbol, BarSpec, bool]


class Shelf:
    """Live series by symbol, kind and whether extended hours count."""

    def __init__(self, capacity: int, *, rows_max: int = ROWS_MAX) -> None:
        """Begin without any.

        Args:
            capacity: bars that each keeps at least.
            rows_max: bars that all keep together, beside the one that was asked for last.
        """
        self._capacity: Final = capacity
        self._rows_max: Final = rows_max
        self._kept: OrderedDict[Key, LiveSeries] = OrderedDict()
        self._by_symbol: dict[Symbol, dict[Key, LiveSeries]] = {}
        self.made = 0
        """Series made so far."""
        self._revisions: dict[Key, int] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, symbol: Symbol, spec: BarSpec, kept: Kept, *, extended: bool) -> LiveSeries:
        """Return a series, made now if it is not there."""
        key = (symbol, spec, extended)
        series = self._kept.get(key)
        if series is None:
            series = LiveSeries(spec, kept, self._capacity, extended=extended)
            self._kept[key] = self._by_symbol.setdefault(symbol, {})[key] = series
            self.renew(key)
            self.make_room()
        self._kept.move_to_end(key)
        return series

    def of(self, symbol: Symbol) -> Iterable[tuple[Key, LiveSeries]]:
        """Return the series of a symbol."""
        return tuple(self._by_symbol.get(symbol, {}).items())

    def feed(self, symbol: Symbol, times_ns: Ints, prices: Floats, sizes: Floats) -> None:
        """Give trades to the series of a symbol."""
        for series in self._by_symbol.get(symbol, {}).values():
            series.on_trades(times_ns, prices, sizes)

    def drop(self, key: Key) -> None:
        """Give up one series."""
        del self._kept[key], self._revisions[key], self._by_symbol[key[0]][key]

    def forget(self, symbol: Symbol) -> None:
        """Give up the series of a symbol; they are made anew when they are asked for."""
        for key in self._by_symbol.pop(symbol, {}):
            del self._kept[key], self._revisions[key]

    def revision(self, key: Key) -> int:
        """Return a number that differs after every change of bars before the last."""
        return self._revisions[key]

    def renew(self, key: Key) -> None:
        """Say that bars before the last have changed, or the whole series is new."""
        self.made += 1
        self._revisions[key] = self.made

    def make_room(self) -> None:
        """Give up what is beyond the bounds; called too after a series has grown."""
        rows = sum(series.rows for series in self._kept.values())
        while len(self._kept) > 1 and (len(self._kept) > SERIES_MAX or rows > self._rows_max):
            key, series = self._kept.popitem(last=False)
            del self._by_symbol[key[0]][key], self._revisions[key]
            rows -= series.rows
