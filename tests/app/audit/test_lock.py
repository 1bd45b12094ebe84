"""One station a log: the lock is tried from a second process and from this one."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.audit import lock
from app.audit.lock import FileLock
from app.domain.errors import JournalUnreadable

TAKE = """
import sys
from pathlib import Path
from app.audit.lock import FileLock
from app.domain.errors import JournalUnreadable
try:
    with FileLock(Path(sys.argv[1]), what="the audit log"):
        print("taken", flush=True)
        if len(sys.argv) > 2:
            sys.stdin.read()
except JournalUnreadable as error:
    print(error)
"""


def take_elsewhere(path: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", TAKE, str(path)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_second_process_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    with FileLock(tmp_path / "a.lock", what="the audit log a.db"):
        assert take_elsewhere(tmp_path / "a.lock") == (
            "the audit log is in use by another station; nothing was started"
        )
    assert take_elsewhere(tmp_path / "a.lock") == "taken"


def test_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", TAKE, str(tmp_path / "a.lock"), "stay"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"taken"
        with pytest.raises(JournalUnreadable, match="in use by another station"):
            FileLock(tmp_path / "a.lock", what="the audit log").__enter__()
        holder.kill()
        holder.wait()
        with FileLock(tmp_path / "a.lock", what="the audit log"):
            pass


def test_kept_lock_outlives_its_block(tmp_path: Path) -> None:
    with FileLock(tmp_path / "a.lock", what="the audit log") as held:
        held.keep()
    with pytest.raises(JournalUnreadable, match="in use"):
        FileLock(tmp_path / "a.lock", what="the audit log").__enter__()
    os.close(held._descriptor)


def test_folder_that_is_none_gives_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(JournalUnreadable, match=r"^the audit log cannot be opened: "):
        FileLock(tmp_path / "file" / "a.lock", what="the audit log").__enter__()


def test_file_system_without_locks_is_not_taken_for_another_station(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_descriptor: Any) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(lock, "_lock", refuse)
    with pytest.raises(JournalUnreadable, match=r"^the audit log cannot be locked: "):
        FileLock(tmp_path / "a.lock", what="the audit log").__enter__()
