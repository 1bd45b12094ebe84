"""The strip of tools beside the charts, and the menu of one drawing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QGridLayout, QMenu, QToolButton, QWidget

from widgets import dialogs, theme
from widgets.drawings.geometry import Box
from widgets.drawings.model import COLORS, TEXT_CHARS_MAX, WIDTH_MAX, Anchor, Drawing, Line, Point
from widgets.drawings.paint import paint_shapes
from widgets.drawings.toolbox import TOOLS
from widgets.drawings.tools.base import Tool
from widgets.palettes import Role

if TYPE_CHECKING:
    from app.desk import BarColumns
    from widgets.drawings.layer import DrawingLayer

ICON_PX: Final = 18
_SWATCH_PX: Final = 12
_COLUMNS: Final = 2
_ACTIONS: Final = {
    "magnet": ("⊓", "Magnet: anchors go to prices of bars (Ctrl turns it round)"),
    "lock": ("▣", "Lock all drawings"),
    "undo": ("↶", "Undo (Ctrl+Z)"),
    "redo": ("↷", "Redo (Ctrl+Shift+Z)"),
    "clear": ("✕", "Delete all drawings of the symbol"),
}


class DrawBar(QWidget):
    """Tools as their own pictures; one is pressed while it is armed."""

    tool_wanted = Signal(str)
    """Name of the tool to arm; empty: none."""
    act_wanted = Signal(str)
    """magnet, lock, undo, redo or clear."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.tools: Final[dict[str, QToolButton]] = {}
        self.acts: Final[dict[str, QToolButton]] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(2, 4, 2, 4)
        grid.setSpacing(1)
        for name, tool in TOOLS.items():
            button = self._button(tool.title)
            button.setIcon(icon_of(tool))
            button.setIconSize(QSize(ICON_PX, ICON_PX))
            button.setCheckable(True)
            button.clicked.connect(lambda on, name=name: self.tool_wanted.emit(name if on else ""))
            self.tools[name] = button
        for name, (sign, words) in _ACTIONS.items():
            button = self._button(words)
            button.setText(sign)
            button.setCheckable(name == "magnet")
            button.clicked.connect(lambda _on=False, name=name: self.act_wanted.emit(name))
            self.acts[name] = button
        for place, button in enumerate([*self.tools.values(), *self.acts.values()]):
            grid.addWidget(button, place // _COLUMNS, place % _COLUMNS)
        grid.setRowStretch(grid.rowCount(), 1)
        self.setAccessibleName("Drawing tools")

    def show_state(self, layer: DrawingLayer) -> None:
        """Let the buttons tell what is armed and whether the magnet is on."""
        for name, button in self.tools.items():
            button.setChecked(layer.tool is not None and layer.tool.name == name)
        self.acts["magnet"].setChecked(layer.is_magnetic)

    def _button(self, words: str) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.setFixedSize(ICON_PX + 8, ICON_PX + 8)
        return button


class DrawingMenu(QMenu):
    """What can be done with one drawing."""

    def __init__(
        self,
        parent: QWidget,
        drawing: Drawing,
        put: Callable[[Drawing], object],
        act: Callable[[Qt.Key], object],
    ) -> None:
        """Make it.

        Args:
            parent: whose menu it is.
            drawing: the one.
            put: takes it changed.
            act: does what a key does: Delete, or C, L with Ctrl.
        """
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._drawing: Final = drawing
        self._put: Final = put
        colors = self.addMenu("Colour")
        for role in COLORS:
            swatch = QPixmap(_SWATCH_PX, _SWATCH_PX)
            swatch.fill(theme.color(role))
            words = role.name.removeprefix("STUDY_").replace("STUDY", "violet").lower()
            action = colors.addAction(QIcon(swatch), words)
            action.triggered.connect(lambda _on=False, role=role: self._change(color=role.name))
        widths = self.addMenu("Width")
        for width in range(1, WIDTH_MAX + 1):
            action = widths.addAction(f"{width} px")
            action.triggered.connect(lambda _on=False, width=width: self._change(width=width))
        self.addAction("Text…").triggered.connect(lambda: ask_text(parent, drawing, put))
        words = "Unlock" if drawing.is_locked else "Lock"
        self.addAction(words).triggered.connect(lambda: act(Qt.Key.Key_L))
        self.addAction("Copy").triggered.connect(lambda: act(Qt.Key.Key_C))
        delete = self.addAction("Delete")
        delete.triggered.connect(lambda: act(Qt.Key.Key_Delete))
        delete.setEnabled(not drawing.is_locked)

    def _change(self, **changes: object) -> None:
        self._put(msgspec.structs.replace(self._drawing, **changes))


def ask_text(parent: QWidget, drawing: Drawing, put: Callable[[Drawing], object]) -> dialogs.Naming:
    """Ask for the words of a drawing."""
    question = "Words on the chart"
    if drawing.tool.endswith("position"):
        question = "Dollars to risk: the drawing then tells how many shares"

    def keep(words: str) -> None:
        put(msgspec.structs.replace(drawing, text=words.strip()))

    return dialogs.ask_name(parent, "Keep", question, drawing.text, keep, chars_max=TEXT_CHARS_MAX)


def icon_of(tool: Tool) -> QIcon:
    """Return a tool's picture: what it draws, in a small square."""
    ratio = 2
    pixmap = QPixmap(ICON_PX * ratio, ICON_PX * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    box: Box = (0.0, 0.0, float(ICON_PX), float(ICON_PX))
    anchors = tuple((round(x * 1_000), y * ICON_PX) for x, y in tool.sample)
    words = "T" if tool.has_text else ""
    drawing = Drawing(key="", tool=tool.name, anchors=anchors, text=words, color=Role.TEXT.name)
    shapes = [
        shape
        for shape in tool.draw(drawing, _IconGround())
        if tool.has_text or isinstance(shape, Line)
    ]
    with QPainter(pixmap) as painter:
        paint_shapes(painter, shapes, Role.TEXT, 1, box)
    return QIcon(pixmap)


class _IconGround:
    """A square without bars: a time is a thousandth of its width, a price is a pixel."""

    width = float(ICON_PX)
    top = 0.0
    bottom = float(ICON_PX)

    def point(self, anchor: Anchor) -> Point:
        return anchor[0] / 1_000 * ICON_PX, anchor[1]

    def y(self, price: float) -> float:
        return price

    def number(self, ts_ns: int) -> float:
        return ts_ns / 1_000

    def bars_between(self, first_ns: int, last_ns: int) -> BarColumns | None:
        del first_ns, last_ns
        return None
