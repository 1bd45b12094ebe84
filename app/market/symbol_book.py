"""Everything that is kept of one symbol; written by the market store only."""

from __future__ import annotations

from decimal import Decimal

from app.config import Limits
from app.domain.ids import Symbol
from app.domain.market import Bar, Imbalance, Quote, Trade
from app.domain.times import MINUTE_NS, SECOND_NS
from app.market.bars import BarColumns, BarSeries
from app.market.days import DayBars
from app.market.depth import DepthBook
from app.market.depth_history import DepthHistory
from app.market.flow import UNKNOWN, FlowSeries
from app.market.gaps import GAPS_MAX, Gap
from app.market.merge import merged
from app.market.ring import Ring
from app.market.shelf import Shelf


class SymbolBook:
    """Quotes, prints, bars, depth of a symbol, and what is made of them."""

    __slots__ = (
        "bar_px",
        "changes",
        "day_revision",
        "days",
        "depth",
        "filled",
        "flow",
        "folded",
        "imbalance",
        "looks",
        "minutes",
        "quote",
        "seconds",
        "shelf",
        "side",
        "symbol",
        "trade",
        "trades",
        "version",
    )

    def __init__(self, symbol: Symbol, limits: Limits, shelf: Shelf) -> None:
        self.symbol = symbol
        self.shelf = shelf
        self.version = 0
        self.changes = 0
        """A number that grows with everything that changes a bar."""
        self.day_revision = 0
        """A number that grows with days put before all others."""
        self.filled: dict[int, None] = {}
        """Starts of the feed's gaps that bars of a minute were fetched for."""
        self.quote: Quote | None = None
        self.trade: Trade | None = None
        self.depth = DepthBook()
        self.imbalance: Imbalance | None = None
        self.trades = Ring(limits.trades_ring, 3)
        """Time, price, size and side."""
        self.side = UNKNOWN
        """Of the newest print."""
        self.flow = FlowSeries(limits.bars_ring)
        self.looks: DepthHistory | None = None
        """None: nobody has asked for them."""
        self.folded = 0
        """Prints, of all ever appended to the tape, that bars and day figures hold."""
        self.seconds = BarSeries(SECOND_NS, limits.bars_ring)
        self.minutes = BarSeries(MINUTE_NS, limits.bars_ring)
        self.bar_px: Decimal | None = None
        """Close of the newest bar the feed sent."""
        self.days = DayBars()

    def fold(self) -> None:
        """Put the newest prints into bars and day figures, all in one step."""
        n = self.trades.count - self.folded
        if not n:
            return
        self.folded += n
        times, prices = self.trades.times(n), self.trades.column(0, n)
        sizes = self.trades.column(1, n)
        self.flow.extend(times, sizes, self.trades.column(2, n))
        self.seconds.extend(times, prices, sizes)
        self.minutes.extend(times, prices, sizes)
        self.days.extend(times, prices, sizes)
        self.shelf.feed(self.symbol, times, prices, sizes)
        self.changes += 1

    def add_bar(self, bar: Bar) -> None:
        """Put a whole bar in."""
        self.fold()
        row = (float(bar.open), float(bar.high), float(bar.low), float(bar.close), bar.volume)
        if bar.interval_ns < MINUTE_NS:
            self.seconds.add_bar(bar.start_ns, *row)
        self.minutes.add_bar(bar.start_ns, *row)
        self.bar_px = bar.close
        self.days.add(bar.start_ns, *row)
        self.changes += 1
        one = BarSeries(min(bar.interval_ns, MINUTE_NS), 1)
        one.add_bar(bar.start_ns, *row)
        for _, series in self.shelf.of(self.symbol):
            series.on_bar(one.columns(1), bar.interval_ns)

    def mend(self, gap: Gap, minutes: BarColumns) -> None:
        """Put bars of a minute in a gap, in place of those that were cut short by it."""
        self.fold()
        known = self.minutes.columns(self.minutes.capacity)
        whole, high, low, volume = merged(known, minutes, gap.start_ns, gap.end_ns)
        if whole is None:
            return
        self.filled[gap.start_ns] = None
        while len(self.filled) > GAPS_MAX:
            del self.filled[next(iter(self.filled))]
        self.minutes.splice(whole)
        self.days.mend(gap.start_ns, high, low, volume)
        for key, series in self.shelf.of(self.symbol):
            series.replace(gap.start_ns, gap.end_ns)
            self.shelf.renew(key)
        self.changes += 1
        self.version += 1
