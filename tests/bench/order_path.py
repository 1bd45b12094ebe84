"""From the gesture to the broker call, the durable record between, beside a bare fdatasync (M12).

The whole session runs on Qt's loop as in the window; only the broker is replaced by one that notes
when it is called. Orders go one at a time, as a hand gives them.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from decimal import Decimal
from pathlib import Path

import msgspec

from app.brokers.base import BrokerOrder, BrokerSpec, Recorded, ReportSink, Snapshot
from app.clock import Clock, LiveClock
from app.config import Config
from app.desk import Desk
from app.domain.approval import ApprovedOrder
from app.domain.capabilities import Capabilities
from app.domain.enums import ExecType, OrdType, Origin, Side, TimeInForce, Venue
from app.domain.ids import AccountID, ClOrdID
from app.domain.reports import ExecutionReport
from app.domain.terms import NewOrder
from app.exchange.market import Exchange
from app.hub import Hub
from app.paths import Paths
from app.session import Session, paper_plan
from app.tasks import spawn
from tests.bench.result import Result, figure, percentile, result

ORDERS = 400
WARM_UP = 40
RECORD_BYTES = 3_600
"""Of a decision with 39 checks; the floor writes as much."""
IN_A_ROW = {
    "order_rate": {
        "per_second_max": 10_000,
        "per_minute_max": 100_000,
        "per_day_max": 1_000_000,
    },
    "duplicate": {"window_ms": 0},
    "burst": {"twins_max": 100_000},
    "message_ratio": {"free_messages_max": 1_000_000},
}
"""Every check is run; these would refuse so many of the same order one after the other."""


class _Noting:
    """A broker that notes the moment of each call and rejects, so that nothing piles up."""

    name = "noting"
    capabilities = Capabilities(
        ord_types=frozenset(OrdType),
        times_in_force=frozenset(TimeInForce),
        can_short=True,
        has_fractions=False,
    )

    def __init__(self, account: AccountID) -> None:
        self.account = account
        self.connected_since_ns: int | None = 0
        self.called = asyncio.Event()
        self.called_ns = 0
        self._clock = LiveClock()

    def connect(self, sink: ReportSink) -> None:
        self._sink = sink

    def restore(self, recorded: Recorded) -> None:
        pass

    async def submit(self, order: ApprovedOrder) -> None:
        self.called_ns = self._clock.mono_ns()
        now_ns = self._clock.now_ns()
        self._sink(
            ExecutionReport(
                cl_ord_id=order.cl_ord_id,
                exec_type=ExecType.REJECTED,
                ts_exch_ns=now_ns,
                ts_recv_ns=now_ns,
            )
        )
        self.called.set()

    async def cancel(self, cl_ord_id: ClOrdID) -> None:
        raise AssertionError("nothing is cancelled here")

    async def replace(self, order: ApprovedOrder) -> None:
        raise AssertionError("nothing is replaced here")

    async def query(self, cl_ord_id: ClOrdID) -> BrokerOrder | None:
        return None

    async def snapshot(self, since_ns: int) -> Snapshot:
        return Snapshot(orders=(), executions=(), positions={}, ts_ns=since_ns)

    def emergency(self) -> None:
        return None


def run() -> Result:
    """Measure order by order, with a bare fdatasync on the same disk between them."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from widgets.qtloop import QtLoop

    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder, QtLoop(app) as loop:
        taken, floor = loop.run_until_complete(_measure(Path(folder)))
    figures = {
        f"gesture_to_broker_{name}": figure(
            percentile(taken, share), "us", floor=percentile(floor, share), target=target
        )
        for name, share, target in (("p50", 0.5, "<= 4"), ("p99", 0.99, "<= 6"))
    }
    return result("order_path", figures)


async def _measure(folder: Path) -> tuple[list[float], list[float]]:
    brokers: list[_Noting] = []

    def make(
        config: Config, clock: Clock, hub: Hub, account: AccountID, exchange: Exchange | None
    ) -> _Noting:
        brokers.append(_Noting(account))
        return brokers[-1]

    plan = paper_plan(Paths(data_dir=folder), origin=Origin.SCRIPT)
    spec = BrokerSpec(name="noting", title="noting", venue=Venue.PAPER, make=make)
    risk = msgspec.structs.replace(plan.config.risk, checks={**plan.config.risk.checks, **IN_A_ROW})
    config = msgspec.structs.replace(plan.config, risk=risk)
    session = Session(msgspec.structs.replace(plan, broker=spec, config=config))
    taken: list[float] = []
    floor: list[float] = []

    async def work(desk: Desk) -> None:
        try:
            await _trade(desk, brokers[0], folder / "floor", taken, floor)
        finally:
            desk.request_stop()

    async with asyncio.TaskGroup() as group:
        await session.run(lambda desk: spawn(group, "work", work(desk)) and None)
    return taken[WARM_UP:], floor[WARM_UP:]


async def _trade(
    desk: Desk, broker: _Noting, beside: Path, taken: list[float], floor: list[float]
) -> None:
    clock = LiveClock()
    symbol = desk.instruments[0].symbol
    while desk.market.quote(symbol) is None:  # noqa: ASYNC110  The desk is pulled.
        await asyncio.sleep(0.01)
    order = NewOrder(symbol=symbol, side=Side.BUY, order_qty=Decimal(1), ord_type=OrdType.MARKET)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        for _ in range(ORDERS + WARM_UP):
            broker.called.clear()
            started_ns = clock.mono_ns()
            desk.submit(order)
            async with asyncio.timeout(10):  # What the gate refuses would be waited for in vain.
                await broker.called.wait()
            taken.append((broker.called_ns - started_ns) / 1e3)
            await asyncio.sleep(0.003)
            started_ns = clock.mono_ns()
            os.write(descriptor, b"x" * RECORD_BYTES)
            os.fdatasync(descriptor)
            floor.append((clock.mono_ns() - started_ns) / 1e3)
    finally:
        os.close(descriptor)
