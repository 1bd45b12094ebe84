"""Writes what is received into a recording, beside trading and never in its way.

The danger: a disk that is slow or full stops the market data, or the recording leaves events out
without a word. How this prevents it: an event costs one append to a list; packing and writing are
done on another thread, one chunk at a time; what comes while the list is full is counted, and the
next chunk says how many were lost. An error of the disk ends the recording with a sentence, and
nothing else.
Not guaranteed: the last second before the machine dies.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from app import __version__
from app.clock import Clock
from app.domain.errors import BadInput
from app.domain.events import Notice
from app.domain.market import Bar, Depth, FeedStatus, Imbalance, Quote, SymbolStatus, Trade
from app.domain.times import new_york
from app.feeds.recording import MAGIC, SUFFIX, VERSION, ChunkPacker, Head, Recorded, frame
from app.hub import Hub

CHUNK_S: Final = 1.0
"""Events of so long make a chunk, if there are any."""
CHUNK_MAX: Final = 16_384
"""Events of a chunk."""
WAITING_MAX: Final = 200_000
"""Events waiting for the disk; what comes beyond is counted as lost."""
_KINDS: Final[tuple[type[Any], ...]] = (
    Quote,
    Trade,
    Bar,
    Depth,
    SymbolStatus,
    Imbalance,
    FeedStatus,
)
_SAME_SECOND_MAX: Final = 100


class RecordingView(msgspec.Struct, frozen=True, kw_only=True):
    """How a recording stands."""

    path: Path
    events: int
    """Written."""
    bytes: int
    lost: int
    error: str = ""
    """Why it ended by itself; empty: it did not."""


class Recorder:
    """One recording, from `run` to its end."""

    def __init__(self, folder: Path, *, feed: str, hub: Hub, clock: Clock, bytes_max: int) -> None:
        """Prepare a recording.

        Args:
            folder: where recordings are kept; made if it is not there.
            feed: whose events they are.
            hub: where they come from, and where sentences go.
            clock: of the session.
            bytes_max: of all recordings in the folder together; then this one ends.
        """
        self._folder: Final = folder
        self._feed: Final = feed
        self._hub: Final = hub
        self._clock: Final = clock
        self._bytes_max: Final = bytes_max
        self._packer: Final = ChunkPacker()
        self._stop: Final = asyncio.Event()
        self._waiting: list[Recorded] = []
        self._lost = 0
        """Events since the list was full; the rest of a gap, so that it is in one piece."""
        self._gap = 0
        """Events lost before the first one that waits."""
        self._room = 0
        """Bytes that may still be written."""
        self.view: RecordingView | None = None
        """None before its file is there."""

    def stop(self) -> None:
        """End the recording with what was received so far."""
        self._stop.set()

    async def run(self) -> None:
        """Record until `stop`, a full folder or an error of the disk; the last two are said.

        Raises:
            BadInput: the file cannot be made; nothing is recorded.
        """
        file = await asyncio.to_thread(self._begin)
        for kind in _KINDS:
            self._hub.subscribe(kind, self._keep)
        try:
            while not self._stop.is_set():
                await self._wait()
                await self._write(file)
        except OSError as error:
            self._fail(error.strerror or str(error))
        finally:
            for kind in _KINDS:
                self._hub.unsubscribe(kind, self._keep)
            file.close()

    def _keep(self, event: Recorded) -> None:
        if self._lost or len(self._waiting) >= WAITING_MAX:
            self._lost += 1
        else:
            self._waiting.append(event)

    async def _wait(self) -> None:
        """Wait until a chunk is due, or the end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CHUNK_S):
                await self._stop.wait()

    async def _write(self, file: BinaryIO) -> None:
        """Write all that waits."""
        while self._waiting or self._gap:
            events, self._waiting = self._waiting[:CHUNK_MAX], self._waiting[CHUNK_MAX:]
            gap, self._gap = self._gap, 0
            written = await asyncio.to_thread(self._append, file, events, gap)
            assert self.view is not None
            self.view = msgspec.structs.replace(
                self.view,
                events=self.view.events + len(events),
                bytes=self.view.bytes + written,
                lost=self.view.lost + gap,
            )
            if not self._waiting:
                self._gap, self._lost = self._lost, 0

    def _fail(self, why: str) -> None:
        assert self.view is not None
        text = f"the recording {self.view.path.name} has ended: {why}; trading goes on"
        self.view = msgspec.structs.replace(self.view, error=why)
        self._hub.publish(Notice(text=text, is_warning=True))

    # On another thread

    def _begin(self) -> BinaryIO:
        """Make the file, with its head."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            taken = sum(path.stat().st_size for path in self._folder.glob(f"*{SUFFIX}"))
            self._room = self._bytes_max - taken
            if self._room <= 0:
                raise BadInput(
                    f"the recordings in {self._folder} take {taken:,} bytes, limit "
                    f"{self._bytes_max:,}; nothing is recorded: remove old ones"
                )
            file = self._create()
            head = Head(
                version=VERSION,
                feed=self._feed,
                started_ns=self._clock.now_ns(),
                program=__version__,
            )
            written = file.write(MAGIC + frame(head))
            self._room -= written
            file.flush()
        except OSError as error:
            raise BadInput(
                f"{self._folder} cannot be written: {error.strerror}; nothing is recorded"
            ) from error
        self.view = RecordingView(path=Path(file.name), events=0, bytes=written, lost=0)
        return file

    def _create(self) -> BinaryIO:
        name = f"{new_york(self._clock.now_ns()):%Y%m%d-%H%M%S}"
        for number in range(_SAME_SECOND_MAX):
            path = self._folder / f"{name}{f'-{number}' if number else ''}{SUFFIX}"
            with suppress(FileExistsError):
                return path.open("xb")
        raise OSError(errno.EEXIST, f"{_SAME_SECOND_MAX} recordings of one second are there")

    def _append(self, file: BinaryIO, events: list[Recorded], gap: int) -> int:
        """Write a chunk and return how many bytes it took."""
        chunk = self._packer.pack(events, gap)
        self._room -= len(chunk)
        if self._room < 0:
            raise OSError(errno.ENOSPC, f"all recordings take {self._bytes_max:,} bytes, the limit")
        file.write(chunk)
        file.flush()
        return len(chunk)


class RecorderSwitch:
    """Turns recording on and off; one recording at a time."""

    def __init__(
        self,
        make: Callable[[], Recorder],
        spawn: Callable[[str, Coroutine[Any, Any, None]], object],
        hub: Hub,
    ) -> None:
        """Take how a recorder is made, who runs it, and who hears why it ended."""
        self._make: Final = make
        self._spawn: Final = spawn
        self._hub: Final = hub
        self._recorder: Recorder | None = None

    @property
    def is_on(self) -> bool:
        """Whether what is received is being recorded."""
        return self._recorder is not None

    @property
    def view(self) -> RecordingView | None:
        """The recording that is being written; None if there is none."""
        return None if self._recorder is None else self._recorder.view

    def turn(self, *, is_on: bool) -> None:
        """Begin a new recording, or end the one that is being written."""
        if is_on == self.is_on:
            return
        if self._recorder is not None:
            self._recorder.stop()
            self._recorder = None
        else:
            self._recorder = self._make()
            self._spawn("recorder", self._run(self._recorder))

    async def _run(self, recorder: Recorder) -> None:
        try:
            await recorder.run()
        except BadInput as error:
            self._hub.publish(Notice(text=str(error), is_warning=True))
        finally:
            if self._recorder is recorder:
                self._recorder = None
