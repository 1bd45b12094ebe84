"""Anchors: the head of the chain, written now and then outside the database.

A text file beside the log, one line `seq hash utc_ns`: each 1,000 records, at the end of each
session, and at the start of one for what an interrupted session left. It is what shows that the
newest records of a log were cut off, or that the whole file was replaced by an older one.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import msgspec

EVERY: Final = 1_000
"""Records between two anchors."""
_LINE: Final = re.compile(rb"([1-9][0-9]{0,18}) ([0-9a-f]{64}) ([0-9]{1,19})")


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
    with open(anchors_path(log), "a+b", opener=_private) as file:
        file.seek(0)
        # A power cut may have torn the newest line; a new one must not be glued to its rest.
        file.truncate(file.read().rfind(b"\n") + 1)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def read_anchors(log: Path) -> list[Anchor]:
    """Return the anchors of a log, oldest first; none if there is no file.

    Raises:
        ValueError: a line is no anchor, or contradicts the one before. The newest may be torn and
            is left out then.
        OSError: the file cannot be read.
    """
    path = anchors_path(log)
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    anchors: list[Anchor] = []
    for number, line in enumerate(lines[:-1], start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"line {number} of {path.name} is not an anchor")
        anchor = Anchor(int(match[1]), match[2].decode(), int(match[3]))
        if anchors and not _may_follow(anchors[-1], anchor):
            raise ValueError(f"line {number} of {path.name} contradicts the line before it")
        anchors.append(anchor)
    return anchors


def _may_follow(before: Anchor, after: Anchor) -> bool:
    return after.seq > before.seq or (after.seq, after.hash) == (before.seq, before.hash)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
