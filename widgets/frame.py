"""The only redraw timer.

The danger: a repaint for every tick starves the loop that receives the ticks. Here the screen
pulls: once a frame every visible panel that is stale is refreshed, within a budget of time.
Not guaranteed: a refresh that is under way is not interrupted; a slow panel is asked less often.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol, cast

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.domain.errors import JournalFailed

FRAME_MS: Final = 16
BUDGET_MS: Final = 7.0
BUDGET_MS_MIN: Final = 3.0
"""What is left of the budget, however late frames come."""
LATE: Final = 1.15
"""Times its length that a frame may be behind the one before."""
BACK_OFF_FRAMES_MAX: Final = 30
GIVEN_UP_MAX: Final = 2
"""Frames that are given up, one after the other, for something that is in a hurry."""


class Refreshable(Protocol):
    """What the clock needs of a panel."""

    is_failed: bool

    def isVisible(self) -> bool:  # noqa: N802  Qt's name.
        """Whether it is on the screen."""
        ...

    def stale(self) -> bool:
        """Whether it has something new to show."""
        ...

    def refresh(self) -> None:
        """Show it."""
        ...

    def fail(self, error: Exception) -> None:
        """Show an error instead."""
        ...


class Painted(Protocol):
    """A panel that knows what painting it took the last time."""

    @property
    def paint_ms(self) -> float:
        """In milliseconds."""
        ...


class Parted(Protocol):
    """A panel made of parts that are refreshed one by one."""

    def parts(self) -> Sequence[Refreshable]:
        """Return them; others at another time."""
        ...


class FrameClock(QObject):
    """Refresh stale, visible panels once a frame."""

    second_passed = Signal()
    """Once a second: for what need not be done every frame."""

    def __init__(self, parent: QObject | None = None, *, budget_ms: float = BUDGET_MS) -> None:
        super().__init__(parent)
        self._budget_ms = budget_ms
        self._room_ms = budget_ms
        """Of the budget, what frames that come in time leave: ticks take their part as well."""
        self._first: list[Refreshable] = []
        self._panels: list[Refreshable | Parted] = []
        self.is_hurried: Callable[[], bool] = lambda: False
        """Whether something else is in a hurry: an order on its way to the broker."""
        self._given_up = 0
        self._turn = 0
        """Which of all parts comes first."""
        self._rest_frames: dict[int, int] = {}
        """id of a slow panel -> frames it still sits out."""
        self._times_s: deque[float] = deque(maxlen=240)
        self._second_s = 0.0
        self.frames = 0
        """Frames since the start."""
        self.refreshes = 0
        """Refreshes since the start."""
        self.worst_ms = 0.0
        """Longest frame since the start."""
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.run_frame)

    def add(self, panel: Refreshable | Parted) -> None:
        """Refresh a panel from now on, when it has its turn."""
        self._panels.append(panel)

    def add_first(self, bar: Refreshable) -> None:
        """Refresh in every frame, before all panels: what is cheap and may not be late."""
        self._first.append(bar)

    def remove(self, panel: Refreshable | Parted) -> None:
        """Forget a panel."""
        self._panels = [p for p in self._panels if p is not panel]
        self._rest_frames.pop(id(panel), None)

    def start(self) -> None:
        """Begin to count frames."""
        self._timer.start()

    def stop(self) -> None:
        """Refresh nothing any more."""
        self._timer.stop()

    @property
    def frames_per_s(self) -> int:
        """Frames of the last second."""
        if not self._times_s:
            return 0
        since_s = self._times_s[-1] - 1.0
        return sum(1 for at_s in self._times_s if at_s > since_s)

    def run_frame(self) -> None:
        """Refresh what is visible and stale, within the budget. Called by the timer."""
        if not self.is_hurried():
            self._given_up = 0
        elif self._given_up < GIVEN_UP_MAX:
            self._given_up += 1
            return
        started_s = time.perf_counter()
        spent_ms = 0.0
        self._make_room(started_s)
        for part in self._in_turn():
            if self._is_resting(part) or spent_ms > self._room_ms:
                continue
            if not part.is_failed and part.isVisible():
                spent_ms += self._refresh(part)
        self.frames += 1
        self.worst_ms = max(self.worst_ms, spent_ms)
        self._times_s.append(started_s)
        if started_s - self._second_s >= 1.0:
            self._second_s = started_s
            self.second_passed.emit()

    def _in_turn(self) -> list[Refreshable]:
        """Return what is first, then all parts of all panels, beginning with another each time.

        So none is always left out.
        """
        parts: list[Refreshable] = []
        for panel in self._panels:
            # By hand: to ask `isinstance` of a protocol takes 70 us.
            made_of = getattr(panel, "parts", None)
            parts += made_of() if made_of is not None else [cast("Refreshable", panel)]
        first = self._turn % max(1, len(parts))
        self._turn += 1
        return [*self._first, *parts[first:], *parts[:first]]

    def _make_room(self, started_s: float) -> None:
        """Spend less while frames come late, and slowly more again when they are in time."""
        if self._times_s and (started_s - self._times_s[-1]) * 1000 > FRAME_MS * LATE:
            self._room_ms = max(min(BUDGET_MS_MIN, self._budget_ms), self._room_ms * 0.8)
        else:
            self._room_ms = min(self._budget_ms, self._room_ms + 0.02)

    def _refresh(self, panel: Refreshable) -> float:
        started_s = time.perf_counter()
        try:
            if not panel.stale():
                return 0.0
            panel.refresh()
            self.refreshes += 1
        except (AssertionError, JournalFailed):
            raise  # A broken invariant stops the session.
        except Exception as error:  # noqa: BLE001  One bad panel must not stop the others.
            panel.fail(error)
        took_ms = (time.perf_counter() - started_s) * 1000
        if took_ms > self._budget_ms:
            # Twice as many frames as it took: a panel that eats 40 ms is drawn every 5 frames.
            rest = min(BACK_OFF_FRAMES_MAX, int(2 * took_ms / FRAME_MS))
            self._rest_frames[id(panel)] = rest
        # It is painted when this frame is over; about as long as the last time.
        return took_ms + float(getattr(panel, "paint_ms", 0.0))

    def _is_resting(self, panel: Refreshable) -> bool:
        left = self._rest_frames.get(id(panel), 0)
        if not left:
            return False
        if left == 1:
            del self._rest_frames[id(panel)]
        else:
            self._rest_frames[id(panel)] = left - 1
        return True
