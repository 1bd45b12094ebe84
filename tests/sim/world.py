"""Run a program on a simulated loop to its end, or to a power cut between any two callbacks.

After a power cut the loop is thrown away: none of its callbacks runs again. Its coroutines cannot
just be forgotten, for Python closes a forgotten coroutine whenever it finds it, and complains. They
are closed at once, which runs their `finally` blocks; a machine without power would not. These
reach nothing: every effect of a simulated world is a callback of its loop, or asks `has_power`.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Coroutine
from contextlib import suppress
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
        coroutines = _open_coroutines(loop)
        if not coroutines:
            loop.close()
            return
        for coroutine in coroutines:
            # RuntimeError: it awaited something on its way out, and stands there now.
            with suppress(Exception, asyncio.CancelledError, BaseExceptionGroup):
                coroutine.close()
    names = ", ".join(repr(task.get_name()) for task in loop.pending())
    raise RuntimeError(f"coroutines are still open after {CLOSES_MAX} closes; tasks: {names}")


def _open_coroutines(loop: SimLoop) -> list[Coroutine[Any, Any, Any]]:
    coroutines = [task.get_coro() for task in loop.pending()]
    return [one for one in coroutines if inspect.getcoroutinestate(one) != inspect.CORO_CLOSED]


def _say_nothing(_loop: asyncio.AbstractEventLoop, _context: dict[str, Any]) -> None:
    """Take note of nothing: of a lost world nobody is told."""
