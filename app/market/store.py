"""The market as this station knows it: sole writer of quotes, prints and bars.

A quote replaces the one before. A print goes to the tape at once, and the prints since the last
look are folded into bars and day figures when somebody looks, or when there are many: all of a
frame in one step cost a third of one by one. Print objects are not kept: holding them would cost
more than all the rest.

The hub calls `on_trade`, `on_quote` and `on_bar` before any other handler, so whoever reacts to an
event finds it here already. Readers use `MarketView`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from app.calendar import us_calendar
from app.clock import Clock
from app.config import Limits
from app.domain.enums import FeedState, Side
from app.domain.ids import Symbol
from app.domain.instrument import Instrument
from app.domain.market import (
    Bar,
    BarRow,
    Depth,
    FeedStatus,
    Imbalance,
    Quote,
    SymbolStatus,
    Trade,
)
from app.domain.times import MINUTE_NS, SECOND_NS
from app.hub import Hub
from app.market.bars import BarColumns, BarSeries, fold_bars
from app.market.days import DAY_NS, DayBars
from app.market.depth import DepthBook, Levels
from app.market.ring import Floats, Ints, Ring

UNFOLDED_MAX: Final = 1_024
"""Prints that wait to be folded; reading folds them sooner."""


class Prints(msgspec.Struct, frozen=True, kw_only=True):
    """Trades as columns of equal length, oldest first."""

    ts_ns: Ints
    price: Floats
    size: Floats


class DayFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What the symbol has done on this trading day."""

    open: float
    high: float
    low: float
    last: float
    volume: float
    prior_close: float | None
    """Close of the day before; None where the feed does not tell."""

    @property
    def change_pct(self) -> float | None:
        """Change against the prior close in percent; None where that is not known."""
        return None if not self.prior_close else (self.last / self.prior_close - 1) * 100


class _Book:
    """Everything kept of one symbol."""

    __slots__ = (
        "bar_px",
        "days",
        "depth",
        "folded",
        "imbalance",
        "minutes",
        "quote",
        "seconds",
        "trade",
        "trades",
        "version",
    )

    def __init__(self, limits: Limits) -> None:
        self.version = 0
        self.quote: Quote | None = None
        self.trade: Trade | None = None
        self.depth = DepthBook()
        self.imbalance: Imbalance | None = None
        self.trades = Ring(limits.trades_ring, 2)
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
        self.seconds.extend(times, prices, sizes)
        self.minutes.extend(times, prices, sizes)
        self.days.extend(times, prices, sizes)

    def add_bar(self, bar: Bar) -> None:
        """Put a whole bar in."""
        self.fold()
        row = (float(bar.open), float(bar.high), float(bar.low), float(bar.close), bar.volume)
        if bar.interval_ns < MINUTE_NS:
            self.seconds.add_bar(bar.start_ns, *row)
        self.minutes.add_bar(bar.start_ns, *row)
        self.bar_px = bar.close
        self.days.add(bar.start_ns, *row)


