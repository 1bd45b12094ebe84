"""An outline: rows with rows under them, made when they are opened and written when painted.

The danger: Qt's own tree view asks the model about every row of the top level at each insertion;
with 100,000 orders that is a second of standing still for every new one. Here the outline is a
plain table of those rows that are open now. The top level is a list of keys; what stands under an
opened row is a short list beside it. A row's words are made when it is painted first, and Qt hears
of single cells, of painted rows only.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPolygon
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from widgets import theme
from widgets.cells import PADDING_PX, AnyIndex, CellDelegate, CellModel, Column
from widgets.palettes import Role
from widgets.tables import Table

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")

ARROW_PX: Final = 12
INDENT_PX: Final = 8
"""How far one level stands in."""
WORDS_KEPT_MAX: Final = 2_000
"""Rows whose words are kept."""


@dataclass(frozen=True)
class Node(Generic[K]):
    """A row's place in the outline; what it says is asked for when it is painted."""

    key: K
    depth: int
    has_more: bool
    """Whether rows can be opened under it."""


@dataclass
class _Painted(Generic[R]):
    """What was made of a row when it was painted."""

    row: R
    cells: list[tuple[str, Role]]


class OutlineModel(CellModel[R], Generic[K, R]):
    """Top-level rows newest first, each with the rows that are open under it."""

    forgotten = Signal()
    """Words were dropped: everything in sight is to be painted anew."""

    def __init__(
        self,
        columns: tuple[Column[R], ...],
        *,
        under: Callable[[K], Iterable[tuple[K, bool]]],
        row_of: Callable[[K], R],
        parent: QWidget | None = None,
    ) -> None:
        """Make an empty outline.

        Args:
            columns: as declared.
            under: key -> the keys under it, each with whether there are more under that.
            row_of: key -> what its row says now.
            parent: owner.
        """
        super().__init__(columns, parent)
        self._under: Final = under
        self._row_of: Final = row_of
        self._all: dict[K, bool] = {}
        """Keys of the top level, oldest first, shown or not -> whether there is more under them."""
        self._is_arranged = False
        self.extra: Callable[[K], str] = lambda _key: ""
        """Other words by which a row of the top level is found."""
        self._roots: list[Node[K]] = []
        """Those that are shown, the lowest first."""
        self._numbers: dict[K, int] = {}
        """Key -> number of its root."""
        self._open: set[K] = set()
        self._blocks: dict[int, list[Node[K]]] = {}
        """Number of an opened root -> rows under it, as shown."""
        self._opened: list[int] = []
        """Numbers of opened roots, from above."""
        self._heads: list[int] = []
        """Their places."""
        self._painted: dict[K, _Painted[R]] = {}
        self._asked: tuple[K, R] | None = None
        """The row whose words were asked for last, while rows are put in order."""

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: N802, B008  Qt's.
        """Return the number of rows that are open now."""
        if parent.isValid():
            return 0
        return len(self._roots) + sum(len(block) for block in self._blocks.values())

    def row(self, place: int) -> R:
        """Return what stands in a row of the view."""
        return self._paint(self.node(place).key).row

    def cell(self, place: int, column: int) -> tuple[str, Role]:
        """Return the words and colour of a cell of the view."""
        return self._paint(self.node(place).key).cells[column]

    def node(self, place: int) -> Node[K]:
        """Return the node that stands in a row of the view."""
        head = bisect_right(self._heads, place) - 1
        if head < 0:
            return self._roots[len(self._roots) - 1 - place]
        number = self._opened[head]
        below = place - self._heads[head]
        block = self._blocks[number]
        if below == 0:
            return self._roots[number]
        if below <= len(block):
            return block[below - 1]
        return self._roots[number - (below - len(block))]

    def find(self, key: K) -> int | None:
        """Return the row of the view that a key stands in; None while it is not open."""
        number = self._numbers.get(key)
        if number is not None:
            return self._place_of(number)
        for number, block in self._blocks.items():
            for below, node in enumerate(block, start=1):
                if node.key == key:
                    return self._place_of(number) + below
        return None

    def is_root(self, key: K) -> bool:
        """Whether a key stands at the top level, shown or not."""
        return key in self._all

    def key_at(self, place: int) -> K:
        """Return the key of a row of the view."""
        return self.node(place).key

    def candidates(self) -> Sequence[K]:
        """Return the keys of the top level, the newest first."""
        return tuple(reversed(self._all))

    def words_of(self, key: K, column: int) -> str:
        """Return what a row of the top level says in a column."""
        painted = self._painted.get(key)
        if painted is not None:
            return painted.cells[column][0]
        if self._asked is None or self._asked[0] != key:
            self._asked = (key, self._row_of(key))
        return self.columns[column].text(self._asked[1])

    def extra_words(self, key: K) -> str:
        """Return other words by which a row of the top level is found, small letters."""
        return self.extra(key)

    def show_only(self, keys: Sequence[K] | None) -> None:
        """Show these rows of the top level in this order; None for all, the newest first."""
        self._is_arranged, self._asked = keys is not None, None
        shown = list(self._all) if keys is None else [key for key in reversed(keys)]
        if shown == [node.key for node in self._roots]:
            return
        self.beginResetModel()
        self._roots = [Node(key, 0, self._all[key]) for key in shown]
        self._numbers = {key: number for number, key in enumerate(shown)}
        self._blocks = {
            self._numbers[key]: block
            for key in shown
            if key in self._open and (block := self._rows_under(key, 1))
        }
        self._measure()
        self.endResetModel()

    def is_open(self, key: K) -> bool:
        """Whether what is under a key is shown."""
        return key in self._open

    def set_open(self, place: int, *, is_open: bool) -> None:
        """Show or hide what is under a row; nothing happens where nothing is."""
        node = self.node(place)
        if is_open == (node.key in self._open) or (is_open and not node.has_more):
            return
        (self._open.add if is_open else self._open.discard)(node.key)
        self._renew(self._root_at(place))
        self.tell(place, 0)

    def parent_of(self, place: int) -> int | None:
        """Return the row that a row stands under; None at the top."""
        depth = self.node(place).depth
        while depth and place > 0:
            place -= 1
            if self.node(place).depth < depth:
                return place
        return None

    def add(self, keys: Iterable[tuple[K, bool]]) -> None:
        """Put new rows on top, the last one first."""
        new = [Node(key, 0, has_more) for key, has_more in keys]
        if not new:
            return
        self._all |= {node.key: node.has_more for node in new}
        self.is_disordered = True
        if self._is_arranged:
            return  # They are shown where they belong, if they do.
        self.beginInsertRows(QModelIndex(), 0, len(new) - 1)
        for node in new:
            self._numbers[node.key] = len(self._roots)
            self._roots.append(node)
        self._measure()
        self.endInsertRows()

    def renew(self, key: K, root: K) -> None:
        """Bring a row, and what is under it, up to date; `root` is the row at the top of both."""
        self.is_disordered = True
        if root in self._open and root in self._numbers:
            self._renew(self._numbers[root])
        self.rewrite(key)
        for child, _ in self._under(key):
            self.rewrite(child)

    def rewrite(self, key: K) -> None:
        """Make a painted row's words anew; Qt hears of the cells that differ."""
        painted = self._painted.get(key)
        if painted is None:
            return
        row = self._row_of(key)
        cells = self.texts_of(row)
        self._painted[key] = _Painted(row, cells)
        if cells == painted.cells:
            return
        place = self.find(key)
        for column, (before, after) in enumerate(zip(painted.cells, cells, strict=True)):
            if place is not None and before != after:
                self.tell(place, column)

    def _paint(self, key: K) -> _Painted[R]:
        painted = self._painted.get(key)
        if painted is None:
            if len(self._painted) >= WORDS_KEPT_MAX:
                self._painted.clear()
                self.forgotten.emit()
            row = self._row_of(key)
            painted = self._painted[key] = _Painted(row, self.texts_of(row))
        return painted

    def _renew(self, number: int) -> None:
        """Bring the rows under a root up to date; those that stay keep their selection."""
        root = self._roots[number]
        old = self._blocks.get(number, [])
        new = self._rows_under(root.key, 1) if root.key in self._open else []
        same = 0
        while same < min(len(old), len(new)) and old[same] == new[same]:
            same += 1
        tail = 0
        while tail < min(len(old), len(new)) - same and old[-1 - tail] == new[-1 - tail]:
            tail += 1
        first = self._place_of(number) + 1 + same
        kept = old[len(old) - tail :]
        if len(old) - tail > same:
            self.beginRemoveRows(QModelIndex(), first, first + len(old) - tail - same - 1)
            self._set_block(number, old[:same] + kept)
            self.endRemoveRows()
        if len(new) - tail > same:
            self.beginInsertRows(QModelIndex(), first, first + len(new) - tail - same - 1)
            self._set_block(number, new)
            self.endInsertRows()

    def _rows_under(self, key: K, depth: int) -> list[Node[K]]:
        rows: list[Node[K]] = []
        for child, has_more in self._under(key):
            rows.append(Node(child, depth, has_more))
            if child in self._open:
                rows += self._rows_under(child, depth + 1)
        return rows

    def _set_block(self, number: int, block: list[Node[K]]) -> None:
        if block:
            self._blocks[number] = block
        else:
            self._blocks.pop(number, None)
        self._measure()

    def _measure(self) -> None:
        """Work out where the opened roots stand."""
        self._heads = []
        above = 0
        self._opened = sorted(self._blocks, reverse=True)
        for number in self._opened:
            self._heads.append(len(self._roots) - 1 - number + above)
            above += len(self._blocks[number])

    def _root_at(self, place: int) -> int:
        while self.node(place).depth:
            place -= 1
        return self._numbers[self.node(place).key]

    def _place_of(self, number: int) -> int:
        above = sum(len(block) for opened, block in self._blocks.items() if opened > number)
        return len(self._roots) - 1 - number + above


