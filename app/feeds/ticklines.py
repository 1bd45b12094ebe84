"""Lines of a text file, plain or gzip, read piece by piece.

Whether a file is compressed is told by its first bytes, not by its name. Only `BadInput` comes out
of here, with one sentence. A compressed file that was cut gives its lines up to the cut first.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Final

from app.domain.errors import BadInput

CHUNK_BYTES: Final = 1 << 18
LINE_BYTES_MAX: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"


class CutOff(BadInput):
    """A compressed file ends before its end; every whole line before the cut was given."""


def read_lines(path: Path) -> Iterator[list[str]]:
    """Give the lines of a file without their ends, some thousand at a time.

    Bytes that are not UTF-8 become U+FFFD, so that their line is a bad line and not the file.

    Raises:
        CutOff: the file ends within its compressed part.
        BadInput: it cannot be opened, is binary or damaged, or has a line of over
            `LINE_BYTES_MAX`.
    """
    count = 0
    try:
        with _open(path) as stream:
            rest = b""
            while piece := stream.read1(CHUNK_BYTES):  # What there is: a cut takes no more.
                if not count and b"\x00" in piece:
                    raise BadInput(
                        f"{path.name}: is binary, not a text file of ticks; nothing was replayed"
                    )
                body, newline, tail = (rest + piece).rpartition(b"\n")
                rest = tail
                if not newline:
                    _check_length(path, rest, count)
                    continue
                lines = _text(body, is_first=not count)
                count += len(lines)
                yield lines
            if rest:
                yield _text(rest, is_first=not count)
    except EOFError as error:
        raise CutOff(
            f"{path.name} was cut off: its compressed part ends after line {count:,}; everything "
            "before that was played"
        ) from error
    except (zlib.error, gzip.BadGzipFile) as error:
        raise BadInput(
            f"{path.name}: the compressed file is damaged after line {count:,} ({error}); fetch it "
            "again"
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput(f"{path}: cannot be read: {reason}; nothing was replayed") from error


def _open(path: Path) -> gzip.GzipFile | BufferedReader:
    with path.open("rb") as probe:
        is_gzip = probe.read(2) == _GZIP
    return gzip.open(path, "rb") if is_gzip else path.open("rb")


def _text(body: bytes, *, is_first: bool) -> list[str]:
    if is_first:
        body = body.removeprefix(_BOM)
    text = body.decode("utf-8", "replace")
    if "\r" in text:
        return [line.removesuffix("\r") for line in text.split("\n")]
    return text.split("\n")


def _check_length(path: Path, line: bytes, count: int) -> None:
    if len(line) > LINE_BYTES_MAX:
        raise BadInput(
            f"{path.name}: line {count + 1:,} is over {LINE_BYTES_MAX:,} bytes; "
            "this is not a text file of ticks"
        )
