"""The log in memory is the real one as far as a program can tell, and loses what a disk may lose.

Method: one set of questions to both logs, a real file on a real loop and rows in a simulated world;
then power cuts at every step and every write, and a full disk.
"""

from __future__ import annotations

import asyncio
import itertools
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from app.audit import journal as real
from app.audit.chain import GENESIS, row_hash
from app.audit.journal import Journal, open_journal
from app.audit.records import Record, UserActed, report_record
from app.clock import SimClock
from app.config import Limits, load_config
from app.domain.enums import ExecType
from app.domain.errors import JournalFailed
from tests import samples
from tests.sim import disk as simulated
from tests.sim.disk import LATENCY_S, MemoryJournal, SimDisk, open_memory_journal
from tests.sim.loop import LoopClock, SimLoop
from tests.sim.world import run, run_until_crash

T = TypeVar("T")
AnyJournal = Journal | MemoryJournal


def acted(detail: object = "", size: int = 0) -> UserActed:
    return UserActed(action="note", detail=f"{detail}{'.' * size}", actor="ada")


BIG = acted("big", 100_000)
"""Does not fit into what room a full file has left."""
RECORDS: list[Record] = [
    acted("café ☕"),
    report_record(samples.trade_report(px="187.2000")),
    report_record(samples.report(ExecType.CANCELED)),
]


def limits(**bounds: int) -> Limits:
    given = load_config().limits
    return type(given)(**{name: getattr(given, name) for name in given.__struct_fields__} | bounds)


class Machine(ABC):
    """A disk with a log on it, and what runs a program beside it."""

    path: Path

    @abstractmethod
    def run(self, main: Coroutine[Any, Any, T]) -> T: ...

    @abstractmethod
    def opened(self, **bounds: int) -> AbstractAsyncContextManager[AnyJournal]: ...

    @abstractmethod
    def fill(self, journal: AnyJournal, is_full: bool = True) -> None: ...


class RealMachine(Machine):
    def __init__(self, folder: Path) -> None:
        self.path = folder.resolve() / "audit.db"

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(main)

    def opened(self, **bounds: int) -> AbstractAsyncContextManager[AnyJournal]:
        return open_journal(self.path, clock=SimClock(samples.NOW_NS), limits=limits(**bounds))

    def fill(self, journal: AnyJournal, is_full: bool = True) -> None:
        if is_full:  # A fault ends the connection, and with it the bound.
            journal._connection.set_authorizer(None)  # It lets nobody change the file's settings.
            journal._connection.execute("PRAGMA max_page_count = 1")  # As many as there are.


class SimMachine(Machine):
    def __init__(self, _folder: Path) -> None:
        self.path = Path("memory/audit.db")
        self.disk = SimDisk()

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        return run(SimLoop(), main)

    def opened(self, **bounds: int) -> AbstractAsyncContextManager[AnyJournal]:
        clock = SimClock(samples.NOW_NS)
        return open_memory_journal(self.disk, clock=clock, limits=limits(**bounds))

    def fill(self, journal: AnyJournal, is_full: bool = True) -> None:
        self.disk.is_full = is_full


