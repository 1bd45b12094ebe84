"""Small files that are written whole, and set aside when they cannot be used.

A crash leaves the old file or the new one, never half of either. What cannot be read is renamed, so
that nothing is ever written over it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

BYTES_MAX: Final = 8_000_000
"""A longer file is none of ours."""


def read_small(path: Path) -> bytes:
    """Return what a file holds.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read.
        ValueError: it is too long to be ours.
    """
    if path.stat().st_size > BYTES_MAX:
        raise ValueError(f"it is over {BYTES_MAX:,} bytes")
    return path.read_bytes()


def replace_file(path: Path, data: bytes) -> None:
    """Write a file in place of the one there was, with its folder if there was none.

    Raises:
        OSError: that is not possible; the old one stays.
    """
    part = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(data)
    os.replace(part, path)


def set_aside(path: Path, what: str, reason: str) -> str:
    """Rename a file that cannot be used; return the sentence that says so.

    Args:
        path: of the file.
        what: it is called, at the beginning of a sentence.
        reason: why it cannot be used.
    """
    aside = path.with_name(path.name + ".broken")
    try:
        os.replace(path, aside)
    except OSError as error:
        return f"{what} cannot be read ({reason}) nor set aside ({error})"
    return f"{what} could not be used ({reason}); it is kept as {aside.name}"
