"""Strokes to the screen: one array and one call a stroke.

Rectangles go as whole numbers: Qt fills those two to three times as fast as rectangles of floats.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import numpy as np
import shiboken6
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPixmap, QStaticText, QTransform

from widgets import theme
from widgets.plot.scale import Floats
from widgets.plot.styles import DOWN_FAINT, UP_FAINT, Paint, Shape, Skyline, Stroke

WORDS_MAX: Final = 1_024
"""Texts kept laid out: those of the axes of many charts."""


class Ink:
    """Paints strokes; owns the memory that Qt reads them from."""

    def __init__(self) -> None:
        self._rects = _Rects()
        self._lines: Any = PrimitiveArray(QLineF, 4)

    def draw(self, painter: QPainter, strokes: Iterable[Stroke]) -> None:
        """Draw, in order."""
        for stroke in strokes:
            color = color_of(stroke.paint)
            if stroke.shape in (Shape.LINES, Shape.SMOOTH):
                is_smooth = stroke.shape is Shape.SMOOTH
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=is_smooth)
                self._draw_lines(painter, color, stroke.rows)
                continue
            is_filled = stroke.shape is not Shape.FRAMES
            painter.setPen(Qt.PenStyle.NoPen if is_filled else color)
            painter.setBrush(color if is_filled else Qt.BrushStyle.NoBrush)
            painter.drawRects(*self._rects.hold(stroke.rows))

    def draw_skyline(self, painter: QPainter, skyline: Skyline | None) -> None:
        """Draw columns as one picture."""
        if skyline is None or not (highest := int(skyline.heights.max())):
            return
        up, down = color_of(UP_FAINT).rgba(), color_of(DOWN_FAINT).rgba()
        colors = np.where(skyline.rising, np.uint32(up), np.uint32(down))
        # Small numbers are compared four times as fast.
        rows = np.arange(highest, 0, -1, dtype=np.int16)[:, None]
        pixels = (rows <= skyline.heights.astype(np.int16)) * colors
        image = QImage(
            pixels.data,
            pixels.shape[1],
            highest,
            QImage.Format.Format_ARGB32_Premultiplied,
        )
        painter.drawImage(skyline.left, skyline.bottom - highest, image)

    def _draw_lines(self, painter: QPainter, color: QColor, rows: Floats) -> None:
        self._lines.resize(len(rows))
        self._lines.ndarray()[:] = rows
        painter.setPen(color)
        painter.drawLines(*self._lines.drawargs())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


class _Rects:
    """An array of QRect: left, top, right and bottom, the last two inclusive."""

    def __init__(self) -> None:
        self._memory = np.empty((0, 4), np.int32)
        self._first: Any = None

    def hold(self, rows: Floats) -> tuple[Any, int]:
        """Take x, y, width, height; return what `drawRects` wants."""
        count = len(rows)
        if count > len(self._memory):
            self._memory = np.empty((count + count // 2, 4), np.int32)
            self._first = shiboken6.wrapInstance(self._memory.ctypes.data, QRect)
        corners = self._memory[:count]
        np.copyto(corners[:, :2], rows[:, :2], casting="unsafe")
        np.copyto(corners[:, 2:], rows[:, :2] + rows[:, 2:] - 1.0, casting="unsafe")
        return self._first, count


def color_of(paint: Paint) -> QColor:
    """Return a colour; shared, not to be changed."""
    role, share = paint
    return theme.color(role) if share >= 1.0 else theme.tint(role, share)


def draw_dots(painter: QPainter, y: int, width: int, color: QColor) -> None:
    """Draw a dotted line across; a pen with dots costs ten times as much."""
    painter.drawPixmap(0, y, _dots(width, color.rgba()))


@lru_cache(64)
def _dots(width: int, rgba: int) -> QPixmap:
    pixels = np.zeros((1, max(1, width)), np.uint32)
    pixels[0, ::3] = rgba
    image = QImage(
        pixels.data,
        pixels.shape[1],
        1,
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    return QPixmap.fromImage(image.copy())


def draw_words(painter: QPainter, x: int, y: int, words: str) -> None:
    """Draw words in the painter's font, laid out once; `x`, `y` are the left upper corner."""
    painter.drawStaticText(QPoint(x, y), _laid_out(words, painter.font().key()))


@lru_cache(WORDS_MAX)
def _laid_out(words: str, font_key: str) -> QStaticText:
    laid_out = QStaticText(words)
    laid_out.setTextFormat(Qt.TextFormat.PlainText)
    laid_out.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    font = QFont()
    font.fromString(font_key)
    laid_out.prepare(QTransform(), font)
    return laid_out
