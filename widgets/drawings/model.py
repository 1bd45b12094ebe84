"""A drawing as a value, and the shapes that it becomes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import msgspec

from widgets.palettes import Role

ANCHORS_MAX: Final = 500
"""Of one drawing: a stroke of the brush."""
TEXT_CHARS_MAX: Final = 200
WIDTH_MAX: Final = 6
COLORS: Final = (
    Role.ACCENT,
    Role.STUDY,
    Role.STUDY_CYAN,
    Role.STUDY_ORANGE,
    Role.STUDY_PINK,
    Role.STUDY_LIME,
    Role.UP,
    Role.DOWN,
    Role.CAUTION,
    Role.TEXT,
)
"""From which a drawing's colour is picked."""

Anchor = tuple[int, float]
"""UTC ns and price."""
Point = tuple[float, float]
"""Pixels of the view, y down."""


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """Something drawn by hand."""

    key: str
    """Tells it from the others of its symbol."""
    tool: str
    """Name of the tool that draws it."""
    anchors: tuple[Anchor, ...]
    color: str = Role.ACCENT.name
    width: int = 1
    is_locked: bool = False
    text: str = ""

    @property
    def role(self) -> Role:
        """Its colour."""
        return Role[self.color]


def fault_of(drawing: Drawing) -> str:
    """Return what makes a drawing none, in words; empty if nothing does."""
    if not 1 <= len(drawing.anchors) <= ANCHORS_MAX:
        return f"it had {len(drawing.anchors)} anchors, must have 1 to {ANCHORS_MAX}"
    if not all(math.isfinite(price) and abs(ts) < 2**63 for ts, price in drawing.anchors):
        return "an anchor has no time or price"
    if drawing.color not in {role.name for role in COLORS}:
        return f"its colour was '{drawing.color[:20]}'"
    if not 1 <= drawing.width <= WIDTH_MAX:
        return f"its width was {drawing.width}, must be 1 to {WIDTH_MAX}"
    if len(drawing.text) > TEXT_CHARS_MAX:
        return f"its text had {len(drawing.text)} characters, may have {TEXT_CHARS_MAX}"
    return ""


@dataclass(frozen=True)
class Line:
    """A line through points."""

    points: tuple[Point, ...]
    role: Role | None = None
    """None: the drawing's own colour."""
    is_closed: bool = False
    fill: float = 0.0
    """How much of the colour fills it, 0 to 1; what is filled only is no edge."""
    has_edge: bool = True
    is_dashed: bool = False


@dataclass(frozen=True)
class Words:
    """Words in a box beside a point."""

    at: Point
    words: str
    role: Role | None = None
    is_boxed: bool = False
    """Filled behind, and centred on the point."""


Shape = Line | Words
