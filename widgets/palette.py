"""The palette: everything that can be done, found by typing a few letters of it.

It lies over the window and is no dialog: Esc, or a click elsewhere, and the keyboard is back where
it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from widgets import theme
from widgets.cells import AnyIndex
from widgets.fuzzy import score
from widgets.palettes import Role
from widgets.theme import ALIGN_LEFT, ALIGN_RIGHT

ROWS_MAX: Final = 12
RECENT_MAX: Final = 20
RECENT_BONUS: Final = 12
"""What was chosen lately comes first among what fits as well."""
CHARS_MAX: Final = 60
_ASKS: Final = "What to do, a symbol, a panel, or bars like 5m"
_ASKS_SYMBOL: Final = "A symbol, or bars like 5m"
_WIDTH_PX: Final = 560
_ROW_PX: Final = 28
_HINT: Final = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class Entry:
    """Something that can be chosen."""

    name: str
    """Stable id; what was chosen lately is kept by it."""
    text: str
    run: Callable[[], None]
    hint: str = ""
    """At the right: its keys, or what kind of thing it is."""
    is_enabled: bool = True
    also: str = ""
    """Other words by which it is found."""


class Palette(QFrame):
    """A field and the entries that fit what is in it."""

    def __init__(self, window: QWidget, entries: Callable[[str, bool], Sequence[Entry]]) -> None:
        """Make it, hidden.

        Args:
            window: what it lies over.
            entries: gives what there is to choose from, for what is typed; of symbols and bars
                only, or of everything.
        """
        super().__init__(window)
        self._window: Final = window
        self._entries: Final = entries
        self._shown: list[Entry] = []
        self._symbols_only = False
        self._before: QWidget | None = None
        self.recent: list[str] = []
        """Names of what was chosen, the newest first."""
        self.setObjectName("palette")
        self.field: Final = QLineEdit(self)
        self.field.setMaxLength(CHARS_MAX)
        self.field.setAccessibleName("Do anything")
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list: Final = QListWidget(self)
        self.list.setAccessibleName("What fits")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setItemDelegate(_EntryDelegate(self.list))
        self.list.itemClicked.connect(self._take)
        self.none: Final = QLabel(self)
        self.none.setProperty("dim", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self.list)
        column.addWidget(self.none)
        self.hide()

    def open(self, typed: str = "", *, symbols_only: bool = False) -> None:
        """Show it, with some letters typed already."""
        self._symbols_only = symbols_only
        self.field.setPlaceholderText(_ASKS_SYMBOL if symbols_only else _ASKS)
        if self.isHidden():
            self._before = QApplication.focusWidget()
        room = self._window.rect()
        width = min(_WIDTH_PX, room.width() - 40)
        self.setFixedWidth(width)
        self.move((room.width() - width) // 2, min(64, room.height() // 8))
        self.field.setText(typed)
        self._fill(typed)
        self.show()
        self.raise_()
        self.field.setFocus()
        self.field.deselect()

    def close_it(self) -> None:
        """Hide it and give the keyboard back."""
        if self.isHidden():
            return
        before, self._before = self._before, None
        self.hide()
        if before is not None:
            before.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name.
        """Let arrows move in the list and Enter take, while the keyboard is in the field."""
        if watched is not self.field:
            return super().eventFilter(watched, event)
        if isinstance(event, QFocusEvent) and event.type() is QEvent.Type.FocusOut:
            if event.reason() is not Qt.FocusReason.PopupFocusReason:
                self._before = None  # Somebody clicked elsewhere: the keyboard is there.
                self.hide()
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._on_key(event)
        return super().eventFilter(watched, event)

    def _on_key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._shown:
            step = 1 if key is Qt.Key.Key_Down else -1
            self.list.setCurrentRow((self.list.currentRow() + step) % len(self._shown))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            item = self.list.currentItem()
            if item is not None:
                self._take(item)
        elif key is Qt.Key.Key_Escape:
            self.close_it()
        else:
            return False
        return True

    def _fill(self, typed: str) -> None:
        places = {name: place for place, name in enumerate(self.recent)}

        def value(entry: Entry) -> int:
            fits = max(score(typed, entry.text), score(typed, entry.also) if entry.also else 0)
            if not fits or entry.name not in places:
                return fits
            return fits + RECENT_BONUS * (RECENT_MAX - places[entry.name])

        valued = [(value(entry), entry) for entry in self._entries(typed, self._symbols_only)]
        fitting = sorted((it for it in valued if it[0]), key=lambda it: -it[0])
        self._shown = [entry for _, entry in fitting[:ROWS_MAX]]
        self.list.clear()
        for entry in self._shown:
            item = QListWidgetItem(entry.text, self.list)
            item.setData(_HINT, entry.hint)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.text} {entry.hint}")
            if not entry.is_enabled:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
        first = next((row for row, entry in enumerate(self._shown) if entry.is_enabled), -1)
        self.list.setCurrentRow(first)
        self.list.setFixedHeight(len(self._shown) * _ROW_PX + 4)
        self.list.setVisible(bool(self._shown))
        self.none.setVisible(not self._shown)
        self.none.setText(f"Nothing is called '{typed}'")
        self.adjustSize()

    def _take(self, item: QListWidgetItem) -> None:
        entry = self._shown[self.list.row(item)]
        if not entry.is_enabled:
            return
        self.recent = [entry.name, *(name for name in self.recent if name != entry.name)]
        del self.recent[RECENT_MAX:]
        self.close_it()
        entry.run()


class _EntryDelegate(QStyledItemDelegate):
    """Words at the left, keys at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:  # noqa: N802
        """Return the room of a row."""
        return QSize(super().sizeHint(option, index).width(), _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw a row."""
        rect: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color(Role.SELECTED))
        inner = rect.adjusted(10, 0, -10, 0)
        is_enabled = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        painter.setPen(theme.color(Role.DIM))
        painter.setFont(theme.text_font(theme.SMALL_PX))
        painter.drawText(inner, ALIGN_RIGHT, index.data(_HINT))
        painter.setPen(theme.color(Role.TEXT if is_enabled else Role.DIM))
        painter.setFont(theme.text_font())
        painter.drawText(inner, ALIGN_LEFT, index.data(Qt.ItemDataRole.DisplayRole))
