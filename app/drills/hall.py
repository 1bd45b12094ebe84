"""Drills for the window: one at a time, beside the desk that runs.

A drill has a station, a loop and a thread of its own, and shares nothing with the running desk. On
the desk's loop the start of a second station would hold it for about a second: orders would be
refused as late and the window would stand still. On a thread of its own the desk's loop was never
late by more than 51 ms (2026-11-23, two cores).
Not guaranteed: the machine's time. Both stations share its cores and its disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

import msgspec

from app.domain.drill import EVERY_DRILL, DrillRow, DrillScore, DrillsView
from app.domain.errors import BadInput
from app.drills.base import Drill, Waits
from app.drills.runner import DRILLS, find_drills, run_drill

STOP_S: Final = 10.0
"""A drill that is told to stop gets this long."""
_ALL_ROW: Final = DrillRow(EVERY_DRILL, "Every drill", "All of them, one after the other.")

Spawn = Callable[[str, Coroutine[Any, Any, None]], None]


class DrillHall:
    """Implements `app.desk.Drills`. Written on the desk's loop only."""

    def __init__(self, waits: Waits | None = None) -> None:
        self._waits: Final = waits
        rows = (*(drill.row for drill in DRILLS), _ALL_ROW)
        self.view = DrillsView(rows=rows)
        self.version = 0
        self._act: _Act | None = None

    def start(self, name: str, spawn: Spawn) -> None:
        """Begin a drill, or all.

        Args:
            name: of the drill.
            spawn: runs a coroutine as a task of the session.

        Raises:
            BadInput: there is none of that name, or one runs.
        """
        drills = find_drills(name)
        running = self.view.running
        if running is not None:
            raise BadInput(f"'{running.title}' runs; one drill at a time")
        self._show(running=drills[0].row, progress="", fault="")
        spawn(f"drill {name}", self._run(drills))

    def stop(self) -> None:
        """End what runs, without a score."""
        if self._act is not None:
            self._act.stop()

    async def _run(self, drills: tuple[Drill, ...]) -> None:
        try:
            for drill in drills:
                self._show(running=drill.row, progress="")
                score = await self._play(drill)
                if score is None:
                    break
                kept = tuple(s for s in self.view.scores if s.row != score.row)
                self._show(scores=(*kept, score))
        except Exception as error:  # noqa: BLE001  A drill that breaks must not end the desk.
            self._show(fault=f"the drill broke off by a fault of the program: {error!r}")
        finally:
            self._act = None
            self._show(running=None, progress="")

    async def _play(self, drill: Drill) -> DrillScore | None:
        """Run a drill on a thread of its own; None: it was stopped."""
        loop = asyncio.get_running_loop()

        def say(text: str) -> None:
            with suppress(RuntimeError):  # The desk has ended: nobody looks any more.
                loop.call_soon_threadsafe(lambda: self._show(progress=text))

        self._act = act = _Act(drill, self._waits, say)
        ended = loop.run_in_executor(None, act.run)
        try:
            return await asyncio.shield(ended)
        except asyncio.CancelledError:
            act.stop()
            await asyncio.wait([ended], timeout=STOP_S)
            raise

    def _show(self, **changes: Any) -> None:  # noqa: ANN401  Fields of the view.
        self.view = msgspec.structs.replace(self.view, **changes)
        self.version += 1


class _Act:
    """One drill on a loop and a thread of its own."""

    def __init__(self, drill: Drill, waits: Waits | None, say: Callable[[str], None]) -> None:
        self._drill: Final = drill
        self._waits: Final = waits
        self._say: Final = say
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._is_stopped = False

    def run(self) -> DrillScore | None:
        """Run it on this thread; None: it was stopped."""
        try:
            return asyncio.run(self._main())
        except asyncio.CancelledError:
            return None

    async def _main(self) -> DrillScore | None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        if self._is_stopped:
            return None
        return await run_drill(self._drill, self._waits, self._say)

    def stop(self) -> None:
        """End it; called from another thread."""
        self._is_stopped = True
        if self._loop is not None and self._task is not None:
            with suppress(RuntimeError):  # It has ended meanwhile.
                self._loop.call_soon_threadsafe(self._task.cancel)
