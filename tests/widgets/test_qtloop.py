"""Goal: asyncio's timers on Qt's loop are exact, die when cancelled, and cost no reference."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from widgets import qtloop
from widgets.qtloop import QtLoop


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[QtLoop]:
    with QtLoop(qapp) as made:
        yield made


def test_cancelled_timers_leave_no_qt_timer(loop: QtLoop) -> None:
    async def run() -> int:
        before = loop.timers_waiting
        for _ in range(2_000):
            loop.call_later(60, print).cancel()
            async with asyncio.timeout(60):
                await asyncio.sleep(0)
        return loop.timers_waiting - before

    assert loop.run_until_complete(run()) == 0


def test_sleep_never_ends_early(loop: QtLoop) -> None:
    async def run() -> list[float]:
        early = []
        for ms in (1, 2, 5, 10, 20, 33, 50):
            started = time.perf_counter()
            await asyncio.sleep(ms / 1000)
            early.append(time.perf_counter() - started - ms / 1000)
        return early

    # The loop's clock and perf_counter agree to well under a tenth of a millisecond.
    assert min(loop.run_until_complete(run())) > -1e-4


def test_delay_beyond_qt_range_waits_in_parts(
    loop: QtLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qtloop, "_PART_MS_MAX", 4)

    async def run() -> float:
        started = time.perf_counter()
        await asyncio.sleep(0.03)
        return time.perf_counter() - started

    assert loop.run_until_complete(run()) >= 0.0299


def test_delay_of_30_days_is_accepted_and_does_not_fire(loop: QtLoop) -> None:
    async def run() -> bool:
        fired = []
        handle = loop.call_later(30 * 86_400, fired.append, 1)
        await asyncio.sleep(0.01)
        handle.cancel()
        return bool(fired)

    assert loop.run_until_complete(run()) is False
    assert loop.timers_waiting == 0


def test_callbacks_of_one_turn_keep_their_order(loop: QtLoop) -> None:
    async def run() -> list[int]:
        seen: list[int] = []
        for number in range(50):
            loop.call_soon(seen.append, number)
        await asyncio.sleep(0.02)
        return seen

    assert loop.run_until_complete(run()) == list(range(50))


def test_callback_of_this_turn_that_is_cancelled_in_it_does_not_run(loop: QtLoop) -> None:
    async def run() -> list[int]:
        seen: list[int] = []
        loop.call_soon(lambda: last.cancel())
        last = loop.call_soon(seen.append, 1)
        await asyncio.sleep(0.01)
        return seen

    assert loop.run_until_complete(run()) == []


def test_callback_that_comes_again_each_turn_keeps_nothing_else_waiting(loop: QtLoop) -> None:
    async def run() -> list[str]:
        seen: list[str] = []
        going_on = True

        def again() -> None:
            if going_on:
                loop.call_soon(again)

        again()
        loop.call_later(0.005, seen.append, "timer")
        QTimer.singleShot(0, lambda: seen.append("Qt"))
        await asyncio.sleep(0.05)
        going_on = False
        await asyncio.sleep(0)
        return seen

    assert loop.run_until_complete(run()) == ["Qt", "timer"]
    assert loop.timers_waiting == 0


def test_threads_wake_a_loop_that_sleeps_each_in_its_order(loop: QtLoop) -> None:
    async def run() -> list[tuple[int, int]]:
        seen: list[tuple[int, int]] = []
        done = asyncio.Event()

        def take(item: tuple[int, int]) -> None:
            seen.append(item)
            if len(seen) == 2_000:
                done.set()

        def give(name: int) -> None:
            for number in range(1_000):
                loop.call_soon_threadsafe(take, (name, number))

        threads = [threading.Thread(target=give, args=(name,)) for name in (1, 2)]
        for thread in threads:
            thread.start()
        async with asyncio.timeout(5):
            await done.wait()
        for thread in threads:
            thread.join()
        return seen

    seen = loop.run_until_complete(run())
    for name in (1, 2):
        assert [n for who, n in seen if who == name] == list(range(1_000))


def test_closed_loop_refuses_a_thread_and_runs_nothing_that_was_left(qapp: QApplication) -> None:
    seen: list[int] = []
    with QtLoop(qapp) as closing:
        closing.call_soon(seen.append, 1)
    with pytest.raises(RuntimeError, match="the loop is closed"):
        closing.call_soon_threadsafe(seen.append, 2)
    with QtLoop(qapp) as after:
        after.run_until_complete(asyncio.sleep(0.005))
    assert seen == []


def test_what_cannot_be_called_is_refused_where_faults_are_looked_for(loop: QtLoop) -> None:
    async def coroutine() -> None: ...

    loop.set_debug(True)
    for wrong in (coroutine, 5):
        with pytest.raises(TypeError, match="must be a plain callable"):
            loop.call_later(0.1, wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="must be a plain callable"):
            loop.call_soon(wrong)  # type: ignore[arg-type]


def test_soak_of_100_000_timers_loses_no_reference_to_none(loop: QtLoop) -> None:
    async def run() -> None:
        pending = 100_000
        done = asyncio.Event()

        def tick() -> None:
            nonlocal pending
            pending -= 1
            if pending:
                loop.call_soon(tick)
            else:
                done.set()

        tick()
        await done.wait()

    before = sys.getrefcount(None)
    loop.run_until_complete(run())
    assert abs(sys.getrefcount(None) - before) < 1_000
    assert loop.timers_waiting <= 1


def test_cancelling_what_has_run_leaves_the_timers_of_others(loop: QtLoop) -> None:
    """`asyncio.sleep` does so each time; Qt gives the number of a timer that is gone again."""

    async def run() -> tuple[int, bool]:
        has_run = asyncio.Event()
        first = loop.call_later(0.001, has_run.set)
        await has_run.wait()
        await asyncio.sleep(0.001)  # The turn's own timer has taken the number's place; it ends.
        other = first
        for _ in range(10_000):
            # Qt gives the place freed last, with a generation that comes round after 128: as
            # many at once as come to every generation of each place.
            batch = [loop.call_later(60, print) for _ in range(7)]
            for handle in batch:
                if handle.qt_id == first.qt_id:
                    other = handle
                else:
                    handle.cancel()
            if other is not first:
                break
        before = loop.timers_waiting
        first.cancel()
        left, is_same = loop.timers_waiting - before, other.qt_id == first.qt_id
        other.cancel()
        return left, is_same and other is not first

    assert loop.run_until_complete(run()) == (0, True)
