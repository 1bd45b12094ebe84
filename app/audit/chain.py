"""The hash chain: pure functions over rows.

hash = SHA-256(prefix, previous hash, and each column with its length in front). Every column is
covered: in trials a chain that left one out missed exactly the changes in that column. A chain
alone cannot see that the newest rows were cut off; anchors outside the file can (`anchors`).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from typing import Final

import msgspec

GENESIS: Final = bytes(32)
"""Previous hash of the first row."""
_PREFIX: Final = b"tradedeck-log/v1"
_LENGTH: Final = struct.Struct(">Q")
_NUMBERS: Final = struct.Struct(">qqqq")

COLUMNS: Final = (
    "seq",
    "utc_ns",
    "mono_ns",
    "run_id",
    "kind",
    "cl_ord_id",
    "actor",
    "schema_v",
    "body",
    "prev",
    "hash",
)


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One stored record; texts as UTF-8 bytes, as they are hashed."""

    seq: int
    utc_ns: int
    mono_ns: int
    run_id: bytes
    kind: bytes
    cl_ord_id: bytes
    actor: bytes
    schema_v: int
    body: bytes
    prev: bytes
    hash: bytes


def row_hash(row: Row) -> bytes:
    """Return the hash that a row must carry; its own `hash` does not enter."""
    digest = hashlib.sha256(_PREFIX)
    digest.update(_NUMBERS.pack(row.seq, row.utc_ns, row.mono_ns, row.schema_v))
    for column in (row.run_id, row.kind, row.cl_ord_id, row.actor, row.body, row.prev):
        digest.update(_LENGTH.pack(len(column)))
        digest.update(column)
    return digest.digest()


def chained(rows: Iterable[Row], seq: int, prev: bytes) -> list[Row]:
    """Return rows with their numbers and hashes, as they follow the record of a number and hash."""
    linked = []
    for row in rows:
        seq += 1
        place = msgspec.structs.replace(row, seq=seq, prev=prev)
        prev = row_hash(place)
        linked.append(msgspec.structs.replace(place, hash=prev))
    return linked


def find_fault(row: Row, expected_seq: int, expected_prev: bytes) -> str:
    """Return what is wrong with a row at its place in the chain; empty if nothing is."""
    if row.seq != expected_seq:
        return f"record {expected_seq} is missing: the next one is {row.seq}"
    if row.prev != expected_prev:
        return f"record {row.seq} does not follow the record before it"
    try:
        is_whole = row.hash == row_hash(row)
    except (struct.error, TypeError):
        is_whole = False  # A number that is no number any more.
    return "" if is_whole else f"record {row.seq} is not what was written"
