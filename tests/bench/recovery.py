"""A start on a long record: a million records checked and folded, beside bare reading of the rows.

The record is written by the journal itself: orders of an account, each decided, sent, acknowledged,
partly filled and filled. The floor is SQLite handing over the same rows, all columns, nothing done
with them.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import sqlite3
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from app.audit.journal import Journal, open_journal
from app.audit.records import ExecutionReported, OrderDecided, OrderSent, Record
from app.clock import LiveClock, SimClock
from app.config import load_config
from app.domain.commands import SubmitOrder
from app.domain.decision import CheckResult, Picture
from app.domain.enums import ExecType, OrdType, Origin, Side, TradingState
from app.domain.ids import AccountID, ClOrdID, ExecID, OrderID, Symbol
from app.domain.reports import ExecutionReport
from app.domain.terms import NewOrder
from app.oms.books import Books
from tests.bench.result import Result, figure, result

RECORDS = 1_000_000
RECORDS_OF_ORDER = 5
GROUP = 4_000
START_NS = 1_795_444_200_000_000_000
CASH = Decimal(100_000)
CHECKS = tuple(
    CheckResult(name=name, passed=True, value="100", limit="10,000", text="")
    for name in ("trading_state", "instrument", "order_qty", "tick_size", "order_value")
)


def run() -> Result:
    """Measure one start on a million records."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "audit.db"
        asyncio.run(_write(path))
        floor_s = _read(path)
        taken_s, books = asyncio.run(_recover(path))
        gc.collect()
    assert len(books.blotter.orders.by_id) == RECORDS // RECORDS_OF_ORDER
    rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return result(
        "recovery",
        {
            "start": figure(taken_s, "s", floor=floor_s),
            "records_per_s": figure(RECORDS / taken_s, "1/s", floor=RECORDS / floor_s),
            "rss_max": figure(rss_mb, "MB"),
        },
    )


async def _write(path: Path) -> None:
    limits = load_config().limits
    async with open_journal(path, clock=SimClock(START_NS), limits=limits) as journal:
        journal.recover(lambda record: None)
        await _append_all(journal)


async def _append_all(journal: Journal) -> None:
    group: list[Record] = []
    for number in range(RECORDS // RECORDS_OF_ORDER):
        group += _story(number)
        if len(group) >= GROUP:
            await journal.append(group)
            group = []
    await journal.append(group)


def _story(number: int) -> Iterator[Record]:
    cl_ord_id = ClOrdID(f"BENCH-261123-{number}")
    side = Side.SELL if number % 2 else Side.BUY
    ts_ns = START_NS + number * 1_000_000
    order = NewOrder(
        symbol=Symbol("IBM"),
        side=side,
        order_qty=Decimal(100),
        ord_type=OrdType.LIMIT,
        limit_px=Decimal("187.20"),
    )
    yield OrderDecided(
        command=SubmitOrder(
            cl_ord_id=cl_ord_id,
            order=order,
            origin=Origin.MANUAL,
            actor="bench",
            ts_intent_ns=ts_ns,
        ),
        account=AccountID("BENCH"),
        approved=True,
        checks=CHECKS,
        picture=Picture(
            ts_ns=ts_ns,
            trading_state=TradingState.ACTIVE,
            bid=Decimal("187.19"),
            bid_size=300,
            ask=Decimal("187.20"),
            ask_size=500,
            equity=CASH,
        ),
    )
    yield OrderSent(cl_ord_id=cl_ord_id, ts_sent_ns=ts_ns)
    yield ExecutionReported(report=_report(cl_ord_id, ExecType.NEW, ts_ns))
    for part in (1, 2):
        fill = _report(
            cl_ord_id,
            ExecType.TRADE,
            ts_ns + part,
            exec_id=ExecID(f"{cl_ord_id}.{part}"),
            last_qty=Decimal(50),
            last_px=Decimal("187.20"),
        )
        yield ExecutionReported(report=fill)


def _report(
    cl_ord_id: ClOrdID, exec_type: ExecType, ts_ns: int, **fields: object
) -> ExecutionReport:
    return ExecutionReport(
        cl_ord_id=cl_ord_id,
        exec_type=exec_type,
        order_id=OrderID(f"B-{cl_ord_id}"),
        ts_exch_ns=ts_ns,
        ts_recv_ns=ts_ns,
        **fields,  # type: ignore[arg-type]
    )


def _read(path: Path) -> float:
    """Return the seconds in which SQLite hands the rows over."""
    clock = LiveClock()
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        started_ns = clock.mono_ns()
        count = sum(1 for _ in connection.execute("SELECT * FROM log ORDER BY seq"))
        taken_ns = clock.mono_ns() - started_ns
    finally:
        connection.close()
    assert count == RECORDS
    return taken_ns / 1e9


async def _recover(path: Path) -> tuple[float, Books]:
    """Return the seconds from opening the record to complete books."""
    clock = LiveClock()
    books = Books(CASH)
    started_ns = clock.mono_ns()
    async with open_journal(path, clock=clock, limits=load_config().limits) as journal:
        journal.recover(books.apply)
        taken_ns = clock.mono_ns() - started_ns
    return taken_ns / 1e9, books
