"""Nothing is written into a file that is not ours: odd files, opened for writing."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.audit import schema
from app.audit.connection import connect
from app.domain.errors import JournalUnreadable


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name)")


def newer(path: Path) -> None:
    connect(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {schema.USER_VERSION + 1}")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (foreign, "not an audit log"),
        (newer, "its schema is 2"),
        (lambda path: path.write_text("Dear diary, " * 50), "file is not a database"),
        (lambda path: path.mkdir(), "unable to open"),
    ],
    ids=["another program's", "a newer version's", "a text", "a folder"],
)
def test_stranger_is_left_as_it_was(tmp_path: Path, make: object, says: str) -> None:
    path = tmp_path / "audit.db"
    make(path)  # type: ignore[operator]
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(JournalUnreadable, match=rf"{says}.*; nothing was started"):
        connect(path)
    assert (path.read_bytes() if path.is_file() else b"") == before
    assert os.listdir(tmp_path) == ["audit.db"]


def test_damaged_schema_gives_a_sentence_even_where_it_is_no_text(log: Path) -> None:
    content = log.read_bytes().replace(b"TABLE log (", b"T\xc1BLE log (")
    log.write_bytes(content)
    with pytest.raises(JournalUnreadable, match="cannot be opened"):
        connect(log)


def test_place_without_write_ahead_log_is_refused() -> None:
    with pytest.raises(JournalUnreadable, match="no write-ahead log, only 'memory'"):
        connect(Path(":memory:"))


def test_commits_wait_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "protect", lambda _: None)  # It would not let us ask.
    with closing(connect(tmp_path / "audit.db")) as connection:
        settings = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "recursive_triggers", "wal_autocheckpoint")
        }
    assert settings == {
        "journal_mode": b"wal",
        "synchronous": 2,
        "recursive_triggers": 1,
        "wal_autocheckpoint": 0,
    }


def test_connection_may_only_add(tmp_path: Path) -> None:
    opened = closing(connect(tmp_path / "audit.db"))
    with opened as connection, pytest.raises(sqlite3.DatabaseError, match="not authorized"):
        connection.execute("DROP TRIGGER log_no_delete")
