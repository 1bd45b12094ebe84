"""What every table can do besides showing rows: filter, sort, choose columns, copy, save as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QMenu

from app.files import replace_file
from widgets import dialogs, text, theme
from widgets.cells import CellModel
from widgets.panel import Panel
from widgets.query import CHARS_MAX, number_of
from widgets.tables import Table

ROWS_MAX: Final = 1_048_575
"""Rows that are copied or saved at once: what a spreadsheet holds below its header."""
FIELD_PX: Final = 168
SIGN_PX: Final = 28
WIDE_FROM_PX: Final = 1_150
"""Of the panel: from here on the whole field is shown."""
_FITTING: Final = (QEvent.Type.Resize, QEvent.Type.FocusIn, QEvent.Type.FocusOut)


class TableTools(QObject):
    """A filter field in the panel's title bar, and a menu on the table."""

    def __init__(self, panel: Panel, table: Table, name: str, example: str) -> None:
        """Give a table its tools.

        Args:
            panel: that the table is in.
            table: what is filtered, sorted and saved.
            name: what its rows are called; the name of the file that is suggested.
            example: a filter, for the empty field.
        """
        super().__init__(table)
        self._panel: Final = panel
        self._table: Final = table
        self._name: Final = name
        self.field: Final = QLineEdit(panel.header)
        self._example: Final = example
        self.field.setAccessibleName(f"Filter of {name}")
        self.field.setMaxLength(CHARS_MAX)
        self.field.setFont(theme.text_font(theme.SMALL_PX))
        self.field.setProperty("small", True)
        self.field.setToolTip(
            "Words that a row must say. Also symbol:AAPL, qty>=500, -cancelled, “two words”"
        )
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        panel.header_row.addWidget(self.field)
        panel.installEventFilter(self)
        table.installEventFilter(self)
        self._fit_field()
        table.allow_sorting()
        if table.contextMenuPolicy() is not Qt.ContextMenuPolicy.CustomContextMenu:
            table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            table.customContextMenuRequested.connect(self._open_menu)

    @property
    def is_busy(self) -> bool:
        """Whether rows are being filtered or sorted."""
        return self._table.arranger.is_busy

    def work(self) -> None:
        """Go on filtering and sorting for a part of a frame."""
        self._table.arranger.work()

    def add_to(self, menu: QMenu) -> None:
        """Put what a table can do into a menu."""
        has_rows = self._table.cells.rowCount() > 0
        copy = menu.addAction("Copy this row\tCtrl+C", self.copy_row)
        copy.setEnabled(self._table.selected_row() is not None)
        menu.addAction("Copy what is shown as CSV", self.copy_all).setEnabled(has_rows)
        menu.addAction("Save what is shown as CSV…", self.save).setEnabled(has_rows)
        columns = menu.addMenu("Columns")
        for column in self._table.cells.columns[1:]:
            action = columns.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(column.title not in self._table.hidden)
            action.toggled.connect(lambda on, title=column.title: self._show_column(title, on))

    def copy_row(self) -> None:
        """Put the selected row on the clipboard, a tab between its cells."""
        place = self._table.selected_row()
        if place is not None:
            cells = self._cells(place)
            QGuiApplication.clipboard().setText("\t".join(cells))
            self._panel.link.said.emit("Copied a row")

    def copy_all(self) -> None:
        """Put all rows that are shown on the clipboard, as CSV."""
        QGuiApplication.clipboard().setText(self.csv())
        self._say_count("Copied")

    def save(self) -> None:
        """Ask for a file and write what is shown into it, as CSV."""

        def write(name: str) -> None:
            try:
                replace_file(Path(name), self.csv().encode("utf-8-sig"))
            except OSError as error:
                self._panel.link.said.emit(f"{name} is not written: {error}")
            else:
                self._say_count(f"Saved as {Path(name).name}:")

        dialogs.ask_file(
            self._panel.window(), f"Save {self._name}", f"{self._name}.csv", write, "CSV (*.csv)"
        )

    def csv(self) -> str:
        """Return what is shown: titles, then rows in their order, all as on the screen."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        columns = self._table.cells.columns
        writer.writerow([columns[number].title for number in self._numbers()])
        for place in range(min(ROWS_MAX, self._table.cells.rowCount())):
            writer.writerow(map(_plain, self._cells(place)))
        return out.getvalue()

    def state(self) -> dict[str, object]:
        """Return what a layout keeps of the table."""
        return {
            "filter": self.field.text(),
            "sort": None if (by := self._table.cells.sorted_by) is None else list(by),
            "hidden": sorted(self._table.hidden),
        }

    def restore(self, state: object) -> None:
        """Take it back; what cannot be used of it is left out."""
        if not isinstance(state, Mapping):
            return
        hidden, sort, typed = state.get("hidden"), state.get("sort"), state.get("filter")
        if isinstance(hidden, list):
            self._table.hide_columns([title for title in hidden if isinstance(title, str)])
        match sort:
            case [int(column), bool(descending)] if 0 <= column < len(self._table.cells.columns):
                self._table.sort(column, descending=descending)
        if isinstance(typed, str):
            self.field.setText(typed[:CHARS_MAX])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name.
        """Esc empties the filter and goes back to the table; Ctrl+C in the table copies."""
        if event.type() in _FITTING:
            self._fit_field()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if watched is self.field and event.key() == Qt.Key.Key_Escape:
                self.field.clear()
                self._table.setFocus()
                return True
            if watched is self._table and event.matches(QKeySequence.StandardKey.Copy):
                self.copy_row()
                return True
        return super().eventFilter(watched, event)

    def _fit_field(self) -> None:
        """Leave the title bar to the tabs where it is narrow, unless somebody filters."""
        is_used = self.field.hasFocus() or bool(self.field.text())
        is_short = self._panel.width() < WIDE_FROM_PX and not is_used
        self.field.setFixedWidth(SIGN_PX if is_short else FIELD_PX)
        self.field.setPlaceholderText("⌕" if is_short else f"Filter: {self._example}")

    def _filter(self, typed: str) -> None:
        problem = self._table.filter(typed)
        self.field.setProperty("invalid", bool(problem))
        self.field.style().unpolish(self.field)
        self.field.style().polish(self.field)
        if problem:
            self._panel.link.said.emit(f"{problem}; the filter before stays")

    def _show_column(self, title: str, on: bool) -> None:  # noqa: FBT001  Qt's signal.
        hidden = set(self._table.hidden)
        (hidden.discard if on else hidden.add)(title)
        self._table.hide_columns(hidden)

    def _numbers(self) -> list[int]:
        columns = self._table.cells.columns
        return [n for n, column in enumerate(columns) if column.title not in self._table.hidden]

    def _cells(self, place: int) -> list[str]:
        model: CellModel[object] = self._table.cells
        return [model.cell(place, number)[0] for number in self._numbers()]

    def _say_count(self, done: str) -> None:
        rows = text.count(self._table.cells.rowCount(), "row")
        self._panel.link.said.emit(f"{done} {rows}")

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self._table)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.add_to(menu)
        menu.popup(self._table.viewport().mapToGlobal(at))


def _plain(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: CWE-1236."""
    is_formula = cell[:1] in ("=", "+", "-", "@", "\t", "\r") and number_of(cell) is None
    return f"'{cell}" if is_formula else cell
