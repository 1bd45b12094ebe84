"""Fibonacci's ratios between prices: of a move taken back, and of a move repeated.

Levels: R. Fischer, "Fibonacci Applications and Strategies for Traders" (1993). Retracement 0 % is
at the second anchor, the end of the move. Extension: the move from the first anchor to the second
is laid off from the third.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from widgets import text
from widgets.drawings.ground import Ground
from widgets.drawings.model import Anchor, Drawing, Line, Shape, Words
from widgets.drawings.tools.base import Tool
from widgets.palettes import Role

RETRACEMENT: Final = (0.0, 0.236, 0.382, 0.5, 0.618, 0.786, 1.0)
EXTENSION: Final = (0.0, 0.382, 0.618, 1.0, 1.272, 1.618, 2.0, 2.618)
_FILL: Final = 0.05


def _retracement(drawing: Drawing, ground: Ground) -> Sequence[Shape]:
    (one_ns, begin), (other_ns, end) = drawing.anchors[0], drawing.anchors[-1]
    prices = [end + (begin - end) * ratio for ratio in RETRACEMENT]
    return _levels(ground, (one_ns, other_ns), tuple(zip(RETRACEMENT, prices, strict=True)))


def _extension(drawing: Drawing, ground: Ground) -> Sequence[Shape]:
    anchors: tuple[Anchor, ...] = drawing.anchors
    path = Line(tuple(map(ground.point, anchors)), is_dashed=True)
    if len(anchors) < 3:
        return (path,)
    (_, begin), (_, end), (_, start) = anchors
    prices = [start + (end - begin) * ratio for ratio in EXTENSION]
    times = anchors[1][0], anchors[2][0]
    return path, *_levels(ground, times, tuple(zip(EXTENSION, prices, strict=True)))


def _levels(
    ground: Ground, times: tuple[int, int], levels: tuple[tuple[float, float], ...]
) -> tuple[Shape, ...]:
    left, right = sorted(ground.point((ts, levels[0][1]))[0] for ts in times)
    right = max(right, left + 40.0)
    shapes: list[Shape] = []
    for (_, one), (_, other) in zip(levels[::2], levels[1::2], strict=False):
        top, bottom = ground.y(one), ground.y(other)
        corners = (left, top), (right, top), (right, bottom), (left, bottom)
        shapes.append(Line(corners, is_closed=True, fill=_FILL, has_edge=False))
    for ratio, price in levels:
        y = ground.y(price)
        role = Role.DIM if ratio not in (0.0, 0.5, 0.618, 1.0) else None
        shapes.append(Line(((left, y), (right, y)), role=role))
        shapes.append(Words((right + 4, y + 7), f"{ratio * 100:.1f} %  {text.price(price)}", role))
    return tuple(shapes)


TOOLS = (
    Tool("fibonacci retracement", "Fibonacci retracement", _retracement, ((0.1, 0.9), (0.9, 0.1))),
    Tool(
        "fibonacci extension",
        "Fibonacci extension",
        _extension,
        ((0.1, 0.9), (0.4, 0.5), (0.5, 0.7)),
        anchors=3,
    ),
)
