"""A clock that somebody sets: a clock in front of a clock."""

from __future__ import annotations

from typing import Final

from app.clock import Clock
from app.domain.times import SECOND_NS


class ClockLine:
    """Implements `app.clock.Clock` in front of another clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock: Final = clock
        self._offset_ns = 0

    def jump(self, seconds: float) -> None:
        """Set the wall clock so many seconds forward; less than 0: back. The other goes on."""
        self._offset_ns += round(seconds * SECOND_NS)

    def now_ns(self) -> int:
        """Return UTC nanoseconds of the clock behind, and what it was set by."""
        return self._clock.now_ns() + self._offset_ns

    def mono_ns(self) -> int:
        """Return the monotonic clock behind: nobody can set it."""
        return self._clock.mono_ns()
