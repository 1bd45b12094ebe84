"""Anchors survive power cuts and admit no contradiction: a file of lines, written and read back."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from app.audit.anchors import Anchor, anchors_path, read_anchors, write_anchor

A, B, C = "aa" * 32, "bb" * 32, "cc" * 32


def test_anchors_are_read_back_in_order(tmp_path: Path) -> None:
    written = [Anchor(1, A, 5), Anchor(1_000, B, 6), Anchor(1_000, B, 7)]
    for anchor in written:
        write_anchor(tmp_path / "audit.db", anchor)
    assert read_anchors(tmp_path / "audit.db") == written


def test_no_file_means_no_anchors(tmp_path: Path) -> None:
    assert read_anchors(tmp_path / "audit.db") == []


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_only_the_owner_may_read_anchors(tmp_path: Path) -> None:
    write_anchor(tmp_path / "audit.db", Anchor(1, A, 5))
    mode = anchors_path(tmp_path / "audit.db").stat().st_mode
    assert stat.S_IMODE(mode) & 0o077 == 0


@pytest.mark.parametrize("kept", [1, 30, 66, 75])
def test_half_written_last_line_is_left_out_and_then_replaced(tmp_path: Path, kept: int) -> None:
    log = tmp_path / "audit.db"
    write_anchor(log, Anchor(1, A, 5))
    torn = f"2 {B} 12345678".encode()[:kept]
    with anchors_path(log).open("ab") as file:
        file.write(torn)
    assert read_anchors(log) == [Anchor(1, A, 5)]
    write_anchor(log, Anchor(3, C, 7))
    assert read_anchors(log) == [Anchor(1, A, 5), Anchor(3, C, 7)]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x",
        f"1 {A}",
        f"1 {A} 5 6",
        f"-1 {A} 5",
        f"0 {A} 5",
        f"1 {A} 5\r",
        f"1 {A[:-1]} 5",
        f"1 {A.upper()} 5",
        f"1 {A} 5\x00",
        f"1\xb2 {A} 5",
        f"{'9' * 5_000} {A} 5",
    ],
    ids=lambda line: line[:6] + str(len(line)),
)
def test_line_that_is_no_anchor_is_named(tmp_path: Path, line: str) -> None:
    text = f"1 {A} 5\n{line}\n"
    anchors_path(tmp_path / "audit.db").write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match=r"^line 2 of audit\.anchors is not an anchor$"):
        read_anchors(tmp_path / "audit.db")


@pytest.mark.parametrize("line", [f"2 {B} 6", f"3 {C} 6"], ids=["goes back", "another hash"])
def test_line_that_contradicts_the_one_before_is_named(tmp_path: Path, line: str) -> None:
    anchors_path(tmp_path / "audit.db").write_text(f"3 {A} 5\n{line}\n", "ascii")
    with pytest.raises(ValueError, match=r"^line 2 of audit\.anchors contradicts"):
        read_anchors(tmp_path / "audit.db")
