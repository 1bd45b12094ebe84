"""Goal: orders meet somebody else's market after their way there, once, in order."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.config import Latency
from app.domain.enums import QueueModel, Side
from app.domain.ids import ClOrdID, Symbol
from app.domain.market import Trade
from app.exchange.line import Changed, Ending, Match, NotDone, Taken, Terms
from app.exchange.outside import NO_LATENCY, OutsideMarket
from tests.conformance.broker import START_NS, quote

MS_NS = 1_000_000
LATE = Latency(median_ms=5, sigma=0)


def terms(cl_ord_id="a", qty=100, limit="10.02", side=Side.BUY, **more):
    return Terms(
        cl_ord_id=ClOrdID(cl_ord_id),
        symbol=Symbol("AAPL"),
        side=side,
        qty=qty,
        limit_px=None if limit is None else Decimal(limit),
        **more,
    )


class Bench:
    def __init__(self, latency=NO_LATENCY):
        self.heard = []
        self.line = OutsideMarket(self.heard.extend, queue=QueueModel.FRONT, latency=latency)
        self.line.on_quote(quote())

    def at(self, after_ms):
        self.line.turn(START_NS + round(after_ms * MS_NS))
        self.line.speak()
        return [type(answer) for answer in self.heard]


@pytest.fixture
def late():
    return Bench(LATE)


def test_an_order_meets_the_market_of_its_arrival(late):
    late.line.send(terms(), START_NS)
    assert late.at(4.9) == []
    assert late.line.open_ids == {"a"}
    late.line.on_quote(quote(ask="10.05", ts_ns=START_NS + 3 * MS_NS))
    assert late.at(5) == [Taken]
    assert late.line.arrives_ns is None


def test_an_event_lets_arrive_what_was_due_before_it(late):
    late.line.send(terms(), START_NS)
    late.line.on_quote(quote(ask="10.05", ts_ns=START_NS + 9 * MS_NS))
    late.line.speak()
    taken, match = late.heard
    assert (taken.ts_ns, match.ts_ns, match.px) == (START_NS + 5 * MS_NS,) * 2 + (Decimal("10.02"),)


def test_a_cancel_can_come_too_late(late):
    late.line.send(terms(), START_NS)
    late.line.cancel(ClOrdID("a"), START_NS)
    assert late.at(5) == [Taken, Match, NotDone]
    assert not late.heard[-1].is_replace


def test_a_replace_is_in_force_once_it_has_arrived():
    bench = Bench()
    bench.line.send(terms(limit="9.00"), START_NS)
    bench.line.replace(ClOrdID("a"), terms("b", qty=40, limit="10.02"), START_NS)
    assert bench.at(0) == [Taken, Changed, Match]
    assert bench.heard[-1].cl_ord_id == "b"
    assert bench.line.open_ids == frozenset()
    bench.line.replace(ClOrdID("b"), terms("c"), START_NS)
    assert bench.at(0)[-1] is NotDone


def test_a_replace_below_what_is_executed_is_refused():
    bench = Bench()
    bench.line.send(terms(qty=300), START_NS)
    bench.line.replace(ClOrdID("a"), terms("b", qty=100), START_NS)
    assert bench.at(0) == [Taken, Match, NotDone]
    assert "100 shares are executed already" in bench.heard[-1].text
    assert bench.line.open_ids == {"a"}


def test_a_kill_ends_what_works_and_what_is_on_its_way(late):
    late.line.send(terms("a", limit="9.00"), START_NS)
    late.at(5)
    late.line.send(terms("b"), START_NS + 6 * MS_NS)
    late.line.kill(START_NS + 7 * MS_NS)
    assert late.line.is_killed
    late.line.end_killed()
    assert late.at(99) == [Taken, Ending, Ending]
    assert all(answer.is_killed for answer in late.heard[1:])
    assert (late.line.open_ids, late.line.is_killed) == (frozenset(), False)
    late.line.end_killed()
    assert len(late.at(100)) == 3


def test_an_order_put_back_goes_on_where_it_was():
    bench = Bench()
    bench.line.put_back(terms(qty=100, limit="10.02"), 60, START_NS)
    bench.line.on_quote(quote())
    bench.line.speak()
    (match,) = bench.heard
    assert match.qty == 40


def test_what_is_withdrawn_ends_with_its_reason_wherever_it_is(late):
    late.line.send(terms("a", limit="9"), START_NS)
    late.at(5)
    late.line.send(terms("b", limit="10.02"), START_NS + 5 * MS_NS)
    late.line.withdraw(Symbol("AAPL"), START_NS + 6 * MS_NS, "its shares split")
    assert late.at(20) == [Taken, Ending, Ending]
    assert {it.text for it in late.heard[1:]} == {"its shares split"}
    assert late.line.open_ids == frozenset()


@pytest.mark.parametrize("has_order", [False, True])
@pytest.mark.parametrize(
    ("given", "buyer", "seller"),
    [
        ({}, "10.02", "10.00"),
        ({"ask": None}, None, "10.00"),
        ({"bid": None}, "10.02", None),
    ],
)
def test_what_somebody_would_pay_now(has_order, given, buyer, seller):
    bench = Bench()
    if has_order:
        bench.line.send(terms(limit="9"), START_NS)
    bench.line.on_quote(quote(**given))
    symbol = Symbol("AAPL")
    found = bench.line.px(symbol, Side.BUY), bench.line.px(symbol, Side.SELL)
    assert found == tuple(px and Decimal(px) for px in (buyer, seller))


def test_without_a_quote_the_last_price_counts():
    line = OutsideMarket(lambda answers: None)
    assert line.px(Symbol("IBM"), Side.BUY) is None
    px = Decimal("7.5")
    stamp = {"symbol": Symbol("IBM"), "ts_exch_ns": START_NS, "ts_recv_ns": START_NS}
    line.on_trade(Trade(price=px, size=100, **stamp))
    assert line.px(Symbol("IBM"), Side.BUY) == px
