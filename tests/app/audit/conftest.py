"""Logs to try things on: made once, copied for each test, so that few tests wait for the disk."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.audit import schema
from app.audit.journal import open_journal
from app.audit.records import (
    AmendmentDecided,
    AmendmentEnded,
    CancelRejected,
    CancelRequested,
    CashPosted,
    DayStarted,
    EquityPeaked,
    ExecutionReported,
    FeedChanged,
    HoldEnded,
    HoldMoved,
    HoldTriggered,
    LimitBreached,
    LimitSet,
    LimitsLocked,
    LotMethodSet,
    LotsPicked,
    OrderAdopted,
    OrderDecided,
    OrderHeld,
    OrderMissing,
    OrderSent,
    PositionAdjusted,
    Record,
    ReportUnreadable,
    RunEnded,
    RunStarted,
    SendLost,
    SharesSplit,
    TradingStateSet,
    UserActed,
)
from app.clock import SimClock
from app.config import Limits
from app.domain.cash import CashKind, CashPosting, DayStart
from app.domain.commands import CancelOrder, ReplaceOrder, SubmitOrder
from app.domain.corporate import Split
from app.domain.decision import CheckResult, Picture
from app.domain.enums import (
    AmendmentState,
    AmendmentWay,
    ExecType,
    FeedState,
    Liquidity,
    OrdType,
    Origin,
    Side,
    TradingState,
    Venue,
)
from app.domain.ids import AccountID, ClOrdID, ExecID, OrderID, Symbol
from app.domain.lots import LotMethod
from app.domain.market import FeedStatus
from app.domain.position import PositionAdjustment
from app.domain.reports import AbsentAtBroker, CancelReject, ExecutionReport, SendUncertain
from app.domain.terms import Hold, NewOrder, TimeCondition

T0 = 1_795_444_200_123_456_789
"""Monday 2026-11-23, 09:30:00.123456789 New York."""


class Writing:
    """What a day's records are made of; times are nanoseconds after `T0` where not given."""

    t0 = T0

    @staticmethod
    def limits(**over: int) -> Limits:
        bounds = {
            "inbox_max": 64,
            "journal_queue_max": 10_000,
            "journal_tail_max": 100,
            "trades_ring": 10,
            "bars_ring": 10,
            "symbols_max": 10,
            "bad_lines_max": 10,
        }
        return Limits(**{**bounds, **over})

    @staticmethod
    def started(mode: Venue = Venue.PAPER) -> RunStarted:
        return RunStarted(
            version="0.1.0",
            config_hash="ab" * 32,
            mode=mode,
            account=AccountID("PTEST"),
            cash=Decimal("100000"),
            python="3.11.7",
            sqlite="3.40.1",
            feed="builtin",
            broker="builtin",
        )

    @staticmethod
    def decided(
        name: str,
        qty: str = "100",
        limit: str | None = "181.00",
        *,
        symbol: str = "IBM",
        side: Side = Side.BUY,
        approved: bool = True,
        ts_ns: int = T0,
    ) -> OrderDecided:
        text = "" if approved else "order value 18,100.00 USD is over the limit; order not sent"
        return OrderDecided(
            command=SubmitOrder(
                cl_ord_id=ClOrdID(name),
                order=NewOrder(
                    symbol=Symbol(symbol),
                    side=side,
                    order_qty=Decimal(qty),
                    ord_type=OrdType.LIMIT if limit else OrdType.MARKET,
                    limit_px=Decimal(limit) if limit else None,
                ),
                origin=Origin.MANUAL,
                actor="ada",
                ts_intent_ns=ts_ns,
            ),
            account=AccountID("PTEST"),
            approved=approved,
            checks=(
                CheckResult(
                    name="order_value",
                    passed=approved,
                    value="18,100.00 USD",
                    limit="200,000 USD",
                    text=text,
                    use=0.0905,
                ),
            ),
            picture=Picture(
                ts_ns=ts_ns + 1_000,
                trading_state=TradingState.ACTIVE,
                bid=Decimal("180.99"),
                bid_size=300,
                ask=Decimal("181.01"),
                ask_size=200,
            ),
        )

    @staticmethod
    def sent(name: str) -> OrderSent:
        return OrderSent(cl_ord_id=ClOrdID(name), ts_sent_ns=T0 + 2_000)

    @staticmethod
    def report(name: str, exec_type: ExecType, text: str = "") -> ExecutionReported:
        return ExecutionReported(
            report=ExecutionReport(
                cl_ord_id=ClOrdID(name),
                exec_type=exec_type,
                order_id=OrderID(f"B-{name}"),
                ts_exch_ns=T0 + 3_000,
                ts_recv_ns=T0 + 4_000,
                text=text,
            )
        )

    @staticmethod
    def fill(
        name: str,
        exec_id: str,
        qty: str = "100",
        px: str = "180.995",
        *,
        ts_exch_ns: int = T0 + 5_000,
        last_mkt: str = "XNYS",
    ) -> ExecutionReported:
        return ExecutionReported(
            report=ExecutionReport(
                cl_ord_id=ClOrdID(name),
                exec_type=ExecType.TRADE,
                order_id=OrderID(f"B-{name}"),
                exec_id=ExecID(exec_id),
                last_qty=Decimal(qty),
                last_px=Decimal(px),
                fee=Decimal("0.0150"),
                last_mkt=last_mkt,
                liquidity=Liquidity.REMOVED,
                ts_exch_ns=ts_exch_ns,
                ts_recv_ns=ts_exch_ns + 1_000_000,
            )
        )

    @staticmethod
    def cancel(name: str) -> CancelRequested:
        return CancelRequested(
            command=CancelOrder(
                cl_ord_id=ClOrdID(name), origin=Origin.MANUAL, actor="ada", ts_intent_ns=T0
            )
        )

    @staticmethod
    def cancel_rejected(name: str) -> CancelRejected:
        return CancelRejected(
            report=CancelReject(
                cl_ord_id=ClOrdID(name), ts_exch_ns=T0, ts_recv_ns=T0 + 6_000, text="too late"
            )
        )

    @staticmethod
    def lost(name: str) -> SendLost:
        return SendLost(
            report=SendUncertain(
                cl_ord_id=ClOrdID(name), ts_recv_ns=T0 + 6_000, text="sent, no answer"
            )
        )

    @staticmethod
    def acted(detail: str = "") -> UserActed:
        return UserActed(action="note", detail=detail, actor="ada")

    @staticmethod
    def halted() -> TradingStateSet:
        return TradingStateSet(state=TradingState.HALTED, reason="lunch", actor="ada")

    @staticmethod
    def feed_up() -> FeedChanged:
        return FeedChanged(
            status=FeedStatus(feed="builtin", state=FeedState.LIVE, text="", ts_recv_ns=T0)
        )

    @staticmethod
    def ended() -> RunEnded:
        return RunEnded(reason="stopped")

    @classmethod
    def one_of_each(cls) -> list[Record]:
        """Return a small day: a record of every type that an ordinary one has."""
        return [
            cls.started(),
            cls.feed_up(),
            cls.decided("A1"),
            cls.sent("A1"),
            cls.report("A1", ExecType.NEW),
            cls.fill("A1", "X1", "40"),
            cls.cancel("A1"),
            cls.cancel_rejected("A1"),
            cls.decided("A2", limit=None, side=Side.SELL),
            cls.lost("A2"),
            cls.acted("café ☕"),
            cls.halted(),
            cls.ended(),
        ]

    @classmethod
    def every_type(cls) -> list[Record]:
        """Return a record of every type there is."""
        return [*cls.one_of_each(), *cls.of_held_orders(), *cls.of_changes(), *cls.of_books()]

    @classmethod
    def held(cls, name: str, **hold: Any) -> OrderHeld:
        decided = cls.decided(name)
        command = msgspec.structs.replace(decided.command, hold=Hold(**hold))
        return OrderHeld(
            command=command,
            account=decided.account,
            checks=decided.checks,
            picture=decided.picture,
        )

    @classmethod
    def of_held_orders(cls) -> list[Record]:
        name = ClOrdID("A3")
        return [
            cls.held("A3", conditions=(TimeCondition(at_ns=T0),)),
            HoldMoved(cl_ord_id=name, watch_px=Decimal("179.5"), ts_ns=T0),
            HoldTriggered(cl_ord_id=name, ts_ns=T0, px=Decimal("179.4")),
            HoldEnded(cl_ord_id=name, ts_ns=T0, text="taken back"),
        ]

    @classmethod
    def amended(cls, name: str, qty: str, *, approved: bool = True) -> AmendmentDecided:
        decided = cls.decided(name, qty, approved=approved)
        return AmendmentDecided(
            command=ReplaceOrder(
                cl_ord_id=ClOrdID(f"{name}-R"),
                orig_cl_ord_id=ClOrdID(name),
                order_qty=Decimal(qty),
                limit_px=Decimal("181.00"),
                stop_px=None,
                origin=Origin.MANUAL,
                actor="ada",
                ts_intent_ns=T0,
            ),
            order=decided.command.order,
            way=AmendmentWay.NATIVE,
            approved=approved,
            checks=decided.checks,
            picture=decided.picture,
        )

    @classmethod
    def of_changes(cls) -> list[Record]:
        name = ClOrdID("A1")
        return [
            cls.amended("A1", "150"),
            AmendmentEnded(
                cl_ord_id=name,
                request_id=ClOrdID("A1-R"),
                state=AmendmentState.DROPPED,
                ts_ns=T0,
                text="filled first",
            ),
            OrderMissing(
                report=AbsentAtBroker(cl_ord_id=ClOrdID("A2"), ts_recv_ns=T0, text="not there")
            ),
            OrderAdopted(
                cl_ord_id=ClOrdID("X7"),
                account=AccountID("PTEST"),
                order=cls.decided("X7").command.order,
                order_id=OrderID("B-X7"),
                ts_ns=T0,
            ),
            ReportUnreadable(text="no JSON", raw_hex="ff00", symbol=Symbol("IBM")),
        ]

    @classmethod
    def of_books(cls) -> list[Record]:
        adjustment = PositionAdjustment(
            adjustment_id="P1", symbol=Symbol("IBM"), qty=Decimal(-5), px=Decimal(0), ts_ns=T0
        )
        posting = CashPosting(posting_id="C1", kind=CashKind.FEE, amount=Decimal("-1.50"), ts_ns=T0)
        split = Split(symbol=Symbol("IBM"), ex_date=date(2026, 11, 24), new=2, old=1)
        day = DayStart(trading_day=date(2026, 11, 23), equity=Decimal(9), cash=Decimal(7), ts_ns=T0)
        return [
            PositionAdjusted(adjustment=adjustment),
            CashPosted(posting=posting),
            SharesSplit(split=split),
            DayStarted(start=day),
            LotsPicked(exec_id=ExecID("X1"), picks=((ExecID("X0"), Decimal(40)),), actor="ada"),
            LotMethodSet(method=LotMethod.LIFO, symbol=Symbol("IBM"), actor="ada"),
            LimitSet(
                check="order_qty",
                param="qty_max",
                value="500",
                before="1000",
                reason="small day",
                actor="ada",
                ts_ns=1,
            ),
            LimitsLocked(
                until=date(2026, 11, 24),
                until_ns=2,
                ts_ns=1,
                mono_ns=1,
                limits={"order_qty": {"qty_max": "500"}},
                actor="ada",
            ),
            LimitBreached(
                check="daily_loss",
                value="2.10 %",
                limit="2 %",
                text="the day's loss is 2.10 %, limit 2 %",
                outcome="alert",
                ts_ns=1,
            ),
            EquityPeaked(equity=Decimal("101000.5"), week=date(2026, 11, 23), ts_ns=1),
        ]

    def log(self, path: Path, *runs: Sequence[Record]) -> Path:
        """Write a log of one run each, closed in order."""

        async def write() -> None:
            for records in runs:
                clock = SimClock(self.t0)
                async with open_journal(path, clock=clock, limits=self.limits()) as journal:
                    journal.recover(lambda _: None)
                    await journal.append(records)

        asyncio.run(write())
        return path


