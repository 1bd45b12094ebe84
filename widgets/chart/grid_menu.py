"""The menu of several charts: how many, and what they share."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from widgets.chart.grid import GRIDS, ChartGrid

SHARED_WORDS: Final = {
    "symbol": "Same symbol",
    "interval": "Same interval",
    "crosshair": "Same crosshair",
    "time": "Same time",
}


class GridMenu(QMenu):
    """Choices of a panel with charts; shown at its button."""

    def __init__(self, grid: ChartGrid, parent: QWidget) -> None:
        super().__init__(parent)
        self._grid: Final = grid
        self.grids: Final[dict[str, QAction]] = {}
        self.shared: Final[dict[str, QAction]] = {}
        group = QActionGroup(self)
        for name in GRIDS:
            action = self.addAction("1 chart" if name == "1" else f"{name} charts")
            if " " in name:
                action.setText(f"{name.replace(' ', ' charts ', 1)}")
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(lambda _on=False, name=name: grid.set_grid(name))
            self.grids[name] = action
        self.addSeparator()
        for name, words in SHARED_WORDS.items():
            action = self.addAction(words)
            action.setCheckable(True)
            action.triggered.connect(lambda on, name=name: self._share(name, on=on))
            self.shared[name] = action
        grid.activated.connect(self.prepare)
        self.prepare()

    def prepare(self) -> None:
        """Show what is chosen now."""
        self.grids[self._grid.name].setChecked(True)
        for name, action in self.shared.items():
            action.setChecked(getattr(self._grid.together, name))
            action.setEnabled(not self._grid.is_single)

    def _share(self, name: str, *, on: bool) -> None:
        self._grid.set_together(replace(self._grid.together, **{name: on}))
