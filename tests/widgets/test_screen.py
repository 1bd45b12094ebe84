"""Goal: a chosen palette and scale come back, and a broken file never stops the start."""

from __future__ import annotations

import os

import pytest

from widgets.palettes import PALETTES
from widgets.screen import PALETTE_NAMES, Screen, read_screen, scale_everything, write_screen


def test_the_names_are_those_of_the_palettes():
    assert tuple(PALETTES) == PALETTE_NAMES


def test_what_was_chosen_comes_back(tmp_path):
    path = tmp_path / "deep" / "screen.json"
    assert read_screen(path).screen == Screen()
    assert write_screen(path, Screen("light", 150)) == ""
    assert read_screen(path).screen == Screen("light", 150)
    assert read_screen(path).notice == ""


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"version": 2, "palette": "dark", "scale": 100}',
        '{"version": 1, "palette": "pink", "scale": 100}',
        '{"version": 1, "palette": "dark", "scale": 1000}',
        '{"version": 1, "palette": "dark", "scale": "100"}',
    ],
)
def test_a_broken_file_is_put_aside_and_said(tmp_path, content):
    path = tmp_path / "screen.json"
    path.write_text(content)
    read = read_screen(path)
    assert read.screen == Screen()
    assert "screen.json.broken" in read.notice


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    assert "not saved" in write_screen(tmp_path / "file" / "screen.json", Screen())


def test_the_scale_is_told_to_qt_unless_somebody_did(monkeypatch):
    monkeypatch.delenv("QT_SCALE_FACTOR", raising=False)
    scale_everything(Screen())
    with monkeypatch.context() as set_by_us:
        set_by_us.setenv("QT_SCALE_FACTOR", "1.25")
        scale_everything(Screen(scale=200))
        assert os.environ["QT_SCALE_FACTOR"] == "1.25"
    environment: dict[str, str] = {}
    monkeypatch.setattr(os, "environ", environment)
    scale_everything(Screen(scale=150))
    assert environment == {"QT_SCALE_FACTOR": "1.5"}
