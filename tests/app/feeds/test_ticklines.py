"""Goal: any file gives its lines or one clear sentence."""

from __future__ import annotations

import gzip

import pytest

from app.domain.errors import BadInput
from app.feeds import ticklines
from app.feeds.ticklines import CutOff, read_lines


def lines_of(path):
    return [line for piece in read_lines(path) for line in piece]


def written(tmp_path, content, name="ticks.csv"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"a\nb\n", ["a", "b"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"a\nb", ["a", "b"]),
        (b"\xef\xbb\xbfa\nb\n", ["a", "b"]),
        (b"a\n\nb\n", ["a", "", "b"]),
        (b"a\nb\xff\n", ["a", "b\ufffd"]),
        ("a\u2028b\x0bc\n".encode(), ["a\u2028b\x0bc"]),
        (b"", []),
    ],
    ids=["unix", "windows", "no last end", "mark", "blank", "bad bytes", "odd ends", "empty"],
)
def test_lines(tmp_path, content, lines):
    assert lines_of(written(tmp_path, content)) == lines


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1_000])
def test_pieces_do_not_show(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(ticklines, "CHUNK_BYTES", chunk)
    content = "\n".join(f"zeile {number} äöü€" for number in range(50))
    assert lines_of(written(tmp_path, content.encode())) == content.split("\n")


@pytest.mark.parametrize("name", ["ticks.csv.gz", "ticks.csv"])
def test_compression_is_told_by_content_not_by_name(tmp_path, name):
    assert lines_of(written(tmp_path, gzip.compress(b"a\nb\n"), name)) == ["a", "b"]
    assert lines_of(written(tmp_path, b"a\nb\n", name)) == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\x00\x01\x02", "is binary"),
        ("price,size\n".encode("utf-16"), "is binary"),
        (gzip.compress(bytes(range(256)) * 2_000)[:-20], "is binary|cut off"),
        (gzip.compress(b"a\n" * 5_000)[:20], "was cut off: its compressed part ends after line"),
        (gzip.compress(b"a\n")[:-1] + b"x", "damaged after line"),
        (b"\x1f\x8bnot gzip at all", "damaged after line 0"),
    ],
    ids=["zeros", "utf-16", "binary gz", "cut gz", "wrong sum", "no gz"],
)
def test_no_text(tmp_path, content, sentence):
    with pytest.raises(BadInput, match=sentence):
        lines_of(written(tmp_path, content))


def test_every_whole_line_before_a_cut_is_given(tmp_path):
    lines = [str(number) for number in range(100_000)]
    packed = gzip.compress("\n".join(lines).encode())
    pieces = read_lines(written(tmp_path, packed[: len(packed) // 2]))
    seen = []
    with pytest.raises(CutOff):
        seen.extend(line for piece in pieces for line in piece)
    assert len(seen) > 10_000
    assert seen == lines[: len(seen)]


def test_a_line_without_end_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(ticklines, "LINE_BYTES_MAX", 1_000)
    monkeypatch.setattr(ticklines, "CHUNK_BYTES", 100)
    with pytest.raises(BadInput, match="line 2 is over 1,000 bytes"):
        lines_of(written(tmp_path, b"a\n" + b"x" * 5_000))


def test_what_cannot_be_opened(tmp_path):
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        lines_of(tmp_path / "none.csv")
    with pytest.raises(BadInput, match="cannot be read"):
        lines_of(tmp_path)
