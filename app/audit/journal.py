"""The log being written: one thread, one connection, group commit.

The danger: something is acknowledged, sent or shown, and after a power cut there is no record of
it. How it happens elsewhere: WAL with synchronous=NORMAL acknowledges what the disk has not; two
connections of an old SQLite reset the WAL under each other; an error of the disk is logged and
writing goes on.
How this prevents it: one writing connection in the process; WAL with synchronous=FULL; `append`
returns after COMMIT only; the first error ends all writing for good (`JournalFailed`), and the gate
halts.
    loop thread:    encode -> queue -> await
    writer thread:  take all that is queued -> chain -> BEGIN, INSERT, COMMIT -> wake the loop once
There is no waiting window: while one commit is under way, the next group gathers by itself.
Not guaranteed: that nobody with access to the file changes it. That is seen, not prevented
(`verify`).
"""

from __future__ import annotations

import asyncio
import os
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from app.audit import schema
from app.audit.anchors import EVERY, Anchor, anchors_path, read_anchors, write_anchor
from app.audit.chain import COLUMNS, GENESIS, Row, chained
from app.audit.connection import connect
from app.audit.disk import Disk
from app.audit.lock import FileLock
from app.audit.reader import LogDamaged, read_chain
from app.audit.records import Record, record_of, row_of
from app.audit.view import JournalView
from app.clock import Clock, LiveClock
from app.config import Limits
from app.domain.errors import JournalFailed, JournalUnreadable
from app.domain.ids import DurableSeq

GROUP_MAX: Final = 4_096
"""Records of one transaction."""
CHECKPOINT_EVERY: Final = 100
"""Records between two checkpoints of the WAL, if the writer has nothing else to do.

A checkpoint lets the WAL begin anew in the room that it has. While it still grows, each commit
waits for the file's length as well: 60 to 100 us of some 400.
"""
CHECKPOINT_MAX: Final = 50_000
"""Records after which one comes even if it has: some 25 MB of WAL."""
CLOSE_DEADLINE_S: Final = 30.0
_INSERT: Final = f"INSERT INTO log VALUES ({', '.join('?' * len(COLUMNS))})"


class _Group:
    """Records of one `append`, on their way to the disk."""

    __slots__ = ("future", "rows")

    def __init__(self, rows: list[Row], future: asyncio.Future[list[DurableSeq]]) -> None:
        self.rows = rows
        """Without seq, prev and hash, which the writer gives."""
        self.future = future


