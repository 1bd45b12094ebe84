"""Displayed depth over time, under the bars: the more shares at a price, the stronger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage, QPainter

from widgets import theme
from widgets.palettes import Role
from widgets.plot.scale import Ints, Scale

if TYPE_CHECKING:
    from app.desk import DepthHistory, Look

SHADES: Final = 24
"""Steps from the ground to the strongest."""
STRONGEST: Final = 0.55
ROW_PX_MIN: Final = 2
"""Height of a price, where ticks are lower than that."""


class HeatMap:
    """Keeps its picture while nothing has moved and no look was added."""

    def __init__(self) -> None:
        self._asked: tuple[object, ...] = ()
        self._image: QImage | None = None

    def paint(
        self,
        painter: QPainter,
        scale: Scale,
        starts_ns: Ints,
        interval_ns: int,
        history: DepthHistory,
    ) -> None:
        """Draw the looks that are in view."""
        if not len(starts_ns) or not history.looks:
            return
        asked = (
            scale,
            len(starts_ns),
            int(starts_ns[-1]),
            interval_ns,
            id(history),
            history.version,
        )
        if asked != self._asked:
            self._asked = asked
            looks = _in_view(scale, starts_ns, interval_ns, history.looks)
            self._image = _image_of(scale, looks) if looks else None
        if self._image is not None:
            painter.drawImage(QPoint(0, scale.pane_top), self._image)


Placed = list[tuple[int, int, "Look"]]
"""From which to which pixel, and the look."""


def _in_view(scale: Scale, starts_ns: Ints, interval_ns: int, looks: Sequence[Look]) -> Placed:
    """Return looks with the pixels that they fill, up to the next; one a pixel."""
    times = np.fromiter((look.ts_ns for look in looks), dtype=np.int64, count=len(looks))
    numbers = np.maximum(starts_ns.searchsorted(times, side="right") - 1, 0)
    passed = np.clip((times - starts_ns[numbers]) / interval_ns, 0.0, 1.0)
    # A bar's interval is its whole width.
    x = np.floor((numbers + passed - scale.left) * scale.step).astype(np.int64)
    ends = np.append(x[1:], x[-1] + max(1, int(scale.step / 8)))
    # Over a gap of the feed nothing is known.
    ends = np.minimum(ends, x + max(2, int(2 * scale.step)))
    found: Placed = []
    for place in np.flatnonzero((ends > x) & (ends > 0) & (x < scale.width)).tolist():
        found.append((max(0, int(x[place])), min(scale.width, int(ends[place])), looks[place]))
    return found


def _image_of(scale: Scale, looks: Placed) -> QImage:
    most = max(float(look.sizes.max(initial=1.0)) for _, _, look in looks)
    steep = np.log1p(most)
    shades = np.zeros((scale.height, scale.width), dtype=np.uint8)
    row = max(ROW_PX_MIN, _tick_px(scale, looks[-1][2]))
    for left, right, look in looks:
        if not len(look.prices):
            continue
        y = scale.ys(look.prices) - scale.pane_top - row // 2
        shade = np.rint(np.log1p(look.sizes) / steep * SHADES).astype(np.uint8)
        order = np.argsort(shade)
        for step in range(row):
            at = (y + step).astype(np.int64)
            good = (at >= 0) & (at < scale.height)
            rows = at[order][good[order]]
            shades[rows, left:right] = shade[order][good[order], None]
    pixels = _palette()[shades]
    image = QImage(
        pixels.data, scale.width, scale.height, scale.width * 4, QImage.Format.Format_ARGB32
    )
    return image.copy()


def _tick_px(scale: Scale, look: Look) -> int:
    """Return how high the distance of two prices of the book is."""
    if len(look.prices) < 2:
        return 1
    apart = float(np.diff(np.sort(look.prices)).min())
    high = abs(scale.y(float(look.prices[0]) + apart) - scale.y(float(look.prices[0])))
    return int(min(40.0, high)) if np.isfinite(high) else 1


def _palette() -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    colors = [0] + [
        theme.tint(Role.ACCENT, round(STRONGEST * step / SHADES, 3)).rgba()
        for step in range(1, SHADES + 1)
    ]
    return np.array(colors, dtype=np.uint32)
