"""How the height of a chart is shared: the bars above, studies with scales of their own below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from widgets.plot.content import MAIN_PANE

SPLIT_PX: Final = 1
"""Line between two panes."""
GRIP_PX: Final = 4
"""Distance from such a line at which it can be dragged."""
MAIN_PX_MIN: Final = 80
PANE_PX_MIN: Final = 36
SHARE_DEFAULT: Final = 0.17
"""Height of a study's pane, of the whole."""
SHARE_ALL_MAX: Final = 0.6
"""What the panes of studies may take together."""


@dataclass(frozen=True)
class Box:
    """A pane."""

    key: str
    top: int
    height: int

    @property
    def bottom(self) -> int:
        """Lower edge."""
        return self.top + self.height


class Panes:
    """Shares of the height by pane; a person drags the lines between."""

    def __init__(self) -> None:
        self._shares: dict[str, float] = {}

    def state(self) -> dict[str, float]:
        """Return what to keep in a layout."""
        return {key: round(share, 4) for key, share in self._shares.items()}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take shares back; what is none is left out."""
        self._shares = {
            key: float(share)
            for key, share in state.items()
            if isinstance(share, int | float) and 0.02 <= share <= SHARE_ALL_MAX
        }

    def boxes(self, keys: Iterable[str], height: int) -> tuple[Box, ...]:
        """Return the panes from top to bottom; that of the bars comes first."""
        own = [key for key in dict.fromkeys(keys) if key != MAIN_PANE]
        shares = [self._shares.get(key, SHARE_DEFAULT) for key in own]
        shrink = min(1.0, SHARE_ALL_MAX / sum(shares)) if own else 1.0
        heights = [max(PANE_PX_MIN, round(height * share * shrink)) for share in shares]
        main = max(MAIN_PX_MIN, height - sum(heights) - SPLIT_PX * len(own))
        boxes = [Box(MAIN_PANE, 0, main)]
        for key, pane in zip(own, heights, strict=True):
            boxes.append(Box(key, boxes[-1].bottom + SPLIT_PX, pane))
        return tuple(boxes)

    def grip_at(self, boxes: tuple[Box, ...], y: int) -> str | None:
        """Return the pane whose upper line is at a height; None if none is."""
        return next((box.key for box in boxes[1:] if abs(y - box.top) <= GRIP_PX), None)

    def drag(self, boxes: tuple[Box, ...], key: str, y: int) -> None:
        """Move a pane's upper line to a height."""
        height = sum(box.height for box in boxes)
        box = next(box for box in boxes if box.key == key)
        room = max(0, boxes[0].height - MAIN_PX_MIN)
        wanted = min(max(PANE_PX_MIN, box.bottom - y), box.height + room)
        if height > 0:
            self._shares[key] = min(SHARE_ALL_MAX, wanted / height)
