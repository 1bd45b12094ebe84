"""An event loop on virtual time: waiting costs nothing, and the seed decides everything.

Built on `asyncio.BaseEventLoop`; only how the next callback is found is ours. The standard loop
runs all that is ready and then looks at its timers and sockets; this one takes a single callback a
step, and when none is ready its time jumps to the next timer. So a power cut is possible, and an
invariant can be checked, between any two callbacks.
Order: callbacks run in the order of `call_soon`, as asyncio promises. A `chaotic` loop draws which
of the ready tasks goes on: what hangs on an order that nobody promised shows itself.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import random
import threading
import weakref
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any, Final, NoReturn, TypeVar

T = TypeVar("T")

STEPS_MAX: Final = 1_000_000


class Deadlock(Exception):
    """Nothing is ready, no timer is set, and the program has not ended."""


class Runaway(Exception):
    """The program took more steps than it was allowed."""


class PowerLost(Exception):
    """The power was cut between two callbacks; nothing of the program sees this."""


class SimLoop(asyncio.BaseEventLoop):
    """Run tasks on virtual time, one callback a step."""

    def __init__(
        self,
        seed: int = 0,
        *,
        start_s: float = 0.0,
        chaotic: bool = False,
        steps_max: int = STEPS_MAX,
    ) -> None:
        super().__init__()
        self.rng: Final = random.Random(seed)
        """For everything in this world that is left to chance."""
        self.steps = 0
        """Callbacks taken so far."""
        self.after_step: Callable[[], None] | None = None
        """Called after each callback; what it raises ends the run."""
        self._now_s = start_s
        self._chaotic = chaotic
        self._steps_max = steps_max
        self._cut_at_step = math.inf
        self._home = threading.get_ident()
        self._births = itertools.count()
        self._tasks: weakref.WeakValueDictionary[int, asyncio.Task[Any]] = (
            weakref.WeakValueDictionary()
        )
        """By order of birth; a set would have another order in each run."""

    def time(self) -> float:
        """Return seconds of virtual time."""
        return self._now_s

    def pending(self) -> list[asyncio.Task[Any]]:
        """Return the tasks that have not ended, oldest first."""
        return [task for task in self._tasks.values() if not task.done()]

    # Power

    @property
    def has_power(self) -> bool:
        """Whether another callback may run."""
        return self.steps < self._cut_at_step

    def lose_power(self, at_step: int | None = None) -> None:
        """Let no callback run after so many steps; without a number, none after this one."""
        self._cut_at_step = self.steps if at_step is None else at_step

    # What asyncio asks of a loop

    def create_task(self, coro: Coroutine[Any, Any, T], **options: Any) -> asyncio.Task[T]:
        """Start a task, and remember when it was born."""
        task = super().create_task(coro, **options)
        self._tasks[next(self._births)] = task
        return task

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, **options: Any
    ) -> asyncio.Handle:
        """Schedule a callback, from the loop's own thread: no other one is deterministic."""
        if threading.get_ident() != self._home:
            raise RuntimeError("a simulated loop was called from another thread; not scheduled")
        return self.call_soon(callback, *args, **options)

    def run_in_executor(self, executor: object, func: Any, *args: Any) -> NoReturn:
        """Refuse: a thread has a time of its own."""
        name = getattr(func, "__qualname__", repr(func))
        raise RuntimeError(f"a simulated loop has no threads; {name} not run")

    def _asyncgen_finalizer_hook(self, agen: AsyncGenerator[Any, Any]) -> None:
        # A task at once: as a callback that never runs it would be a coroutine nobody awaited.
        self._asyncgens.discard(agen)
        if not self.is_closed():
            self.create_task(agen.aclose(), name=f"close {agen.__qualname__}")

    def _run_once(self) -> None:
        if not self.has_power:
            raise PowerLost(f"the power was cut after {self.steps} steps, at {self._now_s:g} s")
        if self.steps >= self._steps_max:
            raise Runaway(self._where(f"the program did not end in {self._steps_max} steps"))
        self._fetch_due()
        handle = self._take()
        self.steps += 1
        if not handle.cancelled():
            handle._run()
        if self.after_step is not None:
            self.after_step()

    def _fetch_due(self) -> None:
        """Move due timers to what is ready; jump to the next one if nothing is."""
        timers: list[asyncio.TimerHandle] = self._scheduled
        while timers and timers[0].cancelled():
            heapq.heappop(timers)
        if not self._ready:
            if not (timers and timers[0].when() < math.inf):
                raise Deadlock(self._where("nothing is ready and no timer is set"))
            self._now_s = max(self._now_s, timers[0].when())
        while timers and timers[0].when() <= self._now_s:
            self._ready.append(heapq.heappop(timers))

    def _take(self) -> asyncio.Handle:
        """Take the callback that is next, or in chaos one of those that could be."""
        if not self._chaotic:
            return self._ready.popleft()
        # Tasks may overtake. Other callbacks keep their order: they are how facts travel.
        is_task = [_belongs_to_task(handle) for handle in self._ready]
        free = [index for index, is_free in enumerate(is_task) if is_free]
        if False in is_task:
            free.append(is_task.index(False))
        index = self.rng.choice(free)
        handle = self._ready[index]
        del self._ready[index]
        return handle

    def _where(self, what: str) -> str:
        names = ", ".join(repr(task.get_name()) for task in self.pending()) or "none"
        return f"{what}, at {self._now_s:g} s after {self.steps} steps; pending tasks: {names}"


def _belongs_to_task(handle: asyncio.Handle) -> bool:
    return isinstance(getattr(handle._callback, "__self__", None), asyncio.Task)


class LoopClock:
    """`app.clock.Clock` on virtual time; its wall clock can be set, as that of a machine."""

    def __init__(self, loop: SimLoop, start_ns: int) -> None:
        self._loop = loop
        self._start_ns = start_ns
        """Wall clock at virtual time zero."""
        self.offset_ns = 0
        """How far the wall clock was set since; negative is back."""

    def now_ns(self) -> int:
        """Return UTC nanoseconds; jumps with `offset_ns`."""
        return self._start_ns + self.mono_ns() + self.offset_ns

    def mono_ns(self) -> int:
        """Return nanoseconds of virtual time."""
        return round(self._loop.time() * 1e9)
