"""Set an alert: what is watched, from where on, how often, and what is done then."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.desk import Alert, AlertAction, AlertKind, AlertRepeat, AlertSign
from app.domain.errors import BadInput, UserError
from app.domain.ids import Symbol
from app.domain.times import NEW_YORK, SECOND_NS, new_york

if TYPE_CHECKING:
    from app.desk import Desk

_SIGN_WORDS: Final = {AlertSign.ABOVE: "at or above", AlertSign.BELOW: "at or below"}
_ACTION_WORDS: Final = {
    AlertAction.TELL: "only tell me",
    AlertAction.CANCEL: "cancel the symbol's orders",
    AlertAction.FLATTEN: "flatten the symbol's position",
}
_NO_LEVEL: Final = {AlertKind.HALT, AlertKind.ORDER, AlertKind.TIME}
_NO_SYMBOL: Final = {AlertKind.DAY_PNL, AlertKind.FEED_AGE}
_TIMES: Final = ("%H:%M:%S", "%H:%M")


class AlertDialog(QDialog):
    """Fields for one alert; what cannot be is said below them."""

    def __init__(self, parent: QWidget, desk: Desk, symbol: str) -> None:
        super().__init__(parent)
        self.setWindowTitle("New alert")
        self._desk: Final = desk
        self.kind: Final = self._combo("What is watched", [kind.value for kind in AlertKind])
        self.symbol: Final = self._line("Symbol", symbol)
        names = [instrument.symbol for instrument in desk.instruments]
        completer = QCompleter(names, self.symbol)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.symbol.setCompleter(completer)
        self.sign: Final = self._combo("Side", list(_SIGN_WORDS.values()))
        last = desk.market.last_px(Symbol(symbol)) if symbol else None
        self.level: Final = self._line("Level", "" if last is None else f"{last:.2f}")
        self.at: Final = self._line("At, New York time", "15:55")
        self.repeat: Final = self._combo("How often", [repeat.value for repeat in AlertRepeat])
        self.until: Final = self._line("Until, New York time", "")
        self.until.setPlaceholderText("for good, or a time like 16:00")
        self.action: Final = self._combo("What is done", list(_ACTION_WORDS.values()))
        self.note: Final = self._line("Note", "")
        self.sound: Final = QCheckBox("with a sound", self)
        self.sound.setChecked(True)
        self.said: Final = QLabel(self)
        self.said.setWordWrap(True)
        self.said.setProperty("problem", True)
        self.form: Final = QFormLayout()
        for part in (self.kind, self.symbol, self.sign, self.level, self.at, self.repeat):
            self.form.addRow(part.accessibleName(), part)
        for part in (self.until, self.action, self.note):
            self.form.addRow(part.accessibleName(), part)
        self.form.addRow("", self.sound)
        buttons = QDialogButtonBox(self)
        self.confirm: Final = buttons.addButton("Set", QDialogButtonBox.ButtonRole.AcceptRole)
        self.confirm.setDefault(True)
        buttons.addButton("Leave it", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._set)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addLayout(self.form)
        column.addWidget(self.said)
        column.addWidget(buttons)
        self.setMinimumWidth(420)
        self.kind.currentIndexChanged.connect(lambda _place: self._show_fields())
        self._show_fields()
        self.level.selectAll()
        self.level.setFocus()

    def _combo(self, name: str, words: list[str]) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(name)
        box.addItems(words)
        return box

    def _line(self, name: str, words: str) -> QLineEdit:
        line = QLineEdit(words, self)
        line.setAccessibleName(name)
        line.setMaxLength(120)
        return line

    @property
    def _kind(self) -> AlertKind:
        return AlertKind(self.kind.currentText())

    def _show_fields(self) -> None:
        kind = self._kind
        for part, is_shown in (
            (self.symbol, kind not in _NO_SYMBOL),
            (self.sign, kind not in _NO_LEVEL),
            (self.level, kind not in _NO_LEVEL),
            (self.at, kind is AlertKind.TIME),
            (self.repeat, kind is not AlertKind.TIME),
            (self.until, kind is not AlertKind.TIME),
        ):
            self.form.setRowVisible(part, is_shown)

    def _set(self) -> None:
        try:
            alert = self._desk.alerts.add(self._typed())
        except UserError as error:
            self.said.setText(str(error))
            return
        self.setProperty("alert", alert.words)
        self.accept()

    def _typed(self) -> Alert:
        """Return what the fields say. Raises BadInput where one cannot be read."""
        kind = self._kind
        known = {instrument.symbol for instrument in self._desk.instruments}
        symbol = Symbol("" if kind in _NO_SYMBOL else self.symbol.text().strip().upper())
        if symbol and symbol not in known:
            raise BadInput(f"there is no symbol '{symbol}' here; not set")
        now_ns = self._desk.now_ns()
        has_until = kind is not AlertKind.TIME and bool(self.until.text().strip())
        return Alert(
            alert_id=0,
            kind=kind,
            symbol=symbol,
            sign=tuple(_SIGN_WORDS)[self.sign.currentIndex()],
            level=0.0 if kind in _NO_LEVEL else _number(self.level.text()),
            at_ns=_next(self.at.text(), now_ns) if kind is AlertKind.TIME else None,
            repeat=tuple(AlertRepeat)[self.repeat.currentIndex()],
            until_ns=_next(self.until.text(), now_ns) if has_until else None,
            action=tuple(_ACTION_WORDS)[self.action.currentIndex()],
            has_sound=self.sound.isChecked(),
            note=self.note.text().strip(),
        )


def _number(typed: str) -> float:
    try:
        return float(typed.strip().replace(",", "").lstrip("$").rstrip("%"))
    except ValueError:
        raise BadInput(f"the level is '{typed}', must be a number; not set") from None


def _next(typed: str, now_ns: int) -> int:
    """Return the next moment with a time of day in New York."""
    for form in _TIMES:
        try:
            at: time = datetime.strptime(typed.strip(), form).time()  # noqa: DTZ007  Below.
        except ValueError:
            continue
        now = new_york(now_ns)
        moment = datetime.combine(now.date(), at, NEW_YORK)
        if moment <= now:
            moment = datetime.combine(now.date() + timedelta(days=1), at, NEW_YORK)
        return int(moment.timestamp()) * SECOND_NS
    raise BadInput(f"the time is '{typed}', must be like 15:55 or 15:55:30; not set")
