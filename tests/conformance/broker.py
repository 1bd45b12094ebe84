"""Goal: whatever the venue, a broker answers what it is asked, once, and says what it holds."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import msgspec
import pytest

from app.brokers.base import Broker, BrokerOrder, EmergencyClient, Recorded, Snapshot
from app.clock import SimClock
from app.domain import approval
from app.domain.approval import ApprovedOrder
from app.domain.enums import (
    AmendmentWay,
    Custody,
    CxlRejReason,
    ExecType,
    OrdStatus,
    OrdType,
    Origin,
    Side,
    TimeInForce,
)
from app.domain.errors import Rejected
from app.domain.ids import AccountID, ClOrdID, DurableSeq, Symbol
from app.domain.market import Quote
from app.domain.orders import Amendment, Order
from app.domain.position import Position
from app.domain.reports import CancelReject, ExecutionReport, Report
from app.domain.terms import NewOrder
from app.domain.transitions import apply_report
from app.hub import Hub

START_NS = 1_700_000_000_000_000_000
SYMBOL = Symbol("AAPL")


def approve(cl_ord_id: str, order: NewOrder, orig: str = "") -> ApprovedOrder:
    """Return an order as the gate would; suites of brokers stand below the gate."""
    return ApprovedOrder(
        approval._KEY,
        cl_ord_id=ClOrdID(cl_ord_id),
        order=order,
        durable_seq=DurableSeq(1),
        orig_cl_ord_id=ClOrdID(orig),
    )


def new_order(side=Side.BUY, qty="100", limit=None, tif=TimeInForce.DAY, symbol=SYMBOL, **more):
    return NewOrder(
        symbol=symbol,
        side=side,
        order_qty=Decimal(qty),
        ord_type=OrdType.MARKET if limit is None else OrdType.LIMIT,
        time_in_force=tif,
        limit_px=None if limit is None else Decimal(limit),
        **more,
    )


def quote(bid="10.00", bid_size=100, ask="10.02", ask_size=100, ts_ns=START_NS, symbol=SYMBOL):
    return Quote(
        symbol=symbol,
        bid=None if bid is None else Decimal(bid),
        bid_size=bid_size,
        ask=None if ask is None else Decimal(ask),
        ask_size=ask_size,
        ts_exch_ns=ts_ns,
        ts_recv_ns=ts_ns,
    )


def as_order(cl_ord_id: str, order: NewOrder) -> Order:
    return Order(
        cl_ord_id=ClOrdID(cl_ord_id),
        account=AccountID("test"),
        order=order,
        origin=Origin.MANUAL,
        actor="test",
        ts_intent_ns=START_NS,
        custody=Custody.SENT,
    )


def amended(order: Order, request_id: str, terms: NewOrder) -> Order:
    """Return the order with a request to replace it under way."""
    request = Amendment(
        cl_ord_id=ClOrdID(request_id),
        order=terms,
        origin=Origin.MANUAL,
        actor="test",
        ts_intent_ns=START_NS,
        way=AmendmentWay.NATIVE,
    )
    return msgspec.structs.replace(order, amendments=(*order.amendments, request))


def folded(order: Order, reports: Iterable[Report]) -> Order:
    """Return the order with all that was reported of it."""
    for report in reports:
        order = apply_report(order, report)
    return order


class Bench:
    """A broker with its surroundings."""

    def __init__(self, suite: BrokerConformance) -> None:
        self.clock = SimClock(START_NS)
        self.hub = Hub()
        self.reports: list[Report] = []
        self.broker = suite.make(self.clock, self.hub)
        self.broker.connect(self.reports.append)

    def submit(self, cl_ord_id: str, order: NewOrder) -> None:
        asyncio.run(self.broker.submit(approve(cl_ord_id, order)))

    def cancel(self, cl_ord_id: str) -> None:
        asyncio.run(self.broker.cancel(ClOrdID(cl_ord_id)))

    def replace(self, old_id: str, new_id: str, order: NewOrder) -> None:
        asyncio.run(self.broker.replace(approve(new_id, order, old_id)))

    def query(self, cl_ord_id: str) -> BrokerOrder | None:
        return asyncio.run(self.broker.query(ClOrdID(cl_ord_id)))

    def snapshot(self, since_ns: int = 0) -> Snapshot:
        return asyncio.run(self.broker.snapshot(since_ns))

    def working(self) -> list[str]:
        """Return the identities that the broker lists as not ended."""
        return [o.cl_ord_id for o in self.snapshot().orders if not o.ord_status.is_terminal]

    def kinds(self) -> list[str]:
        return [
            r.exec_type.name if isinstance(r, ExecutionReport) else type(r).__name__
            for r in self.reports
        ]


class Rescue:
    """An emergency client, called from a thread that is not the loop's."""

    def __init__(self, client: EmergencyClient) -> None:
        self._client = client

    def cancel_all(self) -> None:
        self._beside(self._client.cancel_all)

    def open_orders(self) -> Sequence[ClOrdID]:
        return self._beside(self._client.open_orders)

    def _beside(self, call):
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(call).result()


