"""What a person's own study may not do to the station: raise into it, or take for ever.

A line of the file that begins after the time is up raises `TooLong` there. Not guaranteed: one call
into a library that does not come back is not interrupted; the kill switch works nevertheless.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

_CHARS_MAX: Final = 200


class TooLong(Exception):  # noqa: N818  It says what happened.
    """A study took longer than it may."""


@contextmanager
def limited(path: str, seconds: float) -> Iterator[None]:
    """Let the lines of one file run for so long, on this thread.

    Raises:
        TooLong: the time was up.
    """
    end_s = time.perf_counter() + seconds

    def look(frame: FrameType, event: str, arg: Any) -> Any:  # noqa: ANN401, ARG001  Python's.
        if frame.f_code.co_filename != path:
            return None
        if time.perf_counter() > end_s:
            raise TooLong(f"it took longer than {seconds:g} s")
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        yield
    finally:
        sys.settrace(before)


def faults_of(act: Callable[[], object], path: str, seconds: float) -> tuple[str, int]:
    """Run what is in a file, whatever it raises; return what went wrong and the line, if any."""
    try:
        with limited(path, seconds):
            act()
    except (Exception, SystemExit) as error:  # noqa: BLE001  A stranger's code may raise anything.
        return words_of(error, path)
    return "", 0


def words_of(error: BaseException, path: str) -> tuple[str, int]:
    """Return what went wrong in a file, as a sentence, and the line; 0 where it is none of it."""
    line = error.lineno or 0 if isinstance(error, SyntaxError) and error.filename == path else 0
    for step in traceback.extract_tb(error.__traceback__):
        if step.filename == path:
            line = step.lineno or 0
    name = path.replace("\\", "/").rsplit("/", 1)[-1]
    place = f"{name}, line {line}" if line else name
    said = f"{error}"[:_CHARS_MAX] or type(error).__name__
    kind = "" if isinstance(error, TooLong) else f"{type(error).__name__}: "
    return f"{place}: {kind}{said}", line


def file_of(spec: Any) -> str:  # noqa: ANN401  IndicatorSpec, which imports nothing from here.
    """Return the path of the file that a study's function is in; empty if it is none of Python."""
    code = getattr(spec.rule or spec.arrays, "__code__", None)
    return "" if code is None else str(code.co_filename)
