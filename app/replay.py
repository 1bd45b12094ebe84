"""Replays: the same session on recorded ticks, on recorded time, with orders from a file.

Simulated time stands still while the order path works, so two runs of the same file and orders give
the same orders and fills.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec

from app import plugins
from app.audit.verify import verify
from app.clock import LiveClock, SimClock
from app.config import Config
from app.domain.enums import FeedState, Origin, Venue
from app.domain.ids import AccountID
from app.domain.market import FeedStatus
from app.domain.orders import Fill, Order
from app.domain.position import Position
from app.feeds.replay import ReplayFeed
from app.feeds.tickfile import TickFile
from app.oms.orderfile import TIMES_IN_FORCE, TYPES, ScheduledOrder
from app.paths import Paths
from app.session import Plan, Session

ACCOUNT: Final = AccountID("REPLAY")
ACTOR: Final = "order file"
REPLAYS_MAX: Final = 10_000
_NEVER: Final = 2**63 - 1


class ReplayResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay did."""

    report: dict[str, Any]
    """The object that `--json` prints."""
    warnings: tuple[str, ...]
    """Sentences for stderr: bad lines, orders never reached."""

    def summary(self) -> str:
        """Return the report in a few lines of words."""
        report = self.report
        lines = [
            f"{report['events']:,} events ({report['trades']:,} trades, {report['quotes']:,} "
            f"quotes) in {report['wall_s']:.2f} s",
            *(
                f"{o['cl_ord_id']}  {o['side']} {o['qty']} {o['symbol']} {o['type']}: "
                f"{o['status']}, {o['cum_qty']} at {o['avg_px']}  {o['reason']}".rstrip()
                for o in report["orders"]
            ),
            f"audit log {report['audit']['path']}: {report['audit']['rows']} records, "
            + ("clean" if report["audit"]["verified"] else "NOT CLEAN"),
        ]
        return "\n".join(lines)


class Schedule:
    """Orders that wait for their time."""

    def __init__(self, orders: tuple[ScheduledOrder, ...]) -> None:
        self._orders = orders
        self._next = 0

    @property
    def next_due_ns(self) -> int:
        """Time of the next order; far in the future when there is none."""
        return self._orders[self._next].at_ns if self._next < len(self._orders) else _NEVER

    @property
    def waiting(self) -> int:
        """How many have not been taken."""
        return len(self._orders) - self._next

    def take(self) -> ScheduledOrder:
        """Return the next order and go on to the one after."""
        order = self._orders[self._next]
        self._next += 1
        return order


class ReplaySession:
    """A session on a tick file: owns the simulated clock and gives the orders their time."""

    def __init__(  # noqa: PLR0913  A replay's own settings.
        self,
        *,
        ticks: TickFile,
        schedule: Schedule,
        speed: float | None,
        config: Config,
        journal: Path,
    ) -> None:
        self.ticks = ticks
        self.schedule = schedule
        self.clock = SimClock()
        feed = ReplayFeed(
            ticks,
            clock=self.clock,
            speed=speed,
            next_due_ns=lambda: schedule.next_due_ns,
            before=self._submit_due,
            busy=lambda: self._engine_is_busy(),
            settle=self._settle,
        )
        self.session = Session(
            Plan(
                venue=Venue.REPLAY,
                config=config,
                journal=journal,
                clock=self.clock,
                feed=feed,
                feed_title=ticks.path.name,
                broker=plugins.load("tradedeck.brokers").get("builtin"),
                account=ACCOUNT,
                origin=Origin.SCRIPT,
                ends_with_feed=True,
            )
        )
