"""Show that simulated time moves only when it is moved, and that real time is read in one unit.

Method: the simulated clock by hand; the live clock between two readings of the system's.
"""

import time

from hypothesis import given
from hypothesis import strategies as st

from app.clock import LiveClock, SimClock


def test_simulated_time_stands_still():
    clock = SimClock(5)
    assert [clock.now_ns(), clock.mono_ns(), clock.now_ns()] == [5, 5, 5]


@given(st.lists(st.integers(-(2**62), 2**62)))
def test_simulated_time_never_goes_back(moves):
    clock = SimClock()
    for ts_ns in moves:
        before_ns = clock.now_ns()
        clock.advance_to(ts_ns)
        assert clock.now_ns() == clock.mono_ns() == max(before_ns, ts_ns)


def test_live_clock_gives_utc_nanoseconds_of_the_system():
    before_ns = time.time_ns()  # noqa: TID251  Compared with.
    now_ns = LiveClock().now_ns()
    assert before_ns <= now_ns <= time.time_ns()  # noqa: TID251


def test_live_differences_never_go_back():
    clock = LiveClock()
    readings = [clock.mono_ns() for _ in range(100)]
    assert readings == sorted(readings)
