"""Lines: between two points, beyond one or both, level, upright, with an arrow."""

from __future__ import annotations

from collections.abc import Sequence

from widgets import text
from widgets.drawings.geometry import arrow_head, beyond
from widgets.drawings.ground import Ground
from widgets.drawings.model import Drawing, Line, Shape, Words
from widgets.drawings.tools.base import Tool


def _trend(drawing: Drawing, ground: Ground) -> Sequence[Shape]:
    return (Line(tuple(map(ground.point, drawing.anchors))),)


def _ray(drawing: Drawing, ground: Ground) -> Sequence[Shape]:
    one, other = ground.point(drawing.anchors[0]), ground.point(drawing.anchors[-1])
    return (Line((one, beyond(one, other))),)


def _extended(drawing: Drawing, ground: Ground) -> Sequence[Shape]:
    one, other = ground.point(drawing.anchors[0]), ground.point(drawing.anchors[-1])
    return (Line((beyond(other, one), beyond(one, other))),)


def _horizontal(drawing: Drawing, ground: Ground) -> Sequence[Shape]:
    price = drawing.anchors[0][1]
    y = ground.y(price)
    said = f"{text.price(price)}  {drawing.text}".rstrip()
    return Line(((0.0, y), (ground.width, y))), Words((6.0, y - 2), said)


def _vertical(drawing: Drawing, ground: Ground) -> Sequence[Shape]:
    x = ground.point(drawing.anchors[0])[0]
    return (Line(((x, ground.top), (x, ground.bottom))),)


def _arrow(drawing: Drawing, ground: Ground) -> Sequence[Shape]:
    one, other = ground.point(drawing.anchors[0]), ground.point(drawing.anchors[-1])
    head = Line(arrow_head(one, other), is_closed=True, fill=1.0)
    return Line((one, other)), head


TOOLS = (
    Tool("trend line", "Trend line", _trend, ((0.15, 0.85), (0.85, 0.15))),
    Tool("ray", "Ray", _ray, ((0.25, 0.75), (0.5, 0.5))),
    Tool("extended line", "Extended line", _extended, ((0.4, 0.6), (0.6, 0.4))),
    Tool("horizontal line", "Horizontal line", _horizontal, ((0.5, 0.6),), anchors=1),
    Tool("vertical line", "Vertical line", _vertical, ((0.5, 0.5),), anchors=1),
    Tool("arrow", "Arrow", _arrow, ((0.15, 0.85), (0.8, 0.2))),
)
