"""Drawings on one chart: painted over the bars, placed and moved by the mouse and by keys."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QPainter

from app.domain.errors import BadInput
from app.domain.ids import Symbol
from widgets.drawings.book import DrawingBook, new_key
from widgets.drawings.geometry import is_near
from widgets.drawings.ground import ChartGround
from widgets.drawings.model import ANCHORS_MAX, Anchor, Drawing, Point
from widgets.drawings.paint import HANDLE_PX, paint_handles, paint_shapes
from widgets.drawings.toolbox import TOOLS
from widgets.drawings.tools.base import Placing, Tool
from widgets.plot.layer import Frame, Grip, Layer

DRAG_PX: Final = 6
"""A shorter way is a click."""
STROKE_PX: Final = 4
"""A stroke of the brush gets an anchor after so far a way."""
PASTE_PX: Final = 24
"""How far beside the old one a copy is."""


@dataclass(frozen=True)
class Hands:
    """What a layer of drawings asks of its chart."""

    changed: Callable[[], None]
    """Something is to be painted anew, or another tool is armed."""
    say: Callable[[str], None]
    """Say what went wrong."""
    ask_text: Callable[[Drawing], None]
    """Ask for the words of a drawing."""
    open_menu: Callable[[Drawing, QPoint], None]
    """Open what can be done with a drawing, at a place of the screen."""


class DrawingLayer(Layer):
    """Shows the drawings of the chart's symbol and takes hold of them."""

    def __init__(self, book: DrawingBook, symbol: Callable[[], Symbol], hands: Hands) -> None:
        """Draw what the book has.

        Args:
            book: of all symbols.
            symbol: of the chart.
            hands: what it asks of the chart.
        """
        self._book: Final = book
        self._symbol: Final = symbol
        self._changed: Final = hands.changed
        self._say: Final = hands.say
        self._ask_text: Final = hands.ask_text
        self._open_menu: Final = hands.open_menu
        self.tool: Tool | None = None
        """What the next click begins; None: clicks take what is there."""
        self.color = Drawing(key="", tool="", anchors=()).color
        """Of new drawings: that which was picked last."""
        self.is_magnetic = False
        """Whether anchors go to the prices of bars; Ctrl turns it round."""
        self.selected = ""
        """Key of the drawing that keys act on; empty: none."""
        self._pending: tuple[Anchor, ...] = ()
        """Anchors of the drawing that is being placed."""
        self._hover: Anchor | None = None
        self._frame: Frame | None = None
        """As last painted."""
        self.dragged: Drawing | None = None
        """A drawing as it would be if it were let go now."""

    # What others ask for

    def arm(self, name: str) -> None:
        """Let the next clicks place a drawing; an empty name: take that back."""
        self.tool = TOOLS.get(name)
        self._pending, self._hover, self.selected = (), None, ""
        self._changed()

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Do what a key means; return whether it means anything here."""
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            is_shifted = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
            return self._control_key(key, is_shifted=is_shifted)
        if key == Qt.Key.Key_Escape and (self.tool is not None or self.selected):
            self.arm("")
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._is_enough():
            self._finish(self._pending)
            return True
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.selected:
            self._delete()
            return True
        return False

    # The contract of a layer

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Draw all of the symbol's, what is being placed, and the handles of the selected one."""
        self._frame = frame
        ground = ChartGround(frame)
        box = (0.0, ground.top, ground.width, ground.bottom)
        painter.save()
        painter.setClipRect(
            QRect(0, round(ground.top), round(ground.width), round(ground.bottom - ground.top))
        )
        for drawing in self._shown():
            shapes = TOOLS[drawing.tool].draw(drawing, ground)
            paint_shapes(painter, shapes, drawing.role, drawing.width, box)
            if drawing.key == self.selected and drawing.tool != "brush":
                points = map(ground.point, drawing.anchors)
                paint_handles(painter, points, is_locked=drawing.is_locked)
        painter.restore()

    def grip_at(self, at: QPoint, frame: Frame) -> Grip | None:
        """Return what is under a point: while a tool is armed its next anchor, else a drawing."""
        if not _is_in(at, frame):
            return None
        ground = ChartGround(frame)
        if self.tool is not None:
            # Told at every move of the mouse: what is being placed follows it.
            self._hover = self._anchor(ground, at)
            return _Place(self, at)
        drawing = self._drawing_at(at, ground)
        if drawing is None:
            return None
        handle = -1
        if drawing.key == self.selected and not drawing.is_locked and drawing.tool != "brush":
            handle = _handle_at(drawing, at, ground)
        return _Take(self, drawing, handle, at)

    def let_off(self) -> None:
        """Select nothing: somebody has pressed elsewhere."""
        if self.selected:
            self.selected = ""
            self._changed()

    def double_click(self, at: QPoint, frame: Frame) -> bool:
        """End a path, or ask for the words of what has some."""
        if self.tool is not None:
            if self._is_enough():
                self._finish(self._pending)
            return True
        drawing = self._drawing_at(at, ChartGround(frame)) if _is_in(at, frame) else None
        if drawing is None:
            return False
        if TOOLS[drawing.tool].has_text:
            self._ask_text(drawing)
        return True

    def context(self, at: QPoint, on_screen: QPoint, frame: Frame) -> bool:
        """Open the menu of the drawing under a point."""
        drawing = self._drawing_at(at, ChartGround(frame)) if _is_in(at, frame) else None
        if drawing is None or self.tool is not None:
            return False
        self.selected = drawing.key
        self._changed()
        self._open_menu(drawing, on_screen)
        return True

    # What grips do

    def press(self, at: QPoint, frame: Frame) -> None:
        """Place an anchor."""
        assert self.tool is not None
        self._place(self._anchor(ChartGround(frame), at))

    def follow(self, at: QPoint, frame: Frame) -> None:
        """The mouse has moved while a drawing is being placed."""
        ground = ChartGround(frame)
        self._hover = self._anchor(ground, at)
        is_stroke = self.tool is not None and self.tool.placing is Placing.STROKE
        if is_stroke and self._pending and len(self._pending) < ANCHORS_MAX:
            x, y = ground.point(self._pending[-1])
            if math.hypot(at.x() - x, at.y() - y) >= STROKE_PX:
                self._pending = (*self._pending, ground.anchor(at.x(), at.y()))
        self._changed()

    def release(self, at: QPoint, frame: Frame, *, is_drag: bool) -> None:
        """The button was let go: of a drag that is another anchor."""
        tool = self.tool
        if tool is None or not self._pending:
            return
        if tool.placing is Placing.STROKE:
            if len(self._pending) >= tool.anchors:
                self._finish(self._pending)
            self._pending = ()
        elif is_drag:
            self._place(self._anchor(ChartGround(frame), at))

    def move(self, drawing: Drawing, handle: int, by: QPoint, frame: Frame) -> None:
        """Show a drawing moved by pixels: one anchor of it, or all of it."""
        if handle >= 0:
            ground, anchors = ChartGround(frame), list(drawing.anchors)
            x, y = ground.point(anchors[handle])
            at = QPoint(round(x) + by.x(), round(y) + by.y())
            others = anchors[handle - 1 : handle] or anchors[1:2]
            anchors[handle] = self._anchor(ground, at, others)
            self.dragged = msgspec.structs.replace(drawing, anchors=tuple(anchors))
        else:
            self.dragged = _moved(drawing, by, frame)
        self._changed()

    def drop(self) -> None:
        """Keep what was moved."""
        moved, self.dragged = self.dragged, None
        if moved is not None:
            self.put(moved)

    def forget(self) -> None:
        """Leave everything as it is."""
        self.dragged = None
        self._changed()

    def select(self, drawing: Drawing) -> None:
        """Let keys act on a drawing."""
        self.selected = drawing.key
        self._changed()

    def put(self, drawing: Drawing) -> bool:
        """Add or change a drawing; return whether it is kept."""
        try:
            self._book.put(self._symbol(), drawing)
        except BadInput as error:
            self._say(str(error))
            return False
        self._changed()
        return True

    def _place(self, anchor: Anchor) -> None:
        tool = self.tool
        assert tool is not None
        if self._pending and self._pending[-1] == anchor:
            return  # Twice the same: the second press of a double click.
        self._pending = (*self._pending, anchor)
        is_whole = tool.placing is Placing.CLICKS and len(self._pending) >= tool.clicks
        if is_whole or len(self._pending) >= ANCHORS_MAX:
            self._finish(self._pending)
        self._changed()

    def _finish(self, anchors: tuple[Anchor, ...]) -> None:
        tool = self.tool
        assert tool is not None
        made = tool.finish(anchors) if tool.finish is not None else anchors
        drawing = Drawing(key=new_key(), tool=tool.name, anchors=made, color=self.color)
        self.arm("")
        if self.put(drawing):
            self.select(drawing)
            if tool.has_text:
                self._ask_text(drawing)

    def _is_enough(self) -> bool:
        tool = self.tool
        is_many = tool is not None and tool.placing is Placing.MANY
        return is_many and tool is not None and len(self._pending) >= tool.anchors

    def _control_key(self, key: Qt.Key, *, is_shifted: bool) -> bool:
        symbol = self._symbol()
        chosen = self._book.get(symbol, self.selected)
        if key == Qt.Key.Key_Z:
            _ = self._book.redo(symbol) if is_shifted else self._book.undo(symbol)
        elif key == Qt.Key.Key_Y:
            self._book.redo(symbol)
        elif key == Qt.Key.Key_C and chosen is not None:
            self._book.copied = chosen
        elif key == Qt.Key.Key_V and self._book.copied is not None:
            self._paste(self._book.copied)
        elif key == Qt.Key.Key_L and chosen is not None:
            self.put(msgspec.structs.replace(chosen, is_locked=not chosen.is_locked))
        else:
            return False
        self._changed()
        return True

    def _paste(self, drawing: Drawing) -> None:
        if self._frame is None:
            return
        beside = _moved(drawing, QPoint(PASTE_PX, PASTE_PX), self._frame)
        try:
            self.selected = self._book.copy(self._symbol(), beside).key
        except BadInput as error:
            self._say(str(error))

    def _delete(self) -> None:
        drawing = self._book.get(self._symbol(), self.selected)
        if drawing is not None and drawing.is_locked:
            self._say("the drawing is locked; Ctrl+L unlocks it")
            return
        self._book.remove(self._symbol(), self.selected)
        self.let_off()

    def _shown(self) -> Sequence[Drawing]:
        moved = self.dragged
        drawings = [
            moved if moved is not None and it.key == moved.key else it
            for it in self._book.of(self._symbol())
        ]
        if self.tool is not None and (self._pending or self._hover is not None):
            drawings += self._unfinished(self.tool)
        return drawings

    def _unfinished(self, tool: Tool) -> list[Drawing]:
        """Return what would be there if the mouse were pressed now."""
        anchors = self._pending
        if self._hover is not None and tool.placing is not Placing.STROKE:
            anchors = (*anchors, self._hover)
        if not anchors or (tool.anchors > 1 and len(anchors) < 2):
            return []
        return [Drawing(key="", tool=tool.name, anchors=anchors, color=self.color)]

    def _drawing_at(self, at: QPoint, ground: ChartGround) -> Drawing | None:
        place: Point = (at.x(), at.y())
        for drawing in reversed(self._book.of(self._symbol())):
            if drawing.key == self.selected and _handle_at(drawing, at, ground) >= 0:
                return drawing
            if is_near(place, TOOLS[drawing.tool].draw(drawing, ground)):
                return drawing
        return None

    def _anchor(
        self, ground: ChartGround, at: QPoint, others: Sequence[Anchor] | None = None
    ) -> Anchor:
        """Return the anchor at a pixel, drawn to a price by the magnet, or along a way by Shift."""
        x, y = float(at.x()), float(at.y())
        held = QGuiApplication.keyboardModifiers()
        before = self._pending[-1:] if others is None else others
        if before and held & Qt.KeyboardModifier.ShiftModifier:
            x, y = _straight(ground.point(before[0]), (x, y))
        anchor = ground.anchor(x, y)
        is_turned = bool(held & Qt.KeyboardModifier.ControlModifier)
        return ground.magnet(anchor) if self.is_magnetic != is_turned else anchor


