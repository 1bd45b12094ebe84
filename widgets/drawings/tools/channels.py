"""Channels: parallel lines, a line of regression with deviations, Andrews' pitchfork.

Regression: least squares of the closes between both anchors over bar numbers; the outer lines lie
two standard deviations of the residuals (divided by n) away, after G. Raff's idea of a channel of
regression (Technical Analysis of Stocks & Commodities, 1991) with deviations in place of extremes.
Pitchfork: A. Andrews' median line (1960s): from the first anchor through the middle of the other
two, and parallels through these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from widgets.drawings.geometry import beyond, middle, moved
from widgets.drawings.ground import Ground
from widgets.drawings.model import Drawing, Line, Shape, Words
from widgets.drawings.tools.base import Tool

DEVIATIONS: Final = 2.0
_FILL: Final = 0.08


def _channel(drawing: Drawing, ground: Ground) -> Sequence[Shape]:
    points = tuple(map(ground.point, drawing.anchors))
    if len(points) < 3:
        return (Line(points),)
    one, other, third = points
    # The second line goes through the third anchor, whatever its time.
    dx = other[0] - one[0]
    share = (third[0] - one[0]) / dx if dx else 0.0
    by = (0.0, third[1] - one[1] - share * (other[1] - one[1]))
    far_one, far_other = moved(one, by), moved(other, by)
    half = (0.0, by[1] / 2)
    return (
        Line((one, other, far_other, far_one), is_closed=True, fill=_FILL, has_edge=False),
        Line((one, other)),
        Line((far_one, far_other)),
        Line((moved(one, half), moved(other, half)), is_dashed=True),
    )


def _regression(drawing: Drawing, ground: Ground) -> Sequence[Shape]:
    times = sorted(ts for ts, _ in (drawing.anchors[0], drawing.anchors[-1]))
    bars = ground.bars_between(*times)
    good = None if bars is None else np.isfinite(bars.close)
    if bars is None or good is None or int(good.sum()) < 2:
        return (Line(tuple(map(ground.point, drawing.anchors)), is_dashed=True),)
    starts, closes = bars.start_ns[good], bars.close[good]
    numbers = np.arange(len(closes), dtype=np.float64)
    slope, first = np.polyfit(numbers, closes, 1)
    fitted = first + slope * numbers
    width = DEVIATIONS * float(np.sqrt(np.mean((closes - fitted) ** 2)))
    ends = (int(starts[0]), float(fitted[0])), (int(starts[-1]), float(fitted[-1]))

    def line_at(off: float) -> tuple[tuple[float, float], ...]:
        return tuple(ground.point((ts, price + off)) for ts, price in ends)

    upper, lower = line_at(width), line_at(-width)
    said = f"regression of {len(closes)} closes ± {DEVIATIONS:g} σ"
    return (
        Line((*upper, *reversed(lower)), is_closed=True, fill=_FILL, has_edge=False),
        Line(line_at(0.0), is_dashed=True),
        Line(upper),
        Line(lower),
        Words(moved(upper[0], (0.0, -3.0)), said),
    )


def _pitchfork(drawing: Drawing, ground: Ground) -> Sequence[Shape]:
    points = tuple(map(ground.point, drawing.anchors))
    if len(points) < 3:
        return (Line(points),)
    handle, one, other = points
    way = middle(one, other)
    by = way[0] - handle[0], way[1] - handle[1]
    return (
        Line((one, other), is_dashed=True),
        Line((handle, beyond(handle, way))),
        Line((one, beyond(one, moved(one, by)))),
        Line((other, beyond(other, moved(other, by)))),
    )


TOOLS = (
    Tool("channel", "Channel", _channel, ((0.1, 0.6), (0.9, 0.2), (0.1, 0.9)), anchors=3),
    Tool("regression channel", "Regression channel", _regression, ((0.1, 0.8), (0.9, 0.3))),
    Tool("pitchfork", "Pitchfork", _pitchfork, ((0.1, 0.8), (0.4, 0.3), (0.5, 0.7)), anchors=3),
)
