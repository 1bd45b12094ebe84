"""Lines of a text file, plain or gzip, read piece by piece.

Whether a file is compressed is told by its first bytes, not by its name. Only `BadInput` comes out
of here, with one sentence.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, cast

from app.domain.errors import BadInput

CHUNK_BYTES: Final = 1 << 18
LINE_BYTES_MAX: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"


def read_lines(path: Path) -> Iterator[list[str]]:
    """Give the lines of a file without their ends, some thousand at a time.

    Bytes that are not UTF-8 become U+FFFD, so that their line is a bad line and not the file.

    Raises:
        BadInput: the file cannot be opened, is binary, ends within its compressed part, or has a
            line of over `LINE_BYTES_MAX`.
    """
    count = 0
    try:
        with _open(path) as stream:
            rest = b""
            while piece := stream.read(CHUNK_BYTES):
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
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadInput(
            f"{path.name}: the compressed file is damaged or cut off after line {count:,} "
            f"({error}); fetch it again"
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput(f"{path}: cannot be read: {reason}; nothing was replayed") from error


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as probe:
        is_gzip = probe.read(2) == _GZIP
    return cast(BinaryIO, gzip.open(path, "rb")) if is_gzip else path.open("rb")


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
