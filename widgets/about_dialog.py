"""What this program is made of: versions and licences, to read and to copy."""

from __future__ import annotations

import platform
import re
from importlib import metadata
from typing import Final

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app import __version__
from widgets import theme

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


class AboutDialog(QDialog):
    """A text that can be selected, and a button that copies it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Tradedeck")
        self.words: Final = QPlainTextEdit(about_words(), self)
        self.words.setReadOnly(True)
        self.words.setFont(theme.figure_font())
        self.words.setAccessibleName("Versions and licences")
        self.copy: Final = QPushButton("Copy", self)
        self.copy.clicked.connect(
            lambda _on=False: QGuiApplication.clipboard().setText(self.words.toPlainText())
        )
        close = QPushButton("Close", self)
        close.setDefault(True)
        close.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self.copy)
        row.addStretch()
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.addWidget(self.words)
        column.addLayout(row)
        self.resize(560, 460)


def about_words() -> str:
    """Return the versions of everything, with the licence of each part."""
    lines = [
        f"Tradedeck {__version__}, Apache-2.0",
        f"Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}",
        "",
        "Made with",
    ]
    try:
        required = metadata.requires("tradedeck") or []
    except metadata.PackageNotFoundError:
        required = []
    for requirement in sorted(required, key=str.lower):
        found = _NAME.match(requirement)
        if found is not None and "extra ==" not in requirement:
            lines.append(f"  {_part(found[0])}")
    return "\n".join(lines)


def _part(name: str) -> str:
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return f"{name}: not there"
    licences = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier") or []
        if line.startswith("License")
    ]
    stated = about["License-Expression"] or ", ".join(licences) or about["License"] or "see there"
    return f"{name} {about['Version']}, {stated.splitlines()[0][:70]}"
