"""Tables and migrations of the audit log. A released migration is never edited.

sqlite-utils costs 0.45 s to import and is needed for new or old files only, so it is imported when
one of these is met.
"""

from __future__ import annotations

import sqlite3
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID: Final = 0x7464_6C67
"""Says in the file's header that it is an audit log of this program ("tdlg")."""
USER_VERSION: Final = 1
"""Grows with each migration."""
MIGRATION_SET: Final = "tradedeck-audit"
MIGRATIONS_TABLE: Final = "_sqlite_migrations"

LOG_TABLE: Final = """CREATE TABLE log (
  seq INTEGER PRIMARY KEY,
  utc_ns INTEGER NOT NULL,
  mono_ns INTEGER NOT NULL,
  run_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  cl_ord_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  schema_v INTEGER NOT NULL,
  body TEXT NOT NULL,
  prev BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT"""

TRIGGERS: Final = {
    "log_no_update": """CREATE TRIGGER log_no_update BEFORE UPDATE ON log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    "log_no_delete": """CREATE TRIGGER log_no_delete BEFORE DELETE ON log
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    # Also stops INSERT OR REPLACE, which goes round the trigger on delete.
    "log_in_order": """CREATE TRIGGER log_in_order BEFORE INSERT ON log
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM log)
  OR NEW.prev IS NOT coalesce((SELECT hash FROM log ORDER BY seq DESC LIMIT 1), zeroblob(32))
BEGIN SELECT RAISE(ABORT, 'the audit log is written in order'); END""",
}
INDEX: Final = "CREATE INDEX log_by_order ON log (cl_ord_id) WHERE cl_ord_id <> ''"
# As sqlite-utils makes them; made here, so that every byte of the file can be checked whatever
# version of it comes.
_MIGRATIONS_TABLE: Final = f"""CREATE TABLE {MIGRATIONS_TABLE} (
  id INTEGER PRIMARY KEY,
  migration_set TEXT,
  name TEXT,
  applied_at TEXT
)"""
_MIGRATIONS_INDEX: Final = (
    f"CREATE UNIQUE INDEX migrations_once ON {MIGRATIONS_TABLE} (migration_set, name)"
)
_OBJECTS: Final = {
    ("table", "log", "log"): LOG_TABLE,
    ("index", "log_by_order", "log"): INDEX,
    **{("trigger", name, "log"): sql for name, sql in TRIGGERS.items()},
    ("table", MIGRATIONS_TABLE, MIGRATIONS_TABLE): _MIGRATIONS_TABLE,
    ("index", "migrations_once", MIGRATIONS_TABLE): _MIGRATIONS_INDEX,
}
_MIGRATIONS: Final = [(1, MIGRATION_SET, "0001_log", "")]

_ALLOWED: Final = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_TRANSACTION,
    }
)


def is_blank(connection: sqlite3.Connection) -> bool:
    """Whether a file is new: nobody's, and without a table."""
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (objects,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return not (application_id or version or objects)


def find_stranger(connection: sqlite3.Connection) -> str:
    """Return why a file is none that this program may read or write; empty if it is one."""
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    if application_id != APPLICATION_ID:
        return "it is a database, but not an audit log"
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if not 0 < version <= USER_VERSION:
        return f"its schema is {version}, this version of the program knows 1 to {USER_VERSION}"
    return ""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a new or old file to the present schema, wholly or not at all.

    A present one costs one read.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == USER_VERSION:
        return
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

    migrations = Migrations(MIGRATION_SET)

    @migrations(name="0001_log")
    def create_log(database: Database) -> None:
        database.execute(LOG_TABLE)
        for trigger in TRIGGERS.values():
            database.execute(trigger)
        database.execute(INDEX)

    connection.execute("BEGIN IMMEDIATE")
    connection.execute(_MIGRATIONS_TABLE.replace("TABLE", "TABLE IF NOT EXISTS", 1))
    connection.execute(_MIGRATIONS_INDEX.replace("INDEX", "INDEX IF NOT EXISTS", 1))
    # Plug-ins of sqlite-utils that happen to be installed have no business on this connection.
    migrations.apply(Database(connection, execute_plugins=False))
    # The log says when the program ran; a time here would be the one byte that nothing can check.
    connection.execute(f"UPDATE {MIGRATIONS_TABLE} SET applied_at = ''")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {USER_VERSION}")
    connection.execute("COMMIT")


def protect(connection: sqlite3.Connection) -> None:
    """Let a connection add to the log and read, and nothing else, from now on.

    Triggers can be dropped; this stops the program itself from ever doing it.
    """
    if sys.version_info >= (3, 12):
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
    connection.set_authorizer(_authorize)


def find_fault(connection: sqlite3.Connection) -> str:
    """Return what was changed in the protection of the log; empty if nothing was."""
    stored = {
        (_text(kind), _text(name), _text(table)): _text(sql)
        for kind, name, table, sql in connection.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master"
        )
    }
    for place in sorted(_OBJECTS.keys() | stored.keys()):
        if stored.get(place) != _OBJECTS.get(place):
            return f"{place[0]} '{place[1]}' of the schema was changed, added or removed"
    applied = [
        (number, _text(migration_set), _text(name), _text(applied_at))
        for number, migration_set, name, applied_at in connection.execute(
            f"SELECT id, migration_set, name, applied_at FROM {MIGRATIONS_TABLE} ORDER BY id"
        )
    ]
    return "" if applied == _MIGRATIONS else f"'{MIGRATIONS_TABLE}' was changed"


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _authorize(
    action: int, first: str | None, _second: str | None, _database: str | None, _by: str | None
) -> int:
    if action in _ALLOWED:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_INSERT and first == "log":
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and first == "wal_checkpoint":
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY
