"""Goal: asyncio's timers on Qt's loop are exact, die when cancelled, and cost no reference."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator

import pytest
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


def test_what_cannot_be_called_is_refused(loop: QtLoop) -> None:
    async def coroutine() -> None: ...

    for wrong in (coroutine, 5):
        with pytest.raises(TypeError, match="must be a plain callable"):
            loop.call_later(0.1, wrong)  # type: ignore[arg-type]


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
