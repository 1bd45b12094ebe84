"""Goal: bars stand where their numbers say, no data breaks the chart, gestures do as told."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desk import BarColumns
from app.domain.enums import ExecType, Side
from app.domain.ids import ClOrdID
from tests.widgets.fake_desk import AAPL, MSFT, FakeDesk, limit_order
from widgets import theme
from widgets.link import LinkGroup
from widgets.palettes import Role
from widgets.panel import PanelContext
from widgets.panels.chart import ChartPanel
from widgets.plot.content import ChartContent, LastPrice
from widgets.plot.scale import price_range, price_ticks, time_ticks
from widgets.plot.view import ChartView
from widgets.plot.window import TimeWindow

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

MINUTE_NS = 60_000_000_000
START_NS = 1_767_364_200_000_000_000
UP, DOWN = QColor(theme.hex_of(Role.UP)).rgb(), QColor(theme.hex_of(Role.DOWN)).rgb()


def columns(
    open_: list[float], high: list[float], low: list[float], close: list[float]
) -> BarColumns:
    count = len(open_)
    return BarColumns(
        start_ns=START_NS + MINUTE_NS * np.arange(count, dtype=np.int64),
        open=np.array(open_, dtype=float),
        high=np.array(high, dtype=float),
        low=np.array(low, dtype=float),
        close=np.array(close, dtype=float),
        volume=np.full(count, 100.0),
    )


def walk(count: int) -> BarColumns:
    rng = np.random.default_rng(7)
    close = 100 + np.cumsum(rng.normal(0, 0.1, count))
    open_ = np.concatenate([[100.0], close[:-1]])
    return columns(
        open_.tolist(),
        (np.maximum(open_, close) + 0.05).tolist(),
        (np.minimum(open_, close) - 0.05).tolist(),
        close.tolist(),
    )


@pytest.fixture
def view(qtbot: QtBot) -> ChartView:
    made = ChartView(None)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def picture(view: ChartView, bars: BarColumns) -> QImage:
    last = LastPrice(float(bars.close[-1]), Role.UP) if len(bars) else None
    view.show_content(ChartContent(bars, MINUTE_NS, last=last, empty_words="No prices yet"))
    return view.grab().toImage()


class TestPictures:
    def test_candles_stand_at_their_prices(self, view: ChartView) -> None:
        view.stretch.bars = 10.0
        bars = columns([10, 12, 11], [13, 12.5, 14], [9, 10, 10.5], [12, 11, 13.5])
        image = picture(view, bars)
        assert view.frame_now is not None
        scale = view.frame_now.scale
        for number, expected in ((0, UP), (1, DOWN), (2, UP)):
            x = scale.x(number)
            middle = (bars.open[number] + bars.close[number]) / 2
            assert image.pixel(x, round(scale.y(middle))) == expected  # The body.
            assert image.pixel(x, round(scale.y(bars.high[number])) + 2) == expected  # The wick.
            assert image.pixel(x, round(scale.y(bars.high[number])) - 3) not in (UP, DOWN)
            assert image.pixel(x + 4, round(scale.y(middle))) == expected  # Has a width,
            above = (
                bars.high[number]
                - (bars.high[number] - max(bars.open[number], bars.close[number])) / 2
            )
            assert image.pixel(x + 4, round(scale.y(above))) != expected  # and the wick has none.

    @pytest.mark.parametrize(
        "bars",
        [
            columns([], [], [], []),
            columns([10], [10], [10], [10]),
            columns(
                [10, math.nan, 11], [11, math.nan, 12], [9, math.nan, 10], [10.5, math.nan, 11]
            ),
            columns([math.nan], [math.nan], [math.nan], [math.nan]),
            columns([0.0001] * 3, [0.0001] * 3, [0.0001] * 3, [0.0001] * 3),
            columns([1e9, 2e9], [3e9, 3e9], [1e9, 1e9], [2e9, 2e9]),
            columns([math.inf, 1], [math.inf, 2], [1, 1], [1, 1.5]),
        ],
        ids=["none", "flat", "nan", "all nan", "tiny", "huge", "infinite"],
    )
    def test_odd_data_is_drawn(self, view: ChartView, bars: BarColumns) -> None:
        image = picture(view, bars)
        assert not image.isNull()
        assert view.paints > 0

    def test_empty_chart_says_why(self, view: ChartView) -> None:
        empty = columns([], [], [], [])
        view.show_content(ChartContent(empty, MINUTE_NS, empty_words="No prices of AAPL yet"))
        with_words = view.grab().toImage()
        view.show_content(ChartContent(empty, MINUTE_NS, empty_words=""))
        assert view.grab().toImage() != with_words


class TestNumbers:
    @pytest.mark.parametrize(
        ("low", "high", "count", "ticks"),
        [
            (10.0, 20.0, 5, [10.0, 12.0, 14.0, 16.0, 18.0, 20.0]),
            (186.1, 186.5, 4, [186.1, 186.2, 186.3, 186.4, 186.5]),
            (187.19, 187.23, 9, [187.19, 187.20, 187.21, 187.22, 187.23]),
            (5.0, 5.0, 4, []),
            (0.0, math.inf, 4, []),
        ],
    )
    def test_round_prices(self, low: float, high: float, count: int, ticks: list[float]) -> None:
        assert price_ticks(low, high, count, finest=0.01) == pytest.approx(ticks)

    def test_round_times_are_new_york_hours(self) -> None:
        starts = START_NS + MINUTE_NS * np.arange(300, dtype=np.int64)
        offset_ns = -5 * 3_600_000_000_000
        marks, step_s = time_ticks(starts + offset_ns, MINUTE_NS, 45.0)
        assert step_s == 3600
        assert all((starts[mark] + offset_ns) % 3_600_000_000_000 == 0 for mark in marks)

    def test_far_order_does_not_flatten_the_bars(self) -> None:
        lows, highs = np.array([10.0, 11.0]), np.array([12.0, 13.0])
        near = price_range(lows, highs, (14.0,))
        far = price_range(lows, highs, (100.0,))
        assert near[1] > 14.0
        assert far[1] < 14.0

    def test_range_without_prices(self) -> None:
        nothing = np.array([math.nan])
        assert price_range(nothing, nothing) == (0.0, 1.0)


class TestWindow:
    def test_follows_the_newest_bar(self) -> None:
        window, bars = TimeWindow(), walk(200)
        before = window.right_edge(bars.start_ns[:100])
        assert window.right_edge(bars.start_ns) == before + 100

    def test_dragged_away_it_stays_at_its_time(self) -> None:
        window, bars = TimeWindow(), walk(400)
        window.move(bars.start_ns[:300], -150)
        edge = window.right_edge(bars.start_ns[:300])
        assert window.right_edge(bars.start_ns) == pytest.approx(edge)
        assert window.right_edge(bars.start_ns[50:]) == pytest.approx(edge - 50)

    def test_bar_under_the_cursor_stays_when_zooming(self) -> None:
        window, bars = TimeWindow(), walk(400)
        window.move(bars.start_ns, -100)
        at = window.right_edge(bars.start_ns) - window.bars * 0.7
        window.zoom(bars.start_ns, 0.5, 0.3)
        assert window.right_edge(bars.start_ns) - window.bars * 0.7 == pytest.approx(at)

    def test_bars_cannot_be_dragged_out_of_sight(self) -> None:
        window, bars = TimeWindow(), walk(50)
        window.move(bars.start_ns, -1e9)
        assert window.right_edge(bars.start_ns) >= 3
        window.move(bars.start_ns, 1e9)
        assert window.right_edge(bars.start_ns) <= 50 + window.bars


def wheel(view: ChartView, x: int, steps: int) -> None:
    at = QPointF(x, 100)
    event = QWheelEvent(
        at,
        QPointF(view.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


class TestGestures:
    def test_wheel_drag_and_double_click(self, qtbot: QtBot, view: ChartView) -> None:
        bars = walk(400)
        picture(view, bars)
        width = view.stretch.bars
        wheel(view, 300, 2)
        assert view.stretch.bars < width
        view.grab()
        edge = view.stretch.right_edge(bars.start_ns)
        qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
        qtbot.mouseMove(view, QPoint(320, 150))
        qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(320, 150))
        assert view.stretch.right_edge(bars.start_ns) < edge
        assert not view.stretch.is_following
        qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
        assert view.stretch.is_following
        assert view.stretch.bars == width


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.go_live()
    for number in range(90):
        desk.wait(10)
        desk.trade(AAPL, f"{186 + number % 7 / 10:.2f}")
    return desk


@pytest.fixture
def panel(qtbot: QtBot, desk: FakeDesk) -> ChartPanel:
    link = LinkGroup()
    made = ChartPanel(PanelContext(desk, link))  # type: ignore[arg-type]
    link.setParent(made)
    qtbot.addWidget(made)
    made.resize(700, 420)
    made.show()
    qtbot.waitExposed(made)
    link.pick_symbol(AAPL)
    made.refresh()
    return made


class TestPanel:
    def test_nothing_new_is_not_stale(self, panel: ChartPanel, desk: FakeDesk) -> None:
        assert not panel.stale()
        desk.trade(MSFT, "421")
        assert not panel.stale()
        desk.trade(AAPL, "186.50")
        assert panel.stale()

    def test_interval_buttons_fold_the_bars(self, qtbot: QtBot, panel: ChartPanel) -> None:
        counts = {}
        for interval in ("10s", "1m", "5m"):
            qtbot.mouseClick(panel._chips[interval], Qt.MouseButton.LeftButton)
            assert panel.stale()
            panel.refresh()
            assert panel.view.content is not None
            counts[interval] = len(panel.view.content.bars)
        assert counts["10s"] == 90
        assert counts["1m"] in (15, 16)
        assert counts["5m"] in (3, 4)

    def test_another_symbol_or_interval_is_another_series(
        self, qtbot: QtBot, panel: ChartPanel, desk: FakeDesk
    ) -> None:
        names = {panel.view.content.series}  # type: ignore[union-attr]
        desk.trade(MSFT, "421")
        panel.link.pick_symbol(MSFT)
        panel.refresh()
        names.add(panel.view.content.series)  # type: ignore[union-attr]
        qtbot.mouseClick(panel._chips["5m"], Qt.MouseButton.LeftButton)
        panel.refresh()
        names.add(panel.view.content.series)  # type: ignore[union-attr]
        assert len(names) == 3

    def test_cross_on_an_order_line_cancels_it(
        self, qtbot: QtBot, panel: ChartPanel, desk: FakeDesk
    ) -> None:
        cl_ord_id = ClOrdID("P000001-1")
        desk.put_order(cl_ord_id, limit_order("100", "186.10"))
        panel.refresh()
        panel.view.grab()
        cross = panel.view.cross_of(cl_ord_id)
        assert cross is not None
        qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=cross.center())
        assert desk.cancelled == [cl_ord_id]

    def test_a_dragged_order_line_asks_for_another_price(
        self, qtbot: QtBot, panel: ChartPanel, desk: FakeDesk
    ) -> None:
        cl_ord_id = ClOrdID("P000001-1")
        desk.put_order(cl_ord_id, limit_order("100", "186.10"))
        panel.refresh()
        panel.view.grab()
        assert panel.view.frame_now is not None
        scale, view = panel.view.frame_now.scale, panel.view
        start, end = QPoint(60, round(scale.y(186.10))), QPoint(60, round(scale.y(186.30)))
        qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
        qtbot.mouseMove(view, end)
        assert desk.replaced == []
        qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
        [(changed, qty, limit_px, stop_px)] = desk.replaced
        assert (changed, qty, stop_px) == (cl_ord_id, 100, None)
        assert limit_px is not None
        assert abs(float(limit_px) - 186.30) < 0.02
        assert limit_px % Decimal("0.01") == 0

    def test_a_refused_move_is_said(self, panel: ChartPanel, desk: FakeDesk) -> None:
        cl_ord_id = ClOrdID("P000001-1")
        desk.put_order(cl_ord_id, limit_order("100", "186.10"))
        said: list[str] = []
        panel.link.said.connect(said.append)
        panel.view.move_wanted.emit(cl_ord_id, -1.0)
        assert said == ["there is no such price; the order stays where it is"]
        assert desk.replaced == []

    def test_orders_of_other_symbols_are_not_drawn(self, panel: ChartPanel, desk: FakeDesk) -> None:
        desk.put_order(ClOrdID("P000001-1"), limit_order("100", "421", symbol=MSFT))
        panel.refresh()
        assert panel.view.content is not None
        assert panel.view.content.orders == ()

    def test_fills_and_average_are_drawn(self, panel: ChartPanel, desk: FakeDesk) -> None:
        cl_ord_id = ClOrdID("P000001-1")
        desk.put_order(cl_ord_id, limit_order("100", "186.30", side=Side.SELL))
        desk.report(cl_ord_id, ExecType.TRADE, qty="40", px="186.30")
        panel.refresh()
        content = panel.view.content
        assert content is not None
        assert [(fill.price, fill.side) for fill in content.fills] == [(186.3, Side.SELL)]
        assert content.average == (186.3, "avg 186.30  -40")
        assert content.orders[0].words == "SELL 100 LMT 186.30  40/100"
        panel.view.grab()

    def test_a_line_that_would_close_says_what_it_gains(
        self, panel: ChartPanel, desk: FakeDesk
    ) -> None:
        bought, target = ClOrdID("P000001-1"), ClOrdID("P000001-2")
        desk.put_order(bought, limit_order("100", "186.00"))
        desk.report(bought, ExecType.TRADE, qty="100", px="186.00")
        desk.put_order(target, limit_order("100", "187.32", side=Side.SELL))
        panel.refresh()
        assert panel.view.content is not None
        [line] = panel.view.content.orders
        assert line.words == "SELL 100 LMT 187.32  0/100  +$132.00"

    def test_silent_feed_is_said(self, panel: ChartPanel, desk: FakeDesk) -> None:
        desk.wait(6)
        assert panel.stale()
        panel.refresh()
        assert panel.view.content is not None
        assert panel.view.content.last is not None
        assert panel.view.content.last.stale_words == "stale · 6.0 s old"

    def test_interval_is_kept_in_the_layout(self, panel: ChartPanel) -> None:
        panel.restore({"interval": "5m", "bars": 60.0})
        (kept,) = panel.state()["cells"]
        assert (kept["interval"], kept["bars"]) == ("5m", 60.0)
        panel.restore({"interval": "7 parsecs", "bars": "many", "panes": 7, "kind": 0})
        assert panel.state()["cells"] == [kept]
