"""What crashes, full disks and strangers' files do to a log: real files, real SQLite, no fakes.

The steps of the journal itself are in `test_journal`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.audit import anchors as anchors_module
from app.audit import journal as journal_module
from app.audit.anchors import anchors_path, read_anchors
from app.audit.journal import Journal, open_journal
from app.audit.reader import read_records, read_rows
from app.audit.records import Record, row_of
from app.audit.verify import verify
from app.clock import SimClock
from app.domain.errors import JournalFailed, JournalUnreadable

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX")


class Desk:
    """Opens logs of one folder."""

    def __init__(self, folder: Path, writing: Any) -> None:
        self.path = folder / "audit.db"
        self.clock = SimClock(writing.t0)
        self.writing = writing
        self.recovered: list[Record] = []

    def open(self, **limits: int) -> Any:
        return open_journal(self.path, clock=self.clock, limits=self.writing.limits(**limits))

    def recover(self, journal: Journal) -> Journal:
        self.recovered.clear()
        journal.recover(self.recovered.append)
        return journal

    def details(self) -> list[str]:
        return [record.detail for _, record in read_records(self.path)]  # type: ignore[union-attr]

    @contextmanager
    def busy_disk(self) -> Iterator[None]:
        """Hold the log's write lock, so that the writer waits as it would for a slow disk."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")


@pytest.fixture
def desk(tmp_path: Path, writing: Any) -> Desk:
    return Desk(tmp_path, writing)


def fill_disk(journal: Journal, room: int = 0) -> None:
    """Let the file grow by some pages and no more: SQLITE_FULL, as of a full disk."""
    connection = journal._connection
    connection.set_authorizer(None)
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + room}")


@pytest.mark.asyncio
async def test_recover_gives_exactly_what_was_appended(desk: Desk, writing: Any) -> None:
    day = [record for record in writing.one_of_each() if not hasattr(record, "checks")]
    async with desk.open() as journal:
        desk.recover(journal)
        for record in day:
            await journal.append([record])
    async with desk.open() as journal:
        desk.recover(journal)
        assert desk.recovered == day


@pytest.mark.asyncio
async def test_concurrent_appends_keep_their_order_and_stay_together(
    desk: Desk, writing: Any
) -> None:
    async with desk.open() as journal:
        desk.recover(journal)
        groups = [
            [writing.acted(f"{number}.{part}") for part in range(1 + number % 3)]
            for number in range(150)
        ]
        taken = await asyncio.gather(*(journal.append(group) for group in groups))
    assert [seq for seqs in taken for seq in seqs] == list(range(1, 301))
    assert desk.details() == [record.detail for group in groups for record in group]


# Faults


@pytest.mark.asyncio
async def test_full_disk_ends_writing_for_good(desk: Desk, writing: Any) -> None:
    async with desk.open() as journal:
        desk.recover(journal)
        await journal.append([writing.acted("before")])
        fill_disk(journal)
        large = [writing.acted("x" * 20_000)]
        failed = await asyncio.gather(
            *(journal.append(large) for _ in range(3)), return_exceptions=True
        )
        assert [type(error) for error in failed] == [JournalFailed] * 3
        assert all("is full; trading is halted" in str(error) for error in failed)
        assert journal.failed
        with pytest.raises(JournalFailed, match="is full"):
            await journal.append([writing.acted("small")])
        assert journal.view.head_seq == 1
    async with desk.open() as journal:
        desk.recover(journal)
        assert [record.detail for record in desk.recovered] == ["before"]  # type: ignore[union-attr]
        assert await journal.append([writing.acted("again")]) == [2]


@pytest.mark.asyncio
async def test_fault_that_is_not_of_the_disk_does_not_hang(desk: Desk, writing: Any) -> None:
    async with desk.open() as journal:
        desk.recover(journal)
        desk.clock.advance_to(2**63)  # No column holds it.
        with pytest.raises(JournalFailed, match="trading is halted"):
            await journal.append([writing.acted("x")])
        assert journal.failed


@pytest.mark.asyncio
async def test_rows_that_go_nowhere_are_noticed(desk: Desk, writing: Any) -> None:
    async with desk.open() as journal:
        desk.recover(journal)
        with closing(sqlite3.connect(desk.path)) as other:
            other.execute(
                "CREATE TRIGGER swallow BEFORE INSERT ON log BEGIN SELECT RAISE(IGNORE); END"
            )
        with pytest.raises(JournalFailed, match="0 of 1 records were taken"):
            await journal.append([writing.acted("x")])
    with pytest.raises(JournalUnreadable, match="'swallow'"):
        async with desk.open() as journal:
            desk.recover(journal)


