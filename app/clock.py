"""Time: the only reader of the wall clock.

Every part takes a `Clock`, so that a replay and a test decide what time it is.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Final, Protocol


class Clock(Protocol):
    """Where the time comes from."""

    def now_ns(self) -> int:
        """Return UTC nanoseconds since 1970-01-01; may jump when the system clock is set."""
        ...

    def mono_ns(self) -> int:
        """Return nanoseconds that never go back; only differences mean anything."""
        ...


def _find_mono() -> Callable[[], int]:
    # Linux's own monotonic clock stands still in suspend: a connection would seem unbroken, and a
    # lock that ends tomorrow would hold a night too long.
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    if boot_time is None:
        return time.perf_counter_ns
    return functools.partial(time.clock_gettime_ns, boot_time)


_mono_ns: Final = _find_mono()


class LiveClock:
    """The machine's clocks."""

    def now_ns(self) -> int:
        """Return UTC nanoseconds of the system clock."""
        return time.time_ns()  # noqa: TID251  This is the one place.

    def mono_ns(self) -> int:
        """Return the system's monotonic clock, which goes on while the machine sleeps."""
        return _mono_ns()


class SimClock:
    """A clock that stands still until it is moved: replays and tests."""

    def __init__(self, start_ns: int = 0) -> None:
        self._now_ns = start_ns

    def now_ns(self) -> int:
        """Return the time it was last moved to."""
        return self._now_ns

    def mono_ns(self) -> int:
        """Return the same time: simulated time never jumps back."""
        return self._now_ns

    def advance_to(self, ts_ns: int) -> None:
        """Move forward to a time; an earlier one leaves the clock where it is."""
        if ts_ns > self._now_ns:
            self._now_ns = ts_ns
