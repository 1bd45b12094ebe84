"""Rulers: how far from one point to another, and what a position would risk and gain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from widgets import text
from widgets.drawings.geometry import middle
from widgets.drawings.ground import Ground
from widgets.drawings.model import Anchor, Drawing, Line, Shape, Words
from widgets.drawings.tools.base import Tool
from widgets.palettes import Role

RATIO: Final = 2.0
"""Distance of the target from the entry when it is placed, in distances of the stop."""
_FILL: Final = 0.14


def _measure(drawing: Drawing, ground: Ground) -> Sequence[Shape]:
    one, other = drawing.anchors[0], drawing.anchors[-1]
    (left, top), (right, bottom) = ground.point(one), ground.point(other)
    role = Role.UP if other[1] >= one[1] else Role.DOWN
    corners = (left, top), (right, top), (right, bottom), (left, bottom)
    across, down = middle((left, top), (right, top))[0], middle((left, top), (left, bottom))[1]
    return (
        Line(corners, role, is_closed=True, fill=_FILL),
        Line(((across, top), (across, bottom)), role),
        Line(((left, down), (right, down)), role),
        Words(
            (across, bottom + (14 if bottom > top else -14)), _told(one, other, ground), role, True
        ),
    )


def _told(one: Anchor, other: Anchor, ground: Ground) -> str:
    """Return price, per cent, bars, time and shares between two anchors."""
    change = other[1] - one[1]
    said = f"{change:+,.2f}"
    if one[1] > 0:
        said += f" ({change / one[1] * 100:+.2f} %)"
    bars = round(ground.number(other[0]) - ground.number(one[0]))
    said += f"  {bars:+d} bars  {text.span(abs(other[0] - one[0]))}"
    between = ground.bars_between(min(one[0], other[0]), max(one[0], other[0]))
    volume = 0.0 if between is None else float(np.nansum(between.volume))
    return said + (f"  vol {text.volume(volume)}" if volume > 0 else "")


def _position(drawing: Drawing, ground: Ground) -> Sequence[Shape]:
    points = [ground.point(anchor) for anchor in drawing.anchors]
    if len(points) < 2:
        return (Line(tuple(points)),)
    anchors = drawing.anchors if len(points) > 2 else with_target(drawing.anchors)
    entry, stop, target = (price for _, price in anchors)
    left = points[0][0]
    right = max(left + 60.0, max(ground.point(anchor)[0] for anchor in anchors[1:]))
    shapes: list[Shape] = []
    for price, role in ((target, Role.UP), (stop, Role.DOWN)):
        top, bottom = ground.y(price), ground.y(entry)
        corners = (left, top), (right, top), (right, bottom), (left, bottom)
        shapes.append(Line(corners, role, is_closed=True, fill=_FILL))
    y = ground.y(entry)
    shapes.append(Line(((left, y), (right, y)), Role.TEXT))
    across = (left + right) / 2
    above, below = (-11.0, 11.0) if ground.y(target) < y else (11.0, -11.0)
    risk, gain = abs(entry - stop), abs(target - entry)
    ratio = f"{gain / risk:.2f} R" if risk > 0 else "no risk"
    share = f" ({gain / entry * 100:.2f} %)" if entry > 0 else ""
    lost = f" ({risk / entry * 100:.2f} %)" if entry > 0 else ""
    shapes += [
        Words(
            (across, ground.y(target) + above), f"target {text.price(target)}{share}", Role.UP, True
        ),
        Words((across, y), f"{text.price(entry)}  {ratio}{_size(drawing.text, risk)}", None, True),
        Words((across, ground.y(stop) + below), f"stop {text.price(stop)}{lost}", Role.DOWN, True),
    ]
    return shapes


def _size(typed: str, risk: float) -> str:
    """Return how many shares risk an amount of dollars, if one was typed."""
    found = re.fullmatch(r"\s*\$?([0-9]{1,9}(?:\.[0-9]{1,2})?)\s*", typed)
    if found is None or not risk > 0:
        return ""
    return f"  {int(float(found[1]) / risk):,} shares for ${float(found[1]):,.0f}"


def with_target(anchors: tuple[Anchor, ...]) -> tuple[Anchor, ...]:
    """Return entry, stop and target; the target twice as far as the stop."""
    entry, stop = anchors[0], anchors[1]
    return entry, stop, (stop[0], entry[1] + (entry[1] - stop[1]) * RATIO)


TOOLS = (
    Tool("measure", "Measure", _measure, ((0.2, 0.75), (0.8, 0.35))),
    Tool(
        "long position",
        "Long position",
        _position,
        ((0.2, 0.6), (0.8, 0.8), (0.8, 0.2)),
        anchors=3,
        finish=with_target,
        placed=2,
        has_text=False,
    ),
    Tool(
        "short position",
        "Short position",
        _position,
        ((0.2, 0.4), (0.8, 0.2), (0.8, 0.8)),
        anchors=3,
        finish=with_target,
        placed=2,
    ),
)
