"""What was acknowledged is on disk: a real writer thread, a disk that fails, a process killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.audit import journal as module
from app.audit import records
from app.audit.anchors import anchors_path, read_anchors
from app.audit.journal import Journal, open_journal
from app.audit.reader import read_records, read_rows
from app.audit.verify import verify
from app.clock import SimClock
from app.domain.errors import JournalFailed, JournalUnreadable

ROOT = Path(__file__).resolve().parents[3]


class Disk:
    """The writing connection with a switch in each statement."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.gate = threading.Event()
        self.gate.set()
        self.reached = threading.Event()
        self.fail_on = ""
        self.error: Exception = sqlite3.OperationalError("disk I/O error")
        self.statements: list[str] = []

    def execute(self, sql: str) -> sqlite3.Cursor:
        self.statements.append(sql)
        if sql == "COMMIT":
            self.reached.set()
            assert self.gate.wait(20)
        if self.fail_on and sql.startswith(self.fail_on):
            raise self.error
        return self._connection.execute(sql)

    def executemany(self, sql: str, rows: Any) -> sqlite3.Cursor:
        self.statements.append("INSERT")
        return self._connection.executemany(sql, rows)

    def close(self) -> None:
        self._connection.close()

    @property
    def commits(self) -> int:
        return self.statements.count("COMMIT")


Opened = Callable[..., Any]


@pytest.fixture
def opened(tmp_path: Path, clock: SimClock, writing: Any) -> Opened:
    """Open a journal ready to write, with its disk."""

    @asynccontextmanager
    async def run(**limits: int) -> AsyncIterator[tuple[Journal, Disk]]:
        path = tmp_path / "audit.db"
        async with open_journal(path, clock=clock, limits=writing.limits(**limits)) as journal:
            disk = Disk(journal._connection)
            journal._connection = disk  # type: ignore[assignment]
            journal.recover(lambda _: None)
            yield journal, disk

    return run


async def started(calls: asyncio.TaskGroup, awaitable: Any, name: str) -> asyncio.Task[Any]:
    """Start a call and let it run to where it waits."""
    task = calls.create_task(awaitable, name=name)
    await asyncio.sleep(0)
    return task


async def outcome(awaitable: Any) -> Any:
    try:
        return await awaitable
    except JournalFailed as error:
        return error


# Writing


@pytest.mark.asyncio
async def test_append_gives_sequence_numbers_that_are_on_disk(opened: Opened, writing: Any) -> None:
    async with opened() as (journal, _):
        assert await journal.append(writing.one_of_each()) == list(range(1, 14))
        assert await journal.append([writing.acted()]) == [14]
        # A second look at the file, through no cache of ours.
        stored = read_rows(journal.path, 1, 100, None)
        assert [row.seq for row in stored] == list(range(1, 15))
        assert stored[-1].hash == journal.view.head_hash


@pytest.mark.asyncio
async def test_no_records_are_no_work(opened: Opened) -> None:
    async with opened() as (journal, disk):
        assert await journal.append([]) == []
        assert disk.commits == 0


@pytest.mark.asyncio
async def test_columns_say_when_and_who(opened: Opened, writing: Any, clock: SimClock) -> None:
    async with opened() as (journal, _):
        await journal.append([writing.started()])
        clock.advance_to(clock.now_ns() + 5)
        await journal.append([writing.decided("A1")])
    first, second = (row for row, _ in read_records(journal.path))
    assert second.utc_ns - first.utc_ns == second.mono_ns - first.mono_ns == 5
    assert (second.kind, second.cl_ord_id, second.actor) == (b"order_decided", b"A1", b"ada")
    assert first.run_id == second.run_id
    assert len(first.run_id) == 16


@pytest.mark.asyncio
async def test_what_queues_during_a_commit_shares_the_next_one(
    opened: Opened, writing: Any
) -> None:
    async with opened() as (journal, disk):
        disk.gate.clear()
        async with asyncio.TaskGroup() as calls:
            first = await started(calls, journal.append([writing.acted("0")]), "0")
            await asyncio.to_thread(disk.reached.wait, 20)
            later = [
                await started(calls, journal.append([writing.acted(str(n))] * 2), str(n))
                for n in range(1, 51)
            ]
            disk.gate.set()
        assert first.result() == [1]
        assert [task.result() for task in later] == [[2 * n, 2 * n + 1] for n in range(1, 51)]
        assert disk.commits == 2
        details = [record.detail for _, record in read_records(journal.path)]  # type: ignore[union-attr]
    assert details == ["0"] + [str(n) for n in range(1, 51) for _ in range(2)]


