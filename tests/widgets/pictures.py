"""What a test sees of a widget: its picture, the colours in it, and how often it was painted."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from widgets import theme
from widgets.palettes import Role


class Paints(QObject):
    """Counts how often a widget is painted from now on."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        QApplication.processEvents()  # What was waiting to be painted is not counted.
        self._count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name.
        self._count += event.type() == QEvent.Type.Paint
        return False

    @property
    def count(self) -> int:
        """Paintings so far; none is waiting."""
        QApplication.processEvents()
        return self._count


def picture(widget: QWidget) -> QImage:
    """Return how a widget looks."""
    return widget.grab().toImage()


def count_of(image: QImage, role: Role) -> int:
    """Return how many pixels have exactly the colour of a role."""
    wanted = int(theme.hex_of(role).removeprefix("#"), 16)
    opaque = image.convertToFormat(QImage.Format.Format_RGB32)  # Its bits live as long as it.
    pixels = memoryview(opaque.constBits()).cast("B").cast("I").tolist()
    return pixels.count(0xFF_00_00_00 | wanted)