@pytest.fixture(params=[RealMachine, SimMachine], ids=["real", "simulated"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    return request.param(tmp_path)


async def outcome(call: Coroutine[Any, Any, T]) -> T | str:
    """Return what a call gave, or what it said when it failed."""
    try:
        return await call
    except JournalFailed as error:
        return str(error)


def started(group: asyncio.TaskGroup, journal: AnyJournal, *records: Record) -> asyncio.Task[Any]:
    return group.create_task(outcome(journal.append(records)), name="append")


class TestBothLogs:
    def test_records_come_back_in_order_with_their_numbers(self, machine: Machine) -> None:
        async def write() -> list[list[int]]:
            async with machine.opened() as journal:
                journal.recover(lambda record: pytest.fail(f"there is {record}"))
                return [await journal.append(some) for some in (RECORDS, [], RECORDS[:1])]

        async def read() -> tuple[list[Record], list[int], list[tuple[Any, ...]]]:
            found: list[Record] = []
            async with machine.opened(journal_tail_max=2) as journal:
                journal.recover(found.append)
                tail = [
                    (row.seq, row.utc_ns, row.kind, row.cl_ord_id, row.actor, row.body)
                    for row in journal.view.rows_after(0, 10)
                ]
                return found, await journal.append([acted("second run")]), tail

        assert machine.run(write()) == [[1, 2, 3], [], [4]]
        found, seqs, tail = machine.run(read())
        assert (found, seqs) == ([*RECORDS, RECORDS[0]], [5])
        note = '{"action":"note","actor":"ada","detail":"café ☕","kind":"user_action"}'
        assert [row[:5] for row in tail] == [
            (3, samples.NOW_NS, "execution_report", samples.ID, "broker"),
            (4, samples.NOW_NS, "user_action", "", "ada"),
        ]
        assert tail[1][5] == note

    def test_appends_at_once_keep_their_order_and_are_shown_when_durable(
        self, machine: Machine
    ) -> None:
        async def main() -> None:
            async with machine.opened() as journal:
                journal.recover(lambda _: None)
                assert (journal.view.head_seq, journal.view.head_hash) == (0, GENESIS.hex())
                assert journal.view.last_commit_ns is None
                async with asyncio.TaskGroup() as group:
                    calls = [started(group, journal, *[acted(n)] * 2) for n in range(20)]
                    await asyncio.sleep(0)
                    assert journal.view.rows_after(0, 100) == []
                assert [call.result() for call in calls] == [[n, n + 1] for n in range(1, 40, 2)]
                rows = journal.view.rows_after(37, 100)
                assert [row.seq for row in rows] == [38, 39, 40]
                assert (journal.view.head_seq, journal.view.head_hash) == (40, rows[-1].hash)
                assert journal.view.last_commit_ns > 0
                assert not journal.failed

        machine.run(main())

    def test_bound_is_on_what_waits(self, machine: Machine) -> None:
        async def main() -> list[list[int]]:
            async with machine.opened(journal_queue_max=3) as journal:
                journal.recover(lambda _: None)
                return [await journal.append(RECORDS) for _ in range(2)]

        assert machine.run(main()) == [[1, 2, 3], [4, 5, 6]]

    def test_cancelled_caller_leaves_the_record_and_the_others(self, machine: Machine) -> None:
        async def main() -> tuple[bool, list[int]]:
            async with machine.opened() as journal, asyncio.TaskGroup() as group:
                journal.recover(lambda _: None)
                gone, other = (started(group, journal, acted(name)) for name in ("gone", "other"))
                await asyncio.sleep(0)
                gone.cancel()
                return await other, gone.cancelled()

        assert machine.run(main()) == ([2], True)

    def test_what_is_queued_at_the_end_is_written(self, machine: Machine) -> None:
        async def main() -> list[Any]:
            async with asyncio.TaskGroup() as group:
                async with machine.opened() as journal:
                    journal.recover(lambda _: None)
                    calls = [started(group, journal, acted(n)) for n in range(3)]
                    await asyncio.sleep(0)
                closed = await outcome(journal.append([acted()]))
            assert not journal.is_writing
            assert not journal.failed
            return [*(call.result() for call in calls), closed]

        closed = f"the audit log {machine.path} is closed; nothing was written"
        assert machine.run(main()) == [[1], [2], [3], closed]

    def test_full_queue_ends_the_writing_for_good(self, machine: Machine) -> None:
        async def main() -> list[Any]:
            async with machine.opened(journal_queue_max=3) as journal, asyncio.TaskGroup() as group:
                journal.recover(lambda _: None)
                taken = started(group, journal, *RECORDS)
                await asyncio.sleep(0)
                refused = await outcome(journal.append([acted()]))
                assert journal.failed
                return [await taken, refused, await outcome(journal.append([acted()]))]

        full = "3 records wait for the disk, limit 3; trading is halted"
        assert machine.run(main()) == [[1, 2, 3], full, full]

    def test_full_disk_ends_the_writing_for_good_and_a_new_run_begins_where_it_was(
        self, machine: Machine
    ) -> None:
        async def fail() -> list[Any]:
            async with machine.opened() as journal:
                journal.recover(lambda _: None)
                said = [await journal.append([acted("kept")])]
                machine.fill(journal)
                said.append(await outcome(journal.append([acted("lost"), BIG])))
                assert journal.failed
                machine.fill(journal, False)
                said.append(await outcome(journal.append([acted("never asked")])))
                assert journal.view.head_seq == 1
            assert not journal.is_writing
            return said

        async def go_on() -> tuple[list[Record], list[int]]:
            found: list[Record] = []
            async with machine.opened() as journal:
                journal.recover(found.append)
                return found, await journal.append([acted("later")])

        full = (
            f"the audit log {machine.path} cannot be written: database or disk is full; "
            "trading is halted"
        )
        assert machine.run(fail()) == [[1], full, full]
        assert machine.run(go_on()) == ([acted("kept")], [2])

    def test_disk_that_fills_up_at_the_end_is_told(self, machine: Machine) -> None:
        async def main() -> object:
            async with asyncio.TaskGroup() as group, machine.opened() as journal:
                journal.recover(lambda _: None)
                await journal.append([acted()])
                machine.fill(journal)
                call = started(group, journal, BIG)
                await asyncio.sleep(0)
            return call.result()

        with pytest.raises(ExceptionGroup) as caught:
            machine.run(main())
        (error,) = caught.value.exceptions
        assert isinstance(error, JournalFailed)
        assert "cannot be written: database or disk is full" in str(error)

    def test_error_inside_is_told_before_that_of_the_disk(self, machine: Machine) -> None:
        async def main() -> None:
            async with asyncio.TaskGroup() as group, machine.opened() as journal:
                journal.recover(lambda _: None)
                machine.fill(journal)
                started(group, journal, BIG)
                await asyncio.sleep(0)
                raise ZeroDivisionError("of our own")

        with pytest.raises(ExceptionGroup) as caught:
            machine.run(main())
        assert [repr(error) for error in caught.value.exceptions] == [
            "ZeroDivisionError('of our own')"
        ]

    def test_log_that_had_failed_before_it_was_closed_is_not_told_again(
        self, machine: Machine
    ) -> None:
        async def main() -> tuple[bool, str]:
            async with asyncio.TaskGroup() as group, machine.opened(journal_queue_max=1) as journal:
                journal.recover(lambda _: None)
                machine.fill(journal)
                gone, call = (started(group, journal, record) for record in (BIG, BIG))
                await asyncio.sleep(0)
                gone.cancel()
                assert journal.failed
            return gone.cancelled(), call.result()

        refused = "1 records wait for the disk, limit 1; trading is halted"
        assert machine.run(main()) == (True, refused)

    def test_recovery_comes_first_and_once(self, machine: Machine) -> None:
        async def main() -> None:
            async with machine.opened() as journal:
                with pytest.raises(AssertionError, match="^recover comes first"):
                    await journal.append([acted()])
                journal.recover(lambda _: None)
                with pytest.raises(AssertionError, match="^recovered before"):
                    journal.recover(lambda _: None)

        machine.run(main())

    def test_log_that_was_only_opened_is_closed(self, machine: Machine) -> None:
        async def main() -> str | list[int]:
            async with machine.opened() as journal:
                pass
            return await outcome(journal.append([acted()]))

        assert "is closed; nothing was written" in str(machine.run(main()))

    def test_surface_is_that_of_the_real_one(self) -> None:
        def public(of: type) -> set[str]:
            return {name for name in vars(of) if not name.startswith("_")}

        assert public(MemoryJournal) == public(Journal)
        assert simulated.GROUP_MAX is real.GROUP_MAX


# The simulated one alone

BATCHES = (1, 3, 2, 2, 1, 4)


class Run:
    """One start of a program that writes `BATCHES`, two appends at a time."""

    def __init__(self, disk: SimDisk, *, start_s: float = 0.0) -> None:
        self.loop = SimLoop(start_s=start_s)
        self.found: list[Record] = []
        self.told: list[int] = []
        """Sequence numbers that were acknowledged."""
        self._disk = disk

    async def main(self) -> None:
        clock = LoopClock(self.loop, samples.NOW_NS)
        async with open_memory_journal(self._disk, clock=clock, limits=limits()) as journal:
            journal.recover(self.found.append)

            async def write(number: int, count: int) -> None:
                self.told += await journal.append([acted(number)] * count)

            for first in range(0, len(BATCHES), 2):
                async with asyncio.TaskGroup() as group:
                    for number in (first, first + 1):
                        group.create_task(write(number, BATCHES[number]), name=f"write {number}")


def details(records: Sequence[Record]) -> list[str]:
    return [record.detail for record in records]  # type: ignore[union-attr]


WHOLE = [str(number) for number, count in enumerate(BATCHES) for _ in range(count)]
PREFIXES = [WHOLE[:length] for length in itertools.accumulate(BATCHES, initial=0)]


def require_durable_prefix(disk: SimDisk, lost: Run) -> None:
    """Require that what is on the disk is whole batches, and all that was acknowledged."""
    assert details(disk.records()) in PREFIXES
    assert lost.told == list(range(1, len(lost.told) + 1))
    assert len(lost.told) <= len(disk.rows)


def require_linked(disk: SimDisk) -> None:
    prev = GENESIS
    for seq, row in enumerate(disk.rows, 1):
        assert (row.seq, row.prev, row.hash) == (seq, prev, row_hash(row))
        prev = row.hash


def test_power_cut_at_any_step_leaves_whole_batches_and_all_that_was_acknowledged() -> None:
    seen = set()
    for step in itertools.count():
        disk = SimDisk()
        lost = Run(disk)
        if not run_until_crash(lost.loop, lost.main(), at_step=step):
            break
        require_durable_prefix(disk, lost)
        seen.add((len(disk.rows), len(lost.told)))
        kept = disk.records()
        again = Run(disk, start_s=lost.loop.time())
        run(again.loop, again.main())
        assert again.found == kept
        assert again.told == list(range(len(kept) + 1, len(kept) + len(WHOLE) + 1))
        assert disk.rows[-1].utc_ns > disk.rows[0].utc_ns
        require_linked(disk)
    assert {len(prefix) for prefix in PREFIXES} == {durable for durable, _ in seen}
    assert any(durable > told for durable, told in seen), "durable, and nobody knows"
    assert details(disk.records()) == WHOLE


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("write", range(1, len(BATCHES) + 2))
def test_power_cut_at_a_write_loses_it_or_keeps_it_untold(write: int, is_after: bool) -> None:
    disk = SimDisk()
    disk.cut_at_write, disk.cut_is_after = write, is_after
    lost = Run(disk)
    assert run_until_crash(lost.loop, lost.main())
    require_durable_prefix(disk, lost)
    assert disk.writes == write
    assert len(lost.told) == len(PREFIXES[write - 1])
    assert disk.records() == [acted(n) for n in (*PREFIXES, WHOLE)[write - 1 + is_after]]
    again = Run(disk)
    assert not run_until_crash(again.loop, again.main())  # The cut was for one write.


def test_what_queues_during_a_write_shares_the_next_one() -> None:
    disk, loop = SimDisk(), SimLoop()

    async def main() -> float:
        clock = LoopClock(loop, samples.NOW_NS)
        async with open_memory_journal(disk, clock=clock, limits=limits()) as journal:
            journal.recover(lambda _: None)
            async with asyncio.TaskGroup() as group:
                calls = [started(group, journal, acted(n)) for n in range(50)]
            assert [call.result() for call in calls] == [[n] for n in range(1, 51)]
            assert journal.view.last_commit_ns in range(200_000, 5_000_001)
            return loop.time()

    assert 2 * LATENCY_S[0] <= run(loop, main()) <= 2 * LATENCY_S[1]
    assert disk.writes == 2 + 1  # The last one closes the log.


def test_record_is_durable_one_callback_before_it_is_told() -> None:
    disk, loop = SimDisk(), SimLoop()
    seen: list[tuple[int, int]] = []

    async def main() -> None:
        clock = LoopClock(loop, samples.NOW_NS)
        async with open_memory_journal(disk, clock=clock, limits=limits()) as journal:
            journal.recover(lambda _: None)
            loop.after_step = lambda: seen.append((len(disk.rows), journal.view.head_seq))
            await journal.append(RECORDS)

    run(loop, main())
    assert [state for state, _ in itertools.groupby(seen)] == [(0, 0), (3, 0), (3, 3)]
    assert seen.count((3, 0)) == 1


def test_log_that_was_only_opened_is_left_alone() -> None:
    disk, loop = SimDisk(), SimLoop()

    async def main() -> None:
        async with open_memory_journal(disk, clock=SimClock(), limits=limits()):
            pass

    run(loop, main())
    assert disk.writes == 0


def test_group_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated, "GROUP_MAX", 4)
    disk, loop = SimDisk(), SimLoop()

    async def main() -> None:
        clock = LoopClock(loop, samples.NOW_NS)
        async with open_memory_journal(disk, clock=clock, limits=limits()) as journal:
            journal.recover(lambda _: None)
            async with asyncio.TaskGroup() as group:
                for n in range(11):
                    started(group, journal, *[acted(n)] * 2)

    run(loop, main())
    assert disk.writes == 1 + 5 + 1
    assert len(disk.rows) == 22


def test_seed_decides_how_long_writes_take() -> None:
    def times(seed: int) -> list[int]:
        disk = SimDisk(seed)
        whole = Run(disk)
        run(whole.loop, whole.main())
        return [row.utc_ns for row in disk.rows]

    assert times(1) == times(1) != times(2)


def test_append_between_the_fault_and_the_news_of_it_is_not_written() -> None:
    disk, loop = SimDisk(), SimLoop()

    async def main() -> list[Any]:
        clock = LoopClock(loop, samples.NOW_NS)
        async with open_memory_journal(disk, clock=clock, limits=limits()) as journal:
            journal.recover(lambda _: None)
            disk.is_full = True
            async with asyncio.TaskGroup() as group:
                first = started(group, journal, acted("first"))
                late: list[asyncio.Task[Any]] = []

                def append_in_the_gap() -> None:
                    if disk.writes and not late:
                        assert not journal.failed
                        disk.is_full = False
                        late.append(started(group, journal, acted("late")))

                loop.after_step = append_in_the_gap
                await first
            assert journal.failed
            return [first.result(), late[0].result()]

    first, late = run(loop, main())
    assert first == late
    assert "database or disk is full" in first
    assert (disk.rows, disk.writes) == ([], 1)


def test_journal_in_memory_is_refused_on_real_time() -> None:
    async def main() -> None:
        with pytest.raises(AssertionError, match="^a journal in memory needs a simulated loop"):
            MemoryJournal(SimDisk(), clock=SimClock(), limits=limits())

    asyncio.run(main())
