"""Cells of tables: declared columns, their words and colours, and how they are painted.

The delegate paints from the model's texts and asks it for nothing else: Qt would ask Python for
every role of every cell.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from widgets import theme
from widgets.palettes import Role
from widgets.theme import ALIGN_LEFT, ALIGN_RIGHT

R = TypeVar("R")
AnyIndex = QModelIndex | QPersistentModelIndex

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
        self.is_disordered = False
        self.sorted_by: tuple[int, bool] | None = None
        """Column by which rows stand, and whether the greatest is on top."""

    def row(self, place: int) -> R:
        """Return what stands in a row of the view."""
        raise NotImplementedError

    def cell(self, place: int, column: int) -> tuple[str, Role]:
        """Return the words and colour of a cell of the view."""
        raise NotImplementedError

    def freshness(self, place: int, column: int) -> float:  # noqa: ARG002  For those that fade.
        """Return 1 for a cell that has just changed, falling to 0."""
        return 0.0

    def key_at(self, place: int) -> Hashable:
        """Return the key of a row of the view."""
        raise NotImplementedError

    def find(self, key: Any) -> int | None:  # noqa: ANN401  Each model has keys of its own.
        """Return the row of the view that a key stands in."""
        raise NotImplementedError

    def candidates(self) -> Sequence[Hashable]:
        """Return the keys of all rows in their own order, from above."""
        raise NotImplementedError

    def words_of(self, key: Any, column: int) -> str:  # noqa: ANN401  As above.
        """Return what a row says in a column."""
        raise NotImplementedError

    def extra_words(self, key: Any) -> str:  # noqa: ANN401, ARG002  For those that have some.
        """Return other words by which a row is found, small letters."""
        return ""

    def show_only(self, keys: Sequence[Any] | None) -> None:
        """Show these rows in this order; None for all in their own."""
        raise NotImplementedError

    def show_sorted(self, sorted_by: tuple[int, bool] | None) -> None:
        """Mark the column by which rows are sorted."""
        self.sorted_by = sorted_by
        last = len(self.columns) - 1
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last)

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
                title = self.columns[section].title
                if self.sorted_by is not None and self.sorted_by[0] == section:
                    return f"{title} {'▾' if self.sorted_by[1] else '▴'}"
                return title
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
