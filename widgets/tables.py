"""Tables over versioned views: rows by key, changed cells only.

The danger: telling Qt of a rectangle of cells makes it ask Python for every role of every cell in
it. Here a row's texts are computed when the row changes, compared with what is shown, and Qt hears
of single cells that differ. The delegate paints from those texts and asks the model for nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableView,
    QWidget,
)

from widgets import theme
from widgets.arranging import Arranger
from widgets.cells import AnyIndex, CellDelegate, CellModel, Column, Face
from widgets.palettes import Role
from widgets.query import BadQuery, parse_query
from widgets.theme import ALIGN_CENTER
from widgets.typing_keys import begins_name

R = TypeVar("R")

FADE_S: Final = 0.3
"""How long a changed cell stays marked."""


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
        self._order: list[Hashable] | None = None
        """Keys of what is shown, where that is not all in its own order."""
        self._order_places: dict[Hashable, int] = {}

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: N802, B008  Qt's.
        """Return the number of rows that are shown."""
        if parent.isValid():
            return 0
        return len(self._rows) if self._order is None else len(self._order)

    @property
    def count(self) -> int:
        """How many rows there are, shown or not."""
        return len(self._rows)

    def candidates(self) -> Sequence[Hashable]:
        """Return the keys of all rows in their own order, from above."""
        # The places are in the order of arrival: a dict keeps it.
        keys = list(self._places)
        return keys[::-1] if self._newest_first else keys

    def words_of(self, key: Hashable, column: int) -> str:
        """Return what a row says in a column."""
        return self._cells[self._places[key] - self._dropped][column][0]

    def key_at(self, place: int) -> Hashable:
        """Return the key of a row of the view."""
        return self._key(self.row(place))

    def show_only(self, keys: Sequence[Hashable] | None) -> None:
        """Show these rows in this order; None for all in their own."""
        order = None if keys is None else [key for key in keys if key in self._places]
        if order == self._order:
            return
        if order is None or self._order is None or len(order) != len(self._order):
            self.beginResetModel()
            self._set_order(order)
            self.endResetModel()
            return
        self.layoutAboutToBeChanged.emit()
        before, moved = self._order, self.persistentIndexList()
        self._set_order(order)
        for index in moved:
            place = self._order_places.get(before[index.row()], -1)
            to = self.index(place, index.column()) if place >= 0 else QModelIndex()
            self.changePersistentIndex(index, to)
        self.layoutChanged.emit()

    def _set_order(self, order: list[Hashable] | None) -> None:
        self._order = order
        self._order_places = {} if order is None else {key: n for n, key in enumerate(order)}

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
        if self._order is not None:
            gone = {self._key(row) for row in self._rows[:surplus]}
            self.show_only([key for key in self._order if key not in gone])
            self._drop(surplus)
            return
        first = count_max if self._newest_first else 0
        self.beginRemoveRows(QModelIndex(), first, first + surplus - 1)
        self._drop(surplus)
        self.endRemoveRows()

    def _drop(self, surplus: int) -> None:
        for row in self._rows[:surplus]:
            del self._places[self._key(row)]
        del self._rows[:surplus]
        del self._cells[:surplus]
        self._dropped += surplus

    def clear(self) -> None:
        """Drop every row."""
        self.beginResetModel()
        self._rows.clear()
        self._cells.clear()
        self._places.clear()
        self._fading.clear()
        self._dropped = 0
        self.is_disordered = True
        self._set_order(None if self._order is None else [])
        self.endResetModel()

    def row(self, place: int) -> R:
        """Return what stands in a row of the view."""
        return self._rows[self._turn(place)]

    def cell(self, place: int, column: int) -> tuple[str, Role]:
        """Return the words and colour of a cell of the view."""
        return self._cells[self._turn(place)][column]

    def find(self, key: Hashable) -> int | None:
        """Return the row of the view that a key stands in; None while it is not shown."""
        if self._order is not None:
            return self._order_places.get(key)
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
        """Return where the row of a place of the view is kept, and the other way round."""
        if self._order is not None:
            return self._places[self._order[place]] - self._dropped
        return len(self._rows) - 1 - place if self._newest_first else place

    def _append(self, rows: list[R]) -> None:
        if self._order is not None:
            self.is_disordered = True  # They are shown where they belong, if they do.
            self._keep(rows)
            return
        first = 0 if self._newest_first else len(self._rows)
        self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
        self._keep(rows)
        self.endInsertRows()

    def _keep(self, rows: list[R]) -> None:
        for row in rows:
            self._places[self._key(row)] = self._dropped + len(self._rows)
            self._rows.append(row)
            self._cells.append(self.texts_of(row))

    def _change(self, place: int, row: R) -> None:
        self._rows[place] = row
        old, new = self._cells[place], self.texts_of(row)
        if old == new:
            return
        self._cells[place] = new
        self.is_disordered = True
        shown = self.find(self._key(row))
        if shown is None:
            return
        for column, (before, after) in enumerate(zip(old, new, strict=True)):
            if before == after:
                continue
            if self.columns[column].fades and before[0] != after[0]:
                self._fading[self._key(row), column] = time.perf_counter()
            self.tell(shown, column)


class Table(QTableView):
    """A view with the house's manners: whole rows, no grid, columns that fill the width."""

    row_picked = Signal(int)
    """A row of the view was clicked or reached with the keyboard."""

    def __init__(self, model: CellModel[Any], empty_text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._model: Final = model
        self._empty_text = empty_text
        self.arranger: Final = Arranger(model)
        self.paint_ms = 0.0
        """What painting took the last time."""
        self.problem = ""
        """Why what was typed as a filter is none; empty if it is one."""
        self.hidden: frozenset[str] = frozenset()
        """Titles of columns that somebody does not want to see."""
        self._selected_key: Hashable | None = None
        """Of the row that is to be selected again after the rows were put in order."""
        self._is_restoring = False
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
        model.modelAboutToBeReset.connect(self._keep_selection)
        model.modelReset.connect(self._restore_selection)

    @property
    def cells(self) -> CellModel[Any]:
        """What is shown."""
        return self._model

    def allow_sorting(self) -> None:
        """Sort by a click on a title; who shows the table calls `arranger.work` each frame."""
        self.horizontalHeader().setSectionsClickable(True)
        self.horizontalHeader().sectionClicked.connect(self.sort_next)

    def filter(self, typed: str) -> str:
        """Show the rows that fit what was typed; return why it is no filter, or nothing."""
        titles = [column.title for column in self._model.columns]
        try:
            query = parse_query(typed, titles)
        except BadQuery as error:
            self.problem = str(error)
            return self.problem
        self.problem = ""
        self.arranger.want(replace(self.arranger.wanted, query=query))
        self.viewport().update()
        return ""

    def sort(self, column: int | None, *, descending: bool = False) -> None:
        """Sort by a column; None for the table's own order."""
        self._model.show_sorted(None if column is None else (column, descending))
        wanted = replace(self.arranger.wanted, column=column, is_descending=descending)
        self.arranger.want(wanted)

    def sort_next(self, column: int) -> None:
        """Sort by a column, then the other way round, then not at all."""
        is_figures = self._model.columns[column].face is Face.FIGURES
        now = self._model.sorted_by
        if now is None or now[0] != column:
            self.sort(column, descending=is_figures)
        elif now[1] == is_figures:
            self.sort(column, descending=not is_figures)
        else:
            self.sort(None)

    def hide_columns(self, titles: Iterable[str]) -> None:
        """Leave columns out; the first one always stays."""
        known = {column.title for column in self._model.columns[1:]}
        self.hidden = frozenset(titles) & known
        self._share_width()

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
        began_s = time.perf_counter()
        super().paintEvent(event)
        self.paint_ms = (time.perf_counter() - began_s) * 1e3
        if not self._model.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(theme.color(Role.DIM))
            painter.setFont(theme.text_font())
            box = self.viewport().rect().adjusted(16, 0, -16, 0)
            words = self._empty_text
            if self.arranger.wanted.query is not None and self._model.candidates():
                words = "Nothing fits the filter"
            painter.drawText(box, ALIGN_CENTER | Qt.TextFlag.TextWordWrap, words)
            painter.end()

    def _share_width(self) -> None:
        columns = self._model.columns
        widths = [column.width_px * (column.title not in self.hidden) for column in columns]
        lacks_room = sum(widths) > self.viewport().width()
        for number, column in enumerate(columns):
            widths[number] *= not (column.drops and lacks_room)
            self.setColumnHidden(number, not widths[number])
        shown = [i for i, width in enumerate(widths) if width]
        elastic = [i for i in shown if columns[i].is_elastic] or shown
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
        if current.isValid() and not self._is_restoring:
            self.row_picked.emit(current.row())

    def _keep_selection(self) -> None:
        place = self.selected_row()
        self._selected_key = None if place is None else self._model.key_at(place)

    def _restore_selection(self) -> None:
        key, self._selected_key = self._selected_key, None
        place = None if key is None else self._model.find(key)
        if place is not None:
            self._is_restoring = True
            self.select_row(place)
            self._is_restoring = False

    def _on_first_rows(self) -> None:
        # The empty text is no cell: Qt does not know that it must go.
        self.viewport().update()
