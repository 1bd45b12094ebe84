"""The real order path on virtual time, with a broker that does as a test tells it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from typing import Any

import msgspec

from app.audit.records import record_of
from app.brokers.base import BrokerOrder, Snapshot
from app.config import load_config
from app.domain.enums import OrdStatus, Origin
from app.domain.errors import Disconnected
from app.domain.events import Notice
from app.domain.ids import ClOrdID, OrderID, Symbol
from app.domain.orders import Order
from app.hub import Hub
from app.market.store import MarketStore
from app.oms.books import Books
from app.oms.path import OrderPath
from app.risk.gate import Gate
from app.tasks import spawn
from tests.fakes import FakeBroker, lose
from tests.samples import IBM, MSFT, NOW_NS, instrument, new_order, quote
from tests.sim.disk import SimDisk, open_memory_journal
from tests.sim.loop import LoopClock, SimLoop

CONFIG = load_config()


class Path:
    """An order path that may be started, or driven by hand: its engine runs either way."""

    def __init__(self, clock: LoopClock, journal: Any, disk: SimDisk, cash: Decimal) -> None:
        self.clock, self.disk, self.hub, self.broker = clock, disk, Hub(), FakeBroker()
        self.books = Books(cash)
        journal.recover(self.books.apply)
        self.gate = Gate([], {})
        for symbol, last in self.books.trading_states.items():
            if symbol:
                self.gate.set_symbol_state(symbol, last.state, last.reason)
            else:
                self.gate.set_state(last.state, last.reason, last.actor)
        store = MarketStore(hub=self.hub, clock=clock, limits=CONFIG.limits)
        store.list_instruments([instrument(), instrument(symbol=MSFT)])
        self.path = OrderPath(
            books=self.books,
            gate=self.gate,
            broker=self.broker,
            journal=journal,
            market=store.view,
            clock=clock,
            hub=self.hub,
            config=CONFIG,
        )
        self.engine, self.steward = self.path.engine, self.path.steward
        self.notices: list[Notice] = []
        self.hub.subscribe(Notice, self.notices.append)
        self.queries: list[tuple[float, ClOrdID]] = []
        """When the broker was asked for which order, seconds of virtual time."""
        self.lists: list[tuple[float, int]] = []
        """When the broker was asked for everything, and since when."""
        self.found: dict[ClOrdID, BrokerOrder] = {}
        """What the broker answers to a query; None for the rest."""
        self.listed: Callable[[int], Snapshot] = lambda since_ns: snapshot(
            since_ns=since_ns, ts_ns=clock.now_ns()
        )
        """What the broker answers when asked for everything."""
        self.is_up = True
        self.broker.on_query = self._query
        self.broker.on_snapshot = self._snapshot
        self.group: asyncio.TaskGroup

    async def _query(self, cl_ord_id: ClOrdID) -> BrokerOrder | None:
        self.queries.append((self.now_s, cl_ord_id))
        self._require_up()
        return self.found.get(cl_ord_id)

    async def _snapshot(self, since_ns: int) -> Snapshot:
        self.lists.append((self.now_s, since_ns))
        self._require_up()
        return self.listed(since_ns)

    def _require_up(self) -> None:
        if not self.is_up:
            raise Disconnected("gone", venue="fake")

    @property
    def now_s(self) -> float:
        return round(self.clock.mono_ns() / 1e9, 6)

    def lists_of(self, *orders: BrokerOrder, **changes: Any) -> None:
        """Let the broker list these orders, with other changes of the answer."""
        self.listed = lambda since_ns: snapshot(
            *orders, **{"since_ns": since_ns, "ts_ns": self.clock.now_ns(), **changes}
        )

    def quote(self, symbol: Symbol = IBM, px: Any = 100) -> None:
        self.hub.publish(quote(px, px, symbol=symbol))

    async def order(self, *args: Any, **kwargs: Any) -> Order:
        """Submit, wait until it is in the books, and return what became of it."""
        cl_ord_id = self.engine.submit(
            new_order(*args, **kwargs), origin=Origin.MANUAL, actor="ada"
        )
        await self.engine.settle()
        return self.get(cl_ord_id)

    async def lost(self, *args: Any, **kwargs: Any) -> Order:
        """Submit an order whose answer is lost."""
        self.broker.on_submit = lose
        try:
            return await self.order(*args, **kwargs)
        finally:
            self.broker.on_submit = nothing

    async def hear(self, order: Order, *reports: Any) -> Order:
        """Let the broker speak of an order, and return what that makes of it."""
        for said in reports:
            self.broker.say(msgspec.structs.replace(said, cl_ord_id=order.live_id))
        await self.engine.drained()
        return self.get(order.cl_ord_id)

    def get(self, cl_ord_id: ClOrdID) -> Order:
        order = self.engine.blotter.get(cl_ord_id)
        assert order is not None
        return order

    def qty(self, symbol: Symbol = IBM) -> Decimal:
        return self.engine.ledger.view.get(symbol).qty

    def texts(self) -> list[str]:
        return [notice.text for notice in self.notices]

    def recorded(self, kind: type) -> list[Any]:
        """Return the records of a type on the disk."""
        return [r for r in map(record_of, self.disk.rows) if isinstance(r, kind)]


async def nothing(_: object) -> None:
    pass


def snapshot(*orders: BrokerOrder, **changes: Any) -> Snapshot:
    said = Snapshot(orders=orders, executions=(), positions={}, ts_ns=NOW_NS)
    return msgspec.structs.replace(said, **changes)


def at_broker(
    known: Order, status: OrdStatus = OrdStatus.NEW, cum: Any = 0, avg: Any = None, **changes: Any
) -> BrokerOrder:
    """An order as the broker has it."""
    said = BrokerOrder(
        cl_ord_id=known.live_id,
        order_id=OrderID(f"B-{known.cl_ord_id}"),
        order=known.terms,
        ord_status=status,
        cum_qty=Decimal(cum),
        avg_px=None if avg is None else Decimal(avg),
        ts_ns=NOW_NS,
    )
    return msgspec.structs.replace(said, **changes)


def replacing(path: Path) -> None:
    """Let the broker change working orders itself."""
    able = path.broker.capabilities
    path.broker.capabilities = msgspec.structs.replace(able, has_replace=True)


def authoritative(path: Path) -> None:
    """Let the broker be all there is."""
    able = path.broker.capabilities
    path.broker.capabilities = msgspec.structs.replace(able, is_authoritative=True)


def amend(path: Path, order: Order, qty: Any = 200, limit: Any = None) -> ClOrdID:
    return path.engine.replace(
        order.cl_ord_id,
        order_qty=Decimal(qty),
        limit_px=limit,
        stop_px=None,
        origin=Origin.MANUAL,
        actor="ada",
    )


def cancel(path: Path, order: Order) -> None:
    path.engine.cancel(order.cl_ord_id, origin=Origin.MANUAL, actor="ada")


@contextlib.asynccontextmanager
async def opened(disk: SimDisk, *, cash: Any = 10_000_000) -> AsyncIterator[Path]:
    """A path on what the disk holds; only its engine runs."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SimLoop)
    clock = LoopClock(loop, NOW_NS)
    async with open_memory_journal(disk, clock=clock, limits=CONFIG.limits) as journal:
        path = Path(clock, journal, disk, Decimal(cash))
        async with asyncio.TaskGroup() as group:
            path.group = group
            path.quote()
            path.quote(MSFT)
            engine = spawn(group, "oms", path.engine.run())
            try:
                yield path
            finally:
                path.path.stop()
                await asyncio.wait([engine])


@contextlib.asynccontextmanager
async def started(
    disk: SimDisk, prepare: Callable[[Path], None] = lambda _: None, *, cash: Any = 10_000_000
) -> AsyncIterator[Path]:
    """A path on what the disk holds, started as the session does."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SimLoop)
    clock = LoopClock(loop, NOW_NS)
    async with open_memory_journal(disk, clock=clock, limits=CONFIG.limits) as journal:
        path = Path(clock, journal, disk, Decimal(cash))
        prepare(path)
        async with asyncio.TaskGroup() as group:
            path.group = group
            path.quote()
            path.quote(MSFT)
            try:
                await path.path.start(group)
                yield path
            finally:
                path.path.stop()


def run(story: Callable[[], Awaitable[None]]) -> None:
    """Run a story on virtual time."""
    with contextlib.closing(SimLoop()) as loop:
        loop.run_until_complete(story())
