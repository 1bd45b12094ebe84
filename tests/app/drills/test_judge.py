"""Goal: a promise that was broken is found broken: each judge is shown what it must not pass."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import msgspec
import pytest

from app.audit.journal import open_journal
from app.audit.records import ExecutionReported, OrderDecided, RunStarted, UserActed
from app.brokers.base import BrokerOrder, BrokerPosition, Snapshot
from app.clock import SimClock
from app.config import load_config
from app.domain.commands import SubmitOrder
from app.domain.enums import ExecType, OrdStatus, Origin, Venue
from app.domain.ids import AccountID, ClOrdID, OrderID, Symbol
from app.domain.reports import ExecutionReport
from app.drills import judge
from app.drills.base import AGREED, CLEAN, ONCE, RECORDED, REPLAYED
from app.drills.line import Wire
from app.oms.books import Books
from tests.conformance.broker import as_order, folded, new_order
from tests.samples import picture

A = ClOrdID("a")
TERMS = new_order()
COMMAND = SubmitOrder(cl_ord_id=A, order=TERMS, origin=Origin.MANUAL, actor="b", ts_intent_ns=1)


def wire(handed=1, arrived=1, returned=0, seq=1):
    made = Wire()
    made.handed[A], made.arrived[A], made.returned[A] = handed, arrived, returned
    made.seqs[A] = seq
    return made


@pytest.mark.parametrize(
    ("seen", "is_kept", "words"),
    [
        (wire(), True, "1 order, each once"),
        (wire(handed=0, arrived=0), True, "1 order, each once"),
        (wire(3, 1, 2), True, "1 order, each once; 2 hand-overs came back unsent with proof"),
        (wire(2, 1), False, "a handed over 2 times, 0 times with proof, arrived 1 times"),
        (wire(3, 1, 1), False, "a handed over 3 times, 1 times with proof, arrived 1 times"),
        (wire(2, 2, 1), False, "a handed over 2 times, 1 times with proof, arrived 2 times"),
    ],
)
def test_an_order_goes_once_or_again_with_proof(seen, is_kept, words):
    finding = judge.once(seen)
    assert (finding.promise, finding.is_kept, finding.seen) == (ONCE, is_kept, words)


def test_of_many_faults_three_are_named():
    many = Wire()
    for name in "abcde":
        many.handed[ClOrdID(name)] = 2
    assert judge.once(many).seen.endswith("; 2 more")


def written(path, *records):
    """Write records to a new log; return its path."""

    async def write():
        limits = load_config().limits
        async with open_journal(path, clock=SimClock(1), limits=limits) as journal:
            journal.recover(lambda _record: None)
            await journal.append(records)

    asyncio.run(write())
    return path


@pytest.fixture
def journal(tmp_path):
    """A log whose first record is no approval, whose second refuses and whose third approves a."""
    return written(
        tmp_path / "audit.db",
        UserActed(action="a", detail="", actor="b"),
        *(
            OrderDecided(
                command=COMMAND,
                account=AccountID("P"),
                approved=approved,
                checks=(),
                picture=picture(),
            )
            for approved in (False, True)
        ),
    )


@pytest.mark.parametrize(("seq", "is_kept"), [(1, False), (2, False), (3, True), (4, False)])
def test_an_order_names_the_record_of_its_approval(journal, seq, is_kept):
    finding = judge.recorded(journal, wire(seq=seq))
    assert (finding.promise, finding.is_kept) == (RECORDED, is_kept)
    assert finding.seen == (
        "1 approval on record" if is_kept else f"a names record {seq}, which is not its approval"
    )


def test_a_log_that_was_changed_is_not_clean(journal, tmp_path):
    assert judge.clean(journal).seen == "3 records"
    raw = journal.read_bytes()
    journal.write_bytes(raw.replace(b'"approved":true', b'"approved":TRUE'))
    clean, recorded = judge.clean(journal), judge.recorded(journal, wire(seq=3))
    assert (clean.promise, clean.is_kept, recorded.is_kept) == (CLEAN, False, False)
    assert "record 3" in clean.seen


def test_a_log_that_is_not_there_keeps_nothing(tmp_path):
    path = tmp_path / "audit.db"
    for finding in (judge.clean(path), judge.recorded(path, wire())):
        assert not finding.is_kept
        assert "there is no audit log" in finding.seen


def report(exec_type=ExecType.NEW, **more):
    return ExecutionReport(cl_ord_id=A, exec_type=exec_type, ts_exch_ns=1, ts_recv_ns=1, **more)


FILL = {"exec_id": "e", "last_qty": Decimal(40), "last_px": Decimal(10)}
WORKING = folded(as_order("a", TERMS), [report()])
PART = folded(WORKING, [report(ExecType.TRADE, **FILL)])
CANCELED = folded(WORKING, [report(ExecType.CANCELED)])


def there(status=OrdStatus.NEW, cum=0, px=None, cl_ord_id=A, **positions):
    order = BrokerOrder(
        cl_ord_id=cl_ord_id,
        order_id=OrderID("1"),
        order=TERMS,
        ord_status=status,
        cum_qty=Decimal(cum),
        avg_px=None if px is None else Decimal(px),
        ts_ns=1,
    )
    held = {Symbol(s): BrokerPosition(qty=Decimal(qty)) for s, qty in positions.items()}
    return Snapshot(orders=(order,), executions=(), positions=held, ts_ns=1)


NO_BOOKS = judge.LastBooks((), ())
NOTHING_THERE = Snapshot(orders=(), executions=(), positions={}, ts_ns=1)


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        (WORKING, there(), []),
        (CANCELED, there(OrdStatus.CANCELED), []),
        (CANCELED, NOTHING_THERE, []),
        (PART, there(OrdStatus.PARTIALLY_FILLED, 40, 10), []),
        (
            PART,
            there(OrdStatus.PARTIALLY_FILLED, 40, 11),
            ["order a: partially filled, 40 at 10 here, partially_filled, 40 at 11 there"],
        ),
        (
            WORKING,
            there(OrdStatus.PARTIALLY_FILLED, 40, 10),
            ["order a: working, 0 at None here, partially_filled, 40 at 10 there"],
        ),
        (
            CANCELED,
            there(),
            ["order a: canceled, 0 at None here, new, 0 at None there"],
        ),
        (WORKING, NOTHING_THERE, ["order a (working) is not at the exchange"]),
        (
            WORKING,
            there(cl_ord_id=ClOrdID("b")),
            ["order a (working) is not at the exchange", "order b is not in the record"],
        ),
        (WORKING, there(AAPL=5, MSFT=0), ["AAPL: the record holds 0, the exchange 5"]),
    ],
)
def test_every_difference_is_named(ours, theirs, found):
    assert judge.difference(judge.LastBooks([ours], ()), theirs, set()) == found
    finding = judge.agreed(found, NO_BOOKS)
    assert (finding.promise, finding.is_kept) == (AGREED, not found)


@pytest.mark.parametrize(
    ("here", "over_there", "found"),
    [
        ("5", "5.00", []),
        ("5", "5.01", ["cash: the record holds 5, the exchange 5.01"]),
        ("5", None, []),
        (None, "5", []),
    ],
)
def test_cash_is_compared_to_the_last_digit(here, over_there, found):
    ours, theirs = (None if it is None else Decimal(it) for it in (here, over_there))
    snapshot = msgspec.structs.replace(there(), cash=theirs)
    assert judge.difference(judge.LastBooks([WORKING], (), ours), snapshot, set()) == found


def test_an_order_that_came_and_is_not_there_any_more_is_a_difference():
    found = judge.difference(judge.LastBooks([CANCELED], ()), NOTHING_THERE, {A})
    assert found == ["order a (canceled) is not at the exchange"]


STARTED = RunStarted(
    version="1",
    config_hash="",
    mode=Venue.PAPER,
    account=AccountID("P"),
    cash=Decimal(1000),
    python="3",
    sqlite="3",
    feed="f",
    broker="b",
)


def shown_of(*records):
    """Return the books as the records make them."""
    books = Books(STARTED.cash)
    for record in records:
        books.apply(record)
    return judge.LastBooks(books.blotter.view.all(), books.ledger.view.all())


class TestReplayed:
    DECIDED = OrderDecided(
        command=COMMAND, account=AccountID("P"), approved=True, checks=(), picture=picture()
    )
    FILLED = ExecutionReported(report=report(ExecType.TRADE, **FILL))

    @pytest.fixture
    def log(self, tmp_path):
        return written(tmp_path / "audit.db", STARTED, self.DECIDED, self.FILLED)

    def test_the_same_books_are_kept(self, log):
        finding = judge.replayed(log, shown_of(self.DECIDED, self.FILLED))
        assert (finding.promise, finding.is_kept) == (REPLAYED, True)
        assert finding.seen == "1 order and 1 position, the same"

    def test_an_order_of_other_facts_is_not(self, log):
        finding = judge.replayed(log, shown_of(self.DECIDED))
        assert not finding.is_kept
        assert finding.seen == "order a (pending new) comes to partially filled; positions differ"

    def test_an_order_that_only_one_of_them_has_is_not(self, log, tmp_path):
        assert judge.replayed(log, NO_BOOKS).seen.startswith("order a was not shown")
        empty = written(tmp_path / "empty.db", UserActed(action="a", detail="", actor="b"))
        finding = judge.replayed(empty, shown_of(self.DECIDED))
        assert finding.seen == "order a (pending new) comes to nothing"

    def test_without_books_or_a_log_nothing_is_kept(self, log, tmp_path):
        for finding in (judge.replayed(log, None), judge.agreed([], None)):
            assert (finding.is_kept, finding.seen) == (False, "no station ended in order")
        assert "there is no audit log" in judge.replayed(tmp_path / "none.db", NO_BOOKS).seen
