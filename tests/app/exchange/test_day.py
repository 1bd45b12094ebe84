"""Goal: a symbol opens, pauses and closes as at the New York exchanges, and says so."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from app.config import load_config
from app.domain.enums import Side, TimeInForce, TradingHours
from app.domain.times import MINUTE_NS, NEW_YORK, SECOND_NS
from app.exchange.day import PAUSED
from app.exchange.entry import Order
from app.exchange.listings import LISTINGS
from app.exchange.market import Exchange
from app.exchange.wire import ImbalanceMessage, PrintMessage, QuoteMessage, StatusMessage

CONFIG = load_config().exchange
MANY = 10**9


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * SECOND_NS


def make(start, hours=TradingHours.CALENDAR):
    config = msgspec.structs.replace(CONFIG, hours=hours)
    exchange = Exchange(config, at(start), LISTINGS[:1])
    exchange._advance(at(start), MANY)
    return exchange


def hear(exchange, until):
    """Return what is said up to a time, by kind."""
    exchange._messages.clear()
    exchange._advance(until if isinstance(until, int) else at(until), MANY)
    return list(exchange._messages)


def of(said, kind):
    return [message for message in said if isinstance(message, kind)]


def halts(said):
    return [message.halt for message in of(said, StatusMessage)]


class TestCalendar:
    def test_the_opening_auction_is_called_and_held(self):
        said = hear(make("2026-11-23T09:20"), "2026-11-23T09:31")
        calls = [m for m in of(said, ImbalanceMessage) if m.auction == "O"]
        assert calls[0].ts_ns == at("2026-11-23T09:25")
        every = {b.ts_ns - a.ts_ns for a, b in zip(calls, calls[1:], strict=False)}
        assert every == {SECOND_NS, 10 * SECOND_NS}
        (opened,) = [m for m in of(said, PrintMessage) if m.conditions == "@O"]
        assert opened.ts_ns == at("2026-11-23T09:30")
        last = [m for m in calls if m.ts_ns < opened.ts_ns][-1]
        assert abs(opened.price / last.price - 1) < 0.002
        before = [m for m in of(said, PrintMessage) if m.ts_ns < opened.ts_ns]
        assert {m.conditions[:2] for m in before} == {"@T"}

    def test_bands_hold_in_the_core_session_only(self):
        said = of(hear(make("2026-11-23T09:29"), "2026-11-23T09:30:01"), StatusMessage)
        assert said[-1].lower < said[-1].upper
        said = of(hear(make("2026-11-23T15:59"), "2026-11-23T16:00:01"), StatusMessage)
        assert (said[-1].lower, said[-1].upper) == (0, 0)

    def test_the_closing_auction_is_called_and_held(self):
        said = hear(make("2026-11-23T15:49"), "2026-11-23T16:01")
        calls = [m for m in of(said, ImbalanceMessage) if m.auction == "C"]
        assert calls[0].ts_ns == at("2026-11-23T15:50")
        (closed,) = [m for m in of(said, PrintMessage) if m.conditions == "@6"]
        assert closed.ts_ns == at("2026-11-23T16:00")
        assert closed.size > 10_000

    def test_nothing_is_said_at_night_and_the_morning_begins_anew(self):
        exchange = make("2026-11-23T19:59")
        said = hear(exchange, "2026-11-23T20:00:01")
        assert halts(said)[-1] == "closed until Tue 04:00 New York"
        assert hear(exchange, "2026-11-24T03:59:59") == []
        said = hear(exchange, "2026-11-24T04:01")
        assert halts(said)[0] == ""
        assert of(said, QuoteMessage)

    def test_a_half_day_closes_early(self):
        said = hear(make("2026-11-27T12:59"), "2026-11-27T13:00:01")
        (closed,) = [m for m in of(said, PrintMessage) if m.conditions == "@6"]
        assert closed.ts_ns == at("2026-11-27T13:00")

    @pytest.mark.parametrize("start", ["2026-11-22T12:00", "2026-11-26T10:00"])
    def test_a_start_on_a_closed_day_says_until_when(self, start):
        exchange = make(start)
        assert halts(exchange._messages)[-1].startswith("closed until ")
        assert of(exchange._messages, QuoteMessage) == []


class TestAroundTheClock:
    def test_it_trades_on_a_sunday_night_without_auctions(self):
        said = hear(make("2026-11-22T23:30", TradingHours.ALWAYS), "2026-11-23T00:30")
        assert of(said, QuoteMessage)
        assert {m.conditions for m in of(said, PrintMessage)} == {"@", "@I"}
        assert of(said, ImbalanceMessage) == []


class TestPause:
    def test_a_price_at_its_limit_pauses_and_reopens_by_auction(self):
        exchange = make("2026-11-23T12:00", TradingHours.ALWAYS)
        pit = exchange.pit("AAPL")
        px = pit.reference() * 2
        # Somebody bids for more than there is, and stays at the upper band.
        pit.enter(Order(-1, Side.BUY, 10_000_000, px, owner=500), exchange.now_ns)
        start_ns = exchange.now_ns
        said = hear(exchange, start_ns + 16 * SECOND_NS)
        assert halts(said)[-1] == PAUSED
        pit.cancel(-1, exchange.now_ns)
        said = hear(exchange, start_ns + 4 * MINUTE_NS)
        assert of(said, PrintMessage) == []
        assert {m.auction for m in of(said, ImbalanceMessage)} == {"H"}
        said = hear(exchange, start_ns + 6 * MINUTE_NS)
        assert [m.conditions for m in of(said, PrintMessage)][0] == "@5"
        assert halts(said)[0] == ""

    def test_a_halt_by_hand_lasts_until_it_is_lifted(self):
        exchange = make("2026-11-23T12:00", TradingHours.ALWAYS)
        exchange.halt("AAPL", "news pending")
        said = hear(exchange, exchange.now_ns + 20 * MINUTE_NS)
        assert of(said, PrintMessage) == of(said, QuoteMessage) == []
        exchange.resume("AAPL")
        said = hear(exchange, exchange.now_ns + MINUTE_NS)
        assert of(said, PrintMessage)
        exchange.resume("AAPL")  # It trades: nothing to do.

    def test_orders_of_a_pause_are_for_the_auction(self):
        exchange = make("2026-11-23T12:00", TradingHours.ALWAYS)
        pit = exchange.pit("AAPL")
        exchange.halt("AAPL", "news pending")
        order = Order(-1, Side.BUY, 100, None, TimeInForce.DAY)
        pit.enter(order, exchange.now_ns)
        hear(exchange, exchange.now_ns + MINUTE_NS)
        assert order.leaves == 100
        exchange.resume("AAPL")
        assert order.leaves == 0


@pytest.mark.parametrize("to", ["10:00", "16:30", "23:00", "09:29"])
def test_a_gap_in_time_ends_in_the_phase_of_its_end(to):
    exchange = make("2026-11-23T12:00")
    exchange.skip_to(at(f"2026-11-23T{to}"))
    said = list(exchange._messages)
    is_closed = to == "23:00"
    assert bool(of(said, QuoteMessage)) is not is_closed
    assert halts(said)[-1].startswith("closed until ") is is_closed
    hear(exchange, exchange.now_ns + MINUTE_NS)
