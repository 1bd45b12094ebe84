"""Candles and volume as rectangles in numpy: one array and one call a colour.

Beyond two bars a pixel, bars are merged by pixel column: highest high, lowest low, first open, last
close, so that no spike is lost however far one zooms out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from widgets import theme
from widgets.plot.scale import VOLUME_SHARE, Floats, Scale
from widgets.theme import Role

if TYPE_CHECKING:
    from app.desk import BarColumns

MERGE_BELOW_PX: Final = 0.5
"""Pixels a bar under which bars are merged: two bars a pixel."""
BODY_FROM_PX: Final = 3.0
"""Pixels a bar from which a candle has a body."""
_EMPTY: Final = np.empty((0, 4))


@dataclass(frozen=True)
class Shapes:
    """Rectangles (x, y, width, height) in pixels, by colour."""

    up: Floats
    down: Floats
    volume_up: Floats
    volume_down: Floats


@dataclass(frozen=True)
class _Visible:
    """Bars in view with the pixel of their middle."""

    x: Floats
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats


def shapes_of(bars: BarColumns, scale: Scale) -> Shapes:
    """Return what to fill for the bars in view. A bar with a value that is not finite has none."""
    seen = _merge(_visible(bars, scale), scale.step)
    if not len(seen.x):
        return Shapes(_EMPTY, _EMPTY, _EMPTY, _EMPTY)
    rising = seen.close >= seen.open
    width = _body_width(scale.step)
    wicks = _stack(seen.x, scale.ys(seen.high), 1.0, scale.ys(seen.low))
    shapes = [wicks]
    if scale.step >= BODY_FROM_PX:
        opens, closes = scale.ys(seen.open), scale.ys(seen.close)
        top, bottom = np.minimum(opens, closes), np.maximum(opens, closes)
        shapes.append(_stack(seen.x - width // 2, top, float(width), bottom))
    volume = _volume_rects(seen, scale, width)
    return Shapes(
        up=np.concatenate([shape[rising] for shape in shapes]),
        down=np.concatenate([shape[~rising] for shape in shapes]),
        volume_up=volume[rising],
        volume_down=volume[~rising],
    )


class CandleLayer:
    """Volume, then candles over it."""

    def __init__(self) -> None:
        self._arrays = {name: PrimitiveArray(QRectF, 4) for name in Shapes.__dataclass_fields__}
        self._colors = {
            "volume_up": theme.tint(Role.UP, 0.28),
            "volume_down": theme.tint(Role.DOWN, 0.28),
            "up": theme.color(Role.UP),
            "down": theme.color(Role.DOWN),
        }

    def set_bars(self, bars: BarColumns, scale: Scale) -> None:
        """Take the bars in view; painting then only draws."""
        shapes = shapes_of(bars, scale)
        for name, array in self._arrays.items():
            rects = getattr(shapes, name)
            array.resize(len(rects))
            array.ndarray()[:] = rects

    def paint(self, painter: QPainter) -> None:
        """Draw."""
        painter.setPen(Qt.PenStyle.NoPen)
        for name, color in self._colors.items():
            array: Any = self._arrays[name]
            if len(array):
                painter.setBrush(color)
                painter.drawRects(*array.drawargs())


def _visible(bars: BarColumns, scale: Scale) -> _Visible:
    part = scale.slice_of(len(bars))
    o, h, low, c = (np.asarray(v[part]) for v in (bars.open, bars.high, bars.low, bars.close))
    numbers = np.arange(part.start, part.start + len(o))
    x = np.floor((numbers - scale.left + 0.5) * scale.step)
    volume = np.nan_to_num(bars.volume[part], nan=0.0, posinf=0.0, neginf=0.0)
    sound = np.isfinite(o + h + low + c)
    if sound.all():
        return _Visible(x, o, h, low, c, volume)
    return _Visible(x[sound], o[sound], h[sound], low[sound], c[sound], volume[sound])


def _merge(seen: _Visible, step: float) -> _Visible:
    if step >= MERGE_BELOW_PX or len(seen.x) < 2:
        return seen
    first = np.flatnonzero(np.diff(seen.x, prepend=seen.x[0] - 1))
    last = np.append(first[1:], len(seen.x)) - 1
    return _Visible(
        x=seen.x[first],
        open=seen.open[first],
        high=np.maximum.reduceat(seen.high, first),
        low=np.minimum.reduceat(seen.low, first),
        close=seen.close[last],
        volume=np.add.reduceat(seen.volume, first),
    )


def _body_width(step: float) -> int:
    if step < BODY_FROM_PX:
        return 1
    width = int(step * 0.72)
    return max(1, width - (width + 1) % 2)  # Odd, so that the wick is in the middle.


def _stack(x: Floats, top: Floats, width: float, bottom: Floats) -> Floats:
    rects = np.empty((len(x), 4))
    rects[:, 0], rects[:, 1], rects[:, 2] = x, top, width
    rects[:, 3] = np.maximum(1.0, bottom - top)
    return rects


def _volume_rects(seen: _Visible, scale: Scale, width: int) -> Floats:
    most = float(seen.volume.max())
    if not most > 0:
        return np.zeros((len(seen.x), 4))
    heights = np.rint(seen.volume / most * scale.height * VOLUME_SHARE)
    top = scale.floor_px + 1 - heights
    rects = _stack(seen.x - width // 2, top, float(width), top + heights)
    rects[:, 3] = heights
    return rects
