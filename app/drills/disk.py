"""A disk that is full when it is told to be."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from app.audit.disk import Disk


class FullDisk(Disk):
    """In front of the real disk; the writer thread and the loop may both ask it."""

    def __init__(self) -> None:
        self._left: int | None = None

    def leave(self, left: int | None) -> None:
        """Let so many bytes be free: with 0 no commit succeeds. None: what is really free."""
        self._left = left

    def free(self, folder: Path) -> int:
        """Return the bytes that are left."""
        return super().free(folder) if self._left is None else self._left

    def before_commit(self) -> None:
        """Refuse the commit if nothing is left.

        Raises:
            OSError: ENOSPC, as the system would say.
        """
        if self._left == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
