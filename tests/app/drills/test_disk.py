"""Goal: the disk is full when it is told to be, and the record's own otherwise."""

from __future__ import annotations

import errno

import pytest

from app.audit.disk import Disk
from app.drills.disk import FullDisk


def test_until_it_is_told_it_is_the_real_one(tmp_path):
    disk = FullDisk()
    disk.before_commit()
    assert disk.free(tmp_path) > 0


@pytest.mark.parametrize("left", [1, 10**9])
def test_little_room_still_takes_a_commit(tmp_path, left):
    disk = FullDisk()
    disk.leave(left)
    disk.before_commit()
    assert disk.free(tmp_path) == left


def test_without_room_no_commit_succeeds_until_there_is_some(tmp_path):
    disk = FullDisk()
    disk.leave(0)
    with pytest.raises(OSError, match="No space left") as caught:
        disk.before_commit()
    assert caught.value.errno == errno.ENOSPC
    assert disk.free(tmp_path) == 0
    disk.leave(None)
    disk.before_commit()
    assert isinstance(disk, Disk)
