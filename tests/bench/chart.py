"""Frames of the chart beside those of an empty pyqtgraph plot (M1 to M3).

Both are painted off screen into an image of the same size, in turn, so that noise falls on both.
A frame is what a gesture or an event costs until all is painted: the time of the call and of the
paint it asks for, nothing else of the event loop.
"""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from app.clock import LiveClock
from tests.bench.charts import run_desk
from tests.bench.result import Figure, Result, figure, percentile, result

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pyqtgraph  # After the platform is chosen.
from PySide6.QtWidgets import QApplication, QGraphicsView

from app.desk import BarColumns
from widgets import theme
from widgets.palettes import Role
from widgets.plot.content import ChartContent, LastPrice, Plot, PlotKind, StudySeries
from widgets.plot.view import ChartView

WIDTH, HEIGHT = 1200, 700
SIZES = (1_000, 10_000, 100_000, 1_000_000)
IN_VIEW = (200, 2_000)
FRAMES = 60
STUDIES = 10
MINUTE_NS = 60_000_000_000
START_NS = 1_767_364_200_000_000_000


def run() -> Result:
    """Measure every size and gesture."""
    app = _application()
    theme.load_fonts()
    empty = _EmptyPlot()
    figures: dict[str, Figure] = {}
    for count in SIZES:
        figures |= _all_in_view(count, empty)
    thousand, million = (figures[f"pan_{_name(count)}"].value for count in (SIZES[0], SIZES[-1]))
    figures["frame_1e6_beside_1e3"] = figure(million, "ms", floor=thousand, target="<= 1.3")
    bars = _bars(SIZES[-1])
    for seen in IN_VIEW:
        chart = _Chart(bars, seen)
        figures |= _gestures(chart, empty, f"{seen}_of_1e6")
        chart.close()
    for seen in (IN_VIEW[0], SIZES[-1]):
        chart = _Chart(bars, seen, studies=STUDIES)
        pan, _ = _in_turn(chart.pan, empty.pan)
        figures[f"pan_{_name(seen)}_with_{STUDIES}_studies"] = figure(pan, "ms", target="<= 8")
        chart.close()
    figures["memory_1e6"] = figure(_memory_mb(), "MB", target="<= 60")
    empty.close()
    app.processEvents()
    return result("chart", figures | run_desk(app))


def _all_in_view(count: int, empty: _EmptyPlot) -> dict[str, Figure]:
    """Measure a chart that shows all its bars."""
    bars, name = _bars(count), _name(count)
    over_ms = [
        _first_paint_ms(lambda: _Chart(bars, count)) - _first_paint_ms(_EmptyPlot) for _ in range(5)
    ]
    first = figure(_median(over_ms), "ms over the empty plot", target="<= 150")
    chart = _Chart(bars, count)
    measured = _gestures(chart, empty, name)
    chart.close()
    return {f"first_paint_{name}": first, **measured}


def _gestures(chart: _Chart, empty: _EmptyPlot, name: str) -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    for verb, ours, floor, target in (
        ("pan", chart.pan, empty.pan, "<= 1"),
        ("zoom", chart.zoom, empty.zoom, "<= 1"),
        ("update_last", chart.update_last, empty.repaint, "<= 2"),
        ("append", chart.append, empty.repaint, "<= 2"),
    ):
        value, beside = _in_turn(ours, floor)
        figures[f"{verb}_{name}"] = figure(value, "ms", floor=beside, target=target)
    return figures


def _name(count: int) -> str:
    return f"{count:.0e}".replace("e+0", "e")


