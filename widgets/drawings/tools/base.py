"""What a tool is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from widgets.drawings.ground import Ground
from widgets.drawings.model import Anchor, Drawing, Shape

Draw = Callable[[Drawing, Ground], Sequence[Shape]]
"""Of a drawing with all its anchors, or with at least one while it is being placed."""


class Placing(StrEnum):
    """How it is placed."""

    CLICKS = "clicks"
    """A click an anchor, or the first two by a drag."""
    MANY = "many"
    """A click an anchor until a double click or Enter."""
    STROKE = "stroke"
    """By a drag, an anchor wherever the mouse went."""


@dataclass(frozen=True)
class Tool:
    """A way to draw."""

    name: str
    """Stable id, stored with drawings."""
    title: str
    draw: Draw
    sample: tuple[tuple[float, float], ...]
    """Anchors of its picture in a square of 1, y down."""
    anchors: int = 2
    """How many it has; of those placed by many clicks the least."""
    placing: Placing = Placing.CLICKS
    has_text: bool = False
    """Whether it asks for words."""
    finish: Callable[[tuple[Anchor, ...]], tuple[Anchor, ...]] | None = None
    """Anchors as placed -> with those that follow from them."""
    placed: int = 0
    """How many of the anchors are placed by hand; 0: all."""

    @property
    def clicks(self) -> int:
        """Anchors that are placed by hand."""
        return self.placed or self.anchors
