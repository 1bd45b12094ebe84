"""The station's own state, watched: how late its loop runs, its clock, and its record's room.

The danger: the loop stands still for a second and nobody knows; what is decided in that moment is
decided on prices of before. Or the disk fills up in the middle of a trading day.
How this prevents it: all are looked at several times a second or now and then, and the gate lets
nothing be opened while they are bad. A clock that somebody sets is said and put on record: times
before and after do not compare.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.audit.disk import Disk
from app.clock import Clock
from app.oms.health import Health

BEAT_S: Final = 0.25
JUMP_NS: Final = 250_000_000
"""Of the wall clock against the monotonic one between two beats: more was set by somebody."""
ROOM_EVERY_S: Final = 15.0
ROOM_MIN: Final = 256 * 2**20
"""Bytes on the disk of the record; with less nothing new is sent."""


async def watch_loop(health: Health, clock: Clock) -> None:
    """Keep how late the loop last was, for ever."""
    while True:
        due_ns = clock.mono_ns() + int(BEAT_S * 1e9)
        await asyncio.sleep(BEAT_S)
        health.loop_lag_ns = max(0, clock.mono_ns() - due_ns)


async def watch_clock(clock: Clock, say: Callable[[str], None]) -> None:
    """Say each jump of the wall clock against the monotonic one, for ever.

    Args:
        clock: of the session.
        say: called with a sentence for each jump of more than `JUMP_NS`; a slower drift is none.
    """
    apart_ns = _apart_ns(clock)
    while True:
        await asyncio.sleep(BEAT_S)
        now_apart_ns = _apart_ns(clock)
        if apart_ns is not None and now_apart_ns is not None:
            jump_ns = now_apart_ns - apart_ns
            if not (abs(jump_ns) <= JUMP_NS):
                # Where the monotonic clock stands still in sleep, waking looks like a jump forward.
                way, slept = ("forward", ", or it slept") if jump_ns > 0 else ("back", "")
                say(f"this machine's clock was set {way} by {abs(jump_ns) / 1e9:,.1f} s{slept}")
        if now_apart_ns is not None:
            apart_ns = now_apart_ns


def _apart_ns(clock: Clock) -> int | None:
    """Return by how much the two clocks differ; None: the machine paused while they were read."""
    before_ns = clock.mono_ns()
    now_ns = clock.now_ns()
    took_ns = clock.mono_ns() - before_ns
    return None if took_ns > JUMP_NS // 2 else now_ns - before_ns


async def watch_room(
    health: Health, folder: Path, free: Callable[[Path], int] | None = None
) -> None:
    """Keep whether the record has room to grow, for ever.

    Args:
        health: where it is kept.
        folder: of the record.
        free: returns the bytes that are free; None: the system's answer.
    """
    ask = free or Disk().free
    while True:
        try:
            room = await asyncio.to_thread(ask, folder)
        except OSError as error:
            health.station = f"the disk of the audit log cannot be asked for its room: {error}"
        else:
            health.station = ""
            if not (room >= ROOM_MIN):
                health.station = (
                    f"the disk of the audit log has {room // 2**20} MB left, "
                    f"at least {ROOM_MIN // 2**20} are needed"
                )
        await asyncio.sleep(ROOM_EVERY_S)
