"""Goal: the kill switch works when nothing else does, and what it stopped stays stopped.

Method: the real session on Qt's own loop, 50 orders at work on the built-in exchange. The loop's
thread is held, by waiting for the very thing that pulls the switch, until the broker has confirmed:
whatever needs the loop would hang the test. Disk and feed are taken away as well. Figures are
printed (`-s`), never judged: `python -m tests.bench kill` measures.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtWidgets import QApplication

from app.audit.lock import FileLock
from app.audit.verify import verify
from app.brokers.base import BrokerSpec
from app.brokers.builtin import BuiltinBroker
from app.control import Request, ask
from app.desk import Desk
from app.domain.decision import ARM_WORDS
from app.domain.enums import OrdStatus, OrdType, Side, TradingState, Venue
from app.domain.errors import BadInput, JournalFailed
from app.domain.events import Notice
from app.domain.terms import NewOrder
from app.oms.kill import KillView
from app.paths import Paths
from app.risk.halt import FILE_NAME, HaltFlag
from tests.e2e.session import Station, until

ROOT = Path(__file__).parents[2]
ORDERS = 50
HALTED, ACTIVE = TradingState.HALTED, TradingState.ACTIVE


@pytest.fixture
def station(qapp: QApplication, paths: Paths) -> Station:
    return Station(qapp, paths)


async def fill_the_book(desk: Desk) -> None:
    """Let 50 orders work, close to the market and far from it."""
    symbols = [instrument.symbol for instrument in desk.instruments]
    await until(lambda: all(desk.market.quote(symbol) for symbol in symbols))
    number = 0
    while len(desk.orders.working()) < ORDERS:
        number += 1
        symbol = symbols[number % len(symbols)]
        bid = desk.market.quote(symbol).bid
        if bid is not None:
            share = Decimal("0.9999") if number % 3 else Decimal("0.97")
            desk.submit(limit(symbol, (bid * share).quantize(Decimal("0.01"))))
        await asyncio.sleep(0)
        await asyncio.sleep(0.002)


def limit(symbol: Any, px: Decimal) -> NewOrder:
    return NewOrder(
        symbol=symbol,
        side=Side.BUY,
        order_qty=Decimal(10),
        ord_type=OrdType.LIMIT,
        limit_px=px,
    )


def verb(paths: Paths, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "kill", "--data-dir", str(paths.data_dir), *options],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def through_the_door(paths: Paths, desk: Desk) -> None:
    """Pull the switch over the socket, and wait for its end there."""
    answer = ask(paths.data_dir, Request(verb="kill", reason="door", actor="bob"))
    assert answer is not None
    while msgspec.json.decode(answer, type=KillView).is_under_way:
        threading.Event().wait(0.02)
        answer = ask(paths.data_dir, Request(verb="status"))
        assert answer is not None


def by_the_verb(paths: Paths, desk: Desk) -> None:
    done = verb(paths, "--reason", "verb")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "HALTED: nothing is sent any more (verb)",
        "the broker confirms that no order is open",
    ]


def by_another_thread(paths: Paths, desk: Desk) -> None:
    """Do what the button does, from a thread that has nothing to do with the loop."""
    desk.halt("thread")
    while desk.kill.is_under_way:
        threading.Event().wait(0.02)


def hold(paths: Paths, desk: Desk, pull: Callable[[Paths, Desk], None]) -> None:
    """Stand still, on the loop's thread, until the switch was pulled and has come to its end."""
    faults: list[BaseException] = []

    def work() -> None:
        try:
            pull(paths, desk)
        except BaseException as fault:
            faults.append(fault)
            raise

    thread = threading.Thread(target=work, name="puller")
    thread.start()
    thread.join(30)
    assert not thread.is_alive(), "the switch hangs on the loop"
    assert not faults


def executed(desk: Desk) -> Decimal:
    return sum((order.cum_qty for order in desk.orders.all()), Decimal(0))


@pytest.mark.parametrize("pull", [by_another_thread, through_the_door, by_the_verb])
def test_it_works_while_the_loop_stands_still(
    station: Station, pull: Callable[[Paths, Desk], None]
) -> None:
    """Trap T23: a kill switch that posts to a loop which has stalled has no effect."""

    async def story(desk: Desk) -> None:
        await fill_the_book(desk)
        await station.settle()
        working = desk.orders.working()
        assert len(working) >= ORDERS
        before = executed(desk)
        waiting = desk.submit(limit(working[0].symbol, Decimal(1)))  # The loop has not seen it.
        hold(station.paths, desk, pull)
        # The loop has not run since.
        view = desk.kill
        assert desk.trading_state is HALTED
        assert view.is_confirmed
        assert 0 < view.tripped_ns <= view.halted_ns <= view.first_cancel_ns < view.done_ns
        print(
            f"\nhalted after {(view.halted_ns - view.tripped_ns) / 1e6:.3f} ms, first cancel after "
            f"{(view.first_cancel_ns - view.tripped_ns) / 1e6:.3f} ms, confirmed after "
            f"{(view.done_ns - view.tripped_ns) / 1e6:.0f} ms"
        )
        assert {order.ord_status for order in desk.orders.working()} <= {
            OrdStatus.NEW,
            OrdStatus.PARTIALLY_FILLED,
        }
        await until(lambda: not desk.orders.working())
        await station.settle()
        ended = [desk.orders.get(order.cl_ord_id) for order in working]
        assert {order.ord_status for order in ended if order} == {OrdStatus.CANCELED}
        assert executed(desk) == before
        denied = desk.orders.get(waiting)
        assert denied is not None
        assert not denied.ts_sent_ns
        assert "trading is HALTED" in denied.text

    station.run(story)
    assert station.recorded()[-1] is HALTED
    assert verify(station.paths.journal).is_clean


