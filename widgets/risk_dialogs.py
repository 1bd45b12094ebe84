"""Questions about risk: change a limit, let orders through again.

A looser limit needs a typed word besides its reason; a tighter one does not. What the desk does not
take is said in the dialog, which stays open.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.domain.decision import ARM_WORDS
from app.domain.errors import UserError
from widgets import dialogs, theme

if TYPE_CHECKING:
    from app.desk import Desk, LimitRow

TITLE: Final = "Change limit"
LOOSEN_WORD: Final = "LOOSEN"
TIGHTER_WORDS: Final = "Tighter: it holds at once."
LOOSER_WORDS: Final = f"Looser: it holds once it is on record. Type {LOOSEN_WORD} to confirm."
WORDS_CHARS_MAX: Final = 240
"""More of a value or a refusal is not shown: what was typed may be of any length."""


class LimitDialog(QDialog):
    """One change of one limit, with its reason."""

    def __init__(self, parent: QWidget, desk: Desk, row: LimitRow) -> None:
        super().__init__(parent)
        self._desk = desk
        self._row = row
        self.setWindowTitle(TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.words = _label(f"{row.title} · {row.param_title}", self)
        self.words.setFont(theme.text_font(weight=theme.SEMIBOLD))
        self.rule = _dim_label(f"{row.rule}." if row.rule else "", self)
        self.now = _dim_label(_present(row), self)
        self.value = _line("New value", row.value, self)
        self.value.setFont(theme.figure_font())
        self.reason = _line("Reason", "", self)
        self.reason.setMaxLength(dialogs.REASON_CHARS_MAX)
        self.reason.setPlaceholderText(
            f"why? at least {dialogs.REASON_CHARS_MIN} letters, kept on record"
        )
        self.effect = _label("", self)
        self.effect.setProperty("caution", True)
        self.word = _line(f"Type {LOOSEN_WORD} to confirm", "", self)
        self.word.setPlaceholderText(f"type {LOOSEN_WORD}")
        self.problem = _label("", self)
        self.problem.setProperty("problem", True)
        buttons = QDialogButtonBox(self)
        self.confirm = buttons.addButton(TITLE, QDialogButtonBox.ButtonRole.AcceptRole)
        self.confirm.setDefault(True)
        buttons.addButton("Leave it", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._send)
        buttons.rejected.connect(self.reject)
        for line in (self.value, self.reason, self.word):
            line.textChanged.connect(self._check)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        for label in (self.words, self.rule, self.now):
            label.setVisible(bool(label.text()))
            column.addWidget(label)
        for line in (self.value, self.reason):
            column.addWidget(_dim_label(line.accessibleName(), self))
            column.addWidget(line)
        column.addWidget(self.effect)
        column.addWidget(self.word)
        column.addWidget(self.problem)
        column.addWidget(buttons)
        self.setMinimumWidth(420)
        self._check()

    @property
    def typed(self) -> str:
        """The value as it was typed."""
        return self.value.text().strip()

    def _check(self) -> None:
        """Say what the typed value does, and offer it once all is there that it needs."""
        problem, is_looser = self._judge()
        is_other = self._is_other()
        self.effect.setText(LOOSER_WORDS if is_looser else TIGHTER_WORDS)
        self.effect.setVisible(is_other and not problem)
        self.word.setVisible(is_looser and not problem)
        self._say(problem)
        has_word = not is_looser or self.word.text().strip().upper() == LOOSEN_WORD
        has_reason = len(self.reason.text().strip()) >= dialogs.REASON_CHARS_MIN
        self.confirm.setEnabled(is_other and not problem and has_word and has_reason)

    def _is_other(self) -> bool:
        """Return whether a value is typed that is not the one in force, however it is written."""
        return bool(self.typed) and not _is_same(self.typed, self._row.value)

    def _judge(self) -> tuple[str, bool]:
        """Return why the typed value cannot be taken, and whether it would let more through."""
        row = self._row
        if not self._is_other():
            return "", False
        try:
            is_looser = self._desk.is_looser(row.check, row.param, self.typed)
        except UserError as error:
            return str(error), False
        until = self._desk.limits_locked_until
        if is_looser and until:
            return f"Limits are locked until {until}: only a tighter value is taken", True
        return "", is_looser

    def _send(self) -> None:
        self._check()  # What a value does may have changed since it was typed.
        if not self.confirm.isEnabled():
            return
        row = self._row
        try:
            self._desk.set_limit(row.check, row.param, self.typed, self.reason.text().strip())
        except UserError as error:
            self._say(str(error))
            return
        self.accept()

    def _say(self, problem: str) -> None:
        self.problem.setText(_shortened(problem))
        self.problem.setVisible(bool(problem))
        self.adjustSize()


def ask_limit(parent: QWidget, desk: Desk, row: LimitRow) -> LimitDialog:
    """Open the dialog that changes a limit."""
    dialog = LimitDialog(parent, desk, row)
    dialog.open()
    dialog.value.setFocus()
    dialog.value.selectAll()
    return dialog


def ask_arm(parent: QWidget, desk: Desk, say: Callable[[str], None]) -> None:
    """Ask for the typed word that lets orders through again; `say` hears why it is not taken."""

    def arm() -> None:
        try:
            desk.arm(ARM_WORDS)
        except UserError as error:
            say(str(error))

    reason = desk.trading_state_reason
    why = f" ({reason})" if reason else ""
    dialogs.ask_typed(
        parent,
        "Re-arm",
        f"Trading is {desk.trading_state.name.lower()}{why}. Orders will be sent again after this.",
        word=ARM_WORDS,
        then=arm,
    )


def _present(row: LimitRow) -> str:
    unit = f" ({row.unit})" if row.unit else ""
    return f"Now {_shortened(row.value)}, in the settings {_shortened(row.default)}{unit}"


def _is_same(typed: str, value: str) -> bool:
    if typed == value:
        return True
    try:
        return Decimal(typed.replace(",", "")) == Decimal(value)
    except ArithmeticError:
        return False


def _shortened(words: str) -> str:
    """Return words without their middle if they are long: what is allowed stands at the end."""
    half = WORDS_CHARS_MAX // 2
    return words if len(words) <= WORDS_CHARS_MAX else f"{words[:half]}…{words[-half:]}"


def _line(name: str, typed: str, parent: QWidget) -> QLineEdit:
    line = QLineEdit(typed, parent)
    line.setAccessibleName(name)
    return line


def _label(words: str, parent: QWidget) -> QLabel:
    label = QLabel(words, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)  # What was typed is no markup.
    label.setWordWrap(True)
    return label


def _dim_label(words: str, parent: QWidget) -> QLabel:
    label = _label(words, parent)
    label.setProperty("dim", True)
    return label
