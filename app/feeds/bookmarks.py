"""Bookmarks: moments of recordings that a person named, kept in one small file.

A recording is known by its file's name and the time of its first event, so that it may be moved,
and another day under the same name has bookmarks of its own.
A file that cannot be read is set aside under another name, and what happened is said; nothing is
ever written over it.
Not guaranteed: that of two windows that add in the same instant both are kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from app.domain.errors import BadInput
from app.files import read_small, replace_file, set_aside

VERSION: Final = 1
RECORDINGS_MAX: Final = 200
"""Of which bookmarks are kept; the one that was marked least recently goes first."""
MARKS_MAX: Final = 100
"""Of one recording."""
NAME_CHARS_MAX: Final = 60


class Bookmark(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A moment with a name."""

    ts_ns: int
    """UTC nanoseconds of recorded time."""
    name: str


class _Recording(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    start_ns: int
    marks: tuple[Bookmark, ...]


class _File(msgspec.Struct, frozen=True, kw_only=True):
    version: int = VERSION
    recordings: tuple[_Recording, ...] = ()
    """The one that was marked last comes last."""


class Bookmarks:
    """The bookmarks of one recording."""

    def __init__(self, path: Path, *, name: str, start_ns: int) -> None:
        """Read what is kept of it.

        Args:
            path: of the file of all recordings; need not be there.
            name: of the recording's file, without its folder.
            start_ns: time of its first event.
        """
        self._path: Final = path
        self._key: Final = name, start_ns
        self.notice = ""
        """What there is to say about the file, in a sentence; empty if all is well."""
        self.version = 0
        """A number that grows with every change."""
        self.marks: tuple[Bookmark, ...] = ()
        """In order of time."""
        self._take(self._read())

    def add(self, ts_ns: int, name: str) -> None:
        """Name a moment; one that has a name already gets this one.

        Raises:
            BadInput: the name is empty or too long, there are too many, or the file cannot be
                written; nothing changed.
        """
        name = " ".join(name.split())
        if not (1 <= len(name) <= NAME_CHARS_MAX):
            raise BadInput(
                f"a bookmark's name had {len(name)} characters, must have 1 to {NAME_CHARS_MAX}"
            )
        file = self._read()
        kept = [mark for mark in self._marks_in(file) if mark.ts_ns != ts_ns]
        if not (len(kept) < MARKS_MAX):
            raise BadInput(f"this recording has {MARKS_MAX} bookmarks, the most; remove one first")
        self._write(file, (*kept, Bookmark(ts_ns=ts_ns, name=name)))

    def remove(self, ts_ns: int) -> None:
        """Forget the bookmark of a moment; where there is none nothing changes.

        Raises:
            BadInput: the file cannot be written; nothing changed.
        """
        file = self._read()
        self._write(file, tuple(mark for mark in self._marks_in(file) if mark.ts_ns != ts_ns))

    def _marks_in(self, file: _File) -> tuple[Bookmark, ...]:
        return next((r.marks for r in file.recordings if (r.name, r.start_ns) == self._key), ())

    def _take(self, file: _File) -> None:
        self.marks = tuple(sorted(self._marks_in(file), key=lambda mark: mark.ts_ns))
        self.version += 1

    def _read(self) -> _File:
        """Return what the file holds now; another window may have written it meanwhile."""
        try:
            file = msgspec.json.decode(read_small(self._path), type=_File)
            if file.version != VERSION:
                raise ValueError(f"its version was {file.version}, must be {VERSION}")
        except FileNotFoundError:
            return _File()
        except (OSError, ValueError) as error:
            self.notice = set_aside(self._path, "The file of bookmarks", str(error))
            return _File()
        return file

    def _write(self, file: _File, marks: tuple[Bookmark, ...]) -> None:
        name, start_ns = self._key
        others = [r for r in file.recordings if (r.name, r.start_ns) != self._key]
        mine = [_Recording(name=name, start_ns=start_ns, marks=marks)] if marks else []
        written = _File(recordings=tuple([*others, *mine][-RECORDINGS_MAX:]))
        try:
            replace_file(self._path, msgspec.json.format(msgspec.json.encode(written), indent=1))
        except OSError as error:
            reason = error.strerror or str(error)
            raise BadInput(f"the bookmarks cannot be written: {reason}; nothing changed") from error
        self._take(written)
