"""Goal: the built-in exchange reaches the station exactly, in time, and never in a flood."""

from __future__ import annotations

import asyncio
import functools
import json
from decimal import Decimal

import msgspec
import pytest

from app.clock import LiveClock, SimClock
from app.config import load_config
from app.domain.enums import FeedState, Venue
from app.domain.errors import Malformed
from app.domain.market import FeedStatus, Quote, Trade
from app.exchange.market import LAG_NS_MAX, Exchange
from app.feeds.base import PagedFeed
from app.feeds.builtin import FEED, MESSAGES_MAX, BuiltinCodec, BuiltinFeed
from app.hub import Hub
from tests.conformance.feed import CodecConformance, FeedConformance

CONFIG = load_config()
SECOND_NS = 10**9
QUOTE = b'{"T":"q","S":"AAPL","bp":187.20,"bs":300,"ap":187.23,"as":200,"t":17}'
TRADE = b'{"T":"t","S":"AAPL","p":187.05,"s":100,"x":"Q","c":"@","t":18}'


STATUS = b'{"T":"s","S":"AAPL","h":"","ssr":false,"lo":177.86,"up":0.00,"t":19}'
CALL = b'{"T":"i","S":"AAPL","x":"O","p":187.25,"q":12000,"n":700,"d":"B","t":20}'


@functools.cache
def made():
    exchange = Exchange(CONFIG.exchange, 1_795_444_200 * SECOND_NS)
    return tuple(exchange.frames(1_795_444_202 * SECOND_NS, 10_000)[::5])


class TestBuiltinCodec(CodecConformance):
    def make(self):
        return BuiltinCodec()

    def good_frames(self):
        return [b"[" + QUOTE + b"," + TRADE + b"]", b"[" + STATUS + b"," + CALL + b"]", *made()]

    def test_every_field_arrives_digit_by_digit(self):
        quote, trade = self.make().feed(b"[" + QUOTE + b"," + TRADE + b"]", 99)
        assert isinstance(quote, Quote)
        assert str(quote.bid) == "187.20"
        assert (quote.bid_size, quote.ask, quote.ask_size) == (300, Decimal("187.23"), 200)
        assert (quote.symbol, quote.ts_exch_ns, quote.ts_recv_ns) == ("AAPL", 17, 99)
        assert isinstance(trade, Trade)
        assert (trade.price, trade.size) == (Decimal("187.05"), 100)
        assert (trade.exchange, trade.conditions, trade.ts_exch_ns) == ("Q", "@", 18)

    def test_a_crossed_quote_is_news_not_nonsense(self):
        (quote,) = self.make().feed(b"[" + QUOTE.replace(b"187.20", b"187.30") + b"]", 1)
        assert quote.bid > quote.ask

    def test_what_is_not_needed_is_passed_over(self):
        (trade,) = self.make().feed(b"[" + TRADE.replace(b"{", b'{"new":[1,{}],') + b"]", 1)
        assert trade.size == 100

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("p", value)
            for value in ("0", "-1", '"NaN"', '"sNaN"', '"Infinity"', "1e400", "null", '"x"')
        ]
        + [("s", value) for value in ("0", "-1", "1.5", "null", "1e30", '"1"', str(2**70))]
        + [("t", value) for value in ("-1", "1.5", str(2**63))]
        + [("S", value) for value in ("null", "1")]
        + [("T", value) for value in ('"z"', "null", "1")],
    )
    def test_a_value_that_is_none_makes_the_frame_malformed(self, field, value):
        wire = json.loads(TRADE)
        assert field in wire
        text = ",".join(
            f'"{key}":{value if key == field else json.dumps(known)}' for key, known in wire.items()
        )
        with pytest.raises(Malformed) as caught:
            self.make().feed(f"[{{{text}}}]".encode(), 1)
        assert caught.value.raw

    @pytest.mark.parametrize(
        ("known", "bad"),
        [
            (b'"bp":187.20', b'"bp":0'),
            (b'"bp":187.20', b'"bp":"NaN"'),
            (b'"ap":187.23', b'"ap":"Infinity"'),
            (b'"ap":187.23', b'"ap":1e12'),
            (b'"bs":300', b'"bs":-1'),
            (b'"as":200', b'"as":1.5'),
            (b'"S":"AAPL",', b""),
        ],
    )
    def test_a_quote_that_is_none_spoils_its_frame(self, known, bad):
        assert known in QUOTE
        with pytest.raises(Malformed):
            self.make().feed(b"[" + TRADE + b"," + QUOTE.replace(known, bad) + b"]", 1)

    def test_the_hub_delivers_wire_events_as_what_they_are(self):
        hub, seen = Hub(), []
        hub.subscribe(Quote, seen.append)
        hub.subscribe(Trade, seen.append)
        for event in self.make().feed(b"[" + QUOTE + b"," + TRADE + b"]", 1):
            hub.publish(event)
        assert len(seen) == 2

    @pytest.mark.parametrize("frame", [b"", b"{}", b"null", b"[" * 100_000, b"[1]", b"\xff"])
    def test_no_array_of_messages(self, frame):
        with pytest.raises(Malformed):
            self.make().feed(frame, 1)


