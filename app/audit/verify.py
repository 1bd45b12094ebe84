"""Is the log what was written? Chain, anchors, protection and storage, without changing a byte.

Not found by this: records newer than the newest anchor that were cut off; a log replaced together
with its anchors by somebody who computed every hash anew. The second needs a copy of an anchor
elsewhere.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from app.audit import schema
from app.audit.anchors import Anchor, read_anchors
from app.audit.chain import GENESIS
from app.audit.reader import LogDamaged, open_log, read_chain


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found."""

    rows: int
    """Records that are as they were written, from the first on."""
    head_hash: str
    """Hash of the last of them, hexadecimal."""
    anchors: int = 0
    """Anchors beside the log that were held against it; with 0 a cut-off end cannot be seen."""
    first_bad_seq: int | None = None
    """First record that is not; None if all are, or the fault is not in a record."""
    problem: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problem


def verify(path: Path) -> Verdict:
    """Check a whole log.

    Raises:
        JournalUnreadable: it cannot be opened, or is not an audit log.
    """
    anchors: list[Anchor] = []
    anchors_problem = ""
    try:
        # Before the log: a station that runs meanwhile anchors only what is in it already.
        anchors = read_anchors(path.resolve())
    except (ValueError, OSError) as error:
        anchors_problem = str(error)
    try:
        with open_log(path) as connection:
            verdict = _check_rows(connection, anchors)
            problem = verdict.problem or anchors_problem or _file_problem(connection)
    except LogDamaged as error:
        return Verdict(rows=0, head_hash=GENESIS.hex(), problem=str(error))
    return msgspec.structs.replace(verdict, problem=problem)


def _check_rows(connection: sqlite3.Connection, anchors: list[Anchor]) -> Verdict:
    rows, head = 0, GENESIS
    bad_seq, problem = None, ""
    try:
        for row in read_chain(connection, anchors):
            rows, head = row.seq, row.hash
    except LogDamaged as error:
        bad_seq, problem = error.seq, str(error)
    return Verdict(
        rows=rows,
        head_hash=head.hex(),
        anchors=len(anchors),
        first_bad_seq=bad_seq,
        problem=problem,
    )


def _file_problem(connection: sqlite3.Connection) -> str:
    try:
        fault = schema.find_fault(connection)
        if fault:
            return fault
        found = [
            line.decode("utf-8", "replace")
            for (line,) in connection.execute("PRAGMA integrity_check(5)")
        ]
    except (sqlite3.Error, UnicodeError) as error:
        return f"storage cannot be read: {error}"
    return "" if found == ["ok"] else f"storage is damaged: {'; '.join(found)}"
