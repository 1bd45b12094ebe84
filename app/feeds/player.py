"""How a replay is played: on or held, how fast, up to where. A person tells, the feed asks.

The danger: what is practised on hangs on how it was played. How this prevents it: a player only
decides when the next event may go out. What goes out, in which order and at which recorded time is
the same at every speed, in steps and on a jump, for a jump plays all that lies between. Time goes
forward only: a record cannot be unwritten, so an earlier moment is reached by a new run.
Paused, recorded time stands still for the whole station; the machine's own time (disk, kill switch)
goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from app.clock import Clock, LiveClock, SimClock
from app.domain.errors import BadInput
from app.domain.times import SECOND_NS, new_york

NEVER_NS: Final = 2**63 - 1
SPEEDS: Final = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 500.0, None)
"""Times real time, as offered to a person; None: as fast as the machine can."""
SLICE_S: Final = 0.02
"""Longest sleep of a paced replay: the clock on screen moves at least this often."""
NAP_S: Final = 0.001
"""Shortest sleep: events that come closer to each other go out together."""
LAG_NS_MAX: Final = 1_000_000_000
"""Real time a paced replay may be late before it counts anew from where it is."""
STEPS_MAX: Final = 1_000
"""Single steps that wait to be made; more clicks than that are one held key."""

RunTo = Callable[[int], Awaitable[None]]
"""Lets recorded time run up to a moment without an event."""


class Player:
    """The state of play; its methods are the only writers.

    Start and end are UTC nanoseconds of the recording. Every verb returns at once.
    """

    def __init__(  # noqa: PLR0913  How it begins, each with the one usual value.
        self,
        clock: SimClock,
        *,
        speed: float | None = None,
        is_playing: bool = True,
        goal_ns: int | None = None,
        end_ns: int | None = None,
        real: Clock | None = None,
    ) -> None:
        """Begin where the clock stands.

        Args:
            clock: recorded time.
            speed: times real time; None for as fast as possible.
            is_playing: whether it runs on from there, or from the goal.
            goal_ns: a moment that is gone to first, as fast as possible.
            end_ns: of the last event; None: not known.
            real: the machine's time.
        """
        assert speed is None or speed > 0, speed
        self.clock: Final = clock
        """Recorded time; the feed moves it, nobody else."""
        self._real: Final[Clock] = real or LiveClock()
        self._speed = speed
        self._is_playing = is_playing
        self._goal_ns = goal_ns
        self._steps = 0
        self._base: tuple[int, int] | None = None
        """Recorded and real time from which the pace is counted; None: from now on."""
        self._wake: Final = asyncio.Event()
        self._has_ended = False
        self.start_ns: Final = clock.now_ns()
        self._end_ns = end_ns

    # What is

    @property
    def now_ns(self) -> int:
        """Recorded time."""
        return self.clock.now_ns()

    @property
    def end_ns(self) -> int | None:
        """When the last event is; None while it is not known."""
        return self._end_ns

    @property
    def is_playing(self) -> bool:
        """Whether time runs, or will once a jump has arrived."""
        return self._is_playing and not self._has_ended

    @property
    def is_seeking(self) -> bool:
        """Whether it is on its way to a moment, as fast as possible."""
        return self._goal_ns is not None and not self._has_ended

    @property
    def goal_ns(self) -> int | None:
        """The moment that it is on its way to."""
        return self._goal_ns

    @property
    def has_ended(self) -> bool:
        """Whether every event was played."""
        return self._has_ended

    @property
    def speed(self) -> float | None:
        """Times real time; None for as fast as possible."""
        return self._speed

    # What a person wants

    def play(self) -> None:
        """Let time run."""
        self._is_playing = True
        self._steps = 0
        self._turn()

    def pause(self) -> None:
        """Let time stand still; a jump that is under way ends where it is."""
        self._is_playing = False
        self._goal_ns = None
        self._steps = 0
        self._turn()

    def toggle(self) -> None:
        """Play, or pause what plays or is on its way."""
        if self.is_playing or self.is_seeking:
            self.pause()
        else:
            self.play()

    def set_speed(self, speed: float | None) -> None:
        """Play at so many times real time from here on; None for as fast as possible.

        Raises:
            BadInput: it is not above 0.
        """
        if speed is not None and not (0 < speed < float("inf")):
            raise BadInput(f"speed was {speed:g}, must be above 0; nothing changed")
        self._speed = speed
        self._turn()

    def step(self) -> None:
        """Pause, and let one more event out."""
        self._is_playing = False
        self._goal_ns = None
        self._steps = min(self._steps + 1, STEPS_MAX)
        self._turn()

    def step_by(self, span_s: float) -> None:
        """Pause, and let so many seconds of recorded time pass at once, to the end at most."""
        from_ns = self.clock.now_ns() if self._goal_ns is None else self._goal_ns
        goal_ns = from_ns + round(span_s * SECOND_NS)
        self._is_playing = False
        self._steps = 0
        self._goal_ns = goal_ns if self._end_ns is None else min(goal_ns, self._end_ns)
        self._turn()

    def seek(self, ts_ns: int) -> None:
        """Go to a later moment through everything between; then go on as before, or stand.

        Raises:
            BadInput: it lies outside the recording, or in what was played already.
        """
        self.require_inside(ts_ns)
        if ts_ns < self.clock.now_ns():
            raise BadInput(f"{_words(ts_ns)} has been played; it needs a new run")
        self._goal_ns = ts_ns
        self._steps = 0
        self._turn()

    def require_inside(self, ts_ns: int) -> None:
        """Refuse a moment outside the recording.

        Raises:
            BadInput: it is one.
        """
        if ts_ns < self.start_ns:
            raise BadInput(
                f"{_words(ts_ns)} lies before the recording, which begins at "
                f"{_words(self.start_ns)}; nothing changed"
            )
        if self._end_ns is not None and ts_ns > self._end_ns:
            raise BadInput(
                f"{_words(ts_ns)} lies after the recording, which ends at "
                f"{_words(self._end_ns)}; nothing changed"
            )

    def know_end(self, ts_ns: int | None) -> None:
        """Take when the last event is, once somebody has found it; what is known stays."""
        if self._end_ns is None:
            self._end_ns = ts_ns

    def _turn(self) -> None:
        """Count the pace anew from here, and look at what is wanted now."""
        self._base = None
        self._wake.set()

    # What the feed asks

    def free_ns(self) -> int:
        """Return up to where events need not ask; below every event's time if all must."""
        if self._goal_ns is not None:
            return self._goal_ns
        return NEVER_NS if self._is_playing and self._speed is None and not self._steps else -1

    async def reach(self, ts_ns: int, run_to: RunTo) -> int:
        """Return when an event may go out: up to where those after it may as well.

        Args:
            ts_ns: of the event.
            run_to: called to let recorded time come nearer to it.
        """
        while True:
            if self._goal_ns is not None:
                if ts_ns <= self._goal_ns:
                    return self._goal_ns
                goal_ns = self._goal_ns
                await run_to(goal_ns)
                if self._goal_ns == goal_ns:  # Nobody wanted another meanwhile.
                    self._arrive()
            elif self._steps:
                self._steps -= 1
                return ts_ns - 1  # This one alone, though the next has the same time.
            elif not self._is_playing:
                self._wake.clear()
                await self._wake.wait()
            elif self._speed is None:
                return NEVER_NS
            else:
                free_ns = await self._come_nearer(ts_ns, self._speed, run_to)
                if free_ns >= ts_ns:
                    return free_ns

    async def _come_nearer(self, ts_ns: int, speed: float, run_to: RunTo) -> int:
        """Let time run for a slice at most; return how far it may have come."""
        if self._base is None:
            self._base = self.clock.now_ns(), self._real.mono_ns()
        base_ns, base_real_ns = self._base
        now_ns = base_ns + int((self._real.mono_ns() - base_real_ns) * speed)
        ahead_ns = ts_ns - now_ns
        if ahead_ns > 0:
            await run_to(now_ns)
            await asyncio.sleep(min(SLICE_S, max(NAP_S, ahead_ns / speed / 1e9)))
            return -1
        if -ahead_ns > LAG_NS_MAX * speed:
            self._base = ts_ns, self._real.mono_ns()
            return ts_ns
        return now_ns

    def end(self) -> None:
        """Note that every event was played."""
        self._has_ended = True
        self._goal_ns = None
        self._steps = 0
        self._end_ns = self.clock.now_ns()

    def _arrive(self) -> None:
        self._goal_ns = None
        self._base = None


def _words(ts_ns: int) -> str:
    return f"{new_york(ts_ns):%Y-%m-%d %H:%M:%S}"
