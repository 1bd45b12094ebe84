"""The one connection that writes a log: how it is opened, and what it may do."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from app.audit import schema
from app.domain.errors import JournalUnreadable

_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",
    "PRAGMA checkpoint_fullfsync = ON",
    "PRAGMA wal_autocheckpoint = 0",  # Not inside a commit that somebody waits for.
    "PRAGMA recursive_triggers = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",
)


def connect(path: Path) -> sqlite3.Connection:
    """Open a log for adding to it, or make a new one; texts come as bytes.

    Any thread may use it, one at a time.

    Raises:
        JournalUnreadable: it cannot be opened or written, or is not an audit log of this version.
    """
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, UnicodeError, JournalUnreadable) as error:
        raise JournalUnreadable(
            f"the audit log {path} cannot be opened: {error}; nothing was started"
        ) from error
    connection.text_factory = bytes
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    # First of all, for nothing may be written into a file that is not ours.
    stranger = "" if schema.is_blank(connection) else schema.find_stranger(connection)
    if stranger:
        raise JournalUnreadable(stranger)
    schema.migrate(connection)
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    if mode != "wal":
        raise JournalUnreadable(f"its file system allows no write-ahead log, only '{mode}'")
    # A file that may only be read shows it here, not at the first order; BEGIN IMMEDIATE alone
    # succeeds on it, as a transaction that only reads.
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA user_version = {schema.USER_VERSION}")
    connection.execute("ROLLBACK")
    schema.protect(connection)
