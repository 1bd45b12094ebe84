"""Goal: the headless verbs as a person runs them, each in a process of its own.

Method: the real program on the recorded IBM half hour (where the shared data are there) and on
small files made here.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

FIRST_TRADE_AT_181_NS = 1381240206041000000
"""2013-10-08 09:50:06.041 New York: the tape's first print at 181.00."""
ORDER = {
    "at": "2013-10-08T09:35:00-04:00",
    "symbol": "IBM",
    "side": "buy",
    "qty": "100",
    "type": "limit",
    "limit": "181.00",
    "tif": "day",
}


def run(*arguments: object, expect: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.returncode == expect, (done.stdout, done.stderr)
    return done


@pytest.fixture
def ibm(shared_data: Path) -> Path:
    return shared_data / "market" / "IBM_20131008_0930_1000_ticks.csv.gz"


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.jsonl"
    path.write_text(json.dumps(ORDER) + "\n")
    return path


def replay(file: Path, orders: Path, data_dir: Path) -> dict:
    done = run("replay", file, "--orders", orders, "--data-dir", data_dir, "--json")
    assert done.stdout.count("\n") == 1
    return json.loads(done.stdout)


@pytest.fixture
def ticks(tmp_path: Path) -> Path:
    """A minute of one symbol: a print, quotes each second, a print through the limit at the end."""
    path = tmp_path / "ABC_minute.csv"
    lines = ["time,kind,price,size,bid,bid_size,ask,ask_size"]
    start = 1_700_000_000
    lines.append(f"{start},trade,50.00,100,,,,")
    for second in range(60):
        ask = "50.10" if second < 50 else "50.00"
        lines.append(f"{start + second},quote,,,49.99,300,{ask},200")
    lines.append(f"{start + 60},trade,49.98,500,,,,")
    path.write_text("\n".join(lines) + "\n")
    return path


def order_line(**changes: str) -> str:
    line = {"at": "2023-11-14T22:13:30Z", "symbol": "ABC", "side": "buy", "qty": "500"}
    return json.dumps({**line, "type": "market", **changes}) + "\n"


class TestIbmSample:
    def test_counts_every_trade_and_quote(self, ibm: Path, orders: Path, tmp_path: Path) -> None:
        report = replay(ibm, orders, tmp_path / "data")
        assert (report["trades"], report["quotes"], report["events"]) == (3950, 8938, 12888)

    def test_limit_rests_and_fills_when_the_tape_gets_there(
        self, ibm: Path, orders: Path, tmp_path: Path
    ) -> None:
        report = replay(ibm, orders, tmp_path / "data")
        assert [order["status"] for order in report["orders"]] == ["FILLED"]
        assert sum(Decimal(fill["qty"]) for fill in report["fills"]) == 100
        assert all(Decimal(fill["px"]) <= Decimal("181.00") for fill in report["fills"])
        assert min(fill["ts"] for fill in report["fills"]) >= FIRST_TRADE_AT_181_NS
        assert report["positions"]["IBM"]["qty"] == "100"
        assert report["audit"]["verified"] is True

    def test_second_run_gives_the_same_orders_and_fills(
        self, ibm: Path, orders: Path, tmp_path: Path
    ) -> None:
        one = replay(ibm, orders, tmp_path / "data")
        two = replay(ibm, orders, tmp_path / "data")
        assert (one["orders"], one["fills"]) == (two["orders"], two["fills"])
        assert one["audit"]["path"] != two["audit"]["path"]

    def test_changed_byte_is_found_and_located(
        self, ibm: Path, orders: Path, tmp_path: Path
    ) -> None:
        log = Path(replay(ibm, orders, tmp_path / "data")["audit"]["path"])
        assert "clean" in run("audit", "verify", log).stdout
        with sqlite3.connect(log) as connection:
            (seq, body) = connection.execute(
                "SELECT seq, body FROM log WHERE kind = 'execution_report' AND body LIKE '%181.00%'"
            ).fetchone()
        connection.close()
        raw = log.read_bytes()
        at = raw.index(body.encode()) + body.index("181.00")
        log.write_bytes(raw[:at] + b"182" + raw[at + 3 :])
        assert f"first bad record {seq}" in run("audit", "verify", log, expect=1).stdout


class TestReplay:
    def test_market_order_larger_than_the_quote_waits_for_the_rest(
        self, ticks: Path, tmp_path: Path
    ) -> None:
        orders = tmp_path / "o.jsonl"
        orders.write_text(order_line())
        report = replay(ticks, orders, tmp_path / "data")
        assert [fill["qty"] for fill in report["fills"]][0] == "200"
        assert sum(int(fill["qty"]) for fill in report["fills"]) <= 500

    def test_refused_order_is_reported_with_the_reason(self, ticks: Path, tmp_path: Path) -> None:
        orders = tmp_path / "o.jsonl"
        orders.write_text(order_line(qty="20000"))
        (order,) = replay(ticks, orders, tmp_path / "data")["orders"]
        assert order["status"] == "REJECTED"
        assert "quantity 20,000 is over the limit 10,000 shares" in order["reason"]

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            (order_line(side="hold"), "side"),
            (order_line(qty="many"), "qty"),
            (order_line(type="limit"), "a limit order needs one"),
            (order_line(at="noon"), "noon"),
            ("not json\n", "line 1"),
        ],
    )
    def test_faulty_order_file_is_refused_with_its_line(
        self, ticks: Path, tmp_path: Path, line: str, says: str
    ) -> None:
        orders = tmp_path / "o.jsonl"
        orders.write_text(line)
        done = run("replay", ticks, "--orders", orders, "--data-dir", tmp_path / "d", expect=2)
        assert says in done.stderr
        assert done.stderr.count("\n") == 1
        assert not done.stdout

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("empty.csv", b""),
            ("header.csv", b"time,price,size\n"),
            ("binary.csv", bytes(range(256)) * 8),
            ("unknown.csv", b"alpha,beta\n1,2\n"),
            ("broken.csv.gz", b"\x1f\x8b\x08\x00junk"),
        ],
    )
    def test_unreadable_file_gets_one_sentence(
        self, tmp_path: Path, name: str, content: bytes
    ) -> None:
        path = tmp_path / name
        path.write_bytes(content)
        done = run("replay", path, "--data-dir", tmp_path / "d", expect=2)
        assert done.stderr.count("\n") == 1
        assert name in done.stderr

    def test_missing_file_gets_one_sentence(self, tmp_path: Path) -> None:
        done = run("replay", tmp_path / "none.csv", "--data-dir", tmp_path / "d", expect=2)
        assert done.stderr.count("\n") == 1

    def test_bad_line_is_reported_and_the_rest_is_played(self, ticks: Path, tmp_path: Path) -> None:
        many = ticks.read_text().splitlines()
        start = 1_700_000_100
        many += [f"{start + n},trade,50.00,100,,,," for n in range(200)]
        many.insert(30, "what,is,this,,,,,")
        ticks.write_text("\n".join(many) + "\n")
        done = run("replay", ticks, "--data-dir", tmp_path / "d", "--json")
        assert json.loads(done.stdout)["trades"] == 202
        assert "line 31:" in done.stderr

    def test_mostly_bad_file_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "ABC.csv"
        good = [f"{1_700_000_000 + n},50.00,100" for n in range(50)]
        path.write_text("\n".join(["time,price,size", *good, "x,y,z"]) + "\n")
        done = run("replay", path, "--data-dir", tmp_path / "d", expect=2)
        assert "1 of 51 lines are bad" in done.stderr


