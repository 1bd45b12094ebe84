"""Is the log what was written? Chain, protection, storage and anchors, without changing a byte.

Not found by this: a log replaced together with its anchors by somebody who computed every hash
anew. That needs a copy of an anchor elsewhere.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from app.audit import schema
from app.audit.anchors import Anchor, read_anchors
from app.audit.chain import GENESIS, Row, find_fault
from app.audit.reader import open_log, read_chain


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found."""

    rows: int
    """Records that are as they were written, from the first on."""
    head_hash: str
    """Hash of the last of them, hexadecimal."""
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
    try:
        anchors = {anchor.seq: anchor for anchor in read_anchors(path)}
    except (ValueError, OSError) as error:
        return Verdict(rows=0, head_hash="", problem=str(error))
    with open_log(path) as connection:
        verdict = _verify_rows(connection, anchors)
        if verdict.is_clean:
            return _verify_file(connection, verdict)
        return verdict


def _verify_rows(connection: sqlite3.Connection, anchors: dict[int, Anchor]) -> Verdict:
    seq, prev = 0, GENESIS
    try:
        for row in read_chain(connection):
            problem = find_fault(row, seq + 1, prev) or _against_anchor(row, anchors)
            if problem:
                return _bad(seq, prev, problem)
            seq, prev = row.seq, row.hash
    except (sqlite3.Error, TypeError) as error:
        return _bad(seq, prev, f"record {seq + 1} cannot be read: {error}")
    missing = [anchor for anchor in anchors if anchor > seq]
    if missing:
        return _bad(seq, prev, f"records up to {max(missing)} were there once and are missing")
    return Verdict(rows=seq, head_hash=prev.hex())


def _against_anchor(row: Row, anchors: dict[int, Anchor]) -> str:
    anchor = anchors.get(row.seq)
    if anchor is None or anchor.hash == row.hash.hex():
        return ""
    return f"record {row.seq} is not the one that was anchored"


def _verify_file(connection: sqlite3.Connection, verdict: Verdict) -> Verdict:
    try:
        fault = schema.find_fault(connection)
        if not fault:
            found = [_line(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
            fault = "" if found == ["ok"] else f"storage is damaged: {'; '.join(found)}"
    except sqlite3.Error as error:
        fault = f"storage cannot be read: {error}"
    return msgspec.structs.replace(verdict, problem=fault)


def _bad(seq: int, prev: bytes, problem: str) -> Verdict:
    return Verdict(rows=seq, head_hash=prev.hex(), first_bad_seq=seq + 1, problem=problem)


def _line(value: bytes | str) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
