"""Orders placed by the mouse while a chart is armed: a line under it, and a bracket by a drag."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from app.domain.instrument import Instrument
from widgets import theme
from widgets.chart.placing import Exits, Placing, entry_at, exits_of, risk_words
from widgets.order_terms import Draft
from widgets.palettes import Role
from widgets.plot.axis import paint_tag
from widgets.plot.layer import Frame, Grip, Layer

DRAG_PX: Final = 6
"""A shorter way is a click."""
_HEIGHT_PX: Final = 20
_LEFT_PX: Final = 60

Place = Callable[[Draft, Exits | None], None]
Facts = Callable[[], tuple[Instrument | None, float | None]]
"""The instrument and the newest price; None where it is not known."""


class PlaceLayer(Layer):
    """Draws nothing and takes nothing unless it is armed."""

    def __init__(self, hover: Callable[[], QPoint | None], facts: Facts, place: Place) -> None:
        """Begin disarmed.

        Args:
            hover: where the mouse is in the view; None: outside.
            facts: of the chart's symbol.
            place: sends an order, with exits or without.
        """
        self._hover: Final = hover
        self._facts: Final = facts
        self._place: Final = place
        self.placing: Placing | None = None
        """What is armed; None: nothing is."""
        self.dragged: tuple[Draft, Exits | None] | None = None

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Draw the order that a click would send, or the bracket that is being dragged."""
        if self.placing is None:
            return
        if self.dragged is not None:
            entry, exits = self.dragged
            self._paint_line(painter, frame, entry.words, float(entry.price), _role(entry))
            if exits is not None:
                self._paint_exits(painter, frame, entry, exits)
            return
        at = self._hover()
        offered = None if at is None else self.entry_at(at, frame)
        if offered is not None:
            words = f"{offered.words} × {self.placing.qty}  click to send, drag for a bracket"
            self._paint_line(painter, frame, words, float(offered.price), _role(offered))

    def grip_at(self, at: QPoint, frame: Frame) -> Grip | None:
        """Return the order under the mouse, while the chart is armed."""
        entry = self.entry_at(at, frame)
        return None if entry is None else _Entry(self, entry, at)

    def entry_at(self, at: QPoint, frame: Frame) -> Draft | None:
        """Return the order that a click would send; None: none."""
        box = frame.geometry.panes[0].box
        is_in = 0 <= at.x() < frame.geometry.width and box.top <= at.y() < box.bottom
        if self.placing is None or not is_in or not len(frame.content.bars):
            return None
        instrument, last = self._facts()
        return entry_at(self.placing.side, frame.scale.price_at(at.y()), last, instrument)

    def exits_at(self, entry: Draft, at: QPoint, frame: Frame) -> Exits | None:
        """Return the exits with the stop loss at the mouse; None: it is on the wrong side."""
        instrument, _ = self._facts()
        if self.placing is None or instrument is None:
            return None
        return exits_of(entry, frame.scale.price_at(at.y()), self.placing.ratio, instrument)

    def send(self, entry: Draft, exits: Exits | None) -> None:
        """Send it."""
        self._place(entry, exits)

    def _paint_exits(self, painter: QPainter, frame: Frame, entry: Draft, exits: Exits) -> None:
        assert self.placing is not None
        told = risk_words(entry, exits, self.placing)
        self._paint_line(painter, frame, told, float(exits.stop), Role.DOWN)
        self._paint_line(painter, frame, f"target {exits.target}", float(exits.target), Role.UP)

    @staticmethod
    def _paint_line(painter: QPainter, frame: Frame, words: str, price: float, role: Role) -> None:
        scale = frame.scale
        if not scale.has(price):
            return
        y, color = round(scale.y(price)), theme.color(role)
        painter.fillRect(0, y, scale.width, 1, color)
        paint_tag(painter, scale, frame.geometry.axis_width, price, color)
        font = theme.text_font(theme.SMALL_PX)
        width = QFontMetrics(font).horizontalAdvance(words) + 16
        box = QRect(_LEFT_PX, y - _HEIGHT_PX // 2, width, _HEIGHT_PX)
        painter.setPen(color)
        painter.setBrush(theme.color(Role.BACKGROUND))
        painter.drawRoundedRect(box, 3, 3)
        painter.setFont(font)
        painter.drawText(box, theme.ALIGN_CENTER, words)


class _Entry(Grip):
    """An order that is being placed, from press to release."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, layer: PlaceLayer, entry: Draft, at: QPoint) -> None:
        self._layer = layer
        self._entry = entry
        self._from = at
        self._is_drag = False

    def drag(self, at: QPoint, frame: Frame) -> None:
        """Show the bracket."""
        self._is_drag = self._is_drag or abs(at.y() - self._from.y()) >= DRAG_PX
        if self._is_drag:
            self._layer.dragged = self._entry, self._layer.exits_at(self._entry, at, frame)

    def drop(self, at: QPoint, frame: Frame) -> None:
        """Send: a click an order, a drag to where it loses a bracket; any other drag nothing."""
        self._layer.dragged = None
        if self._layer.placing is None:
            return  # Disarmed meanwhile.
        if not self._is_drag:
            self._layer.send(self._entry, None)
            return
        exits = self._layer.exits_at(self._entry, at, frame)
        if exits is not None:
            self._layer.send(self._entry, exits)

    def cancel(self) -> None:
        """Nothing is sent."""
        self._layer.dragged = None


def _role(entry: Draft) -> Role:
    return theme.side_role(entry.side)
