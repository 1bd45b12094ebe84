"""Goal: a bug report can say what the program was made of."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app import __version__
from widgets.about_dialog import AboutDialog

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_versions_and_licences_are_told_and_copied(qtbot: QtBot) -> None:
    dialog = AboutDialog(None)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    words = QGuiApplication.clipboard().text()
    assert words.startswith(f"Tradedeck {__version__}, Apache-2.0")
    assert "Qt 6.11" in words
    assert "numpy" in words
    assert "LGPL" in words or "PySide6-Essentials" in words
