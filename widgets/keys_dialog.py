"""All keys: to look at, to bind otherwise, and to print as a sheet."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QMarginsF
from PySide6.QtGui import QKeySequence, QPageLayout, QPageSize, QPdfWriter, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from widgets import dialogs, theme
from widgets.actions import ACTIONS, PANEL_KEYS
from widgets.cells import Column, Face
from widgets.keymap import Keymap, normal
from widgets.palettes import Role
from widgets.tables import Table, TableModel

_FIXED: Final = "as it is"
_CHARS_MAX: Final = 40


@dataclass(frozen=True)
class KeyRow:
    """One thing that keys do."""

    name: str
    """Of the action; empty for what panels do with keys."""
    where: str
    what: str
    keys: str
    default: str


def rows_of(keymap: Keymap) -> list[KeyRow]:
    """Return every key, actions first."""
    actions = [
        KeyRow(
            spec.name,
            spec.menu,
            spec.text.removesuffix("…"),
            keymap.shortcut(spec.name),
            keymap.default(spec.name),
        )
        for spec in ACTIONS
    ]
    return actions + [
        KeyRow("", where, what, ", ".join(keys), _FIXED) for where, keys, what in PANEL_KEYS
    ]


def sheet_of(keymap: Keymap) -> str:
    """Return a page with every key, as HTML."""
    parts = ["<h2>Tradedeck: keys</h2>"]
    groups: dict[str, list[KeyRow]] = {}
    for row in rows_of(keymap):
        if row.keys:
            groups.setdefault(row.where, []).append(row)
    for where, rows in groups.items():
        parts.append(f"<h3>{html.escape(where[:1].upper() + where[1:])}</h3><table width='100%'>")
        parts += [
            f"<tr><td width='38%'><b>{html.escape(row.keys)}</b></td>"
            f"<td>{html.escape(row.what)}</td></tr>"
            for row in rows
        ]
        parts.append("</table>")
    return "".join(parts)


def write_sheet(keymap: Keymap, path: str) -> None:
    """Write the sheet as a PDF of A4 pages.

    Raises:
        OSError: it cannot be written.
    """
    with open(path, "wb"):  # Qt would only print a warning.
        pass
    writer = QPdfWriter(path)
    writer.setTitle("Tradedeck: keys")
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(15, 15, 15, 15), QPageLayout.Unit.Millimeter)
    page = QTextDocument()
    page.setDefaultFont(theme.text_font(13))
    page.setHtml(sheet_of(keymap))
    page.print_(writer)


class KeysDialog(QDialog):
    """The table, a field to press new keys in, and the sheet."""

    def __init__(self, parent: QWidget, keymap: Keymap, changed: Callable[[], None]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self._keymap: Final = keymap
        self._changed: Final = changed
        self.search: Final = QLineEdit(self)
        self.search.setPlaceholderText("find: what it does, or its key")
        self.search.setAccessibleName("Find a key")
        self.search.setMaxLength(_CHARS_MAX)
        self.search.textChanged.connect(self._fill)
        self.model: Final = TableModel[KeyRow](_columns(), key=lambda row: (row.where, row.what))
        self.table: Final = Table(self.model, "No key or action is called so", self)
        self.table.setAccessibleName("Keys")
        self.table.row_picked.connect(lambda _place: self._show_row())
        self.said: Final = QLabel(self)
        self.said.setWordWrap(True)
        self.press: Final = QKeySequenceEdit(self)
        self.press.setMaximumSequenceLength(1)
        self.press.setClearButtonEnabled(True)
        self.press.setAccessibleName("New keys: press them")
        self.press.keySequenceChanged.connect(lambda _keys: self._show_buttons())
        self.bind: Final = self._button("Bind", self._bind)
        self.clear: Final = self._button("No key", lambda: self._apply(""))
        self.reset: Final = self._button("As at first", self._reset)
        self.save: Final = self._button("Save as PDF…", self._save)
        close = self._button("Close", self.reject)
        row = QHBoxLayout()
        row.addWidget(self.press)
        for button in (self.bind, self.clear, self.reset):
            row.addWidget(button)
        end = QHBoxLayout()
        end.addWidget(self.save)
        end.addStretch()
        end.addWidget(close)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        for part in (self.search, self.table, self.said):
            column.addWidget(part)
        column.addLayout(row)
        column.addLayout(end)
        self.resize(640, 620)
        self._fill("")
        self.search.setFocus()

    @property
    def row(self) -> KeyRow | None:
        """What is selected."""
        place = self.table.selected_row()
        return None if place is None else self.model.row(place)

    def _button(self, words: str, then: Callable[[], None]) -> QPushButton:
        button = QPushButton(words, self)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _on=False: then())
        return button

    def _fill(self, typed: str) -> None:
        wanted = typed.lower().split()
        self.model.clear()
        self.model.put(
            row
            for row in rows_of(self._keymap)
            if all(word in f"{row.where} {row.what} {row.keys}".lower() for word in wanted)
        )
        if self.model.rowCount():
            self.table.select_row(0)
        self._show_row()

    def _show_row(self) -> None:
        row = self.row
        self.press.clear()
        if row is None:
            self.said.setText("")
        elif not row.name:
            self.said.setText(
                f"{row.what}: panels do that themselves, it cannot be bound otherwise"
            )
        else:
            at_first = row.default or "no key"
            self.said.setText(f"{row.what}: {row.keys or 'no key'}; at first {at_first}")
        self._show_buttons()

    def _show_buttons(self) -> None:
        row = self.row
        is_action = row is not None and bool(row.name)
        self.press.setEnabled(is_action)
        self.bind.setEnabled(is_action and not self.press.keySequence().isEmpty())
        self.clear.setEnabled(row is not None and is_action and bool(row.keys))
        self.reset.setEnabled(row is not None and is_action and row.keys != row.default)

    def _bind(self) -> None:
        sequence: QKeySequence = self.press.keySequence()
        self._apply(normal(sequence.toString(QKeySequence.SequenceFormat.PortableText)))

    def _reset(self) -> None:
        row = self.row
        if row is not None:
            self._apply(row.default)

    def _apply(self, keys: str) -> None:
        row = self.row
        if row is None:
            return
        problem = self._keymap.bind(row.name, keys)
        if not problem:
            self._changed()
            self.model.put(new for new in rows_of(self._keymap) if new.name == row.name)
            self._show_row()
        self.said.setText(problem or f"{row.what}: {keys or 'no key'}")

    def _save(self) -> None:
        def write(path: str) -> None:
            try:
                write_sheet(self._keymap, path)
            except OSError as error:
                self.said.setText(f"The sheet is not saved: {error}")
            else:
                self.said.setText(f"The sheet is saved as {path}")

        dialogs.ask_file(self, "Save the sheet of keys", "tradedeck-keys.pdf", write, "PDF (*.pdf)")


def _columns() -> tuple[Column[KeyRow], ...]:
    return (
        Column("What", lambda row: row.what, 260, is_elastic=True),
        Column("Keys", lambda row: row.keys, 130, Face.BOLD, _keys_role),
        Column("At first", lambda row: row.default, 110, role=lambda _row: Role.DIM),
        Column("Where", lambda row: row.where, 90, role=lambda _row: Role.DIM),
    )


def _keys_role(row: KeyRow) -> Role:
    return Role.ACCENT if row.name and row.keys != row.default else Role.TEXT
