"""Goal: a layout comes back as it was saved, and a broken file never stops the window."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from widgets.workspace import FIRST, Layout, put_aside, read_layout, write_layout

LAYOUT = Layout(geometry="Zw==", docks="ZA==", symbol="AAPL", panels={"chart": {"interval": "5m"}})


def test_layout_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "layout.json"
    assert write_layout(path, LAYOUT) == ""
    assert read_layout(path).layout == LAYOUT
    assert read_layout(path).notice == ""


def test_without_a_file_it_is_the_first_layout(tmp_path: Path) -> None:
    assert read_layout(tmp_path / "none.json").layout == FIRST


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        json.dumps({"version": 99}),
        json.dumps({"version": 1, "docks": 5}),
        json.dumps({"version": 1, "panels": {"chart": 1}}),
        "\x00",
    ],
)
def test_broken_file_is_put_aside_and_said(tmp_path: Path, content: str) -> None:
    path = tmp_path / "layout.json"
    path.write_text(content, encoding="utf-8")
    restored = read_layout(path)
    assert restored.layout == FIRST
    assert "layout.json.broken" in restored.notice
    assert not path.exists()
    assert (tmp_path / "layout.json.broken").read_text(encoding="utf-8") == content


def test_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    assert "not saved" in write_layout(blocked / "layout.json", LAYOUT)
    assert "nor set aside" in put_aside(tmp_path / "none.json", "reason")
