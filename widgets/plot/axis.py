"""Grid, price axis and time axis, painted here in opaque colours.

pyqtgraph's own grid costs 25 ms a frame (translucent pens) and its axes 1.3 ms each; these cost a
few tenths together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QLineF, QRect
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from app.domain.times import new_york
from widgets import text, theme
from widgets.plot.scale import (
    AXIS_HEIGHT_PX,
    LEGEND_HEIGHT_PX,
    Ints,
    Scale,
    price_ticks,
    time_ticks,
)
from widgets.theme import Role

PRICE_GAP_PX: Final = 44
TIME_GAP_PX: Final = 96
_DAY_S: Final = 86_400


@dataclass(frozen=True)
class TimeLabel:
    """A round time and where it stands."""

    x: int
    words: str
    is_day: bool


class AxisLayer:
    """Lines behind the bars, labels beside them."""

    def __init__(self) -> None:
        self._prices: list[tuple[int, str]] = []
        self._times: list[TimeLabel] = []
        self._lines: list[QLineF] = []
        self._pen = QPen(theme.tint(Role.LINE, 0.45))
        self._pen.setCosmetic(True)

    def set_scale(self, scale: Scale, starts_ns: Ints, interval_ns: int) -> None:
        """Take the round prices and times in view."""
        ticks = price_ticks(scale.low, scale.high, scale.height // PRICE_GAP_PX)
        lowest = scale.height - 8
        self._prices = [
            (round(y), text.price(price))
            for price in ticks
            if LEGEND_HEIGHT_PX < (y := scale.y(price)) < lowest
        ]
        self._times = _time_labels(scale, starts_ns, interval_ns)
        self._lines = [QLineF(0, y, scale.width, y) for y, _ in self._prices]
        self._lines += [QLineF(label.x, 0, label.x, scale.height) for label in self._times]

    def paint_grid(self, painter: QPainter) -> None:
        """Draw the lines."""
        painter.setPen(self._pen)
        painter.drawLines(self._lines)

    def paint_labels(
        self, painter: QPainter, scale: Scale, axis_width: int, tags: tuple[float, ...]
    ) -> None:
        """Draw both axes; prices that a tag would half cover are left out."""
        covered = [scale.y(price) for price in tags]
        painter.setPen(theme.color(Role.LINE))
        painter.drawLine(0, scale.height, scale.width + axis_width, scale.height)
        painter.setFont(theme.figure_font(theme.SMALL_PX))
        painter.setPen(theme.color(Role.DIM))
        for y, words in self._prices:
            if any(abs(y - other) < 15 for other in covered):
                continue
            box = QRect(scale.width + 8, y - 8, axis_width - 8, 16)
            painter.drawText(box, theme.ALIGN_LEFT, words)
        for label in self._times:
            painter.setPen(theme.color(Role.TEXT if label.is_day else Role.DIM))
            box = QRect(label.x - 60, scale.height, 120, AXIS_HEIGHT_PX)
            painter.drawText(box, theme.ALIGN_CENTER, label.words)


def paint_tag(painter: QPainter, scale: Scale, axis_width: int, price: float, fill: QColor) -> None:
    """Draw a price on the axis in a filled box."""
    y = round(scale.y(price))
    if not 0 <= y <= scale.height:
        return
    box = QRect(scale.width + 1, y - 9, axis_width - 1, 18)
    painter.fillRect(box, fill)
    painter.setFont(theme.figure_font(theme.SMALL_PX))
    painter.setPen(theme.color(Role.BACKGROUND))
    painter.drawText(box.adjusted(7, 0, 0, 0), theme.ALIGN_LEFT, text.price(price))


def axis_width_px(high: float) -> int:
    """Return the width the price axis needs."""
    metrics = QFontMetrics(theme.figure_font(theme.SMALL_PX))
    return max(64, metrics.horizontalAdvance(text.price(high)) + 18)


def _time_labels(scale: Scale, starts_ns: Ints, interval_ns: int) -> list[TimeLabel]:
    part = scale.slice_of(len(starts_ns))
    seen = starts_ns[part]
    if not len(seen):
        return []
    offset_ns = text.utc_offset_ns(int(seen[-1]))
    marks, step_s = time_ticks(seen, interval_ns, offset_ns, TIME_GAP_PX / scale.step)
    days = (seen + offset_ns) // (_DAY_S * 1_000_000_000)
    labels: list[TimeLabel] = []
    for mark in marks.tolist():
        at = new_york(int(seen[mark]))
        is_day = bool(days[mark] != days[mark - 1])
        if is_day or step_s >= _DAY_S:
            words = f"{at:%d %b}"
        else:
            words = f"{at:%H:%M:%S}" if step_s < 60 else f"{at:%H:%M}"
        x = scale.x(part.start + mark)
        if 30 <= x <= scale.width - 10:
            labels.append(TimeLabel(x, words, is_day))
    return labels


def is_in_view(scale: Scale, price: float) -> bool:
    """Whether a price is on the screen."""
    return bool(np.isfinite(price)) and 0 <= scale.y(price) <= scale.height
