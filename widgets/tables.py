"""Tables over versioned views: rows by key, changed cells only, painted by an own delegate.

The danger: telling Qt of a rectangle of cells makes it ask Python for every role of every cell in
it. Here a row's texts are computed when the row changes, compared with what is shown, and Qt hears
of single cells that differ. The delegate paints from those texts and asks the model for nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from widgets import theme
from widgets.theme import ALIGN_CENTER, ALIGN_LEFT, ALIGN_RIGHT, Role
from widgets.typing_keys import begins_name

R = TypeVar("R")
AnyIndex = QModelIndex | QPersistentModelIndex

FADE_S: Final = 0.3
"""How long a changed cell stays marked."""
PADDING_PX: Final = 8


class Face(Enum):
    """How a cell's text is set."""

    TEXT = "text"
    BOLD = "bold"
    FIGURES = "figures"
    """One width for every digit, right-aligned unless the column says otherwise."""


def _plain(_row: object) -> Role:
    return Role.TEXT


@dataclass(frozen=True)
class Column(Generic[R]):
    """One declared column."""

    title: str
    text: Callable[[R], str]
    """The cell's words; also what is compared to find out whether the cell changed."""
    width_px: int
    """Smallest width; spare room is shared out in proportion."""
    face: Face = Face.TEXT
    role: Callable[[R], Role] = _plain
    is_right: bool | None = None
    """None: right for figures, left for words."""
    fades: bool = False
    """Whether a change is marked for a moment."""
    is_elastic: bool = False
    """Whether it takes most of the spare room, and gives way first where there is none."""
    drops: bool = False
    """Whether it is left out where there is not room for all."""
    paint: Callable[[QPainter, QRect, R], None] | None = None
    """Draws the cell instead of its text."""

    @property
    def alignment(self) -> Qt.AlignmentFlag:
        """Where the text stands."""
        right = self.face is Face.FIGURES if self.is_right is None else self.is_right
        return ALIGN_RIGHT if right else ALIGN_LEFT


