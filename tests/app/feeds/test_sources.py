"""Show that a file is opened as what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.errors import BadInput
from app.feeds.recording import MAGIC, ChunkPacker, Head, Recording, frame
from app.feeds.sources import FORMATS, open_source
from app.feeds.tickfile import TickFile
from tests.samples import IBM, NOW_NS, quote

HEAD = Head(version=1, feed="builtin", started_ns=NOW_NS, program="0.1")


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    path = tmp_path / "day.tdr"
    path.write_bytes(MAGIC + frame(HEAD) + ChunkPacker().pack([quote()]))
    return path


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "IBM.csv"
    path.write_text(
        "time,price,size\n2026-11-23T09:30:00,100,5\nx,y,z\n" + "2026-11-23T09:30:01,100,5\n" * 200
    )
    return path


@pytest.mark.parametrize("fmt", [None, "recording"])
def test_recording_is_known_by_its_beginning_whatever_its_name(
    recorded: Path, fmt: str | None
) -> None:
    opened = open_source(recorded.rename(recorded.with_suffix(".csv")), fmt)
    assert isinstance(opened, Recording)
    assert opened.symbols == [IBM]


@pytest.mark.parametrize("fmt", [None, "csv"])
def test_text_is_read_as_ticks_and_its_bad_lines_are_told(text: Path, fmt: str | None) -> None:
    opened = open_source(text, fmt, bad_lines_max=1)
    assert isinstance(opened, TickFile)
    assert (opened.symbols, opened.notes) == ([IBM], [])
    list(opened)
    first, second = opened.notes
    assert first == "1 of 202 lines are bad and were left out:"
    assert second.startswith("  line 3: ")


def test_more_bad_lines_than_are_told_are_counted(text: Path) -> None:
    text.write_text(text.read_text() + "a,b,c\n")
    opened = open_source(text, bad_lines_max=1)
    list(opened)
    assert opened.notes[-1] == "  and 1 more"


@pytest.mark.parametrize(
    ("name", "fmt", "words"),
    [
        ("day.tdr", "csv", "day.tdr"),
        ("IBM.csv", "recording", "IBM.csv: is no recording; nothing was replayed"),
        ("IBM.csv", "parquet", f'format "parquet" is not known; formats are {", ".join(FORMATS)}'),
    ],
)
def test_what_it_is_not_is_said(
    recorded: Path, text: Path, name: str, fmt: str, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        open_source(recorded.with_name(name), fmt)
