"""Show that drawings are kept, that every step can be undone, and that no file loses any."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import BadInput
from app.domain.ids import Symbol
from app.files import BYTES_MAX
from widgets.drawings.book import STEPS_MAX, DrawingBook
from widgets.drawings.model import ANCHORS_MAX, COLORS, Drawing
from widgets.drawings.shelf import DRAWINGS_MAX, Shelf

AAPL, MSFT = Symbol("AAPL"), Symbol("MSFT")


def line(key="a", price=100.0, **more):
    return Drawing(key=key, tool="trend line", anchors=((1, price), (2, price + 1)), **more)


DRAWINGS = st.builds(
    line,
    key=st.sampled_from("abcd"),
    price=st.floats(1, 1_000),
    color=st.sampled_from([role.name for role in COLORS]),
    width=st.integers(1, 6),
    is_locked=st.booleans(),
    text=st.text(max_size=20),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), DRAWINGS),
        st.tuples(st.just("remove"), st.sampled_from("abcd")),
        st.tuples(st.just("clear"), st.none()),
        st.tuples(st.just("lock_all"), st.booleans()),
    ),
    max_size=12,
)


def do(book, step, value):
    if step == "lock_all":
        book.lock_all(AAPL, on=value)
    elif step == "clear":
        book.clear(AAPL)
    else:
        getattr(book, step)(AAPL, value)


@given(steps=STEPS)
def test_undone_step_by_step_it_is_what_it_was_and_redone_what_it_is(steps):
    book, seen = DrawingBook(), [()]
    for step, value in steps:
        do(book, step, value)
        if book.of(AAPL) != seen[-1]:
            seen.append(book.of(AAPL))
    for state in reversed(seen[:-1]):
        assert book.undo(AAPL)
        assert book.of(AAPL) == state
    assert not book.undo(AAPL)
    for state in seen[1:]:
        assert book.redo(AAPL)
        assert book.of(AAPL) == state
    assert not book.redo(AAPL)


@given(steps=STEPS)
def test_what_is_read_again_is_what_was_written(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("drawings")
    book = DrawingBook(Shelf(folder))
    for step, value in steps:
        do(book, step, value)
    other = DrawingBook(Shelf(folder))
    assert other.of(AAPL) == book.of(AAPL)
    assert other.notice == ""


def test_a_step_after_an_undo_ends_what_could_be_redone():
    book = DrawingBook()
    book.put(AAPL, line("a"))
    book.undo(AAPL)
    book.put(AAPL, line("b"))
    assert not book.redo(AAPL)


def test_steps_have_a_bound():
    book = DrawingBook()
    for number in range(STEPS_MAX + 50):
        book.put(AAPL, line("a", price=float(number)))
    undone = 0
    while book.undo(AAPL):
        undone += 1
    assert undone == STEPS_MAX


def test_symbols_have_their_own():
    book = DrawingBook()
    book.put(AAPL, line())
    assert book.of(MSFT) == ()
    assert not book.undo(MSFT)


def test_a_copy_is_another_and_is_not_locked():
    book = DrawingBook()
    book.put(AAPL, line(is_locked=True))
    copy = book.copy(AAPL, book.of(AAPL)[0])
    assert len(book.of(AAPL)) == 2
    assert copy.key != "a"
    assert not copy.is_locked


def test_there_is_a_bound():
    book = DrawingBook()
    for number in range(DRAWINGS_MAX):
        book.put(AAPL, line(f"{number}"))
    with pytest.raises(BadInput, match="has 500 drawings, the most"):
        book.put(AAPL, line("one more"))
    book.put(AAPL, line("3", price=7.0))  # Changing one is no other one.
    assert len(book.of(AAPL)) == DRAWINGS_MAX


@pytest.mark.parametrize(
    "wrong",
    [
        {"anchors": ()},
        {"anchors": ((1, 1.0),) * (ANCHORS_MAX + 1)},
        {"anchors": ((1, float("nan")),)},
        {"anchors": ((2**70, 1.0),)},
        {"color": "infrared"},
        {"width": 0},
        {"width": 99},
        {"text": "x" * 1_000},
    ],
)
def test_what_is_no_drawing_is_refused(wrong):
    book = DrawingBook()
    with pytest.raises(BadInput, match="the drawing is not kept"):
        book.put(AAPL, msgspec.structs.replace(line(), **wrong))
    assert book.of(AAPL) == ()


class TestFiles:
    def test_a_broken_file_is_set_aside_and_said(self, tmp_path):
        path = tmp_path / "AAPL.json"
        for content in (b"{", b"[]", b'{"version": 99}', b"x" * (BYTES_MAX + 1)):
            path.write_bytes(content)
            book = DrawingBook(Shelf(tmp_path))
            assert book.of(AAPL) == ()
            assert "kept as AAPL.json.broken" in book.notice
            assert (tmp_path / "AAPL.json.broken").read_bytes() == content
            assert not path.exists()

    def test_entries_that_are_none_of_ours_are_written_back(self, tmp_path):
        good = json.loads(msgspec.json.encode(line()))
        strange = [
            {"key": "z", "tool": "of tomorrow", "anchors": [[1, 2.0]], "depth": 3},
            {**good, "anchors": []},
            {**good, "anchors": [[1, 2.0]]},
            {**good, "color": "infrared"},
            7,
        ]
        path = tmp_path / "AAPL.json"
        path.write_text(json.dumps({"version": 1, "drawings": [good, *strange]}))
        book = DrawingBook(Shelf(tmp_path))
        assert [it.key for it in book.of(AAPL)] == ["a"]
        assert book.notice == "5 drawings of AAPL are not known here; they are kept"
        book.put(AAPL, line("b"))
        kept = json.loads(path.read_text())["drawings"]
        assert kept[2:] == strange
        assert [it["key"] for it in kept[:2]] == ["a", "b"]

    def test_a_folder_that_cannot_be_written_is_said_and_the_drawing_stays(self, tmp_path):
        (tmp_path / "drawings").write_text("a file, no folder")
        book = DrawingBook(Shelf(tmp_path / "drawings"))
        book.put(AAPL, line())
        assert book.notice.startswith("The drawings of AAPL are not saved")
        assert len(book.of(AAPL)) == 1

    @pytest.mark.parametrize("symbol", ["BRK.B", "A/B", "../up", "CON", "Ä"])
    def test_any_symbol_has_a_file_in_the_folder(self, tmp_path, symbol):
        folder = tmp_path / "drawings"
        DrawingBook(Shelf(folder)).put(Symbol(symbol), line())
        assert len(list(folder.iterdir())) == 1
        assert DrawingBook(Shelf(folder)).of(Symbol(symbol)) == (line(),)
