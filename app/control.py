"""The station's back door: one request in, one answer out, on a thread of its own.

It is for the moment in which the window does not answer. A socket file in the data folder that only
its owner may open; where there are none (Windows), or the folder's name is too long for one, a port
of this machine. A small file beside it says where, with a token that is new at each start and has
to come with each request; only the owner can read it.
Not guaranteed: an answer while another process of the same user holds the door by connecting and
saying nothing: each such connection costs `PATIENCE_S`.
"""

from __future__ import annotations

import hmac
import os
import secrets
import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

import msgspec

DOOR: Final = "control.json"
SOCKET: Final = "control.sock"
SOCKET_PATH_MAX: Final = 100
"""Bytes; systems take 103 to 107."""
REQUEST_MAX: Final = 8_192
PATIENCE_S: Final = 0.5
"""For a request that does not come."""
ANSWER_WAIT_S: Final = 3.0
_unix: Final = getattr(socket, "AF_UNIX", None)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a running station."""

    verb: Literal["kill", "status"]
    reason: str = ""
    actor: str = ""
    token: str = ""


class _Door(msgspec.Struct, frozen=True, kw_only=True):
    """Where to knock."""

    port: int = 0
    """0: the socket file beside this."""
    token: str


class ControlServer:
    """Listens in a folder, from `start` to `close`."""

    def __init__(
        self, folder: Path, answer: Callable[[Request], bytes], *, by_port: bool = False
    ) -> None:
        """Take where to listen and who answers.

        Args:
            folder: of the data; one station a folder.
            answer: called on the door's thread; must not wait.
            by_port: use a port even where there are socket files.
        """
        self._folder: Final = folder
        self._answer: Final = answer
        self._by_port: Final = by_port
        self._token: Final = secrets.token_hex(16)
        self._thread: Final = threading.Thread(target=self._serve, name="control", daemon=True)
        self._wake, self._woken = socket.socketpair()
        self._listener: socket.socket | None = None

    def start(self) -> None:
        """Open the door.

        Raises:
            OSError: neither a socket file nor a port could be had; nothing is left behind.
        """
        try:
            self._listener, door = self._listen()
            self._listener.setblocking(False)  # Who knocked may be gone before the door opens.
            _write_private(self._folder / DOOR, msgspec.json.encode(door))
        except OSError:
            self._let_go()
            raise
        self._thread.start()

    def close(self) -> None:
        """Shut the door, and take its sign away."""
        self._wake.send(b"x")
        self._thread.join()
        self._let_go()

    def _let_go(self) -> None:
        for one in (self._wake, self._woken, self._listener):
            if one is not None:
                one.close()
        for name in (DOOR, SOCKET):
            with suppress(OSError):
                (self._folder / name).unlink()

    def _listen(self) -> tuple[socket.socket, _Door]:
        path = self._folder / SOCKET
        if _unix is not None and not self._by_port and len(os.fsencode(path)) <= SOCKET_PATH_MAX:
            path.unlink(missing_ok=True)  # Of a run that was killed: the log's lock is ours.
            listener = socket.socket(_unix, socket.SOCK_STREAM)
            try:
                listener.bind(str(path))
                path.chmod(0o600)
                listener.listen()
            except OSError:
                listener.close()
                raise
            return listener, _Door(token=self._token)
        listener = socket.create_server(("127.0.0.1", 0))
        return listener, _Door(port=listener.getsockname()[1], token=self._token)

    def _serve(self) -> None:
        listener = self._listener
        assert listener is not None, "start comes first"
        with selectors.DefaultSelector() as ready:
            ready.register(listener, selectors.EVENT_READ)
            ready.register(self._woken, selectors.EVENT_READ)
            while all(key.fileobj is listener for key, _ in ready.select()):
                with suppress(OSError), listener.accept()[0] as connection:
                    connection.settimeout(PATIENCE_S)
                    self._answer_one(connection)

    def _answer_one(self, connection: socket.socket) -> None:
        # One read: a client writes its request, which is small, in one piece.
        asked = connection.recv(REQUEST_MAX)
        try:
            request = msgspec.json.decode(asked, type=Request)
        except msgspec.MsgspecError:
            return
        if hmac.compare_digest(request.token.encode(), self._token.encode()):
            connection.sendall(self._answer(request))


def ask(folder: Path, request: Request) -> bytes | None:
    """Ask the station of a folder; None: none answers there."""
    try:
        door = msgspec.json.decode((folder / DOOR).read_bytes(), type=_Door)
        asked = msgspec.json.encode(msgspec.structs.replace(request, token=door.token))
        with _connected(folder, door) as connection:
            connection.sendall(asked)
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    except (OSError, msgspec.MsgspecError):
        return None
    return answer or None


def _connected(folder: Path, door: _Door) -> socket.socket:
    if door.port:
        return socket.create_connection(("127.0.0.1", door.port), timeout=ANSWER_WAIT_S)
    if _unix is None:
        raise FileNotFoundError("a door of another system")
    connection = socket.socket(_unix, socket.SOCK_STREAM)
    connection.settimeout(ANSWER_WAIT_S)
    try:
        connection.connect(str(folder / SOCKET))
    except OSError:
        connection.close()
        raise
    return connection


def _write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, from its first moment."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, content)
    finally:
        os.close(descriptor)