class CellModel(QAbstractTableModel, Generic[R]):
    """What the delegate paints from: declared columns, and the words and colour of each cell."""

    def __init__(self, columns: tuple[Column[R], ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns: Final = columns
        self.cells_changed = 0
        """Cells Qt was told of since the start."""

    def row(self, place: int) -> R:
        """Return what stands in a row of the view."""
        raise NotImplementedError

    def cell(self, place: int, column: int) -> tuple[str, Role]:
        """Return the words and colour of a cell of the view."""
        raise NotImplementedError

    def freshness(self, place: int, column: int) -> float:  # noqa: ARG002  For those that fade.
        """Return 1 for a cell that has just changed, falling to 0."""
        return 0.0

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: N802, B008  Qt's.
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        """Return a cell's words, for readers other than the delegate."""
        if not index.isValid():
            return None
        if role in _WORD_ROLES:
            return self.cell(index.row(), index.column())[0]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.columns[index.column()].alignment
        return None

    def headerData(  # noqa: N802  Qt's name.
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # noqa: ANN401  Qt's signature.
        """Return a column's title."""
        if orientation is Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self.columns[section].title
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return self.columns[section].alignment
        return None

    def texts_of(self, row: R) -> list[tuple[str, Role]]:
        """Return the words and colours of a row."""
        return [(column.text(row), column.role(row)) for column in self.columns]

    def tell(self, place: int, column: int) -> None:
        """Tell Qt of one cell that changed."""
        self.cells_changed += 1
        index = self.index(place, column)
        self.dataChanged.emit(index, index, [Qt.ItemDataRole.DisplayRole])


class TableModel(CellModel[R]):
    """Rows by key, in order of arrival or newest first."""

    def __init__(
        self,
        columns: tuple[Column[R], ...],
        key: Callable[[R], Hashable],
        *,
        newest_first: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(columns, parent)
        self._key = key
        self._newest_first = newest_first
        self._rows: list[R] = []
        self._cells: list[list[tuple[str, Role]]] = []
        self._places: dict[Hashable, int] = {}
        """Key -> number of the row since the first ever; `_dropped` less is its place now."""
        self._dropped = 0
        self._fading: dict[tuple[Hashable, int], float] = {}
        """(key, column) -> when the cell changed, seconds."""

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: N802, B008  Qt's.
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def put(self, rows: Iterable[R]) -> None:
        """Add rows with new keys and change those with known ones; Qt hears of what differs."""
        added: list[R] = []
        added_keys: dict[Hashable, int] = {}
        for row in rows:
            key = self._key(row)
            if key in self._places:
                self._change(self._places[key] - self._dropped, row)
            elif key in added_keys:
                added[added_keys[key]] = row
            else:
                added_keys[key] = len(added)
                added.append(row)
        if added:
            self._append(added)

    def trim(self, count_max: int) -> None:
        """Drop the oldest rows beyond a number."""
        surplus = len(self._rows) - count_max
        if surplus <= 0:
            return
        first = count_max if self._newest_first else 0
        self.beginRemoveRows(QModelIndex(), first, first + surplus - 1)
        for row in self._rows[:surplus]:
            del self._places[self._key(row)]
        del self._rows[:surplus]
        del self._cells[:surplus]
        self._dropped += surplus
        self.endRemoveRows()

    def clear(self) -> None:
        """Drop every row."""
        self.beginResetModel()
        self._rows.clear()
        self._cells.clear()
        self._places.clear()
        self._fading.clear()
        self._dropped = 0
        self.endResetModel()

    def row(self, place: int) -> R:
        """Return what stands in a row of the view."""
        return self._rows[self._turn(place)]

    def cell(self, place: int, column: int) -> tuple[str, Role]:
        """Return the words and colour of a cell of the view."""
        return self._cells[self._turn(place)][column]

    def find(self, key: Hashable) -> int | None:
        """Return the row of the view that a key stands in."""
        place = self._places.get(key)
        return None if place is None else self._turn(place - self._dropped)

    @property
    def is_fading(self) -> bool:
        """Whether marks of changes are still on the screen."""
        return bool(self._fading)

    def fade(self) -> None:
        """Let marks of changes fade; to be called once a frame while there are any."""
        now_s = time.perf_counter()
        for (key, column), since_s in list(self._fading.items()):
            place = self.find(key)
            if now_s - since_s >= FADE_S or place is None:
                del self._fading[key, column]
            if place is not None:
                index = self.index(place, column)
                self.dataChanged.emit(index, index, [Qt.ItemDataRole.DisplayRole])

    def freshness(self, place: int, column: int) -> float:
        """Return 1 for a cell that has just changed, falling to 0."""
        if not self._fading:
            return 0.0
        since_s = self._fading.get((self._key(self.row(place)), column))
        if since_s is None:
            return 0.0
        return max(0.0, 1.0 - (time.perf_counter() - since_s) / FADE_S)

    def _turn(self, place: int) -> int:
        return len(self._rows) - 1 - place if self._newest_first else place

    def _append(self, rows: list[R]) -> None:
        first = 0 if self._newest_first else len(self._rows)
        self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
        for row in rows:
            self._places[self._key(row)] = self._dropped + len(self._rows)
            self._rows.append(row)
            self._cells.append(self.texts_of(row))
        self.endInsertRows()

    def _change(self, place: int, row: R) -> None:
        self._rows[place] = row
        old, new = self._cells[place], self.texts_of(row)
        if old == new:
            return
        self._cells[place] = new
        shown = self._turn(place)
        for column, (before, after) in enumerate(zip(old, new, strict=True)):
            if before == after:
                continue
            if self.columns[column].fades and before[0] != after[0]:
                self._fading[self._key(row), column] = time.perf_counter()
            self.tell(shown, column)


class CellDelegate(QStyledItemDelegate):
    """Paint a cell from the model's texts: background, words, nothing else."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw one cell."""
        model = index.model()
        assert isinstance(model, CellModel)
        rect: QRect = option.rect
        state = option.state
        place, number = index.row(), index.column()
        column = model.columns[number]
        words, role = model.cell(place, number)
        selected = bool(state & _SELECTED)
        if selected:
            painter.fillRect(rect, theme.color(Role.SELECTED))
        elif freshness := model.freshness(place, number):
            # Five steps are enough for the eye and keep the colours few.
            painter.fillRect(rect, theme.tint(Role.ACCENT, 0.2 * round(freshness * 5) / 5))
        painter.setPen(theme.color(Role.RAISED))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if column.paint is not None:
            painter.save()
            column.paint(painter, rect, model.row(place))
            painter.restore()
            return
        painter.setFont(_FACES[column.face]())
        painter.setPen(theme.color(Role.TEXT if selected and role is Role.DIM else role))
        inner = rect.adjusted(self.inset_px(index), 0, -PADDING_PX, 0)
        if painter.fontMetrics().horizontalAdvance(words) > inner.width():
            words = painter.fontMetrics().elidedText(
                words, Qt.TextElideMode.ElideRight, inner.width()
            )
        painter.drawText(inner, column.alignment, words)

    def inset_px(self, index: AnyIndex) -> int:  # noqa: ARG002  For those that set in.
        """Return the room at the left of the words."""
        return PADDING_PX


class Table(QTableView):
    """A view with the house's manners: whole rows, no grid, columns that fill the width."""

    row_picked = Signal(int)
    """A row of the view was clicked or reached with the keyboard."""

    def __init__(self, model: CellModel[Any], empty_text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._model: Final = model
        self._empty_text = empty_text
        model.setParent(self)
        self.setModel(model)
        self.setItemDelegate(CellDelegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(theme.ROW_HEIGHT_PX)
        self.verticalHeader().setDefaultSectionSize(theme.ROW_HEIGHT_PX)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setFixedHeight(theme.ROW_HEIGHT_PX)
        header.setMinimumSectionSize(28)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        self.selectionModel().currentRowChanged.connect(self._on_row)
        model.rowsInserted.connect(self._on_first_rows)

    def selected_row(self) -> int | None:
        """Return the selected row of the view."""
        rows = self.selectionModel().selectedRows()
        return rows[0].row() if rows else None

    def select_row(self, place: int) -> None:
        """Select a row of the view without scrolling."""
        index = self._model.index(place, 0)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name.
        """Share the width out among the columns, in proportion to what they declare."""
        super().resizeEvent(event)
        self._share_width()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name.
        """Leave letters to the window: they begin a symbol."""
        if begins_name(event):
            event.ignore()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  Qt's name.
        """Draw the rows, or what will stand here."""
        super().paintEvent(event)
        if not self._model.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(theme.color(Role.DIM))
            painter.setFont(theme.text_font())
            box = self.viewport().rect().adjusted(16, 0, -16, 0)
            painter.drawText(box, ALIGN_CENTER | Qt.TextFlag.TextWordWrap, self._empty_text)
            painter.end()

    def _share_width(self) -> None:
        columns = self._model.columns
        widths = [column.width_px for column in columns]
        lacks_room = sum(widths) > self.viewport().width()
        for number, column in enumerate(columns):
            if column.drops:
                self.setColumnHidden(number, lacks_room)
                widths[number] *= not lacks_room
        elastic = [i for i, column in enumerate(columns) if column.is_elastic] or list(
            range(len(columns))
        )
        spare = self.viewport().width() - sum(widths)
        if spare < 0:
            # Elastic columns give way first; beyond that the table scrolls sideways.
            give = min(-spare, sum(widths[i] for i in elastic) // 2)
            for number in elastic:
                widths[number] -= give // len(elastic)
        else:
            # Half of the spare room goes to the elastic columns, half to all.
            total = sum(widths)
            widths = [width + spare // 2 * width // total for width in widths]
            rest = self.viewport().width() - sum(widths)
            for place, number in enumerate(elastic):
                share = rest // (len(elastic) - place)
                widths[number] += share
                rest -= share
        for number, width in enumerate(widths):
            if width:
                self.setColumnWidth(number, width)

    def _on_row(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self.row_picked.emit(current.row())

    def _on_first_rows(self) -> None:
        # The empty text is no cell: Qt does not know that it must go.
        self.viewport().update()


def paint_progress(painter: QPainter, rect: QRect, share: float, role: Role) -> None:
    """Draw a bar that is filled to a share (0 to 1)."""
    width, height = rect.width() - 2 * PADDING_PX, 6
    left, top = rect.left() + PADDING_PX, rect.center().y() - height // 2 + 1
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(Role.LINE))
    painter.drawRoundedRect(left, top, width, height, 3, 3)
    filled = round(width * min(1.0, max(0.0, share)))
    if filled:
        painter.setBrush(theme.color(role))
        painter.drawRoundedRect(left, top, max(6, filled), height, 3, 3)


def _bold() -> QFont:
    return theme.text_font(weight=QFont.Weight.DemiBold)


_FACES: Final[dict[Face, Callable[[], QFont]]] = {
    Face.TEXT: theme.text_font,
    Face.BOLD: _bold,
    Face.FIGURES: theme.figure_font,
}
_WORD_ROLES: Final = frozenset(
    {
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.AccessibleTextRole,
        Qt.ItemDataRole.ToolTipRole,
    }
)
_SELECTED: Final = QStyle.StateFlag.State_Selected
