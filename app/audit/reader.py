"""Reading a log without writing to it: for verification, exports and the command line."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from app.audit import schema
from app.audit.anchors import Anchor
from app.audit.chain import COLUMNS, GENESIS, Row, find_fault
from app.audit.records import Record, record_of
from app.domain.errors import JournalUnreadable

_SELECT: Final = f"SELECT {', '.join(COLUMNS)} FROM log ORDER BY seq"
# A damaged log has to be looked at as well: whatever a column holds, it is shown as what it is for.
_SELECT_SHOWN: Final = """SELECT seq, ifnull(CAST(utc_ns AS INTEGER), 0),
  ifnull(CAST(kind AS TEXT), ''), ifnull(CAST(cl_ord_id AS TEXT), ''),
  ifnull(CAST(actor AS TEXT), ''), ifnull(CAST(body AS TEXT), ''), lower(hex(hash))
FROM log"""

_UNREACHABLE: Final = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOTADB,
    }
)
"""Faults of the way to the file, or no log to begin with."""


class LogDamaged(JournalUnreadable):
    """The log is one of ours, and not what was written.

    Attributes:
        seq: number of the first record that is not; None if the fault is not in a record.
    """

    def __init__(self, seq: int | None, message: str) -> None:
        super().__init__(message)
        self.seq = seq


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
        LogDamaged: it was an audit log, and cannot be read as one any more.
        JournalUnreadable: it is missing, no database, no audit log, or was written to meanwhile by
            a station that had not been there.
    """
    with ExitStack() as stack:
        try:
            log = path.resolve()  # The WAL lies beside the file itself, not beside a link to it.
            if not log.is_file():
                raise JournalUnreadable(f"there is no audit log at {path}")
            stamp = _stamp(log)
            has_wal = _wal(log).exists()
            connection = _connect(log, stack, has_wal=has_wal)
            # Asked of SQLite, never read from the file: closing that would take away the locks that
            # a station in this process holds, and with them another process could take its WAL.
            stranger = schema.find_stranger(connection)
            if stranger:
                raise JournalUnreadable(f"{path} cannot be read: {stranger}")
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except OSError as error:
            raise JournalUnreadable(f"{path} cannot be opened: {error}") from error
        except (sqlite3.Error, UnicodeError) as error:
            raise _of_opening(path, error) from error
        yield connection
        if not has_wal and _stamp(log) != stamp:
            # Read as a file that never changes, it would look tampered with.
            raise JournalUnreadable(f"{path} was written to while it was read; read it again")


def read_chain(connection: sqlite3.Connection, anchors: Sequence[Anchor] = ()) -> Iterator[Row]:
    """Yield the rows of an open log, oldest first, each checked against the one before it.

    Args:
        connection: of the log; texts come as bytes.
        anchors: heads that were written once; none where they are not asked for.

    Raises:
        LogDamaged: at the first record that is not what was written, or not there.
    """
    seq, prev = 0, GENESIS
    anchored = {anchor.seq: anchor.hash for anchor in anchors}
    try:
        for values in connection.execute(_SELECT):
            row = Row(*values)
            fault = find_fault(row, seq + 1, prev)
            if not fault and anchored.get(row.seq, row.hash.hex()) != row.hash.hex():
                fault = f"record {row.seq} is not the one that was anchored"
            if fault:
                raise LogDamaged(seq + 1, fault)
            seq, prev = row.seq, row.hash
            yield row
    except (sqlite3.Error, UnicodeError) as error:
        raise LogDamaged(seq + 1, f"record {seq + 1} cannot be read: {error}") from error
    if anchors and anchors[-1].seq > seq:
        raise LogDamaged(
            seq + 1, f"records {seq + 1} to {anchors[-1].seq} were there once and are missing"
        )


def read_records(path: Path) -> Iterator[tuple[Row, Record]]:
    """Yield every record of a log with its row, oldest first, checking the chain on the way.

    Raises:
        JournalUnreadable: the log cannot be opened, fails its check, or a record cannot be read.
    """
    with open_log(path) as connection:
        try:
            for row in read_chain(connection):
                yield row, record_of(row)
        except LogDamaged as error:
            raise JournalUnreadable(
                f"{path} fails its check: {error}; look with 'tradedeck audit verify'"
            ) from error


def read_rows(path: Path, from_seq: int, limit: int, cl_ord_id: str | None) -> list[LogRow]:
    """Return at most `limit` rows from a sequence number on, of one order or of all; unchecked.

    Raises:
        JournalUnreadable: the log cannot be opened or read.
    """
    where = "seq >= ?"
    arguments: list[int | str] = [from_seq]
    if cl_ord_id:
        where += " AND cl_ord_id = ? AND cl_ord_id <> ''"  # The index leaves the empty ones out.
        arguments.append(cl_ord_id)
    with open_log(path) as connection:
        try:
            found = connection.execute(
                f"{_SELECT_SHOWN} WHERE {where} ORDER BY seq LIMIT ?", [*arguments, limit]
            ).fetchall()
        except (sqlite3.Error, UnicodeError, OverflowError) as error:
            raise JournalUnreadable(f"{path} cannot be read: {error}") from error
    return [LogRow(seq, utc_ns, *map(_printable, texts)) for seq, utc_ns, *texts in found]


def _of_opening(path: Path, error: sqlite3.Error | UnicodeError) -> JournalUnreadable:
    # SQLite quotes the damaged text; where that is no UTF-8, Python raises UnicodeError instead.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code in _UNREACHABLE:
        return JournalUnreadable(f"{path} cannot be opened: {error}")
    return LogDamaged(None, f"storage cannot be read: {error}")


def _connect(path: Path, stack: ExitStack, *, has_wal: bool) -> sqlite3.Connection:
    # A log that no station has open has no WAL and can be read where nothing may be written.
    if not has_wal:
        return stack.enter_context(_open(path, "mode=ro&immutable=1"))
    connection = stack.enter_context(_open(path, "mode=ro"))
    try:
        connection.execute("PRAGMA application_id").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CANTOPEN:
            raise
        # Left by a crash in a folder where the WAL's index cannot be made: read a copy.
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="audit-")))
        for source in (path, _wal(path)):
            shutil.copyfile(source, folder / source.name)
        connection = stack.enter_context(_open(folder / path.name, "mode=ro"))
    return connection


def _open(path: Path, mode: str) -> closing[sqlite3.Connection]:
    uri = f"{path.absolute().as_uri()}?{mode}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    connection.text_factory = bytes
    connection.execute("PRAGMA trusted_schema = OFF")
    return closing(connection)


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _wal(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _printable(text: bytes) -> str:
    return text.decode("utf-8", "replace")
