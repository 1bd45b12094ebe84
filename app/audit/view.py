"""The newest durable records, for the screen: kept as they were written, read as text."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import msgspec

from app.audit.chain import GENESIS, Row


class JournalRow(msgspec.Struct, frozen=True):
    """A durable record, for the screen."""

    seq: int
    utc_ns: int
    kind: str
    cl_ord_id: str
    actor: str
    body: str
    """Canonical JSON."""
    hash: str
    """Hexadecimal."""


class JournalView:
    """Reading of the newest durable records; written on the loop's thread, by the journal only."""

    def __init__(self, tail_max: int) -> None:
        self._tail: deque[Row] = deque(maxlen=tail_max)
        self.head_seq = 0
        """Newest durable record; grows by every record, so it is the version as well."""
        self._head = GENESIS
        self.last_commit_ns: int | None = None
        """How long the newest group took to be durable; None before the first."""

    @property
    def head_hash(self) -> str:
        """Hash of the newest durable record, hexadecimal."""
        return self._head.hex()

    def rows_after(self, seq: int, limit: int) -> list[JournalRow]:
        """Return durable records above a sequence number, oldest first, the newest `limit`.

        Records older than the tail kept in memory are left out.
        """
        count = min(limit, len(self._tail), max(0, self.head_seq - seq))
        return [_shown(self._tail[index]) for index in range(-count, 0)]

    def _add(self, rows: Sequence[Row], commit_ns: int | None) -> None:
        self._tail.extend(rows)
        self.head_seq = rows[-1].seq
        self._head = rows[-1].hash
        self.last_commit_ns = commit_ns


def _shown(row: Row) -> JournalRow:
    return JournalRow(
        seq=row.seq,
        utc_ns=row.utc_ns,
        kind=row.kind.decode(),
        cl_ord_id=row.cl_ord_id.decode(),
        actor=row.actor.decode(),
        body=row.body.decode(),
        hash=row.hash.hex(),
    )
