"""Other symbols over a chart's bars, each on a scale of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from app.domain.bar_spec import BarSpec
from app.domain.errors import BadInput
from app.domain.ids import Symbol
from widgets.palettes import Role
from widgets.plot.content import Plot, PlotKind, StudySeries
from widgets.plot.growth import Growth
from widgets.theme import STUDY_ROLES

if TYPE_CHECKING:
    from app.desk import BarColumns, MarketView, Series
    from widgets.plot.scale import Floats

SYMBOLS_MAX: Final = 5
"""Compared on one chart."""
BARS_MAX: Final = 1_000_000


class Comparison:
    """Closes of another symbol at the bars of a chart: the last known by the end of each."""

    def __init__(self, symbol: Symbol, role: Role) -> None:
        self.symbol: Final = symbol
        self.role: Final = role
        self._growth = Growth()
        self._values: Floats = np.empty(0)

    def values(self, bars: BarColumns, other: Series, identity: object) -> Floats:
        """Return a value a bar; NaN before the other symbol's first.

        Args:
            bars: of the chart.
            other: the same kind of bars of the other symbol.
            identity: of the chart's bars, as `Growth.see` wants it.
        """
        sound, count = self._growth.see(bars, (identity, other.revision)), len(bars)
        if count > len(self._values):
            grown = np.empty(count + count // 2)
            grown[:sound] = self._values[:sound]
            self._values = grown
        places = other.bars.start_ns.searchsorted(bars.start_ns[sound:], side="right") - 1
        if len(other.bars):
            closes = other.bars.close[np.maximum(places, 0)]
            self._values[sound:count] = np.where(places >= 0, closes, np.nan)
        else:
            self._values[sound:count] = np.nan
        return self._values[:count]


class Comparisons:
    """The symbols that a chart is compared with."""

    def __init__(self, market: MarketView) -> None:
        self._market: Final = market
        self._kept: dict[Symbol, Comparison] = {}
        self.version = 0
        """A number that grows with every change of what is wanted."""

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """Those there are."""
        return tuple(self._kept)

    def add(self, symbol: Symbol) -> None:
        """Draw another symbol over the bars.

        Raises:
            BadInput: the feed does not list it, or there are too many.
        """
        if self._market.instrument(symbol) is None:
            raise BadInput(f"{symbol or 'nothing'} is not listed by the feed; nothing is compared")
        if symbol not in self._kept and len(self._kept) >= SYMBOLS_MAX:
            raise BadInput(f"{SYMBOLS_MAX} symbols are the most on one chart; remove one first")
        self._put(symbol)

    def remove(self, symbol: Symbol) -> None:
        """Draw it no more."""
        self._kept.pop(symbol, None)
        self.version += 1

    def restore(self, symbols: object) -> None:
        """Take symbols of a layout in place of those there are; they may be listed later."""
        self._kept.clear()
        for symbol in symbols[:SYMBOLS_MAX] if isinstance(symbols, list) else ():
            if isinstance(symbol, str) and symbol:
                self._put(Symbol(symbol))
        self.version += 1

    def versions(self) -> tuple[int, ...]:
        """Return what differs when one of them has traded."""
        return (self.version, *(self._market.version(symbol) for symbol in self._kept))

    def series(
        self, bars: BarColumns, spec: BarSpec, identity: object, *, extended: bool
    ) -> Sequence[StudySeries]:
        """Return what is drawn.

        Args:
            bars: of the chart.
            spec: their kind.
            identity: of them, another when bars before the last have changed.
            extended: whether trades outside of core sessions count.
        """
        drawn = []
        for symbol, comparison in self._kept.items():
            key = f"compare {symbol}"
            if not spec.is_by_time:
                fault = "only bars that the clock cuts can be compared"
                drawn.append(StudySeries(key, symbol, (), fault=fault))
                continue
            other = self._market.series(symbol, spec, BARS_MAX, extended=extended)
            values = comparison.values(bars, other, identity)
            plot = Plot("", PlotKind.LINE, comparison.role, (values,))
            drawn.append(StudySeries(key, symbol, (plot,), has_own_scale=True))
        return drawn

    def _put(self, symbol: Symbol) -> None:
        if symbol not in self._kept:
            used = [comparison.role for comparison in self._kept.values()]
            # From the other end than studies.
            role = min(reversed(STUDY_ROLES), key=used.count)
            self._kept[symbol] = Comparison(symbol, role)
            self.version += 1
