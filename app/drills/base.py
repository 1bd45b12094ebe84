"""What a drill is, what every drill promises, and how patient one is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import msgspec

from app.domain.drill import DrillRow, Promise

if TYPE_CHECKING:
    from app.drills.stage import Stage

ALARM_S: Final = 1.0
"""From a fault that shows itself to the word about it (reliability 7.2, "alert delay")."""
SILENCE_S: Final = 5.0
"""The longest silence of a feed that is taken for life, whatever the settings say."""
RECOVERY_S: Final = 30.0
"""From the end of a fault to a station that trades as before."""

ONCE: Final = Promise("no order is handed over twice", "7.1 P1, T6 to T8")
RECORDED: Final = Promise("every order is on record before it is sent", "3.8 I11, T28")
AGREED: Final = Promise("orders, fills, positions and cash are the exchange's", "3.8 I21, 7.1 P4")
REPLAYED: Final = Promise("the record alone gives the books that were shown", "3.8 I18")
RECOVERED: Final = Promise(
    f"trading goes on within {RECOVERY_S:.0f} s of the fault's end", "7.1 P4"
)
CLEAN: Final = Promise("the audit log verifies clean", "4.5, T26, T27")
OF_ALL: Final = (ONCE, RECORDED, AGREED, REPLAYED, RECOVERED, CLEAN)
"""Judged at the end of each drill, whatever happened in it."""


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """How long what lasts is let last, in seconds. Promises and their bounds stay as they are."""

    silence_s: float = SILENCE_S
    """Silence of the feed after which it counts as stale, as set for the drill's station."""
    fault_s: float = 4.0
    """A fault that only has to last for a while."""
    slow_s: float = 3.0
    """How late a slow answer is."""


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """A script and what it is to show."""

    name: str
    title: str
    what: str
    promises: tuple[Promise, ...]
    """Besides those of all drills."""
    play: Callable[[Stage], Awaitable[None]]

    @property
    def row(self) -> DrillRow:
        """The drill as it is listed."""
        return DrillRow(name=self.name, title=self.title, what=self.what)
