"""The menu of all kinds of bars, with a field for any that there can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget, QWidgetAction

from app.domain.bar_spec import BarSpec, parse_spec
from app.domain.errors import BadInput
from widgets.chart.intervals import PRESETS

_CHARS_MAX: Final = 40


class SpecMenu(QMenu):
    """Kinds of bars by what they are cut by."""

    def __init__(
        self, parent: QWidget, choose: Callable[[BarSpec], None], say: Callable[[str], None]
    ) -> None:
        """Make it.

        Args:
            parent: whose menu it is.
            choose: told of the bars that were picked or typed.
            say: takes what is wrong with what was typed.
        """
        super().__init__(parent)
        self._choose: Final = choose
        self._say: Final = say
        self.field: Final = QLineEdit(self)
        self.field.setPlaceholderText("7m, 250T, R0.2, RENKO 0.5, PF 0.5x3 …")
        self.field.setAccessibleName("Any kind of bars")
        self.field.setMaxLength(_CHARS_MAX)
        self.field.setMinimumWidth(230)
        self.field.returnPressed.connect(self._take_typed)
        typed = QWidgetAction(self)
        typed.setDefaultWidget(self.field)
        self.addAction(typed)
        self.addSeparator()
        self.presets: Final[dict[str, QAction]] = {}
        for title, names in PRESETS.items():
            part = self.addMenu(title)
            for name in names:
                action = part.addAction(name)
                action.triggered.connect(lambda _on=False, name=name: choose(parse_spec(name)))
                self.presets[name] = action
        self.aboutToShow.connect(self.field.clear)
        self.aboutToShow.connect(self.field.setFocus)

    def _take_typed(self) -> None:
        try:
            spec = parse_spec(self.field.text())
        except BadInput as error:
            self._say(str(error))
            return
        self.close()
        self._choose(spec)
