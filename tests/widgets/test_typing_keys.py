"""Goal: letters and digits begin a name, whatever else is held does not."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from widgets.typing_keys import begins_name

NONE = Qt.KeyboardModifier.NoModifier


@pytest.mark.parametrize(
    ("key", "modifiers", "text", "typed"),
    [
        (Qt.Key.Key_M, NONE, "m", "M"),
        (Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier, "M", "M"),
        (Qt.Key.Key_5, NONE, "5", "5"),
        (Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier, "\r", ""),
        (Qt.Key.Key_M, Qt.KeyboardModifier.AltModifier, "m", ""),
        (Qt.Key.Key_Return, NONE, "\r", ""),
        (Qt.Key.Key_Left, NONE, "", ""),
        (Qt.Key.Key_Space, NONE, " ", ""),
        (Qt.Key.Key_Adiaeresis, NONE, "ä", ""),
    ],
)
def test_letters_and_digits_only(key, modifiers, text, typed):
    assert begins_name(QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text)) == typed
