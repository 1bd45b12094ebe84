"""Goal: whatever the venue, a broker answers what it is asked, once, and says what it holds."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from decimal import Decimal

import pytest

from app.brokers.base import Broker
from app.clock import SimClock
from app.domain import approval
from app.domain.approval import ApprovedOrder
from app.domain.enums import Custody, ExecType, OrdType, Origin, Side, TimeInForce
from app.domain.errors import Rejected
from app.domain.ids import AccountID, ClOrdID, DurableSeq, Symbol
from app.domain.market import Quote
from app.domain.orders import Order
from app.domain.position import Position
from app.domain.reports import CancelReject, ExecutionReport, Report
from app.domain.terms import NewOrder
from app.domain.transitions import apply_report
from app.hub import Hub

START_NS = 1_700_000_000_000_000_000
SYMBOL = Symbol("AAPL")


def approve(cl_ord_id: str, order: NewOrder) -> ApprovedOrder:
    """Return an order as the gate would; suites of brokers stand below the gate."""
    return ApprovedOrder(
        approval._KEY, cl_ord_id=ClOrdID(cl_ord_id), order=order, durable_seq=DurableSeq(1)
    )


def new_order(side=Side.BUY, qty="100", limit=None, tif=TimeInForce.DAY, symbol=SYMBOL):
    return NewOrder(
        symbol=symbol,
        side=side,
        order_qty=Decimal(qty),
        ord_type=OrdType.MARKET if limit is None else OrdType.LIMIT,
        time_in_force=tif,
        limit_px=None if limit is None else Decimal(limit),
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

    def snapshot(self):
        return asyncio.run(self.broker.snapshot())

    def kinds(self) -> list[str]:
        return [
            r.exec_type.name if isinstance(r, ExecutionReport) else type(r).__name__
            for r in self.reports
        ]


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

    def test_it_names_itself_its_account_and_what_it_takes(self, bench):
        assert bench.broker.name
        assert bench.broker.account
        assert OrdType.LIMIT in bench.broker.capabilities.ord_types

    def test_the_acknowledgement_comes_before_the_fill(self, bench):
        self.show(bench, quote())
        bench.submit("a", new_order())
        assert bench.kinds() == ["NEW", "TRADE"]

    def test_reports_fold_into_a_filled_order(self, bench):
        order = as_order("a", new_order())
        self.show(bench, quote())
        bench.submit("a", order.order)
        for report in bench.reports:
            order = apply_report(order, report)
        assert order.leaves_qty == 0
        assert order.avg_px == Decimal("10.02")
        assert order.order_id

    def test_a_resting_order_is_working_until_it_is_canceled(self, bench):
        self.show(bench, quote())
        bench.submit("a", new_order(limit="9.00"))
        assert bench.snapshot().working == {"a"}
        bench.cancel("a")
        assert bench.kinds() == ["NEW", "CANCELED"]
        assert bench.snapshot().working == frozenset()

    def test_an_id_is_taken_once(self, bench):
        self.show(bench, quote())
        bench.submit("a", new_order(limit="9.00"))
        with pytest.raises(Rejected):
            bench.submit("a", new_order(limit="9.00"))
        assert bench.kinds() == ["NEW"]

    @pytest.mark.parametrize("state", ["unknown", "filled", "canceled"])
    def test_a_cancel_of_what_does_not_work_is_refused_in_words(self, bench, state):
        self.show(bench, quote())
        if state != "unknown":
            bench.submit("a", new_order(limit="10.02" if state == "filled" else "9.00"))
        if state == "canceled":
            bench.cancel("a")
        bench.reports.clear()
        bench.cancel("a")
        (report,) = bench.reports
        assert isinstance(report, CancelReject)
        assert report.text

    def test_executions_have_ids_of_their_own(self, bench):
        self.show(bench, quote())
        bench.submit("a", new_order(qty="250"))
        self.show(bench, quote(ask_size=70))
        self.show(bench, quote(ask_size=80))
        fills = [r for r in bench.reports if r.exec_type is ExecType.TRADE]
        assert sum(fill.last_qty for fill in fills) == 250
        assert len({fill.exec_id for fill in fills}) == len(fills) == 3

    def test_the_snapshot_counts_fills_with_their_sign(self, bench):
        self.show(bench, quote(bid_size=300, ask_size=300))
        bench.submit("a", new_order(qty="200"))
        bench.submit("b", new_order(side=Side.SELL, qty="250"))
        assert bench.snapshot().positions[SYMBOL] == -50

    def test_what_is_restored_is_held_and_goes_on_working(self, bench):
        order = as_order("a", new_order(limit="9.00"))
        order = apply_report(
            order,
            ExecutionReport(
                cl_ord_id=order.cl_ord_id, exec_type=ExecType.NEW, ts_exch_ns=1, ts_recv_ns=1
            ),
        )
        held = Position(symbol=SYMBOL, qty=Decimal(70), cost=Decimal(700))
        bench.broker.restore([order], [held])
        snapshot = bench.snapshot()
        assert snapshot.working == {"a"}
        assert snapshot.positions[SYMBOL] == 70
        with pytest.raises(Rejected):
            bench.submit("a", new_order())
