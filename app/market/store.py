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
from app.domain.bar_spec import DAY_S, BarKind, BarSpec
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
from app.market.calendar_bars import fold_days
from app.market.days import DAY_NS
from app.market.depth import Levels
from app.market.depth_history import DepthHistory
from app.market.flow import Flow, FlowSeries, side_of
from app.market.gaps import FeedGaps, Gap, quiet_gaps
from app.market.live import EVER, Part, Series
from app.market.ring import Floats, Ints, Ring
from app.market.sessions import core_sessions, day_numbers, rows_where
from app.market.shelf import Shelf
from app.market.symbol_book import SymbolBook

WATCHED_MAX: Final = 16
"""Symbols whose book is looked at once a second."""
UNFOLDED_MAX: Final = 1_024
"""Prints that wait to be folded; reading folds them sooner."""


class Prints(msgspec.Struct, frozen=True, kw_only=True):
    """Trades as columns of equal length, oldest first."""

    ts_ns: Ints
    price: Floats
    size: Floats
    side: Floats
    """1 bought, -1 sold, 0 where nobody knows; see app.market.flow."""


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


class MarketStore:
    """Writer of market state; one a session."""

    def __init__(self, *, hub: Hub, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self._limits = limits
        self._unfolded_max = min(UNFOLDED_MAX, limits.trades_ring)
        self._books: dict[Symbol, SymbolBook] = {}
        self._instruments: dict[Symbol, Instrument] = {}
        self._status = FeedStatus(
            feed="none", state=FeedState.CONNECTING, text="not started", ts_recv_ns=0
        )
        self.dropped = 0
        """Events of symbols beyond `limits.symbols_max`."""
        self._last_ns: int | None = None
        self._gaps = FeedGaps()
        self._shelf = Shelf(limits.bars_ring)
        self.watched = 0
        """Symbols whose book is looked at."""
        self._statuses: dict[Symbol, SymbolStatus] = {}
        """Symbol, or empty for the whole market -> what was said last; a reconnect changes none."""
        self.last_gap: Gap | None = None
        """The newest gap of the feed that is over."""
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
        self._shelf.forget(symbol)
        book.changes += 1
        book.day_revision += 1
        book.version += 1  # A chart has something new to show.

    def now_ns(self) -> int:
        """Return the session's time, UTC nanoseconds."""
        return self._clock.now_ns()

    def load_older(
        self, symbol: Symbol, interval_ns: int, bars: BarColumns, before_ns: int
    ) -> None:
        """Put bars before all that there are.

        Args:
            symbol: of the bars; known.
            interval_ns: of a minute, for the series that are made of minutes, or of a day.
            bars: oldest first; those that are not older are left out.
            before_ns: they are all there are up to here; a series that begins later gets none.
        """
        book = self._books[symbol]
        book.fold()
        if interval_ns == DAY_NS:
            book.days.prepend(bars)
            book.day_revision += 1
            for key, series in self._shelf.of(symbol):
                if series.spec.base_s == DAY_S:
                    self._shelf.drop(key)  # Made anew of all the days when it is asked for.
        else:
            assert interval_ns == MINUTE_NS, interval_ns
            for key, series in self._shelf.of(symbol):
                begins = series.first_ns is None or series.first_ns <= before_ns
                if series.is_by_minutes and begins:
                    series.prepend(bars)
                    self._shelf.renew(key)
            self._shelf.make_room()
        book.changes += 1
        book.version += 1

    def fill_gap(self, symbol: Symbol, gap: Gap, minutes: BarColumns) -> None:
        """Put bars of a minute, fetched later, in a gap of the feed; none: nobody knows any.

        What is made of single trades stays as it is.
        """
        if len(minutes):
            self._books[symbol].mend(gap, minutes)

    def symbols_with_series(self) -> tuple[Symbol, ...]:
        """Return the symbols of which somebody looks at bars."""
        return tuple(symbol for symbol in self._books if self._shelf.of(symbol))

    def on_trade(self, trade: Trade) -> None:
        """Keep a print: tape, bars, day figures."""
        book = self._books.get(trade.symbol) or self._book(trade.symbol)
        if book is None:
            return
        side = book.side = side_of(trade, book.quote, book.trade, book.side)
        book.trade = trade
        count = book.trades.append(trade.ts_exch_ns, float(trade.price), trade.size, side)
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
            if book.looks is not None:
                book.looks.see(book.depth, depth.ts_exch_ns)
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
        self.last_gap = self._gaps.on_status(status, self._last_ns) or self.last_gap
        if status.state is FeedState.LIVE:
            self._last_ns = status.ts_recv_ns

    def on_symbol_status(self, status: SymbolStatus) -> None:
        """Keep whether a symbol, or the whole market, trades."""
        if status.symbol in self._statuses or len(self._statuses) < self._limits.symbols_max:
            self._statuses[status.symbol] = status
        else:
            self.dropped += 1

    def _book(self, symbol: Symbol) -> SymbolBook | None:
        book = self._books.get(symbol)
        if book is None:
            if len(self._books) >= self._limits.symbols_max:
                self.dropped += 1
                return None
            book = self._books[symbol] = SymbolBook(symbol, self._limits, self._shelf)
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

    def prior_close(self, symbol: Symbol) -> float | None:
        """Close of the day before, as of when bars were asked for last; cheap."""
        book = self._store._books.get(symbol)
        return None if book is None else book.days.prior_close

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
        ring = book.trades if book else Ring(1, 3)
        return Prints(
            ts_ns=ring.times(n),
            price=ring.column(0, n),
            size=ring.column(1, n),
            side=ring.column(2, n),
        )

    def flow(self, symbol: Symbol, starts_ns: Ints) -> Flow:
        """Return what was bought and sold in bars that the clock cuts; NaN where nobody knows.

        Args:
            symbol: of the bars.
            starts_ns: of all bars from one on to the newest.
        """
        book = self._folded(symbol)
        return (book.flow if book else FlowSeries(1)).of_bars(starts_ns)

    def depth_history(self, symbol: Symbol) -> DepthHistory | None:
        """Return looks at a symbol's book; they are taken from the first time on that it is asked.

        None: the symbol is not known, or so many are watched already.
        """
        book = self._store._books.get(symbol)
        if book is None:
            return None
        if book.looks is None and self._store.watched < WATCHED_MAX:
            self._store.watched += 1
            book.looks = DepthHistory()
        return book.looks

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

    def core_hours(self, first_ns: int, last_ns: int) -> Ints:
        """Return open and close of each core session that a stretch of time touches: a row each."""
        return core_sessions(first_ns, last_ns)

    def day_numbers(self, times_ns: Ints) -> Ints:
        """Return of each moment a number of its trading day; another for another day."""
        return day_numbers(times_ns)

    def series(self, symbol: Symbol, spec: BarSpec, n: int, *, extended: bool = True) -> Series:
        """The newest n bars of any kind, oldest first, with what they are made of.

        Days, weeks and months are as the feed's days are, whatever `extended` says. All others are
        made when first asked for and then fed, for as long as they are asked for now and then.

        Args:
            symbol: of the bars.
            spec: their kind and size.
            n: at most.
            extended: whether trades outside of core sessions count.
        """
        book = self._folded(symbol)
        if book is None:
            return Series(bars=BarSeries(SECOND_NS, 1).columns(0), version=0, revision=0)
        if spec.is_daily:
            return _days_series(book, spec, n)
        shelf = self._store._shelf
        live = shelf.get(symbol, spec, book, extended=extended)
        bars = live.columns(n)
        revision = shelf.revision((symbol, spec, extended))
        return Series(
            bars=bars,
            version=revision << 40 | live.changes,
            revision=revision,
            first_ns=live.first_ns,
            parts=live.parts,
            step=live.step,
            lack=live.lack,
        )

    def gaps(self, symbol: Symbol, first_ns: int, last_ns: int) -> tuple[Gap, ...]:
        """What is missing of a symbol in a stretch of time, oldest first."""
        store = self._store
        found = list(store._gaps.between(first_ns, last_ns, store._clock.now_ns()))
        book = self._folded(symbol)
        if book is not None:
            found = [
                msgspec.structs.replace(gap, is_filled=gap.start_ns in book.filled) for gap in found
            ]
            minutes = book.minutes.columns(book.minutes.capacity).start_ns
            quiet = [
                g for g in quiet_gaps(minutes) if g.start_ns <= last_ns and g.end_ns >= first_ns
            ]
            found += [g for g in quiet if not any(_touch(g, other) for other in found)]
        return tuple(sorted(found, key=lambda gap: gap.start_ns))

    @property
    def gaps_version(self) -> int:
        """A number that grows with every gap of the feed."""
        return self._store._gaps.version

    def _folded(self, symbol: Symbol) -> SymbolBook | None:
        book = self._store._books.get(symbol)
        if book is not None:
            book.fold()
        return book


def _days_series(book: SymbolBook, spec: BarSpec, n: int) -> Series:
    if spec.kind is BarKind.TIME:
        assert spec.size == DAY_S, spec
        bars = book.days.columns(n)
    else:
        whole = fold_days(book.days.columns(EVER), spec.kind, int(spec.size))
        bars = rows_where(whole, slice(max(0, len(whole) - n), None))
    first_ns = next(iter(book.days.columns(EVER).start_ns.tolist()), None)
    known = () if first_ns is None else (Part(source="days", since_ns=first_ns, is_exact=True),)
    return Series(
        bars=bars,
        version=book.changes,
        revision=book.day_revision,
        first_ns=first_ns,
        parts=known,
    )


def _touch(one: Gap, other: Gap) -> bool:
    return one.start_ns < other.end_ns and other.start_ns < one.end_ns
