"""A file for a spreadsheet says what the log says: small days, exported and read back."""

from __future__ import annotations

import csv
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit import export as module
from app.audit.anchors import anchors_path
from app.audit.export import CASH_COLUMNS, ORDER_COLUMNS, TRADE_COLUMNS, export, plain, safe_text
from app.audit.records import CashPosted, OrderAdopted
from app.domain.cash import CashKind, CashPosting
from app.domain.enums import ExecType, Side, Venue
from app.domain.errors import BadInput, JournalUnreadable
from app.domain.ids import Symbol

T0 = 1_795_444_200_123_456_789
SUMMER = 1_381_240_206_041_000_000
"""2013-10-08, 09:50:06.041 New York."""


@pytest.fixture
def day(tmp_path: Path, writing: Any) -> Path:
    """A day with a filled, a partly filled, a refused and an unsent order."""
    return writing.log(
        tmp_path / "audit.db",
        [
            writing.started(),
            writing.decided("A1"),
            writing.sent("A1"),
            writing.report("A1", ExecType.NEW),
            writing.fill("A1", "X1", "60", "180.995", ts_exch_ns=SUMMER),
            writing.fill("A1", "X1", "60", "180.995", ts_exch_ns=SUMMER),
            writing.fill("A1", "X2", "40", "181.00", last_mkt="=cmd()"),
            writing.decided("A2", "5", None, symbol="-BRK", side=Side.SELL),
            writing.sent("A2"),
            writing.fill("A2", "X3", "2", "1E+3"),
            writing.report("A2", ExecType.CANCELED, "@done"),
            writing.decided("A3", approved=False),
            writing.decided("A4"),
            writing.fill("A9", "X9"),
        ],
    )


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def exported(log: Path, what: str) -> list[dict[str, str]]:
    out = log.with_name("out.csv")
    count = export(log, what, "csv", out)
    rows = table(out)
    assert len(rows) == count
    return rows


def test_trade_has_its_moment_in_new_york_and_its_ids(day: Path) -> None:
    first, second, _ = exported(day, "trades")
    assert tuple(first) == TRADE_COLUMNS
    assert first["log_hash"] != second["log_hash"]
    del first["log_hash"]
    assert first == {
        "date": "2013-10-08",
        "time": "09:50:06.041",
        "zone": "EDT",
        "timestamp": "2013-10-08T09:50:06.041-04:00",
        "ts_exch_ns": str(SUMMER),
        "ts_recv_ns": str(SUMMER + 1_000_000),
        "mode": "paper",
        "account": "PTEST",
        "cl_ord_id": "A1",
        "order_id": "B-A1",
        "exec_id": "X1",
        "kind": "trade",
        "symbol": "IBM",
        "side": "BUY",
        "quantity": "60",
        "price": "180.995",
        "amount": "10859.7",
        "fees": "0.015",
        "currency": "USD",
        "venue": "XNYS",
        "liquidity": "REMOVED",
        "log_seq": "5",
    }
    assert second["timestamp"] == "2026-11-23T09:30:00.123-05:00"
    assert second["zone"] == "EST"


def test_repeated_and_unknown_fills_are_no_trades(day: Path) -> None:
    assert [row["exec_id"] for row in exported(day, "trades")] == ["X1", "X2", "X3"]


def test_text_that_looks_like_a_formula_is_text(day: Path) -> None:
    _, second, third = exported(day, "trades")
    assert second["venue"] == "'=cmd()"
    assert third["symbol"] == "'-BRK"
    assert third["price"] == "1000"  # A number stays one.
    assert exported(day, "orders")[1]["reason"] == "'@done"


def test_order_has_its_terms_its_outcome_and_why(day: Path) -> None:
    rows = exported(day, "orders")
    assert all(tuple(row) == ORDER_COLUMNS for row in rows)
    told = (
        "cl_ord_id",
        "type",
        "limit",
        "status",
        "filled",
        "average_price",
        "decision",
        "custody",
    )
    assert [tuple(row[name] for name in told) for row in rows] == [
        ("A1", "LIMIT", "181", "FILLED", "100", "180.997", "approved", "acknowledged"),
        ("A2", "MARKET", "", "CANCELED", "2", "1000", "approved", "acknowledged"),
        ("A3", "LIMIT", "181", "REJECTED", "0", "", "refused", "unsent"),
        ("A4", "LIMIT", "181", "PENDING_NEW", "0", "", "approved", "unsent"),
    ]
    assert rows[2]["reason"] == "order value 18,100.00 USD is over the limit; order not sent"
    assert [row["log_seq"] for row in rows] == ["2", "8", "12", "13"]
    assert rows[0]["ts_intent_ns"] == str(T0)


