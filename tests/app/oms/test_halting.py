"""Show that the loop catches up with a halt: on record, canceled, said; and that arming waits.

Method: the engine on a real record and a real loop, with a broker that does as it is told. The
switch's thread runs when the test lets it: it has its own tests beside this file.
"""

import asyncio
import contextlib
import threading

import pytest

from app.audit.reader import read_records
from app.audit.records import OrderAdopted, TradingStateSet
from app.clock import LiveClock
from app.domain.enums import Origin, TradingState
from app.domain.errors import BadInput
from app.domain.events import Notice, TradingStateChanged
from app.domain.ids import AccountID, ClOrdID, OrderID
from app.oms.halting import Halting
from app.oms.kill import KillSwitch
from app.risk.halt import Halt, HaltFlag
from app.tasks import spawn
from tests.fakes import FakeEmergency
from tests.samples import NOW_NS, new_order
from tests.station import MAN, opened

pytestmark = pytest.mark.asyncio

HALT = Halt(reason="enough", actor="bob", ts_ns=NOW_NS)
ACTIVE, HALTED = TradingState.ACTIVE, TradingState.HALTED


class Bench:
    """A station, and a switch whose thread waits for `carry_out`."""

    def __init__(self, station, group, client):
        self.station, self.flag, self.client = station, station.flag, client
        self.switch = KillSwitch(self.flag, client, LiveClock(), pace_s=(0.0,))
        self.halting = Halting(
            engine=station.engine,
            gate=station.gate,
            flag=station.flag,
            switch=self.switch,
            hub=station.hub,
            origin=Origin.SCRIPT,
            spawn=lambda name, coroutine: spawn(group, name, coroutine),
        )

    def carry_out(self):
        """Let the switch's thread do all that it has to do."""
        self.switch.start()
        self.switch.close()

    def recorded(self):
        """Return each trading state on record: state, reason, actor."""
        records = [record for _, record in read_records(self.station.journal.path)]
        return [(r.state, r.reason, r.actor) for r in records if isinstance(r, TradingStateSet)]

    def states(self):
        """Return the trading states that were told."""
        return [e.state for e in self.station.said if isinstance(e, TradingStateChanged)]

    def warnings(self):
        said = self.station.said
        return [e.text for e in said if isinstance(e, Notice) and e.is_warning]

    async def turn(self):
        """Let the loop come by, and the engine come to its end."""
        await asyncio.sleep(0)
        await self.station.engine.settle()


@pytest.fixture
def bench_on(log):
    """Open a bench on the record of this test."""

    @contextlib.asynccontextmanager
    async def opening(*, flag=None, client=None):
        async with opened(log, flag=flag) as station, asyncio.TaskGroup() as group:
            yield Bench(station, group, client or FakeEmergency())

    return opening


async def until(is_so):
    """Wait for something that a thread brings about."""
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.001)


class TestHalt:
    async def test_it_holds_in_the_call_and_is_recorded_when_the_loop_comes_by(self, bench_on):
        async with bench_on() as bench:
            bench.halting.start()
            bench.halting.halt("enough", "ada")
            assert bench.station.gate.state is HALTED
            assert bench.recorded() == []
            bench.carry_out()
            await bench.turn()
            assert bench.recorded() == [(HALTED, "enough", "ada")]
            assert bench.halting.view.is_confirmed

    async def test_everything_that_works_is_canceled_on_the_usual_way_too(self, bench_on):
        async with bench_on() as bench:
            one = await bench.station.working(limit=90)
            two = await bench.station.working(limit=91)
            bench.halting.start()
            bench.halting.halt("enough", "ada")
            bench.carry_out()
            await bench.turn()
            assert bench.station.broker.canceled == [one.cl_ord_id, two.cl_ord_id]
            assert bench.client.calls == ["cancel", "ask"] * 2
            assert bench.station.get(one.cl_ord_id).cancel_requested

    async def test_an_order_that_was_decided_before_does_not_go_out(self, bench_on):
        async with bench_on() as bench:
            bench.halting.start()
            cl_ord_id = bench.station.submit(limit=90)
            bench.switch.trip("enough", "ada")
            await bench.station.engine.settle()
            assert bench.station.sent() == []
            assert "trading is HALTED" in bench.station.get(cl_ord_id).text

    async def test_an_order_that_waits_for_the_disk_does_not_go_out(self, bench_on):
        async with bench_on() as bench:
            bench.halting.start()
            cl_ord_id = bench.station.submit(limit=90)
            await asyncio.sleep(0)  # It is passed, and on its way to the disk.
            bench.switch.trip("enough", "ada")
            await bench.station.engine.settle()
            assert bench.station.sent() == []
            order = bench.station.get(cl_ord_id)
            assert order.text == "trading became HALTED before it was sent; order not sent"

    async def test_it_is_recorded_once_however_often_the_switch_tells(self, bench_on):
        async with bench_on() as bench:
            bench.halting.start()
            bench.halting.halt("enough", "ada")
            bench.carry_out()
            for _ in range(5):
                bench.switch._tell()
            await bench.turn()
            assert bench.recorded() == [(HALTED, "enough", "ada")]
            assert bench.warnings() == []
            assert bench.station.notices() == [
                "kill switch: the broker confirms that no order is open"
            ]

    async def test_one_that_came_before_the_start_is_taken_up(self, bench_on):
        async with bench_on() as bench:
            order = await bench.station.working(limit=90)
            bench.switch.trip("early", "ada")
            bench.carry_out()
            bench.halting.start()
            await bench.turn()
            assert bench.recorded()[0] == (HALTED, "early", "ada")
            assert bench.station.broker.canceled == [order.cl_ord_id]

    async def test_pulled_twice_both_are_on_record(self, bench_on):
        async with bench_on() as bench:
            bench.halting.start()
            bench.switch.start()
            for reason in ("one", "two"):
                bench.halting.halt(reason, "ada")
                await until(
                    lambda reason=reason: bench.recorded()[-1:] == [(HALTED, reason, "ada")]
                )
            bench.switch.close()
            assert [reason for _, reason, _ in bench.recorded()] == ["one", "two"]


