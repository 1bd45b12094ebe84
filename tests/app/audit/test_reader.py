"""Reading changes nothing and trusts nothing: whole, crashed and damaged logs, opened read-only."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import pytest

from app.audit import reader
from app.audit.reader import LogDamaged, open_log, read_records, read_rows
from app.audit.records import RunEnded
from app.domain.errors import JournalUnreadable


@pytest.fixture
def crashed(log: Path, tmp_path: Path) -> Path:
    """A log whose newest row is in the WAL only, as after a crash."""
    folder = tmp_path / "crashed"
    folder.mkdir()
    with closing(sqlite3.connect(log, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute(
            "INSERT INTO log SELECT 16, 1, 1, x'', 'k', '', 'a', 1, '{}', hash, x'' "
            "FROM log WHERE seq = 15"
        )
        for end in ("", "-wal"):
            (folder / f"audit.db{end}").write_bytes((tmp_path / f"audit.db{end}").read_bytes())
    return folder / "audit.db"


def test_reading_leaves_no_trace(log: Path) -> None:
    before = {file.name: file.read_bytes() for file in log.parent.iterdir()}
    assert len(list(read_records(log))) == 15
    assert {file.name: file.read_bytes() for file in log.parent.iterdir()} == before


def test_records_come_oldest_first_with_their_rows(log: Path, writing: Any) -> None:
    found = list(read_records(log))
    assert [row.seq for row, _ in found] == list(range(1, 16))
    assert found[0][1] == writing.started()
    assert found[-1][1] == RunEnded(reason="stopped")


@pytest.mark.parametrize("is_shm_possible", [True, False])
def test_rows_of_a_crashed_run_are_read(crashed: Path, is_shm_possible: bool) -> None:
    if not is_shm_possible:
        # As in a folder where nothing can be made: the WAL's index has no place.
        crashed.with_name("audit.db-shm").symlink_to("nowhere")
    assert [row.seq for row in read_rows(crashed, 15, 10, None)] == [15, 16]


def test_log_that_is_busy_is_not_damaged(crashed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy:
        def execute(self, _: str) -> None:
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error

    monkeypatch.setattr(reader, "_open", lambda *_: nullcontext(Busy()))
    with pytest.raises(JournalUnreadable, match="cannot be opened: database is locked") as caught:
        read_rows(crashed, 1, 1, None)
    assert not isinstance(caught.value, LogDamaged)


def test_folder_in_the_place_of_the_wal_gives_a_sentence(log: Path) -> None:
    log.with_name("audit.db-wal").mkdir()
    with pytest.raises(JournalUnreadable, match="cannot be opened"):
        read_rows(log, 1, 1, None)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "there is no audit log at"),
        (b"", "not an audit log"),
        (b"Dear diary", "file is not a database"),
        (b"SQLite format 3\0" + bytes(4080), "file is not a database"),
    ],
    ids=["missing", "empty", "text", "no header"],
)
def test_what_is_no_audit_log_is_refused(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "audit.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(JournalUnreadable, match=says), open_log(path):
        pass


def test_log_of_a_newer_version_is_refused(log: Path) -> None:
    with closing(sqlite3.connect(log)) as connection:
        connection.execute("PRAGMA user_version = 9")
    with pytest.raises(JournalUnreadable, match="its schema is 9") as caught, open_log(log):
        pass
    assert not isinstance(caught.value, LogDamaged)


def test_file_that_cannot_be_read_gives_a_sentence(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(reader, "_stamp", refuse)
    with pytest.raises(JournalUnreadable, match="cannot be opened: .*Permission denied"):
        read_rows(log, 1, 1, None)


@pytest.mark.parametrize(
    "change", [(b"TABLE log (", b"T\xc1BLE log ("), (b"TABLE log (", b"TABEL log (")]
)
def test_damaged_schema_is_damage_and_no_stranger(log: Path, change: tuple[bytes, bytes]) -> None:
    log.write_bytes(log.read_bytes().replace(*change))
    with pytest.raises(JournalUnreadable):
        read_rows(log, 1, 1, None)
    with pytest.raises(JournalUnreadable):
        list(read_records(log))


def test_tampered_record_ends_the_reading(log: Path, forge: Callable[..., None]) -> None:
    forge(log, "UPDATE log SET body = replace(body, '181.00', '181.01') WHERE seq = 3")
    found = []
    with pytest.raises(JournalUnreadable, match=r"fails its check: record 3 is not what was wr"):
        found.extend(row.seq for row, _ in read_records(log))
    assert found == [1, 2]  # What comes before the fault is as it was written.


@pytest.mark.parametrize(
    ("from_seq", "limit", "order", "seqs"),
    [
        (1, 3, None, [1, 2, 3]),
        (14, 10, None, [14, 15]),
        (16, 10, None, []),
        (1, 10, "A1", [3, 4, 5, 6, 7, 8]),
        (5, 2, "A1", [5, 6]),
        (1, 10, "A9", []),
        (1, 2, "", [1, 2]),
    ],
)
def test_rows_are_chosen(
    log: Path, from_seq: int, limit: int, order: str | None, seqs: list[int]
) -> None:
    assert [row.seq for row in read_rows(log, from_seq, limit, order)] == seqs


def test_row_is_shown_as_text(log: Path) -> None:
    (row,) = read_rows(log, 11, 1, None)
    assert (row.kind, row.actor, row.cl_ord_id) == ("user_action", "ada", "")
    assert '"café ☕"' in row.body
    assert len(row.hash) == 64


def test_damaged_row_is_shown_as_far_as_it_goes(log: Path, forge: Callable[..., None]) -> None:
    forge(
        log,
        "UPDATE log SET utc_ns = -1, actor = CAST(x'61ff62' AS TEXT), hash = x'' WHERE seq = 2",
    )
    (row,) = read_rows(log, 2, 1, None)
    assert (row.utc_ns, row.actor, row.hash) == (-1, "a\ufffdb", "")


def test_number_beyond_the_columns_gives_a_sentence(log: Path) -> None:
    with pytest.raises(JournalUnreadable, match="cannot be read"):
        read_rows(log, 2**63, 1, None)
