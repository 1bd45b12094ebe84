"""The menu of a chart: how bars look, how prices are spread, and ways to take both along."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PySide6.QtCore import QBuffer
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.domain.errors import BadInput
from app.domain.ids import Symbol
from widgets import dialogs
from widgets.chart.cell import ChartCell
from widgets.chart.template_menu import TemplateMenu
from widgets.chart.templates import Templates
from widgets.plot.scale import AxisKind, Floats
from widgets.plot.styles import BarStyle

if TYPE_CHECKING:
    from app.desk import BarColumns
    from widgets.plot.view import ChartView

SYMBOL_CHARS_MAX: Final = 20
STYLE_WORDS: Final = {
    BarStyle.CANDLES: "Candles",
    BarStyle.HOLLOW: "Hollow candles",
    BarStyle.OHLC: "Bars (OHLC)",
    BarStyle.HEIKIN_ASHI: "Heikin-Ashi",
    BarStyle.LINE: "Line",
    BarStyle.STEP: "Step line",
    BarStyle.AREA: "Area",
    BarStyle.BASELINE: "Baseline",
    BarStyle.COLUMNS: "Columns",
    BarStyle.HIGH_LOW: "High-low",
}
AXIS_WORDS: Final = {
    AxisKind.LINEAR: "Linear",
    AxisKind.LOG: "Logarithmic",
    AxisKind.PERCENT: "Percent",
}


class ChartMenu(QMenu):
    """Choices of one chart; shown at its button."""

    def __init__(
        self,
        cell: ChartCell,
        parent: QWidget,
        say: Callable[[str], None],
        templates: Templates,
    ) -> None:
        """Make it.

        Args:
            cell: the chart; `prepare` gives it another.
            parent: whose menu it is.
            say: takes what became of a file, in words.
            templates: for charts.
        """
        super().__init__(parent)
        self._cell = cell
        self._parent: Final = parent
        self._say: Final = say
        self.styles: Final[dict[BarStyle, QAction]] = {}
        self.kinds: Final[dict[AxisKind, QAction]] = {}
        self._add_styles()
        self._add_axis()
        self.core_only: Final = self.addAction("Core session only")
        self.core_only.setCheckable(True)
        self.core_only.triggered.connect(lambda on: self._cell.set_core_only(on))
        self.cells: Final = self.addAction("Footprint: sold × bought")
        self.cells.setCheckable(True)
        self.cells.triggered.connect(lambda on: self._cell.set_cells(on))
        self.depth_map: Final = self.addAction("Depth over time")
        self.depth_map.setCheckable(True)
        self.depth_map.triggered.connect(lambda on: self._cell.set_depth(on))
        self.addAction("Show all bars").triggered.connect(lambda: self._cell.view.fit())
        self.addAction("Follow the newest bar").triggered.connect(lambda: self._cell.view.reset())
        self.addSeparator()
        self.compare: Final = self.addMenu("Compare")
        self.templates: Final = TemplateMenu(templates, self, say)
        self.addMenu(self.templates)
        self.addSeparator()
        self.addAction("Copy picture").triggered.connect(self.copy_picture)
        self.addAction("Save picture…").triggered.connect(self._ask_picture)
        self.addAction("Save bars…").triggered.connect(self._ask_bars)

    def prepare(self, cell: ChartCell) -> None:
        """Show what is chosen of a chart now, and act on that from here on."""
        self._cell = cell
        self.templates.prepare(cell)
        self._prepare_compare(cell)
        self.core_only.setChecked(cell.is_core_only)
        self.core_only.setEnabled(cell.spec.is_intraday or not cell.spec.is_by_time)
        self.cells.setChecked(cell.has_cells)
        self.depth_map.setChecked(cell.has_depth)
        self.styles[cell.style_chosen].setChecked(True)
        axis = cell.view.axis
        self.kinds[axis.kind].setChecked(True)
        self.inverted.setChecked(axis.is_inverted)
        self.automatic.setChecked(axis.fixed is None)

    def ask_symbol(self) -> dialogs.Naming:
        """Ask for a symbol to compare with."""
        return dialogs.ask_name(
            self._parent,
            "Compare",
            "Symbol to draw over the bars, on a scale of its own",
            "",
            self._compare,
            chars_max=SYMBOL_CHARS_MAX,
        )

    def _compare(self, typed: str) -> None:
        try:
            self._cell.compared.add(Symbol(typed.strip().upper()))
        except BadInput as error:
            self._say(str(error))

    def _prepare_compare(self, cell: ChartCell) -> None:
        self.compare.clear()
        self.compare.addAction("With…").triggered.connect(self.ask_symbol)
        for symbol in cell.compared.symbols:
            action = self.compare.addAction(f"Not with {symbol}")
            action.triggered.connect(lambda _on=False, symbol=symbol: cell.compared.remove(symbol))

    @property
    def _view(self) -> ChartView:
        return self._cell.view

    def copy_picture(self) -> None:
        """Put the chart's picture on the clipboard."""
        QGuiApplication.clipboard().setPixmap(self._view.grab())
        self._say("Picture of the chart copied")

    def save_picture(self, name: str) -> None:
        """Write the chart's picture: as SVG where the name says so, else as PNG."""
        if name.lower().endswith(".svg"):
            is_written = self._save_svg(name)
        else:
            is_written = self._view.grab().save(name, "PNG")
        done = f"Picture written to {name}" if is_written else f"{name} could not be written"
        self._say(done)

    def _save_svg(self, name: str) -> bool:
        held = QBuffer()
        generator = QSvgGenerator()
        generator.setOutputDevice(held)
        generator.setSize(self._view.size())
        generator.setViewBox(self._view.rect())
        generator.setTitle(f"{self._cell.symbol} {self._cell.spec}")
        with QPainter(generator) as painter:
            self._view.draw(painter)
        try:
            Path(name).write_bytes(held.data().data())
        except OSError:
            return False
        return True

    def save_bars(self, name: str) -> None:
        """Write all bars of the chart and its studies' values as CSV, times in UTC."""
        content = self._view.content
        if content is None or not len(content.bars):
            self._say("There are no bars to write")
            return
        rows = [
            (f"{study.title} {plot.name}".strip(), values)
            for study in content.studies
            for plot in study.plots
            for values in plot.values
        ]
        try:
            with Path(name).open("w", encoding="utf-8-sig", newline="") as file:
                _write_bars(csv.writer(file), content.bars, rows)
        except OSError as error:
            self._say(f"{name} could not be written: {error.strerror or error}")
            return
        self._say(f"{len(content.bars):,} bars written to {name}")

    def _add_styles(self) -> None:
        group = QActionGroup(self)
        for style, words in STYLE_WORDS.items():
            action = self.addAction(words)
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(lambda _on=False, style=style: self._cell.set_style(style))
            self.styles[style] = action
        self.addSeparator()

    def _add_axis(self) -> None:
        menu = QMenu("Price axis", self)
        group = QActionGroup(menu)
        for kind, words in AXIS_WORDS.items():
            action = menu.addAction(words)
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(lambda _on=False, kind=kind: self._choose_kind(kind))
            self.kinds[kind] = action
        menu.addSeparator()
        self.inverted = menu.addAction("Upside down")
        self.inverted.setCheckable(True)
        self.inverted.triggered.connect(self._invert)
        self.automatic = menu.addAction("Fit to what is in view")
        self.automatic.setCheckable(True)
        self.automatic.triggered.connect(self._fix)
        self.addMenu(menu)

    def _choose_kind(self, kind: AxisKind) -> None:
        self._view.axis.kind = kind
        self._view.axis.fixed = None
        self._view.axis_chosen()

    def _invert(self, on: bool) -> None:  # noqa: FBT001  Qt's signal.
        self._view.axis.is_inverted = on
        self._view.axis_chosen()

    def _fix(self, on: bool) -> None:  # noqa: FBT001  Qt's signal.
        frame = self._view.frame_now
        if on or frame is None:
            self._view.axis.fixed = None
        else:
            prices = frame.scale.prices
            self._view.axis.fixed = prices.low, prices.high
        self._view.axis_chosen()

    def _ask_picture(self) -> QFileDialog:
        return dialogs.ask_file(
            self._parent,
            "Save the picture",
            f"{self._cell.symbol or 'chart'}.png",
            self.save_picture,
            "Pictures (*.png);;Drawings (*.svg)",
        )

    def _ask_bars(self) -> QFileDialog:
        return dialogs.ask_file(
            self._parent,
            "Save the bars",
            f"{self._cell.symbol or 'chart'}.csv",
            self.save_bars,
            "Spreadsheet (*.csv)",
        )


def _write_bars(writer: Any, bars: BarColumns, studies: list[tuple[str, Floats]]) -> None:  # noqa: ANN401  csv has no public type.
    names = ("open", "high", "low", "close", "volume")
    writer.writerow(["time_utc", *names, *(title for title, _ in studies)])
    times = np.datetime_as_string(bars.start_ns.astype("datetime64[ns]"), unit="ms")
    columns = [getattr(bars, name).tolist() for name in names]
    columns += [values.tolist() for _, values in studies]
    for time, *row in zip(times.tolist(), *columns, strict=True):
        writer.writerow([f"{time}Z", *("" if math.isnan(value) else value for value in row)])