class TestSaying:
    async def test_what_is_not_confirmed_at_the_end_is_named(self, bench_on):
        client = FakeEmergency("x", "y")
        client.on_cancel = lambda: None
        async with bench_on(client=client) as bench:
            bench.switch._deadline_ns = 0
            bench.halting.start()
            bench.halting.halt("enough", "ada")
            bench.carry_out()
            await bench.turn()
            assert bench.warnings() == ["kill switch: not confirmed: x, y"]

    async def test_while_it_goes_on_the_open_ones_are_named_when_they_change(self, bench_on):
        client = FakeEmergency("x", "y")
        steps = iter([("x", "y"), ("x", "y"), ("x",)])
        go_on = threading.Semaphore(0)

        def cancel_some():
            assert go_on.acquire(timeout=20)
            client.open[:] = next(steps, ())

        client.on_cancel = cancel_some
        async with bench_on(client=client) as bench:
            bench.halting.start()
            bench.switch.start()
            bench.halting.halt("enough", "ada")
            for rounds in (1, 2, 3):
                go_on.release()
                await until(lambda rounds=rounds: bench.switch.view.rounds == rounds)
                await bench.turn()
            assert bench.warnings() == [
                "kill switch: not confirmed: x, y; asked again",
                "kill switch: not confirmed: x; asked again",
            ]
            go_on.release(9)
            await asyncio.to_thread(bench.switch.close)
            await bench.turn()
            assert len(bench.warnings()) == 2
            assert bench.station.notices()[-1].endswith("confirms that no order is open")

    async def test_a_halt_that_would_not_survive_a_crash_is_said_once(self, bench_on):
        flag = HaltFlag()
        flag.keep = full
        async with bench_on(flag=flag) as bench:
            bench.halting.start()
            bench.halting.halt("enough", "ada")
            bench.carry_out()
            await bench.turn()
            bench.switch._tell()
            await bench.turn()
            text = "the halt flag was not written: [Errno 28] No space left on device"
            assert bench.warnings() == [text]


def full():
    raise OSError(28, "No space left on device")


async def test_a_loop_that_is_closed_is_told_nothing(log):
    benches = []

    async def live():
        async with opened(log) as station, asyncio.TaskGroup() as group:
            benches.append(Bench(station, group, FakeEmergency()))
            benches[0].halting.start()

    await asyncio.to_thread(asyncio.run, live())  # A loop of its own, over by now.
    benches[0].switch.trip("late", "ada")
    benches[0].carry_out()
    assert benches[0].switch.view.is_confirmed


