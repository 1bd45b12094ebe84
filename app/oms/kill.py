"""The kill switch: halts and cancels from a thread of its own, whatever the loop is doing.

The danger: the switch is pulled because something is wrong, and what is wrong holds the switch up:
the window hangs, the disk is full, the line is gone.
How this prevents it:
    any thread       `trip`: the flag that the gate reads is set, in microseconds
    "kill" thread    at once: cancel all at the broker on a connection of its own, ask what is still
                     open, and again, until two answers in a row say none, or for 30 s
    "halt flag"      beside it, on another: the flag's file, so that a slow disk holds no cancel up
    the loop         when it comes by: puts the halt on record, cancels what the books say works
                     (`oms.halting`)
Two answers, because an order that had just passed the gate may reach the broker after the first.
Not guaranteed: that what the broker does not confirm is canceled. It is named in the view. Nothing
is flattened: that is another action.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from app.brokers.base import EmergencyClient
from app.clock import Clock
from app.domain.ids import ClOrdID
from app.risk.halt import Halt, HaltFlag, new_halt

PACE_S: Final = (0.25, 0.5, 1.0, 2.0)
"""Waits between rounds, the last one again and again: some 20 rounds of two requests in 30 s."""
DEADLINE_S: Final = 30.0
ANSWERS_NEEDED: Final = 2
TURN_S: Final = 0.0005
"""How long a thread that computes keeps the interpreter from others (usually 5 ms).

