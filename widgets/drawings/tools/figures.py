"""Figures: rectangle, ellipse, a path of clicks, a stroke of the brush, words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from widgets.drawings.geometry import oval
from widgets.drawings.ground import Ground
from widgets.drawings.model import Drawing, Line, Shape, Words
from widgets.drawings.tools.base import Placing, Tool

_FILL: Final = 0.12


def _rectangle(drawing: Drawing, ground: Ground) -> Sequence[Shape]:
    (left, top), (right, bottom) = map(ground.point, (drawing.anchors[0], drawing.anchors[-1]))
    corners = (left, top), (right, top), (right, bottom), (left, bottom)
    return (Line(corners, is_closed=True, fill=_FILL),)


def _ellipse(drawing: Drawing, ground: Ground) -> Sequence[Shape]:
    one, other = map(ground.point, (drawing.anchors[0], drawing.anchors[-1]))
    return (Line(oval(one, other), is_closed=True, fill=_FILL),)


def _path(drawing: Drawing, ground: Ground) -> Sequence[Shape]:
    return (Line(tuple(map(ground.point, drawing.anchors))),)


def _text(drawing: Drawing, ground: Ground) -> Sequence[Shape]:
    return (Words(ground.point(drawing.anchors[0]), drawing.text or "text", is_boxed=True),)


TOOLS = (
    Tool("rectangle", "Rectangle", _rectangle, ((0.15, 0.25), (0.85, 0.75))),
    Tool("ellipse", "Ellipse", _ellipse, ((0.1, 0.2), (0.9, 0.8))),
    Tool(
        "path",
        "Path",
        _path,
        ((0.1, 0.8), (0.35, 0.3), (0.6, 0.65), (0.9, 0.2)),
        placing=Placing.MANY,
    ),
    Tool(
        "brush",
        "Brush",
        _path,
        ((0.1, 0.7), (0.2, 0.5), (0.35, 0.45), (0.5, 0.6), (0.65, 0.7), (0.8, 0.5), (0.9, 0.3)),
        placing=Placing.STROKE,
    ),
    Tool("text", "Text", _text, ((0.5, 0.5),), anchors=1, has_text=True),
)
