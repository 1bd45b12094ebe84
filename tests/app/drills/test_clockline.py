"""Goal: only the wall clock can be set."""

from __future__ import annotations

from app.clock import SimClock
from app.drills.clockline import ClockLine


def test_until_it_is_set_it_is_the_clock_behind():
    behind = SimClock(7)
    clock = ClockLine(behind)
    assert (clock.now_ns(), clock.mono_ns()) == (7, 7)


def test_jumps_add_up_and_the_monotonic_clock_goes_on():
    behind = SimClock(10**12)
    clock = ClockLine(behind)
    clock.jump(3600)
    clock.jump(-3599.5)
    behind.advance_to(10**12 + 1)
    assert clock.now_ns() == 10**12 + 500_000_001
    assert clock.mono_ns() == 10**12 + 1