@pytest.fixture(scope="session", autouse=True)
def _programs_find_us() -> Iterator[None]:
    """Let the programs that tests start import this station, wherever they are started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[3]))
        yield


@pytest.fixture(scope="session")
def writing() -> Writing:
    """Records by hand, and logs of them."""
    return Writing()


@pytest.fixture(scope="session")
def _log_files(tmp_path_factory: pytest.TempPathFactory, writing: Writing) -> list[Path]:
    folder = tmp_path_factory.mktemp("log")
    writing.log(folder / "audit.db", writing.one_of_each(), [writing.started(), writing.ended()])
    return [folder / "audit.db", folder / "audit.anchors"]


@pytest.fixture
def log(_log_files: list[Path], tmp_path: Path) -> Path:
    """A closed log of two runs, 13 and 2 records, each run anchored at its end."""
    for file in _log_files:
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path / "audit.db"


Forge = Callable[..., None]


@pytest.fixture(scope="session")
def forge() -> Forge:
    """Run SQL on a log as somebody who may write the file: no trigger is in the way."""

    def run(path: Path, *statements: str, values: Sequence[object] = ()) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for name in schema.TRIGGERS:
                connection.execute(f"DROP TRIGGER IF EXISTS {name}")
            for statement in statements:
                connection.execute(statement, tuple(values) if "?" in statement else ())
            for trigger in schema.TRIGGERS.values():
                connection.execute(trigger)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    return run


@pytest.fixture(scope="session")
def stored() -> Callable[[Path], list[tuple[object, ...]]]:
    """Return every cell of a closed log as SQLite gives it, with its storage class."""

    def read(path: Path) -> list[tuple[object, ...]]:
        columns = [row[0] for row in _cells(path, "SELECT name FROM pragma_table_info('log')")]
        names = ", ".join(f"{name.decode()}, typeof({name.decode()})" for name in columns)
        return list(_cells(path, f"SELECT {names} FROM log ORDER BY seq"))

    return read


def _cells(path: Path, query: str) -> Iterator[tuple[object, ...]]:
    uri = path.as_uri() + "?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        connection.text_factory = bytes
        yield from connection.execute(query).fetchall()


@pytest.fixture(scope="session")
def _crashed_files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("crashed")
    code = _CRASH.format(path=str(folder / "audit.db"))
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 9
    return [folder / "audit.db", folder / "audit.db-wal"]


_CRASH = """
import asyncio, os
from pathlib import Path
from app.audit.journal import open_journal
from app.audit.records import UserActed
from app.clock import SimClock
from app.config import load_config

async def main():
    limits = load_config().limits
    async with open_journal(Path({path!r}), clock=SimClock(1), limits=limits) as journal:
        journal.recover(lambda _: None)
        for number in range(6):
            await journal.append([UserActed(action="note", detail=str(number), actor="ada")])
        os._exit(9)

asyncio.run(main())
"""


@pytest.fixture
def crashed(_crashed_files: list[Path], tmp_path: Path) -> Path:
    """A log of six commits whose program died: everything is in the WAL, nothing is anchored."""
    for file in _crashed_files:
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path / "audit.db"