class TestAuditAndExport:
    def test_export_of_a_replay_says_the_same_in_csv_and_json(
        self, ticks: Path, tmp_path: Path
    ) -> None:
        orders, data = tmp_path / "o.jsonl", tmp_path / "data"
        orders.write_text(order_line())
        report = replay(ticks, orders, data)
        run(
            "export", "trades", "--format", "json", "--out", tmp_path / "t.json", "--data-dir", data
        )
        run("export", "trades", "--format", "csv", "--out", tmp_path / "t.csv", "--data-dir", data)
        rows = json.loads((tmp_path / "t.json").read_text())
        lines = (tmp_path / "t.csv").read_text("utf-8-sig").splitlines()
        assert [row["exec_id"] for row in rows] == [fill["exec_id"] for fill in report["fills"]]
        assert len(lines) == len(rows) + 1
        assert all(row["exec_id"] in line for row, line in zip(rows, lines[1:], strict=True))

    def test_show_prints_the_records(self, ticks: Path, tmp_path: Path) -> None:
        orders, data = tmp_path / "o.jsonl", tmp_path / "data"
        orders.write_text(order_line())
        replay(ticks, orders, data)
        shown = run("audit", "show", "--data-dir", data).stdout
        assert "run_started" in shown
        assert "order_decided" in shown

    def test_log_that_is_not_there_is_exit_2(self, tmp_path: Path) -> None:
        done = run("audit", "verify", tmp_path / "none.db", expect=2)
        assert done.stderr.count("\n") == 1

    def test_foreign_database_is_exit_2(self, tmp_path: Path) -> None:
        path = tmp_path / "other.db"
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE t (x)")
        connection.commit()
        connection.close()
        assert "not an audit log" in run("audit", "verify", path, expect=2).stderr
