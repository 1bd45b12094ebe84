"""Goal: the market of the crowd is believable: the stylised facts hold on seeded days.

Method: whole days by the calendar of three unlike symbols, as fast as they go; returns are of the
middle, a minute long. Facts after Cont, "Empirical properties of asset returns" (Quantitative
Finance 1, 2001, section 2): heavy tails, no linear autocorrelation, volatility clustering, volume
and volatility together; the U of volume after Wood, McInish, Ord (Journal of Finance 40, 1985).
"""

from __future__ import annotations

import functools
import itertools
import math
import statistics
from collections import Counter
from datetime import datetime

import msgspec
import pytest

from app.config import load_config
from app.domain.enums import Side, TimeInForce, TradingHours
from app.domain.times import MINUTE_NS, NEW_YORK, SECOND_NS
from app.exchange.entry import Order
from app.exchange.listings import LISTINGS
from app.exchange.market import Exchange
from app.exchange.wire import PrintMessage, QuoteMessage

CONFIG = load_config().exchange
SYMBOLS = ("AAPL", "SPY", "KO")


def at(hour, minute=0):
    return int(datetime(2026, 11, 23, hour, minute, tzinfo=NEW_YORK).timestamp()) * SECOND_NS


OPEN_NS, CLOSE_NS = at(9, 30), at(16)


@functools.cache
def day(symbol):
    """Return quotes and prints of a core session."""
    config = msgspec.structs.replace(CONFIG, hours=TradingHours.CALENDAR)
    listings = tuple(one for one in LISTINGS if one.symbol == symbol)
    exchange = Exchange(config, at(9, 20), listings)
    exchange.pass_time(at(9, 20))
    exchange._advance(CLOSE_NS, 10**9)
    said = [m for m in exchange._messages if OPEN_NS <= m.ts_ns < CLOSE_NS]
    quotes = [m for m in said if isinstance(m, QuoteMessage) and m.bid and m.ask]
    return quotes, [m for m in said if isinstance(m, PrintMessage)]


@functools.cache
def minutes(symbol):
    """Return log returns and mean spreads of the minutes of a day."""
    middles, spreads, seen, middle = [], [], [], 0.0
    end_ns = OPEN_NS + MINUTE_NS
    for quote in day(symbol)[0]:
        while quote.ts_ns >= end_ns:
            middles.append(middle)
            spreads.append(statistics.mean(seen) if seen else spreads[-1])
            seen, end_ns = [], end_ns + MINUTE_NS
        middle = (quote.bid + quote.ask) / 2
        seen.append(quote.ask - quote.bid)
    return [math.log(b / a) for a, b in itertools.pairwise(middles)], spreads[1:]


def autocorrelation(values, lag):
    mean = statistics.mean(values)
    left = [value - mean for value in values]
    return sum(a * b for a, b in zip(left, left[lag:], strict=False)) / sum(a * a for a in left)


