"""Charts of the link group's symbol: live bars, studies, what works and what was filled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QPushButton

from app.domain.bar_spec import BarSpec, parse_spec
from app.domain.ids import Symbol
from app.indicators.base import IndicatorSpec
from app.indicators.user import FileState, UserStudies
from widgets import dialogs
from widgets.chart.account_marks import AccountMarks
from widgets.chart.cell import CellContext, ChartCell
from widgets.chart.grid import ChartGrid
from widgets.chart.grid_menu import GridMenu
from widgets.chart.intervals import CHIPS
from widgets.chart.menu import ChartMenu
from widgets.chart.spec_menu import SpecMenu
from widgets.chart.studies import installed
from widgets.chart.study_menu import StudyMenu
from widgets.chart.templates import Templates
from widgets.drawings.bar import DrawBar
from widgets.drawings.book import DrawingBook
from widgets.drawings.shelf import Shelf
from widgets.panel import Area, Panel, PanelContext, PanelSpec
from widgets.plot.styles import BarStyle
from widgets.plot.view import ChartView


class ChartPanel(Panel):
    """One chart or up to sixteen; the title bar's buttons act on the active one."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        marks = AccountMarks(self.desk)
        shelf = None if context.folder is None else Shelf(context.folder / "drawings")
        self.book: Final = DrawingBook(shelf)
        self.own: Final = (
            None if context.folder is None else UserStudies(context.folder / "studies")
        )
        cells = CellContext(self.desk, self.link, marks, self.book, self._catalogue, self.fail)
        self.grid: Final = ChartGrid(cells, self.body)
        self.draw_bar: Final = DrawBar(self.body)
        self.draw_bar.hide()
        self.draw_bar.tool_wanted.connect(lambda name: self.cell.drawings.arm(name))
        self.draw_bar.act_wanted.connect(self._act_on_drawings)
        row = QHBoxLayout(self.body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.draw_bar)
        row.addWidget(self.grid, 1)
        self._symbol = self.link.symbol
        self._chips = self._make_chips()
        say = self.link.said.emit
        self.spec_menu: Final = SpecMenu(self, self._choose_spec, say)
        self.spec_button: Final = self._make_button("▾", "All kinds of bars", self.spec_menu)
        folder = context.folder
        templates = Templates(None if folder is None else folder / "chart_templates.json")
        self.book.notice = templates.notice  # A chart says it when it is drawn first.
        self.menu: Final = ChartMenu(self.cell, self, say, templates)
        self.menu_button: Final = self._make_button(
            "Bars ▾", "How bars and prices are drawn", self.menu
        )
        self.study_menu: Final = StudyMenu(self.cell, self, say, self.own)
        self.study_menu.own_changed.connect(self._renew_studies)
        self.study_button: Final = self._make_button("Studies ▾", "Studies", self.study_menu)
        self.grid.study_menu_wanted.connect(self.study_menu.open_menu)
        self.grid.study_form_wanted.connect(self.study_menu.open_form)
        self.grid_menu: Final = GridMenu(self.grid, self)
        self.grid_button: Final = self._make_button("Grid ▾", "Several charts", self.grid_menu)
        self.draw_button: Final = self._make_toggle("Draw", "Drawing tools", self.show_tools)
        self.trade_button: Final = self._make_toggle(
            "Trade", "Trade by clicks on the chart", lambda on: self.cell.set_trading(on=on)
        )
        self.grid.activated.connect(self._show_active)
        self.grid.drawing_changed.connect(lambda: self.draw_bar.show_state(self.cell.drawings))
        self.link.symbol_changed.connect(self._on_symbol)
        self.link.bars_wanted.connect(self.set_interval)
        self._show_active()

    @property
    def cell(self) -> ChartCell:
        """The active chart."""
        return self.grid.active

    @property
    def view(self) -> ChartView:
        """The surface of the active chart."""
        return self.cell.view

    def stale(self) -> bool:
        """Whether a chart has something that is not drawn."""
        return any(cell.stale() for cell in self.grid.cells)

    def refresh(self) -> None:
        """Draw what is known now."""
        for cell in self.grid.cells:
            if cell.stale():
                cell.refresh()

    def parts(self) -> list[ChartCell]:
        """Return the charts: many are not drawn in one frame, if that leaves no time for ticks."""
        return self.grid.cells

    def every_second(self) -> None:
        """Look whether a file of an own study was saved."""
        if self.own is not None and self.own.poll():
            self._renew_studies()

    def _renew_studies(self) -> None:
        for cell in self.grid.cells:
            cell.studies.renew()
        for file in self.own.files if self.own is not None else ():
            if file.state is FileState.FAILED:
                self.link.said.emit(file.words)

    def _catalogue(self) -> Mapping[str, IndicatorSpec]:
        own = {} if self.own is None else self.own.specs()
        return {**installed(), **own}

    def retry(self) -> None:
        """Show the charts again."""
        for cell in self.grid.cells:
            cell.is_failed = False
        super().retry()

    def headline(self) -> str:
        """Return the symbol with its name and market."""
        symbol = self.cell.symbol
        instrument = self.desk.market.instrument(symbol)
        if instrument is None:
            return symbol or "Chart"
        return f"{instrument.symbol} · {instrument.name} · {instrument.exchange}"

    def state(self) -> dict[str, object]:
        """Keep the charts and how they are set."""
        return {**self.grid.state(), "tools": not self.draw_bar.isHidden()}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take them back."""
        self.grid.restore(state)
        self.show_tools(state.get("tools") is True)

    def set_interval(self, interval: str) -> None:
        """Show bars of another kind, by its short name; the newest is followed again."""
        self._choose_spec(parse_spec(interval))

    def set_style(self, style: BarStyle) -> None:
        """Let the active chart's bars look otherwise."""
        self.cell.set_style(style)

    def show_tools(self, on: bool) -> None:  # noqa: FBT001  Qt's signal.
        """Show the drawing tools beside the charts, or take them away and disarm."""
        self.draw_bar.setVisible(on)
        if not on:
            for cell in self.grid.cells:
                cell.drawings.arm("")
        self._show_active()

    def _make_button(self, words: str, name: str, menu: QMenu) -> QPushButton:
        button = QPushButton(words, self.header)
        button.setFlat(True)
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.clicked.connect(lambda: self._open(button, menu))
        self.header_row.addWidget(button)
        return button

    def _make_toggle(self, words: str, name: str, toggle: Callable[[bool], None]) -> QPushButton:
        button = QPushButton(words, self.header)
        button.setFlat(True)
        button.setCheckable(True)
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.clicked.connect(toggle)
        self.header_row.addWidget(button)
        return button

    def _open(self, button: QPushButton, menu: QMenu) -> None:
        if isinstance(menu, ChartMenu | StudyMenu):
            menu.prepare(self.cell)
        below: QPoint = button.rect().bottomLeft()
        menu.popup(button.mapToGlobal(below))

    def _make_chips(self) -> dict[str, QPushButton]:
        group = QButtonGroup(self)
        chips: dict[str, QPushButton] = {}
        for interval in CHIPS:
            chip = QPushButton(interval, self.header)
            chip.setFlat(True)
            chip.setCheckable(True)
            chip.setAccessibleName(f"Interval {interval}")
            chip.clicked.connect(lambda _on=False, interval=interval: self.set_interval(interval))
            group.addButton(chip)
            self.header_row.addWidget(chip)
            chips[interval] = chip
        self._chip_group = group
        return chips

    def _choose_spec(self, spec: BarSpec) -> None:
        self.grid.set_spec(spec)
        self._show_spec()

    def _show_active(self) -> None:
        """Let menus act on the active chart, and buttons tell of it."""
        self.menu.prepare(self.cell)
        self.study_menu.cell = self.cell
        self.trade_button.setChecked(not self.cell.trade_bar.isHidden())
        self.draw_button.setChecked(not self.draw_bar.isHidden())
        self.draw_bar.show_state(self.cell.drawings)
        self._show_spec()

    def _show_spec(self) -> None:
        spec: BarSpec = self.cell.spec
        chip = self._chips.get(spec.text)
        words = "▾" if chip is not None else f"{spec} ▾"
        if self.spec_button.text() != words:
            self.spec_button.setText(words)
        if chip is not None and not chip.isChecked():
            chip.setChecked(True)
        checked = self._chip_group.checkedButton()
        if chip is None and checked is not None:
            self._chip_group.setExclusive(False)
            checked.setChecked(False)
            self._chip_group.setExclusive(True)

    def _act_on_drawings(self, name: str) -> None:
        """Do what a button of the strip says."""
        symbol, layer = self.cell.symbol, self.cell.drawings
        if name == "magnet":
            layer.is_magnetic = not layer.is_magnetic
        elif name == "lock":
            are_locked = all(drawing.is_locked for drawing in self.book.of(symbol))
            self.book.lock_all(symbol, on=not are_locked)
        elif name == "undo":
            self.book.undo(symbol)
        elif name == "redo":
            self.book.redo(symbol)
        elif self.book.of(symbol):
            count = len(self.book.of(symbol))
            words = f"Delete all {count} drawings of {symbol}? Undo brings them back."
            dialogs.ask(self, "Delete all", words, lambda: self.book.clear(symbol))
        self._show_active()

    def _on_symbol(self, symbol: str) -> None:
        before, self._symbol = self._symbol, Symbol(symbol)
        self.grid.on_symbol(self._symbol, before)


PANEL: Final = PanelSpec("chart", "Chart", Area.CENTER, ChartPanel, follows_link=True)
