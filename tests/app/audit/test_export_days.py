"""Days of trading as they are exported: many fills, late fills, changed clocks, evil names.

Logs are written by the journal, files are read back by Python's own CSV and JSON readers.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.audit import export as module
from app.audit.export import (
    FORMULA_STARTS,
    ORDER_COLUMNS,
    export,
    plain,
)
from app.audit.journal import open_journal
from app.audit.reader import read_rows
from app.audit.records import Record
from app.audit.verify import verify
from app.clock import SimClock
from app.domain.enums import ExecType, Side
from app.domain.errors import BadInput, JournalUnreadable

BOM = b"\xef\xbb\xbf"


class Exports:
    """Writes a log of some records and reads back what is exported of it."""

    def __init__(self, folder: Path, writing: Any) -> None:
        self.folder = folder
        self.writing = writing
        self.log = folder / "audit.db"

    def write(self, *records: Record) -> None:
        self.writing.log(self.log, [self.writing.started(), *records])

    def csv(self, what: str) -> list[dict[str, str]]:
        out = self.folder / f"{what}.csv"
        count = export(self.log, what, "csv", out)
        whole = out.read_bytes()
        assert whole.startswith(BOM)
        text = whole[len(BOM) :].decode()
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        assert count == len(rows)
        return rows

    def json(self, what: str) -> list[dict[str, Any]]:
        out = self.folder / f"{what}.json"
        count = export(self.log, what, "json", out)

        def refuse(text: str) -> None:
            raise AssertionError(f"the file holds the binary fraction {text}")

        rows: list[dict[str, Any]] = json.loads(
            out.read_bytes(), parse_float=refuse, parse_constant=refuse
        )
        assert count == len(rows)
        return rows


@pytest.fixture
def exports(tmp_path: Path, writing: Any) -> Exports:
    return Exports(tmp_path, writing)


# What is said


def test_order_has_all_its_cells(exports: Exports, writing: Any) -> None:
    exports.write(
        writing.decided("A1"),
        writing.sent("A1"),
        writing.report("A1", ExecType.NEW),
        writing.fill("A1", "X1", "30", "181"),
        writing.fill("A1", "X2", "10", "180.5"),
    )
    (order,) = exports.csv("orders")
    assert tuple(order) == ORDER_COLUMNS
    assert order == {
        "date": "2026-11-23",
        "time": "09:30:00.123",
        "zone": "EST",
        "timestamp": "2026-11-23T09:30:00.123-05:00",
        "ts_intent_ns": str(writing.t0),
        "ts_sent_ns": str(writing.t0 + 2_000),
        "ts_ack_ns": str(writing.t0 + 4_000),
        "ts_last_ns": str(writing.t0 + 1_005_000),
        "mode": "paper",
        "account": "PTEST",
        "actor": "ada",
        "origin": "manual",
        "cl_ord_id": "A1",
        "order_id": "B-A1",
        "symbol": "IBM",
        "side": "BUY",
        "quantity": "100",
        "type": "LIMIT",
        "limit": "181",
        "time_in_force": "DAY",
        "status": "PARTIALLY_FILLED",
        "custody": "acknowledged",
        "filled": "40",
        "average_price": "180.875",
        "fees": "0.03",
        "currency": "USD",
        "decision": "approved",
        "reason": "",
        "log_seq": "2",
        "log_hash": read_rows(exports.log, 2, 1, None)[0].hash,
    }


def test_every_fill_of_an_order_is_a_trade(exports: Exports, writing: Any) -> None:
    exports.write(
        writing.decided("A"),
        writing.decided("B", side=Side.SELL),
        writing.fill("A", "X1", "40"),
        writing.fill("B", "Y1", "100"),
        writing.fill("A", "X2", "60"),
    )
    trades = exports.csv("trades")
    assert [(t["cl_ord_id"], t["exec_id"], t["side"], t["quantity"]) for t in trades] == [
        ("A", "X1", "BUY", "40"),
        ("B", "Y1", "SELL", "100"),
        ("A", "X2", "BUY", "60"),
    ]
    assert [trade["log_seq"] for trade in trades] == ["4", "5", "6"]


def test_repeated_and_contradicting_fills_are_no_trades(exports: Exports, writing: Any) -> None:
    exports.write(
        writing.decided("A"),
        writing.fill("A", "X1", "40"),
        writing.fill("A", "X1", "40"),
        writing.fill("A", "X1", "41"),
        writing.fill("Z", "X9", "40"),
    )
    assert [trade["quantity"] for trade in exports.csv("trades")] == ["40"]
    (order,) = exports.csv("orders")
    assert order["custody"] == "unknown"


def test_late_and_excess_fills_are_trades(exports: Exports, writing: Any) -> None:
    exports.write(
        writing.decided("A"),
        writing.report("A", ExecType.CANCELED),
        writing.fill("A", "X1", "40"),
        writing.fill("A", "X2", "90"),
    )
    assert [trade["quantity"] for trade in exports.csv("trades")] == ["40", "90"]
    (order,) = exports.csv("orders")
    assert (order["filled"], order["status"]) == ("130", "FILLED")


def test_refused_order_is_an_order_with_its_reason(exports: Exports, writing: Any) -> None:
    exports.write(writing.decided("A", approved=False), writing.decided("B"))
    refused, unsent = exports.csv("orders")
    assert (refused["decision"], refused["status"]) == ("refused", "REJECTED")
    assert refused["reason"].endswith("order not sent")
    assert (unsent["decision"], unsent["custody"], unsent["ts_sent_ns"]) == (
        "approved",
        "unsent",
        "",
    )
    assert exports.csv("trades") == []


def test_market_order_has_no_limit(exports: Exports, writing: Any) -> None:
    exports.write(writing.decided("A", limit=None))
    (order,) = exports.csv("orders")
    assert (order["type"], order["limit"], order["average_price"]) == ("MARKET", "", "")
    (order,) = exports.json("orders")
    assert (order["limit"], order["average_price"], order["ts_ack_ns"]) == (None, None, None)


@pytest.mark.parametrize("what", ["trades", "orders"])
def test_json_says_the_same_as_csv(exports: Exports, writing: Any, what: str) -> None:
    exports.write(*writing.one_of_each()[1:], writing.decided("A3", approved=False))
    in_csv, in_json = exports.csv(what), exports.json(what)
    assert in_json
    as_texts = [
        {name: "" if cell is None else str(cell) for name, cell in row.items()} for row in in_json
    ]
    assert as_texts == in_csv
    for row in in_json:
        assert {name for name, cell in row.items() if isinstance(cell, int)} >= {"log_seq"}


# Times


def ns(text: str) -> int:
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1_000


@pytest.mark.parametrize(
    ("utc", "date", "time", "zone", "timestamp"),
    [
        # 2026-03-08: 02:00 EST becomes 03:00 EDT.
        ("2026-03-08T06:59:59.999999Z", "2026-03-08", "01:59:59.999", "EST", "01:59:59.999-05:00"),
        ("2026-03-08T07:00:00.000000Z", "2026-03-08", "03:00:00.000", "EDT", "03:00:00.000-04:00"),
        # 2026-11-01: 02:00 EDT becomes 01:00 EST, and 01:30 is there twice.
        ("2026-11-01T05:30:00.001000Z", "2026-11-01", "01:30:00.001", "EDT", "01:30:00.001-04:00"),
        ("2026-11-01T06:30:00.001000Z", "2026-11-01", "01:30:00.001", "EST", "01:30:00.001-05:00"),
        # The day is New York's.
        ("2026-07-01T03:59:59.000999Z", "2026-06-30", "23:59:59.000", "EDT", "23:59:59.000-04:00"),
        ("2013-10-08T13:50:06.041000Z", "2013-10-08", "09:50:06.041", "EDT", "09:50:06.041-04:00"),
    ],
)
def test_time_is_new_york_to_the_millisecond(
    exports: Exports, writing: Any, utc: str, date: str, time: str, zone: str, timestamp: str
) -> None:
    ts_ns = ns(utc) + 999  # Nanoseconds are cut, never rounded up into the next millisecond.
    exports.write(writing.decided("A", ts_ns=ts_ns), writing.fill("A", "X", ts_exch_ns=ts_ns))
    for row in (*exports.csv("trades"), *exports.csv("orders"), *exports.json("trades")):
        said = (row["date"], row["time"], row["zone"], row["timestamp"])
        assert said == (date, time, zone, f"{date}T{timestamp}")
        assert int(row.get("ts_exch_ns") or row["ts_intent_ns"]) == ts_ns


# Cells


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_formula_is_a_text_in_csv_and_itself_in_json(
    exports: Exports, writing: Any, start: str
) -> None:
    evil = f'{start}HYPERLINK("http://x","a, b")\r\n'
    exports.write(writing.decided("A", symbol=evil), writing.fill("A", evil, last_mkt=evil))
    (trade,) = exports.csv("trades")
    assert trade["symbol"] == trade["exec_id"] == trade["venue"] == f"'{evil}"
    (order,) = exports.csv("orders")
    assert order["symbol"] == f"'{evil}"
    assert exports.json("trades")[0]["symbol"] == evil


def test_no_cell_of_any_column_starts_a_formula(exports: Exports, writing: Any) -> None:
    decided = writing.decided("=A", symbol="@S", approved=False)
    command = msgspec.structs.replace(decided.command, actor="+eve")
    check = msgspec.structs.replace(decided.checks[0], text="-1+1")
    exports.write(
        msgspec.structs.replace(decided, command=command, account="=P", checks=(check,)),
        writing.fill("=A", "\tX", last_mkt="\rM"),
    )
    for row in (*exports.csv("trades"), *exports.csv("orders")):
        assert [name for name, cell in row.items() if cell.startswith(FORMULA_STARTS)] == []


@pytest.mark.parametrize("number", ["-0", "-0.0", "-0E+2", "0E-8"])
def test_nothing_is_zero_without_a_sign(number: str) -> None:
    assert plain(Decimal(number)) == "0"


@pytest.mark.parametrize(
    ("qty", "px"), [("0.123456789", "181.987654321"), ("3", "0.000000000000000000001")]
)
def test_figures_are_exact(exports: Exports, writing: Any, qty: str, px: str) -> None:
    exports.write(writing.decided("A"), writing.fill("A", "X", qty, px))
    (trade,) = exports.csv("trades")
    assert (trade["quantity"], trade["price"]) == (qty, px)
    with_room = Context(prec=60)
    assert Decimal(trade["amount"]) == with_room.multiply(Decimal(qty), Decimal(px))


# The file


@pytest.mark.parametrize("fmt", ["csv", "json"])
def test_old_file_is_replaced_whole(exports: Exports, writing: Any, fmt: str) -> None:
    exports.write(writing.decided("A"))
    out = exports.folder / "out"
    out.write_text("old " * 10_000)
    assert export(exports.log, "orders", fmt, out) == 1
    assert b"old" not in out.read_bytes()
    assert not list(exports.folder.glob(".out*"))


@pytest.mark.parametrize("fmt", ["csv", "json"])
def test_failure_half_way_leaves_the_old_file_and_no_other(
    exports: Exports, writing: Any, monkeypatch: pytest.MonkeyPatch, fmt: str
) -> None:
    exports.write(writing.decided("A"), writing.decided("B"))
    out = exports.folder / "out"
    out.write_text("old")

    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", fail)
    with pytest.raises(BadInput) as caught:
        export(exports.log, "orders", fmt, out)
    assert str(caught.value) == (
        f"{out} cannot be written: No space left on device; nothing was exported"
    )
    assert out.read_text() == "old"
    assert not list(exports.folder.glob(".out*"))


def test_log_that_is_not_there_gives_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(JournalUnreadable, match="there is no audit log at"):
        export(tmp_path / "audit.db", "trades", "csv", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["missing/out.csv", "audit.db/out.csv", "folder"])
def test_place_that_cannot_be_written_gives_a_sentence(
    log: Path, tmp_path: Path, place: str
) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadInput, match=r"cannot be written: .+; nothing was exported$"):
        export(log, "trades", "csv", tmp_path / place)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "audit.anchors",
        "audit.db",
        "folder",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
def test_export_does_not_overwrite_the_log_through_a_link(log: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(BadInput, match="belongs to the audit log"):
        export(log, "trades", "csv", tmp_path / "link" / "audit.db")
    assert verify(log).is_clean


@pytest.mark.skipif(sys.platform == "win32", reason="hard links")
def test_export_does_not_overwrite_a_second_name_of_the_log(log: Path, tmp_path: Path) -> None:
    os.link(log, tmp_path / "second.db")
    before = log.read_bytes()
    export(log, "trades", "csv", tmp_path / "second.db")
    assert log.read_bytes() == before  # The name was replaced, not what it stood for.


@pytest.mark.asyncio
async def test_log_of_a_running_station_is_exported(tmp_path: Path, writing: Any) -> None:
    path = tmp_path / "audit.db"
    async with open_journal(path, clock=SimClock(1), limits=writing.limits()) as journal:
        journal.recover(lambda _: None)
        await journal.append([writing.started(), writing.decided("A"), writing.fill("A", "X")])
        assert export(path, "trades", "csv", tmp_path / "trades.csv") == 1
        await journal.append([writing.decided("B"), writing.fill("B", "Y")])
        assert export(path, "trades", "csv", tmp_path / "trades.csv") == 2
    assert verify(path).rows == 5
