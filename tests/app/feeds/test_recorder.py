"""Show that what is received is recorded, that what is lost is said, and that nothing else stops.

Method: a recorder on the hub, its thread held up or its disk taken away; what it wrote is read.
"""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.clock import SimClock
from app.domain.errors import BadInput
from app.domain.events import Notice
from app.feeds import recorder
from app.feeds.recorder import Recorder, RecorderSwitch
from app.feeds.recording import ChunkPacker, Recorded, open_recording
from app.hub import Hub
from tests.samples import NOW_NS, bar, quote, trade

LONG = 10**9


class Desk:
    """A hub with a recorder on it."""

    def __init__(self, folder: Path, bytes_max: int = LONG) -> None:
        self.folder, self.hub = folder, Hub()
        self.bytes_max = bytes_max
        self.notices: list[str] = []
        self.hub.subscribe(Notice, lambda notice: self.notices.append(notice.text))
        self.recorder = self.make()

    def make(self) -> Recorder:
        return Recorder(
            self.folder,
            feed="builtin",
            hub=self.hub,
            clock=SimClock(NOW_NS),
            bytes_max=self.bytes_max,
        )

    async def record(self, story: Callable[[], Any]) -> None:
        """Let the recorder run while a story is told, then end it."""
        async with asyncio.TaskGroup() as group:
            running = group.create_task(self.recorder.run(), name="recorder")
            while self.recorder.view is None or not self.hub._handlers.get(type(quote())):
                await asyncio.sleep(0.001)
                if running.done():
                    return
            story()
            self.recorder.stop()

    def publish(self, count: int, first: int = 0) -> list[Recorded]:
        events: list[Recorded] = [quote(ts_recv_ns=NOW_NS + n) for n in range(first, first + count)]
        for event in events:
            self.hub.publish(event)
        return events

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.tdr"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "recordings")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write often."""
    monkeypatch.setattr(recorder, "CHUNK_S", 0.01)


@pytest.mark.asyncio
async def test_what_is_received_is_recorded_in_order(desk: Desk) -> None:
    events = [quote(), trade(), bar()]
    events = [msgspec.structs.replace(e, ts_recv_ns=NOW_NS + n) for n, e in enumerate(events)]

    def story() -> None:
        for event in events:
            desk.hub.publish(event)
        desk.hub.publish(Notice(text="not of the market"))

    await desk.record(story)
    (path,) = desk.files()
    assert path.name == "20261123-093000.tdr"
    opened = open_recording(path)
    assert list(opened) == events
    assert (opened.head.feed, opened.head.started_ns) == ("builtin", NOW_NS)
    view = desk.recorder.view
    assert view is not None
    assert (view.path, view.events, view.lost, view.error) == (path, 3, 0, "")
    assert view.bytes == path.stat().st_size


@pytest.mark.asyncio
async def test_before_and_after_nothing_is_recorded(desk: Desk) -> None:
    desk.publish(1)
    await desk.record(lambda: desk.publish(2, 1))
    desk.publish(1, 3)
    assert len(list(open_recording(desk.files()[0]))) == 2


@pytest.mark.asyncio
async def test_many_events_go_into_several_chunks(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "CHUNK_MAX", 7)
    events: list[Recorded] = []
    await desk.record(lambda: events.extend(desk.publish(50)))
    assert list(open_recording(desk.files()[0])) == events


@pytest.mark.asyncio
async def test_each_recording_has_a_file_of_its_own(desk: Desk) -> None:
    for _ in range(3):
        await desk.record(lambda: desk.publish(1))
        desk.recorder = desk.make()
    names = [path.name for path in desk.files()]
    assert names == ["20261123-093000-1.tdr", "20261123-093000-2.tdr", "20261123-093000.tdr"]


