"""Show that the back door answers its owner, and nobody else, whatever is thrown at it.

Method: real sockets, of both kinds, in a folder of the test's own.
"""

import contextlib
import json
import os
import socket
import sys

import pytest

from app import control
from app.control import DOOR, SOCKET, ControlServer, Request, ask

KILL = Request(verb="kill", reason="enough", actor="ada")


def echo(request):
    return f"{request.verb} {request.reason} {request.actor}".encode()


@pytest.fixture(params=["file", "port"])
def by_port(request):
    if request.param == "file" and sys.platform == "win32":
        pytest.skip("no socket files on this system")
    return request.param == "port"


@pytest.fixture
def folder(tmp_path_factory):
    """A folder whose name is short enough for a socket file."""
    return tmp_path_factory.mktemp("d")


@contextlib.contextmanager
def opened(folder, answer=echo, *, by_port=False):
    server = ControlServer(folder, answer, by_port=by_port)
    server.start()
    try:
        yield server
    finally:
        server.close()


def door_of(folder):
    return json.loads((folder / DOOR).read_bytes())


def connected(folder):
    door = door_of(folder)
    if door.get("port"):
        return socket.create_connection(("127.0.0.1", door["port"]), timeout=5)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(5)
    connection.connect(str(folder / SOCKET))
    return connection


class TestDoor:
    def test_a_request_is_answered(self, folder, by_port):
        with opened(folder, by_port=by_port):
            assert ask(folder, KILL) == b"kill enough ada"
            assert ask(folder, Request(verb="status")) == b"status  "

    def test_many_in_a_row_are_answered(self, folder, by_port):
        with opened(folder, by_port=by_port):
            assert [ask(folder, KILL) for _ in range(50)] == [b"kill enough ada"] * 50

    def test_a_long_answer_comes_whole(self, folder, by_port):
        with opened(folder, lambda _: b"x" * 300_000, by_port=by_port):
            assert ask(folder, KILL) == b"x" * 300_000

    def test_only_the_owner_may_read_where_it_is(self, folder, by_port):
        with opened(folder, by_port=by_port):
            for path in folder.iterdir():
                assert path.stat().st_mode & 0o077 == 0

    def test_a_socket_file_is_used_where_there_can_be_one(self, folder):
        with opened(folder):
            assert sorted(os.listdir(folder)) == [DOOR, SOCKET]

    def test_a_port_is_of_this_machine_only(self, folder):
        with opened(folder, by_port=True) as server:
            assert server._listener.getsockname()[0] == "127.0.0.1"
            assert os.listdir(folder) == [DOOR]

    def test_a_name_too_long_for_a_socket_file_gets_a_port(self, folder):
        deep = folder / ("x" * 100)
        deep.mkdir()
        with opened(deep):
            assert os.listdir(deep) == [DOOR]
            assert ask(deep, KILL) == b"kill enough ada"

    def test_nothing_is_left_when_it_is_shut(self, folder, by_port):
        with opened(folder, by_port=by_port):
            pass
        assert os.listdir(folder) == []
        assert ask(folder, KILL) is None

    def test_what_a_killed_run_left_is_in_nobodys_way(self, folder):
        (folder / DOOR).write_text("old")
        (folder / SOCKET).write_text("old")
        with opened(folder):
            assert ask(folder, KILL) == b"kill enough ada"

    def test_each_run_has_a_token_of_its_own(self, folder):
        tokens = set()
        for _ in range(3):
            with opened(folder):
                tokens.add(door_of(folder)["token"])
        assert len(tokens) == 3

    def test_a_folder_that_is_not_there_is_an_error_and_leaves_nothing(self, folder):
        for by_port in (False, True):
            server = ControlServer(folder / "none", echo, by_port=by_port)
            with pytest.raises(FileNotFoundError):
                server.start()
        assert os.listdir(folder) == []


class TestStrangers:
    @pytest.mark.parametrize(
        "said",
        [
            pytest.param(b'{"verb":"kill"}', id="no token"),
            pytest.param(b'{"verb":"kill","token":"guess"}', id="wrong token"),
            pytest.param('{"verb":"kill","token":"\u00e9"}'.encode(), id="odd token"),
            pytest.param(b'{"verb":"dance","token":""}', id="unknown verb"),
            pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="not ours"),
            pytest.param(b"\xff" * 9_000, id="noise"),
        ],
    )
    def test_what_does_not_belong_gets_no_answer_and_does_nothing(self, folder, by_port, said):
        heard = []
        with opened(folder, lambda request: heard.append(request) or b"?", by_port=by_port):
            with connected(folder) as stranger:
                stranger.sendall(said)
                with contextlib.suppress(ConnectionResetError):
                    assert stranger.recv(100) == b""
            assert heard == []
            assert ask(folder, KILL) == b"?"

    def test_who_says_nothing_keeps_others_waiting_for_a_moment_only(
        self, folder, by_port, monkeypatch
    ):
        monkeypatch.setattr(control, "PATIENCE_S", 0.01)
        with opened(folder, by_port=by_port), connected(folder):
            assert ask(folder, KILL) == b"kill enough ada"

    def test_who_leaves_again_is_forgotten(self, folder, by_port):
        with opened(folder, by_port=by_port):
            for _ in range(5):
                connected(folder).close()
            assert ask(folder, KILL) == b"kill enough ada"


class TestAsking:
    def test_without_a_station_there_is_no_answer(self, folder):
        assert ask(folder, KILL) is None

    @pytest.mark.parametrize(
        "door",
        [
            pytest.param(b"", id="empty"),
            pytest.param(b"{}", id="says nothing"),
            pytest.param(b'{"token":"x"}', id="no socket"),
            pytest.param(b'{"token":"x","port":9}', id="nobody listens"),
        ],
    )
    def test_a_sign_without_a_door_is_no_answer(self, folder, door):
        (folder / DOOR).write_bytes(door)
        assert ask(folder, KILL) is None

    def test_a_door_of_another_system_is_no_answer(self, folder, monkeypatch):
        with opened(folder):
            monkeypatch.setattr(control, "_unix", None)
            assert ask(folder, KILL) is None

    def test_an_empty_answer_is_none(self, folder):
        with opened(folder, lambda _: b""):
            assert ask(folder, KILL) is None

    def test_a_station_that_does_not_answer_in_time_is_none(self, folder, monkeypatch):
        monkeypatch.setattr(control, "ANSWER_WAIT_S", 0.02)
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            port = deaf.getsockname()[1]
            (folder / DOOR).write_text(json.dumps({"port": port, "token": "x"}))
            assert ask(folder, KILL) is None