@pytest.mark.asyncio
async def test_group_is_bounded(
    opened: Opened, writing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GROUP_MAX", 4)
    async with opened() as (journal, disk):
        disk.gate.clear()
        async with asyncio.TaskGroup() as calls:
            await started(calls, journal.append([writing.acted()]), "0")
            await asyncio.to_thread(disk.reached.wait, 20)
            for n in range(10):
                await started(calls, journal.append([writing.acted()] * 2), str(n))
            disk.gate.set()
        assert disk.commits == 1 + 5
        assert journal.view.head_seq == 21


@pytest.mark.asyncio
async def test_record_is_shown_once_it_is_durable(opened: Opened, writing: Any) -> None:
    async with opened() as (journal, disk):
        assert journal.view.last_commit_ns is None
        disk.gate.clear()
        async with asyncio.TaskGroup() as calls:
            await started(calls, journal.append([writing.acted()]), "append")
            await asyncio.to_thread(disk.reached.wait, 20)
            await asyncio.sleep(0)
            assert journal.view.rows_after(0, 10) == []
            assert journal.view.head_seq == 0
            disk.gate.set()
        (row,) = journal.view.rows_after(0, 10)
        assert (row.seq, row.kind, row.actor) == (1, "user_action", "ada")
        assert row.hash == journal.view.head_hash
        assert journal.view.last_commit_ns > 0


@pytest.mark.asyncio
async def test_cancelled_caller_leaves_the_record_and_the_others(
    opened: Opened, writing: Any
) -> None:
    async with opened() as (journal, disk):
        disk.gate.clear()
        async with asyncio.TaskGroup() as calls:
            gone = await started(calls, journal.append([writing.acted("gone")]), "gone")
            other = await started(calls, journal.append([writing.acted("other")]), "other")
            gone.cancel()
            await asyncio.sleep(0)
            disk.gate.set()
        assert gone.cancelled()
        assert other.result() == [2]
        assert await journal.append([writing.acted()]) == [3]


@pytest.mark.asyncio
async def test_full_queue_ends_the_writing_for_good(opened: Opened, writing: Any) -> None:
    async with opened(journal_queue_max=3) as (journal, disk):
        disk.gate.clear()
        async with asyncio.TaskGroup() as calls:
            taken = await started(calls, journal.append([writing.acted()] * 2), "taken")
            with pytest.raises(JournalFailed, match=r"^2 records wait for the disk, limit 3; "):
                await journal.append([writing.acted()] * 2)
            disk.gate.set()
        assert taken.result() == [1, 2]
        assert journal.failed
        with pytest.raises(JournalFailed, match="limit 3"):
            await journal.append([writing.acted()])


@pytest.mark.asyncio
async def test_chores_come_after_the_answer(
    opened: Opened, writing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EVERY", 10)
    monkeypatch.setattr(module, "CHECKPOINT_EVERY", 20)
    # Due even if the next record waits already: on a busy machine it may.
    monkeypatch.setattr(module, "CHECKPOINT_MAX", 20)
    async with opened() as (journal, disk):
        for _ in range(25):
            await journal.append([writing.acted()])
        checkpoints = [n for n, sql in enumerate(disk.statements) if "wal_checkpoint" in sql]
        assert len(checkpoints) == 1
        assert disk.statements[checkpoints[0] - 1] == "COMMIT"
        assert [anchor.seq for anchor in read_anchors(journal.path)] == [10, 20]
    assert [anchor.seq for anchor in read_anchors(journal.path)] == [10, 20, 25]


# Failing


@pytest.mark.asyncio
@pytest.mark.parametrize("fail_on", ["BEGIN", "COMMIT"])
@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("database or disk is full"),
        OSError(5, "Input/output error"),
        ZeroDivisionError("of our own"),
    ],
    ids=["SQLite", "system", "our mistake"],
)
async def test_fault_fails_all_who_wait_and_all_who_come(
    opened: Opened, writing: Any, fail_on: str, error: Exception
) -> None:
    async with opened() as (journal, disk):
        await journal.append([writing.acted()])
        disk.gate.clear()
        disk.reached.clear()
        disk.error = error
        async with asyncio.TaskGroup() as calls:
            calling = [
                await started(calls, outcome(journal.append([writing.acted()])), str(n))
                for n in range(5)
            ]
            await asyncio.sleep(0)
            disk.fail_on = fail_on
            disk.gate.set()
        results = [task.result() for task in calling]
        # What got through before the fault is acknowledged, nothing after it.
        lost = [result for result in results if isinstance(result, JournalFailed)]
        assert results == [*results[: 5 - len(lost)], *lost]
        assert isinstance(await outcome(journal.append([writing.acted()])), JournalFailed)
        assert journal.failed
        assert str(error) in str(await outcome(journal.append([writing.acted()])))
        head = journal.view.head_seq
    assert not journal.is_writing
    assert verify(journal.path).is_clean
    assert verify(journal.path).rows == head


