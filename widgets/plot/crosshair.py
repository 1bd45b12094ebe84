"""What the mouse points at: lines through all panes, and every value of that bar in words."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPen

from app.domain.times import new_york
from widgets import text, theme
from widgets.palettes import Role
from widgets.plot.axis import figures_px, paint_tag_words
from widgets.plot.content import StudySeries
from widgets.plot.layer import Frame, Pane
from widgets.plot.scale import AXIS_HEIGHT_PX, LEGEND_HEIGHT_PX

_DAY_NS: Final = 86_400 * 10**9
_LEGEND_LEFT_PX: Final = 10
_WORD_GAP_PX: Final = 12


def number_under(frame: Frame, at: QPoint | None) -> int:
    """Return the bar under the mouse; the last one if it is not over a bar."""
    last = len(frame.content.bars) - 1
    if at is None or not 0 <= at.x() < frame.geometry.width or at.y() >= frame.geometry.height:
        return last
    return min(max(0, frame.scale.number_at(at.x())), last)


def paint_crosshair(painter: QPainter, frame: Frame, at: QPoint) -> None:
    """Draw a line down through all panes at the middle of a bar, and one across at the mouse."""
    geometry, bars = frame.geometry, frame.content.bars
    pane = geometry.pane_at(at.y())
    if at.x() >= geometry.width or pane is None:
        return
    number = frame.scale.number_at(at.x())
    x = frame.scale.x(number)
    pen = QPen(theme.color(Role.FAINT))
    pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.drawLine(0, at.y(), geometry.width, at.y())
    painter.drawLine(x, 0, x, geometry.height)
    words = value_words(pane, pane.scale.price_at(at.y()))
    fill = theme.color(Role.TEXT)
    paint_tag_words(painter, pane.scale, geometry.axis_width, at.y(), words, fill)
    if 0 <= number < len(bars):
        moment = new_york(int(bars.start_ns[number]))
        is_long = frame.content.interval_ns >= _DAY_NS
        said = f"{moment:%a %d %b %Y}" if is_long else f"{moment:%a %d %b  %H:%M:%S}"
        painter.setFont(theme.figure_font(theme.SMALL_PX))
        width = figures_px(said) + 14
        left = min(max(0, x - width // 2), geometry.width - width)
        box = QRect(left, geometry.height + 1, width, AXIS_HEIGHT_PX - 3)
        painter.fillRect(box, fill)
        painter.setPen(theme.color(Role.BACKGROUND))
        painter.drawText(box, theme.ALIGN_CENTER, said)


def paint_time_mark(painter: QPainter, frame: Frame, ts_ns: int) -> int:
    """Draw a line down through all panes at the bar of a time; return the bar's number."""
    starts_ns = frame.content.bars.start_ns
    number = max(0, int(starts_ns.searchsorted(ts_ns, side="right")) - 1)
    x = frame.scale.x(number)
    if 0 <= x < frame.geometry.width:
        pen = QPen(theme.color(Role.FAINT))
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(x, 0, x, frame.geometry.height)
    return number


def value_words(pane: Pane, value: float) -> str:
    """Return a value of a pane as its axis would tell it."""
    return text.price(value) if pane.is_main else _figure(value)


def paint_legends(painter: QPainter, frame: Frame, number: int) -> dict[str, QRect]:
    """Draw the values of a bar: prices and studies over them in the first pane, others in theirs.

    What has no room in its row goes to the next. Returns where each study is told, by its key.
    """
    places: dict[str, QRect] = {}
    bars = frame.content.bars
    painter.setFont(theme.figure_font(theme.SMALL_PX))
    for pane in frame.geometry.panes:
        row = _Row(painter, pane, frame.geometry.width)
        if pane.is_main:
            columns = (bars.open, bars.high, bars.low, bars.close)
            values = [float(column[number]) for column in columns]
            role = Role.UP if values[3] >= values[0] else Role.DOWN
            if frame.content.title:
                row.say((frame.content.title, Role.TEXT))
            figures = [*map(text.price, values), text.volume(float(bars.volume[number]))]
            for name, figure in zip("OHLCV", figures, strict=True):
                row.say((f"{name} ", Role.DIM), (figure, role))
            last = frame.content.last
            if last is not None and last.stale_words:
                row.say((last.stale_words, Role.CAUTION))
            if frame.content.note:
                row.say((frame.content.note, Role.DIM))
            row.end()
        for study in frame.content.studies:
            if study.pane == pane.box.key:
                places[study.key] = row.say(*_study_words(study, number))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    return places


class _Row:
    """Words one after the other; a new row where the width ends."""

    def __init__(self, painter: QPainter, pane: Pane, width: int) -> None:
        self._painter = painter
        self._width = width
        self._bottom = pane.box.bottom
        self._height = LEGEND_HEIGHT_PX - 8
        self._x = _LEGEND_LEFT_PX
        self._y = pane.box.top + (4 if pane.is_main else 1)

    def say(self, *words: tuple[str, Role]) -> QRect:
        """Draw words that belong together; return where, an empty place if there was no room."""
        wide = [figures_px(word) for word, _ in words]
        if self._x > _LEGEND_LEFT_PX and self._x + sum(wide) > self._width - _LEGEND_LEFT_PX:
            self.end()
        if self._y + self._height > self._bottom:
            return QRect()
        place = QRect(self._x, self._y, sum(wide), self._height)
        for (word, role), width in zip(words, wide, strict=True):
            self._painter.setPen(theme.color(role))
            box = QRect(self._x, self._y, width, self._height)
            self._painter.drawText(box, theme.ALIGN_LEFT, word)
            self._x += width
        self._x += _WORD_GAP_PX
        return place

    def end(self) -> None:
        """Go on in a row of its own."""
        if self._x > _LEGEND_LEFT_PX:
            self._x = _LEGEND_LEFT_PX
            self._y += self._height - 2


def _study_words(study: StudySeries, number: int) -> list[tuple[str, Role]]:
    if study.fault:
        return [(f"{study.title}: {study.fault}", Role.CAUTION)]
    words = [(study.title, study.plots[0].role if len(study.plots) == 1 else Role.DIM)]
    for plot in study.plots:
        for values in plot.told:
            at = number - plot.shift
            value = float(values[at]) if 0 <= at < len(values) else math.nan
            words.append((f" {_figure(value)}", plot.role))
    return words


def _figure(value: float) -> str:
    """Return a value with about five digits that count."""
    if not math.isfinite(value):
        return text.DASH
    if abs(value) >= 1e5:
        return text.volume(value) if value >= 0 else f"-{text.volume(-value)}"
    places = 2 if abs(value) >= 10 else 3 if abs(value) >= 0.1 else 5
    return f"{value:,.{places}f}"