def test_nothing_is_sent_until_it_is_armed_with_the_words(station: Station) -> None:
    async def story(desk: Desk) -> None:
        await fill_the_book(desk)
        desk.halt("kill switch")
        symbol = desk.instruments[0].symbol
        late = desk.submit(limit(symbol, Decimal(1)))
        with pytest.raises(BadInput, match="the kill switch is still at work"):
            desk.arm(ARM_WORDS)
        await until(lambda: desk.kill.done_ns)
        with pytest.raises(BadInput, match=r"^'arm' was typed, must be ARM; nothing changed$"):
            desk.arm("arm")
        await station.settle()
        assert desk.trading_state is HALTED
        assert not desk.orders.get(late).ts_sent_ns  # type: ignore[union-attr]
        desk.arm(ARM_WORDS)
        await until(lambda: desk.trading_state is ACTIVE)
        bid = desk.market.quote(symbol).bid
        again = desk.submit(limit(symbol, (bid * Decimal("0.98")).quantize(Decimal("0.01"))))
        await until(lambda: desk.orders.get(again) and desk.orders.get(again).ts_ack_ns)

    station.run(story)
    assert station.recorded()[-2:] == [HALTED, ACTIVE]


def test_a_restart_does_not_arm(station: Station) -> None:
    """Trap T24: a restart that arms by itself forgets why trading was stopped."""

    async def halt(desk: Desk) -> None:
        await until(lambda: desk.market.quote(desk.instruments[0].symbol))
        desk.halt("kill switch")
        await until(lambda: desk.kill.done_ns)

    async def look(desk: Desk) -> None:
        assert desk.trading_state is HALTED
        assert desk.trading_state_reason == "kill switch"
        assert desk.kill == KillView()

    async def arm(desk: Desk) -> None:
        desk.arm(ARM_WORDS)
        await until(lambda: desk.trading_state is ACTIVE)

    async def look_again(desk: Desk) -> None:
        assert desk.trading_state is ACTIVE

    for story in (halt, look, look, arm, look_again):
        station.run(story)


@contextlib.contextmanager
def disk_that_fills() -> Iterator[Callable[[], None]]:
    """Call it, and no file of this process grows any more; what is there can be overwritten.

    No fixture: pytest writes its line before a fixture ends, perhaps to a file that must not grow.
    """
    resource = pytest.importorskip("resource", reason="this system has no limit for files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, before[1]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_it_works_and_holds_when_the_disk_is_full(station: Station) -> None:
    async def story(desk: Desk) -> None:
        await fill_the_book(desk)
        await station.settle()
        fill_the_disk()
        hold(station.paths, desk, by_another_thread)
        assert desk.trading_state is HALTED
        assert desk.kill.is_confirmed
        assert desk.kill.file_error == ""
        await asyncio.Event().wait()  # The record cannot be written: that ends the session.

    with disk_that_fills() as fill_the_disk, pytest.raises(ExceptionGroup) as caught:
        station.run(story)
    assert caught.group_contains(JournalFailed)


def test_what_a_full_disk_kept_from_the_record_is_in_the_flag(
    qapp: QApplication, paths: Paths
) -> None:
    crash_with_a_full_disk(paths)
    station = Station(qapp, paths)
    assert HALTED not in station.recorded()

    async def look(desk: Desk) -> None:
        assert desk.trading_state is HALTED
        await until(lambda: not desk.orders.working())
        await station.settle()
        statuses = {order.ord_status for order in desk.orders.all() if not order.cum_qty}
        assert OrdStatus.CANCELED in statuses

    station.run(look)
    assert station.recorded()[-1] is HALTED
    assert verify(paths.journal).is_clean


def crash_with_a_full_disk(paths: Paths) -> None:
    """Trade in a process whose disk fills up; kill the switch there, then the process."""
    pytest.importorskip("resource", reason="this system has no limit for files")
    code = "import sys; from tests.e2e.test_kill_switch import trade_and_die; trade_and_die()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TRADEDECK_DATA_DIR": str(paths.data_dir)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (9, "halted\n", "")


def trade_and_die() -> None:
    """Run in a process of its own: the disk is full, the switch is pulled, the process ends."""
    import resource

    from app.paths import profile

    async def story(desk: Desk) -> None:
        await fill_the_book(desk)
        await station.settle()
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, resource.RLIM_INFINITY))
        hold(profile(None), desk, by_another_thread)
        assert desk.kill.is_confirmed
        print("halted", flush=True)
        os._exit(9)

    station = Station(QApplication([]), profile(None))
    station.run(story)