@pytest.mark.asyncio
async def test_row_that_a_trigger_does_not_take_is_a_failure(opened: Opened, writing: Any) -> None:
    async with opened() as (journal, _):
        await journal.append([writing.acted()])
        journal._seq = 7
        with pytest.raises(JournalFailed, match="written in order"):
            await journal.append([writing.acted()])


@pytest.mark.asyncio
async def test_rows_that_were_not_taken_are_counted(opened: Opened, writing: Any) -> None:
    async with opened() as (journal, disk):
        whole = disk.executemany
        disk.executemany = lambda sql, rows: whole(sql, list(rows)[:-1])  # type: ignore[method-assign]
        with pytest.raises(JournalFailed, match="1 of 2 records were taken"):
            await journal.append([writing.acted()] * 2)


@pytest.mark.asyncio
async def test_anchor_that_cannot_be_written_ends_the_writing(
    opened: Opened, writing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EVERY", 1)
    async with opened() as (journal, _):
        anchors_path(journal.path).mkdir()
        assert await journal.append([writing.acted()]) == [1]  # It is durable all the same.
        assert isinstance(await outcome(journal.append([writing.acted()])), JournalFailed)


# Closing


@pytest.mark.asyncio
async def test_closed_log_is_whole_without_its_wal(opened: Opened, writing: Any) -> None:
    async with opened() as (journal, _):
        await journal.append([writing.acted()])
        thread = journal._thread
        assert thread.name == "journal"
    assert not thread.is_alive()
    assert sorted(os.listdir(journal.path.parent)) == ["audit.anchors", "audit.db", "audit.lock"]
    assert verify(journal.path).rows == 1
    with pytest.raises(JournalFailed, match="is closed"):
        await journal.append([writing.acted()])


@pytest.mark.asyncio
async def test_what_is_queued_at_the_end_is_written(opened: Opened, writing: Any) -> None:
    async with asyncio.TaskGroup() as calls, opened() as (journal, disk):
        disk.gate.clear()
        first = await started(calls, journal.append([writing.acted()]), "first")
        await asyncio.to_thread(disk.reached.wait, 20)
        last = await started(calls, journal.append([writing.acted()]), "last")
        asyncio.get_running_loop().call_later(0.02, disk.gate.set)
    assert (first.result(), last.result()) == ([1], [2])


@pytest.mark.asyncio
async def test_log_never_used_is_closed(tmp_path: Path, clock: SimClock, writing: Any) -> None:
    async with open_journal(tmp_path / "a.db", clock=clock, limits=writing.limits()) as journal:
        assert not journal.is_writing
    async with open_journal(tmp_path / "a.db", clock=clock, limits=writing.limits()) as journal:
        journal.recover(lambda _: None)
    assert read_anchors(journal.path) == []


@pytest.mark.asyncio
async def test_fault_while_closing_is_told(opened: Opened, writing: Any) -> None:
    context = opened()
    journal, disk = await context.__aenter__()
    await journal.append([writing.acted()])
    disk.fail_on = "PRAGMA wal_checkpoint"
    with pytest.raises(JournalFailed, match="cannot be written: disk I/O error"):
        await context.__aexit__(None, None, None)
    assert verify(journal.path).rows == 1


@pytest.mark.asyncio
async def test_fault_of_the_last_group_reaches_who_waits_for_it(
    opened: Opened, writing: Any
) -> None:
    context = opened()
    journal, disk = await context.__aenter__()
    async with asyncio.TaskGroup() as calls:
        disk.gate.clear()
        last = await started(calls, outcome(journal.append([writing.acted()])), "last")
        await asyncio.to_thread(disk.reached.wait, 20)
        gone = await started(calls, outcome(journal.append([writing.acted()])), "gone")
        gone.cancel()
        disk.fail_on = "COMMIT"
        asyncio.get_running_loop().call_later(0.02, disk.gate.set)
        with pytest.raises(JournalFailed, match="disk I/O error"):
            await context.__aexit__(None, None, None)
    assert isinstance(last.result(), JournalFailed)


@pytest.mark.asyncio
async def test_first_fault_is_the_one_told(opened: Opened, writing: Any) -> None:
    async def own() -> None:
        async with opened() as (journal, disk):
            held.append(journal)
            await journal.append([writing.acted()])
            disk.fail_on = "PRAGMA wal_checkpoint"
            raise KeyError("first")

    held: list[Any] = []
    with pytest.raises(KeyError, match="first"):
        await own()
    assert not held[0].is_writing


@pytest.mark.asyncio
async def test_cancelled_owner_still_closes(opened: Opened, writing: Any) -> None:
    async def own() -> None:
        async with opened() as (journal, disk):
            await journal.append([writing.acted()])
            held.extend((journal, disk))
            await asyncio.sleep(3600)

    held: list[Any] = []
    task = asyncio.get_running_loop().create_task(own(), name="own")
    while not held:
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not held[0].is_writing
    assert verify(held[0].path).rows == 1


@pytest.mark.asyncio
async def test_lock_is_held_until_the_thread_ends_even_if_told_to_hurry(
    opened: Opened, writing: Any
) -> None:
    async def own() -> None:
        async with opened() as (journal, disk):
            held.extend((journal, disk))
            disk.gate.clear()
            await journal.append([writing.acted()])

    held: list[Any] = []
    task = asyncio.get_running_loop().create_task(own(), name="own")
    while not held:
        await asyncio.sleep(0.001)
    journal, disk = held
    await asyncio.to_thread(disk.reached.wait, 20)
    task.cancel()
    await asyncio.sleep(0.01)  # It now waits for the thread.
    task.cancel()
    threading.Timer(0.05, disk.gate.set).start()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not journal.is_writing
    assert verify(journal.path).rows == 1


@pytest.mark.asyncio
async def test_disk_that_hangs_is_given_up_and_keeps_the_lock(
    opened: Opened, writing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CLOSE_DEADLINE_S", 0.05)
    context = opened()
    journal, disk = await context.__aenter__()
    async with asyncio.TaskGroup() as calls:
        disk.gate.clear()
        waiting = await started(calls, journal.append([writing.acted()]), "waiting")
        await asyncio.to_thread(disk.reached.wait, 20)
        late = await started(calls, outcome(journal.append([writing.acted()])), "late")
        with pytest.raises(JournalFailed, match=r"did not close in 0\.05 s"):
            await context.__aexit__(None, None, None)
        assert journal.is_writing
        assert isinstance(await late, JournalFailed)
        with pytest.raises(JournalUnreadable, match="in use by another station"):
            async with opened():
                pass
        disk.gate.set()
        assert await waiting == [1]
    journal._thread.join(20)


# Opening again


@pytest.mark.asyncio
async def test_records_of_earlier_runs_are_handed_over(
    log: Path, clock: SimClock, writing: Any
) -> None:
    records: list[Any] = []
    limits = writing.limits(journal_tail_max=4)
    async with open_journal(log, clock=clock, limits=limits) as journal:
        journal.recover(records.append)
        assert [row.seq for row in journal.view.rows_after(0, 100)] == [12, 13, 14, 15]
        assert await journal.append([writing.acted()]) == [16]
    assert records == [record for _, record in list(read_records(log))[:15]]
    assert verify(log).rows == 16


@pytest.mark.asyncio
async def test_end_of_an_interrupted_run_is_anchored_at_the_next_start(
    log: Path, clock: SimClock, writing: Any
) -> None:
    anchors_path(log).unlink()
    async with open_journal(log, clock=clock, limits=writing.limits()) as journal:
        journal.recover(lambda _: None)
        assert [anchor.seq for anchor in read_anchors(log)] == [15]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log SET actor = 'eve' WHERE seq = 3",
        "DELETE FROM log WHERE seq > 13",
        "CREATE TABLE notes (text)",
    ],
)
async def test_tampered_log_is_not_continued(
    log: Path, clock: SimClock, writing: Any, forge: Callable[..., None], statement: str
) -> None:
    forge(log, statement)
    async with open_journal(log, clock=clock, limits=writing.limits()) as journal:
        with pytest.raises(JournalUnreadable, match=r"fails its check: .*audit\.anchors aside$"):
            journal.recover(lambda _: None)


