"""Distances, cuts and curves in pixels; no Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from widgets.drawings.model import Line, Point, Shape, Words

NEAR_PX: Final = 5.0
"""As near as this the mouse is on a line."""
LETTER_PX: Final = 6.5
LINE_PX: Final = 16.0
"""Height of words."""
_OVAL_SIDES: Final = 48
_FAR_PX: Final = 1e7

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def distance(at: Point, one: Point, other: Point) -> float:
    """Return how far a point is from a line between two others."""
    dx, dy = other[0] - one[0], other[1] - one[1]
    square = dx * dx + dy * dy
    share = 0.0
    if square > 0:
        share = ((at[0] - one[0]) * dx + (at[1] - one[1]) * dy) / square
        share = min(1.0, max(0.0, share))
    return math.hypot(at[0] - one[0] - share * dx, at[1] - one[1] - share * dy)


def is_near(at: Point, shapes: Iterable[Shape]) -> bool:
    """Return whether a point is on one of the edges, or in one of the words."""
    for shape in shapes:
        if isinstance(shape, Words):
            left, top, right, bottom = words_box(shape)
            if left <= at[0] <= right and top <= at[1] <= bottom:
                return True
        elif shape.has_edge and any(
            distance(at, one, other) <= NEAR_PX for one, other in segments(shape)
        ):
            return True
    return False


def segments(line: Line) -> list[tuple[Point, Point]]:
    """Return a line's pieces; of a single point one of no length."""
    points = line.points
    pieces = list(zip(points[:-1], points[1:], strict=True)) or [(points[0], points[0])]
    if line.is_closed:
        pieces.append((points[-1], points[0]))
    return pieces


def words_box(words: Words) -> Box:
    """Return about where words are."""
    width = len(words.words) * LETTER_PX + 8
    x, y = words.at
    if words.is_boxed:
        return x - width / 2, y - LINE_PX / 2, x + width / 2, y + LINE_PX / 2
    return x, y - LINE_PX, x + width, y


def clipped(one: Point, other: Point, box: Box) -> tuple[Point, Point] | None:
    """Return the part of a line within a box; None if there is none. After Liang and Barsky."""
    if not all(math.isfinite(it) for it in (*one, *other)):
        return None
    dx, dy = other[0] - one[0], other[1] - one[1]
    enter, leave = 0.0, 1.0
    for step, room in (
        (-dx, one[0] - box[0]),
        (dx, box[2] - one[0]),
        (-dy, one[1] - box[1]),
        (dy, box[3] - one[1]),
    ):
        if step == 0:
            if room < 0:
                return None
            continue
        share = room / step
        if step < 0:
            enter = max(enter, share)
        else:
            leave = min(leave, share)
    if enter > leave:
        return None
    return (
        (one[0] + enter * dx, one[1] + enter * dy),
        (one[0] + leave * dx, one[1] + leave * dy),
    )


def beyond(one: Point, other: Point) -> Point:
    """Return a point far away in the direction from one to another."""
    dx, dy = other[0] - one[0], other[1] - one[1]
    length = math.hypot(dx, dy)
    if not length > 0:
        return other
    return one[0] + dx / length * _FAR_PX, one[1] + dy / length * _FAR_PX


def middle(one: Point, other: Point) -> Point:
    """Return the point half way."""
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def moved(point: Point, by: Point) -> Point:
    """Return a point moved."""
    return point[0] + by[0], point[1] + by[1]


def oval(one: Point, other: Point) -> tuple[Point, ...]:
    """Return the corners of an ellipse within a rectangle."""
    (x, y), rx, ry = middle(one, other), abs(other[0] - one[0]) / 2, abs(other[1] - one[1]) / 2
    turns = [2 * math.pi * side / _OVAL_SIDES for side in range(_OVAL_SIDES)]
    return tuple((x + rx * math.cos(turn), y + ry * math.sin(turn)) for turn in turns)


def arrow_head(one: Point, other: Point, size: float = 10.0) -> tuple[Point, ...]:
    """Return the corners of the head of an arrow that ends at the second point."""
    turn = math.atan2(other[1] - one[1], other[0] - one[0])
    sides = [
        (other[0] - size * math.cos(turn + off), other[1] - size * math.sin(turn + off))
        for off in (-0.42, 0.42)
    ]
    return other, sides[0], sides[1]
