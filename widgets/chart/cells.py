"""The footprints of the bars in view: a bar is counted when prints were added to it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from app.desk import cells_of
from app.domain.ids import Symbol
from widgets.plot.footprint import BAR_PX_MIN, row_height
from widgets.plot.scale import Scale

if TYPE_CHECKING:
    from app.desk import BarColumns, Cells, MarketView

PRINTS_MAX: Final = 200_000
"""Newest prints of a symbol that are looked through."""
KEPT_MAX: Final = 600
"""Bars whose footprint is kept."""


class Footprints:
    """Counts prints by bar and price."""

    def __init__(self, market: MarketView) -> None:
        self._market: Final = market
        self._kept: OrderedDict[tuple[object, ...], Cells | None] = OrderedDict()

    def of(
        self, symbol: Symbol, series: str, bars: BarColumns, scale: Scale | None
    ) -> Mapping[int, Cells]:
        """Return the footprints of bars in view by their numbers.

        Bars that began before the oldest known print have none: what traded in them is not known.

        Args:
            symbol: of the bars.
            series: tells the bars from others.
            bars: of the chart.
            scale: what is in view; None: nothing yet.
        """
        instrument = self._market.instrument(symbol)
        if scale is None or scale.step < BAR_PX_MIN or instrument is None or not len(bars):
            return {}
        price = float(bars.close[-1])
        tick = float(instrument.tick_at(Decimal(repr(price)))) if price > 0 else 0.01
        height = row_height(scale, tick)
        prints = self._market.prints(symbol, PRINTS_MAX)
        if not len(prints.ts_ns):
            return {}
        part = scale.slice_of(len(bars))
        starts = bars.start_ns
        edges = prints.ts_ns.searchsorted(starts[part.start : part.stop + 1])
        if part.stop >= len(bars):
            edges = np.append(edges, len(prints.ts_ns))
        found: dict[int, Cells] = {}
        for place, number in enumerate(range(part.start, part.stop)):
            first, end = int(edges[place]), int(edges[place + 1])
            if end <= first or (first == 0 and int(starts[number]) < int(prints.ts_ns[0])):
                continue
            key = (series, int(starts[number]), height, end - first)
            if key not in self._kept:
                rows = slice(first, end)
                self._kept[key] = cells_of(
                    prints.price[rows], prints.size[rows], prints.side[rows], height, tick
                )
                while len(self._kept) > KEPT_MAX:
                    self._kept.popitem(last=False)
            cells = self._kept[key]
            if cells is not None:
                found[number] = cells
        return found