@pytest.mark.parametrize("symbol", SYMBOLS)
class TestFacts:
    def test_tails_are_heavy(self, symbol):
        returns, _ = minutes(symbol)
        mean, deviation = statistics.mean(returns), statistics.pstdev(returns)
        kurtosis = statistics.mean(((r - mean) / deviation) ** 4 for r in returns)
        assert kurtosis > 3.6  # 3 is normal; its error over 389 minutes is 0.25.

    def test_returns_do_not_foretell_returns(self, symbol):
        returns, _ = minutes(symbol)
        assert all(abs(autocorrelation(returns, lag)) < 0.16 for lag in (1, 2, 3))

    def test_volatility_comes_in_clusters(self, symbol):
        returns, _ = minutes(symbol)
        sizes = [abs(r) for r in returns]
        assert statistics.mean(autocorrelation(sizes, lag) for lag in range(1, 11)) > 0.03

    def test_volume_is_a_u(self, symbol):
        halves = Counter((m.ts_ns - OPEN_NS) // (30 * MINUTE_NS) for m in day(symbol)[1])
        noon = statistics.mean(halves[n] for n in range(4, 9))
        assert halves[0] > 1.5 * noon
        assert halves[12] > 1.3 * noon

    def test_spreads_are_wide_when_prices_move(self, symbol):
        returns, spreads = minutes(symbol)
        fives = range(0, len(returns) - 4, 5)
        moved = [sum(abs(r) for r in returns[n : n + 5]) for n in fives]
        wide = [statistics.mean(spreads[n : n + 5]) for n in fives]
        assert statistics.correlation(moved, wide) > 0.25

    def test_quotes_are_never_locked_or_crossed_and_prints_never_beyond_the_tape(self, symbol):
        quotes, prints = day(symbol)
        assert all(quote.bid < quote.ask for quote in quotes)
        assert all(m.size > 0 and m.price > 0 for m in prints)

    def test_volume_follows_volatility(self, symbol):
        returns, _ = minutes(symbol)
        volume = Counter((m.ts_ns - OPEN_NS) // MINUTE_NS for m in day(symbol)[1])
        moved = [abs(r) for r in returns]
        assert statistics.correlation(moved, [volume[n + 1] for n in range(len(moved))]) > 0.15


@pytest.fixture(scope="module")
def half_hour():
    """Return what all symbols say in half an hour around the clock, and the exchange."""
    exchange = Exchange(CONFIG, OPEN_NS)
    exchange.pass_time(OPEN_NS)
    exchange._messages.clear()
    exchange._advance(OPEN_NS + 30 * MINUTE_NS, 10**9)
    return exchange._messages, exchange


def test_rates_are_about_those_that_are_set(half_hour):
    said, _ = half_hour
    kinds = Counter(type(m) for m in said)
    seconds = 30 * 60 * len(LISTINGS)
    assert kinds[QuoteMessage] / seconds == pytest.approx(CONFIG.quotes_per_s, rel=0.2)
    assert kinds[PrintMessage] / seconds == pytest.approx(CONFIG.trades_per_s, rel=0.3)


def test_books_are_at_least_ten_levels_deep(half_hour):
    _, exchange = half_hour
    depths = [
        len(exchange.pit(listing.symbol).book.depth(side, 50))
        for listing in LISTINGS
        for side in (Side.BUY, Side.SELL)
    ]
    assert statistics.median(depths) >= 15
    assert sum(depth >= 10 for depth in depths) / len(depths) > 0.9


def test_many_prints_are_odd_lots_and_some_are_made_elsewhere(half_hour):
    prints = [m for m in half_hour[0] if isinstance(m, PrintMessage)]
    odd = sum(m.conditions == "@I" for m in prints) / len(prints)
    elsewhere = sum(m.venue == "D" for m in prints) / len(prints)
    assert 0.2 < odd < 0.6
    assert 0 < elsewhere < 0.15


def test_symbols_of_a_sector_move_together(half_hour):
    quotes = [m for m in half_hour[0] if isinstance(m, QuoteMessage)]
    middles = {symbol: {} for symbol in ("SPY", "QQQ", "GLD")}
    for m in quotes:
        if m.symbol in middles and m.bid and m.ask:
            middles[m.symbol][(m.ts_ns - OPEN_NS) // (30 * SECOND_NS)] = (m.bid + m.ask) / 2
    steps = sorted(set.intersection(*(set(path) for path in middles.values())))

    def moves(symbol):
        path = [middles[symbol][step] for step in steps]
        return [math.log(b / a) for a, b in itertools.pairwise(path)]

    together = statistics.correlation(moves("SPY"), moves("QQQ"))
    assert together > 0.6
    assert together > statistics.correlation(moves("SPY"), moves("GLD"))


def test_whoever_buys_much_pays_more_and_leaves_the_price_higher():
    def middle_after(shares):
        exchange = Exchange(CONFIG, OPEN_NS, LISTINGS[:1])
        exchange.pass_time(OPEN_NS)
        pit = exchange.pit("AAPL")
        if shares:
            order = Order(-1, Side.BUY, shares, None, TimeInForce.IOC)
            pit.enter(order, exchange.now_ns)
            assert order.leaves < shares
        exchange._advance(OPEN_NS + 60 * SECOND_NS, 10**9)
        bid, ask = pit.book.best(Side.BUY), pit.book.best(Side.SELL)
        return (bid[0] + ask[0]) / 2

    assert middle_after(30_000) > middle_after(0) + 2
