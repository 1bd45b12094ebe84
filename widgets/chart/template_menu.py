"""The menu of templates: use one, keep the active chart as one, forget one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtWidgets import QMenu, QWidget

from app.domain.errors import BadInput
from widgets import dialogs
from widgets.chart.cell import ChartCell
from widgets.chart.templates import NAME_CHARS_MAX, Templates


class TemplateMenu(QMenu):
    """Templates for one chart."""

    def __init__(self, templates: Templates, parent: QWidget, say: Callable[[str], None]) -> None:
        """Make it.

        Args:
            templates: those there are.
            parent: whose menu it is.
            say: takes what went wrong.
        """
        super().__init__("Templates", parent)
        self._templates: Final = templates
        self._parent: Final = parent
        self._say: Final = say

    def prepare(self, cell: ChartCell) -> None:
        """List what there is, for a chart."""
        for old in self.findChildren(QMenu):
            old.deleteLater()
        self.clear()
        self.addAction("Keep this chart as…").triggered.connect(lambda: self.ask(cell))
        names = self._templates.names
        if not names:
            return
        self.addSeparator()
        for name in names:
            action = self.addAction(name)
            action.triggered.connect(lambda _on=False, name=name: self._use(cell, name))
        forget = self.addMenu("Forget")
        for name in names:
            action = forget.addAction(name)
            action.triggered.connect(lambda _on=False, name=name: self._forget(name))

    def ask(self, cell: ChartCell) -> dialogs.Naming:
        """Ask for the name of a new one."""
        return dialogs.ask_name(
            self._parent,
            "Keep",
            "Name of the template: bars, look, axis and studies of this chart",
            f"{cell.spec}",
            lambda name: self._keep(cell, name),
            chars_max=NAME_CHARS_MAX,
        )

    def _use(self, cell: ChartCell, name: str) -> None:
        cell.restore({**self._templates.get(name), "symbol": cell.own_symbol})
        cell.follow()

    def _keep(self, cell: ChartCell, name: str) -> None:
        try:
            self._templates.save(name, cell.state())
        except BadInput as error:
            self._say(str(error))
            return
        self._say(f"The template {name.strip()} is kept")

    def _forget(self, name: str) -> None:
        try:
            self._templates.remove(name)
        except BadInput as error:
            self._say(str(error))
