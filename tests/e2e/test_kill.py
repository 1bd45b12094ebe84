"""Goal: kill -9 is a supported way to stop.

Method: a process trades fast on the built-in exchange and prints every order change that it has
shown; it is killed at a random moment, several times on the same record. Afterwards the record must
be clean, hold everything that was shown, and the next start must agree with itself.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

from app.audit.reader import read_records
from app.audit.records import OrderDecided, OrderSent
from app.audit.verify import verify
from app.oms.books import Books
from app.paths import Paths

ROOT = Path(__file__).parents[2]
ROUNDS = 5


def trade_until_killed(data_dir: Path, after_s: float) -> dict[str, Decimal]:
    """Return the quantity shown as executed of each order shown before the kill."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("fast_trader.py")), str(data_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    first = process.stdout.readline()
    time.sleep(after_s)
    process.kill()
    rest, errors = process.communicate(timeout=30)
    assert not errors, errors
    shown: dict[str, Decimal] = {}
    for line in (first + rest).splitlines(keepends=True):
        words = line.split()
        if words[:1] == ["order"] and line.endswith("\n"):
            shown[words[1]] = max(shown.get(words[1], Decimal(0)), Decimal(words[2]))
    return shown


@pytest.mark.timeout(120)
def test_nothing_that_was_shown_is_lost_and_nothing_is_sent_unrecorded(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    chance = random.Random(20261122)
    rounds = 200 if request.config.getoption("--long") else ROUNDS
    shown: dict[str, Decimal] = {}
    log = Paths(data_dir=tmp_path).journal
    for _ in range(rounds):
        shown |= trade_until_killed(tmp_path, chance.uniform(0.05, 0.8))
        verdict = verify(log)
        assert verdict.is_clean, verdict.problem
    books = Books(Decimal(0))
    decided: set[str] = set()
    for _, record in read_records(log):
        if isinstance(record, OrderDecided):
            assert record.command.cl_ord_id not in decided, "an identity was used twice"
            decided.add(record.command.cl_ord_id)
        elif isinstance(record, OrderSent):
            assert record.cl_ord_id in decided, "sent without a decision on disk"
        books.apply(record)
    assert len(shown) > rounds
    for cl_ord_id, cum_qty in shown.items():
        order = books.blotter.orders[cl_ord_id]
        assert order.cum_qty >= cum_qty, f"{cl_ord_id} was shown with {cum_qty}"
