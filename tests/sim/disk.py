"""A disk that survives the program, and an audit log on it that does as the real one does.

    append -> encode -> queue          one write under way at a time; what queues meanwhile is the
    write (takes virtual time)         next one's: group commit, as in `app.audit.journal`
    the rows are on the disk           all of a write or none; a power cut may come before or after
    one callback later: told           so there is a moment at which it is durable, nobody knows

What the real one refuses, how it fails and what it says then is the same here, word by word:
`test_disk.py` asks both the same questions. Left out, because simulated programs cannot reach it:
the file, its lock, its anchors.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from app.audit.chain import GENESIS, Row, chained
from app.audit.journal import GROUP_MAX
from app.audit.records import Record, record_of, row_of
from app.audit.view import JournalView
from app.clock import Clock
from app.config import Limits
from app.domain.errors import JournalFailed
from app.domain.ids import DurableSeq
from tests.sim.loop import SimLoop

LATENCY_S: Final = (0.0002, 0.005)
"""Shortest and longest write."""


class SimDisk:
    """What survives a crash, and the faults of what it is on."""

    def __init__(self, seed: int = 0) -> None:
        self.rng: Final = random.Random(seed)
        self.rows: list[Row] = []
        self.writes = 0
        """Writes begun to be made durable, over all runs."""
        self.is_full = False
        self.cut_at_write: int | None = None
        """The power is lost at this write, counted from 1 ..."""
        self.cut_is_after = False
        """... when it is durable and nobody was told, or before."""

    def records(self) -> list[Record]:
        """Return what a start would recover."""
        return [record_of(row) for row in self.rows]

    def latency_s(self) -> float:
        """Draw how long a write takes."""
        return self.rng.uniform(*LATENCY_S)

    def write(self, rows: Sequence[Row]) -> bool:
        """Make rows durable, all or none; return whether the power held.

        Raises:
            sqlite3.OperationalError: the disk is full.
        """
        self.writes += 1
        holds = self.writes != self.cut_at_write
        if holds or self.cut_is_after:
            if self.is_full:
                raise sqlite3.OperationalError("database or disk is full")
            self.rows += rows
        return holds


class InstantDisk(SimDisk):
    """A disk that takes no time."""

    def latency_s(self) -> float:
        """Return no time at all."""
        return 0.0


class _Group(msgspec.Struct):
    """Rows of one `append`, on their way to the disk."""

    rows: list[Row]
    """Without seq, prev and hash, which the write gives."""
    future: asyncio.Future[list[DurableSeq]]


class MemoryJournal:
    """`app.audit.journal.Journal` on a `SimDisk`. Made by `open_memory_journal`."""

    def __init__(self, disk: SimDisk, *, clock: Clock, limits: Limits) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SimLoop), "a journal in memory needs a simulated loop"
        self.path: Final = Path("memory/audit.db")
        self.view: Final = JournalView(limits.journal_tail_max)
        self.sqlite_version: Final = sqlite3.sqlite_version
        self._disk = disk
        self._loop = loop
        self._clock = clock
        self._limits = limits
        self._run_id = disk.rng.randbytes(16)
        self._queue: deque[_Group] = deque()
        self._waiting = 0
        """Records queued and not known to be durable."""
        self._failure = ""
        self._is_closed = False
        self._is_recovered = False
        self._is_busy = False
        """Whether a write is under way."""
        self._can_write = True
        """Until the first fault of the disk."""

    @property
    def failed(self) -> bool:
        """Whether writing has ended for good."""
        return bool(self._failure)

    @property
    def is_writing(self) -> bool:
        """Whether the disk may still change."""
        return self._is_busy

    def recover(self, apply: Callable[[Record], object]) -> None:
        """Hand over the records of earlier runs and begin to write."""
        assert not self._is_recovered, "recovered before"
        self._is_recovered = True
        for row in self._disk.rows:
            apply(record_of(row))
        self._show(self._disk.rows, None)

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
        queue_max = self._limits.journal_queue_max
        if self._waiting + len(records) > queue_max:
            self._failure = (
                f"{self._waiting} records wait for the disk, limit {queue_max}; trading is halted"
            )
            raise JournalFailed(self._failure)
        assert self._is_recovered, "recover comes first"
        utc_ns, mono_ns = self._clock.now_ns(), self._clock.mono_ns()
        return await self._put(
            [
                row_of(record, utc_ns=utc_ns, mono_ns=mono_ns, run_id=self._run_id)
                for record in records
            ]
        )

    def _put(self, rows: list[Row]) -> asyncio.Future[list[DurableSeq]]:
        future: asyncio.Future[list[DurableSeq]] = self._loop.create_future()
        self._waiting += len(rows)
        self._queue.append(_Group(rows, future))
        if not self._is_busy:
            self._begin()
        return future

    # In the place of the writer thread: callbacks, which no task can cancel

    def _begin(self) -> None:
        groups = [self._queue.popleft()]
        count = len(groups[0].rows)
        while count < GROUP_MAX and self._queue:
            groups.append(self._queue.popleft())
            count += len(groups[-1].rows)
        self._is_busy = True
        latency_s = self._disk.latency_s()
        self._loop.call_later(latency_s, self._commit, groups, round(latency_s * 1e9))

    def _commit(self, groups: list[_Group], commit_ns: int) -> None:
        stored = self._disk.rows
        seq, prev = (stored[-1].seq, stored[-1].hash) if stored else (0, GENESIS)
        rows = chained([row for group in groups for row in group.rows], seq, prev)
        try:
            holds = self._disk.write(rows)
        except sqlite3.Error as error:
            self._loop.call_soon(self._fail, groups, str(error))
            return  # Still busy: nothing is begun before all who wait were told.
        if not holds:
            self._loop.lose_power()
            return
        self._loop.call_soon(self._resolve, groups, rows, commit_ns)
        self._is_busy = False
        if self._queue:
            self._begin()

    def _resolve(self, groups: list[_Group], rows: list[Row], commit_ns: int) -> None:
        self._show(rows, commit_ns)
        seqs = iter([DurableSeq(row.seq) for row in rows])
        for group in groups:
            self._waiting -= len(group.rows)
            told = [next(seqs) for _ in group.rows]
            if not group.future.done():
                group.future.set_result(told)

    def _fail(self, groups: list[_Group], error: str) -> None:
        self._can_write = self._is_busy = False
        self._failure = f"the audit log {self.path} cannot be written: {error}; trading is halted"
        for group in (*groups, *self._queue):
            if not group.future.done():
                group.future.set_exception(JournalFailed(self._failure))

    def _show(self, rows: Sequence[Row], commit_ns: int | None) -> None:
        if rows:
            self.view._add(rows, commit_ns)

    async def _close(self) -> None:
        """Write what is queued; a last write, of nothing, comes after it.

        Raises:
            JournalFailed: that did not succeed, and nobody was told of it yet.
        """
        had_failed, self._is_closed = self.failed, True
        if self._is_recovered and self._can_write:
            with suppress(JournalFailed):
                await self._put([])
        if self.failed and not had_failed:
            raise JournalFailed(self._failure)


@asynccontextmanager
async def open_memory_journal(
    disk: SimDisk, *, clock: Clock, limits: Limits
) -> AsyncIterator[MemoryJournal]:
    """Open the log of a disk; close it at the end, as `app.audit.journal.open_journal` does.

    Raises:
        JournalFailed: at the end, its last step could not be written.
    """
    journal = MemoryJournal(disk, clock=clock, limits=limits)
    try:
        yield journal
    except BaseException:
        with suppress(JournalFailed):  # What went wrong first is what is told.
            await journal._close()
        raise
    await journal._close()
