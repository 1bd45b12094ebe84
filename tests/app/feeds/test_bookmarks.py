"""Goal: a bookmark survives, belongs to its recording, and a broken file costs nothing.

Method: real files; every bound at its edge.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.domain.errors import BadInput
from app.feeds.bookmarks import MARKS_MAX, NAME_CHARS_MAX, RECORDINGS_MAX, Bookmark, Bookmarks

START_NS = 1_381_239_000_000_000_000
SECOND_NS = 1_000_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "profile" / "bookmarks.json"


def of(path: Path, name: str = "IBM.csv", start_ns: int = START_NS) -> Bookmarks:
    return Bookmarks(path, name=name, start_ns=start_ns)


def at(second: int) -> int:
    return START_NS + second * SECOND_NS


def test_they_come_back_in_order_of_time(path: Path) -> None:
    marks = of(path)
    assert not marks.marks
    marks.add(at(20), "  the \n halt ")
    marks.add(at(10), "breakout")
    expected = (Bookmark(ts_ns=at(10), name="breakout"), Bookmark(ts_ns=at(20), name="the halt"))
    assert marks.marks == expected
    assert of(path).marks == expected
    assert json.loads(path.read_text())["version"] == 1


def test_each_change_is_seen_by_its_number(path: Path) -> None:
    marks = of(path)
    before = marks.version
    marks.add(at(1), "a")
    marks.remove(at(1))
    assert marks.version > before + 1
    assert marks.marks == of(path).marks == ()


def test_a_moment_has_one_name(path: Path) -> None:
    marks = of(path)
    marks.add(at(1), "first thought")
    marks.add(at(1), "second thought")
    assert [mark.name for mark in marks.marks] == ["second thought"]


@pytest.mark.parametrize(("name", "start_ns"), [("MSFT.csv", START_NS), ("IBM.csv", START_NS + 1)])
def test_another_recording_has_its_own(path: Path, name: str, start_ns: int) -> None:
    of(path).add(at(1), "mine")
    other = of(path, name, start_ns)
    assert other.marks == ()
    other.add(at(2), "other")
    assert [mark.name for mark in of(path).marks] == ["mine"]


def test_what_another_window_added_meanwhile_is_kept(path: Path) -> None:
    one, two = of(path), of(path)
    one.add(at(1), "one")
    two.add(at(2), "two")
    assert [mark.name for mark in two.marks] == ["one", "two"]


@pytest.mark.parametrize("name", ["", "  ", "x" * (NAME_CHARS_MAX + 1)])
def test_a_name_is_a_short_line(path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="must have 1 to"):
        of(path).add(at(1), name)
    assert not path.exists()


def test_a_recording_has_so_many_and_no_more(path: Path) -> None:
    marks = of(path)
    for number in range(MARKS_MAX):
        marks.add(at(number), "x" * NAME_CHARS_MAX)
    with pytest.raises(BadInput, match="remove one first"):
        marks.add(at(MARKS_MAX), "one more")
    marks.add(at(0), "a new name is none more")
    assert len(of(path).marks) == MARKS_MAX


def test_the_recording_marked_least_recently_goes_first(path: Path) -> None:
    for number in range(RECORDINGS_MAX):
        of(path, f"{number}.csv").add(at(1), "x")
    of(path, "0.csv").add(at(2), "again")
    of(path, "new.csv").add(at(1), "x")
    assert of(path, "1.csv").marks == ()
    assert len(of(path, "0.csv").marks) == 2
    assert of(path, "new.csv").marks


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"version":2}', b'{"version":1,"recordings":[{"name":1}]}', b"\xff" * 9],
)
def test_a_file_that_cannot_be_read_is_set_aside_and_said(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    marks = of(path)
    assert marks.marks == ()
    assert "it is kept as bookmarks.json.broken" in marks.notice
    assert path.with_name("bookmarks.json.broken").read_bytes() == content
    marks.add(at(1), "anew")
    assert of(path).notice == ""


def test_a_file_that_is_too_large_is_none_of_ours(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of(path).add(at(1), "x")
    monkeypatch.setattr("app.files.BYTES_MAX", 10)
    assert "over 10 bytes" in of(path).notice


def test_what_cannot_be_written_changes_nothing(path: Path) -> None:
    path.parent.write_text("a file where the folder should be")
    marks = of(path)
    with pytest.raises(BadInput, match="cannot be written"):
        marks.add(at(1), "x")
    assert marks.marks == ()
