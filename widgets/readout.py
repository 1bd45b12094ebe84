"""A figure with its name over it."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets import text, theme
from widgets.palettes import Role


class Readout(QWidget):
    """A caption over a value, painted here: no layout runs when the value changes."""

    def __init__(self, caption: str, width_px: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.caption = caption
        self.value = text.DASH
        self.role = Role.TEXT
        self._width_px = width_px
        self._font = theme.figure_font(13, QFont.Weight.Medium)
        self.setFixedWidth(width_px)
        self.setAccessibleName(caption)

    def set_compact(self, *, compact: bool) -> None:
        """Take less room in a narrow window."""
        self._font = theme.figure_font(12 if compact else 13, QFont.Weight.Medium)
        self.setFixedWidth(round(self._width_px * 0.92) if compact else self._width_px)
        self.update()

    def show_value(self, value: str, role: Role = Role.TEXT) -> None:
        """Show a value; nothing is painted if it is the same."""
        if (value, role) != (self.value, self.role):
            self.value, self.role = value, role
            self.setAccessibleDescription(value)
            self.update()

    def show_caption(self, caption: str) -> None:
        """Change the words over the value."""
        if caption != self.caption:
            self.caption = caption
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002  Qt's name.
        """Draw both lines."""
        painter = QPainter(self)
        painter.setFont(theme.text_font(theme.SMALL_PX))
        painter.setPen(theme.color(Role.DIM))
        painter.drawText(QRect(0, 5, self.width(), 15), theme.ALIGN_LEFT, self.caption)
        painter.setFont(self._font)
        painter.setPen(theme.color(self.role))
        painter.drawText(QRect(0, 21, self.width(), 18), theme.ALIGN_LEFT, self.value)
        painter.end()
