"""Goal: the paper broker reports what the matcher found, in order, with facts that never change."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from app.brokers.base import BrokerPosition
from app.brokers.builtin import BROKER, BuiltinBroker
from app.clock import SimClock
from app.config import load_config
from app.domain.enums import (
    ExecType,
    Liquidity,
    OrdStatus,
    OrdType,
    QueueModel,
    Side,
    TimeInForce,
    Venue,
)
from app.domain.errors import Rejected
from app.domain.fees import fee_of
from app.domain.ids import AccountID
from app.domain.market import Bar, Trade
from app.domain.position import Position
from app.domain.reports import ExecutionReport
from app.domain.terms import NewOrder
from app.domain.times import day_end_ns
from app.domain.transitions import apply_report
from app.hub import Hub
from tests.conformance.broker import (
    START_NS,
    SYMBOL,
    Bench,
    BrokerConformance,
    approve,
    as_order,
    folded,
    new_order,
    quote,
)

NEW_YORK = ZoneInfo("America/New_York")


class TestBuiltinBroker(BrokerConformance):
    def make(self, clock, hub):
        return BuiltinBroker(clock, hub, AccountID("paper"))

    def test_a_fill_says_venue_fee_liquidity_and_times(self, bench):
        self.show(bench, quote(ts_ns=START_NS - 5))
        bench.submit("a", new_order())
        fill = bench.reports[1]
        assert (fill.exec_id, fill.last_mkt, fill.fee) == ("a.1", "PAPER", 0)
        assert fill.liquidity is Liquidity.REMOVED
        assert (fill.ts_exch_ns, fill.ts_recv_ns) == (START_NS, START_NS)

    def test_a_resting_fill_carries_the_time_of_its_event_and_of_this_station(self, bench):
        self.show(bench, quote())
        bench.submit("a", new_order(limit="10.01"))
        bench.clock.advance_to(START_NS + 900)
        self.show(bench, quote(ask="10.01", ts_ns=START_NS + 700))
        fill = bench.reports[1]
        assert fill.liquidity is Liquidity.ADDED
        assert (fill.ts_exch_ns, fill.ts_recv_ns) == (START_NS + 700, START_NS + 900)

    def test_prints_and_bars_without_orders_say_nothing(self, bench):
        stamp = {"symbol": SYMBOL, "ts_recv_ns": START_NS}
        bench.hub.publish(Trade(price=Decimal(5), size=100, ts_exch_ns=START_NS, **stamp))
        px = dict.fromkeys(("open", "high", "low", "close"), Decimal(7))
        bench.hub.publish(Bar(start_ns=START_NS, interval_ns=1, volume=100, **px, **stamp))
        assert bench.reports == []
        assert bench.snapshot().positions == {}

    def test_prints_and_bars_fill_too(self, bench):
        bench.submit("a", new_order(symbol="T", limit="5"))
        bench.submit("b", new_order(symbol="B", limit="7"))
        stamp = {"ts_recv_ns": START_NS}
        bench.hub.publish(
            Trade(symbol="T", price=Decimal(5), size=100, ts_exch_ns=START_NS, **stamp)
        )
        px = dict.fromkeys(("open", "high", "low", "close"), Decimal(7))
        bench.hub.publish(
            Bar(symbol="B", start_ns=START_NS, interval_ns=1, volume=100, **px, **stamp)
        )
        fills = {r.cl_ord_id: r.last_px for r in bench.reports if r.exec_type is ExecType.TRADE}
        assert fills == {"a": 5, "b": 7}

    @pytest.mark.parametrize(
        "terms",
        [
            new_order(tif=TimeInForce.OPG),
            new_order(tif=TimeInForce.GTD),
            new_order(tif=TimeInForce.GTD, expire_ns=START_NS),
            new_order(qty="0.5"),
            new_order(qty="0"),
            new_order(limit="0"),
            NewOrder(symbol=SYMBOL, side=Side.BUY, order_qty=Decimal(1), ord_type=OrdType.STOP),
            NewOrder(symbol=SYMBOL, side=Side.BUY, order_qty=Decimal(1), ord_type=OrdType.LIMIT),
        ],
        ids=[
            "tif",
            "no date",
            "date is over",
            "fraction",
            "zero",
            "price zero",
            "stop",
            "limit without price",
        ],
    )
    def test_what_it_does_not_take_is_rejected_and_leaves_no_trace(self, bench, terms):
        with pytest.raises(Rejected, match="not taken"):
            bench.submit("a", terms)
        assert bench.reports == []
        assert bench.snapshot().orders == ()

    def test_immediate_or_cancel_ends_with_words(self, bench):
        self.show(bench, quote(ask_size=40))
        bench.submit("a", new_order(limit="10.02", tif=TimeInForce.IOC))
        assert bench.kinds() == ["NEW", "TRADE", "CANCELED"]
        assert "60 shares" in bench.reports[-1].text

    def test_a_day_order_ends_with_its_day(self, bench):
        self.show(bench, quote())
        bench.submit("a", new_order(limit="9.00"))
        bench.submit("b", new_order(limit="9.00", tif=TimeInForce.GTC))
        end_ns = day_end_ns(START_NS)
        self.show(bench, quote(ts_ns=end_ns - 1))
        assert bench.kinds() == ["NEW", "NEW"]
        self.show(bench, quote(ts_ns=end_ns))
        assert bench.kinds() == ["NEW", "NEW", "EXPIRED"]
        assert bench.working() == ["b"]
        assert bench.reports[-1].text == "day order: its day ended with 100 shares open"
        bench.cancel("a")
        assert "it is expired" in bench.reports[-1].text

    def test_a_date_ends_an_order_with_words_of_its_own(self, bench):
        self.show(bench, quote())
        end_ns = START_NS + 10
        bench.submit("a", new_order(limit="9.00", tif=TimeInForce.GTD, expire_ns=end_ns))
        self.show(bench, quote(ts_ns=end_ns))
        assert bench.reports[-1].text == "good till date: its time ended with 100 shares open"

    def test_an_order_till_canceled_outlives_every_day(self, bench):
        bench.submit("a", new_order(limit="9.00", tif=TimeInForce.GTC))
        self.show(bench, quote(ts_ns=START_NS + 400 * 86_400 * 10**9))
        assert bench.working() == ["a"]

    def test_what_ended_before_the_time_asked_for_is_left_out(self, bench):
        bench.submit("a", new_order(limit="9.00"))
        bench.cancel("a")
        assert [o.cl_ord_id for o in bench.snapshot(START_NS).orders] == ["a"]
        assert bench.snapshot(START_NS + 1).orders == ()

    def test_an_order_filled_before_a_restart_does_not_come_back(self, bench):
        self.show(bench, quote())
        bench.submit("a", new_order())
        order = as_order("a", new_order())
        for report in bench.reports:
            order = apply_report(order, report)
        later = Bench(self)
        self.restore(later, [order], [Position(symbol=SYMBOL)])
        assert later.snapshot().orders == ()
        assert later.snapshot().positions == {}

    def test_a_cancel_by_a_superseded_id_finds_the_order(self, bench):
        bench.submit("a", new_order(limit="9.00"))
        bench.replace("a", "b", new_order(limit="9.10"))
        bench.cancel("a")
        assert bench.kinds() == ["NEW", "REPLACED", "CANCELED"]
        assert bench.reports[-1].cl_ord_id == "b"

    @pytest.mark.parametrize(
        ("old_id", "terms", "words"),
        [
            pytest.param("q", new_order(limit="9.00"), "it does not work here", id="unknown"),
            pytest.param(
                "a",
                new_order(qty="40", limit="10.02"),
                "40 shares are executed already, 40 was asked",
                id="executed",
            ),
            pytest.param("a", new_order(limit="0"), "limit price 0 is not over 0", id="terms"),
        ],
    )
    def test_a_refused_replace_says_why(self, bench, old_id, terms, words):
        self.show(bench, quote(ask_size=40))
        bench.submit("a", new_order(limit="10.02"))
        with pytest.raises(Rejected, match=f"order {old_id} was not replaced: {words}"):
            bench.replace(old_id, "b", terms)

    def test_reports_without_a_sink_are_a_mistake(self, bench):
        lonely = self.make(bench.clock, bench.hub)
        with pytest.raises(AssertionError, match="connect"):
            run_at_once(lonely.submit(approve("a", new_order(limit="9"))))
        with pytest.raises(AssertionError, match="twice"):
            bench.broker.connect(print)

    def test_execution_ids_go_on_after_a_restart(self, bench):
        order = as_order("a", new_order(qty="300", limit="10.02"))
        self.show(bench, quote())
        bench.submit("a", order.order)
        for report in bench.reports:
            order = apply_report(order, report)

        later = Bench(self)
        self.restore(later, [order], [])
        self.show(later, quote())
        (fill,) = later.reports
        assert (fill.exec_id, fill.last_qty) == ("a.2", 100)

    @pytest.mark.parametrize("why", ["never acknowledged", "had to trade at once"])
    def test_what_cannot_be_working_is_not_put_back(self, bench, why):
        tif = TimeInForce.DAY if why == "never acknowledged" else TimeInForce.IOC
        order = as_order("a", new_order(limit="9.00", tif=tif))
        if why == "had to trade at once":
            order = apply_report(
                order,
                ExecutionReport(
                    cl_ord_id=order.cl_ord_id, exec_type=ExecType.NEW, ts_exch_ns=1, ts_recv_ns=1
                ),
            )
        self.restore(bench, [order], [])
        assert bench.snapshot().orders == ()
        assert bench.query("a") is None
        bench.cancel("a")
        assert bench.reports[0].text == "order a was not canceled: it is not known here"

    def test_a_sink_that_asks_back_sees_the_finished_state(self):
        hub = Hub()
        broker = self.make(SimClock(START_NS), hub)
        seen = []
        broker.connect(
            lambda report: seen.append(run_at_once(broker.snapshot(0)).positions.get(SYMBOL))
        )
        run_at_once(broker.submit(approve("a", new_order(qty="200", limit="10.02"))))
        hub.publish(quote(ask_size=200))
        assert seen == [None, BrokerPosition(qty=Decimal(200))]

    def test_the_plug_in_makes_it(self, bench):
        broker = BROKER.make(load_config(), bench.clock, bench.hub, AccountID("x"), None)
        assert (BROKER.name, BROKER.venue, broker.account) == (broker.name, Venue.PAPER, "x")


def run_at_once(coroutine):
    """Return the result of a coroutine that does not wait, from within a running loop too."""
    with pytest.raises(StopIteration) as done:
        coroutine.send(None)
    return done.value.value


@pytest.mark.parametrize(
    ("local", "hours"),
    [("2026-03-08 00:00", 23), ("2026-07-01 00:00", 24), ("2026-11-01 00:00", 25)],
    ids=["spring", "summer", "autumn"],
)
def test_a_day_ends_at_the_next_midnight_of_new_york(local, hours):
    start = datetime.fromisoformat(local).replace(tzinfo=NEW_YORK)
    start_ns = int(start.timestamp()) * 10**9
    assert day_end_ns(start_ns) - start_ns == hours * 3600 * 10**9
    assert day_end_ns(start_ns - 1) == start_ns


class Charging(BrokerConformance):
    """Makes a broker with the fees of the settings."""

    def make(self, clock, hub):
        return BuiltinBroker(clock, hub, AccountID("paper"), fees=load_config().exchange.fees)


class TestFees:
    """Each fill carries what it costs, by the rates of its day in New York."""

    @pytest.fixture
    def bench(self):
        return Bench(Charging())

    @pytest.mark.parametrize(
        ("side", "limit", "liquidity"),
        [
            (Side.BUY, None, Liquidity.REMOVED),
            (Side.SELL, None, Liquidity.REMOVED),
            (Side.BUY, "9.99", Liquidity.ADDED),
            (Side.SELL, "10.03", Liquidity.ADDED),
        ],
    )
    def test_fill_costs_what_the_schedule_says(self, bench, side, limit, liquidity):
        bench.hub.publish(quote())
        bench.submit("a", new_order(side=side, limit=limit))
        if limit is not None:
            px = Decimal(limit)
            bench.hub.publish(quote(bid=px - 1, ask=px) if side is Side.BUY else quote(px, px + 1))
        fill = bench.reports[-1]
        expected = fee_of(
            bench.broker.capabilities.fees,
            side=side,
            liquidity=liquidity,
            qty=fill.last_qty,
            px=fill.last_px,
            day=datetime.fromtimestamp(START_NS / 1e9, NEW_YORK).date(),
        )
        assert (fill.exec_type, fill.liquidity, fill.fee) == (ExecType.TRADE, liquidity, expected)
        assert (fill.fee < 0) is (liquidity is Liquidity.ADDED)

    def test_broker_of_the_settings_queues_charges_and_says_so(self):
        config = load_config()
        assert config.exchange.queue is QueueModel.VOLUME_AHEAD
        broker = BROKER.make(config, SimClock(START_NS), Hub(), AccountID("paper"), None)
        assert broker.capabilities.fees == config.exchange.fees


class Queuing(BrokerConformance):
    """Makes a broker whose orders wait behind what is displayed."""

    def make(self, clock, hub):
        return BuiltinBroker(clock, hub, AccountID("paper"), queue=QueueModel.VOLUME_AHEAD)


def test_fill_of_a_resting_order_says_what_was_assumed():
    bench = Bench(Queuing())
    bench.hub.publish(quote(bid="10.00", bid_size=300))
    bench.submit("a", new_order(limit="10.00"))
    bench.hub.publish(
        Trade(symbol=SYMBOL, price=Decimal("10.00"), size=350, ts_exch_ns=1, ts_recv_ns=1)
    )
    fill = bench.reports[-1]
    assert (fill.last_qty, fill.text) == (50, "queue: 300 shares first")


class TestKillBesideTheLoop:
    """The kill switch comes from another thread, at any moment of the loop's work."""

    @pytest.fixture
    def bench(self):
        bench = Bench(TestBuiltinBroker())
        bench.hub.publish(quote())
        bench.submit("a", new_order(limit="9.00"))
        bench.reports.clear()
        return bench

    def test_the_end_carries_the_time_of_the_kill_and_why(self, bench):
        bench.clock.advance_to(START_NS + 5)
        bench.broker.emergency().cancel_all()
        bench.clock.advance_to(START_NS + 900)
        bench.hub.publish(quote())
        (report,) = bench.reports
        assert (report.ts_exch_ns, report.ts_recv_ns) == (START_NS + 5, START_NS + 900)
        assert report.text == "canceled by the kill switch"

    def test_prints_and_bars_make_it_known_too(self, bench):
        rescue, stamp = bench.broker.emergency(), {"symbol": SYMBOL, "ts_recv_ns": START_NS}
        rescue.cancel_all()
        bench.hub.publish(Trade(price=Decimal(5), size=100, ts_exch_ns=START_NS, **stamp))
        bench.submit("b", new_order(limit="9.00", symbol="B"))
        rescue.cancel_all()
        px = dict.fromkeys(("open", "high", "low", "close"), Decimal(7))
        stamp["symbol"] = "B"
        bench.hub.publish(Bar(start_ns=START_NS, interval_ns=1, volume=100, **px, **stamp))
        assert [(r.cl_ord_id, r.exec_type.name) for r in bench.reports] == [
            ("a", "CANCELED"),
            ("b", "NEW"),
            ("b", "CANCELED"),
        ]

    @pytest.fixture
    def killed_within(self, bench):
        """The bench, killed in the next call: after it has looked for a kill, before it acts."""
        now_ns, rescue = bench.clock.now_ns, bench.broker.emergency()

        def kill_and_tell():
            bench.clock.now_ns = now_ns
            rescue.cancel_all()
            return now_ns()

        def look():
            bench.clock.now_ns = kill_and_tell
            return now_ns()

        bench.clock.now_ns = look
        return bench

    def test_an_order_that_was_on_its_way_works_and_the_others_end(self, killed_within):
        killed_within.submit("b", new_order(limit="9.00"))
        assert [(r.cl_ord_id, r.exec_type.name) for r in killed_within.reports] == [
            ("a", "CANCELED"),
            ("b", "NEW"),
        ]
        assert killed_within.working() == ["b"]

    def test_a_replace_that_was_on_its_way_is_refused(self, killed_within):
        with pytest.raises(Rejected, match="^order a was not replaced: killed$") as caught:
            killed_within.replace("a", "b", new_order(limit="9.50"))
        assert (caught.value.venue, caught.value.request) == ("builtin", "replace a")
        assert [(r.cl_ord_id, r.exec_type.name) for r in killed_within.reports] == [
            ("a", "CANCELED")
        ]
        assert killed_within.query("b") is None
        assert killed_within.query("a").order == new_order(limit="9.00")

    def test_no_share_trades_once_none_is_said_to_be_open(self):
        for _ in range(40):
            bench = Bench(TestBuiltinBroker())
            for number in range(20):
                bench.submit(f"{number}", new_order(limit="10.00", qty="1000"))
            orders = list(bench.broker._line._matcher._orders.values())
            is_over = threading.Event()

            def trade(bench=bench, is_over=is_over):
                size = 0
                while not is_over.is_set():
                    size = size % 50 + 1
                    bench.hub.publish(quote(ask="10.00", ask_size=size))

            with ThreadPoolExecutor(1) as loop:
                trading = loop.submit(trade)
                rescue = bench.broker.emergency()
                rescue.cancel_all()
                assert rescue.open_orders() in ((), [])
                left = [order.leaves for order in orders]
                is_over.set()
                trading.result()
            bench.hub.publish(quote(ask="9.00", ask_size=9_999))
            assert [order.leaves for order in orders] == left
            ended = [r.cl_ord_id for r in bench.reports if r.exec_type is ExecType.CANCELED]
            open_before = [f"{n}" for n, leaves in enumerate(left) if leaves]
            assert sorted(ended) == sorted(open_before)


