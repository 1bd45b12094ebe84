"""The menu of a chart: how bars look, how prices are spread, and ways to take both along."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.domain.ids import Symbol
from widgets import dialogs
from widgets.plot.scale import AxisKind, Floats
from widgets.plot.styles import BarStyle

if TYPE_CHECKING:
    from app.desk import BarColumns
    from widgets.plot.view import ChartView

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
        view: ChartView,
        parent: QWidget,
        *,
        choose_style: Callable[[BarStyle], None],
        choose_hours: Callable[[bool], None],
        say: Callable[[str], None],
    ) -> None:
        """Make it.

        Args:
            view: the chart.
            parent: whose menu it is.
            choose_style: told of another look of the bars.
            choose_hours: told whether only the core session is wanted.
            say: takes what became of a file, in words.
        """
        super().__init__(parent)
        self._view: Final = view
        self._parent: Final = parent
        self._choose_style: Final = choose_style
        self._say: Final = say
        self._symbol = Symbol("")
        self.styles: Final[dict[BarStyle, QAction]] = {}
        self.kinds: Final[dict[AxisKind, QAction]] = {}
        self._add_styles()
        self._add_axis()
        self.core_only: Final = self.addAction("Core session only")
        self.core_only.setCheckable(True)
        self.core_only.triggered.connect(choose_hours)
        self.addAction("Show all bars").triggered.connect(view.fit)
        self.addAction("Follow the newest bar").triggered.connect(view.reset)
        self.addSeparator()
        self.addAction("Copy picture").triggered.connect(self.copy_picture)
        self.addAction("Save picture…").triggered.connect(self._ask_picture)
        self.addAction("Save bars…").triggered.connect(self._ask_bars)

    def prepare(self, symbol: Symbol, style: BarStyle, *, is_core_only: bool = False) -> None:
        """Show what is chosen now."""
        self.core_only.setChecked(is_core_only)
        self._symbol = symbol
        self.styles[style].setChecked(True)
        self.kinds[self._view.axis.kind].setChecked(True)
        self.inverted.setChecked(self._view.axis.is_inverted)
        self.automatic.setChecked(self._view.axis.fixed is None)

    def copy_picture(self) -> None:
        """Put the chart's picture on the clipboard."""
        QGuiApplication.clipboard().setPixmap(self._view.grab())
        self._say("Picture of the chart copied")

    def save_picture(self, name: str) -> None:
        """Write the chart's picture as PNG."""
        is_written = self._view.grab().save(name, "PNG")
        done = f"Picture written to {name}" if is_written else f"{name} could not be written"
        self._say(done)

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
            action.triggered.connect(lambda _on=False, style=style: self._choose_style(style))
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
            f"{self._symbol or 'chart'}.png",
            self.save_picture,
            "Pictures (*.png)",
        )

    def _ask_bars(self) -> QFileDialog:
        return dialogs.ask_file(
            self._parent,
            "Save the bars",
            f"{self._symbol or 'chart'}.csv",
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
