"""What is drawn over the bars and can be taken hold of: the contract of a layer, and one frame.

A new thing on the chart is a layer in a file of its own; the view asks layers from the top down
who is under the mouse, and gives the whole drag to the first that is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPainter

from widgets.plot.axis import PriceLabel, TimeLabel
from widgets.plot.content import MAIN_PANE, ChartContent, StudySeries
from widgets.plot.panes import Box
from widgets.plot.scale import PriceScale, Scale


@dataclass(frozen=True)
class Pane:
    """A pane with its scale and the values on its axis."""

    box: Box
    scale: Scale
    labels: tuple[PriceLabel, ...]

    @property
    def is_main(self) -> bool:
        """Whether the bars are in it."""
        return self.box.key == MAIN_PANE


@dataclass(frozen=True)
class Geometry:
    """Where everything is; equal ones give the same picture of the same values."""

    panes: tuple[Pane, ...]
    times: tuple[TimeLabel, ...]
    width: int
    """Of the drawing area."""
    height: int
    """Of all panes."""
    axis_width: int
    volume_max: float
    extremes: tuple[float, float]
    """Lowest and highest price of the bars in view."""
    base: float
    """Close of the first bar in view, where percent or a baseline count from it; else 0."""
    overlays: tuple[tuple[str, PriceScale], ...] = ()
    """Scales of the studies over the bars that have one of their own, by key."""

    @property
    def scale(self) -> Scale:
        """Of the pane with the bars."""
        return self.panes[0].scale

    def scale_of(self, study: StudySeries, pane: Pane) -> Scale:
        """Return the scale that a study has in its pane."""
        if not study.has_own_scale:
            return pane.scale
        prices = next(scale for key, scale in self.overlays if key == study.key)
        return replace(pane.scale, prices=prices)

    def shift_from(self, old: Geometry) -> int | None:
        """Return by how many pixels the picture of before is to be moved to the left.

        None: it is no use, something else is different as well, or it went the other way.
        """
        by = round((self.scale.left - old.scale.left) * self.scale.step)
        if not 0 <= by < self.width or not self._is_alike(old):
            return None
        kept = [label.x for label in self.times if label.x < self.width - by]
        moved = [label.x - by for label in old.times if label.x >= by]
        return by if kept == moved else None

    def _is_alike(self, old: Geometry) -> bool:
        """Whether all but the time is equal."""
        own = (self.width, self.height, self.axis_width, self.volume_max, self.base, self.overlays)
        others = (old.width, old.height, old.axis_width, old.volume_max, old.base, old.overlays)
        return (
            own == others
            and self.scale.bars == old.scale.bars
            and [(p.box, p.scale.prices) for p in self.panes]
            == [(p.box, p.scale.prices) for p in old.panes]
        )

    def pane_at(self, y: int) -> Pane | None:
        """Return the pane at a height; None below all."""
        return next((it for it in self.panes if it.box.top <= y < it.box.bottom), None)


@dataclass(frozen=True)
class Frame:
    """What is shown, and where."""

    content: ChartContent
    geometry: Geometry

    @property
    def scale(self) -> Scale:
        """Of the pane with the bars."""
        return self.geometry.scale


class Layer(ABC):
    """Something over the bars."""

    @abstractmethod
    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Draw."""

    @abstractmethod
    def grip_at(self, at: QPoint, frame: Frame) -> Grip | None:
        """Return what of it is under a point; None: nothing. Asked at every move of the mouse."""

    def let_off(self) -> None:  # noqa: B027  Most layers do not mind.
        """Somebody has pressed on something else."""

    def double_click(self, at: QPoint, frame: Frame) -> bool:  # noqa: ARG002
        """Take a double click; return whether it meant something here."""
        return False

    def context(self, at: QPoint, on_screen: QPoint, frame: Frame) -> bool:  # noqa: ARG002
        """Open the menu of what is under a point; return whether there is something."""
        return False


class Grip(ABC):
    """What the mouse has hold of, from press to release."""

    @property
    def cursor(self) -> Qt.CursorShape:
        """How the mouse looks over it."""
        return Qt.CursorShape.CrossCursor

    def press(self, at: QPoint, frame: Frame) -> None:  # noqa: B027  Most wait for what follows.
        """The button went down."""

    @abstractmethod
    def drag(self, at: QPoint, frame: Frame) -> None:
        """The mouse has moved with the button down."""

    @abstractmethod
    def drop(self, at: QPoint, frame: Frame) -> None:
        """The button was let go."""

    @abstractmethod
    def cancel(self) -> None:
        """Somebody thought better of it: everything is as it was."""
