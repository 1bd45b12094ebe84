"""Goal: kill -9 is a supported way to stop.

Method: a process trades fast on the built-in exchange (market and limit orders, replaces, brackets,
cancels) and prints what reaches the broker and every order change that it has shown; it is killed
at a random moment, many times on the same record. Afterwards the record must be clean, hold
everything that was sent and shown, nothing twice, and a start must agree with the broker.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from app.audit.reader import read_records
from app.audit.records import AmendmentDecided, OrderDecided, OrderHeld
from app.audit.verify import verify
from app.domain.ids import ClOrdID
from app.oms.books import Books
from app.paths import Paths

ROOT = Path(__file__).parents[2]
ROUNDS = 5
LONG_ROUNDS = 200
RECOVERY_S_MAX = 10.0


class Told(msgspec.Struct):
    """What processes printed before they were killed."""

    sent: list[str] = msgspec.field(default_factory=list)
    """Identities that reached the broker, in order."""
    shown: dict[str, Decimal] = msgspec.field(default_factory=dict)
    """Order -> the quantity shown as executed."""

    def hear(self, text: str) -> None:
        for line in text.splitlines(keepends=True):
            words = line.split()
            if not line.endswith("\n") or not words:
                continue
            if words[0] == "sent":
                self.sent.append(words[1])
            elif words[0] == "order":
                self.shown[words[1]] = Decimal(words[2])


def start(data_dir: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("fast_trader.py")), str(data_dir), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def trade_until_killed(data_dir: Path, after_s: float, told: Told) -> None:
    process = start(data_dir)
    assert process.stdout is not None
    first = ""
    while not first.endswith(("trading\n", "\n\n")):  # What an earlier run left comes first.
        first += process.stdout.readline() or "\n\n"
    time.sleep(after_s)
    process.kill()
    rest, errors = process.communicate(timeout=30)
    assert not errors, errors
    told.hear(first + rest)


@pytest.mark.timeout(1_800)
def test_nothing_is_lost_sent_twice_or_sent_without_its_record(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    chance = random.Random(20261122)
    rounds = LONG_ROUNDS if request.config.getoption("--long") else ROUNDS
    told = Told()
    log = Paths(data_dir=tmp_path).journal
    for _ in range(rounds):
        trade_until_killed(tmp_path, chance.uniform(0.05, 0.8), told)
        verdict = verify(log)
        assert verdict.is_clean, verdict.problem
    books = Books(Decimal(0))
    recorded: set[str] = set()
    approved: set[str] = set()
    for _, record in read_records(log):
        if isinstance(record, OrderDecided | OrderHeld | AmendmentDecided):
            cl_ord_id = record.command.cl_ord_id
            known = books.blotter.get(cl_ord_id)
            assert cl_ord_id not in recorded or (known is not None and known.is_here), cl_ord_id
            recorded.add(cl_ord_id)
            if not isinstance(record, OrderHeld) and record.approved:
                approved.add(cl_ord_id)
        books.apply(record)
    assert len(told.sent) > rounds
    assert len(told.sent) == len(set(told.sent)), "an identity was sent twice"
    assert set(told.sent) <= approved, "sent without an approval on disk"
    for cl_ord_id, cum_qty in told.shown.items():
        order = books.blotter.get(ClOrdID(cl_ord_id))
        assert order is not None, f"{cl_ord_id} was shown and is not on record"
        assert order.cum_qty >= cum_qty, f"{cl_ord_id} was shown with {cum_qty}"


@pytest.mark.timeout(180)
def test_a_start_after_a_kill_agrees_with_the_broker_in_time(tmp_path: Path) -> None:
    for _ in range(2):
        trade_until_killed(tmp_path, 0.5, Told())
    process = start(tmp_path, "check")
    output, errors = process.communicate(timeout=60)
    assert not errors, errors
    lines = dict(line.split(maxsplit=1) for line in output.splitlines() if line[0] in "rd")
    assert float(lines["ready"]) < RECOVERY_S_MAX
    assert lines["differs"] == "0 0 0"
