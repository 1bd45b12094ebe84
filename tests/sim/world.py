"""Run a program on a simulated loop to its end, or to a power cut between any two callbacks.

After a power cut the loop is thrown away: none of its callbacks runs again. Its coroutines cannot
just be forgotten, for Python closes a forgotten coroutine whenever it finds it, and complains. They
are closed at once, which runs their `finally` blocks; a machine without power would not. These
reach nothing: every effect of a simulated world is a callback of its loop, or asks `has_power`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from tests.sim.loop import PowerLost, SimLoop

T = TypeVar("T")

CLOSES_MAX: Final = 100
"""A coroutine that awaits something in each of so many `finally` blocks cannot be closed."""


class TasksLeft(Exception):
    """The program ended, and tasks that it started did not."""


def run(loop: SimLoop, main: Coroutine[Any, Any, T]) -> T:
    """Run a program to its end, close the loop, and return the program's result.

    Raises:
        PowerLost: the power was cut before.
        Deadlock: it waits for what nobody will do.
        Runaway: it does not end.
        TasksLeft: it ended before its tasks did.
    """
    try:
        result = loop.run_until_complete(main)
        if left := loop.pending():
            names = ", ".join(repr(task.get_name()) for task in left)
            raise TasksLeft(f"the program ended, its tasks did not: {names}")
    except BaseException:
        abandon(loop)
        raise
    loop.close()
    return result


def run_until_crash(
    loop: SimLoop, main: Coroutine[Any, Any, object], *, at_step: int | None = None
) -> bool:
    """Run a program until the power is cut; return whether that came before its end.

    The cut comes after `at_step` callbacks, or else when something in the world asks for it, as a
    disk does. Errors are those of `run`.
    """
    if at_step is not None:
        loop.lose_power(at_step)
    try:
        run(loop, main)
    except PowerLost:
        return True
    return False


def abandon(loop: SimLoop) -> None:
    """Throw a loop away, with everything that waits on it.

    Raises:
        RuntimeError: a coroutine does not let itself be closed.
    """
    loop.lose_power()
    loop.set_exception_handler(_say_nothing)
    for _ in range(CLOSES_MAX):
        tasks = loop.pending()
        left = [task for task in tasks if not _closes(loop, task)]
        if not left and loop.pending() == tasks:
            loop.close()
            return
    names = ", ".join(repr(task.get_name()) for task in left)
    raise RuntimeError(f"coroutines are still open after {CLOSES_MAX} closes; tasks: {names}")


def _closes(loop: SimLoop, task: asyncio.Task[Any]) -> bool:
    """Close a task's coroutine; return whether it took that quietly, as a closed one does."""
    # A `finally` block finds what it would find in a step of its task, else it fails midway and
    # leaves coroutines that nobody awaited.
    asyncio._set_running_loop(loop)
    asyncio._enter_task(loop, task)
    try:
        task.get_coro().close()
    except (Exception, BaseExceptionGroup, asyncio.CancelledError):  # noqa: BLE001  Not ours.
        return False  # It failed on its way out, with its group perhaps, or awaits once more.
    finally:
        asyncio._leave_task(loop, task)
        asyncio._set_running_loop(None)
    return True


def _say_nothing(_loop: asyncio.AbstractEventLoop, _context: dict[str, Any]) -> None:
    """Take note of nothing: of a lost world nobody is told."""
