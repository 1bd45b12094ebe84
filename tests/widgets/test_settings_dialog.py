"""Goal: a setting is found, changed and taken back by keys; what cannot be is said."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.config import load_config
from app.settings import Settings
from widgets.screen import Screen, read_screen
from widgets.settings_dialog import SettingsDialog

KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tradedeck.toml"


@pytest.fixture
def dialog(qtbot: QtBot, path) -> SettingsDialog:
    made = SettingsDialog(None, Settings(path), path.with_name("screen.json"))  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def enter(qtbot, dialog, typed: str) -> None:
    dialog.value.selectAll()
    qtbot.keyClicks(dialog.value, typed)
    qtbot.keyClick(dialog.value, KEY.Key_Return)


def test_a_value_is_found_changed_and_taken_back(qtbot, dialog, path):
    dialog.grab()
    qtbot.keyClicks(dialog.search, "on its way")
    assert dialog.row.name == "exchange.latency.median_ms"
    enter(qtbot, dialog, "25")
    assert load_config(path).exchange.latency.median_ms == 25.0
    assert dialog.said.text() == (
        "exchange.latency.median_ms is 25.0 now. It holds from the next start"
    )
    qtbot.mouseClick(dialog.reset, LEFT)
    assert load_config(path) == load_config()
    assert not dialog.reset.isEnabled()


def test_what_is_no_value_is_refused_beside_the_field(qtbot, dialog, path):
    qtbot.keyClicks(dialog.search, "symbols_max")
    enter(qtbot, dialog, "many")
    assert dialog.said.text() == (
        "limits.symbols_max was 'many', must be a whole number; nothing changed"
    )
    assert not path.exists()
    assert dialog.isVisible()


def test_nothing_found_is_said(qtbot, dialog):
    qtbot.keyClicks(dialog.search, "zzz")
    assert dialog.row is None
    assert not dialog.change.isEnabled()
    dialog._change()
    dialog._reset()


def test_colours_and_size_are_kept(dialog, path):
    dialog.palette_box.setCurrentText("light")
    dialog.scale_box.setCurrentText("150 %")
    assert read_screen(path.with_name("screen.json")).screen == Screen("light", 150)
    assert "next start" in dialog.said.text()


def test_a_replay_has_none(qtbot):
    made = SettingsDialog(None, None, None)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    assert made.model.rowCount() == 0
    assert not made.palette_box.isEnabled()
