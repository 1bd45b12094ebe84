"""Whatever is done to a log is found: a corpus of tampering on a small closed log, byte by byte."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.audit import journal as journal_module
from app.audit import schema
from app.audit import verify as verify_module
from app.audit.anchors import anchors_path
from app.audit.chain import COLUMNS, GENESIS, Row, row_hash
from app.audit.export import export
from app.audit.journal import open_journal
from app.audit.verify import Verdict, verify
from app.clock import SimClock
from app.domain.errors import JournalUnreadable

CHANGES = {
    "seq": "seq + 1000",
    "utc_ns": "utc_ns + 1",
    "mono_ns": "mono_ns - 1",
    "run_id": "zeroblob(16)",
    "kind": "kind || ' '",
    "cl_ord_id": "cl_ord_id || '0'",
    "actor": "upper(actor) || '.'",
    "schema_v": "schema_v + 1",
    "body": "replace(body, '{', '{ ')",
    "prev": f"x'{'01' * 32}'",
    "hash": "zeroblob(32)",
}


def look(path: Path) -> Verdict | None:
    """Return the verdict, or None if the file is refused as a whole."""
    try:
        return verify(path)
    except JournalUnreadable:
        return None


def test_untouched_log_is_clean(log: Path) -> None:
    verdict = verify(log)
    assert verdict.is_clean
    assert (verdict.rows, verdict.first_bad_seq, verdict.problem) == (15, None, "")
    assert len(verdict.head_hash) == 64


def test_log_without_records_is_clean(writing: Any, tmp_path: Path) -> None:
    writing.log(tmp_path / "a.db", [])
    assert verify(tmp_path / "a.db") == Verdict(rows=0, head_hash=GENESIS.hex())


@pytest.mark.parametrize("seq", [1, 8, 15])
@pytest.mark.parametrize("column", COLUMNS)
def test_changed_cell_is_located(log: Path, forge: Any, column: str, seq: int) -> None:
    forge(log, f"UPDATE log SET {column} = {CHANGES[column]} WHERE seq = {seq}")
    verdict = verify(log)
    assert verdict.first_bad_seq == seq
    assert verdict.rows == seq - 1
    assert not verdict.is_clean


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("DELETE FROM log WHERE seq = 1", 1),
        ("DELETE FROM log WHERE seq = 7", 7),
        ("DELETE FROM log WHERE seq = 15", 15),
        ("DELETE FROM log WHERE seq > 13", 14),
        ("DELETE FROM log WHERE seq > 10", 11),
        ("DELETE FROM log", 1),
        ("INSERT INTO log SELECT 16, 1, 1, run_id, kind, '', '', 1, body, hash, hash FROM log", 16),
        ("INSERT INTO log SELECT -1, 1, 1, run_id, kind, '', '', 1, body, prev, hash FROM log", 1),
    ],
)
def test_rows_removed_or_added_are_found(
    log: Path, forge: Any, statement: str, first_bad: int
) -> None:
    forge(log, statement + (" WHERE seq = 15" if statement.startswith("INSERT") else ""))
    assert verify(log).first_bad_seq == first_bad


def test_rows_that_changed_places_are_found(log: Path, forge: Any) -> None:
    forge(
        log,
        "UPDATE log SET seq = 99 WHERE seq = 5",
        "UPDATE log SET seq = 5 WHERE seq = 6",
        "UPDATE log SET seq = 6 WHERE seq = 99",
    )
    assert verify(log).first_bad_seq == 5


def rewrite_from(path: Path, forge: Any, seq: int) -> None:
    """Change a record and compute every hash after it anew, as somebody who knows how would."""
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        names = ", ".join(COLUMNS)
        rows = [Row(*cells) for cells in connection.execute(f"SELECT {names} FROM log")]
    prev = rows[seq - 2].hash if seq > 1 else GENESIS
    for row in rows[seq - 1 :]:
        cells = {name: getattr(row, name) for name in COLUMNS}
        body = row.body.replace(b"ada", b"eve") if row.seq == seq else row.body
        changed = Row(**{**cells, "body": body, "prev": prev})
        prev = row_hash(changed)
        values = (body.decode(), changed.prev, prev, row.seq)
        forge(path, "UPDATE log SET body = ?, prev = ?, hash = ? WHERE seq = ?", values=values)


def test_rewritten_chain_is_found_by_the_anchor(log: Path, forge: Any) -> None:
    rewrite_from(log, forge, 11)
    verdict = verify(log)
    assert verdict.first_bad_seq == 13
    assert verdict.problem == "record 13 is not the one that was anchored"


def test_rewritten_chain_without_anchors_is_what_nobody_sees(log: Path, forge: Any) -> None:
    # The limit that the module states: the day this fails, the text there has to change.
    rewrite_from(log, forge, 11)
    anchors_path(log).unlink()
    assert verify(log).is_clean


def test_older_copy_of_the_file_is_found(log: Path, writing: Any) -> None:
    older = log.read_bytes()
    writing.log(log, [writing.started(), writing.ended()])
    assert verify(log).is_clean
    log.write_bytes(older)
    verdict = verify(log)
    assert verdict.first_bad_seq == 16
    assert "were there once and are missing" in verdict.problem


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [lines[0].replace(b"13 ", b"12 "), lines[1]],
        lambda lines: [lines[0][:10] + bytes([lines[0][10] ^ 1]) + lines[0][11:], lines[1]],
        lambda lines: [lines[1], lines[0]],
        lambda lines: [b"\n", *lines],
        lambda lines: [lines[0][:-1] + lines[1]],
        lambda lines: [*lines, lines[1].replace(b"15 ", b"99 ")],
    ],
    ids=["another number", "another hash", "order", "empty line", "joined", "one more"],
)
def test_tampered_anchors_are_found(log: Path, change: Any) -> None:
    lines = anchors_path(log).read_bytes().splitlines(keepends=True)
    anchors_path(log).write_bytes(b"".join(change(lines)))
    assert not verify(log).is_clean


def test_anchors_that_cannot_be_read_are_a_problem_after_the_rows(log: Path, forge: Any) -> None:
    anchors_path(log).unlink()
    anchors_path(log).mkdir()
    assert verify(log).rows == 15
    assert not verify(log).is_clean
    forge(log, "UPDATE log SET actor = 'x' WHERE seq = 4")
    assert verify(log).first_bad_seq == 4


@pytest.mark.parametrize("name", [*schema.TRIGGERS, "log_by_order"])
def test_removed_protection_is_found(log: Path, name: str) -> None:
    with closing(sqlite3.connect(log)) as connection:
        kind = "INDEX" if name == "log_by_order" else "TRIGGER"
        connection.execute(f"DROP {kind} {name}")
    verdict = verify(log)
    assert f"'{name}'" in verdict.problem
    assert verdict.first_bad_seq is None
    assert verdict.rows == 15


def test_index_that_tells_something_else_is_found(log: Path) -> None:
    changed = schema.INDEX.replace("cl_ord_id <> ''", "cl_ord_id <> 'A1'")
    for sql, then in ((changed, "REINDEX"), (schema.INDEX, "SELECT 1")):
        with closing(sqlite3.connect(log, isolation_level=None)) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute(
                "UPDATE sqlite_master SET sql = ? WHERE type = 'index' AND tbl_name = 'log'", [sql]
            )
        with closing(sqlite3.connect(log, isolation_level=None)) as connection:
            connection.execute(then)
    verdict = verify(log)
    assert verdict.problem.startswith("storage is damaged: ")


def test_missing_table_is_found(log: Path) -> None:
    with closing(sqlite3.connect(log)) as connection:
        connection.execute(f"DROP TABLE {schema.MIGRATIONS_TABLE}")
    assert "was changed, added or removed" in verify(log).problem
    with closing(sqlite3.connect(log)) as connection:
        connection.execute("DROP TABLE log")
    assert verify(log).first_bad_seq == 1


def test_any_flip_that_changes_a_record_is_found(log: Path, stored: Any) -> None:
    whole = log.read_bytes()
    expected = stored(log)
    used = [place for place, byte in enumerate(whole) if byte]  # The rest is free space.
    found = 0
    with log.open("r+b", buffering=0) as file:
        for number, place in enumerate(used):
            flip = 1 << (number % 8)
            file.seek(place)
            file.write(bytes([whole[place] ^ flip]))
            verdict = look(log)
            if verdict is not None and verdict.is_clean:
                assert stored(log) == expected, f"flip {flip:#x} at {place} was not seen"
            else:
                found += 1
            file.seek(place)
            file.write(whole[place : place + 1])
    assert verify(log).is_clean
    assert found > len(used) * 0.95


@pytest.mark.parametrize("pages", [0, 1, 2, 4])
def test_file_cut_at_a_page_is_found(log: Path, pages: int) -> None:
    whole = log.read_bytes()
    log.write_bytes(whole[: pages * 4096])
    verdict = look(log)
    assert verdict is None or not verdict.is_clean


def stamps(path: Path) -> list[int]:
    """Return when the log and its WAL were last written."""
    return [file.stat().st_mtime_ns for file in (path, path.with_name("audit.db-wal"))]


@pytest.mark.asyncio
async def test_log_of_a_running_station_is_read_and_left_alone(
    tmp_path: Path, writing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "EVERY", 5)
    path = tmp_path / "audit.db"
    (tmp_path / "link.db").symlink_to(path)
    async with open_journal(path, clock=SimClock(1), limits=writing.limits()) as journal:
        journal.recover(lambda _: None)
        for number in range(1, 13):
            await journal.append([writing.acted(str(number))])
            before = stamps(path)
            assert (tmp_path / "audit.db-wal").exists()
            for name in (path, tmp_path / "link.db"):
                verdict = await asyncio.to_thread(verify, name)
                assert verdict.is_clean
                assert (verdict.rows, verdict.head_hash) == (number, journal.view.head_hash)
            assert stamps(path) == before
    assert verify(path).rows == 12


GLANCE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("SELECT count(*) FROM log").fetchone()
connection.close()
"""