class MarketStore:
    """Writer of market state; one a session."""

    def __init__(self, *, hub: Hub, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self._limits = limits
        self._unfolded_max = min(UNFOLDED_MAX, limits.trades_ring)
        self._books: dict[Symbol, _Book] = {}
        self._instruments: dict[Symbol, Instrument] = {}
        self._status = FeedStatus(
            feed="none", state=FeedState.CONNECTING, text="not started", ts_recv_ns=0
        )
        self.dropped = 0
        """Events of symbols beyond `limits.symbols_max`."""
        self._last_ns: int | None = None
        self._statuses: dict[Symbol, SymbolStatus] = {}
        """Symbol, or empty for the whole market -> what was said last; a reconnect changes none."""
        self.view: Final = MarketView(self)
        hub.subscribe(Trade, self.on_trade)
        hub.subscribe(Quote, self.on_quote)
        hub.subscribe(Bar, self.on_bar)
        hub.subscribe(Depth, self.on_depth)
        hub.subscribe(Imbalance, self.on_imbalance)
        hub.subscribe(FeedStatus, self.on_status)
        hub.subscribe(SymbolStatus, self.on_symbol_status)

    def list_instruments(self, instruments: Iterable[Instrument]) -> None:
        """Make symbols known; later calls add and replace."""
        for instrument in instruments:
            self._instruments[instrument.symbol] = instrument

    def load_history(
        self, symbol: Symbol, minutes: Sequence[BarRow], days: Iterable[BarRow]
    ) -> None:
        """Put bars before what the feed will bring. Only before the symbol's first event.

        Args:
            symbol: of the bars.
            minutes: bars of a minute, oldest first; those of the newest trading day make its day.
            days: bars of days that are over, oldest first.
        """
        book = self._book(symbol)
        if book is None:
            return
        assert book.trade is None, f"history of {symbol} after its first trade"
        book.days.load(days)
        today_ns = _day_start_ns(minutes[-1].start_ns) if minutes else 0
        for row in minutes:
            book.minutes.add_bar(*row)
            if row.start_ns >= today_ns:
                book.days.add(*row)
        if minutes:
            book.bar_px = Decimal(str(minutes[-1].close))  # The shortest text: as it was drawn.
        book.version += 1  # A chart has something new to show.

    def on_trade(self, trade: Trade) -> None:
        """Keep a print: tape, bars, day figures."""
        book = self._books.get(trade.symbol) or self._book(trade.symbol)
        if book is None:
            return
        book.trade = trade
        count = book.trades.append(trade.ts_exch_ns, float(trade.price), trade.size)
        if count - book.folded >= self._unfolded_max:
            book.fold()
        book.version += 1
        self._last_ns = trade.ts_recv_ns

    def on_quote(self, quote: Quote) -> None:
        """Keep the newest quote."""
        book = self._books.get(quote.symbol) or self._book(quote.symbol)
        if book is None:
            return
        book.quote = quote
        book.version += 1
        self._last_ns = quote.ts_recv_ns

    def on_depth(self, depth: Depth) -> None:
        """Keep what is displayed beyond the best prices. No new version of the symbol."""
        book = self._books.get(depth.symbol) or self._book(depth.symbol)
        if book is not None:
            book.depth.apply(depth)
            self._last_ns = depth.ts_recv_ns

    def on_imbalance(self, imbalance: Imbalance) -> None:
        """Keep what an auction would do."""
        book = self._books.get(imbalance.symbol) or self._book(imbalance.symbol)
        if book is not None:
            book.imbalance = imbalance
            self._last_ns = imbalance.ts_recv_ns

    def on_bar(self, bar: Bar) -> None:
        """Keep a bar of a feed that sends bars instead of prints."""
        book = self._book(bar.symbol)
        if book is None:
            return
        book.add_bar(bar)
        book.version += 1
        self._last_ns = bar.ts_recv_ns

    def on_status(self, status: FeedStatus) -> None:
        """Keep the feed's health."""
        self._status = status
        if status.state is FeedState.LIVE:
            self._last_ns = status.ts_recv_ns

    def on_symbol_status(self, status: SymbolStatus) -> None:
        """Keep whether a symbol, or the whole market, trades."""
        if status.symbol in self._statuses or len(self._statuses) < self._limits.symbols_max:
            self._statuses[status.symbol] = status
        else:
            self.dropped += 1

    def _book(self, symbol: Symbol) -> _Book | None:
        book = self._books.get(symbol)
        if book is None:
            if len(self._books) >= self._limits.symbols_max:
                self.dropped += 1
                return None
            book = self._books[symbol] = _Book(self._limits)
        return book


def _day_start_ns(ts_ns: int) -> int:
    calendar = us_calendar()
    return calendar.day_start_ns(calendar.trading_day(ts_ns))


class MarketView:
    """Reading of the market; cheap enough for every frame."""

    def __init__(self, store: MarketStore) -> None:
        self._store = store

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """All known instruments, in the order of their listing."""
        return tuple(self._store._instruments.values())

    def instrument(self, symbol: Symbol) -> Instrument | None:
        """What is known of a symbol; None if it is not listed."""
        return self._store._instruments.get(symbol)

    @property
    def status(self) -> FeedStatus:
        """Health of the feed."""
        return self._store._status

    @property
    def events(self) -> int:
        """Market events received since the start."""
        return sum(book.version + book.depth.version for book in self._store._books.values())

    @property
    def feed_age_ns(self) -> int | None:
        """Time since the feed last said anything; None if it never has."""
        last_ns = self._store._last_ns
        return None if last_ns is None else max(0, self._store._clock.now_ns() - last_ns)

    def version(self, symbol: Symbol) -> int:
        """A number that grows with every event of the symbol and with its history; 0 before."""
        book = self._store._books.get(symbol)
        return book.version if book else 0

    def quote(self, symbol: Symbol) -> Quote | None:
        """The newest quote."""
        book = self._store._books.get(symbol)
        return book.quote if book else None

    def trade(self, symbol: Symbol) -> Trade | None:
        """The newest print."""
        book = self._store._books.get(symbol)
        return book.trade if book else None

    def depth(self, symbol: Symbol, side: Side, n: int) -> Levels:
        """The n best displayed prices of a side with their shares, the best first."""
        book = self._store._books.get(symbol)
        return book.depth.levels(side, n) if book else ()

    def depth_version(self, symbol: Symbol) -> int:
        """A number that grows with every change of depth; 0: none is known."""
        book = self._store._books.get(symbol)
        return book.depth.version if book else 0

    def imbalance(self, symbol: Symbol) -> Imbalance | None:
        """What the newest message said an auction would do."""
        book = self._store._books.get(symbol)
        return book.imbalance if book else None

    def band(self, symbol: Symbol) -> tuple[Decimal, Decimal] | None:
        """Lowest and highest price that may trade; None if no band is in force or known."""
        status = self._store._statuses.get(symbol)
        if status is None or status.lower_px is None or status.upper_px is None:
            return None
        return status.lower_px, status.upper_px

    def halt(self, symbol: Symbol) -> str:
        """Why a symbol, or the whole market, does not trade; empty if it does."""
        for name in (symbol, Symbol("")):
            status = self._store._statuses.get(name)
            if status is not None and status.halt:
                return status.halt
        return ""

    def is_short_restricted(self, symbol: Symbol) -> bool:
        """Whether the price test of Rule 201 is in force for a symbol."""
        status = self._store._statuses.get(symbol)
        return status is not None and status.is_short_restricted

    def last_px(self, symbol: Symbol) -> Decimal | None:
        """The price of the newest print, or of the newest bar where there are no prints."""
        book = self._store._books.get(symbol)
        if book is None:
            return None
        return book.trade.price if book.trade is not None else book.bar_px

    def day(self, symbol: Symbol) -> DayFigures | None:
        """Figures of the day; None before the first print or bar."""
        book = self._folded(symbol)
        if book is None or book.days.current is None:
            return None
        open_, high, low, last, volume = book.days.current
        return DayFigures(
            open=open_,
            high=high,
            low=low,
            last=last,
            volume=volume,
            prior_close=book.days.prior_close,
        )

    def prints(self, symbol: Symbol, n: int) -> Prints:
        """The newest n prints, oldest first."""
        book = self._folded(symbol)
        ring = book.trades if book else Ring(1, 2)
        return Prints(ts_ns=ring.times(n), price=ring.column(0, n), size=ring.column(1, n))

    def bars(self, symbol: Symbol, interval_ns: int, n: int) -> BarColumns:
        """The newest n bars of an interval of whole seconds, oldest first.

        Days are trading days; other intervals of a minute and more are folded from minutes, shorter
        ones from seconds.
        """
        assert interval_ns > 0
        assert interval_ns % SECOND_NS == 0, interval_ns
        book = self._folded(symbol)
        if book is None:
            return BarSeries(interval_ns, 1).columns(0)
        if interval_ns == DAY_NS:
            return book.days.columns(n)
        base = book.minutes if interval_ns % MINUTE_NS == 0 else book.seconds
        ratio = interval_ns // base.interval_ns
        if ratio == 1:
            return base.columns(n)
        # One interval more than asked, so that the first one returned is whole.
        folded = fold_bars(base.columns((n + 1) * ratio), interval_ns)
        newest = slice(max(0, len(folded) - n), None)
        return BarColumns(**{f: getattr(folded, f)[newest] for f in folded.__struct_fields__})

    def core_hours(self, first_ns: int, last_ns: int) -> tuple[tuple[int, int], ...]:
        """Return open and close of each core session that a stretch of time touches, UTC ns."""
        calendar = us_calendar()
        session = calendar.session_of(calendar.trading_day(first_ns))
        assert session is not None, first_ns
        found = [(session.open_ns, session.close_ns)]
        while session.post_close_ns <= last_ns:
            session = calendar.next_session(session.day)
            found.append((session.open_ns, session.close_ns))
        return tuple(found)

    def _folded(self, symbol: Symbol) -> _Book | None:
        book = self._store._books.get(symbol)
        if book is not None:
            book.fold()
        return book
