"""The halt flag: trading stopped by a person, whatever else of the station still works.

The danger: a halt that waits for something. A state kept on the loop is set when the loop gets to
it; a state kept in the audit log is lost when the disk is full; a state kept in memory is forgotten
by a restart, which then trades on.
How this prevents it: the flag is one reference in memory, set from any thread in microseconds and
read by the gate at every decision and before every call to the broker. Its second home is a file of
its own, made and filled when the station starts and only ever overwritten in place: that takes no
room on a full disk. A file that cannot be read counts as set. Only `clear` with the halt that is in
force takes it away, so an arming cannot undo a halt that came after it.
Not guaranteed: the file on file systems that copy on write (btrfs, APFS, ZFS) when not a block is
left; the memory holds then, and the record if it can.
"""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path
from typing import Final

import msgspec

from app.domain.errors import JournalUnreadable

FILE_NAME: Final = "halt.flag"
FILE_BYTES: Final = 4_096
REASON_MAX: Final = 400
"""Characters that are kept; six bytes each at the most, so that any reason fits into the file."""
ACTOR_MAX: Final = 100
_sync: Final = getattr(os, "fdatasync", os.fsync)


class Halt(msgspec.Struct, frozen=True, kw_only=True):
    """Who stopped trading, when, and why."""

    reason: str
    actor: str
    ts_ns: int
    """UTC."""


class _Content(msgspec.Struct, frozen=True):
    """What the file holds; the rest of it is blank."""

    halt: Halt | None


class HaltFlag:
    """Set from any thread; without a path it lives in memory only."""

    def __init__(self, path: Path | None = None) -> None:
        """Open the file, or make it; a flag that was set before is set.

        Raises:
            JournalUnreadable: the file cannot be made or opened.
        """
        self._path: Final = path
        self._descriptor = -1
        self._memory: Final = threading.Lock()
        """Held for the moment of a comparison only, never while the disk is waited for."""
        self._disk: Final = threading.Lock()
        self._halt: Halt | None = None
        if path is not None:
            try:
                self._descriptor = _opened(path)
                self._halt = _content(os.read(self._descriptor, FILE_BYTES))
            except OSError as error:
                raise JournalUnreadable(
                    f"the halt flag {path} cannot be made ready: {error}; nothing was started"
                ) from error

    @property
    def halt(self) -> Halt | None:
        """The halt that is in force; None if there is none."""
        return self._halt

    def set(self, halt: Halt) -> None:
        """Put a halt into force, in memory: at once, from any thread. `keep` makes it durable."""
        with self._memory:
            self._halt = halt

    def clear(self, halt: Halt) -> bool:
        """Take away a halt, in memory, unless another came since; return whether it is gone."""
        with self._memory:
            if self._halt is not halt:
                return False
            self._halt = None
            return True

    def keep(self) -> None:
        """Write what holds now into the file and wait for the disk; from any thread.

        Raises:
            OSError: the file does not say it.
        """
        if self._path is None:
            return
        with self._disk:
            # Read inside: of two that write, the later writes what is newest.
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.write(self._descriptor, _bytes(self._halt))
            _sync(self._descriptor)

    def close(self) -> None:
        """Let go of the file; what it says stays."""
        with self._disk:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1


def new_halt(reason: str, actor: str, ts_ns: int) -> Halt:
    """Return a halt whose words fit into the file and can be written at all."""
    return Halt(reason=_plain(reason)[:REASON_MAX], actor=_plain(actor)[:ACTOR_MAX], ts_ns=ts_ns)


def _plain(text: str) -> str:
    # A command line may hold bytes that are no text.
    return text.encode(errors="replace").decode()


def _opened(path: Path) -> int:
    """Return a descriptor of the file; a new one appears whole or not at all."""
    flags = os.O_RDWR | getattr(os, "O_BINARY", 0)
    try:
        return os.open(path, flags)
    except FileNotFoundError:
        descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
        try:
            os.write(descriptor, _bytes(None))
            os.fsync(descriptor)
            os.close(descriptor)
            os.replace(name, path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        return os.open(path, flags)


def _bytes(halt: Halt | None) -> bytes:
    text = msgspec.json.encode(_Content(halt))
    assert len(text) < FILE_BYTES, halt
    return text.ljust(FILE_BYTES - 1) + b"\n"


def _content(written: bytes) -> Halt | None:
    try:
        return msgspec.json.decode(written, type=_Content).halt
    except msgspec.MsgspecError:
        # Torn, or not ours: what cannot be read must not let orders through.
        return Halt(reason="the halt flag's file cannot be read", actor="station", ts_ns=0)
