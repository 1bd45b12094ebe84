"""One station a log: an advisory lock that ends with the process, however it ends."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Final

from app.domain.errors import JournalUnreadable

_TAKEN: Final = (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)
"""What the systems say of a lock that somebody else holds; anything else is another fault."""


class FileLock:
    """Hold a file for this process alone."""

    def __init__(self, path: Path, *, what: str) -> None:
        self._path = path
        self._what = what
        self._descriptor = -1
        self._is_kept = False

    def __enter__(self) -> FileLock:
        """Take the lock or say who has it.

        Raises:
            JournalUnreadable: another process holds it, or the folder cannot be written.
        """
        try:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise JournalUnreadable(f"{self._what} cannot be opened: {error}") from error
        try:
            _lock(self._descriptor)
        except OSError as error:
            os.close(self._descriptor)
            if error.errno not in _TAKEN:
                raise JournalUnreadable(f"{self._what} cannot be locked: {error}") from error
            raise JournalUnreadable(
                f"{self._what} is in use by another station; nothing was started"
            ) from error
        return self

    def keep(self) -> None:
        """Hold on until the process ends: what it protects is still in use."""
        self._is_kept = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the lock back; the empty file stays, for removing it could race."""
        if not self._is_kept:
            os.close(self._descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