@pytest.mark.asyncio
async def test_record_of_a_newer_version_is_not_continued(
    log: Path, clock: SimClock, writing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_journal(log, clock=clock, limits=writing.limits()) as journal:
        journal.recover(lambda _: None)
        with monkeypatch.context() as newer:
            newer.setattr(records, "SCHEMA_V", records.SCHEMA_V + 1)
            await journal.append([writing.acted()])
    async with open_journal(log, clock=clock, limits=writing.limits()) as journal:
        with pytest.raises(JournalUnreadable, match="record 16 was written by a newer version"):
            journal.recover(lambda _: None)


@pytest.mark.asyncio
async def test_second_station_is_refused(opened: Opened) -> None:
    async with opened():
        with pytest.raises(JournalUnreadable, match="in use by another station"):
            async with opened():
                pass
    async with opened():
        pass


@pytest.mark.asyncio
async def test_folder_that_cannot_be_made_gives_a_sentence(
    tmp_path: Path, clock: SimClock, writing: Any
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalUnreadable, match="cannot be opened"):
        async with open_journal(
            tmp_path / "file" / "audit.db", clock=clock, limits=writing.limits()
        ):
            pass


@pytest.mark.asyncio
async def test_append_before_recover_is_our_mistake(
    tmp_path: Path, clock: SimClock, writing: Any
) -> None:
    async with open_journal(tmp_path / "a.db", clock=clock, limits=writing.limits()) as journal:
        with pytest.raises(AssertionError, match="recover comes first"):
            await journal.append([writing.acted()])


# A process that is killed

WRITER = textwrap.dedent(
    """
    import asyncio, sys
    from pathlib import Path
    from app.audit.journal import open_journal
    from app.audit.records import UserActed
    from app.clock import LiveClock
    from app.config import load_config

    async def main():
        limits = load_config().limits
        async with open_journal(Path(sys.argv[1]), clock=LiveClock(), limits=limits) as journal:
            journal.recover(lambda record: None)

            async def write():
                while True:
                    record = UserActed(action="note", detail="x" * 200, actor="ada")
                    for seq in await journal.append([record] * 3):
                        sys.stdout.write(f"{seq}\\n")
                    sys.stdout.flush()

            async with asyncio.TaskGroup() as writers:
                for number in range(8):
                    writers.create_task(write(), name=f"writer {number}")

    asyncio.run(main())
    """
)


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_killed_process_loses_nothing_it_acknowledged(
    tmp_path: Path, clock: SimClock, writing: Any
) -> None:
    path = tmp_path / "audit.db"
    for kill_after in (1, 40, 400):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as process:
            assert process.stdout is not None
            said = [process.stdout.readline() for _ in range(kill_after)]
            process.send_signal(signal.SIGKILL)
            said += process.stdout.read().splitlines(keepends=True)
        acknowledged = max(int(line) for line in said if line.endswith(b"\n"))
        verdict = verify(path)
        assert verdict.is_clean
        assert verdict.rows >= acknowledged
    records: list[Any] = []

    async def again() -> None:
        async with open_journal(path, clock=clock, limits=writing.limits()) as journal:
            journal.recover(records.append)

    asyncio.run(again())
    assert len(records) == verdict.rows
    assert verify(path).is_clean