@pytest.mark.parametrize("what", ["trades", "orders"])
def test_json_says_what_csv_says(day: Path, tmp_path: Path, what: str) -> None:
    out = tmp_path / "out.json"
    count = export(day, what, "json", out)
    found = json.loads(out.read_bytes())
    rows = exported(day, what)
    assert len(found) == count
    for entry, row in zip(found, rows, strict=True):
        assert list(entry) == list(row)
        for name, value in entry.items():
            is_integer = name.endswith("_ns") or name == "log_seq"
            assert value is None or isinstance(value, int) == is_integer
            shown = "" if value is None else str(value)
            assert row[name] == safe_text(shown)


def test_empty_log_gives_a_header_and_an_empty_list(tmp_path: Path, writing: Any) -> None:
    log = writing.log(tmp_path / "audit.db", [writing.started()])
    assert exported(log, "trades") == []
    assert export(log, "orders", "json", tmp_path / "out.json") == 0
    assert json.loads((tmp_path / "out.json").read_bytes()) == []


def test_mode_is_that_of_the_run(tmp_path: Path, writing: Any) -> None:
    log = writing.log(
        tmp_path / "audit.db",
        [writing.started(), writing.decided("A1"), writing.fill("A1", "X1", "1")],
        [writing.started(Venue.REPLAY), writing.fill("A1", "X2", "1"), writing.decided("A2")],
    )
    assert [row["mode"] for row in exported(log, "trades")] == ["paper", "replay"]
    assert [row["mode"] for row in exported(log, "orders")] == ["paper", "replay"]


def test_order_decided_twice_is_told_once(tmp_path: Path, writing: Any) -> None:
    log = writing.log(
        tmp_path / "audit.db",
        [writing.started(), writing.decided("A1"), writing.decided("A1", "900")],
    )
    (row,) = exported(log, "orders")
    assert (row["quantity"], row["log_seq"]) == ("100", "2")


def test_what_the_venue_took_back_keeps_the_sums_right(tmp_path: Path, writing: Any) -> None:
    def said(kind: ExecType, exec_id: str, ref: str, qty: str = "0", px: str = "0") -> Any:
        fill = writing.fill("A1", exec_id, qty, px)
        report = msgspec.structs.replace(fill.report, exec_type=kind, exec_ref_id=ref)
        return msgspec.structs.replace(fill, report=report)

    made_up = writing.fill("A1", "S1", "60", "181", ts_exch_ns=T0 + 9_000)
    report = msgspec.structs.replace(made_up.report, is_synthetic=True, fee=Decimal(0))
    log = writing.log(
        tmp_path / "audit.db",
        [
            writing.started(),
            writing.decided("A1"),
            writing.fill("A1", "X1", "30", "180"),
            said(ExecType.TRADE_CORRECT, "C1", "X1", "25", "179"),
            writing.fill("A1", "X2", "10", "180"),
            said(ExecType.TRADE_CANCEL, "H1", "X2"),
            msgspec.structs.replace(made_up, report=report),
            writing.fill("A1", "X3", "20", "181"),
        ],
    )
    trades = exported(log, "trades")
    told = ("kind", "exec_id", "quantity", "price", "amount", "fees", "log_seq")
    assert [tuple(row[name] for name in told) for row in trades] == [
        ("trade", "X1", "30", "180", "5400", "0.015", "3"),
        ("reversal", "X1", "-30", "180", "-5400", "-0.015", "4"),
        ("correction", "C1", "25", "179", "4475", "0.015", "4"),
        ("trade", "X2", "10", "180", "1800", "0.015", "5"),
        ("reversal", "X2", "-10", "180", "-1800", "-0.015", "6"),
        ("synthetic", "S1", "60", "181", "10860", "0", "7"),
        ("reversal", "S1", "-60", "181", "-10860", "0", "8"),
        ("synthetic", "S1", "40", "181", "7240", "0", "8"),
        ("trade", "X3", "20", "181", "3620", "0.015", "8"),
    ]
    (order,) = exported(log, "orders")
    assert sum(Decimal(row["quantity"]) for row in trades) == Decimal(order["filled"]) == 85
    assert sum(Decimal(row["fees"]) for row in trades) == Decimal(order["fees"])
    spent = sum(Decimal(row["amount"]) for row in trades)
    assert spent / 85 == Decimal(order["average_price"])


def test_order_says_how_it_came_to_be(tmp_path: Path, writing: Any) -> None:
    (adopted,) = (r for r in writing.every_type() if isinstance(r, OrderAdopted))
    held = writing.held("A1")
    log = writing.log(
        tmp_path / "audit.db",
        [writing.started(), held, adopted, writing.held("A2"), writing.decided("A2")],
    )
    rows = exported(log, "orders")
    assert [(row["cl_ord_id"], row["decision"], row["log_seq"]) for row in rows] == [
        ("A1", "held", "2"),
        ("X7", "found", "3"),
        ("A2", "approved", "5"),
    ]