class BrokerConformance(ABC):
    """Supply a broker, and a way to show it the quote 10.00 x 100 / 10.02 x 100."""

    @abstractmethod
    def make(self, clock: SimClock, hub: Hub) -> Broker: ...

    def show(self, bench: Bench, event: Quote) -> None:
        """Make the broker's market show a quote; override where it does not listen to the hub."""
        bench.hub.publish(event)

    @pytest.fixture
    def bench(self) -> Bench:
        return Bench(self)

    @pytest.fixture
    def open_bench(self, bench) -> Bench:
        """A bench whose market is open at 10.00 / 10.02."""
        self.show(bench, quote())
        return bench

    def test_it_names_itself_its_account_and_what_it_takes(self, bench):
        assert bench.broker.name
        assert bench.broker.account
        assert OrdType.LIMIT in bench.broker.capabilities.ord_types

    def test_it_says_since_when_nothing_was_missed(self, bench):
        since_ns = bench.broker.connected_since_ns
        assert since_ns is None or since_ns <= bench.clock.mono_ns()

    # Submit

    def test_the_acknowledgement_comes_before_the_fill(self, open_bench):
        open_bench.submit("a", new_order())
        assert open_bench.kinds() == ["NEW", "TRADE"]

    def test_reports_fold_into_a_filled_order(self, open_bench):
        terms = new_order()
        open_bench.submit("a", terms)
        order = folded(as_order("a", terms), open_bench.reports)
        assert order.leaves_qty == 0
        assert order.avg_px == Decimal("10.02")
        assert order.order_id

    def test_an_id_is_taken_once(self, open_bench):
        open_bench.submit("a", new_order(limit="9.00"))
        with pytest.raises(Rejected):
            open_bench.submit("a", new_order(limit="9.00"))
        assert open_bench.kinds() == ["NEW"]

    def test_executions_have_ids_of_their_own(self, open_bench):
        open_bench.submit("a", new_order(qty="250", limit="10.02"))
        self.show(open_bench, quote(ask_size=70))
        self.show(open_bench, quote(ask_size=80))
        fills = [r for r in open_bench.reports if r.exec_type is ExecType.TRADE]
        assert sum(fill.last_qty for fill in fills) == 250
        assert len({fill.exec_id for fill in fills}) == len(fills) == 3

    def test_an_order_good_till_a_date_ends_then(self, open_bench):
        end_ns = START_NS + 3600 * 10**9
        self.require(open_bench, TimeInForce.GTD)
        open_bench.submit("a", new_order(limit="9.00", tif=TimeInForce.GTD, expire_ns=end_ns))
        self.show(open_bench, quote(ts_ns=end_ns - 1))
        assert open_bench.kinds() == ["NEW"]
        self.show(open_bench, quote(ts_ns=end_ns))
        assert open_bench.kinds() == ["NEW", "EXPIRED"]
        assert open_bench.working() == []

    def require(self, bench: Bench, tif: TimeInForce) -> None:
        """Skip where the broker does not claim a time in force."""
        if tif not in bench.broker.capabilities.times_in_force:
            pytest.skip(f"{bench.broker.name} does not claim {tif.name}")

    # Cancel

    def test_a_resting_order_is_working_until_it_is_canceled(self, open_bench):
        open_bench.submit("a", new_order(limit="9.00"))
        assert open_bench.working() == ["a"]
        open_bench.cancel("a")
        assert open_bench.kinds() == ["NEW", "CANCELED"]
        assert open_bench.working() == []

    @pytest.mark.parametrize("state", ["unknown", "filled", "canceled"])
    def test_a_cancel_of_what_does_not_work_is_refused_in_words(self, open_bench, state):
        if state != "unknown":
            open_bench.submit("a", new_order(limit="10.02" if state == "filled" else "9.00"))
        if state == "canceled":
            open_bench.cancel("a")
        open_bench.reports.clear()
        open_bench.cancel("a")
        (report,) = open_bench.reports
        assert isinstance(report, CancelReject)
        assert report.cl_ord_id == "a"
        assert report.text
        is_unknown = report.reason is CxlRejReason.UNKNOWN_ORDER
        assert is_unknown == (state == "unknown")

    # Replace

    @pytest.fixture
    def replacing(self, open_bench) -> Bench:
        """An open bench of a broker that replaces, with order "a": buy 250 at 10.01."""
        if not open_bench.broker.capabilities.has_replace:
            pytest.skip(f"{open_bench.broker.name} does not claim to replace")
        open_bench.submit("a", new_order(qty="250", limit="10.01"))
        return open_bench

    def test_a_replaced_order_goes_on_under_its_new_id(self, replacing):
        terms = new_order(qty="300", limit="9.99")
        replacing.replace("a", "b", terms)
        assert replacing.kinds() == ["NEW", "REPLACED"]
        assert replacing.reports[-1].cl_ord_id == "b"
        assert replacing.working() == ["b"]
        found = replacing.query("b")
        assert (found.cl_ord_id, found.order) == ("b", terms)
        assert (found.ord_status, found.cum_qty) == (OrdStatus.NEW, 0)

    def test_reports_of_a_replaced_order_fold_into_the_new_terms(self, replacing):
        self.show(replacing, quote(ask="10.01", ask_size=70))
        terms = new_order(qty="200", limit="10.01")
        order = amended(
            folded(as_order("a", new_order(qty="250", limit="10.01")), replacing.reports),
            "b",
            terms,
        )
        replacing.reports.clear()
        replacing.replace("a", "b", terms)
        self.show(replacing, quote(ask="10.01", ask_size=400))
        order = folded(order, replacing.reports)
        assert (order.live_id, order.ord_status) == ("b", OrdStatus.FILLED)
        assert (order.cum_qty, order.overfilled_qty) == (200, 0)

    def test_quantities_of_a_replace_are_total(self, replacing):
        self.show(replacing, quote(ask="10.01", ask_size=100))
        replacing.replace("a", "b", new_order(qty="150", limit="10.01"))
        replacing.reports.clear()
        self.show(replacing, quote(ask="10.01", ask_size=999))
        assert [r.last_qty for r in replacing.reports] == [50]

    def test_fills_count_on_across_a_replace(self, replacing):
        self.show(replacing, quote(ask="10.01", ask_size=100))
        replacing.replace("a", "b", new_order(qty="250", limit="10.00"))
        self.show(replacing, quote(ask="10.00", ask_size=100))
        found = replacing.query("b")
        assert (found.cum_qty, found.ord_status) == (200, OrdStatus.PARTIALLY_FILLED)
        ids = [r.exec_id for r in replacing.reports if r.exec_type is ExecType.TRADE]
        assert len(set(ids)) == len(ids) == 2

    @pytest.mark.parametrize(
        ("qty", "limit", "first"),
        [
            pytest.param("200", "10.01", "b", id="smaller keeps its place"),
            pytest.param("250", "10.01", "b", id="equal keeps its place"),
            pytest.param("300", "10.01", "z", id="larger goes behind"),
            pytest.param("250", "10.02", "b", id="better price goes ahead"),
        ],
    )
    def test_place_among_own_orders(self, replacing, qty, limit, first):
        self.show(replacing, quote(ask="10.05"))
        replacing.submit("z", new_order(qty="50", limit="10.01"))
        replacing.replace("a", "b", new_order(qty=qty, limit=limit))
        replacing.reports.clear()
        self.show(replacing, quote(ask="10.01", ask_size=20))
        assert [r.cl_ord_id for r in replacing.reports] == [first]

    def test_a_replace_may_fill_at_once(self, replacing):
        replacing.replace("a", "b", new_order(qty="250", limit="10.02"))
        assert replacing.kinds() == ["NEW", "REPLACED", "TRADE"]
        assert replacing.reports[-1].last_px == Decimal("10.02")

    @pytest.mark.parametrize(
        ("old_id", "new_id", "qty"),
        [
            pytest.param("q", "b", "250", id="unknown"),
            pytest.param("a", "a", "250", id="used id"),
            pytest.param("a", "b", "100", id="what is executed"),
            pytest.param("a", "b", "99", id="less than is executed"),
            pytest.param("done", "b", "250", id="ended"),
        ],
    )
    def test_a_replace_that_cannot_be_is_refused_and_changes_nothing(
        self, replacing, old_id, new_id, qty
    ):
        replacing.submit("done", new_order(limit="9.00"))
        replacing.cancel("done")
        self.show(replacing, quote(ask="10.01", ask_size=100))
        before = replacing.snapshot()
        replacing.reports.clear()
        with pytest.raises(Rejected):
            replacing.replace(old_id, new_id, new_order(qty=qty, limit="9.50"))
        assert replacing.reports == []
        assert replacing.snapshot() == before

    def test_a_replaced_order_is_canceled_by_its_new_id(self, replacing):
        replacing.replace("a", "b", new_order(qty="300", limit="9.99"))
        replacing.cancel("b")
        assert replacing.kinds() == ["NEW", "REPLACED", "CANCELED"]
        assert replacing.reports[-1].cl_ord_id == "b"
        assert replacing.working() == []

    def test_a_replaced_order_is_replaced_by_its_new_id_only(self, replacing):
        replacing.replace("a", "b", new_order(qty="300", limit="9.99"))
        with pytest.raises(Rejected):
            replacing.replace("a", "c", new_order(qty="300", limit="9.98"))
        replacing.replace("b", "c", new_order(qty="300", limit="9.98"))
        assert replacing.working() == ["c"]

    # Query and snapshot

    @pytest.mark.parametrize(
        ("limit", "deed", "status", "cum"),
        [
            pytest.param("9.00", "", OrdStatus.NEW, 0, id="resting"),
            pytest.param("10.02", "", OrdStatus.PARTIALLY_FILLED, 100, id="in part"),
            pytest.param("9.00", "cancel", OrdStatus.CANCELED, 0, id="canceled"),
            pytest.param("10.02", "cancel", OrdStatus.CANCELED, 100, id="canceled in part"),
            pytest.param("10.02", "fill", OrdStatus.FILLED, 150, id="filled"),
        ],
    )
    def test_an_order_is_found_in_every_state(self, open_bench, limit, deed, status, cum):
        terms = new_order(qty="150", limit=limit)
        open_bench.submit("a", terms)
        if deed == "cancel":
            open_bench.cancel("a")
        if deed == "fill":
            self.show(open_bench, quote(ask_size=50))
        found = open_bench.query("a")
        assert found in open_bench.snapshot().orders
        assert (found.cl_ord_id, found.order) == ("a", terms)
        assert (found.ord_status, found.cum_qty) == (status, cum)
        assert found.avg_px == (Decimal("10.02") if cum else None)
        assert found.order_id == open_bench.reports[0].order_id

    def test_an_order_that_never_was_is_none(self, open_bench):
        assert open_bench.query("a") is None

    def test_the_snapshot_says_when_it_was_asked_and_how_far_it_looks_back(self, bench):
        snapshot = bench.snapshot(START_NS - 7)
        assert snapshot.since_ns <= START_NS - 7
        assert snapshot.ts_ns == START_NS
        assert snapshot.orders == ()

    def test_the_snapshot_has_what_ended_since(self, open_bench):
        open_bench.submit("a", new_order(limit="9.00"))
        open_bench.submit("b", new_order(limit="9.00"))
        open_bench.clock.advance_to(START_NS + 10)
        open_bench.cancel("a")
        assert [o.cl_ord_id for o in open_bench.snapshot(START_NS + 10).orders] == ["a", "b"]

    def test_the_snapshot_counts_fills_with_their_sign(self, bench):
        self.show(bench, quote(bid_size=300, ask_size=300))
        bench.submit("a", new_order(qty="200"))
        bench.submit("b", new_order(side=Side.SELL, qty="250"))
        assert bench.snapshot().positions[SYMBOL].qty == -50

    # The kill switch

    @pytest.fixture
    def rescue(self, open_bench) -> Rescue:
        """What cancels beside the loop, with three orders at work: one of them filled in part."""
        client = open_bench.broker.emergency()
        if client is None:
            pytest.skip(f"{open_bench.broker.name} cannot be reached beside the loop")
        open_bench.submit("done", new_order(qty="10"))
        open_bench.submit("a", new_order(qty="150", limit="10.02"))
        open_bench.submit("b", new_order(limit="9.00"))
        open_bench.submit("c", new_order(side=Side.SELL, limit="11.00"))
        open_bench.reports.clear()
        return Rescue(client)

    def test_what_is_open_is_what_may_still_trade(self, rescue):
        assert sorted(rescue.open_orders()) == ["a", "b", "c"]

    def test_nothing_that_was_killed_trades(self, open_bench, rescue):
        rescue.cancel_all()
        assert list(rescue.open_orders()) == []
        self.show(open_bench, quote(bid="12.00", bid_size=900, ask="8.00", ask_size=900))
        assert "TRADE" not in open_bench.kinds()

    def test_what_was_killed_is_reported_once_when_the_loop_comes_by(self, open_bench, rescue):
        rescue.cancel_all()
        assert open_bench.reports == []
        self.show(open_bench, quote(ask="10.05"))
        self.show(open_bench, quote(ask="10.06"))
        assert sorted(r.cl_ord_id for r in open_bench.reports) == ["a", "b", "c"]
        assert open_bench.kinds() == ["CANCELED"] * 3
        assert list(rescue.open_orders()) == []

    def test_killed_twice_is_killed_once(self, open_bench, rescue):
        rescue.cancel_all()
        rescue.cancel_all()
        self.show(open_bench, quote(ask="10.05"))
        rescue.cancel_all()
        self.show(open_bench, quote(ask="10.06"))
        assert open_bench.kinds() == ["CANCELED"] * 3

    def test_a_cancel_of_what_was_killed_is_answered_once(self, open_bench, rescue):
        rescue.cancel_all()
        for cl_ord_id in ("a", "b", "c"):
            open_bench.cancel(cl_ord_id)
        assert open_bench.kinds() == ["CANCELED"] * 3
        open_bench.cancel("b")
        assert open_bench.kinds() == ["CANCELED"] * 3 + ["CancelReject"]

    def test_what_was_killed_is_shown_as_canceled(self, open_bench, rescue):
        rescue.cancel_all()
        found = open_bench.query("a")
        assert (found.ord_status, found.cum_qty) == (OrdStatus.CANCELED, 90)
        assert open_bench.working() == []

    def test_the_list_of_all_orders_knows_of_the_kill(self, open_bench, rescue):
        rescue.cancel_all()
        assert open_bench.working() == []
        assert open_bench.kinds() == ["CANCELED"] * 3

    def test_what_was_killed_cannot_be_replaced(self, open_bench, rescue):
        rescue.cancel_all()
        with pytest.raises(Rejected):
            open_bench.replace("b", "d", new_order(limit="9.50"))
        assert open_bench.kinds() == ["CANCELED"] * 3
        assert open_bench.query("d") is None

    def test_what_is_sent_after_the_kill_works(self, open_bench, rescue):
        rescue.cancel_all()
        open_bench.submit("d", new_order(limit="9.00"))
        assert list(rescue.open_orders()) == ["d"]
        assert open_bench.working() == ["d"]

    def test_a_kill_of_nothing_says_nothing(self, open_bench):
        client = open_bench.broker.emergency()
        if client is not None:
            Rescue(client).cancel_all()
            self.show(open_bench, quote(ask="10.05"))
        assert open_bench.reports == []

    # Restart

    def test_what_is_restored_is_held_and_goes_on_working(self, bench):
        order = folded(as_order("a", new_order(limit="9.00")), [_acknowledged("a")])
        held = Position(symbol=SYMBOL, qty=Decimal(70), cost=Decimal(700))
        self.restore(bench, [order], [held])
        assert bench.working() == ["a"]
        assert bench.snapshot().positions[SYMBOL].qty == 70
        with pytest.raises(Rejected):
            bench.submit("a", new_order())

    def test_a_replaced_order_is_restored_under_its_new_id(self, replacing):
        terms = new_order(qty="300", limit="10.01")
        order = amended(as_order("a", new_order(qty="250", limit="10.01")), "b", terms)
        replacing.replace("a", "b", terms)
        self.show(replacing, quote(ask="10.01", ask_size=100))
        order = folded(order, replacing.reports)
        later = Bench(self)
        self.restore(later, [order], [])
        assert later.working() == ["b"]
        found = later.query("b")
        assert (found.order, found.cum_qty, found.avg_px) == (terms, 100, Decimal("10.01"))
        later.cancel("b")
        assert later.kinds() == ["CANCELED"]

    def restore(self, bench: Bench, working: list[Order], positions: list[Position]) -> None:
        """Bring a broker to what the record holds; override where it remembers by itself."""
        bench.broker.restore(Recorded(working=working, positions=positions, cash=Decimal(10**9)))


def _acknowledged(cl_ord_id: str) -> ExecutionReport:
    return ExecutionReport(
        cl_ord_id=ClOrdID(cl_ord_id),
        exec_type=ExecType.NEW,
        ts_exch_ns=START_NS,
        ts_recv_ns=START_NS,
    )
