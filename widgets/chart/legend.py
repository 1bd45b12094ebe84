"""The names of studies on a chart: the right button opens a menu, a double click the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter

from widgets.plot.layer import Frame, Grip, Layer


class LegendLayer(Layer):
    """Takes the mouse on what the legend says of a study; draws nothing itself."""

    def __init__(
        self,
        places: Callable[[], Mapping[str, QRect]],
        open_menu: Callable[[str], None],
        open_form: Callable[[str], None],
    ) -> None:
        """Listen.

        Args:
            places: where each study is told, by its key.
            open_menu: the right button was pressed on a name.
            open_form: a name was pressed twice.
        """
        self._places: Final = places
        self._open_menu: Final = open_menu
        self._open_form: Final = open_form

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Draw nothing."""

    def grip_at(self, at: QPoint, frame: Frame) -> Grip | None:  # noqa: ARG002  The contract's.
        """Return the study that is told under a point."""
        return None if self._key_at(at) is None else _Name()

    def double_click(self, at: QPoint, frame: Frame) -> bool:  # noqa: ARG002  The contract's.
        """Open the settings of a study."""
        key = self._key_at(at)
        if key is not None:
            self._open_form(key)
        return key is not None

    def context(self, at: QPoint, on_screen: QPoint, frame: Frame) -> bool:  # noqa: ARG002
        """Open the menu of a study."""
        key = self._key_at(at)
        if key is not None:
            self._open_menu(key)
        return key is not None

    def _key_at(self, at: QPoint) -> str | None:
        return next((key for key, box in self._places().items() if box.contains(at)), None)


class _Name(Grip):
    """A name under the mouse: a press does nothing yet, for it may be one of two."""

    cursor = Qt.CursorShape.PointingHandCursor

    def drag(self, at: QPoint, frame: Frame) -> None:
        """Nothing moves."""

    def drop(self, at: QPoint, frame: Frame) -> None:
        """Nothing happens."""

    def cancel(self) -> None:
        """Nothing was done."""
