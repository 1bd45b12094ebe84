"""One life of a station: the real order path on a simulated disk, clock and link."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from decimal import Decimal

import msgspec

from app import plugins
from app.audit.records import PositionAdjusted, record_of
from app.config import load_config
from app.domain.approval import ApprovedOrder
from app.domain.enums import TradingState
from app.domain.events import Notice, OrderChanged
from app.domain.ids import Symbol
from app.domain.instrument import Instrument
from app.domain.market import Quote
from app.domain.orders import Order
from app.hub import Hub
from app.market.store import MarketStore
from app.oms.books import Books
from app.oms.path import OrderPath
from app.risk.exposure import is_closing
from app.risk.gate import Gate
from tests.sim.disk import MemoryJournal, SimDisk, open_memory_journal
from tests.sim.link import Link, SimBroker
from tests.sim.loop import LoopClock, SimLoop

CASH = Decimal(10_000_000)
SYMBOLS = (Symbol("AAA"), Symbol("BBB"))
CONFIG = load_config()
LIMITS = {
    "order_qty": {"qty_max": "10000"},
    "order_value": {"value_max": "2000000"},
    "gross_leverage": {"leverage_max": "2"},
}
POSITION_MAX = Decimal(250)
"""Of a symbol, long or short, in worlds where nobody else trades the account."""
TIGHT = {
    **LIMITS,
    "position": {"long_qty_max": str(POSITION_MAX), "short_qty_max": str(POSITION_MAX)},
}
SPECS = [spec for spec in plugins.load("tradedeck.checks").specs if spec.name in TIGHT]


class Station:
    """From start to stop or crash."""

    def __init__(
        self,
        clock: LoopClock,
        journal: MemoryJournal,
        link: Link,
        disk: SimDisk,
        *,
        has_replace: bool,
        is_alone: bool,
    ) -> None:
        self.disk, self.journal, self.clock = disk, journal, clock
        self.is_alone = is_alone
        """Whether nobody else trades the account and nothing is undone: hard limits hold there."""
        self.hub = Hub()
        self.books = Books(CASH)
        journal.recover(self.books.apply)
        limits = TIGHT if is_alone else LIMITS
        self.gate = Gate([spec for spec in SPECS if spec.name in limits], limits)
        for symbol, last in self.books.trading_states.items():
            if symbol:
                self.gate.set_symbol_state(symbol, last.state, last.reason)
            else:
                self.gate.set_state(last.state, last.reason, last.actor)
        self.market = MarketStore(hub=self.hub, clock=clock, limits=CONFIG.limits)
        self.market.list_instruments(
            [Instrument(symbol=symbol, name=symbol, exchange="SIM") for symbol in SYMBOLS]
        )
        self.faults: list[str] = []
        """Broken laws, noticed while they were broken."""
        self.notices: list[str] = []
        self.statuses: dict[str, tuple[bool, bool, Decimal]] = {}
        """Order -> ended, absent, executed: as last shown."""
        self.broker = SimBroker(link, clock, has_replace=has_replace, before_send=self._before_send)
        self.path = OrderPath(
            books=self.books,
            gate=self.gate,
            broker=self.broker,
            journal=journal,  # type: ignore[arg-type]
            market=self.market.view,
            clock=clock,
            hub=self.hub,
            config=CONFIG,
        )
        self.engine = self.path.engine
        self.hub.subscribe(Notice, lambda notice: self.notices.append(notice.text))
        self.hub.subscribe(OrderChanged, lambda change: self._shown(change.order))
        for symbol in SYMBOLS:
            self.quote(symbol, Decimal(100))

    def quote(self, symbol: Symbol, px: Decimal) -> None:
        """Let the market be at a price."""
        now_ns = self.clock.now_ns()
        self.hub.publish(
            Quote(
                symbol=symbol,
                bid=px,
                bid_size=1000,
                ask=px + Decimal("0.01"),
                ask_size=1000,
                ts_exch_ns=now_ns,
                ts_recv_ns=now_ns,
            )
        )

    def adjusted(self) -> dict[str, Decimal]:
        """Return what reconciliation booked of each symbol without an execution."""
        sums: dict[str, Decimal] = {}
        for row in self.disk.rows:
            record = record_of(row) if row.kind == b"position_adjusted" else None
            if isinstance(record, PositionAdjusted):
                adjustment = record.adjustment
                sums[adjustment.symbol] = sums.get(adjustment.symbol, Decimal(0)) + adjustment.qty
        return sums

    def _before_send(self, approved: ApprovedOrder) -> None:
        """Look, at the wire, whether it may go: recorded, and let through."""
        row = self.disk.rows[approved.durable_seq - 1]
        is_record = f'"{approved.cl_ord_id}"'.encode() in row.body
        if not is_record or b'"approved":true' not in row.body:
            self.faults.append(f"I11: {approved.cl_ord_id} is sent without its record")
        symbol = approved.order.symbol
        state = self.gate.state_of(symbol)
        if state is TradingState.HALTED:
            self.faults.append(f"I16: {approved.cl_ord_id} is sent while HALTED")
        if state is TradingState.REDUCING:
            known = self.engine.blotter.get(approved.orig_cl_ord_id or approved.cl_ord_id)
            picture = self.engine._pictures.picture(approved.order, self.gate, without=known)
            if not approved.orig_cl_ord_id:  # It takes the place of nothing.
                picture = msgspec.structs.replace(picture, replaced_qty=Decimal(0))
            # Of a replace the total is asked for; what is executed of it opens nothing.
            cum_qty = Decimal(0) if known is None else known.cum_qty
            left = approved.order.order_qty - cum_qty
            if not is_closing(msgspec.structs.replace(approved.order, order_qty=left), picture):
                self.faults.append(f"I15: {approved.cl_ord_id} opens while REDUCING")

    def _shown(self, order: Order) -> None:
        """Look whether what is shown is on disk, and a step that an order can take."""
        needle = f'"{order.cl_ord_id}"'.encode()
        if not any(needle in row.body for row in reversed(self.disk.rows)):
            self.faults.append(f"I10: {order.cl_ord_id} is shown and not on disk")
        was = self.statuses.get(order.cl_ord_id)
        rewritten = any(fact.report.exec_ref_id for fact in order.facts)
        if was is not None and not rewritten and not order.amendments:
            ended, absent, cum = was
            if ended and not absent and not order.is_ended:
                self.faults.append(f"I8: {order.cl_ord_id} had ended and works again")
            synthetic = any(fact.report.is_synthetic for fact in order.facts)
            if order.cum_qty < cum and not synthetic:
                self.faults.append(f"I7: {order.cl_ord_id} had {cum} and has {order.cum_qty}")
        self.statuses[order.cl_ord_id] = order.is_ended, order.is_absent, order.cum_qty


@contextlib.asynccontextmanager
async def living(
    loop: SimLoop,
    clock: LoopClock,
    disk: SimDisk,
    link: Link,
    *,
    has_replace: bool,
    is_alone: bool,
) -> AsyncIterator[Station]:
    """Start a station as the session does; stop it in order at the end."""
    async with open_memory_journal(disk, clock=clock, limits=CONFIG.limits) as journal:
        station = Station(clock, journal, link, disk, has_replace=has_replace, is_alone=is_alone)
        link.come_up(loop, clock)
        async with asyncio.TaskGroup() as group:
            try:
                await station.path.start(group)
                yield station
            finally:
                station.path.stop()
                link.broker = None
