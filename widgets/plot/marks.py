"""What else belongs to the account on the chart: fills, average price; and the last price."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from app.domain.enums import Side
from widgets import theme
from widgets.palettes import Role
from widgets.plot.axis import is_in_view, paint_tag
from widgets.plot.content import FillMark, GapMark, LastPrice
from widgets.plot.ink import draw_dots
from widgets.plot.scale import LEGEND_HEIGHT_PX, Ints, Scale

FILL_PX: Final = 5
EDGE_SHARE: Final = 0.2
"""Of the bars in view: as near as this the oldest bar is near."""


def paint_fills(
    painter: QPainter, scale: Scale, starts_ns: Ints, fills: tuple[FillMark, ...]
) -> None:
    """Draw fills: up triangles under the price for buys, down triangles over it for sells."""
    if not fills or not len(starts_ns):
        return
    times = np.fromiter((fill.ts_ns for fill in fills), dtype=np.int64, count=len(fills))
    numbers = np.searchsorted(starts_ns, times, side="right") - 1
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color(Role.BACKGROUND), 1))
    for fill, number in zip(fills, numbers.tolist(), strict=True):
        if number < scale.left - 1 or not is_in_view(scale, fill.price):
            continue
        x, y = scale.x(number), scale.y(fill.price)
        away = FILL_PX * 2 if fill.side is Side.BUY else -FILL_PX * 2
        painter.setBrush(theme.color(theme.side_role(fill.side)))
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(x, y),
                    QPointF(x - FILL_PX - 1, y + away),
                    QPointF(x + FILL_PX + 1, y + away),
                ]
            )
        )
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def paint_level(
    painter: QPainter, scale: Scale, price: float, words: str, role: Role = Role.CAUTION
) -> None:
    """Draw a price that matters: the average of the position, that of an alert."""
    if not is_in_view(scale, price):
        return
    y = round(scale.y(price))
    draw_dots(painter, y, scale.width, theme.color(role))
    painter.setFont(theme.text_font(theme.SMALL_PX))
    width = painter.fontMetrics().horizontalAdvance(words) + 10
    box = QRect(8, y - 9, width, 18)
    painter.fillRect(box, theme.color(Role.PANEL))
    painter.setPen(theme.color(role))
    painter.drawText(box, theme.ALIGN_CENTER, words)


def paint_last(painter: QPainter, scale: Scale, axis_width: int, last: LastPrice) -> None:
    """Draw the last price: dotted line and a tag on the axis; grey when stale."""
    if not is_in_view(scale, last.price):
        return
    role = Role.DIM if last.stale_words else last.role
    y = round(scale.y(last.price))
    draw_dots(painter, y, scale.width, theme.color(role))
    paint_tag(painter, scale, axis_width, last.price, theme.color(role))


def paint_gaps(painter: QPainter, scale: Scale, starts_ns: Ints, gaps: tuple[GapMark, ...]) -> None:
    """Draw a dotted line where bars are missing, and a stroke below those that came afterwards.

    Where there are no bars time has no width: the line stands at the first one that is known again.
    """
    if not gaps or not len(starts_ns):
        return
    painter.setFont(theme.text_font(theme.SMALL_PX))
    for gap in gaps:
        first, end = (int(starts_ns.searchsorted(ns)) for ns in (gap.start_ns, gap.end_ns))
        if end <= scale.left or first >= scale.left + scale.bars or first >= len(starts_ns):
            continue
        left, right = (round(scale.x(number) - scale.step / 2) for number in (first, end))
        if gap.is_filled:
            painter.fillRect(left, scale.bottom - 3, max(2, right - left), 3, theme.color(gap.role))
            continue
        pen = QPen(theme.color(gap.role))
        pen.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.drawLine(right, scale.pane_top + LEGEND_HEIGHT_PX, right, scale.bottom)
        box = QRect(right + 4, scale.bottom - 18, 240, 16)
        painter.drawText(box, theme.ALIGN_LEFT, gap.words)


def paint_edge(painter: QPainter, scale: Scale, words: str) -> None:
    """Say how it stands with older bars, at the left, while the oldest one is near."""
    if not words or scale.left > scale.bars * EDGE_SHARE:
        return
    painter.setFont(theme.text_font(theme.SMALL_PX))
    width = painter.fontMetrics().horizontalAdvance(words) + 16
    box = QRect(8, scale.bottom - 44, width, 20)
    painter.setPen(theme.color(Role.LINE))
    painter.setBrush(theme.color(Role.RAISED))
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(theme.color(Role.DIM))
    painter.drawText(box, theme.ALIGN_CENTER, words)