A trip over the door takes four turns of it. Measured with a loop that computes without end: HALTED
after 16 ms at the most with 5 ms, 6.5 ms with 1 ms, 1.2 ms with 0.2 ms.
"""
END_WAIT_S: Final = 5.0
"""How long the end waits for a call, of a broker or a disk, that does not come back."""
NO_CLIENT: Final = "this broker has no way to cancel beside the loop: the loop alone cancels"


class KillView(msgspec.Struct, frozen=True, kw_only=True):
    """How far the kill switch has come. Times by the monotonic clock, nanoseconds."""

    halt: Halt | None = None
    """None: it was not pulled in this run."""
    tripped_ns: int = 0
    halted_ns: int = 0
    """When the gate let nothing through any more."""
    first_cancel_ns: int = 0
    """When the first cancel was handed over; 0: not yet."""
    done_ns: int = 0
    """When it ended: confirmed, or given up; 0: not yet."""
    rounds: int = 0
    open_ids: tuple[ClOrdID, ...] | None = None
    """What the broker said last may still trade; None: it has not answered."""
    is_confirmed: bool = False
    """Whether the broker has said, to the end, that nothing may trade."""
    error: str = ""
    """Of the last round; empty if it went well."""
    file_error: str = ""
    """Why the halt would not survive a crash."""

    @property
    def is_under_way(self) -> bool:
        """Whether cancels are still being asked for."""
        return self.halt is not None and not self.done_ns

    @property
    def text(self) -> str:
        """What is known of the orders, in words."""
        if self.is_confirmed:
            return "the broker confirms that no order is open"
        why = f" ({self.error})" if self.error else ""
        if self.open_ids is None:
            return f"not confirmed: the broker has not said what is open{why}"
        if not self.open_ids:
            return f"not confirmed: the broker said once that no order is open{why}"
        return f"not confirmed: {', '.join(self.open_ids)}{why}"


class KillSwitch:
    """Owns the thread that cancels. `start` and `close` come from the session."""

    def __init__(
        self,
        flag: HaltFlag,
        client: EmergencyClient | None,
        clock: Clock,
        *,
        pace_s: Sequence[float] = PACE_S,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        """Take what works without the loop.

        Args:
            flag: what the gate reads.
            client: of the broker; None: the thread has nobody to ask.
            clock: the machine's, in a replay too.
            pace_s: waits between rounds.
            deadline_s: from the trip; then it is given up.
        """
        self._flag: Final = flag
        self._client: Final = client
        self._clock: Final = clock
        self._pace_s: Final = tuple(pace_s)
        self._deadline_ns: Final = int(deadline_s * 1e9)
        self._jobs: Final[queue.SimpleQueue[Halt | None]] = queue.SimpleQueue()
        """Halts to carry out; None: the end."""
        self._to_keep: Final[queue.SimpleQueue[Halt | None]] = queue.SimpleQueue()
        """Halts to write down; None: the end."""
        self._is_closing = False
        self._change: Final = threading.Lock()
        self._view = KillView()
        self._tell: Callable[[], None] | None = None
        # Both wait from the start: when the switch is pulled there may be no thread left to be had.
        self._thread: Final = threading.Thread(target=self._run, name="kill", daemon=True)
        self._keeper: Final = threading.Thread(target=self._keep, name="halt flag", daemon=True)
        self._turn_s: Final = sys.getswitchinterval()

    @property
    def view(self) -> KillView:
        """How far it has come; from any thread."""
        return self._view

    def start(self) -> None:
        """Let the threads wait for the switch."""
        sys.setswitchinterval(TURN_S)
        self._thread.start()
        self._keeper.start()

    def close(self) -> None:
        """End the threads; what is under way is brought to its end, within its deadline."""
        self._jobs.put(None)
        self._to_keep.put(None)
        self._thread.join(self._deadline_ns / 1e9 + END_WAIT_S)
        self._keeper.join(END_WAIT_S)
        sys.setswitchinterval(self._turn_s)

    def follow(self, tell: Callable[[], None]) -> None:
        """Have it told that the view changed, on whatever thread; what was before, at once."""
        self._tell = tell
        if self._view.halt is not None:
            tell()

    def trip(self, reason: str, actor: str) -> None:
        """Let nothing through any more, and have everything canceled; from any thread.

        Holds when this returns; takes microseconds. Pulled again it begins again.
        """
        tripped_ns = self._clock.mono_ns()
        halt = new_halt(reason, actor, self._clock.now_ns())
        with self._change:  # Of two at once the same one is in the flag and in the view.
            self._flag.set(halt)
            halted_ns = self._clock.mono_ns()
            self._view = KillView(halt=halt, tripped_ns=tripped_ns, halted_ns=halted_ns)
        self._jobs.put(halt)
        self._to_keep.put(halt)

    # On the threads

    def _run(self) -> None:
        halt = self._jobs.get()
        while halt is not None:
            halt = self._cancel_until_none(halt)

    def _cancel_until_none(self, halt: Halt) -> Halt | None:
        """Cancel round after round; return the halt that comes next, or None at the end."""
        answers = 0
        waits = iter(self._pace_s)
        while True:
            if not self._view.rounds:
                self._change_view(halt, first_cancel_ns=self._now_ns())
            open_ids, error = self._ask()
            answers = answers + 1 if open_ids == () else 0
            is_confirmed = answers >= ANSWERS_NEEDED
            is_late = self._now_ns() - self._view.tripped_ns >= self._deadline_ns
            is_done = is_confirmed or is_late or self._client is None
            self._change_view(
                halt,
                rounds=self._view.rounds + 1,
                open_ids=open_ids if open_ids is not None else self._view.open_ids,
                is_confirmed=is_confirmed,
                error=error,
                done_ns=self._now_ns() if is_done else 0,
            )
            if is_done:
                return None if self._is_closing else self._jobs.get()
            try:
                following = self._jobs.get(timeout=next(waits, self._pace_s[-1]))
            except queue.Empty:
                continue
            if following is not None:
                return following
            self._is_closing = True

    def _ask(self) -> tuple[tuple[ClOrdID, ...] | None, str]:
        """Cancel all, then return what is open and what went wrong."""
        if self._client is None:
            return None, NO_CLIENT
        error = ""
        try:
            self._client.cancel_all()
        except Exception as failure:  # noqa: BLE001  Whatever it is, the next round is tried.
            error = f"cancel all: {failure}"
        try:
            return tuple(self._client.open_orders()), error
        except Exception as failure:  # noqa: BLE001  As above.
            return None, f"{error}; open orders: {failure}" if error else f"open orders: {failure}"

    def _keep(self) -> None:
        """Write each halt down; the flag itself knows which is the newest."""
        while (halt := self._to_keep.get()) is not None:
            try:
                self._flag.keep()
            except OSError as error:
                self._change_view(halt, file_error=f"the halt flag was not written: {error}")

    def _change_view(self, halt: Halt, **changes: object) -> None:
        with self._change:
            if self._view.halt is not halt:
                return  # Pulled again meanwhile: the view is the newer one's.
            self._view = msgspec.structs.replace(self._view, **changes)
        if self._tell is not None:
            self._tell()

    def _now_ns(self) -> int:
        return self._clock.mono_ns()
