"""Waiting until something about the books holds, looked at after each batch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Waiters:
    """Those who wait for the books to come to something."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    async def wait_for(self, is_so: Callable[[], bool]) -> None:
        """Return once it holds; at once if it does."""
        await self.until(is_so, deadline_s=None)

    async def until(self, is_so: Callable[[], bool], *, deadline_s: float | None) -> bool:
        """Wait until it holds; return whether it came to hold in time."""
        if is_so():
            return True
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = is_so, future
        self._waiting.append(waiter)
        try:
            await asyncio.wait([future], timeout=deadline_s)
        finally:
            self._waiting.remove(waiter)
        return future.done() or is_so()

    def look(self) -> None:
        """Wake those for whom it holds now."""
        for is_so, future in self._waiting:
            if not future.done() and is_so():
                future.set_result(None)
