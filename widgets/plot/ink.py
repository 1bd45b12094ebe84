"""Strokes to the screen: one array and one call a stroke."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from widgets import theme
from widgets.plot.styles import Paint, Shape, Stroke

SMOOTH_MAX: Final = 600
"""Segments of a line up to which it is smoothed: more are too short for it to show."""


class Ink:
    """Paints strokes; owns the memory that Qt reads them from."""

    def __init__(self) -> None:
        self._rects: Any = PrimitiveArray(QRectF, 4)
        self._lines: Any = PrimitiveArray(QLineF, 4)

    def draw(self, painter: QPainter, strokes: Iterable[Stroke]) -> None:
        """Draw, in order."""
        for stroke in strokes:
            color = color_of(stroke.paint)
            if stroke.shape is Shape.RECTS:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color)
                painter.drawRects(*_filled(self._rects, stroke))
            elif stroke.shape is Shape.FRAMES:
                painter.setPen(color)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRects(*_filled(self._rects, stroke))
            else:
                painter.setPen(color)
                is_smooth = len(stroke.rows) <= SMOOTH_MAX
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=is_smooth)
                painter.drawLines(*_filled(self._lines, stroke))
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def color_of(paint: Paint) -> QColor:
    """Return a colour; shared, not to be changed."""
    role, share = paint
    return theme.color(role) if share >= 1.0 else theme.tint(role, share)


def _filled(array: Any, stroke: Stroke) -> tuple[Any, ...]:  # noqa: ANN401  pyqtgraph has no types.
    array.resize(len(stroke.rows))
    array.ndarray()[:] = stroke.rows
    drawargs: tuple[Any, ...] = array.drawargs()
    return drawargs
