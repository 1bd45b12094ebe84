"""Goal: a line without faults is the feed behind it; each fault spoils what it names, no more.

Method: the suite of all feeds on the built-in feed behind a line; then each fault on a feed that
says what the test wants.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal

import pytest

from app.clock import LiveClock, SimClock
from app.config import load_config
from app.domain.enums import FeedState
from app.domain.errors import Disconnected
from app.domain.ids import Symbol
from app.domain.market import Bar, FeedStatus, Quote, SymbolStatus, Trade
from app.drills.feedline import FeedFault, FeedLine, FeedTrouble
from app.feeds.builtin import FEED
from tests.conformance.feed import FeedConformance

A, B = Symbol("A"), Symbol("B")
LIVE = FeedStatus(feed="told", state=FeedState.LIVE, text="live", ts_recv_ns=1)


def a_quote(symbol=A, bid="10.00", ask="10.02"):
    return Quote(
        symbol=symbol,
        bid=Decimal(bid),
        bid_size=300,
        ask=Decimal(ask),
        ask_size=2,
        ts_exch_ns=1,
        ts_recv_ns=1,
    )


def a_trade(symbol=A, size=500):
    return Trade(symbol=symbol, price=Decimal(10), size=size, ts_exch_ns=1, ts_recv_ns=1)


def a_bar():
    px = dict.fromkeys(("open", "high", "low", "close"), Decimal(7))
    return Bar(symbol=A, start_ns=0, interval_ns=1, volume=100, ts_recv_ns=1, **px)


class TestFeedLine(FeedConformance):
    def make(self):
        clock = LiveClock()
        return FeedLine(FEED.make(load_config(), clock), clock)


class Told:
    """A feed that says what it is told to."""

    name = "told"
    exchange = None

    def __init__(self, events: Sequence) -> None:
        self._events = events

    def instruments(self):
        return ()

    def history(self, _symbol):
        return None

    async def run(self, publish):
        for event in self._events:
            publish(event)


def heard(events, fault=None):
    line = FeedLine(Told(events), SimClock(9))
    if fault is not None:
        line.set(fault)
    seen = []
    asyncio.run(line.run(seen.append))
    return seen


def test_without_a_fault_the_very_events_come_through():
    events = [LIVE, a_quote(), a_trade(), a_bar()]
    assert [id(event) for event in heard(events)] == [id(event) for event in events]


def test_mute_nothing_comes_through():
    assert heard([LIVE, a_quote()], FeedFault(trouble=FeedTrouble.MUTE)) == []


def test_dropped_it_breaks_and_cannot_be_made_anew():
    line = FeedLine(Told([a_quote()]), SimClock())
    line.set(FeedFault(trouble=FeedTrouble.DROPPED, text="reset"))
    for _ in range(2):
        with pytest.raises(Disconnected, match="^reset$"):
            asyncio.run(line.run(lambda event: None))
    line.clear()
    asyncio.run(line.run(lambda event: None))


def test_dropped_while_it_speaks_it_breaks_at_the_next_word():
    line = FeedLine(Told([a_quote(), a_quote(), a_quote()]), SimClock())
    seen = []

    def publish(event):
        seen.append(event)
        line.set(FeedFault(trouble=FeedTrouble.DROPPED))

    with pytest.raises(Disconnected):
        asyncio.run(line.run(publish))
    assert len(seen) == 1


def test_thin_sizes_are_cut_of_one_symbol_only():
    fault = FeedFault(trouble=FeedTrouble.THIN, symbol=A, size_max=5)
    quote, trade, bar, other = heard([a_quote(), a_trade(), a_bar(), a_quote(B)], fault)
    assert (quote.bid_size, quote.ask_size, trade.size) == (5, 2, 5)
    assert bar == a_bar()
    assert other == a_quote(B)


def test_crossed_the_sides_of_a_quote_change_places():
    fault = FeedFault(trouble=FeedTrouble.CROSSED, symbol=A)
    quote, trade, other = heard([a_quote(), a_trade(), a_quote(B)], fault)
    assert (quote.bid, quote.bid_size, quote.ask, quote.ask_size) == (
        Decimal("10.02"),
        2,
        Decimal("10.00"),
        300,
    )
    assert (trade, other) == (a_trade(), a_quote(B))


def test_a_quote_that_is_crossed_already_stays_so():
    fault = FeedFault(trouble=FeedTrouble.CROSSED, symbol=A)
    assert heard([a_quote(bid="10.05")], fault) == [a_quote(bid="10.05")]


def test_halted_it_says_so_at_once_and_no_print_of_the_symbol_follows():
    line = FeedLine(Told([a_quote(), a_trade(B), a_quote(B), LIVE]), SimClock(9))
    seen = []
    fault = FeedFault(trouble=FeedTrouble.HALTED, symbol=B, text="news pending")

    def publish(event):
        seen.append(event)
        if event == a_quote():
            line.set(fault)
        if event == LIVE:
            line.clear()

    asyncio.run(line.run(publish))
    stamps = {"ts_exch_ns": 9, "ts_recv_ns": 9}
    assert seen == [
        a_quote(),
        SymbolStatus(symbol=B, halt="news pending", **stamps),
        a_quote(B),
        LIVE,
        SymbolStatus(symbol=B, **stamps),
    ]


def test_a_halt_before_the_feed_runs_is_said_to_nobody():
    line = FeedLine(Told([]), SimClock())
    line.set(FeedFault(trouble=FeedTrouble.HALTED, symbol=A, text="news"))
    line.clear()
