"""Reading a log without writing to it: for verification, exports and the command line."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from app.audit import schema
from app.audit.chain import COLUMNS, Row
from app.audit.records import Record, decode
from app.domain.errors import JournalUnreadable

_SELECT: Final = f"SELECT {', '.join(COLUMNS)} FROM log"


class LogRow(msgspec.Struct, frozen=True):
    """A stored record as text."""

    seq: int
    utc_ns: int
    kind: str
    cl_ord_id: str
    actor: str
    body: str
    hash: str


@contextmanager
def open_log(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a log for reading; texts come as bytes.

    Raises:
        JournalUnreadable: it is missing, no database, or no audit log.
    """
    if not path.is_file():
        raise JournalUnreadable(f"there is no audit log at {path}")
    # A log that no station has open has no WAL and can be read where nothing may be written.
    has_wal = path.with_name(path.name + "-wal").exists()
    uri = path.absolute().as_uri() + ("?mode=ro" if has_wal else "?mode=ro&immutable=1")
    try:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    except sqlite3.Error as error:
        raise JournalUnreadable(f"{path} cannot be opened: {error}") from error
    with closing(connection):
        connection.text_factory = bytes
        try:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
        except sqlite3.Error as error:
            raise JournalUnreadable(f"{path} cannot be opened: {error}") from error
        if application != schema.APPLICATION_ID:
            raise JournalUnreadable(f"{path} is a database, but not an audit log")
        yield connection


def read_chain(connection: sqlite3.Connection) -> Iterator[Row]:
    """Yield the rows of an open log, oldest first."""
    for values in connection.execute(f"{_SELECT} ORDER BY seq"):
        yield Row(*values)


def read_records(path: Path) -> Iterator[tuple[Row, Record]]:
    """Yield every record of a log with its row, oldest first.

    Raises:
        JournalUnreadable: the log cannot be opened or a record cannot be read.
    """
    with open_log(path) as connection:
        try:
            for row in read_chain(connection):
                yield row, decode(row.body)
        except sqlite3.Error as error:
            raise JournalUnreadable(f"{path} cannot be read on: {error}") from error


def read_rows(path: Path, from_seq: int, limit: int, cl_ord_id: str | None) -> list[LogRow]:
    """Return at most `limit` rows from a sequence number on, of one order or of all."""
    where = "seq >= ?"
    arguments: list[int | str] = [from_seq]
    if cl_ord_id:
        where += " AND cl_ord_id = ?"
        arguments.append(cl_ord_id)
    with open_log(path) as connection:
        try:
            found = connection.execute(
                f"{_SELECT} WHERE {where} ORDER BY seq LIMIT ?", [*arguments, limit]
            ).fetchall()
        except (sqlite3.Error, OverflowError) as error:
            raise JournalUnreadable(f"{path} cannot be read: {error}") from error
    return [_text(Row(*values)) for values in found]


def _text(row: Row) -> LogRow:
    return LogRow(
        seq=row.seq,
        utc_ns=row.utc_ns,
        kind=row.kind.decode("utf-8", "replace"),
        cl_ord_id=row.cl_ord_id.decode("utf-8", "replace"),
        actor=row.actor.decode("utf-8", "replace"),
        body=row.body.decode("utf-8", "replace"),
        hash=row.hash.hex(),
    )
