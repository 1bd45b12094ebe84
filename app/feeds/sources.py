"""Files that can be replayed: ticks as text, and the station's own recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from app.domain.errors import BadInput
from app.feeds.recording import Recording, is_recording, open_recording
from app.feeds.tickfile import FORMATS as TICK_FORMATS
from app.feeds.tickfile import TickFile, open_ticks

FORMATS: Final = (*TICK_FORMATS, Recording.fmt)

Source = TickFile | Recording
"""Counts and notes are of the last reading; a recording has no bad lines, a text no gaps."""


def open_source(
    path: Path, fmt: str | None = None, *, symbol: str | None = None, bad_lines_max: int = 100
) -> Source:
    """Return a file of events, its format found out or as given.

    Args:
        path: of the file; `open_ticks` says which texts are read.
        fmt: one of `FORMATS`.
        symbol: of every line of a text.
        bad_lines_max: lines of a text that are reported one by one.

    Raises:
        BadInput: unreadable, empty, damaged, or of unknown layout.
    """
    if fmt is not None and fmt not in FORMATS:
        raise BadInput(f'format "{fmt}" is not known; formats are {", ".join(FORMATS)}')
    if fmt == Recording.fmt or (fmt is None and is_recording(path)):
        return open_recording(path)
    return open_ticks(path, fmt, symbol=symbol, bad_lines_max=bad_lines_max)