@pytest.mark.asyncio
async def test_check_does_not_take_the_locks_of_a_station_in_this_process(
    tmp_path: Path, writing: Any
) -> None:
    # Closing any handle of the file drops every POSIX lock that the process has on it. Another
    # program that closes the log next then takes itself for the last one and removes the WAL, and
    # what is appended from there on is lost.
    path = tmp_path / "audit.db"
    async with open_journal(path, clock=SimClock(1), limits=writing.limits()) as journal:
        journal.recover(lambda _: None)
        await journal.append([writing.started()])
        verify(path)
        export(path, "orders", "json", tmp_path / "orders.json")
        glance = await asyncio.create_subprocess_exec(sys.executable, "-c", GLANCE, str(path))
        assert await glance.wait() == 0
        await journal.append([writing.ended()])
        assert (tmp_path / "audit.db-wal").exists()
        assert verify(path).rows == 2


def test_station_that_starts_meanwhile_is_no_tampering(
    log: Path, writing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start_meanwhile(_connection: sqlite3.Connection) -> str:
        writing.log(log, [writing.started()])
        return "database disk image is malformed"

    monkeypatch.setattr(verify_module, "_file_problem", start_meanwhile)
    with pytest.raises(JournalUnreadable, match="was written to while it was read"):
        verify(log)


AS_NOBODY = """
import os, sys
from pathlib import Path
from app.audit.export import export
from app.audit.verify import verify
from app.domain.errors import StationError
import app.audit.journal, tempfile, shutil
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
path = Path(sys.argv[1])
try:
    os.close(os.open(path.parent / "probe", os.O_CREAT))
    print("the folder can be written")
except OSError:
    pass
try:
    verdict = verify(path)
    print(verdict.rows, verdict.problem)
except StationError as error:
    print(error)
"""


def verify_as_nobody(folder: Path) -> str:
    folder.chmod(0o555)
    try:
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, str(folder / "audit.db")],
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        folder.chmod(0o755)
    return done.stdout.strip()


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that another user can reach, which those of pytest are not."""
    with tempfile.TemporaryDirectory(prefix="tradedeck-test-") as name:
        os.chmod(name, 0o755)
        yield Path(name)


needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")


@needs_posix
def test_closed_log_is_verified_in_a_folder_that_is_read_only(public: Path, log: Path) -> None:
    for file in (log, anchors_path(log)):
        (public / file.name).write_bytes(file.read_bytes())
        (public / file.name).chmod(0o444)
    assert verify_as_nobody(public) == "15"


@needs_posix
def test_crashed_log_is_verified_in_a_folder_that_is_read_only(public: Path, crashed: Path) -> None:
    for file in (crashed, crashed.with_name("audit.db-wal")):
        (public / file.name).write_bytes(file.read_bytes())
        (public / file.name).chmod(0o444)
    assert verify_as_nobody(public) == "6"
    assert sorted(file.name for file in public.iterdir()) == ["audit.db", "audit.db-wal"]


@needs_posix
def test_log_that_may_not_be_read_gives_a_sentence(public: Path, log: Path) -> None:
    (public / "audit.db").write_bytes(log.read_bytes())
    (public / "audit.db").chmod(0o000)
    assert verify_as_nobody(public).startswith(f"{public / 'audit.db'} cannot be opened: ")


def test_nothing_is_exported_from_a_tampered_log(log: Path, forge: Any, tmp_path: Path) -> None:
    forge(log, "UPDATE log SET body = replace(body, '180.995', '180.000') WHERE seq = 6")
    with pytest.raises(JournalUnreadable, match=r"fails its check: record 6 .*audit verify"):
        export(log, "trades", "csv", tmp_path / "trades.csv")
    assert not (tmp_path / "trades.csv").exists()
