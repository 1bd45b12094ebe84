"""Show that a halt holds: at once, in a file that takes no room, and until it is taken away itself.

Method: real files, read as a next start would; what is on them is damaged byte by byte.
"""

import contextlib
import json
import os
import threading

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import JournalUnreadable
from app.risk.halt import ACTOR_MAX, FILE_BYTES, REASON_MAX, Halt, HaltFlag, new_halt

HALT = Halt(reason="enough", actor="ada", ts_ns=7)
LATER = Halt(reason="enough", actor="ada", ts_ns=7)
"""Equal, and another one."""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "halt.flag"


@contextlib.contextmanager
def opened(path):
    with contextlib.closing(HaltFlag(path)) as flag:
        yield flag


def read(path):
    """Return the halt that a next start finds."""
    with opened(path) as flag:
        return flag.halt


class TestMemory:
    def test_nothing_is_halted_at_first(self):
        assert HaltFlag().halt is None

    def test_a_halt_is_in_force_at_once(self):
        flag = HaltFlag()
        flag.set(HALT)
        assert flag.halt is HALT

    def test_it_is_in_force_for_every_thread(self):
        flag = HaltFlag()
        thread = threading.Thread(target=flag.set, args=(HALT,))
        thread.start()
        thread.join()
        assert flag.halt is HALT

    def test_it_is_taken_away_by_naming_it(self):
        flag = HaltFlag()
        flag.set(HALT)
        assert flag.clear(HALT)
        assert flag.halt is None

    def test_a_halt_that_came_since_stays(self):
        flag = HaltFlag()
        flag.set(HALT)
        flag.set(LATER)
        assert not flag.clear(HALT)
        assert flag.halt is LATER

    def test_without_a_path_there_is_nothing_to_keep_or_close(self):
        flag = HaltFlag()
        flag.set(HALT)
        flag.keep()
        flag.close()
        assert flag.halt is HALT


class TestFile:
    def test_it_is_there_and_filled_from_the_start(self, path):
        with opened(path):
            assert path.stat().st_size == FILE_BYTES
            assert path.stat().st_mode & 0o077 == 0
        assert os.listdir(path.parent) == [path.name]

    def test_a_halt_that_was_kept_is_found_again(self, path):
        with opened(path) as flag:
            flag.set(HALT)
            flag.keep()
        assert read(path) == HALT
        assert path.stat().st_size == FILE_BYTES

    def test_only_what_was_kept_is_found_again(self, path):
        with opened(path) as flag:
            flag.set(HALT)
        assert read(path) is None

    def test_what_was_taken_away_is_gone_for_the_next_start_too(self, path):
        with opened(path) as flag:
            flag.set(HALT)
            flag.keep()
            flag.clear(HALT)
            assert flag.halt is None
            flag.keep()
        assert read(path) is None

    def test_a_short_halt_leaves_nothing_of_a_long_one(self, path):
        with opened(path) as flag:
            flag.set(Halt(reason="x" * 300, actor="ada", ts_ns=1))
            flag.keep()
            flag.set(HALT)
            flag.keep()
        assert json.loads(path.read_bytes()) == {"halt": msgspec.to_builtins(HALT)}

    def test_it_is_overwritten_in_place(self, path):
        with opened(path) as flag:
            inode = path.stat().st_ino
            flag.set(HALT)
            flag.keep()
            assert path.stat().st_ino == inode

    def test_closing_twice_does_no_harm(self, path):
        flag = HaltFlag(path)
        flag.close()
        flag.close()

    def test_what_cannot_be_written_is_an_error_and_the_memory_holds(self, path):
        with opened(path) as flag:
            os.close(flag._descriptor)
            flag._descriptor = os.open(path, os.O_RDONLY)
            flag.set(HALT)
            with pytest.raises(OSError, match="Bad file descriptor"):
                flag.keep()
            assert flag.halt is HALT

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(b"", id="empty"),
            pytest.param(b"\0" * FILE_BYTES, id="room without content"),
            pytest.param(b'{"halt":null', id="torn"),
            pytest.param(b'{"halt":{"reason":"x"}}', id="half a halt"),
            pytest.param(b"{}", id="says nothing"),
            pytest.param(b"null", id="not ours"),
            pytest.param(b"\xff\xfe", id="no text"),
        ],
    )
    def test_what_cannot_be_read_is_halted(self, path, content):
        path.write_bytes(content)
        halt = read(path)
        assert (halt.reason, halt.actor, halt.ts_ns) == (
            "the halt flag's file cannot be read",
            "station",
            0,
        )

    @pytest.mark.parametrize("place", ["folder", "file"])
    def test_a_place_that_cannot_be_used_is_said(self, tmp_path, place):
        path = tmp_path / "none" / "halt.flag" if place == "folder" else tmp_path
        with pytest.raises(JournalUnreadable, match=r"^the halt flag .* cannot be made ready: "):
            HaltFlag(path)

    def test_a_file_that_cannot_be_filled_is_not_left_behind(self, path, monkeypatch):
        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(JournalUnreadable, match="No space left on device; nothing was started"):
            HaltFlag(path)
        assert os.listdir(path.parent) == []


class TestWords:
    def test_words_are_kept_as_far_as_there_is_room(self):
        halt = new_halt("r" * 999, "a" * 999, 5)
        assert (halt.reason, halt.actor, halt.ts_ns) == ("r" * REASON_MAX, "a" * ACTOR_MAX, 5)

    def test_bytes_that_are_no_text_become_marks(self):
        assert new_halt("no \udcff text", "\udc80", 5) == Halt(
            reason="no ? text", actor="?", ts_ns=5
        )

    @given(st.text(), st.text(), st.integers(0, 2**63 - 1))
    def test_whatever_is_typed_fits_and_comes_back(self, tmp_path_factory, reason, actor, ts_ns):
        path = tmp_path_factory.mktemp("flag") / "halt.flag"
        with opened(path) as flag:
            flag.set(new_halt(reason, actor, ts_ns))
            flag.keep()
            assert read(path) == flag.halt

    def test_the_widest_words_fit(self, path):
        with opened(path) as flag:
            flag.set(new_halt("\0" * REASON_MAX, "\0" * ACTOR_MAX, 2**63 - 1))
            flag.keep()
            assert read(path) == flag.halt
