"""Goal: keys are seen, bound otherwise at once, and printed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from widgets.actions import ACTIONS
from widgets.keymap import Keymap
from widgets.keys_dialog import KeysDialog, sheet_of, write_sheet

KEY = Qt.Key

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def keymap(tmp_path) -> Keymap:
    return Keymap(tmp_path / "keys.json")


@pytest.fixture
def dialog(qtbot: QtBot, keymap: Keymap) -> KeysDialog:
    told: list[bool] = []
    made = KeysDialog(None, keymap, lambda: told.append(True))  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.told = told  # type: ignore[attr-defined]
    return made


def test_every_action_is_there_and_found_by_word_or_key(qtbot, dialog):
    assert dialog.model.rowCount() > len(ACTIONS)
    dialog.grab()
    qtbot.keyClicks(dialog.search, "cancel buys")
    assert [row.name for row in map(dialog.model.row, range(dialog.model.rowCount()))] == [
        "orders.cancel_buys"
    ]
    dialog.search.clear()
    qtbot.keyClicks(dialog.search, "ctrl+k")
    assert dialog.row.name == "palette.open"


def test_keys_are_pressed_and_bound(qtbot, dialog, keymap):
    qtbot.keyClicks(dialog.search, "cancel all buys")
    assert not dialog.bind.isEnabled()
    qtbot.keyClick(dialog.press, KEY.Key_F9)
    qtbot.mouseClick(dialog.bind, Qt.MouseButton.LeftButton)
    assert keymap.shortcut("orders.cancel_buys") == "F9"
    assert dialog.row.keys == "F9"
    assert dialog.told == [True]
    qtbot.mouseClick(dialog.clear, Qt.MouseButton.LeftButton)
    assert keymap.shortcut("orders.cancel_buys") == ""
    assert not dialog.reset.isEnabled()


def test_a_key_that_is_taken_is_refused_in_words(qtbot, dialog, keymap):
    qtbot.keyClicks(dialog.search, "export cash")
    qtbot.keyClick(dialog.press, KEY.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.mouseClick(dialog.bind, Qt.MouseButton.LeftButton)
    assert dialog.said.text() == "Ctrl+K is taken by 'Do anything…'; nothing changed"
    assert keymap.shortcut("export.cash") == ""
    assert dialog.told == []


def test_what_panels_do_themselves_cannot_be_bound(qtbot, dialog):
    qtbot.keyClicks(dialog.search, "middle")
    assert not dialog.press.isEnabled()
    assert "cannot be bound" in dialog.said.text()


def test_the_sheet_names_every_action_with_a_key(qtbot, dialog, keymap, tmp_path):
    sheet = sheet_of(keymap)
    for spec in ACTIONS:
        if spec.shortcut:
            assert spec.text.removesuffix("…") in sheet
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    (asked,) = dialog.findChildren(QFileDialog)
    asked.fileSelected.emit(str(tmp_path / "keys.pdf"))
    asked.close()
    assert (tmp_path / "keys.pdf").read_bytes().startswith(b"%PDF")
    asked.fileSelected.emit(str(tmp_path / "no" / "keys.pdf"))
    assert "not saved" in dialog.said.text()
    with pytest.raises(OSError, match="no"):
        write_sheet(keymap, str(tmp_path / "no" / "keys.pdf"))
