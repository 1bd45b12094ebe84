"""The file protects itself: SQL that must be refused, and protection that was taken away."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.audit import schema
from app.audit.chain import COLUMNS

ROW = (
    "SELECT max(seq) + 1, 1, 1, x'', 'k', 'A1', 'a', 1, '{}', "
    "(SELECT hash FROM log ORDER BY seq DESC LIMIT 1), zeroblob(32) FROM log"
)


@pytest.fixture
def bare(log: Path) -> Iterator[sqlite3.Connection]:
    """A connection as any other program would have it: only the triggers are in the way."""
    with closing(sqlite3.connect(log, isolation_level=None)) as connection:
        yield connection


def test_new_file_is_whole_and_its_migration_is_recorded(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None)) as connection:
        assert schema.is_blank(connection)
        schema.migrate(connection)
        assert not schema.is_blank(connection)
        assert schema.find_stranger(connection) == ""
        assert schema.find_fault(connection) == ""
        columns = [
            row[0] for row in connection.execute("SELECT name FROM pragma_table_info('log')")
        ]
    assert tuple(columns) == COLUMNS


def test_interrupted_migration_leaves_a_blank_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "INDEX", "CREATE INDEX log_by_order ON nothing (cl_ord_id)")
    opened = closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None))
    with opened as connection, pytest.raises(sqlite3.Error):
        schema.migrate(connection)
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
        assert schema.is_blank(connection)


def test_present_file_does_not_pay_for_sqlite_utils(
    bare: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sqlite_utils", None)  # Importing it would raise.
    schema.migrate(bare)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log SET body = '{}' WHERE seq = 3",
        "UPDATE log SET seq = 99 WHERE seq = 15",
        "DELETE FROM log",
        "DELETE FROM log WHERE seq = 15",
    ],
)
def test_stored_row_is_never_changed(bare: sqlite3.Connection, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        bare.execute(statement)


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO log SELECT * FROM log WHERE seq = 3",
        "REPLACE INTO log SELECT * FROM log WHERE seq = 15",
        "INSERT OR IGNORE INTO log SELECT * FROM log WHERE seq = 3",
        "INSERT INTO log SELECT * FROM log WHERE seq = 3 "
        "ON CONFLICT (seq) DO UPDATE SET body = '{}'",
        f"INSERT INTO log {ROW.replace('max(seq) + 1', 'max(seq) + 2')}",
        f"INSERT INTO log {ROW.replace('max(seq) + 1', '0')}",
        f"INSERT INTO log {ROW.replace('max(seq) + 1', 'NULL')}",
        f"INSERT INTO log {ROW.replace('SELECT hash FROM log', 'SELECT prev FROM log')}",
    ],
)
def test_row_goes_to_the_end_of_the_chain_only(
    bare: sqlite3.Connection, recursive: str, statement: str
) -> None:
    bare.execute(f"PRAGMA recursive_triggers = {recursive}")
    before = bare.execute("SELECT * FROM log").fetchall()
    with pytest.raises(sqlite3.IntegrityError):
        bare.execute(statement)
    assert bare.execute("SELECT * FROM log").fetchall() == before


def test_row_at_the_end_of_the_chain_is_taken(bare: sqlite3.Connection) -> None:
    schema.protect(bare)
    assert bare.execute(f"INSERT INTO log {ROW}").rowcount == 1
    bare.execute("PRAGMA wal_checkpoint(PASSIVE)")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log SET body = ''",
        "DELETE FROM log",
        "DROP TRIGGER log_no_update",
        "DROP TABLE log",
        "ALTER TABLE log ADD COLUMN more TEXT",
        "CREATE TRIGGER late AFTER INSERT ON log BEGIN SELECT 1; END",
        "CREATE TABLE other (x)",
        "INSERT INTO _sqlite_migrations VALUES (2, 'x', 'y', '')",
        "PRAGMA writable_schema = ON",
        "PRAGMA recursive_triggers = OFF",
        "PRAGMA ignore_check_constraints = ON",
        "PRAGMA synchronous = OFF",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA user_version = 7",
        "ATTACH DATABASE ':memory:' AS other",
        "VACUUM",
        "REINDEX",
    ],
)
def test_protected_connection_only_adds(bare: sqlite3.Connection, statement: str) -> None:
    schema.protect(bare)
    with pytest.raises(sqlite3.DatabaseError, match="not authorized|authorization denied"):
        bare.execute(statement)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("DROP TRIGGER log_no_update", "trigger 'log_no_update'"),
        ("DROP TRIGGER log_no_delete", "trigger 'log_no_delete'"),
        ("DROP TRIGGER log_in_order", "trigger 'log_in_order'"),
        ("DROP INDEX log_by_order", "index 'log_by_order'"),
        ("ALTER TABLE log ADD COLUMN note TEXT", "table 'log'"),
        ("CREATE TRIGGER extra AFTER INSERT ON log BEGIN SELECT 1; END", "trigger 'extra'"),
        ("CREATE VIEW shown AS SELECT * FROM log", "view 'shown'"),
        ("DELETE FROM _sqlite_migrations", "'_sqlite_migrations'"),
        ("UPDATE _sqlite_migrations SET applied_at = 'x'", "'_sqlite_migrations'"),
    ],
)
@pytest.mark.parametrize("text_factory", [str, bytes])
def test_changed_protection_is_named(
    bare: sqlite3.Connection, statement: str, named: str, text_factory: Any
) -> None:
    bare.execute(statement)
    bare.text_factory = text_factory
    assert schema.find_fault(bare).startswith(f"{named} ")


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("PRAGMA application_id = 7", "not an audit log"),
        ("PRAGMA user_version = 0", r"schema is 0\b.*knows 1 to 1"),
        ("PRAGMA user_version = 2", r"schema is 2\b.*knows 1 to 1"),
        ("PRAGMA user_version = -1", r"schema is -1\b"),
    ],
)
def test_stranger_is_recognised(bare: sqlite3.Connection, statement: str, says: str) -> None:
    bare.execute(statement)
    text = schema.find_stranger(bare)
    assert re.search(says, text), text


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE orders (x)", "PRAGMA application_id = 7", "PRAGMA user_version = 1"],
)
def test_database_of_somebody_else_is_no_blank_file(statement: str) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(statement)
        assert not schema.is_blank(connection)
