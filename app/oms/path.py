"""The order path put together: engine, questions, replaces and closings, started and stopped.

The session builds one on the real journal and clock; tests build the same on simulated ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from app.audit.journal import Journal
from app.brokers.base import Broker, Recorded
from app.calendar import us_calendar
from app.clock import Clock
from app.config import Config
from app.domain.times import day_end_ns
from app.hub import Hub
from app.market.store import MarketView
from app.oms.books import Books
from app.oms.chain import Chains
from app.oms.closing import Closer
from app.oms.contingent import Contingent
from app.oms.days import Days
from app.oms.engine import OmsEngine
from app.oms.health import Health
from app.oms.held import HeldOrders
from app.oms.identity import ClOrdIDs
from app.oms.steward import Steward
from app.oms.watch import Watch
from app.portfolio.settlement import KEPT_NS
from app.risk.gate import Gate
from app.tasks import spawn


class OrderPath:
    """Everything between a command and a broker."""

    def __init__(  # noqa: PLR0913  The composition root hands over what it built, once.
        self,
        *,
        books: Books,
        gate: Gate,
        broker: Broker,
        journal: Journal,
        market: MarketView,
        clock: Clock,
        hub: Hub,
        config: Config,
        is_fed_time: bool = False,
    ) -> None:
        """Put it together.

        With `is_fed_time` nothing here waits for market time: whoever moves the clock calls
        `pass_time` at `due_ns`, so that the same market gives the same acts at any speed.
        """
        self._broker = broker
        self._clock: Final = clock
        self._is_fed_time: Final = is_fed_time
        self.health: Final = Health()
        self._care: set[asyncio.Task[None]] = set()
        """What ends with the path, whatever it waits for."""
        self._group: asyncio.TaskGroup | None = None
        self.engine: Final = OmsEngine(
            books=books,
            gate=gate,
            broker=broker,
            journal=journal,
            market=market,
            clock=clock,
            hub=hub,
            config=config,
            ids=ClOrdIDs(broker.account, books.identities),
            health=self.health,
        )
        self.steward: Final = Steward(
            engine=self.engine,
            broker=broker,
            gate=gate,
            clock=clock,
            hub=hub,
            health=self.health,
        )
        self.chains: Final = Chains(self.engine, clock)
        self.closer: Final = Closer(self.engine, hub)
        self.contingent: Final = Contingent(
            self.engine.blotter, instrument=market.instrument, day_end_ns=day_end_ns
        )
        self._held: Final = HeldOrders(self.engine, self.contingent, clock, hub)
        self.watch: Final = Watch(
            engine=self.engine, gate=gate, clock=clock, hub=hub, calendar=us_calendar()
        )
        self._days: Final = Days(self.engine, clock, hub, us_calendar())
        for follower in (self.chains.on_order, self._held.on_order, self.steward.on_order):
            self.engine.follow(follower)

    async def start(self, group: asyncio.TaskGroup) -> None:
        """Begin: what an earlier run left is taken up, and compared with the broker's.

        The engine and its calls run in the group.
        """
        self._group = group
        self.engine.limits.restore()
        spawn(group, "oms", self.engine.run())
        self.chains.restore()
        self.steward.start()
        await self.engine.drained()
        self._broker.restore(self._recorded())
        if await self.steward.compare():
            await self.steward.ask()
        await self.engine.drained()
        self._held.restore()
        self._days.look()
        self.care("steward", self.steward.run())
        if self._is_fed_time:
            self.watch.look()
        else:
            self.care("held orders", self._held.run())
            self.care("watch", self.watch.run())

    @property
    def due_ns(self) -> int:
        """When something is due by market time."""
        watch_ns, held_ns = self.watch.due_ns, self._held.due_ns
        return watch_ns if held_ns is None else min(watch_ns, held_ns)

    def pass_time(self) -> None:
        """Do what is due by market time now."""
        self._held.pass_time()
        if self._clock.now_ns() >= self.watch.due_ns:
            self.watch.look()

    def _recorded(self) -> Recorded:
        view = self.engine.ledger.view
        return Recorded(
            working=self.engine.blotter.working(),
            positions=view.all(),
            cash=view.cash,
            fills=view.fills(self._clock.now_ns() - KEPT_NS),
            last_ns=view.last_ns,
            movement_ids=view.movement_ids,
            held_at=view.qty_at,
        )

    def care(self, name: str, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run something that ends at the latest when the path is stopped."""
        assert self._group is not None, "start comes first"
        task = spawn(self._group, name, coroutine)
        self._care.add(task)
        task.add_done_callback(self._care.discard)

    def stop(self) -> None:
        """End the questions and closings; the engine ends with what is under way."""
        for task in self._care:
            task.cancel()
        self.engine.close()