@pytest.mark.asyncio
async def test_row_of_somebody_else_ends_writing(desk: Desk, writing: Any) -> None:
    async with desk.open() as journal:
        desk.recover(journal)
        await journal.append([writing.acted("ours")])
        with closing(sqlite3.connect(desk.path)) as other:
            other.execute(
                "INSERT INTO log SELECT 2, 1, 1, run_id, kind, '', '', 1, body, hash, hash FROM log"
            )
            other.commit()
        with pytest.raises(JournalFailed, match="written in order"):
            await journal.append([writing.acted("ours again")])


def test_loop_that_is_gone_does_not_stop_the_writer(desk: Desk, writing: Any) -> None:
    async def leave() -> Journal:
        journal = Journal(desk.path, clock=desk.clock, limits=writing.limits())
        desk.recover(journal)
        return journal

    journal = asyncio.run(leave())
    row = row_of(writing.acted("x"), utc_ns=1, mono_ns=1, run_id=bytes(16))
    journal._queue.put(journal_module._Group([row], None))  # type: ignore[arg-type]
    journal._queue.put(None)
    assert journal._thread is not None
    journal._thread.join(5)
    assert desk.details() == ["x"]


# Anchors and house-keeping


@pytest.mark.asyncio
async def test_anchors_are_written_now_and_then_and_at_the_end(
    desk: Desk, writing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "EVERY", 4)
    async with desk.open() as journal:
        desk.recover(journal)
        for number in range(10):
            await journal.append([writing.acted(str(number))])
    assert [anchor.seq for anchor in read_anchors(desk.path)] == [4, 8, 10]


@pytest.mark.asyncio
async def test_log_without_records_is_not_anchored(desk: Desk) -> None:
    async with desk.open() as journal:
        desk.recover(journal)
    assert read_anchors(desk.path) == []


@pytest.mark.asyncio
async def test_log_that_is_only_opened_and_closed_is_whole(desk: Desk) -> None:
    async with desk.open():
        pass
    assert verify(desk.path).is_clean
    assert sorted(file.name for file in desk.path.parent.iterdir()) == ["audit.db", "audit.lock"]


@pytest.mark.asyncio
async def test_wal_is_folded_in_while_the_station_runs(
    desk: Desk, writing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "CHECKPOINT_EVERY", 3)
    async with desk.open() as journal:
        desk.recover(journal)
        size = desk.path.stat().st_size
        for number in range(12):
            await journal.append([writing.acted("x" * 3_000 + str(number))])
        assert desk.path.stat().st_size > size
    assert verify(desk.path).rows == 12


def test_crashed_run_is_anchored_when_the_next_begins(
    crashed: Path, writing: Any, desk: Desk
) -> None:
    assert crashed == desk.path
    assert read_anchors(crashed) == []

    async def glance() -> None:
        async with desk.open() as journal:
            desk.recover(journal)
            assert [anchor.seq for anchor in read_anchors(crashed)] == [6]

    asyncio.run(glance())


def test_anchor_that_cannot_be_written_at_the_start_is_told(
    crashed: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(anchors_module.os, "fsync", refuse)

    async def start() -> None:
        async with desk.open() as journal:
            desk.recover(journal)

    with pytest.raises(JournalUnreadable, match="No space left on device; nothing was started"):
        asyncio.run(start())


# Crashes


TRADER = """
import asyncio, sys
from pathlib import Path
from app.audit.journal import open_journal
from app.audit.records import UserActed
from app.clock import LiveClock
from app.config import load_config

async def main():
    limits = load_config().limits
    async with open_journal(Path(sys.argv[1]), clock=LiveClock(), limits=limits) as journal:
        known = []
        journal.recover(known.append)
        print("recovered", len(known), flush=True)
        async def trade(lane):
            for number in range(100_000):
                name = f"{sys.argv[2]}.{lane}.{number}"
                acted = UserActed(action="note", detail=name, actor="ada")
                for seq in await journal.append([acted]):
                    print(seq, name, flush=True)
        await asyncio.gather(*map(trade, range(4)))

asyncio.run(main())
"""


@needs_posix
def test_killed_program_loses_nothing_that_it_acknowledged(desk: Desk) -> None:
    acknowledged: dict[int, str] = {}
    for number in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", TRADER, str(desk.path), str(number)],
            stdout=subprocess.PIPE,
            text=True,
        ) as trader:
            assert trader.stdout is not None
            recovered = int(trader.stdout.readline().split()[1])
            assert recovered >= len(acknowledged)
            lines = [trader.stdout.readline() for _ in range(20 + 31 * number)]
            trader.send_signal(signal.SIGKILL)
            lines += [line for line in trader.stdout if line.endswith("\n")]
        assert trader.returncode == -signal.SIGKILL
        acknowledged.update((int(seq), name) for seq, name in map(str.split, lines))
    stored = dict(enumerate(desk.details(), start=1))
    assert {seq: stored.get(seq) for seq in acknowledged} == acknowledged
    assert verify(desk.path).is_clean