class TestEarlierRun:
    @pytest.fixture
    def flag(self):
        flag = HaltFlag()
        flag.set(HALT)
        return flag

    async def test_a_halt_that_only_the_flag_knows_goes_on_record(self, bench_on, flag):
        async with bench_on(flag=flag) as bench:
            assert bench.station.gate.state is HALTED
            bench.halting.start()
            await bench.turn()
            assert bench.recorded() == [(HALTED, "enough", "bob")]
            assert bench.warnings() == [
                "trading is HALTED since 2026-11-23T09:30:00.000-05:00 by bob: enough"
            ]
            assert bench.halting.view.halt is None

    async def test_one_without_a_time_is_said_without(self, bench_on):
        flag = HaltFlag()
        flag.set(Halt(reason="odd", actor="station", ts_ns=0))
        async with bench_on(flag=flag) as bench:
            bench.halting.start()
            assert bench.warnings() == ["trading is HALTED by station: odd"]

    async def test_what_still_works_is_canceled_but_not_what_came_from_elsewhere(
        self, bench_on, flag
    ):
        alien = OrderAdopted(
            cl_ord_id=ClOrdID("elsewhere"),
            account=AccountID("P1"),
            order=new_order(limit=90),
            order_id=OrderID("B-1"),
            ts_ns=NOW_NS,
        )
        async with bench_on() as bench:
            own = await bench.station.working(limit=90)
            bench.station.engine.put(alien)
            await bench.station.engine.settle()
        async with bench_on(flag=flag) as bench:
            assert len(bench.station.orders.working()) == 2
            bench.halting.start()
            await bench.turn()
            assert bench.station.broker.canceled == [own.cl_ord_id]

    async def test_without_a_halt_nothing_is_recorded_or_said(self, bench_on):
        async with bench_on() as bench:
            bench.halting.start()
            await bench.turn()
            assert bench.recorded() == []
            assert bench.states() == []
            assert bench.station.gate.state is ACTIVE


class TestArming:
    async def halted(self, bench):
        bench.halting.start()
        bench.halting.halt("enough", "ada")
        bench.carry_out()
        await bench.turn()

    async def test_it_holds_when_it_is_on_record_and_not_before(self, bench_on):
        async with bench_on() as bench:
            await self.halted(bench)
            bench.halting.arm("ada")
            assert bench.station.gate.state is HALTED
            await until(lambda: bench.station.gate.state is ACTIVE)
            assert bench.recorded()[-1] == (ACTIVE, "armed by hand", "ada")
            assert bench.states() == [HALTED, HALTED, ACTIVE]
            order = await bench.station.order(limit=90)
            assert bench.station.sent() == [order.cl_ord_id]

    async def test_it_waits_for_the_switch_to_come_to_its_end(self, bench_on):
        async with bench_on() as bench:
            bench.halting.start()
            bench.halting.halt("enough", "ada")
            text = (
                "^the kill switch is still at work: not confirmed: the broker has not said what is "
                "open; trading stays HALTED$"
            )
            with pytest.raises(BadInput, match=text):
                bench.halting.arm("ada")
            bench.carry_out()
            await bench.turn()
            assert [state for state, _, _ in bench.recorded()] == [HALTED]

    async def test_a_halt_that_comes_while_it_is_on_its_way_holds(self, bench_on):
        async with bench_on() as bench:
            await self.halted(bench)
            bench.halting.arm("ada")
            bench.flag.set(HALT)
            await until(lambda: len(bench.states()) == 2)
            await bench.turn()
            assert bench.flag.halt is HALT
            assert bench.states() == [HALTED, HALTED]

    async def test_without_a_flag_it_is_a_matter_of_the_record_alone(self, bench_on):
        async with bench_on() as bench:
            bench.halting.start()
            bench.station.engine.set_state(HALTED, "loss", actor="station")
            bench.halting.arm("ada")
            await bench.turn()
            assert bench.station.gate.state is ACTIVE

    async def test_the_file_knows_of_the_halt_and_of_the_arming(self, bench_on, tmp_path):
        path = tmp_path / "halt.flag"
        with contextlib.closing(HaltFlag(path)) as flag:
            async with bench_on(flag=flag) as bench:
                await self.halted(bench)
                assert on_file(path) == bench.flag.halt
                bench.halting.arm("ada")
            assert on_file(path) is None

    async def test_a_file_that_keeps_the_halt_is_said(self, bench_on):
        flag = HaltFlag()
        async with bench_on(flag=flag) as bench:
            await self.halted(bench)
            flag.keep = full
            bench.halting.arm("ada")
            await until(bench.warnings)
            assert bench.station.gate.state is ACTIVE
            assert bench.warnings() == [
                "trading is armed; the next start is HALTED: [Errno 28] No space left on device"
            ]

    async def test_a_cancel_goes_out_while_trading_is_halted(self, bench_on):
        async with bench_on() as bench:
            await self.halted(bench)
            order = await bench.station.order(limit=90)
            assert order.is_ended
            bench.station.engine.cancel_all(**MAN)
            await bench.turn()
            assert bench.station.sent() == []


def on_file(path):
    """Return the halt that a next start finds."""
    with contextlib.closing(HaltFlag(path)) as flag:
        return flag.halt
