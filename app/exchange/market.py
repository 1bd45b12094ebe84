"""The built-in exchange: all symbols in order of time, leaving as frames of bytes.

Time is what the caller says it is; between two calls nothing happens. Symbols do not depend on each
other but for the factors they share, nor on how often anybody asks: one seed is one market, until
somebody sends an order.
"""

from __future__ import annotations

import functools
import heapq
import threading
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from app.config import ExchangeConfig
from app.domain.corporate import Dividend, Split
from app.domain.enums import TradingHours
from app.domain.ids import Symbol
from app.domain.increments import round_lot, tick_on
from app.domain.instrument import Instrument, is_multiple
from app.domain.market import BarRow
from app.domain.times import MINUTE_NS, new_york
from app.exchange.crowd import Crowd
from app.exchange.day import Day
from app.exchange.factors import Factor
from app.exchange.gateway import Gateway
from app.exchange.history import Grid, Moves, draw_history, make_grid, shared_moves
from app.exchange.hours import NEVER_NS, Rhythm, timetable
from app.exchange.line import Sink
from app.exchange.listings import LISTINGS, Listing
from app.exchange.older import minutes_of
from app.exchange.pit import Facts, Pit
from app.exchange.value import Fundamental
from app.exchange.wire import AnyMessage, encode_frame

FRAME_MESSAGES_MAX: Final = 50
"""Messages of one frame; what is more goes into the next."""
LAG_NS_MAX: Final = 1_000_000_000
"""Further behind than this, the time between is skipped and declared as a gap."""
OWNER_MIN: Final = 100
"""Numbers below are the crowd's."""
MESSAGES_MAX: Final = 20_000
"""Kept while nobody fetches them: half a minute."""
_HISTORIES_MAX: Final = 4
"""Symbols of which the history is kept while somebody pages through it."""
_MARKET_VOL_DAY_PCT: Final = 0.8
_SECTOR_VOL_DAY_PCT: Final = 0.5