class Journal:
    """An open audit log. Made by `open_journal`."""

    def __init__(
        self, path: Path, *, clock: Clock, limits: Limits, disk: Disk | None = None
    ) -> None:
        self.path: Final = path.resolve()
        self._disk: Final = disk or Disk()
        self._tail_max = limits.journal_tail_max
        self.view: Final = JournalView(self._tail_max)
        self.sqlite_version: Final = sqlite3.sqlite_version
        self._clock = clock
        self._stopwatch = LiveClock()
        """Times the disk: it takes real time in a replay as well."""
        self._queue_max = limits.journal_queue_max
        self._queue: queue.SimpleQueue[_Group | None] = queue.SimpleQueue()
        self._waiting = 0
        """Records queued and not durable."""
        self._run_id = os.urandom(16)
        self._failure: str = ""
        self._is_closed = False
        self._loop = asyncio.get_running_loop()
        self._thread: threading.Thread | None = None
        self._seq = 0
        self._prev = GENESIS
        self._anchored_seq = 0
        self._checkpoint_seq = 0
        self._connection = connect(self.path)

    @property
    def failed(self) -> bool:
        """Whether writing has ended for good."""
        return bool(self._failure)

    @property
    def is_writing(self) -> bool:
        """Whether the writer thread lives, and may still change the file."""
        return self._thread is not None and self._thread.is_alive()

    def recover(self, apply: Callable[[Record], object]) -> None:
        """Hand over the records of earlier runs, checking the chain, and begin to write.

        Called once, before the first append.

        Raises:
            JournalUnreadable: a record was changed, is missing, or the newest were cut off.
        """
        assert self._thread is None, "recovered before"
        tail: deque[Row] = deque(maxlen=self._tail_max)
        for row in self._rows():
            apply(record_of(row))
            tail.append(row)
        if tail:
            self.view._add(tail, None)
        self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
        self._thread.start()

    async def append(self, records: Sequence[Record]) -> list[DurableSeq]:
        """Write records in this order; return their sequence numbers when they are on disk.

        Raises:
            JournalFailed: they are not; nothing may follow from them.
        """
        if self._failure:
            raise JournalFailed(self._failure)
        if self._is_closed:
            raise JournalFailed(f"the audit log {self.path} is closed; nothing was written")
        if not records:
            return []
        if self._waiting + len(records) > self._queue_max:
            # For good: a record that was not taken is a hole in the history of the account.
            self._failure = (
                f"{self._waiting} records wait for the disk, limit {self._queue_max}; "
                "trading is halted"
            )
            raise JournalFailed(self._failure)
        assert self._thread is not None, "recover comes first"
        utc_ns, mono_ns = self._clock.now_ns(), self._clock.mono_ns()
        rows = [
            row_of(record, utc_ns=utc_ns, mono_ns=mono_ns, run_id=self._run_id)
            for record in records
        ]
        future: asyncio.Future[list[DurableSeq]] = self._loop.create_future()
        self._waiting += len(rows)
        self._queue.put(_Group(rows, future))
        return await future

    def _rows(self) -> Iterator[Row]:
        """Yield the stored rows while checking chain and anchors; leave the head known."""
        seq, prev = 0, GENESIS
        try:
            anchors = read_anchors(self.path)
            fault = schema.find_fault(self._connection)
            if fault:
                raise LogDamaged(None, fault)
            for row in read_chain(self._connection, anchors):
                seq, prev = row.seq, row.hash
                yield row
            if seq and (not anchors or anchors[-1].seq != seq):
                # The run before was cut off: what it wrote is anchored before more is added.
                self._anchor(seq, prev)
        except (sqlite3.Error, OSError, ValueError, LogDamaged) as error:
            raise JournalUnreadable(
                f"the audit log {self.path} fails its check: {error}; nothing was started. "
                "Look with 'tradedeck audit verify'; to begin a new record move the file and "
                f"{anchors_path(self.path).name} aside"
            ) from error
        self._seq, self._prev = seq, prev
        self._anchored_seq = self._checkpoint_seq = seq

    # The writer thread

    def _write(self) -> None:
        """Commit group after group until the end is asked for or the disk fails."""
        groups: list[_Group] = []
        try:
            while (group := self._queue.get()) is not None:
                groups = self._gather(group)
                started_ns = self._stopwatch.mono_ns()
                rows = self._commit([row for group in groups for row in group.rows])
                commit_ns = self._stopwatch.mono_ns() - started_ns
                self._wake(self._resolve, groups, rows, commit_ns)
                groups = []
                self._keep_house()
            self._finish()
        except Exception as error:  # noqa: BLE001  Whatever it is: those who wait must be told.
            text = f"the audit log {self.path} cannot be written: {error!s}; trading is halted"
            self._wake(self._fail, groups, text)
        finally:
            with suppress(sqlite3.Error):
                self._connection.close()

    def _gather(self, group: _Group) -> list[_Group]:
        groups, count = [group], len(group.rows)
        while count < GROUP_MAX and not self._queue.empty():
            more = self._queue.get()
            if more is None:
                self._queue.put(None)  # The end is asked for: after this group.
                break
            groups.append(more)
            count += len(more.rows)
        return groups

    def _commit(self, unchained: list[Row]) -> list[Row]:
        rows = chained(unchained, self._seq, self._prev)
        self._connection.execute("BEGIN IMMEDIATE")
        taken = self._connection.executemany(_INSERT, map(_values, rows)).rowcount
        if taken != len(rows):
            raise sqlite3.IntegrityError(f"{taken} of {len(rows)} records were taken")
        self._disk.before_commit()
        self._connection.execute("COMMIT")
        self._seq, self._prev = rows[-1].seq, rows[-1].hash
        return rows

    def _keep_house(self) -> None:
        """Do what nobody waits for, after those who do were told."""
        if self._seq // EVERY > self._anchored_seq // EVERY:
            self._anchor(self._seq, self._prev)
        waiting = self._seq - self._checkpoint_seq
        if waiting >= (CHECKPOINT_EVERY if self._queue.empty() else CHECKPOINT_MAX):
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            self._checkpoint_seq = self._seq

    def _anchor(self, seq: int, digest: bytes) -> None:
        write_anchor(self.path, Anchor(seq, digest.hex(), self._clock.now_ns()))
        self._anchored_seq = seq

    def _finish(self) -> None:
        if self._seq:
            self._anchor(self._seq, self._prev)
        # The file is then whole without its WAL: it can be copied and read on its own.
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _wake(self, callback: Callable[..., None], *arguments: object) -> None:
        with suppress(RuntimeError):  # The loop is closed: nobody waits any more.
            self._loop.call_soon_threadsafe(callback, *arguments)

    # Back on the loop's thread

    def _resolve(self, groups: list[_Group], rows: list[Row], commit_ns: int) -> None:
        self.view._add(rows, commit_ns)
        start = 0
        for group in groups:
            end = start + len(group.rows)
            self._waiting -= len(group.rows)
            if not group.future.done():
                group.future.set_result([DurableSeq(row.seq) for row in rows[start:end]])
            start = end

    def _fail(self, groups: list[_Group], text: str) -> None:
        self._failure = text
        while not self._queue.empty():
            group = self._queue.get()
            if group is not None:
                groups.append(group)
        for group in groups:
            if not group.future.done():
                group.future.set_exception(JournalFailed(text))

    async def _close(self) -> None:
        """Write what is queued, anchor the head and let go of the file.

        Raises:
            JournalFailed: that did not succeed, and nobody was told of it yet.
        """
        had_failed, self._is_closed = self.failed, True
        if self._thread is None:
            self._connection.close()
            return
        self._queue.put(None)
        try:
            await asyncio.to_thread(self._thread.join, CLOSE_DEADLINE_S)
        except asyncio.CancelledError:
            # Told to hurry: even so, the lock is not given back while the thread writes.
            self._thread.join(CLOSE_DEADLINE_S)
            raise
        if self._thread.is_alive():
            self._fail([], f"the audit log {self.path} did not close in {CLOSE_DEADLINE_S:g} s")
            self._queue.put(None)  # Taken away with the rest; the thread may still come to it.
        if self.failed and not had_failed:
            raise JournalFailed(self._failure)


