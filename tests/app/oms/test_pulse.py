"""Show that a loop that is late and a disk that is full are known to the gate.

Method: virtual time; answers about the disk by the test.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.oms.health import Health
from app.oms.pulse import (
    BEAT_S,
    JUMP_NS,
    ROOM_EVERY_S,
    ROOM_MIN,
    watch_clock,
    watch_loop,
    watch_room,
)
from tests.order_path import run
from tests.sim.loop import LoopClock

FOLDER = Path("folder")


def test_loop_that_is_on_time_has_no_lag_and_a_late_one_has_its_lateness():
    health = Health(loop_lag_ns=99)

    async def whole():
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop, 0)
        task = loop.create_task(watch_loop(health, clock))
        await asyncio.sleep(1.5 * BEAT_S)
        assert health.loop_lag_ns == 0
        late = clock.mono_ns
        clock.mono_ns = lambda: late() + 700_000_000
        await asyncio.sleep(BEAT_S)
        assert health.loop_lag_ns == pytest.approx(700_000_000, abs=1_000)
        await asyncio.sleep(BEAT_S)
        assert health.loop_lag_ns == pytest.approx(0, abs=1_000)
        task.cancel()
        await asyncio.wait([task])

    run(whole)


@pytest.mark.parametrize(
    ("jump_ns", "words"),
    [
        (3600 * 10**9, "this machine's clock was set forward by 3,600.0 s, or it slept"),
        (-7_200_500_000_000, "this machine's clock was set back by 7,200.5 s"),
        (JUMP_NS + 1, "this machine's clock was set forward by 0.3 s, or it slept"),
        (JUMP_NS, None),
        (-JUMP_NS, None),
    ],
)
def test_a_clock_that_is_set_is_said_once(jump_ns, words):
    said = []

    async def whole():
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop, 0)
        task = loop.create_task(watch_clock(clock, said.append))
        await asyncio.sleep(1.5 * BEAT_S)
        clock.offset_ns += jump_ns
        await asyncio.sleep(3 * BEAT_S)
        task.cancel()
        await asyncio.wait([task])

    run(whole)
    assert said == ([] if words is None else [words])


def test_a_clock_that_drifts_is_not_said_to_be_set():
    said = []

    async def whole():
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop, 0)
        task = loop.create_task(watch_clock(clock, said.append))
        for _ in range(8):
            await asyncio.sleep(BEAT_S)
            clock.offset_ns += JUMP_NS // 2
        task.cancel()
        await asyncio.wait([task])

    run(whole)
    assert said == []


@pytest.mark.parametrize("at_look", [0, 1])
def test_a_pause_while_the_clocks_are_read_is_no_jump(at_look):
    said, looks = [], []

    async def whole():
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop, 0)
        wall_ns = clock.now_ns

        def now_ns():
            looks.append(loop.time())
            if len(looks) == at_look + 1:  # The machine sleeps between the two clocks.
                loop._now_s += 1.0
            return wall_ns()

        clock.now_ns = now_ns
        task = loop.create_task(watch_clock(clock, said.append))
        await asyncio.sleep(2 + 4 * BEAT_S)
        task.cancel()
        await asyncio.wait([task])

    run(whole)
    assert len(looks) > 2
    assert said == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("room", "words"),
    [
        (ROOM_MIN, ""),
        (ROOM_MIN - 1, "the disk of the audit log has 255 MB left, at least 256 are needed"),
        (0, "the disk of the audit log has 0 MB left, at least 256 are needed"),
    ],
)
async def test_disk_without_room_is_a_fault(room, words, monkeypatch):
    health, asked = Health(), []

    def free(folder):
        asked.append(folder)
        return room

    monkeypatch.setattr("app.oms.pulse.ROOM_EVERY_S", 3600)
    task = asyncio.get_running_loop().create_task(watch_room(health, FOLDER, free))
    while not asked:
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    assert (health.station, asked) == (words, [FOLDER])


@pytest.mark.asyncio
async def test_disk_that_comes_back_is_none_and_one_that_cannot_be_asked_is(monkeypatch):
    health, answers = Health(), [OSError("gone"), ROOM_MIN]
    said = []

    def free(folder):
        said.append(health.station)
        answer = answers.pop(0) if answers else ROOM_MIN
        if isinstance(answer, OSError):
            raise answer
        return answer

    monkeypatch.setattr("app.oms.pulse.ROOM_EVERY_S", 0.001)
    task = asyncio.get_running_loop().create_task(watch_room(health, FOLDER, free))
    while len(said) < 3:
        await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.wait([task])
    assert said[:3] == ["", "the disk of the audit log cannot be asked for its room: gone", ""]


@pytest.mark.asyncio
async def test_real_disk_is_asked(tmp_path):
    health = Health(station="not asked yet")
    task = asyncio.get_running_loop().create_task(watch_room(health, tmp_path))
    while health.station == "not asked yet":
        await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.wait([task])
    assert health.station == "" or "MB left" in health.station


def test_bounds_are_those_of_the_handbook():
    assert (ROOM_MIN, ROOM_EVERY_S) == (268_435_456, 15.0)
