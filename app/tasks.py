"""The only module that starts tasks: every task has a name, an owner and an end.

`spawn` starts a task in the group that owns it. `supervise` keeps a service that may fail alone
running: it reports each failure and waits longer after each, with jitter, up to a bound.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

from app.domain.errors import BadInput, JournalFailed
from app.domain.events import ServiceStatus
from app.hub import Hub

T = TypeVar("T")

BACKOFF_S_MAX: Final = 30.0
STABLE_S: Final = 60.0
"""A service that ran this long had recovered: its next failure is a first one."""
_FATAL: Final = (AssertionError, JournalFailed)
"""What ends the session, wherever it comes up."""


def spawn(
    group: asyncio.TaskGroup, name: str, coroutine: Coroutine[Any, Any, T]
) -> asyncio.Task[T]:
    """Start a named task that the group waits for and cancels with the rest."""
    return group.create_task(coroutine, name=name)


async def supervise(
    name: str,
    factory: Callable[[], Awaitable[None]],
    *,
    hub: Hub,
    backoff_s_min: float = 0.5,
    backoff_s_max: float = BACKOFF_S_MAX,
) -> None:
    """Run a service, and run it again after a failure; return when it returns.

    The wait after the n-th failure in a row is drawn from [0, min(max, min * 2^n)] ("full jitter":
    many stations must not come back in step).
    """
    failures = 0
    time_s = asyncio.get_running_loop().time
    while True:
        started_s = time_s()
        hub.publish(ServiceStatus(name=name, is_running=True, text="running"))
        try:
            await factory()
        except Exception as error:  # noqa: BLE001  One of three places; reported below.
            if _holds(error, (*_FATAL, BadInput)):
                raise  # Trying again would meet the same.
            failures = 1 if time_s() - started_s > STABLE_S else failures + 1
            ceiling_s = min(backoff_s_max, backoff_s_min * 2 ** min(failures, 16))
            wait_s = random.uniform(0, ceiling_s)  # noqa: S311  Jitter, not a secret.
            text = f"{name} failed: {error!r}; starts again in {wait_s:.1f} s"
            hub.publish(ServiceStatus(name=name, is_running=False, text=text))
            await asyncio.sleep(wait_s)
        else:
            hub.publish(ServiceStatus(name=name, is_running=False, text="ended"))
            return


async def attempt(awaitable: Awaitable[T], *, deadline_s: float) -> T | Exception:
    """Await a call into somebody else's code; return what it gave, or what it raised.

    A call that does not end within its deadline is cancelled and gives `TimeoutError`. Broken
    invariants and cancellation pass through.
    """
    try:
        async with asyncio.timeout(deadline_s):
            return await awaitable
    except Exception as error:  # noqa: BLE001  The caller decides what each error means.
        if _holds(error, _FATAL):
            raise
        return error


def _holds(error: Exception, kinds: tuple[type[Exception], ...]) -> bool:
    """Whether an error is of a kind, or a task group's error that holds one."""
    if isinstance(error, ExceptionGroup):
        return error.subgroup(kinds) is not None
    return isinstance(error, kinds)
