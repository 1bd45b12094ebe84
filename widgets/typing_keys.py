"""Which keys begin a name: a letter a symbol, a digit a kind of bars."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


def begins_name(event: QKeyEvent) -> str:
    """Return the letter or digit that a key types; empty if it types none."""
    typed = event.text()
    if event.modifiers() & _MODIFIERS or len(typed) != 1 or not typed.isascii():
        return ""
    return typed.upper() if typed.isalpha() else typed if typed.isdecimal() else ""
