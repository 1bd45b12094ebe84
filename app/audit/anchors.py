"""Anchors: the head of the chain, written now and then outside the database.

A text file beside the log, one line `seq hash utc_ns` each 1,000 records and at the end of each
session. It is what shows that the newest records of a log were cut off, or that the whole file was
replaced by an older one.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

EVERY: Final = 1_000
"""Records between two anchors."""


class Anchor(msgspec.Struct, frozen=True):
    """A head that was once written."""

    seq: int
    hash: str
    """Hexadecimal."""
    utc_ns: int


def anchors_path(log: Path) -> Path:
    """Return where the anchors of a log are."""
    return log.with_suffix(".anchors")


def write_anchor(log: Path, anchor: Anchor) -> None:
    """Append an anchor and wait for the disk."""
    line = f"{anchor.seq} {anchor.hash} {anchor.utc_ns}\n".encode()
    descriptor = os.open(anchors_path(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_anchors(log: Path) -> list[Anchor]:
    """Return the anchors of a log, oldest first; none if there is no file.

    Raises:
        ValueError: a line is not an anchor. The last one may be half written and is left out.
    """
    try:
        lines = anchors_path(log).read_text("ascii", "replace").split("\n")
    except FileNotFoundError:
        return []
    anchors = []
    for number, line in enumerate(lines[:-1], start=1):
        match line.split(" "):
            case [seq, digest, utc_ns] if seq.isdecimal() and utc_ns.isdecimal():
                anchors.append(Anchor(int(seq), digest, int(utc_ns)))
            case _:
                raise ValueError(f"line {number} of {anchors_path(log).name} is not an anchor")
    return anchors
