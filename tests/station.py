"""The engine and all it stands on, with a broker that does as a test tells it.

`opened` stands on a real record on disk; `play` runs a story on virtual time, where waiting costs
nothing and a deadline of 30 s is met to the microsecond.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from app import plugins
from app.audit.journal import open_journal
from app.clock import SimClock
from app.config import Config, load_config
from app.domain.approval import ApprovedOrder
from app.domain.enums import FeedState, Origin
from app.domain.events import Filled, Notice, OrderChanged, TradingStateChanged
from app.domain.ids import AccountID, ClOrdID
from app.domain.market import FeedStatus
from app.domain.orders import Order
from app.hub import Hub
from app.market.store import MarketStore
from app.oms.books import Books
from app.oms.chain import Chains
from app.oms.closing import Closer
from app.oms.engine import OmsEngine
from app.oms.health import Health
from app.oms.identity import ClOrdIDs
from app.risk.gate import Gate
from app.risk.halt import HaltFlag
from tests.fakes import FakeBroker
from tests.samples import MSFT, NOW_NS, instrument, new_order, quote, report
from tests.sim.disk import InstantDisk, SimDisk, open_memory_journal
from tests.sim.loop import LoopClock, SimLoop
from tests.sim.world import run

CONFIG = load_config()
INSTALLED = plugins.load("tradedeck.checks").specs
CHECKS = [
    spec
    for spec in INSTALLED
    if spec.name
    in {
        "instrument",
        "order_qty",
        "tick_size",
        "market_data",
        "in_doubt",
        "price_collar",
        "order_value",
        "gross_leverage",
        "position",
    }
]
"""What makes an order one at all, and its room; rates and habits would be in the way here."""
MAN = {"origin": Origin.MANUAL, "actor": "ada"}


class Station:
    """An engine and all it stands on."""

    def __init__(
        self,
        journal: Any,
        *,
        books: Books | None = None,
        config: Config = CONFIG,
        clock: Any = None,
        flag: HaltFlag | None = None,
    ) -> None:
        self.hub, self.clock, self.broker = Hub(), clock or SimClock(NOW_NS), FakeBroker()
        self.journal = journal
        self.books = books or Books(config.account.cash)
        self.store = MarketStore(hub=self.hub, clock=self.clock, limits=config.limits)
        self.store.list_instruments([instrument(), instrument(symbol=MSFT)])
        others = {spec.name for spec in INSTALLED} - {spec.name for spec in CHECKS}
        settings = {n: table for n, table in config.risk.checks.items() if n not in others}
        self.flag = flag or HaltFlag()
        self.gate = Gate(CHECKS, settings, self.flag)
        self.engine = OmsEngine(
            books=self.books,
            gate=self.gate,
            broker=self.broker,
            journal=journal,
            market=self.store.view,
            clock=self.clock,
            hub=self.hub,
            config=config,
            health=Health(),
            ids=ClOrdIDs(AccountID("P1"), self.books.identities),
        )
        self.chains = Chains(self.engine, self.clock)
        self.engine.follow(self.chains.on_order)
        self.closer = Closer(self.engine, self.hub)
        self.orders = self.engine.blotter.view
        self.said: list[Any] = []
        for kind in (OrderChanged, Filled, Notice, TradingStateChanged):
            self.hub.subscribe(kind, self.said.append)
        live = FeedStatus(feed="fake", state=FeedState.LIVE, text="", ts_recv_ns=NOW_NS)
        self.hub.publish(live)
        self.hub.publish(quote("100", "100"))
        self.hub.publish(quote("100", "100", symbol=MSFT))

    def submit(self, *args: Any, **kwargs: Any) -> ClOrdID:
        return self.engine.submit(new_order(*args, **kwargs), **MAN)

    def cancel(self, cl_ord_id: ClOrdID) -> None:
        self.engine.cancel(cl_ord_id, **MAN)

    def replace(
        self, cl_ord_id: ClOrdID, qty: Any = 100, limit: Any = None, stop: Any = None
    ) -> ClOrdID:
        return self.engine.replace(
            cl_ord_id,
            order_qty=Decimal(qty),
            limit_px=None if limit is None else Decimal(limit),
            stop_px=None if stop is None else Decimal(stop),
            **MAN,
        )

    def get(self, cl_ord_id: ClOrdID) -> Order:
        order = self.orders.get(cl_ord_id)
        assert order is not None
        return order

    async def order(self, *args: Any, **kwargs: Any) -> Order:
        """Submit, wait until nothing is under way, and return what became of it."""
        cl_ord_id = self.submit(*args, **kwargs)
        await self.engine.settle()
        return self.get(cl_ord_id)

    async def working(self, *args: Any, **kwargs: Any) -> Order:
        """Submit, let the broker acknowledge, and return the order."""
        return await self.tell(await self.order(*args, **kwargs), report())

    async def hear(self, *reports: Any) -> None:
        """Let the broker speak and wait until it is worked in."""
        for one in reports:
            self.broker.say(one)
        await self.engine.drained()

    async def tell(self, known: Order, *reports: Any) -> Order:
        """Let the broker speak of an order, and return what that makes of it."""
        await self.hear(*(about(known, said) for said in reports))
        return self.get(known.cl_ord_id)

    def notices(self) -> list[str]:
        return [event.text for event in self.said if isinstance(event, Notice)]

    def recorded(self) -> list[str]:
        return [row.kind for row in self.journal.view.rows_after(0, 10_000)]

    def sent(self) -> list[ClOrdID]:
        """Return the identities that the broker was handed, in order, repeats included."""
        return [approved.cl_ord_id for approved in self.broker.submitted]


def about(known: Order | ApprovedOrder, said: Any) -> Any:
    """Return a report as one on the identity in force of an order, or on what was handed over."""
    cl_ord_id = known.live_id if isinstance(known, Order) else known.cl_ord_id
    return msgspec.structs.replace(said, cl_ord_id=cl_ord_id)


@contextlib.asynccontextmanager
async def running(station: Station) -> AsyncIterator[Station]:
    async with asyncio.TaskGroup() as group:
        group.create_task(station.engine.run(), name="oms")
        try:
            yield station
        finally:
            station.engine.close()


@contextlib.asynccontextmanager
async def opened(
    path: Path, config: Config = CONFIG, flag: HaltFlag | None = None
) -> AsyncIterator[Station]:
    """A station on the record at a path, with what the record holds."""
    clock = SimClock(NOW_NS)
    async with open_journal(path, clock=clock, limits=config.limits) as journal:
        books = Books(config.account.cash)
        journal.recover(books.apply)
        made = Station(journal, books=books, config=config, flag=flag)
        async with running(made) as station:
            yield station


def play(
    story: Callable[[Station], Awaitable[None]], *, disk: SimDisk | None = None, **able: Any
) -> Station:
    """Run a story on virtual time with a broker that has these capabilities.

    A disk that was written before is taken up: the station starts from its records.

    Raises:
        PowerLost: the disk cut the power.
    """
    station: Station

    async def live() -> None:
        nonlocal station
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SimLoop)
        clock = LoopClock(loop, NOW_NS)
        media = InstantDisk() if disk is None else disk
        async with open_memory_journal(media, clock=clock, limits=CONFIG.limits) as journal:
            books = Books(CONFIG.account.cash)
            journal.recover(books.apply)
            station = Station(journal, books=books, clock=clock)
            station.broker.capabilities = msgspec.structs.replace(
                station.broker.capabilities, **able
            )
            async with running(station):
                await story(station)

    run(SimLoop(), live())
    return station