class Exchange:
    """A seeded market."""

    def __init__(
        self,
        config: ExchangeConfig,
        start_ns: int,
        listings: tuple[Listing, ...] = LISTINGS,
    ) -> None:
        self._config = config
        self._start_ns = start_ns
        listings = tuple(_split_before(listing, config.splits, start_ns) for listing in listings)
        self._listings = {listing.symbol: listing for listing in listings}
        self._rhythm: Final = Rhythm(timetable(config.hours))
        self._shared_moves: dict[str, Moves] = {}
        self._histories: dict[Symbol, tuple[Sequence[BarRow], Sequence[BarRow]]] = {}
        self._market = self._factor("market", _MARKET_VOL_DAY_PCT)
        self._sectors = {
            listing.sector: self._factor(listing.sector, _SECTOR_VOL_DAY_PCT)
            for listing in listings
        }
        self._messages: list[AnyMessage] = []
        """What was said and has not left."""
        self._pits = {listing.symbol: self._pit(listing) for listing in listings}
        self._crowds = [self._crowd(listing) for listing in listings]
        self._days = [
            Day(self._pits[listing.symbol], crowd, self._rhythm)
            for listing, crowd in zip(listings, self._crowds, strict=True)
        ]
        self._queue: list[tuple[int, int]] = []
        """When each symbol acts next, and its number."""
        self._gateways: list[Gateway] = []
        self.door: Final = threading.Lock()
        """Held while anything can trade; never for longer than one call takes."""
        self.gap_ns = 0
        """Time skipped that the feed has not told of; below 0: time went back."""
        self.now_ns = start_ns
        """Everything up to here has happened."""

    @property
    def hours(self) -> TradingHours:
        """When it trades."""
        return self._config.hours

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """What is listed, the most usual first."""
        return tuple(listing.instrument for listing in self._listings.values())

    def history(self, symbol: Symbol) -> tuple[Sequence[BarRow], Sequence[BarRow]] | None:
        """Return minute and daily bars before the start, oldest first; None if not listed."""
        listing = self._listings.get(symbol)
        if listing is None:
            return None
        return draw_history(
            listing,
            self._config,
            self._grid,
            market=self._moves("market", _MARKET_VOL_DAY_PCT),
            sector=self._moves(listing.sector, _SECTOR_VOL_DAY_PCT),
        )

    def older(self, symbol: Symbol, interval_ns: int, before_ns: int, n: int) -> Sequence[BarRow]:
        """Return the newest bars before a moment, and before the start; oldest first.

        Minutes are given to the beginning of a trading day, so that they may be fewer or a few
        hundred more than n; none: there are no older ones.

        Args:
            symbol: listed or not.
            interval_ns: of a minute or a day.
            before_ns: every bar starts before.
            n: about how many.
        """
        if symbol not in self._listings:
            return ()
        known = self._histories.get(symbol)
        if known is None:
            if len(self._histories) >= _HISTORIES_MAX:
                del self._histories[next(iter(self._histories))]
            known = self._histories[symbol] = self.history(symbol) or ((), ())
        minutes, days = known
        if interval_ns != MINUTE_NS:
            return [day for day in days if day.start_ns < before_ns][-n:]
        found = [minute for minute in minutes if minute.start_ns < before_ns][-n:]
        if found:
            return found
        older = [day for day in days if not minutes or day.start_ns < minutes[0].start_ns]
        seed = f"{self._config.seed}:{symbol}:minutes"
        for day in reversed(older):
            drawn = minutes_of(day, seed, self._config.hours)
            found = [*(one for one in drawn if one.start_ns < before_ns), *found]
            if len(found) >= n:
                break
        return found

    def connect(self, sink: Sink) -> Gateway:
        """Open a line for a member; `sink` hears what comes of its orders."""
        gateway = Gateway(
            self._pits,
            self._rhythm,
            self._config.latency,
            seed=self._config.seed,
            owner=OWNER_MIN + len(self._gateways),
            sink=sink,
        )
        self._gateways.append(gateway)
        return gateway

    def refusal(self, symbol: Symbol, limit_px: Decimal | None) -> str:
        """Return why an order of a symbol at a limit price is not taken; empty if it is."""
        pit = self._pits.get(symbol)
        if pit is None:
            return f"{symbol} is not listed here"
        tick = pit.facts.tick
        if limit_px is not None and not is_multiple(limit_px, tick):
            return f"limit price {limit_px} is not a whole number of ticks of {tick}"
        return ""

    def pit(self, symbol: Symbol) -> Pit:
        """Return where a symbol trades. Raises KeyError if it is not listed."""
        return self._pits[symbol]

    def frames(self, until_ns: int, messages_max: int) -> list[bytes]:
        """Return the frames due up to and including a time, oldest first.

        Stops early at about `messages_max` messages; `now_ns` then says how far it came, and the
        next call goes on from there.
        """
        with self.door:
            self._advance(until_ns, messages_max)
        self._speak()
        messages, self._messages = self._messages, []
        return [
            encode_frame(messages[i : i + FRAME_MESSAGES_MAX])
            for i in range(0, len(messages), FRAME_MESSAGES_MAX)
        ]

    def pass_time(self, until_ns: int) -> None:
        """Let happen what is due although nobody listens to the market; orders are answered.

        What nobody fetches for long is forgotten; the feed begins anew with `skip_to`.
        """
        with self.door:
            if abs(until_ns - self.now_ns) > LAG_NS_MAX:
                self.gap_ns = until_ns - self.now_ns
                self._messages.clear()
                self._skip_to(until_ns)
            self._advance(until_ns, MESSAGES_MAX)
        if len(self._messages) >= MESSAGES_MAX:
            self._messages.clear()
        self._speak()

    def skip_to(self, now_ns: int) -> None:
        """Go to a time, forward or back, without saying what happened between.

        The crowd comes in anew; each symbol's next words are its state at that time.
        """
        with self.door:
            self._messages.clear()
            self._skip_to(now_ns)
        self._speak()

    def halt(self, symbol: Symbol, reason: str) -> None:
        """Stop trading in a symbol until `resume`."""
        with self.door:
            self._day(symbol).halt(reason, self.now_ns)

    def resume(self, symbol: Symbol) -> None:
        """Let a halted symbol trade again, by an auction."""
        with self.door:
            self._day(symbol).resume(self.now_ns)
        self._speak()

    def thin(self, symbol: Symbol, size_max: int | None) -> None:
        """Let no order of the crowd in a symbol be of more shares; None: as usual again."""
        with self.door:
            self._day(symbol).thin(size_max, self.now_ns)
        self._speak()

    def split(self, split: Split) -> None:
        """Trade other shares from now on; members have taken their orders of the old ones out."""
        if not self._is_news(split.symbol, split.ex_date):
            return
        factor = split.old / split.new
        with self.door:
            day = self._day(split.symbol)
            self._crowds[self._days.index(day)].rescale(factor)
            self._pits[split.symbol].prior_close *= factor
            day.start(self.now_ns)
            self._reschedule()
        self._speak()

    def go_ex(self, dividend: Dividend) -> None:
        """Trade shares without a dividend from now on: they are worth as much less."""
        if not self._is_news(dividend.symbol, dividend.ex_date):
            return
        usd = float(dividend.amount)
        with self.door:
            number = self._days.index(self._day(dividend.symbol))
            self._crowds[number].go_ex(usd)
            self._pits[dividend.symbol].prior_close -= usd

    def _is_news(self, symbol: Symbol, ex_date: date) -> bool:
        """Whether a listed symbol's prices do not have it in them since the start."""
        return symbol in self._pits and ex_date > new_york(self._start_ns).date()

    def _speak(self) -> None:
        for gateway in self._gateways:
            gateway.speak()

    def _advance(self, until_ns: int, messages_max: int) -> None:
        for gateway in self._gateways:
            gateway.end_killed()
        if not self._queue:
            self._skip_to(self.now_ns)
        queue, messages = self._queue, self._messages
        while True:
            arrival_ns = min((g.next_ns for g in self._gateways), default=NEVER_NS)
            due_ns = min(queue[0][0], arrival_ns)
            if due_ns > until_ns:
                self.now_ns = max(self.now_ns, until_ns)
                return
            if len(messages) >= messages_max:
                return
            self.now_ns = max(self.now_ns, due_ns)
            if arrival_ns <= due_ns:
                for gateway in self._gateways:
                    gateway.turn(self.now_ns)
            else:
                self._act(queue[0][1])

    def _act(self, number: int) -> None:
        """Let one symbol do what is due."""
        crowd, day = self._crowds[number], self._days[number]
        if day.next_ns <= crowd.next_ns:
            day.turn(self.now_ns)
        else:
            crowd.act()
        heapq.heapreplace(self._queue, (min(crowd.next_ns, day.next_ns), number))

    def _skip_to(self, now_ns: int) -> None:
        for factor in (self._market, *self._sectors.values()):
            factor.skip_to(now_ns)
        if now_ns < self.now_ns:
            for gateway in self._gateways:
                gateway.go_back(now_ns)
        self.now_ns = now_ns
        for day in self._days:
            day.start(now_ns)
        self._reschedule()
        for gateway in self._gateways:
            gateway.turn(now_ns)

    def _reschedule(self) -> None:
        self._queue = [
            (min(crowd.next_ns, day.next_ns), number)
            for number, (crowd, day) in enumerate(zip(self._crowds, self._days, strict=True))
        ]
        heapq.heapify(self._queue)

    def _day(self, symbol: Symbol) -> Day:
        return self._days[list(self._listings).index(symbol)]

    def _factor(self, key: str, vol_day_pct: float) -> Factor:
        return Factor(f"{self._config.seed}:{key}", vol_day_pct, self._rhythm, self._start_ns)

    def _pit(self, listing: Listing) -> Pit:
        day = new_york(self._start_ns).date()
        px = listing.anchor_px
        facts = Facts(
            symbol=listing.symbol,
            market=listing.tape_letter,
            tick=tick_on(self._config.ticks, day, px=px, spread=listing.spread_px),
            lot=round_lot(px, day),
            tier=listing.tier,
        )
        return Pit(facts, float(listing.anchor_px), self._say)

    def _say(self, message: AnyMessage) -> None:
        self._messages.append(message)

    def _crowd(self, listing: Listing) -> Crowd:
        worth = Fundamental(
            listing,
            self._config.seed,
            market=self._market,
            sector=self._sectors[listing.sector],
            rhythm=self._rhythm,
            now_ns=self._start_ns,
        )
        pit = self._pits[listing.symbol]
        return Crowd(listing, self._config, pit, worth, self._rhythm, self._start_ns)

    @functools.cached_property
    def _grid(self) -> Grid:
        return make_grid(self._config.hours, self._start_ns)

    def _moves(self, key: str, vol_day_pct: float) -> Moves:
        moves = self._shared_moves.get(key)
        if moves is None:
            seed = f"{self._config.seed}:{key}:history"
            moves = self._shared_moves[key] = shared_moves(seed, vol_day_pct, self._grid)
        return moves


def _split_before(listing: Listing, splits: Iterable[Split], start_ns: int) -> Listing:
    """Return a listing with its price in shares of the day on which the exchange starts."""
    cents, today = listing.anchor_cents, new_york(start_ns).date()
    for split in splits:
        if split.symbol == listing.symbol and split.ex_date <= today:
            cents = max(1, round(cents * split.old / split.new))
    return msgspec.structs.replace(listing, anchor_cents=cents)
