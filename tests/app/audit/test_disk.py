"""Goal: the real disk says what is free, and a commit that a disk refuses leaves nothing behind."""

from __future__ import annotations

import pytest

from app.audit.disk import Disk
from app.audit.journal import open_journal
from app.audit.reader import read_records
from app.audit.records import RunEnded, UserActed
from app.audit.verify import verify
from app.clock import SimClock
from app.config import load_config
from app.domain.errors import JournalFailed

LIMITS = load_config().limits


def test_free_room_is_asked_of_the_system(tmp_path):
    assert Disk().free(tmp_path) > 0
    with pytest.raises(OSError, match="No such file"):
        Disk().free(tmp_path / "nowhere")


class Refusing(Disk):
    """Takes so many commits."""

    def __init__(self, commits: int) -> None:
        self._commits = commits

    def before_commit(self) -> None:
        self._commits -= 1
        if self._commits < 0:
            raise OSError("no room")


@pytest.mark.asyncio
async def test_a_commit_that_is_refused_ends_writing_and_is_not_in_the_log(tmp_path):
    path = tmp_path / "audit.db"
    async with open_journal(path, clock=SimClock(1), limits=LIMITS, disk=Refusing(1)) as journal:
        journal.recover(lambda _record: None)
        await journal.append([UserActed(action="a", detail="", actor="b")])
        for _ in range(2):
            with pytest.raises(JournalFailed, match="no room; trading is halted"):
                await journal.append([RunEnded(reason="c")])
    assert [type(record) for _, record in read_records(path)] == [UserActed]
    assert verify(path).is_clean
