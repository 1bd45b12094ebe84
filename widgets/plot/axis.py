"""Grid, price axes and time axis, painted here in opaque colours.

pyqtgraph's own grid costs 25 ms a frame (translucent pens) and its axes 1.3 ms each; these cost a
few tenths together.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from app.domain.times import new_york
from widgets import text, theme
from widgets.palettes import Role
from widgets.plot.ink import draw_words
from widgets.plot.panes import Box
from widgets.plot.scale import (
    AXIS_HEIGHT_PX,
    LEGEND_HEIGHT_PX,
    MONTH_S,
    Ints,
    PriceScale,
    Scale,
    axis_ticks,
    time_ticks,
)

PRICE_GAP_PX: Final = 44
TIME_GAP_PX: Final = 96
TAG_PX: Final = 18
LABEL_MARGIN_PX: Final = 30
"""A time nearer to the left edge has its line only."""
WORDS_PX: Final = 14
"""Height of a line in the small font of figures."""
CENT: Final = 0.01
"""No axis of prices of a dollar and more is finer."""
_DAY_S: Final = 86_400
_DAY_NS: Final = _DAY_S * 10**9
_HOUR_NS: Final = 3_600 * 10**9


@dataclass(frozen=True)
class TimeLabel:
    """A round time and where it stands."""

    x: int
    words: str
    is_day: bool


@dataclass(frozen=True)
class PriceLabel:
    """A round value and where it stands."""

    y: int
    words: str


@lru_cache(256)
def price_labels(prices: PriceScale, box: Box, *, is_main: bool) -> tuple[PriceLabel, ...]:
    """Return the round values of a pane's axis that are in view, clear of its edges."""
    finest = CENT if is_main and prices.high >= 1 else 0.0
    gap = PRICE_GAP_PX if is_main else PRICE_GAP_PX // 2
    top = box.top + (LEGEND_HEIGHT_PX if is_main else 8)
    found = axis_ticks(prices, max(1, box.height // gap), finest)
    placed = ((round(prices.y(value)), words) for value, words in found)
    return tuple(PriceLabel(y, words) for y, words in placed if top < y < box.bottom - 8)


def looked_at(scale: Scale, starts_ns: Ints) -> tuple[int, int, Ints]:
    """Return which bars are looked at for round times: the first, every which, and their starts."""
    part = scale.slice_of(len(starts_ns))
    stride = max(1, (part.stop - part.start) // (2 * scale.width))
    return part.start, stride, starts_ns[part.start : part.stop : stride]


def time_labels(
    scale: Scale, first: int, stride: int, seen: Ints, interval_ns: int
) -> tuple[TimeLabel, ...]:
    """Return the round New York times of the bars in view.

    Args:
        scale: what is in view.
        first: number of the first bar looked at.
        stride: every which of them is.
        seen: their starts.
        interval_ns: of a bar.
    """
    if not len(seen):
        return ()
    apart = TIME_GAP_PX / scale.step / stride
    local = seen + _offsets_ns(seen)
    marks, step_s = time_ticks(local, interval_ns * stride, apart)
    is_long = interval_ns >= _DAY_NS
    labels: list[TimeLabel] = []
    for mark in marks.tolist():
        x = scale.x(first + mark * stride)
        if 0 <= x <= scale.width:
            words, is_bold = _time_words(int(seen[mark]), int(seen[mark - 1]), step_s, is_long)
            labels.append(TimeLabel(x, words, is_bold))
    return tuple(labels)


@lru_cache(4_096)
def _time_words(at_ns: int, prior_ns: int, step_s: int, is_long: bool) -> tuple[str, bool]:  # noqa: FBT001  A key of the cache.
    """Return what a round time is called, and whether a day (of days: a year) begins with it."""
    at, prior = new_york(at_ns), new_york(prior_ns)
    is_day, is_year = at.date() != prior.date(), at.year != prior.year
    is_bold = is_year if is_long else is_day
    if is_year:
        return f"{at:%Y}", is_bold
    if step_s >= MONTH_S:
        return f"{at:%b}", is_bold
    if is_day or step_s >= _DAY_S:
        return f"{at:%d %b}", is_bold
    return (f"{at:%H:%M:%S}" if step_s < 60 else f"{at:%H:%M}"), is_bold


def _offsets_ns(seen: Ints) -> Ints | int:
    """Return what New York adds to UTC at each time.

    Of more than a month, whose labels are days, one for all: that of the newest.
    """
    first_ns, last_ns = int(seen[0]), int(seen[-1])
    first, last = _offset_ns(first_ns // _HOUR_NS), _offset_ns(last_ns // _HOUR_NS)
    if first == last or last_ns - first_ns > 31 * _DAY_NS:
        return last
    hours = seen // _HOUR_NS
    low, high = first_ns // _HOUR_NS, last_ns // _HOUR_NS
    while high - low > 1:  # Clocks change at a full hour.
        middle = (low + high) // 2
        low, high = (middle, high) if _offset_ns(middle) == first else (low, middle)
    return np.where(hours < high, first, last)


@lru_cache(4_096)
def _offset_ns(hour: int) -> int:
    return text.utc_offset_ns(hour * _HOUR_NS)


def paint_grid(
    painter: QPainter,
    scale: Scale,
    prices: Iterable[PriceLabel],
    times: Iterable[TimeLabel],
    left: int = 0,
) -> None:
    """Draw the lines of a pane, from a pixel on.

    As rectangles: on a screen with two device pixels a pixel a pen would reach over its neighbours.
    """
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.tint(Role.LINE, 0.45))
    lines = [QRect(left, label.y, scale.width - left, 1) for label in prices]
    top, height = scale.pane_top, scale.height
    lines += [QRect(label.x, top, 1, height) for label in times if label.x >= left]
    painter.drawRects(lines)


def paint_prices(painter: QPainter, scale: Scale, labels: Iterable[PriceLabel]) -> None:
    """Draw a pane's values."""
    painter.setFont(theme.figure_font(theme.SMALL_PX))
    painter.setPen(theme.color(Role.DIM))
    for label in labels:
        draw_words(painter, scale.width + 8, label.y - WORDS_PX // 2, label.words)


def paint_times(painter: QPainter, top: int, width: int, labels: Iterable[TimeLabel]) -> None:
    """Draw the time axis below all panes, over a width."""
    painter.fillRect(0, top, width, 1, theme.color(Role.LINE))
    painter.setFont(theme.figure_font(theme.SMALL_PX))
    for label in labels:
        if not label.x >= LABEL_MARGIN_PX:
            continue
        painter.setPen(theme.color(Role.TEXT if label.is_day else Role.DIM))
        left = label.x - figures_px(label.words) // 2
        draw_words(painter, left, top + (AXIS_HEIGHT_PX - WORDS_PX) // 2, label.words)


def paint_tag(painter: QPainter, scale: Scale, axis_width: int, price: float, fill: QColor) -> None:
    """Draw a value on the axis in a filled box."""
    if scale.has(price):
        words = text.price(price)
        paint_tag_words(painter, scale, axis_width, round(scale.y(price)), words, fill)


def paint_tag_words(  # noqa: PLR0913  A box with words in it.
    painter: QPainter, scale: Scale, axis_width: int, y: int, words: str, fill: QColor
) -> None:
    """Draw words on the axis in a filled box."""
    box = QRect(scale.width + 1, y - TAG_PX // 2, axis_width - 1, TAG_PX)
    painter.fillRect(box, fill)
    painter.setFont(theme.figure_font(theme.SMALL_PX))
    painter.setPen(theme.color(Role.BACKGROUND))
    painter.drawText(box.adjusted(7, 0, 0, 0), theme.ALIGN_LEFT, words)


def axis_width_px(words: Iterable[str]) -> int:
    """Return the width an axis with these words needs."""
    return max([64, *(figures_px(one) + 18 for one in words)])


@cache
def _digit_px() -> float:
    return QFontMetricsF(theme.figure_font(theme.SMALL_PX)).horizontalAdvance("0" * 100) / 100


def figures_px(words: str) -> int:
    """Return the width of words in the font of figures, whose letters are all as wide."""
    return math.ceil(len(words) * _digit_px())


def is_in_view(scale: Scale, price: float) -> bool:
    """Whether a price is on the screen."""
    return bool(np.isfinite(price)) and scale.has(price)
