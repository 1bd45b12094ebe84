"""Goal: a member's orders stand on the same book as all others, late, once, and in order."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.config import Latency, load_config
from app.domain.enums import ExecType, Liquidity, Side, TimeInForce, TradingHours
from app.domain.ids import ClOrdID
from app.domain.times import MINUTE_NS, NEW_YORK, SECOND_NS
from app.exchange.line import Changed, Ending, Match, NotDone, Taken, Terms
from app.exchange.listings import LISTINGS
from app.exchange.market import Exchange

CONFIG = load_config().exchange
MS_NS = 1_000_000
AAPL = LISTINGS[0].symbol


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * SECOND_NS


class Bench:
    """An exchange of one symbol, and a member."""

    def __init__(self, start="2026-11-23T12:00", *, hours=TradingHours.ALWAYS, median_ms=5.0):
        latency = Latency(median_ms=median_ms, sigma=0)
        config = msgspec.structs.replace(CONFIG, hours=hours, latency=latency)
        self.exchange = Exchange(config, at(start), LISTINGS[:1])
        self.heard = []
        self.line = self.exchange.connect(self.heard.extend)
        self.exchange.frames(at(start), 10**6)

    @property
    def now_ns(self):
        return self.exchange.now_ns

    def best(self, side):
        pit = self.exchange.pit(AAPL)
        return pit.book.best(side)[0] * pit.facts.tick

    def send(self, cl_ord_id="a", side=Side.BUY, qty=100, limit=None, **more):
        self.line.send(self.terms(cl_ord_id, side, qty, limit, **more), self.now_ns)

    def terms(self, cl_ord_id="a", side=Side.BUY, qty=100, limit=None, **more):
        return Terms(
            cl_ord_id=ClOrdID(cl_ord_id),
            symbol=AAPL,
            side=side,
            qty=qty,
            limit_px=None if limit is None else Decimal(limit),
            **more,
        )

    def wait(self, ms):
        """Let time pass, and return the kinds of what was heard in it."""
        already = len(self.heard)
        self.exchange.frames(self.now_ns + round(ms * MS_NS), 10**6)
        return [type(answer) for answer in self.heard[already:]]

    def until(self, moment):
        already = len(self.heard)
        self.exchange.frames(at(moment), 10**7)
        return [type(answer) for answer in self.heard[already:]]


@pytest.fixture
def bench():
    return Bench()


def test_an_order_is_on_its_way_there_and_back(bench):
    sent_ns = bench.now_ns
    bench.send()
    assert bench.wait(9.9) == []
    assert bench.line.open_ids == frozenset()  # It is done; nobody here has heard of it yet.
    assert bench.wait(0.2)[:2] == [Taken, Match]
    taken, match = bench.heard[:2]
    assert taken.ts_ns == match.ts_ns == sent_ns + 5 * MS_NS
    assert match.liquidity is Liquidity.REMOVED


def test_a_large_order_walks_the_book_and_is_told_of_every_share(bench):
    bench.send(qty=20_000)
    bench.wait(20)
    fills = [answer for answer in bench.heard if isinstance(answer, Match)]
    assert len({fill.px for fill in fills}) > 3
    ended = [answer for answer in bench.heard if isinstance(answer, Ending)]
    left = 20_000 - sum(fill.qty for fill in fills)
    assert [ending.exec_type for ending in ended] == [ExecType.CANCELED] * bool(left)
    assert [fill.px for fill in fills] == sorted(fill.px for fill in fills)


def test_a_resting_order_waits_behind_those_who_came_before(bench):
    bench.send(limit=str(bench.best(Side.BUY)), qty=100)
    assert bench.wait(10.1) == [Taken]
    (order_id,) = bench.line._by_order
    pit = bench.exchange.pit(AAPL)
    assert pit.book.ahead_of(order_id) is None or pit.book.ahead_of(order_id) >= 0
    bench.wait(10 * 60_000)
    fills = [answer for answer in bench.heard if isinstance(answer, Match)]
    assert {fill.liquidity for fill in fills} <= {Liquidity.ADDED}


def test_a_cancel_follows_its_order_and_can_come_too_late(bench):
    bench.send("a", limit="150.00")
    bench.line.cancel(ClOrdID("a"), bench.now_ns)
    bench.send("b")
    bench.line.cancel(ClOrdID("b"), bench.now_ns)
    assert bench.wait(11) == [Taken, Ending, Taken, Match, NotDone]


def test_a_replace_chain_keeps_one_order(bench):
    bench.send("a", limit="150.00", qty=500)
    bench.line.replace(ClOrdID("a"), bench.terms("b", qty=300, limit="150.00"), bench.now_ns)
    bench.line.replace(ClOrdID("b"), bench.terms("c", qty=300, limit="150.01"), bench.now_ns)
    bench.line.replace(ClOrdID("a"), bench.terms("d", qty=300, limit="150.01"), bench.now_ns)
    assert bench.wait(11) == [Taken, Changed, Changed, NotDone]
    assert bench.line.open_ids == {"c"}
    assert len(bench.line._by_order) == 1
    bench.line.cancel(ClOrdID("a"), bench.now_ns)  # Any identity stands for the order.
    assert bench.wait(11) == [Ending]
    assert bench.heard[-1].cl_ord_id == "c"
    assert bench.line._lines == {}


def test_a_replace_below_what_is_executed_is_refused(bench):
    bench.send("a", qty=1_000_000, limit=str(bench.best(Side.SELL)))
    bench.line.replace(ClOrdID("a"), bench.terms("b", qty=1, limit="150.00"), bench.now_ns)
    assert bench.wait(11)[-1] is NotDone
    assert "executed already" in bench.heard[-1].text


def test_own_orders_never_trade_with_each_other(bench):
    px = (bench.best(Side.BUY) + bench.best(Side.SELL)) / 2
    px = px.quantize(Decimal("0.01"))
    bench.send("a", Side.SELL, 100, str(px + 5))
    bench.send("b", Side.BUY, 100_000_000, str(px + 5))
    bench.wait(11)
    assert "an order of your own" in bench.heard[-1].text


def test_a_kill_ends_orders_in_every_state(bench):
    bench.send("works", limit="150.00")
    bench.wait(11)
    bench.send("on way", limit="150.00")
    bench.line.kill(bench.now_ns)
    assert bench.line.is_killed
    assert bench.wait(1) == [Ending, Ending]
    assert all(answer.is_killed for answer in bench.heard[-2:])
    assert (bench.line.open_ids, bench.line._by_order) == (frozenset(), {})
    assert bench.wait(50) == []


class TestLives:
    @pytest.fixture
    def day(self):
        return Bench("2026-11-23T15:59", hours=TradingHours.CALENDAR)

    def test_a_day_order_ends_with_its_day(self, bench):
        ends_ns = bench.now_ns + SECOND_NS
        bench.send(limit="150.00", expires_ns=ends_ns)
        assert bench.wait(1_100) == [Taken, Ending]
        assert (bench.heard[-1].exec_type, bench.heard[-1].ts_ns) == (ExecType.EXPIRED, ends_ns)

    def test_an_order_for_good_comes_back_with_the_next_core_session(self, day):
        day.send(limit="150.00", time_in_force=TimeInForce.GTC)
        day.until("2026-11-23T16:01")
        assert day.line._by_order == {}
        assert day.line.open_ids == {"a"}
        day.until("2026-11-24T09:29")
        assert day.line._by_order == {}
        day.until("2026-11-24T09:31")
        assert len(day.line._by_order) == 1
        assert [type(answer) for answer in day.heard] == [Taken]

    def test_an_order_for_extended_hours_goes_on_after_the_close(self, day):
        day.send(limit="150.00", has_extended_hours=True, time_in_force=TimeInForce.GTC)
        day.until("2026-11-23T16:01")
        assert len(day.line._by_order) == 1
        day.until("2026-11-23T20:01")
        assert day.line._by_order == {}
        day.until("2026-11-24T04:01")
        assert len(day.line._by_order) == 1

    def test_an_order_on_close_trades_in_the_auction(self, day):
        day.send(time_in_force=TimeInForce.CLS)
        assert day.until("2026-11-23T15:59:50") == [Taken]
        assert day.until("2026-11-23T16:00:01") == [Match]
        assert day.heard[-1].liquidity is Liquidity.AUCTION

    def test_an_order_on_open_waits_for_the_morning(self):
        night = Bench("2026-11-23T22:00", hours=TradingHours.CALENDAR)
        night.send(time_in_force=TimeInForce.OPG)
        assert night.until("2026-11-24T09:29:59") == [Taken]
        assert night.until("2026-11-24T09:30:01") == [Match]
        assert night.heard[-1].ts_ns == at("2026-11-24T09:30")

    def test_a_market_order_of_the_morning_is_in_the_opening_or_just_before(self):
        early = Bench("2026-11-23T09:00", hours=TradingHours.CALENDAR)
        early.send()
        assert early.until("2026-11-23T09:29") == [Taken]
        assert Match in early.until("2026-11-23T09:31")


def test_an_order_put_back_works_or_trades_or_has_expired():
    bench = Bench()
    early_ns = bench.now_ns - MINUTE_NS
    bench.line.put_back(bench.terms("rests", qty=100, limit="150.00"), 40, early_ns)
    bench.line.put_back(bench.terms("trades", qty=100, limit="250.00"), 40, early_ns)
    bench.line.put_back(bench.terms("old", limit="150.00", expires_ns=early_ns), 0, early_ns)
    bench.wait(20)
    assert bench.line.open_ids == {"rests"}
    fills = [answer for answer in bench.heard if isinstance(answer, Match)]
    assert sum(fill.qty for fill in fills) == 60
    assert [a.cl_ord_id for a in bench.heard if isinstance(a, Ending)] == ["old"]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["send", "send", "cancel", "replace", "wait", "kill"]),
        st.integers(0, 30),
        st.sampled_from(Side),
        st.integers(1, 3_000),
        st.integers(-30, 30),
    ),
    min_size=5,
    max_size=40,
)


class Story:
    """Random verbs, and what is known of every order by its first identity."""

    def __init__(self):
        self.bench = Bench()
        self.root = {}

    def play(self, number, verb, which, side, size, away):
        bench, name = self.bench, f"n{number}"
        px = str(bench.best(Side.BUY) + Decimal(away) / 100)
        open_ids = sorted(bench.line.open_ids)
        old = open_ids[which % len(open_ids)] if open_ids else None
        if verb == "send":
            bench.send(name, Side(side), size, px)
            self.root[name] = name
        elif verb == "kill":
            bench.line.kill(bench.now_ns)
        elif verb == "cancel" and old:
            bench.line.cancel(ClOrdID(old), bench.now_ns)
        elif verb == "replace" and old:
            new = bench.terms(name, bench.line._lines[old].terms.side, size, px)
            bench.line.replace(ClOrdID(old), new, bench.now_ns)
            self.root[name] = self.root[old]
        bench.wait(which)

    def told(self):
        """Return shares executed by order, and the orders that ended; check their order."""
        cum, done, last_ns = {}, set(), 0
        for answer in self.bench.heard:
            if isinstance(answer, NotDone):
                continue
            first = self.root[answer.cl_ord_id]
            assert first not in done
            if isinstance(answer, Match):
                assert answer.ts_ns >= last_ns
                last_ns = answer.ts_ns
                cum[first] = cum.get(first, 0) + answer.qty
            elif isinstance(answer, Ending):
                done.add(first)
        return cum, done


@settings(max_examples=25)
@given(STEPS)
def test_every_share_is_executed_canceled_or_open_and_every_order_ends_once(steps):
    story = Story()
    for number, step in enumerate(steps):
        story.play(number, *step)
    story.bench.wait(1_000)
    cum, done = story.told()
    line = story.bench.line
    working = {story.root[one.ids[0]]: one for one in line._lines.values()}
    for first, one in working.items():
        assert first not in done
        assert cum.get(first, 0) == one.cum < one.terms.qty
        order = story.bench.exchange.pit(AAPL).book.order(one.order_id)
        assert order is not None
        assert order.leaves == one.leaves
    assert len(line._by_order) == len(working)


def test_what_is_withdrawn_ends_with_its_reason_wherever_it_is(bench):
    bench.send("a", limit="100")
    bench.wait(20)
    bench.send("b", limit="101")  # On its way.
    bench.send("c", qty=10)
    bench.wait(5.5)  # "c" has traded; the news of it is on its way back.
    already = len(bench.heard)
    bench.line.withdraw(AAPL, bench.now_ns, "its shares split")
    bench.line.speak()
    news = bench.heard[already:]
    assert [type(it) for it in news] == [Taken, Taken, Match, Ending, Ending]
    assert {(it.cl_ord_id, it.text) for it in news[-2:]} == {
        ("a", "its shares split"),
        ("b", "its shares split"),
    }
    assert bench.line.open_ids == frozenset()
    assert bench.wait(60_000) == []


def test_what_somebody_would_pay_now(bench):
    assert bench.line.px(AAPL, Side.BUY) == bench.best(Side.SELL)
    assert bench.line.px(AAPL, Side.SELL) == bench.best(Side.BUY)
    assert bench.line.px("ZZZZ", Side.BUY) is None