class Mortal:
    """A feed that falls silent."""

    def __init__(self, feed: Any) -> None:
        self._feed = feed
        self.name = feed.name
        self.exchange = feed.exchange
        self.instruments, self.history = feed.instruments, feed.history
        self.is_dead = False

    async def run(self, publish: Callable[[Any], None]) -> None:
        def pass_on(event: Any) -> None:
            if not self.is_dead:
                publish(event)

        await self._feed.run(pass_on)


def test_it_needs_no_feed(station: Station) -> None:
    plan = station.plan()
    feed = Mortal(plan.feed)

    async def story(desk: Desk) -> None:
        await fill_the_book(desk)
        feed.is_dead = True
        await station.settle()
        working = desk.orders.working()
        hold(station.paths, desk, by_another_thread)
        assert desk.kill.is_confirmed
        await until(lambda: not desk.orders.working())
        ended = [desk.orders.get(order.cl_ord_id) for order in working]
        assert {order.ord_status for order in ended if order} == {OrdStatus.CANCELED}

    station.run(story, msgspec.structs.replace(plan, feed=feed))


class Remote(BuiltinBroker):
    """A broker that cannot be reached beside the loop."""

    def emergency(self) -> None:  # type: ignore[override]
        return None


def test_what_nobody_confirms_is_said_with_exit_code_1(station: Station) -> None:
    spec = BrokerSpec(
        name="builtin",
        title="remote",
        venue=Venue.PAPER,
        make=lambda config, clock, hub, account, exchange: Remote(clock, hub, account),
    )

    async def story(desk: Desk) -> None:
        await fill_the_book(desk)
        done = verb(station.paths)
        assert done.returncode == 1
        assert done.stdout.splitlines() == [
            "HALTED: nothing is sent any more (killed from outside)",
            "not confirmed: the broker has not said what is open (this broker has no way to "
            "cancel beside the loop: the loop alone cancels)",
        ]
        await until(lambda: not desk.orders.working())  # Which it does.

    station.run(story, msgspec.structs.replace(station.plan(), broker=spec))


class TestNoStation:
    def test_its_next_start_is_halted(self, station: Station) -> None:
        done = verb(station.paths, "--reason", "asleep")
        folder = station.paths.data_dir
        assert (done.returncode, done.stderr) == (2, "")
        assert done.stdout == f"no station runs on {folder}; its next start is HALTED\n"

        async def look(desk: Desk) -> None:
            assert desk.trading_state is HALTED
            assert desk.trading_state_reason == "asleep"

        station.run(look)

    def test_words_of_any_length_and_kind_are_taken(self, station: Station) -> None:
        reason = "\udcff" + "long " * 9_000

        async def halt(desk: Desk) -> None:
            await until(lambda: desk.market.quote(desk.instruments[0].symbol))
            assert verb(station.paths, "--reason", reason).returncode == 0
            assert desk.trading_state_reason == ("?" + "long " * 80)[:400]

        station.run(halt)

    def test_one_that_does_not_answer_is_named(self, paths: Paths) -> None:
        paths.data_dir.mkdir(parents=True)
        with FileLock(paths.journal.with_suffix(".lock"), what="it"):
            done = verb(paths)
        assert done.returncode == 1
        assert done.stdout == (
            f"a station has {paths.data_dir} open and does not answer: its orders may be open. "
            "End its process; the next start is HALTED\n"
        )
        with contextlib.closing(HaltFlag(paths.data_dir / FILE_NAME)) as flag:
            assert flag.halt is not None

    def test_a_folder_that_cannot_be_used_is_one_sentence(self, paths: Paths) -> None:
        paths.data_dir.write_text("not a folder")
        done = verb(paths)
        assert done.returncode == 2
        assert done.stderr.count("\n") >= 1
        assert done.stdout == ""


def test_a_station_without_its_door_says_so_and_runs(station: Station) -> None:
    paths = station.paths
    (paths.data_dir / "control.sock" / "in the way").mkdir(parents=True)

    async def story(desk: Desk) -> None:
        await until(lambda: desk.market.quote(desk.instruments[0].symbol))
        assert ask(paths.data_dir, Request(verb="status")) is None

    said: list[str] = []
    plan = station.plan()
    make = plan.broker.make

    def make_and_listen(config: Any, clock: Any, hub: Any, account: Any, exchange: Any) -> Any:
        hub.subscribe(Notice, lambda notice: said.append(notice.text))
        return make(config, clock, hub, account, exchange)

    spec = msgspec.structs.replace(plan.broker, make=make_and_listen)
    station.run(story, msgspec.structs.replace(plan, broker=spec))
    assert said[0].startswith("no back door: 'tradedeck kill' will not reach this station: ")
    assert verify(paths.journal).is_clean
