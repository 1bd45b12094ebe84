"""Settings: how the screen looks, and every value of the settings file, found by typing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.errors import UserError
from widgets import theme
from widgets.cells import Column, Face
from widgets.palettes import Role
from widgets.screen import PALETTE_NAMES, SCALES, Screen, read_screen, write_screen
from widgets.tables import Table, TableModel

if TYPE_CHECKING:
    from app.desk import SettingRow, Settings

_CHARS_MAX: Final = 60
_HOLDS: Final = "It holds from the next start"


class SettingsDialog(QDialog):
    """The screen above, the values below; what cannot be is said beside the field."""

    def __init__(self, parent: QWidget, settings: Settings | None, screen: Path | None) -> None:
        """Make it.

        Args:
            parent: whose dialog it is.
            settings: of the session; None where it has none, as in a replay.
            screen: file of palette and scale; None: they cannot be kept.
        """
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self._settings: Final = settings
        self._screen: Final = screen
        shown = Screen() if screen is None else read_screen(screen).screen
        self.palette_box: Final = self._combo("Colours", PALETTE_NAMES, shown.palette)
        self.scale_box: Final = self._combo("Size", [f"{s} %" for s in SCALES], f"{shown.scale} %")
        self.search: Final = QLineEdit(self)
        self.search.setPlaceholderText("find a setting: a part of its name or of what it means")
        self.search.setAccessibleName("Find a setting")
        self.search.setMaxLength(_CHARS_MAX)
        self.search.textChanged.connect(self._fill)
        self.model: Final = TableModel["SettingRow"](_columns(), key=lambda row: row.name)
        self.table: Final = Table(self.model, "No setting has that in it", self)
        self.table.setAccessibleName("Settings")
        self.table.row_picked.connect(lambda _place: self._show_row())
        self.said: Final = QLabel(self)
        self.said.setWordWrap(True)
        self.value: Final = QLineEdit(self)
        self.value.setAccessibleName("Value")
        self.value.setMaxLength(_CHARS_MAX)
        self.value.returnPressed.connect(self._change)
        self.change: Final = self._button("Change", self._change)
        self.reset: Final = self._button("As at first", self._reset)
        self._lay_out()
        self.resize(820, 600)
        self._fill("")
        self.search.setFocus()

    @property
    def row(self) -> SettingRow | None:
        """What is selected."""
        place = self.table.selected_row()
        return None if place is None else self.model.row(place)

    def _lay_out(self) -> None:
        top, end = QHBoxLayout(), QHBoxLayout()
        for words, box in (("Colours", self.palette_box), ("Size", self.scale_box)):
            label = QLabel(words, self)
            label.setBuddy(box)
            top.addWidget(label)
            top.addWidget(box)
            top.addSpacing(16)
        top.addStretch()
        end.addWidget(self.value, 1)
        end.addWidget(self.change)
        end.addWidget(self.reset)
        end.addWidget(self._button("Close", self.reject))
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.search)
        column.addWidget(self.table)
        column.addWidget(self.said)
        column.addLayout(end)

    def _combo(self, name: str, words: tuple[str, ...] | list[str], chosen: str) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(name)
        box.addItems(list(words))
        box.setCurrentText(chosen)
        box.setEnabled(self._screen is not None)
        box.currentIndexChanged.connect(lambda _place: self._keep_screen())
        return box

    def _button(self, words: str, then: Callable[[], None]) -> QPushButton:
        button = QPushButton(words, self)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _on=False: then())
        return button

    def _keep_screen(self) -> None:
        if self._screen is not None:
            scale = SCALES[self.scale_box.currentIndex()]
            problem = write_screen(self._screen, Screen(self.palette_box.currentText(), scale))
            self._say(problem or f"Colours and size are kept. {_HOLDS}", is_problem=bool(problem))

    def _fill(self, typed: str) -> None:
        wanted = typed.lower().split()
        rows = () if self._settings is None else self._settings.rows()
        self.model.clear()
        self.model.put(
            row
            for row in rows
            if all(word in f"{row.name} {row.hint} {row.value}".lower() for word in wanted)
        )
        if self.model.rowCount():
            self.table.select_row(0)
        self._show_row()

    def _show_row(self) -> None:
        row = self.row
        for part in (self.value, self.change):
            part.setEnabled(row is not None)
        self.reset.setEnabled(row is not None and row.is_changed)
        if row is None:
            self._say("" if self._settings is not None else "A replay has the settings of its desk")
            return
        self.value.setText(shown_value(row.value))
        self._say(f"{row.name}: {row.hint}")

    def _change(self) -> None:
        row = self.row
        if row is not None and self._settings is not None:
            settings, typed = self._settings, self.value.text()
            self._try(row.name, lambda: settings.change(row.name, typed))

    def _reset(self) -> None:
        row = self.row
        if row is not None and self._settings is not None:
            settings = self._settings
            self._try(row.name, lambda: settings.reset(row.name))

    def _try(self, name: str, act: Callable[[], None]) -> None:
        try:
            act()
        except UserError as error:
            self._say(str(error), is_problem=True)
            return
        assert self._settings is not None
        self.model.put(row for row in self._settings.rows() if row.name == name)
        self._show_row()
        row = self.row
        assert row is not None
        self._say(f"{name} is {shown_value(row.value)} now. {_HOLDS}")

    def _say(self, words: str, *, is_problem: bool = False) -> None:
        self.said.setText(words)
        role = Role.DOWN if is_problem else Role.TEXT
        self.said.setStyleSheet(f"color: {theme.hex_of(role)};")


def shown_value(value: object) -> str:
    """Return a value as it is typed."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _columns() -> tuple[Column[SettingRow], ...]:
    return (
        Column("Setting", lambda row: row.name, 190, Face.BOLD),
        Column("Value", lambda row: shown_value(row.value), 90, Face.FIGURES, _value_role),
        Column(
            "At first",
            lambda row: shown_value(row.default),
            90,
            Face.FIGURES,
            role=lambda _row: Role.DIM,
        ),
        Column("What it is", lambda row: row.hint, 300, is_elastic=True),
    )


def _value_role(row: SettingRow) -> Role:
    return Role.ACCENT if row.is_changed else Role.TEXT