@pytest.mark.asyncio
async def test_what_comes_while_the_disk_is_busy_and_the_list_full_is_counted_as_lost(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "WAITING_MAX", 5)
    busy, go_on = threading.Event(), threading.Event()
    pack = ChunkPacker.pack

    def slow(self: ChunkPacker, events: list[Recorded], lost: int = 0) -> bytes:
        busy.set()
        assert go_on.wait(10)
        return pack(self, events, lost)

    monkeypatch.setattr(ChunkPacker, "pack", slow)
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.recorder.run(), name="recorder")
        while desk.recorder.view is None:
            await asyncio.sleep(0.001)
        kept = desk.publish(2)
        while not busy.is_set():
            await asyncio.sleep(0.001)
        kept += desk.publish(8, 2)[:5]  # Three of them find no room.
        go_on.set()
        while desk.recorder.view.events < 7:
            await asyncio.sleep(0.001)
        kept += desk.publish(1, 10)
        desk.recorder.stop()
    opened = open_recording(desk.files()[0])
    assert list(opened) == kept
    assert (opened.lost, desk.recorder.view.lost) == (3, 3)


@pytest.mark.asyncio
async def test_gap_at_the_very_end_is_said_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "WAITING_MAX", 2)
    await desk.record(lambda: desk.publish(5))
    opened = open_recording(desk.files()[0])
    assert (len(list(opened)), opened.lost) == (2, 3)


@pytest.mark.asyncio
async def test_full_disk_ends_the_recording_in_words_and_nothing_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: ChunkPacker, events: list[Recorded], lost: int = 0) -> bytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(ChunkPacker, "pack", full)
    await desk.record(lambda: desk.publish(1))
    assert desk.notices == [
        "the recording 20261123-093000.tdr has ended: No space left on device; trading goes on"
    ]
    assert desk.recorder.view is not None
    assert desk.recorder.view.error == "No space left on device"
    desk.publish(1, 1)  # Nobody hears it any more.


@pytest.mark.asyncio
async def test_folder_has_a_bound(tmp_path: Path) -> None:
    desk = Desk(tmp_path, bytes_max=500)
    (tmp_path / "old.tdr").write_bytes(b"x" * 300)
    await desk.record(lambda: desk.publish(1))
    assert "all recordings take 500 bytes, the limit; trading goes on" in desk.notices[0]
    (tmp_path / "older.tdr").write_bytes(b"x" * 300)
    desk.recorder = desk.make()
    with pytest.raises(BadInput, match=r"take [\d,]+ bytes, limit 500; nothing is recorded: remo"):
        await desk.recorder.run()


@pytest.mark.asyncio
async def test_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    desk = Desk(tmp_path / "file")
    with pytest.raises(BadInput, match="cannot be written: .+; nothing is recorded"):
        await desk.recorder.run()


@pytest.mark.asyncio
async def test_hundred_recordings_of_one_second_are_enough(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "_SAME_SECOND_MAX", 1)
    await desk.record(lambda: None)
    with pytest.raises(BadInput, match="1 recordings of one second are there"):
        await desk.make().run()


class TestSwitch:
    """One recording at a time, on and off at any time."""

    @pytest.fixture
    def tasks(self) -> list[asyncio.Task[None]]:
        return []

    def switch(self, desk: Desk, group: asyncio.TaskGroup) -> RecorderSwitch:
        def spawn(name: str, work: Any) -> object:
            return group.create_task(work, name=name)

        return RecorderSwitch(desk.make, spawn, desk.hub)

    @pytest.mark.asyncio
    async def test_on_off_and_on_again_makes_two_files(self, desk: Desk) -> None:
        async with asyncio.TaskGroup() as group:
            switch = self.switch(desk, group)
            assert (switch.is_on, switch.view) == (False, None)
            for number in (1, 2):
                switch.turn(is_on=True)
                switch.turn(is_on=True)
                assert switch.is_on
                while switch.view is None:
                    await asyncio.sleep(0.001)
                desk.publish(number)
                while not switch.view.events:
                    await asyncio.sleep(0.001)
                switch.turn(is_on=False)
                switch.turn(is_on=False)
                assert (switch.is_on, switch.view) == (False, None)
        counts = sorted(len(list(open_recording(path))) for path in desk.files())
        assert counts == [1, 2]

    @pytest.mark.asyncio
    async def test_recording_that_cannot_begin_is_said_and_is_off(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        desk = Desk(tmp_path / "file")
        async with asyncio.TaskGroup() as group:
            switch = self.switch(desk, group)
            switch.turn(is_on=True)
        assert not switch.is_on
        assert "nothing is recorded" in desk.notices[0]