class OutlineTable(Table):
    """A table whose rows open and close: by a click on the arrow, by Right and Left."""

    def __init__(self, model: OutlineModel[Any, Any], empty_text: str, parent: QWidget) -> None:
        super().__init__(model, empty_text, parent)
        self._outline: Final = model
        self.setItemDelegate(OutlineDelegate(self))
        model.forgotten.connect(self.viewport().update)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name.
        """Right opens, or goes to the first row under; Left closes, or goes to the row above."""
        place = self.selected_row()
        if place is None or event.key() not in (Qt.Key.Key_Right, Qt.Key.Key_Left):
            super().keyPressEvent(event)
            return
        event.accept()
        node = self._outline.node(place)
        is_open = self._outline.is_open(node.key)
        if event.key() == Qt.Key.Key_Right:
            if is_open:
                self.select_row(place + 1)
            else:
                self._outline.set_open(place, is_open=True)
        elif is_open:
            self._outline.set_open(place, is_open=False)
        elif (above := self._outline.parent_of(place)) is not None:
            self.select_row(above)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name.
        """Open or close with the arrow; anywhere else a click picks the row."""
        super().mousePressEvent(event)
        place = self._arrow_at(event.position().toPoint())
        if place is not None and event.button() is Qt.MouseButton.LeftButton:
            self._toggle(place)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name.
        """Open or close the row."""
        at = event.position().toPoint()
        place = self.rowAt(at.y())
        if event.button() is Qt.MouseButton.LeftButton and place >= 0:
            self._toggle(place)

    def arrow_rect(self, place: int) -> QRect:
        """Return where a row's arrow is, in the viewport."""
        rect = self.visualRect(self._outline.index(place, 0))
        left = rect.left() + indent_px(self._outline.node(place).depth)
        return QRect(left, rect.top(), ARROW_PX, rect.height())

    def _arrow_at(self, at: QPoint) -> int | None:
        place = self.rowAt(at.y())
        return place if place >= 0 and self.arrow_rect(place).contains(at) else None

    def _toggle(self, place: int) -> None:
        is_open = self._outline.is_open(self._outline.node(place).key)
        self._outline.set_open(place, is_open=not is_open)