class TestBuiltinFeed(FeedConformance):
    def make(self):
        lively = msgspec.structs.replace(CONFIG.exchange, quotes_per_s=50.0)
        return BuiltinFeed(lively, LiveClock())

    def test_the_plug_in_says_what_it_is(self):
        feed = FEED.make(CONFIG, LiveClock())
        assert (FEED.name, FEED.venue, feed.name) == ("builtin", Venue.PAPER, "builtin")

    def test_there_is_no_history_of_what_is_not_listed(self):
        assert self.make().history("NONE") is None


def run_for(clock, feed, seconds, step_s=0.1):
    seen = []
    for _ in range(round(seconds / step_s)):
        clock.advance_to(clock.now_ns() + round(step_s * SECOND_NS))
        feed.turn(seen.append)
    return seen


def states(events):
    return [event.state for event in events if isinstance(event, FeedStatus)]


def test_two_feeds_of_one_seed_say_the_same(clock):
    other = SimClock(clock.now_ns())
    one = run_for(clock, BuiltinFeed(CONFIG.exchange, clock), 20)
    two = run_for(other, BuiltinFeed(CONFIG.exchange, other), 20)
    assert one == two
    assert len(one) > 500


def test_events_carry_the_time_of_receipt_and_are_not_from_the_future(clock):
    feed = BuiltinFeed(CONFIG.exchange, clock)
    clock.advance_to(clock.now_ns() + SECOND_NS // 2)
    seen = []
    feed.turn(seen.append)
    assert {event.ts_recv_ns for event in seen} == {clock.now_ns()}
    assert max(event.ts_exch_ns for event in seen) <= clock.now_ns()


def test_a_pause_is_declared_as_a_gap_and_not_made_up_for(clock):
    feed = BuiltinFeed(CONFIG.exchange, clock)
    run_for(clock, feed, 2)
    clock.advance_to(clock.now_ns() + 8 * 3600 * SECOND_NS)
    seen = []
    feed.turn(seen.append)
    assert states(seen) == [FeedState.DEGRADED, FeedState.LIVE]
    assert "28800" in seen[0].text.replace(",", "")
    events = [event for event in seen if not isinstance(event, FeedStatus)]
    quotes = [event.symbol for event in events if isinstance(event, Quote)]
    assert sorted(quotes) == sorted(one.symbol for one in feed.instruments())
    assert {event.ts_exch_ns for event in events} == {clock.now_ns()}
    assert states(run_for(clock, feed, 5)) == []


def test_a_short_delay_is_no_gap(clock):
    feed = BuiltinFeed(CONFIG.exchange, clock)
    seen = run_for(clock, feed, 10, step_s=LAG_NS_MAX / SECOND_NS)
    assert states(seen) == []


class BackClock(SimClock):
    """A clock that somebody sets."""

    def set_to(self, ts_ns):
        self._now_ns = ts_ns


def test_a_clock_that_is_set_back_is_a_gap_too():
    clock = BackClock(1_795_444_200 * SECOND_NS)
    feed = BuiltinFeed(CONFIG.exchange, clock)
    run_for(clock, feed, 2)
    clock.set_to(clock.now_ns() - 3600 * SECOND_NS)
    seen = run_for(clock, feed, 1)
    assert states(seen) == [FeedState.DEGRADED, FeedState.LIVE]
    assert "set back" in seen[0].text
    events = [event for event in seen if not isinstance(event, FeedStatus)]
    assert max(event.ts_exch_ns for event in events) <= clock.now_ns()


def test_one_turn_is_bounded_whatever_the_rate(clock):
    wild = msgspec.structs.replace(CONFIG.exchange, quotes_per_s=10_000.0, trades_per_s=10_000.0)
    feed = BuiltinFeed(wild, clock)
    for _ in range(5):
        clock.advance_to(clock.now_ns() + SECOND_NS // 2)
        seen = []
        feed.turn(seen.append)
        events = [event for event in seen if not isinstance(event, FeedStatus)]
        assert len(events) <= MESSAGES_MAX + 100
        assert seen


def test_a_frame_that_cannot_be_read_is_counted_and_said(clock, monkeypatch):
    feed = BuiltinFeed(CONFIG.exchange, clock)
    monkeypatch.setattr(feed.exchange, "frames", lambda until_ns, messages_max: [b"["])
    seen = []
    feed.turn(seen.append)
    assert states(seen) == [FeedState.DEGRADED]
    assert feed.frames_bad == 1


def test_older_bars_can_be_asked_for_a_page_at_a_time(clock):
    feed = FEED.make(CONFIG, clock)
    assert isinstance(feed, PagedFeed)
    symbol = feed.instruments()[0].symbol
    page = asyncio.run(feed.older(symbol, 60 * SECOND_NS, clock.now_ns(), 100))
    assert len(page) == 100
    assert page[-1].start_ns < clock.now_ns()
