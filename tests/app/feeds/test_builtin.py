"""Goal: the built-in venue's frames become events or `Malformed`, and its feed keeps time.

Method: the feed suite; frames as the exchange writes them; a clock that is moved by hand.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from app.clock import LiveClock, SimClock
from app.config import load_config
from app.domain.enums import FeedState
from app.domain.errors import Malformed
from app.domain.market import FeedStatus, Quote, Trade
from app.feeds.builtin import FEED, LAG_NS_MAX, MESSAGES_MAX, BuiltinCodec, BuiltinFeed
from app.hub import Hub
from tests.conformance.feed import TS_RECV_NS, CodecConformance, FeedConformance

CONFIG = load_config()
START_NS = 1_795_444_200_000_000_000
QUOTE = b'{"T":"q","S":"AAPL","bp":187.22,"bs":300,"ap":187.23,"as":200,"t":5}'
TRADE = b'{"T":"t","S":"AAPL","p":187.23,"s":100,"x":"Q","c":"@","t":6}'


class TestBuiltinCodec(CodecConformance):
    def make(self):
        return BuiltinCodec()

    def good_frames(self):
        return [b"[" + QUOTE + b"]", b"[" + TRADE + b"," + QUOTE + b"]"]

    def test_quote_and_print_are_what_the_frame_says(self):
        quote, trade = self.make().feed(b"[" + QUOTE + b"," + TRADE + b"]", TS_RECV_NS)
        assert isinstance(quote, Quote)
        assert (quote.bid, quote.bid_size) == (Decimal("187.22"), 300)
        assert (quote.ask, quote.ask_size, quote.ts_exch_ns) == (Decimal("187.23"), 200, 5)
        assert isinstance(trade, Trade)
        assert (trade.price, trade.size, trade.ts_exch_ns) == (Decimal("187.23"), 100, 6)
        assert (trade.exchange, trade.conditions) == ("Q", "@")

    @pytest.mark.parametrize(
        ("known", "bad"),
        [
            (b'"bp":187.22', b'"bp":0'),
            (b'"bp":187.22', b'"bp":-1'),
            (b'"bp":187.22', b'"bp":"NaN"'),
            (b'"ap":187.23', b'"ap":"Infinity"'),
            (b'"ap":187.23', b'"ap":1e12'),
            (b'"bs":300', b'"bs":-1'),
            (b'"as":200', b'"as":1.5'),
            (b'"t":5', b'"t":-5'),
            (b'"T":"q"', b'"T":"z"'),
            (b'"S":"AAPL",', b""),
        ],
    )
    def test_quote_that_is_none_spoils_its_frame(self, known, bad):
        frame = b"[" + TRADE + b"," + QUOTE.replace(known, bad) + b"]"
        with pytest.raises(Malformed):
            self.make().feed(frame, TS_RECV_NS)

    def test_crossed_quote_is_legal(self):
        crossed = QUOTE.replace(b'"bp":187.22', b'"bp":187.30')
        (quote,) = self.make().feed(b"[" + crossed + b"]", TS_RECV_NS)
        assert not quote.is_two_sided

    def test_hub_delivers_wire_events_as_what_they_are(self):
        hub, seen = Hub(), []
        hub.subscribe(Quote, seen.append)
        hub.subscribe(Trade, seen.append)
        for event in self.make().feed(b"[" + QUOTE + b"," + TRADE + b"]", TS_RECV_NS):
            hub.publish(event)
        assert len(seen) == 2


class TestBuiltinFeed(FeedConformance):
    def make(self):
        lively = msgspec.structs.replace(CONFIG.exchange, quotes_per_s=50.0)
        return BuiltinFeed(lively, LiveClock())

    def test_spec_makes_a_feed_of_its_name(self):
        assert FEED.make(CONFIG, SimClock(START_NS)).name == FEED.name


def feed_at(clock, **changes):
    return BuiltinFeed(msgspec.structs.replace(CONFIG.exchange, **changes), clock)


def statuses(events):
    return [event.state for event in events if isinstance(event, FeedStatus)]


def test_turn_publishes_what_is_due_and_nothing_twice():
    clock, seen = SimClock(START_NS), []
    feed = feed_at(clock)
    clock.advance_to(START_NS + 900_000_000)
    feed.turn(seen.append)
    count = len(seen)
    assert count
    assert all(event.ts_exch_ns <= clock.now_ns() for event in seen)
    feed.turn(seen.append)
    assert len(seen) == count


def test_long_pause_is_a_declared_gap_and_not_made_up_for():
    clock, seen = SimClock(START_NS), []
    feed = feed_at(clock)
    clock.advance_to(START_NS + 3_600 * LAG_NS_MAX)
    feed.turn(seen.append)
    assert statuses(seen) == [FeedState.DEGRADED, FeedState.LIVE]
    assert len(seen) < 100


def test_turn_is_bounded_however_fast_the_market_is():
    clock, seen = SimClock(START_NS), []
    feed = feed_at(clock, quotes_per_s=10_000.0, trades_per_s=10_000.0)
    clock.advance_to(START_NS + LAG_NS_MAX)
    feed.turn(seen.append)
    assert len(seen) <= MESSAGES_MAX + 100


def test_same_seed_gives_the_same_market():
    markets = []
    for _ in range(2):
        clock, seen = SimClock(START_NS), []
        feed = feed_at(clock)
        clock.advance_to(START_NS + 900_000_000)
        feed.turn(seen.append)
        markets.append(seen)
    assert markets[0] == markets[1]
