"""All studies there are, found by typing: Enter or a double click puts one on the chart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.indicators.base import IndicatorSpec

_CHARS_MAX: Final = 40


class StudyPicker(QDialog):
    """Stays open, for several are wanted as often as one."""

    def __init__(
        self, parent: QWidget, catalogue: Mapping[str, IndicatorSpec], add: Callable[[str], str]
    ) -> None:
        """Make it.

        Args:
            parent: whose dialog it is.
            catalogue: studies by name.
            add: puts one on the chart; returns what became of it, in words.
        """
        super().__init__(parent)
        self.setWindowTitle("Add studies")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._add: Final = add
        self.field: Final = QLineEdit(self)
        self.field.setPlaceholderText("type a part of a name: rsi, bollinger, volume …")
        self.field.setAccessibleName("Find a study")
        self.field.setMaxLength(_CHARS_MAX)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.list: Final = QListWidget(self)
        self.list.setAccessibleName("Studies")
        self.list.setUniformItemSizes(True)
        self.list.itemActivated.connect(self._take)
        for spec in sorted(catalogue.values(), key=lambda it: it.title.lower()):
            item = QListWidgetItem(f"{spec.title}  ·  {spec.category.value}", self.list)
            item.setData(Qt.ItemDataRole.UserRole, spec.name)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{spec.title}, {spec.category.value}")
        self.list.setCurrentRow(0)
        self.said: Final = QLabel(f"{len(catalogue)} studies", self)
        self.said.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        # Enter adds what is selected; it must not close.
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self.list)
        column.addWidget(self.said)
        column.addWidget(buttons)
        self.resize(420, 460)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name.
        """Let arrows move in the list and Enter take, while the keyboard is in the field."""
        if watched is self.field and isinstance(event, QKeyEvent):
            is_press = event.type() == QEvent.Type.KeyPress
            if is_press and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                self._step(1 if event.key() == Qt.Key.Key_Down else -1)
                return True
            if is_press and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                item = self.list.currentItem()
                if item is not None and not item.isHidden():
                    self._take(item)
                return True
        return super().eventFilter(watched, event)

    def _filter(self, typed: str) -> None:
        words = typed.lower().split()
        first = None
        for row in range(self.list.count()):
            item = self.list.item(row)
            told = f"{item.text()} {item.data(Qt.ItemDataRole.UserRole)}".lower()
            is_wanted = all(word in told for word in words)
            item.setHidden(not is_wanted)
            if is_wanted and first is None:
                first = row
        self.list.setCurrentRow(-1 if first is None else first)
        self.said.setText("" if first is not None else f"no study has '{typed}' in its name")

    def _step(self, by: int) -> None:
        row = self.list.currentRow() + by
        while 0 <= row < self.list.count():
            if not self.list.item(row).isHidden():
                self.list.setCurrentRow(row)
                return
            row += by

    def _take(self, item: QListWidgetItem) -> None:
        self.said.setText(self._add(item.data(Qt.ItemDataRole.UserRole)))
