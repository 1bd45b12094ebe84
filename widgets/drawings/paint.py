"""Shapes to the screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from widgets import theme
from widgets.drawings.geometry import Box, clipped, segments, words_box
from widgets.drawings.model import Line, Point, Shape, Words
from widgets.palettes import Role

HANDLE_PX: Final = 7.0
"""Side of the square at an anchor."""
_MARGIN_PX: Final = 20.0


def paint_shapes(
    painter: QPainter, shapes: Iterable[Shape], role: Role, width: int, box: Box
) -> None:
    """Draw shapes.

    Args:
        painter: clipped to the box.
        shapes: in order.
        role: of those that have no colour of their own.
        width: of lines.
        box: the pane. Lines are cut off there: a dashed one of a mile would take a second.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for shape in shapes:
        color = theme.color(shape.role or role)
        if isinstance(shape, Words):
            _paint_words(painter, shape, color)
        else:
            _paint_line(painter, shape, color, width, box)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def paint_handles(painter: QPainter, points: Iterable[Point], *, is_locked: bool) -> None:
    """Draw the squares by which anchors are taken."""
    half = HANDLE_PX / 2
    painter.setPen(theme.color(Role.FAINT if is_locked else Role.ACCENT))
    painter.setBrush(theme.color(Role.BACKGROUND))
    for x, y in points:
        painter.drawRect(QRectF(x - half, y - half, HANDLE_PX, HANDLE_PX))


def _paint_line(painter: QPainter, line: Line, color: QColor, width: int, box: Box) -> None:
    if line.fill > 0:
        filled = QColor(color)
        filled.setAlphaF(min(1.0, line.fill))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(filled)
        painter.drawPolygon(QPolygonF([QPointF(*_near(point, box)) for point in line.points]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    if not line.has_edge:
        return
    pen = QPen(color, width)
    if line.is_dashed:
        pen.setDashPattern([4.0, 4.0])
    painter.setPen(pen)
    room = (box[0] - _MARGIN_PX, box[1] - _MARGIN_PX, box[2] + _MARGIN_PX, box[3] + _MARGIN_PX)
    for one, other in segments(line):
        part = clipped(one, other, room)
        if part is not None:
            painter.drawLine(QPointF(*part[0]), QPointF(*part[1]))


def _near(point: Point, box: Box) -> Point:
    """Return a corner of an area no farther away than a few screens: Qt's integers end."""
    wide, high = (box[2] - box[0]) * 50, (box[3] - box[1]) * 50
    return (
        min(max(point[0], box[0] - wide), box[2] + wide),
        min(max(point[1], box[1] - high), box[3] + high),
    )


def _paint_words(painter: QPainter, words: Words, color: QColor) -> None:
    painter.setFont(theme.text_font(theme.SMALL_PX))
    left, top, right, bottom = words_box(words)
    if words.is_boxed:
        middle = (left + right) / 2
        # The real width: letters differ.
        half = painter.fontMetrics().horizontalAdvance(words.words) / 2 + 6
        box = QRectF(middle - half, top - 1, 2 * half, bottom - top + 2)
        painter.setPen(color)
        painter.setBrush(theme.color(Role.BACKGROUND))
        painter.drawRoundedRect(box, 3, 3)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words.words)
        return
    painter.setPen(color)
    painter.drawText(QPointF(left, bottom - 3), words.words)