class _Chart:
    """A chart with its gestures, each painted to the end."""

    def __init__(self, bars: Any, in_view: int, studies: int = 0) -> None:
        self._bars = bars
        self._count = len(bars) - 200
        self._studies = studies
        self._rows = [_average(bars.close, 20 * (n + 1)) for n in range(studies)]
        self.view = ChartView(None)  # type: ignore[arg-type]  # A window of its own.
        self.view.resize(WIDTH, HEIGHT)
        self.view.stretch.bars = float(max(5, in_view * 0.95))
        self.view.show_content(self._content())
        self.view.show()
        self._step = 1.0
        _paint(self.view)

    def close(self) -> None:
        self.view.close()
        self.view.deleteLater()

    def pan(self) -> None:
        self._step = -self._step
        self.view.stretch.move(self._seen().start_ns, self._step * self.view.stretch.bars * 0.01)
        self.view.redraw()
        _paint(self.view)

    def zoom(self) -> None:
        self._step = -self._step
        factor = 1.02 if self._step > 0 else 1 / 1.02
        self.view.stretch.zoom(self._seen().start_ns, factor, 0.5)
        self.view.redraw()
        _paint(self.view)

    def update_last(self) -> None:
        self.view.stretch.follow()
        last = self._count - 1
        self._bars.close[last] = (self._bars.low[last] + self._bars.high[last]) / 2
        self._bars.volume[last] += 1.0
        self.view.show_content(self._content())
        _paint(self.view)

    def append(self) -> None:
        self.view.stretch.follow()
        self._count += 1
        if self._count > len(self._bars):
            self._count -= 200
        self.view.show_content(self._content())
        _paint(self.view)

    def _seen(self) -> Any:
        names = ("start_ns", "open", "high", "low", "close", "volume")
        columns = {name: getattr(self._bars, name)[: self._count] for name in names}
        return msgspec.structs.replace(self._bars, **columns)

    def _content(self) -> Any:
        bars = self._seen()
        studies = tuple(
            StudySeries(
                key=f"{number}",
                title=f"SMA {20 * (number + 1)}",
                plots=(Plot("", PlotKind.LINE, Role.STUDY, (row[: self._count],)),),
                pane="" if number < STUDIES - 2 else f"p{number}",
            )
            for number, row in enumerate(self._rows)
        )
        last = LastPrice(float(bars.close[-1]), Role.UP)
        return ChartContent(bars, MINUTE_NS, last=last, studies=studies)


class _EmptyPlot:
    """pyqtgraph's plot without anything in it."""

    def __init__(self) -> None:
        self.view = pyqtgraph.PlotWidget()
        self.view.resize(WIDTH, HEIGHT)
        self.view.setXRange(0.0, 1000.0, padding=0)
        self.view.setYRange(0.0, 100.0, padding=0)
        self.view.show()
        self._at = 0.0
        _paint(self.view)

    def close(self) -> None:
        QGraphicsView.close(self.view)
        self.view.deleteLater()

    def pan(self) -> None:
        self._at = 10.0 - self._at
        self.view.setXRange(self._at, self._at + 1000.0, padding=0)
        _paint(self.view)

    def zoom(self) -> None:
        self._at = 10.0 - self._at
        self.view.setXRange(self._at, 1000.0 - self._at, padding=0)
        _paint(self.view)

    def repaint(self) -> None:
        self.view.viewport().update()
        _paint(self.view)


def _application() -> Any:
    return QApplication.instance() or QApplication([])


def _paint(view: Any) -> None:
    """Let what was asked for be painted, as the event loop would."""
    _application().processEvents()


def _first_paint_ms(make: Callable[[], Any]) -> float:
    clock = LiveClock()
    started_ns = clock.mono_ns()
    made = make()
    taken_ms = (clock.mono_ns() - started_ns) / 1e6
    made.close()
    _application().processEvents()
    return taken_ms


def _in_turn(ours: Callable[[], None], floor: Callable[[], None]) -> tuple[float, float]:
    """Return the median milliseconds of both, measured in turn."""
    clock = LiveClock()
    times: tuple[list[float], list[float]] = ([], [])
    for round_number in range(FRAMES + 5):
        for taken, act in zip(times, (ours, floor), strict=True):
            _application().processEvents()  # What the other left to be done later.
            started_ns = clock.mono_ns()
            act()
            if round_number >= 5:
                taken.append((clock.mono_ns() - started_ns) / 1e6)
    return _median(times[0]), _median(times[1])


def _median(values: list[float]) -> float:
    return percentile(values, 0.5)


def _bars(count: int) -> Any:
    count += 200  # To be appended.
    rng = np.random.default_rng(11)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0, 2e-4, count)))
    open_ = np.concatenate(([100.0], close[:-1]))
    reach = np.abs(rng.normal(0, 2e-4, (2, count))) * close
    return BarColumns(
        start_ns=START_NS + MINUTE_NS * np.arange(count, dtype=np.int64),
        open=open_,
        high=np.maximum(open_, close) + reach[0],
        low=np.minimum(open_, close) - reach[1],
        close=close,
        volume=rng.gamma(2.0, 500.0, count),
    )


def _average(values: Any, length: int) -> Any:
    sums = np.cumsum(values)
    row = np.full(len(values), np.nan)
    row[length - 1 :] = (sums[length - 1 :] - np.concatenate(([0.0], sums[:-length]))) / length
    return row


def _memory_mb() -> float:
    """Return what a chart of a million bars holds, its columns included."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    bars = _bars(SIZES[-1])
    chart = _Chart(bars, SIZES[-1])
    held = tracemalloc.get_traced_memory()[0] - before
    held += chart.view._still.pixmap.width() * chart.view._still.pixmap.height() * 4
    tracemalloc.stop()
    chart.close()
    return held / 1e6