class TestBust:
    def test_a_filled_order_loses_its_newest_execution_and_is_canceled(self):
        bench = Bench(TestBuiltinBroker())
        bench.hub.publish(quote(ask_size=60))
        terms = new_order()
        bench.submit("a", terms)
        bench.hub.publish(quote(ask="10.03", ask_size=60))
        assert bench.query("a").ord_status is OrdStatus.FILLED
        bench.broker.bust("a")
        assert bench.kinds() == ["NEW", "TRADE", "TRADE", "TRADE_CANCEL", "CANCELED"]
        order = folded(as_order("a", terms), bench.reports)
        there = bench.query("a")
        assert (order.ord_status, order.cum_qty, order.avg_px) == (
            OrdStatus.CANCELED,
            60,
            Decimal("10.02"),
        )
        assert (there.ord_status, there.cum_qty, there.avg_px) == (
            OrdStatus.CANCELED,
            60,
            Decimal("10.02"),
        )
        assert bench.snapshot().positions == {SYMBOL: BrokerPosition(qty=Decimal(60))}

    def test_of_a_working_order_nothing_works_any_more(self):
        bench = Bench(TestBuiltinBroker())
        bench.hub.publish(quote(ask_size=60))
        bench.submit("a", new_order())
        bench.broker.bust("a")
        bench.hub.publish(quote(ask_size=61))
        assert bench.kinds() == ["NEW", "TRADE", "TRADE_CANCEL", "CANCELED"]
        assert bench.working() == []

    def test_an_order_that_had_ended_stays_as_it_ended(self):
        bench = Bench(TestBuiltinBroker())
        bench.hub.publish(quote(ask_size=60))
        bench.submit("a", new_order(tif=TimeInForce.IOC))
        bench.broker.bust("a")
        assert bench.kinds() == ["NEW", "TRADE", "CANCELED", "TRADE_CANCEL"]

    def test_what_has_no_execution_that_stands_cannot_be_busted(self):
        bench = Bench(TestBuiltinBroker())
        bench.hub.publish(quote())
        bench.submit("a", new_order())
        bench.submit("b", new_order(limit="9.00"))
        bench.broker.bust("a")
        for cl_ord_id in ("a", "b", "unknown"):
            with pytest.raises(Rejected, match="there is no execution to bust"):
                bench.broker.bust(cl_ord_id)
        assert bench.working() == ["b"]
