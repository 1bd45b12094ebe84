"""Goal: a line without faults is the broker behind it; with one, only the telling goes wrong.

Method: the suite of all brokers on the paper broker behind a line; then each fault by itself.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from app.brokers.builtin import BuiltinBroker
from app.clock import SimClock
from app.domain.enums import OrdStatus
from app.domain.errors import Disconnected, NeverSent, Rejected
from app.domain.ids import AccountID
from app.drills.line import BrokerLine, LineFault, Trouble, Verb, Wire
from app.hub import Hub
from tests.conformance.broker import Bench, BrokerConformance, new_order, quote


class TestBrokerLine(BrokerConformance):
    def make(self, clock: SimClock, hub: Hub) -> BrokerLine:
        return BrokerLine(BuiltinBroker(clock, hub, AccountID("paper")))


@pytest.fixture
def bench() -> Bench:
    made = Bench(TestBrokerLine())
    made.hub.publish(quote())
    return made


def test_it_keeps_what_it_saw_of_each_order(bench):
    bench.submit("a", new_order(limit="9.00"))
    bench.replace("a", "b", new_order(limit="9.01"))
    wire = bench.broker.wire
    assert dict(wire.handed) == dict(wire.arrived) == {"a": 1, "b": 1}
    assert not wire.returned
    assert wire.seqs == {"a": 1, "b": 1}


def test_what_was_seen_outlives_the_line():
    wire = Wire()
    for name in ("a", "b"):
        clock, hub = SimClock(), Hub()
        line = BrokerLine(BuiltinBroker(clock, hub, AccountID("paper")), wire)
        line.connect(lambda _report: None)
        asyncio.run(line.submit(_approved(name)))
    assert set(wire.handed) == {"a", "b"}


def _approved(name):
    from tests.conformance.broker import approve

    return approve(name, new_order(limit="9.00"))


@pytest.mark.parametrize(
    ("trouble", "error", "arrives"),
    [
        (Trouble.ANSWER_LOST, Disconnected, True),
        (Trouble.REQUEST_LOST, Disconnected, False),
        (Trouble.REFUSED, Rejected, False),
        (Trouble.TURNED_AWAY, NeverSent, False),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_request_that_fails_has_arrived_or_not(bench, trouble, error, arrives):
    bench.broker.set(LineFault(trouble=trouble, text="503"))
    with pytest.raises(error, match="^503$"):
        bench.submit("a", new_order())
    assert bench.reports == []
    assert (bench.query("a") is not None) is arrives
    assert bench.broker.wire.arrived["a"] == arrives
    assert bench.broker.wire.returned["a"] == (error is NeverSent)


def test_a_fault_meets_so_many_requests_of_its_kind(bench):
    bench.broker.set(LineFault(trouble=Trouble.REFUSED, verbs=(Verb.CANCEL,), count=2))
    bench.submit("a", new_order(limit="9.00"))
    for _ in range(2):
        with pytest.raises(Rejected):
            bench.cancel("a")
    bench.cancel("a")
    assert bench.kinds() == ["NEW", "CANCELED"]


def test_a_fault_without_a_count_is_none(bench):
    bench.broker.set(LineFault(trouble=Trouble.REFUSED, count=0))
    bench.submit("a", new_order())
    assert bench.kinds() == ["NEW", "TRADE"]


def test_cleared_it_hands_everything_on(bench):
    bench.broker.set(LineFault(trouble=Trouble.REFUSED, count=9))
    bench.broker.clear()
    bench.submit("a", new_order())
    assert bench.kinds() == ["NEW", "TRADE"]


def test_an_execution_that_was_not_told_is_in_the_list(bench):
    bench.broker.set(LineFault(trouble=Trouble.ANSWER_LOST))
    with pytest.raises(Disconnected):
        bench.submit("a", new_order())
    (execution,) = bench.snapshot().executions
    assert (execution.cl_ord_id, execution.last_qty) == ("a", 100)
    assert bench.snapshot(execution.ts_exch_ns + 1).executions == ()


def test_a_question_without_an_answer_never_means_none(bench):
    bench.broker.set(LineFault(trouble=Trouble.REFUSED, verbs=(Verb.QUESTION,), count=2))
    with pytest.raises(Disconnected):
        bench.query("a")
    with pytest.raises(Disconnected):
        bench.snapshot()
    assert bench.query("a") is None


def test_fills_that_are_held_back_come_in_order_when_they_are_released(bench):
    bench.broker.hold_fills()
    bench.submit("a", new_order(qty="250"))
    bench.hub.publish(quote(ask="10.03"))
    bench.cancel("a")
    assert bench.kinds() == ["NEW", "CANCELED"]
    assert bench.broker.held_fills == 2
    assert len(bench.snapshot().executions) == 2
    bench.broker.release_fills()
    assert bench.kinds() == ["NEW", "CANCELED", "TRADE", "TRADE"]
    assert [report.last_px for report in bench.reports[2:]] == [Decimal("10.02"), Decimal("10.03")]
    bench.submit("b", new_order(qty="10"))
    assert bench.broker.held_fills == 0


class TestSlow:
    def test_the_exchange_has_it_at_once_and_the_answer_comes_later(self, bench):
        async def story():
            bench.broker.set(LineFault(trouble=Trouble.SLOW, delay_s=0.02))
            async with asyncio.TaskGroup() as group:
                group.create_task(bench.broker.submit(_approved("a")))
                await asyncio.sleep(0)
                found = await bench.broker.query("a")
                assert found.ord_status is OrdStatus.NEW
                assert bench.reports == []

        asyncio.run(story())
        assert bench.kinds() == ["NEW"]

    def test_whoever_gives_up_hears_of_it_all_the_same(self, bench):
        async def story():
            bench.broker.set(LineFault(trouble=Trouble.SLOW, delay_s=60))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await bench.broker.submit(_approved("a"))

        asyncio.run(story())
        assert bench.kinds() == ["NEW"]

    def test_a_question_is_slow_as_well(self, bench):
        bench.broker.set(LineFault(trouble=Trouble.SLOW, verbs=(Verb.QUESTION,), delay_s=0.001))
        assert bench.query("a") is None
