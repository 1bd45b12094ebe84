"""Goal: all symbols come in order of time, the same for the same seed, and never unbounded."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from app.config import load_config
from app.domain.corporate import Dividend, Split
from app.domain.enums import Side
from app.domain.times import MINUTE_NS, new_york
from app.exchange.listings import LISTINGS
from app.exchange.market import FRAME_MESSAGES_MAX, Exchange

CONFIG = load_config().exchange
SECOND_NS = 10**9
START_NS = 1_795_444_200 * SECOND_NS
MANY = 10**9


def make(seed=CONFIG.seed, listings=LISTINGS):
    return Exchange(msgspec.structs.replace(CONFIG, seed=seed), START_NS, listings)


def messages(frames):
    return [message for frame in frames for message in json.loads(frame)]


def after(seconds):
    return START_NS + round(seconds * SECOND_NS)


def test_the_same_seed_gives_the_same_frames():
    assert make().frames(after(60), MANY) == make().frames(after(60), MANY)
    assert make(seed=1).frames(after(60), MANY) != make(seed=2).frames(after(60), MANY)


def test_how_often_it_is_asked_changes_nothing():
    one, many = make(), make()
    pieces = [m for step in range(600) for m in messages(many.frames(after(step / 10), MANY))]
    assert messages(one.frames(after(59.9), MANY)) == pieces


def test_a_symbol_does_not_depend_on_the_others():
    alone = messages(make(listings=LISTINGS[:1]).frames(after(120), MANY))
    among = messages(make().frames(after(120), MANY))
    assert alone == [m for m in among if m["S"] == LISTINGS[0].symbol]


def test_time_never_goes_back_and_never_ahead():
    times = [m["t"] for m in messages(make().frames(after(60), MANY))]
    assert times == sorted(times)
    assert times[0] == START_NS
    assert times[-1] <= after(60)


def test_every_symbol_speaks_at_once():
    first = messages(make().frames(START_NS, MANY))
    assert {m["S"] for m in first} == {listing.symbol for listing in LISTINGS}
    assert {m["T"] for m in first} == {"q", "d", "s"}
    assert all(m["r"] for m in first if m["T"] == "d")


def test_nothing_is_said_twice():
    exchange = make()
    exchange.frames(after(5), MANY)
    assert exchange.frames(after(5), MANY) == []
    assert exchange.now_ns == after(5)


def test_messages_are_bounded_and_the_rest_comes_with_the_next_call():
    exchange = make(listings=LISTINGS[:4])
    exchange.frames(after(0), MANY)
    frames = exchange.frames(after(600), 200)
    got = messages(frames)
    assert 200 <= len(got) < 220
    assert max(len(json.loads(frame)) for frame in frames) <= FRAME_MESSAGES_MAX
    assert exchange.now_ns == got[-1]["t"]
    other = make(listings=LISTINGS[:4])
    other.frames(after(0), MANY)
    whole = messages(other.frames(after(600), MANY))
    assert got + messages(exchange.frames(after(600), MANY)) == whole


@pytest.mark.parametrize("to_s", [3_600, -3_600], ids=["forward", "back"])
def test_a_skip_says_nothing_of_the_time_between(to_s):
    exchange = make()
    exchange.frames(after(10), MANY)
    exchange.skip_to(after(to_s))
    got = messages(exchange.frames(after(to_s + 1), MANY))
    first = [m for m in got if m["t"] == after(to_s)]
    assert {m["S"] for m in first if m["T"] == "q"} == {one.symbol for one in LISTINGS}
    assert all(m["r"] for m in first if m["T"] == "d")
    assert min(m["t"] for m in got) == after(to_s)


def test_history_is_of_listed_symbols_only_and_changes_nothing():
    plain, asked = make(), make()
    minutes, days = asked.history(LISTINGS[0].symbol)
    assert minutes
    assert days
    assert asked.history("NONE") is None
    assert asked.frames(after(10), MANY) == plain.frames(after(10), MANY)


def test_the_last_bar_meets_the_first_quote():
    exchange = make()
    first = {m["S"]: m for m in messages(exchange.frames(START_NS, MANY)) if m["T"] == "q"}
    for instrument in exchange.instruments:
        minutes, _ = exchange.history(instrument.symbol)
        quote = first[instrument.symbol]
        assert abs(float(minutes[-1].close) - (quote["bp"] + quote["ap"]) / 2) < 0.001 * quote["bp"]


TODAY = new_york(START_NS).date()
AAPL = LISTINGS[0].symbol


def split(days=1, symbol=AAPL):
    return Split(symbol=symbol, ex_date=TODAY + timedelta(days), new=2, old=1)


def middle(exchange):
    pit = exchange.pit(AAPL)
    bid, ask = pit.book.best(Side.BUY), pit.book.best(Side.SELL)
    return (bid[0] + ask[0]) / 2 * float(pit.facts.tick)


def test_after_a_split_the_market_goes_on_at_another_price():
    exchange = make(listings=LISTINGS[:2])
    exchange.frames(after(60), MANY)
    before = middle(exchange)
    exchange.split(split())
    first = messages(exchange.frames(after(60), MANY))
    assert {m["T"] for m in first if m["S"] == AAPL} == {"q", "d", "s"}
    assert middle(exchange) == pytest.approx(before / 2, rel=0.01)
    traded = [m for m in messages(exchange.frames(after(300), MANY)) if m["S"] == AAPL]
    assert {m["T"] for m in traded} >= {"q", "t"}
    assert middle(exchange) == pytest.approx(before / 2, rel=0.02)


@pytest.mark.parametrize(("given", "why"), [(split(0), "begun"), (split(1, "ZZZ"), "not listed")])
def test_what_the_prices_have_in_them_already_changes_nothing(given, why):
    exchange = make(listings=LISTINGS[:1])
    exchange.frames(after(60), MANY)
    before = middle(exchange)
    exchange.split(given)
    assert middle(exchange) == before


def test_an_exchange_that_starts_after_a_split_starts_at_its_price():
    splits = (split(-3), split(0), split(1))
    exchange = Exchange(msgspec.structs.replace(CONFIG, splits=splits), START_NS, LISTINGS[:1])
    exchange.frames(after(1), MANY)
    assert middle(exchange) == pytest.approx(float(LISTINGS[0].anchor_px) / 4, rel=0.01)
    minutes, _ = exchange.history(AAPL)
    assert float(minutes[-1].close) == pytest.approx(middle(exchange), rel=0.01)


@pytest.mark.parametrize(("days", "drop"), [(1, 10.0), (0, 0.0)])
def test_without_a_dividend_a_share_is_worth_as_much_less(days, drop):
    ex_date = TODAY + timedelta(days)
    dividend = Dividend(symbol=AAPL, ex_date=ex_date, pay_date=ex_date, amount=Decimal(10))
    exchange = make(listings=LISTINGS[:1])
    exchange.frames(after(60), MANY)
    before = middle(exchange)
    exchange.go_ex(dividend)
    exchange.frames(after(90), MANY)
    assert middle(exchange) == pytest.approx(before - drop, rel=0.01)


class TestOlderBars:
    """Bars from before the start, a page at a time."""

    @pytest.fixture
    def exchange(self):
        return make()

    def test_minutes_go_on_from_those_that_are_known_into_the_days(self, exchange):
        symbol = exchange.instruments[0].symbol
        minutes, days = exchange.history(symbol)
        newest = exchange.older(symbol, MINUTE_NS, START_NS, 100)
        assert newest == minutes[-100:]
        older = exchange.older(symbol, MINUTE_NS, minutes[0].start_ns, 2_000)
        assert len(older) >= 2_000
        assert older[-1].start_ns < minutes[0].start_ns
        starts = [one.start_ns for one in older]
        assert starts == sorted(set(starts))
        day = next(d for d in reversed(days) if d.start_ns < minutes[0].start_ns)
        last = exchange.older(symbol, MINUTE_NS, minutes[0].start_ns, 1)
        assert (last[0].open, last[-1].close) == (day.open, day.close)
        assert sum(one.volume for one in last) == day.volume

    def test_page_after_page_ends_with_the_first_day(self, exchange):
        symbol = exchange.instruments[1].symbol
        _, days = exchange.history(symbol)
        page = exchange.older(symbol, MINUTE_NS, days[2].start_ns, 10**6)
        assert page
        assert exchange.older(symbol, MINUTE_NS, page[0].start_ns, 10**6) == []

    def test_days_are_those_before(self, exchange):
        symbol = exchange.instruments[2].symbol
        _, days = exchange.history(symbol)
        assert exchange.older(symbol, 86_400 * SECOND_NS, days[9].start_ns, 4) == days[5:9]

    def test_of_what_is_not_listed_there_are_none(self, exchange):
        assert exchange.older("XXXX", MINUTE_NS, START_NS, 9) == ()

    def test_many_symbols_may_be_paged_through(self, exchange):
        for _ in range(2):
            for instrument in exchange.instruments[:6]:
                assert exchange.older(instrument.symbol, MINUTE_NS, START_NS, 1)