class OutlineDelegate(CellDelegate):
    """Sets the first column in by its level, behind the arrow."""

    def inset_px(self, index: AnyIndex) -> int:
        """Return the room at the left of the words."""
        if index.column():
            return super().inset_px(index)
        model = index.model()
        assert isinstance(model, OutlineModel)
        return indent_px(model.node(index.row()).depth) + ARROW_PX + 2

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw one cell, the arrow too."""
        super().paint(painter, option, index)
        model = index.model()
        assert isinstance(model, OutlineModel)
        if index.column() == 0 and (node := model.node(index.row())).has_more:
            cell: QRect = option.rect
            left = cell.left() + indent_px(node.depth)
            arrow = QRect(left, cell.top(), ARROW_PX, cell.height())
            _paint_arrow(painter, arrow, is_open=model.is_open(node.key))


def indent_px(depth: int) -> int:
    """Return how far a level's arrow stands in from the left edge of the row."""
    return PADDING_PX // 2 + depth * INDENT_PX


def _paint_arrow(painter: QPainter, rect: QRect, *, is_open: bool) -> None:
    middle = rect.center()
    points = (
        [QPoint(-4, -2), QPoint(4, -2), QPoint(0, 3)]
        if is_open
        else [QPoint(-2, -4), QPoint(3, 0), QPoint(-2, 4)]
    )
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(Role.DIM))
    painter.drawPolygon(QPolygon([middle + point for point in points]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