class TestCsv_Rfc4180:  # noqa: N801  The rule and its number.
    """RFC 4180, section 2, and the byte-order mark that spreadsheets look for."""

    def test_lines_end_with_crlf_and_the_file_with_one(self, day: Path) -> None:
        exported(day, "trades")
        content = day.with_name("out.csv").read_bytes()
        assert content.startswith(b"\xef\xbb\xbfdate,time,")
        assert content.endswith(b"\r\n")
        assert content.count(b"\r\n") == content.count(b"\n") == 4

    @pytest.mark.parametrize("text", ['a"b', "a,b", "a\r\nb", "a\nb", "ü ☕", "a;b", " a "])
    def test_any_text_is_read_back(self, tmp_path: Path, writing: Any, text: str) -> None:
        log = writing.log(
            tmp_path / "audit.db",
            [writing.started(), writing.decided("A1"), writing.fill("A1", "X1", last_mkt=text)],
        )
        (row,) = exported(log, "trades")
        assert row["venue"] == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("\uff1d1", "'\uff1d1"),
        ("IBM", "IBM"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_formula_is_made_text(text: str, safe: str) -> None:
    assert safe_text(text) == safe


@given(st.text(max_size=8))
def test_safe_text_starts_no_formula(text: str) -> None:
    assert not safe_text(text).startswith(module.FORMULA_STARTS)
    assert safe_text(text).removeprefix("'") == text.removeprefix("'")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, ""),
        (Decimal("1E+3"), "1000"),
        (Decimal("1.500"), "1.5"),
        (Decimal("100"), "100"),
        (Decimal("0.0000001"), "0.0000001"),
        (Decimal("-3.00"), "-3"),
        (Decimal(0), "0"),
    ],
)
def test_number_is_plain(number: Decimal | None, text: str) -> None:
    assert plain(number) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_plain_number_is_the_number(number: Decimal) -> None:
    assert Decimal(plain(number)) == number
    assert "E" not in plain(number)


# A whole file or none


@pytest.mark.parametrize("fmt", ["csv", "json"])
def test_tampered_log_leaves_the_old_file(day: Path, forge: Any, tmp_path: Path, fmt: str) -> None:
    out = tmp_path / f"out.{fmt}"
    out.write_text("of yesterday")
    forge(day, "UPDATE log SET actor = 'eve' WHERE seq = 11")
    with pytest.raises(JournalUnreadable, match="record 11 is not what was written"):
        export(day, "trades", fmt, out)
    assert out.read_text() == "of yesterday"
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-journal"])
def test_log_is_not_replaced_by_its_export(day: Path, end: str) -> None:
    before = day.read_bytes()
    with pytest.raises(BadInput, match="belongs to the audit log; nothing was exported"):
        export(day, "trades", "csv", day.with_name(day.name + end))
    assert day.read_bytes() == before


def test_files_beside_the_log_are_not_replaced(day: Path) -> None:
    for own in (anchors_path(day), day.with_suffix(".lock")):
        with pytest.raises(BadInput, match="belongs to the audit log"):
            export(day, "trades", "csv", own)


def test_folder_that_is_not_there_gives_a_sentence(day: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"out\.csv cannot be written: .+; nothing was exported"):
        export(day, "trades", "csv", tmp_path / "nowhere" / "out.csv")


def test_full_disk_gives_a_sentence_and_leaves_nothing(
    day: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(BadInput, match="No space left on device; nothing was exported"):
        export(day, "trades", "json", tmp_path / "out.json")
    assert sorted(os.listdir(tmp_path)) == before


def test_cash_that_moved_without_a_trade_is_a_row_once(tmp_path: Path, writing: Any) -> None:
    dividend = CashPosting(
        posting_id="dividend.IBM",
        kind=CashKind.DIVIDEND,
        amount=Decimal("-12.50"),
        ts_ns=SUMMER,
        text="=in place of it",
        symbol=Symbol("IBM"),
    )
    interest = msgspec.structs.replace(
        dividend, posting_id="i", kind=CashKind.INTEREST, amount=Decimal("0.10"), symbol="", text=""
    )
    log = writing.log(
        tmp_path / "audit.db",
        [
            writing.started(),
            CashPosted(posting=dividend),
            writing.decided("A1"),
            CashPosted(posting=dividend),
            CashPosted(posting=interest),
        ],
    )
    first, second = exported(log, "cash")
    assert tuple(first) == CASH_COLUMNS
    del first["log_hash"]
    assert first == {
        "date": "2013-10-08",
        "time": "09:50:06.041",
        "zone": "EDT",
        "timestamp": "2013-10-08T09:50:06.041-04:00",
        "ts_ns": str(SUMMER),
        "mode": "paper",
        "account": "PTEST",
        "kind": "dividend",
        "symbol": "IBM",
        "amount": "-12.5",
        "currency": "USD",
        "posting_id": "dividend.IBM",
        "text": "'=in place of it",
        "log_seq": "2",
    }
    assert (second["kind"], second["symbol"], second["amount"]) == ("interest", "", "0.1")
