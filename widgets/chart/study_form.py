"""The form of a study: its settings as fields made from their types, its colour and its place."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import inspect
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.domain.errors import BadInput
from app.domain.times import new_york, parse_iso_ns
from app.indicators.base import Pane, StudyParams
from widgets import theme
from widgets.chart.studies import Chosen, Studies
from widgets.palettes import Role
from widgets.theme import STUDY_ROLES

_SWATCH_PX: Final = 12
_INT_MAX: Final = 1_000_000_000
_PLACES: Final = 4
_CHARS_MAX: Final = 40
ANCHOR: Final = "anchor_ns"
"""Name of a parameter that is a moment."""
PANE_WORDS: Final = {Pane.OVERLAY: "Over the bars", Pane.OWN: "Below, on its own scale"}


class StudyForm(QDialog):
    """Change a study of a chart; every change is shown at once, and Leave it takes all back."""

    changed = Signal()

    def __init__(self, parent: QWidget, studies: Studies, chosen: Chosen) -> None:
        super().__init__(parent)
        self.setWindowTitle(chosen.spec.title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._studies: Final = studies
        self._before: Final = chosen
        self.fields: Final[dict[str, QWidget]] = {}
        self.fault: Final = QLabel(self)
        self.fault.setWordWrap(True)
        self.fault.setStyleSheet(f"color: {theme.hex_of(Role.DOWN)}")
        self.color: Final = self._make_color(chosen.role)
        self.pane: Final = self._make_pane(chosen.pane)
        form = QFormLayout()
        form.setSpacing(8)
        for field in inspect.type_info(chosen.spec.params).fields:  # type: ignore[attr-defined]
            widget = self._make_field(field, getattr(chosen.params, field.name))
            self.fields[field.name] = widget
            form.addRow(_title(field), widget)
        form.addRow("Colour", self.color)
        form.addRow("Place", self.pane)
        buttons = QDialogButtonBox(self)
        self.done_button: Final = buttons.addButton("Done", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton("Leave it", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.rejected.connect(self._take_back)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self.fault)
        column.addWidget(buttons)
        self.setMinimumWidth(340)

    def params(self) -> StudyParams:
        """Return the settings as they stand in the fields.

        Raises:
            ValueError: one is out of its bounds, or no time.
        """
        values = {name: _value(widget) for name, widget in self.fields.items()}
        return msgspec.convert(values, self._before.spec.params)

    def _make_field(self, field: inspect.Field, value: Any) -> QWidget:  # noqa: ANN401
        kind = field.type.type if isinstance(field.type, inspect.Metadata) else field.type
        widget: QWidget
        if field.name == ANCHOR:
            widget = QLineEdit(_moment_words(value), self)
            widget.setPlaceholderText("2026-11-23 09:30, New York; empty: from the first bar")
            widget.setMaxLength(_CHARS_MAX)
            widget.textEdited.connect(self._apply)
        elif isinstance(kind, inspect.BoolType):
            widget = QCheckBox(self)
            widget.setChecked(value)
            widget.toggled.connect(self._apply)
        elif isinstance(kind, inspect.IntType):
            widget = QSpinBox(self)
            widget.setRange(_least(kind, -_INT_MAX, 1), _most(kind, _INT_MAX, 1))
            widget.setValue(value)
            widget.valueChanged.connect(self._apply)
        elif isinstance(kind, inspect.FloatType):
            widget = QDoubleSpinBox(self)
            widget.setDecimals(_PLACES)
            step = 10.0**-_PLACES
            widget.setRange(_least(kind, -_INT_MAX, step), _most(kind, _INT_MAX, step))
            widget.setSingleStep(0.1)
            widget.setValue(value)
            widget.valueChanged.connect(self._apply)
        else:
            assert isinstance(kind, inspect.EnumType), kind
            widget = QComboBox(self)
            for choice in kind.cls:
                widget.addItem(str(choice.value), choice.value)
            widget.setCurrentIndex(widget.findData(value.value))
            widget.currentIndexChanged.connect(self._apply)
        widget.setAccessibleName(_title(field))
        return widget

    def _make_color(self, role: Role) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName("Colour")
        for choice in STUDY_ROLES:
            swatch = QPixmap(_SWATCH_PX, _SWATCH_PX)
            swatch.fill(theme.color(choice))
            words = choice.name.removeprefix("STUDY").strip("_").lower() or "violet"
            box.addItem(QIcon(swatch), words, choice.name)
        box.setCurrentIndex(STUDY_ROLES.index(role))
        box.currentIndexChanged.connect(self._apply)
        return box

    def _make_pane(self, pane: Pane) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName("Place")
        for choice, words in PANE_WORDS.items():
            box.addItem(words, choice.value)
        box.setCurrentIndex(list(PANE_WORDS).index(pane))
        box.currentIndexChanged.connect(self._apply)
        return box

    def _apply(self) -> None:
        if self._studies.get(self._before.key) is None:
            self.reject()  # Somebody has removed it meanwhile.
            return
        try:
            self._studies.change(
                self._before.key,
                params=self.params(),
                role=STUDY_ROLES[self.color.currentIndex()],
                pane=list(PANE_WORDS)[self.pane.currentIndex()],
            )
        except (BadInput, msgspec.ValidationError, ValueError) as error:
            self.fault.setText(str(error))
            self.done_button.setEnabled(False)
            return
        self.fault.clear()
        self.done_button.setEnabled(True)
        self.changed.emit()

    def _take_back(self) -> None:
        old = self._before
        if self._studies.get(old.key) is not None:
            self._studies.change(old.key, params=old.params, role=old.role, pane=old.pane)
            self.changed.emit()


def _moment_words(ts_ns: int) -> str:
    return f"{new_york(ts_ns):%Y-%m-%d %H:%M:%S}" if ts_ns else ""


def _title(field: inspect.Field) -> str:
    told = field.type.extra_json_schema if isinstance(field.type, inspect.Metadata) else None
    told = told or {}
    words = str(told.get("title", field.name.replace("_", " ").capitalize()))
    unit = "time" if field.name == ANCHOR else told.get("description")
    return f"{words}, {unit}" if unit else words


def _least(kind: Any, none: float, step: float) -> Any:  # noqa: ANN401  int or float, as the kind.
    if kind.ge is not None:
        return kind.ge
    return none if kind.gt is None else kind.gt + step


def _most(kind: Any, none: float, step: float) -> Any:  # noqa: ANN401  int or float, as the kind.
    if kind.le is not None:
        return kind.le
    return none if kind.lt is None else kind.lt - step


def _value(widget: QWidget) -> object:
    if isinstance(widget, QCheckBox):
        return widget.isChecked()
    if isinstance(widget, QLineEdit):
        typed = widget.text().strip()
        return parse_iso_ns(typed) if typed else 0
    if isinstance(widget, QSpinBox | QDoubleSpinBox):
        return widget.value()
    assert isinstance(widget, QComboBox)
    return widget.currentData()
