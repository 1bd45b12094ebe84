"""Questions: opened, never executed.

A dialog that is executed stops every task of the loop; here `open()` returns at once and the answer
comes to a callback.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

REASON_CHARS_MIN: Final = 3
REASON_CHARS_MAX: Final = 200


class TypedConfirmation(QDialog):
    """Ask for a word to be typed before something that must not happen by accident."""

    def __init__(self, parent: QWidget, title: str, question: str, *, word: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._word = word
        label = QLabel(question, self)
        label.setTextFormat(Qt.TextFormat.PlainText)  # It quotes reasons, a broker's too.
        label.setWordWrap(True)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(f"type {word}")
        self.field.setAccessibleName(f"Type {word} to confirm")
        buttons = QDialogButtonBox(self)
        self.confirm = buttons.addButton(title, QDialogButtonBox.ButtonRole.AcceptRole)
        self.confirm.setEnabled(False)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.field.textChanged.connect(self._check)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addWidget(label)
        column.addWidget(self.field)
        column.addWidget(buttons)
        self.setMinimumWidth(380)

    def _check(self, typed: str) -> None:
        self.confirm.setEnabled(typed.strip().upper() == self._word)


class Reason(QDialog):
    """Ask why something is to be done although a check asks; the reason goes on record."""

    def __init__(self, parent: QWidget, title: str, question: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.words = QLabel(question, self)
        self.words.setWordWrap(True)
        self.field = QLineEdit(self)
        self.field.setMaxLength(REASON_CHARS_MAX)
        self.field.setPlaceholderText(f"why? at least {REASON_CHARS_MIN} letters, kept on record")
        self.field.setAccessibleName("Reason")
        buttons = QDialogButtonBox(self)
        self.confirm = buttons.addButton(title, QDialogButtonBox.ButtonRole.AcceptRole)
        self.confirm.setEnabled(False)
        buttons.addButton("Leave it", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.field.textChanged.connect(self._check)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addWidget(self.words)
        column.addWidget(self.field)
        column.addWidget(buttons)
        self.setMinimumWidth(420)

    @property
    def reason(self) -> str:
        """What was typed."""
        return self.field.text().strip()

    def _check(self) -> None:
        self.confirm.setEnabled(len(self.reason) >= REASON_CHARS_MIN)


class Confirmation(QDialog):
    """Ask once before something that moves money; Enter says yes, Escape no."""

    def __init__(self, parent: QWidget, title: str, question: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.words = QLabel(question, self)
        self.words.setWordWrap(True)
        buttons = QDialogButtonBox(self)
        self.confirm = buttons.addButton(title, QDialogButtonBox.ButtonRole.AcceptRole)
        self.confirm.setDefault(True)
        # Not "Cancel": that is what one does to orders.
        buttons.addButton("Leave it", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addWidget(self.words)
        column.addWidget(buttons)
        self.setMinimumWidth(380)


class Choice(QDialog):
    """Ask for one of several answers, each a button; the last says no."""

    def __init__(
        self, parent: QWidget, title: str, question: str, answers: Mapping[str, Callable[[], None]]
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.words = QLabel(question, self)
        self.words.setWordWrap(True)
        self.answers: dict[str, QPushButton] = {}
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addWidget(self.words)
        for words, then in answers.items():
            button = QPushButton(words, self)
            button.setAutoDefault(False)
            button.clicked.connect(self.accept)
            button.clicked.connect(then)
            column.addWidget(button)
            self.answers[words] = button
        leave = QPushButton("Leave it", self)
        leave.setDefault(True)
        leave.clicked.connect(self.reject)
        column.addWidget(leave)
        self.setMinimumWidth(420)


class Message(QDialog):
    """Say something that must be read."""

    def __init__(self, parent: QWidget, title: str, text: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        label = QLabel(text, self)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addWidget(label)
        column.addWidget(buttons)
        self.setMinimumWidth(420)


def ask_typed(
    parent: QWidget, title: str, question: str, *, word: str, then: Callable[[], None]
) -> TypedConfirmation:
    """Open a typed confirmation; `then` is called if it is confirmed."""
    dialog = TypedConfirmation(parent, title, question, word=word)
    dialog.accepted.connect(then)
    dialog.open()
    dialog.field.setFocus()
    return dialog


def ask_reason(parent: QWidget, title: str, question: str, then: Callable[[str], None]) -> Reason:
    """Open a question for a reason; `then` is called with it if one is given."""
    dialog = Reason(parent, title, question)
    dialog.accepted.connect(lambda: then(dialog.reason))
    dialog.open()
    dialog.field.setFocus()
    return dialog


def ask(parent: QWidget, title: str, question: str, then: Callable[[], None]) -> Confirmation:
    """Open a question; `then` is called if the answer is yes."""
    dialog = Confirmation(parent, title, question)
    dialog.accepted.connect(then)
    dialog.open()
    dialog.confirm.setFocus()
    return dialog


def ask_choice(
    parent: QWidget, title: str, question: str, answers: Mapping[str, Callable[[], None]]
) -> Choice:
    """Open a question with several answers; what belongs to the one that is given is called."""
    dialog = Choice(parent, title, question, answers)
    dialog.open()
    return dialog


def show_message(parent: QWidget, title: str, text: str) -> Message:
    """Open a message."""
    dialog = Message(parent, title, text)
    dialog.open()
    return dialog


class Naming(QDialog):
    """Ask for a name; Enter takes what is there."""

    def __init__(
        self, parent: QWidget, title: str, question: str, suggestion: str, *, chars_max: int
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.words = QLabel(question, self)
        self.words.setWordWrap(True)
        self.field = QLineEdit(suggestion, self)
        self.field.setMaxLength(chars_max)
        self.field.setAccessibleName("Name")
        self.field.selectAll()
        buttons = QDialogButtonBox(self)
        self.confirm = buttons.addButton(title, QDialogButtonBox.ButtonRole.AcceptRole)
        self.confirm.setDefault(True)
        buttons.addButton("Leave it", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.field.textChanged.connect(lambda typed: self.confirm.setEnabled(bool(typed.strip())))
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addWidget(self.words)
        column.addWidget(self.field)
        column.addWidget(buttons)
        self.setMinimumWidth(380)


def ask_name(  # noqa: PLR0913  A question's words.
    parent: QWidget,
    title: str,
    question: str,
    suggestion: str,
    then: Callable[[str], None],
    *,
    chars_max: int,
) -> Naming:
    """Open a question for a name; `then` is called with it if one is given."""
    dialog = Naming(parent, title, question, suggestion, chars_max=chars_max)
    dialog.accepted.connect(lambda: then(dialog.field.text()))
    dialog.open()
    dialog.field.setFocus()
    return dialog


def ask_existing_file(parent: QWidget, title: str, then: Callable[[str], None]) -> QFileDialog:
    """Open a dialog for a file to read; `then` is called with the path."""
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptOpen)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters(["Ticks and recordings (*.csv *.gz *.txt *.tdr)", "Every file (*)"])
    dialog.fileSelected.connect(then)
    dialog.open()
    return dialog


def ask_file(
    parent: QWidget,
    title: str,
    suggestion: str,
    then: Callable[[str], None],
    kinds: str = "Spreadsheet (*.csv);;JSON (*.json)",
) -> QFileDialog:
    """Open a dialog for the name of a file to write; `then` is called with the path."""
    dialog = QFileDialog(parent, title, suggestion, kinds)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.selectFile(suggestion)
    dialog.fileSelected.connect(then)
    dialog.open()
    return dialog