def cuts(size: int) -> list[int]:
    """Return where to cut a WAL: its header, and before, in and after frames."""
    frame = 24 + 4096
    ends = range(32, size + 1, frame)
    return [0, 1, 31, *(end + shift for end in ends for shift in (0, 1, 23, 24, 2_000))]


def test_torn_wal_gives_a_clean_prefix(crashed: Path, desk: Desk) -> None:
    wal = crashed.with_name("audit.db-wal")
    whole, main = wal.read_bytes(), crashed.read_bytes()
    seen = set()
    for cut in cuts(len(whole)):
        for file in crashed.parent.iterdir():
            file.unlink()
        crashed.write_bytes(main)
        wal.write_bytes(whole[:cut])
        verdict = verify(crashed)
        assert verdict.is_clean, cut
        seen.add(verdict.rows)

        async def start() -> None:
            async with desk.open() as journal:
                desk.recover(journal)

        asyncio.run(start())
        details = [record.detail for record in desk.recovered]  # type: ignore[union-attr]
        assert details == [str(number) for number in range(verdict.rows)]
    assert seen == set(range(7))


def test_torn_wal_is_told_where_anchors_know_more(crashed: Path, desk: Desk) -> None:
    wal = crashed.with_name("audit.db-wal")
    hashes = [row.hash for row in read_rows(crashed, 1, 9, None)]
    anchors_path(crashed).write_text(f"5 {hashes[4]} 1\n", "ascii")
    with wal.open("r+b") as file:
        file.truncate(wal.stat().st_size // 2)
    known = verify(crashed).rows
    assert 0 < known < 5
    assert verify(crashed).first_bad_seq == known + 1

    async def start() -> None:
        async with desk.open() as journal:
            desk.recover(journal)

    with pytest.raises(JournalUnreadable, match=r"to 5 were there once and are missing; nothing"):
        asyncio.run(start())


def test_flipped_byte_of_the_wal_gives_a_prefix(crashed: Path) -> None:
    wal = crashed.with_name("audit.db-wal")
    whole = wal.read_bytes()
    expected = [row.hash for row in read_rows(crashed, 1, 9, None)]
    for place in range(0, len(whole), 997):
        with wal.open("r+b") as file:
            file.seek(place)
            file.write(bytes([whole[place] ^ 0x10]))
        found = [row.hash for row in read_rows(crashed, 1, 9, None)]
        assert found == expected[: len(found)]
        wal.write_bytes(whole)


# Opening


@pytest.mark.asyncio
async def test_second_station_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(desk.path)
    code = "\n".join(line for line in TRADER.splitlines() if "asyncio.run" not in line) + (
        "\nfrom app.domain.errors import JournalUnreadable\n"
        "try:\n    asyncio.run(main())\nexcept JournalUnreadable as error:\n    print(error)\n"
    )
    async with desk.open() as journal:
        desk.recover(journal)
        for name in ("audit.db", "link.db"):
            other = await asyncio.create_subprocess_exec(
                sys.executable, "-c", code, str(tmp_path / name), "0", stdout=subprocess.PIPE
            )
            said, _ = await other.communicate()
            assert said.decode().strip() == (
                f"the audit log {desk.path} is in use by another station; nothing was started"
            )


async def refusal(path: Path, writing: Any) -> str:
    with pytest.raises(JournalUnreadable) as caught:
        async with open_journal(path, clock=SimClock(), limits=writing.limits()) as journal:
            journal.recover(lambda _: None)
    return str(caught.value)


FOREIGN = {
    "table": "CREATE TABLE orders (id, text); INSERT INTO orders VALUES (1, 'mine');",
    "other id": "PRAGMA application_id = 7;",
    "version only": "PRAGMA user_version = 1;",
    "wal": "PRAGMA journal_mode = WAL; CREATE TABLE orders (id);",
    "lookalike": "CREATE TABLE log (seq INTEGER PRIMARY KEY);",
}


@pytest.mark.parametrize("script", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.asyncio
async def test_database_of_somebody_else_is_refused_and_left_alone(
    desk: Desk, writing: Any, script: str
) -> None:
    with closing(sqlite3.connect(desk.path)) as connection:
        connection.executescript(script)
    before = desk.path.read_bytes()
    said = await refusal(desk.path, writing)
    assert said == (
        f"the audit log {desk.path} cannot be opened: it is a database, but not an audit log; "
        "nothing was started"
    )
    assert desk.path.read_bytes() == before


def test_log_of_a_newer_version_is_refused_and_left_alone(log: Path, writing: Any) -> None:
    with closing(sqlite3.connect(log)) as connection:
        connection.execute("PRAGMA user_version = 2")
    before = log.read_bytes()
    said = asyncio.run(refusal(log, writing))
    assert "its schema is 2, this version of the program knows 1" in said
    assert log.read_bytes() == before


@pytest.mark.asyncio
async def test_file_that_is_no_database_is_refused_and_left_alone(desk: Desk, writing: Any) -> None:
    desk.path.write_bytes(b"Dear diary, " * 1_000)
    assert "cannot be opened: file is not a database" in await refusal(desk.path, writing)
    assert desk.path.read_bytes() == b"Dear diary, " * 1_000


@pytest.mark.asyncio
async def test_empty_file_is_a_new_log(desk: Desk) -> None:
    desk.path.write_bytes(b"")
    async with desk.open() as journal:
        desk.recover(journal)
    assert verify(desk.path).is_clean


@pytest.mark.asyncio
async def test_folder_is_made(desk: Desk) -> None:
    desk.path = desk.path.parent / "new" / "deep" / "audit.db"
    async with desk.open() as journal:
        desk.recover(journal)
    assert desk.path.exists()


@pytest.mark.asyncio
async def test_folder_in_the_place_of_the_log_is_refused(desk: Desk, writing: Any) -> None:
    desk.path.mkdir()
    assert "cannot be opened: unable to open database file" in await refusal(desk.path, writing)


@pytest.mark.asyncio
async def test_file_in_the_place_of_the_folder_is_refused(desk: Desk, writing: Any) -> None:
    desk.path.write_bytes(b"")
    said = await refusal(desk.path / "deep" / "audit.db", writing)
    assert said.startswith(f"the audit log {desk.path / 'deep' / 'audit.db'} cannot be opened: ")


@pytest.mark.parametrize(
    "change", ["UPDATE log SET actor = 'eve' WHERE seq = 4", "DELETE FROM log"]
)
@pytest.mark.asyncio
async def test_tampered_log_is_not_traded_on(
    log: Path, forge: Any, writing: Any, change: str
) -> None:
    forge(log, change)
    said = await refusal(log, writing)
    assert f"the audit log {log} fails its check: record" in said
    assert "tradedeck audit verify" in said
    assert "audit.anchors aside" in said


OPEN_AS_NOBODY = """
import asyncio, os, sys
from pathlib import Path
from app.audit.journal import open_journal
from app.clock import SimClock
from app.config import load_config
from app.domain.errors import StationError
import sqlite_utils.migrations, concurrent.futures.thread
limits = load_config().limits
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
async def main():
    async with open_journal(Path(sys.argv[1]), clock=SimClock(), limits=limits) as journal:
        journal.recover(lambda _: None)
        print("opened")
try:
    asyncio.run(main())
except StationError as error:
    print(error)
"""


@needs_posix
@pytest.mark.parametrize("is_file_only", [True, False], ids=["file", "folder"])
def test_log_that_may_only_be_read_is_refused_at_once(log: Path, is_file_only: bool) -> None:
    # Not a folder of pytest: another user could not reach it.
    with tempfile.TemporaryDirectory(prefix="tradedeck-test-") as name:
        folder = Path(name)
        (folder / "audit.db").write_bytes(log.read_bytes())
        (folder / "audit.db").chmod(0o444)
        folder.chmod(0o777 if is_file_only else 0o555)
        done = subprocess.run(
            [sys.executable, "-c", OPEN_AS_NOBODY, str(folder / "audit.db")],
            capture_output=True,
            text=True,
            check=True,
        )
        folder.chmod(0o755)
    says = "readonly database" if is_file_only else os.strerror(13)
    assert f"the audit log {folder / 'audit.db'} cannot be opened: " in done.stdout
    assert says in done.stdout
