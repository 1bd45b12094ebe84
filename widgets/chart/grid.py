"""Several charts in one panel: up to sixteen, and what of them goes together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app.domain.bar_spec import BarSpec
from app.domain.ids import Symbol
from widgets import theme
from widgets.chart.cell import CellContext, ChartCell
from widgets.palettes import Role

GRIDS: Final = {
    "1": (1, 1),
    "2 side by side": (1, 2),
    "2 stacked": (2, 1),
    "3 side by side": (1, 3),
    "4": (2, 2),
    "6": (2, 3),
    "8": (2, 4),
    "9": (3, 3),
    "12": (3, 4),
    "16": (4, 4),
}
"""Name -> rows and columns."""


@dataclass(frozen=True)
class Together:
    """What all charts of a panel share."""

    symbol: bool = True
    interval: bool = False
    crosshair: bool = True
    time: bool = False


class ChartGrid(QWidget):
    """Charts in rows and columns; one of them is the active one, which menus and keys act on."""

    activated = Signal()
    """Another chart is the active one, or the charts are others."""

    study_menu_wanted = Signal(str)
    """The menu of a study of the active chart, by its key."""
    study_form_wanted = Signal(str)
    """The settings of a study of the active chart, by its key."""
    drawing_changed = Signal()
    """In one of the charts another drawing tool is armed, or the drawings are others."""

    def __init__(self, context: CellContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context: Final = context
        self._rows = QGridLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self.name = "1"
        self.together = Together()
        self.cells: list[ChartCell] = []
        self.active = self._add_cell()
        self._arrange()

    @property
    def is_single(self) -> bool:
        """Whether there is one chart only."""
        return len(self.cells) == 1

    def set_grid(self, name: str) -> None:
        """Show another number of charts; new ones are set as the active one is."""
        if name not in GRIDS:
            return
        self.name = name
        rows, columns = GRIDS[name]
        while len(self.cells) > rows * columns:
            self._drop_cell()
        template = self.active.state()
        while len(self.cells) < rows * columns:
            self._add_cell().restore(template)
        self._arrange()
        self.activated.emit()

    def set_together(self, together: Together) -> None:
        """Let other things be shared from now on; the active chart says what they are."""
        self.together = together
        if together.symbol:
            for cell in self.cells:
                cell.own_symbol = Symbol("")
        if together.interval:
            self.set_spec(self.active.spec)
        self.activated.emit()

    def set_spec(self, spec: BarSpec) -> None:
        """Show bars of another kind in the active chart, or in all of them."""
        for cell in self.cells if self.together.interval else [self.active]:
            if cell.spec != spec:
                cell.set_spec(spec)

    def on_symbol(self, symbol: Symbol, before: Symbol) -> None:
        """Take the group's new symbol: all charts, or only the active one."""
        for cell in self.cells:
            if not self.together.symbol and cell is not self.active:
                cell.own_symbol = cell.own_symbol or before
            elif not self.together.symbol:
                cell.own_symbol = symbol
            if cell.symbol == symbol:
                cell.follow()

    def state(self) -> dict[str, object]:
        """Return what a layout keeps."""
        return {
            "grid": self.name,
            "together": asdict(self.together),
            "active": self.cells.index(self.active),
            "cells": [cell.state() for cell in self.cells],
        }

    def restore(self, state: Mapping[str, object]) -> None:
        """Take it back; what is unknown or broken in it is left out."""
        shared = state.get("together")
        if isinstance(shared, Mapping):
            names = {field.name for field in fields(Together)}
            known = {name: shared[name] is True for name in names & set(shared)}
            self.together = replace(self.together, **known)
        self.set_grid(str(state.get("grid", "1")))
        saved = state.get("cells")
        # A layout from when there was one chart holds it at the top.
        cells = saved if isinstance(saved, list) else [state]
        for cell, kept in zip(self.cells, cells, strict=False):
            if isinstance(kept, Mapping):
                cell.restore(kept)
        active = state.get("active")
        if isinstance(active, int) and 0 <= active < len(self.cells):
            self._activate(self.cells[active])

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802  Qt's name.
        """Draw the lines between charts, and a frame around the active one."""
        if self.is_single:
            return
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color(Role.LINE))
            painter.setPen(theme.color(Role.ACCENT))
            painter.drawRect(self.active.geometry().adjusted(-1, -1, 0, 0))

    def _add_cell(self) -> ChartCell:
        cell = ChartCell(self._context, self)
        cell.picked.connect(lambda: self._activate(cell))
        cell.trading_changed.connect(self.activated)
        cell.drawing_changed.connect(self.drawing_changed)
        cell.study_menu_wanted.connect(self.study_menu_wanted)
        cell.study_form_wanted.connect(self.study_form_wanted)
        cell.view.hovered.connect(lambda ts_ns: self._on_hover(cell, ts_ns))
        cell.view.changed.connect(lambda: self._on_moved(cell))
        self.cells.append(cell)
        return cell

    def _drop_cell(self) -> None:
        """Take the last chart away that is not the active one."""
        cell = next(it for it in reversed(self.cells) if it is not self.active)
        self.cells.remove(cell)
        self._rows.removeWidget(cell)
        cell.hide()
        cell.deleteLater()

    def _arrange(self) -> None:
        columns = GRIDS[self.name][1]
        margin = 0 if self.is_single else 1
        self._rows.setContentsMargins(margin, margin, margin, margin)
        self._rows.setSpacing(margin)
        for number, cell in enumerate(self.cells):
            self._rows.removeWidget(cell)
            self._rows.addWidget(cell, number // columns, number % columns)
            cell.has_title = not self.is_single
            cell.view.setAccessibleName(
                "Price chart" if self.is_single else f"Price chart {number + 1}"
            )
            cell.show()
        self._spread()

    def _spread(self) -> None:
        """Give all rows and columns the same share; those of a larger grid before get none."""
        rows, columns = GRIDS[self.name]
        for number in range(max(self._rows.rowCount(), rows)):
            self._rows.setRowStretch(number, 1 if number < rows else 0)
        for number in range(max(self._rows.columnCount(), columns)):
            self._rows.setColumnStretch(number, 1 if number < columns else 0)

    def _activate(self, cell: ChartCell) -> None:
        if cell is not self.active and cell in self.cells:
            self.active = cell
            self.update()
            self.activated.emit()

    def _on_hover(self, source: ChartCell, ts_ns: int | None) -> None:
        if self.together.crosshair:
            for cell in self.cells:
                if cell is not source:
                    cell.view.mark_time(ts_ns)

    def _on_moved(self, source: ChartCell) -> None:
        if self.together.time:
            right_ns = source.view.right_ns()
            for cell in self.cells:
                if cell is not source:
                    cell.view.show_until(right_ns)
