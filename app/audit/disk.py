"""The disk of the record, as far as the station asks it: its room, and its word at each commit."""

from __future__ import annotations

import shutil
from pathlib import Path


class Disk:
    """The real one. A disk that fails, for drills, overrides what it fails in."""

    def free(self, folder: Path) -> int:
        """Return the bytes that are free where a folder is; on a thread of its own.

        Raises:
            OSError: the disk does not say.
        """
        return shutil.disk_usage(folder).free

    def before_commit(self) -> None:
        """Called by the writer thread of the record before each commit.

        Raises:
            OSError: nothing of the transaction is kept, and writing ends for good.
        """
