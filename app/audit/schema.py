"""Tables and migrations of the audit log. A released migration is never edited.

sqlite-utils costs 0.45 s to import and is needed for new or old files only, so it is imported when
one of these is met.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID: Final = 0x7464_6C67
"""Says in the file's header that it is an audit log of this program ("tdlg")."""
USER_VERSION: Final = 1
"""Grows with each migration."""

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


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a file to the present schema; a present one costs one read."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == USER_VERSION:
        return
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

    migrations = Migrations("tradedeck-audit")

    @migrations(name="0001_log")
    def create_log(database: Database) -> None:
        database.execute(LOG_TABLE)
        for trigger in TRIGGERS.values():
            database.execute(trigger)
        database.execute(INDEX)

    migrations.apply(Database(connection))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {USER_VERSION}")


def find_fault(connection: sqlite3.Connection) -> str:
    """Return what is missing from the protection of the log; empty if nothing is."""
    stored = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    stored = {_text(name): _text(sql) for name, sql in stored.items()}
    for name, sql in {"log": LOG_TABLE, **TRIGGERS}.items():
        if stored.get(name) != sql:
            return f"'{name}' of the schema was changed or removed"
    return ""


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
