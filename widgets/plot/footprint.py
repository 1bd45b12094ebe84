"""What was sold and bought at each price of a bar: numbers where there is room, colours else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter

from widgets import text, theme
from widgets.palettes import Role
from widgets.plot.ink import draw_words
from widgets.plot.scale import Scale

if TYPE_CHECKING:
    from app.desk import Cells

BAR_PX_MIN: Final = 8.0
"""A narrower bar has no cells."""
WORDS_BAR_PX: Final = 64.0
WORDS_ROW_PX: Final = 11.0
"""From so wide a bar and so high a row on there are numbers."""
ROW_PX_MIN: Final = 3.0
IMBALANCE: Final = 3.0
"""One side so many times the other, a row apart, stands out: sold against what was bought above."""
_LETTER_PX: Final = 6.7


def row_height(scale: Scale, tick: float) -> float:
    """Return how high a row has to be in prices, a multiple of the tick, to be seen."""
    a_tick = abs(scale.y(scale.prices.low) - scale.y(scale.prices.low + tick))
    wanted = WORDS_ROW_PX if scale.step >= WORDS_BAR_PX else ROW_PX_MIN
    if not a_tick > 0:
        return tick
    times = max(1, int(np.ceil(wanted / a_tick)))
    # 1, 2, 5, 10, 20 … ticks: as small changes of the scale change nothing.
    size = 10 ** int(np.floor(np.log10(times)))
    nice = next(step for step in (1, 2, 5, 10) if step * size >= times)
    return float(tick * nice * size)


def paint_footprint(painter: QPainter, scale: Scale, cells: Mapping[int, Cells]) -> None:
    """Draw the cells of bars by their numbers: sold at the left of each, bought at the right."""
    if scale.step < BAR_PX_MIN:
        return
    painter.setFont(theme.figure_font(theme.SMALL_PX))
    most = max(
        (float((it.bought + it.sold).max(initial=0.0)) for it in cells.values()), default=0.0
    )
    for number, bar in cells.items():
        if scale.left - 1 <= number <= scale.left + scale.bars:
            _paint_bar(painter, scale, number, bar, most)


def _paint_bar(painter: QPainter, scale: Scale, number: int, cells: Cells, most: float) -> None:
    wide = max(3, int(scale.step) - 3)
    left = scale.x(number) - wide // 2
    lines = np.arange(len(cells.bought) + 1, dtype=np.float64)
    edges = scale.ys(cells.low + lines * cells.height)
    total = cells.bought + cells.sold
    poc = int(total.argmax())
    has_words = scale.step >= WORDS_BAR_PX
    sold_strong, bought_strong = imbalances(cells)
    for row in np.flatnonzero(total > 0).tolist():
        one, other = int(edges[row]), int(edges[row + 1])
        top, high = min(one, other), max(1, abs(one - other) - 1)
        if top + high < scale.pane_top or top > scale.bottom:
            continue
        box = QRect(left, top, wide, high)
        bought, sold = float(cells.bought[row]), float(cells.sold[row])
        role = Role.UP if bought >= sold else Role.DOWN
        share = 0.1 + 0.3 * (bought + sold) / most if most > 0 else 0.1
        painter.fillRect(box, theme.tint(role, round(share, 2)))
        if has_words and high >= WORDS_ROW_PX - 2:
            _paint_words(painter, box, (sold, bought), (sold_strong[row], bought_strong[row]))
        elif bought_strong[row] or sold_strong[row]:
            x = left + wide - 2 if bought_strong[row] else left
            painter.fillRect(x, top, 2, high, theme.color(role))
        if row == poc:
            painter.setPen(theme.color(Role.CAUTION))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(0, 0, -1, -1))


def imbalances(cells: Cells) -> tuple[list[bool], list[bool]]:
    """Return where sold, and where bought, is many times the other side a row beside.

    Bought against what was sold a row below, sold against what was bought a row above: those who
    met at one trade stand diagonally, at the ask and at the bid.
    """
    bought, sold = cells.bought, cells.sold
    below = np.concatenate(([0.0], sold[:-1]))
    above = np.concatenate((bought[1:], [0.0]))
    strong_bought = (below > 0) & (bought >= IMBALANCE * below)
    strong_sold = (above > 0) & (sold >= IMBALANCE * above)
    return strong_sold.tolist(), strong_bought.tolist()


def _paint_words(
    painter: QPainter, box: QRect, shares: tuple[float, float], strong: tuple[bool, bool]
) -> None:
    middle, top = box.center().x(), box.center().y() - 7
    sold, bought = (text.volume(value) for value in shares)
    painter.setPen(theme.color(Role.DIM))
    draw_words(painter, middle - 3, top, "×")
    painter.setPen(theme.color(Role.DOWN if strong[0] else Role.TEXT))
    draw_words(painter, middle - 6 - round(len(sold) * _LETTER_PX), top, sold)
    painter.setPen(theme.color(Role.UP if strong[1] else Role.TEXT))
    draw_words(painter, middle + 6, top, bought)
