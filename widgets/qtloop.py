"""asyncio on Qt's event loop: qasync with three timer faults put right, and one timer a turn.

qasync 0.28 (measured): a cancelled timer lives on as a Qt timer until it would have fired (20,000
time-outs of a minute left 20,001 timers and a loop three times slower); coarse timers fire up to
5 % early; a delay over 24.8 days overflows Qt's int. Here a cancel kills the Qt timer, timers are
precise and rounded up, and a long delay is waited for in parts. Callbacks of the next turn share
one Qt timer, as asyncio's own loop runs them in one go; qasync takes a timer for each. Turns follow
each other without going through Qt for a millisecond at most: an order goes through five of them,
and the way through Qt costs more than what most of them do.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from typing import Any, Final

import qasync
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimerEvent

WORKERS_MAX: Final = 4
"""Threads for blocking work that is given away with `asyncio.to_thread`."""
TURNS_S_MAX: Final = 0.001
"""Turns that come from each other begin in a row for so long; then Qt comes to input and paint."""
_PART_MS_MAX: Final = 2**31 - 1


class _Later(asyncio.TimerHandle):
    """A callback of a later time."""

    __slots__ = ("_drop", "qt_id")

    def arm(self, qt_id: int, drop: Callable[[_Later], None]) -> None:
        """Remember the Qt timer that will run this."""
        self.qt_id, self._drop = qt_id, drop

    def cancel(self) -> None:
        """Never run; the Qt timer goes at once."""
        if not self.cancelled():
            self._drop(self)
        # TimerHandle.cancel would tell the loop to count it for its own heap, which is not used.
        asyncio.Handle.cancel(self)


class _Timers(QObject):
    """Runs asyncio's handles from Qt's events. Stands in for qasync's own timer object."""

    def __init__(self, time_s: Callable[[], float]) -> None:
        super().__init__()
        self._time_s = time_s
        self._ready: deque[asyncio.Handle] = deque()
        """For the next turn, in order."""
        self._turn_id = 0
        """Qt timer of the next turn; 0 for none."""
        self._later: dict[int, _Later] = {}
        """Qt timer -> the handle it runs."""
        self._is_stopped = False

    def __len__(self) -> int:
        return len(self._later) + bool(self._turn_id)

    def set_debug(self, enabled: bool) -> None:
        """Accept qasync's call; there is nothing to switch."""

    def stop(self) -> None:
        """Run nothing any more."""
        self._is_stopped = True
        self._ready.clear()
        self._end_turns()
        for handle in list(self._later.values()):
            self.drop(handle)

    def soon(self, handle: asyncio.Handle) -> None:
        """Run a handle in the next turn."""
        self._ready.append(handle)
        # A timer and not a posted event: Qt serves those posted meanwhile before anything else,
        # and a callback that calls itself again would keep the window from input and paint.
        if not self._turn_id:
            self._turn_id = self.startTimer(0)

    def soon_from_thread(self, handle: asyncio.Handle) -> None:
        """Run a handle as soon as the loop's thread comes to it; from any thread."""
        self._ready.append(handle)
        QCoreApplication.postEvent(self, QEvent(QEvent.Type.User))

    def start(self, handle: _Later, delay_s: float) -> None:
        """Run a handle after a delay, never before."""
        delay_ms = min(math.ceil(delay_s * 1000), _PART_MS_MAX)
        qt_id = self.startTimer(delay_ms, Qt.TimerType.PreciseTimer)
        handle.arm(qt_id, self.drop)
        self._later[qt_id] = handle

    def drop(self, handle: _Later) -> None:
        """Forget a handle's timer; of one that has run there is nothing to forget."""
        # asyncio.sleep cancels its handle after it has run; by then Qt may have given the same
        # number to the timer of another, which would never fire.
        if self._later.get(handle.qt_id) is handle:
            del self._later[handle.qt_id]
            self.killTimer(handle.qt_id)

    def timerEvent(self, event: QTimerEvent) -> None:  # noqa: N802  Qt's name.
        """Run the turn, or the handle whose time has come; wait for the rest of a long delay."""
        qt_id = event.timerId()
        if qt_id == self._turn_id:
            self._run_turn()
            return
        handle = self._later.pop(qt_id, None)
        self.killTimer(qt_id)
        if handle is None or self._is_stopped:
            return
        rest_s = handle.when() - self._time_s()
        # Qt may be a millisecond early against our clock, and a long delay comes in parts.
        if rest_s > 0:
            self.start(handle, rest_s)
        else:
            handle._run()

    def customEvent(self, event: QEvent) -> None:  # noqa: N802  Qt's name.
        """Run what a thread has handed over, and what came before it."""
        self._run_turn()

    def _run_turn(self) -> None:
        """Run what is ready, then what that adds, until nothing is or the time is up."""
        if self._is_stopped:
            self._ready.clear()
        last_start_s = self._time_s() + TURNS_S_MAX
        while self._ready:
            for _ in range(len(self._ready)):
                if not self._ready:
                    break  # The loop was closed in this turn.
                handle = self._ready.popleft()
                if not handle.cancelled():
                    handle._run()
            if self._time_s() > last_start_s:
                break
        if not self._ready:
            self._end_turns()

    def _end_turns(self) -> None:
        if self._turn_id:
            self.killTimer(self._turn_id)
            self._turn_id = 0


class QtLoop(qasync.QEventLoop):  # type: ignore[misc]  # qasync has no types.
    """An asyncio loop that is Qt's loop."""

    def __init__(self, app: Any = None) -> None:  # noqa: ANN401  What qasync takes.
        super().__init__(app)
        self._timer = _Timers(self.time)
        # qasync would use QThreads, which Python's threading does not know as its own.
        self.set_default_executor(ThreadPoolExecutor(WORKERS_MAX, thread_name_prefix="work"))

    @property
    def timers_waiting(self) -> int:
        """Qt timers that are alive for asyncio."""
        return len(self._timer)

    def call_soon(
        self,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401  asyncio's signature.
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Run a callback in the next turn, after those that were given before.

        Raises:
            TypeError: in debug mode: the callback cannot be called, or is a coroutine function.
        """
        self._require_callable(callback)
        handle = asyncio.Handle(callback, args, self, context)
        self._timer.soon(handle)
        return handle

    def call_soon_threadsafe(
        self,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401  asyncio's signature.
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Run a callback on the loop's thread; may be called from any.

        Raises:
            RuntimeError: the loop is closed.
        """
        if self.is_closed():
            raise RuntimeError("the loop is closed")
        handle = asyncio.Handle(callback, args, self, context)
        self._timer.soon_from_thread(handle)
        return handle

    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401  asyncio's signature.
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Run a callback after `delay` seconds; with 0, in the next turn.

        Raises:
            TypeError: in debug mode: the callback cannot be called, or is a coroutine function.
        """
        self._require_callable(callback)
        if delay <= 0:
            return self.call_soon(callback, *args, context=context)
        handle = _Later(self.time() + delay, callback, args, self, context)
        self._timer.start(handle, delay)
        return handle

    def _require_callable(self, callback: object) -> None:
        """Refuse in debug mode, as asyncio does, what would fail in the turn that runs it."""
        if self.get_debug() and (asyncio.iscoroutinefunction(callback) or not callable(callback)):
            raise TypeError(f"callback was {callback!r}, must be a plain callable")