@asynccontextmanager
async def open_journal(
    path: Path, *, clock: Clock, limits: Limits, disk: Disk | None = None
) -> AsyncIterator[Journal]:
    """Open a log, or make a new one; close it, whole, at the end.

    Inside, `recover` comes before the first `append`.

    Raises:
        JournalUnreadable: it cannot be opened, is not an audit log, or another station writes it.
        JournalFailed: at the end, its last step could not be written.
    """
    path = _make_room(path)
    with FileLock(path.with_suffix(".lock"), what=f"the audit log {path}") as lock:
        journal = Journal(path, clock=clock, limits=limits, disk=disk)
        try:
            try:
                yield journal
            except BaseException:
                with suppress(JournalFailed):  # What went wrong first is what is told.
                    await journal._close()
                raise
            await journal._close()
        finally:
            if journal.is_writing:
                lock.keep()


def _make_room(path: Path) -> Path:
    """Return where a log really is, in a folder that exists: one lock a log, whatever the link."""
    try:
        path = path.resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JournalUnreadable(
            f"the audit log {path} cannot be opened: {error}; nothing was started"
        ) from error
    return path


def _values(row: Row) -> tuple[int | str | bytes, ...]:
    return (
        row.seq,
        row.utc_ns,
        row.mono_ns,
        row.run_id,
        row.kind.decode(),
        row.cl_ord_id.decode(),
        row.actor.decode(),
        row.schema_v,
        row.body.decode(),
        row.prev,
        row.hash,
    )