class _Place(Grip):
    """The next anchor of what is being placed, from press to release."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, layer: DrawingLayer, at: QPoint) -> None:
        self._layer = layer
        self._from = at
        self._is_placed = False
        self._is_drag = False

    def press(self, at: QPoint, frame: Frame) -> None:
        """Place it."""
        self._layer.press(at, frame)

    def drag(self, at: QPoint, frame: Frame) -> None:
        """Let what is being placed follow."""
        self._is_drag = self._is_drag or _way(at, self._from) >= DRAG_PX
        self._layer.follow(at, frame)

    def drop(self, at: QPoint, frame: Frame) -> None:
        """Place another one, if it was a drag."""
        self._layer.release(at, frame, is_drag=self._is_drag)

    def cancel(self) -> None:
        """Give up what is being placed."""
        self._layer.arm("")


class _Take(Grip):
    """A drawing under the mouse."""

    def __init__(self, layer: DrawingLayer, drawing: Drawing, handle: int, at: QPoint) -> None:
        self._layer = layer
        self._drawing = drawing
        self._handle = handle
        self._from = at
        self._is_drag = False

    @property
    def cursor(self) -> Qt.CursorShape:
        """How the mouse looks over it."""
        if self._drawing.is_locked:
            return Qt.CursorShape.PointingHandCursor
        return Qt.CursorShape.CrossCursor if self._handle >= 0 else Qt.CursorShape.SizeAllCursor

    def press(self, at: QPoint, frame: Frame) -> None:  # noqa: ARG002  The contract's.
        """Select it."""
        self._layer.select(self._drawing)

    def drag(self, at: QPoint, frame: Frame) -> None:
        """Show it moved."""
        self._is_drag = self._is_drag or _way(at, self._from) >= DRAG_PX
        if self._is_drag and not self._drawing.is_locked:
            self._layer.move(self._drawing, self._handle, at - self._from, frame)

    def drop(self, at: QPoint, frame: Frame) -> None:  # noqa: ARG002  The contract's.
        """Keep it there."""
        self._layer.drop()

    def cancel(self) -> None:
        """Leave it where it was."""
        self._layer.forget()


def _is_in(at: QPoint, frame: Frame) -> bool:
    box = frame.geometry.panes[0].box
    return 0 <= at.x() < frame.geometry.width and box.top <= at.y() < box.bottom


def _way(one: QPoint, other: QPoint) -> float:
    return math.hypot(one.x() - other.x(), one.y() - other.y())


def _handle_at(drawing: Drawing, at: QPoint, ground: ChartGround) -> int:
    """Return which anchor's handle is under a point; -1: none."""
    for number, anchor in enumerate(drawing.anchors):
        x, y = ground.point(anchor)
        if max(abs(at.x() - x), abs(at.y() - y)) <= HANDLE_PX:
            return number
    return -1


def _moved(drawing: Drawing, by: QPoint, frame: Frame) -> Drawing:
    """Return a drawing moved by pixels, all its anchors by the same number of bars."""
    ground, bars = ChartGround(frame), round(by.x() / frame.scale.step)

    def there(anchor: Anchor) -> Anchor:
        ts_ns = ground.ts_of(round(ground.number(anchor[0])) + bars) if bars else anchor[0]
        y = ground.point(anchor)[1] + by.y()
        return ts_ns, frame.scale.price_at(y) if by.y() else anchor[1]

    return msgspec.structs.replace(drawing, anchors=tuple(map(there, drawing.anchors)))


def _straight(start: Point, end: Point) -> Point:
    """Return an end moved so that the way is level, upright or at 45 degrees."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    turn = round(math.atan2(dy, dx) / (math.pi / 4)) % 4
    if turn == 0:
        return end[0], start[1]
    if turn == 2:
        return start[0], end[1]
    way = max(abs(dx), abs(dy))
    return start[0] + math.copysign(way, dx), start[1] + math.copysign(way, dy)
