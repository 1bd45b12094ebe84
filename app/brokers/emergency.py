"""The kill switch at the paper broker; called from a thread of its own.

It waits for nothing but a lock that is held for a match at most.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

from app.clock import Clock
from app.domain.errors import Disconnected
from app.domain.ids import ClOrdID
from app.exchange.line import Line

DOOR_S: Final = 1.0
"""A match takes microseconds; who cannot get in for this long says so."""


class Emergency:
    """Ends what is at a market, and says what may still trade there."""

    def __init__(self, line: Line, door: threading.Lock, clock: Clock, venue: str) -> None:
        """Reach a line through the door that is shut while orders can trade on it."""
        self._line: Final = line
        self._door: Final = door
        self._clock: Final = clock
        self._venue: Final = venue

    def cancel_all(self) -> None:
        """Let nothing that is here trade any more.

        Raises:
            Disconnected: a match has been under way for a second.
        """
        self._enter("cancel all")
        try:
            self._line.kill(self._clock.now_ns())
        finally:
            self._door.release()

    def open_orders(self) -> Sequence[ClOrdID]:
        """Return what may still trade; nothing, from `cancel_all` on, until more is sent.

        Raises:
            Disconnected: a match has been under way for a second.
        """
        self._enter("open orders")
        try:
            return () if self._line.is_killed else sorted(self._line.open_ids)
        finally:
            self._door.release()

    def _enter(self, request: str) -> None:
        if not self._door.acquire(timeout=DOOR_S):
            raise Disconnected(
                f"the built-in exchange has been at work for {DOOR_S:g} s: {request} was not done",
                venue=self._venue,
                request=request,
            )
