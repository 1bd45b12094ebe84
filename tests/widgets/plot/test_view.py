"""Show that the chart's picture is what its content says, however it came to be shown.

Method: a chart that is told of one change after the other against one that is told the last only;
real wheels, drags and keys.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.domain.enums import Side
from app.domain.ids import ClOrdID
from tests.widgets.plot.bars_made import MINUTE_NS, START_NS, changed, columns, part, walk
from widgets import theme
from widgets.palettes import Role
from widgets.plot.content import (
    ChartContent,
    LastPrice,
    OrderLine,
    Plot,
    PlotKind,
    StudySeries,
)
from widgets.plot.scale import AxisKind
from widgets.plot.styles import BarStyle
from widgets.plot.view import ChartView

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

WALK = walk(6_000)


def average(values, length):
    row = np.full(len(values), np.nan)
    if len(values) >= length:
        sums = np.cumsum(values)
        row[length - 1 :] = (sums[length - 1 :] - np.concatenate(([0.0], sums[:-length]))) / length
    return row


def content(bars, *, style=BarStyle.CANDLES, with_studies=False, **more):
    studies = ()
    if with_studies:
        fast, slow = average(bars.close, 5), average(bars.close, 20)
        studies = (
            StudySeries("a", "SMA 20", (Plot("", PlotKind.LINE, Role.STUDY, (slow,)),)),
            StudySeries("b", "Band", (Plot("", PlotKind.BAND, Role.ACCENT, (slow + 1, slow - 1)),)),
            StudySeries(
                "c",
                "Difference",
                (Plot("", PlotKind.HISTOGRAM, Role.UP, (fast - slow,)),),
                pane="c",
                levels=(0.0,),
            ),
        )
    last = LastPrice(float(bars.close[-1]), Role.UP) if len(bars) else None
    return ChartContent(
        bars, MINUTE_NS, last=last, studies=studies, style=style, core_hours=core_hours, **more
    )


def core_hours(first_ns: int, last_ns: int) -> np.ndarray:
    """Give 09:30 to 16:00 of each day from that of the first bar on."""
    day_ns = 1_440 * MINUTE_NS
    first = (first_ns - START_NS) // day_ns
    days = range(first, (last_ns - START_NS) // day_ns + 1)
    opens = START_NS + day_ns * np.array(days, dtype=np.int64)
    return np.column_stack((opens, opens + 390 * MINUTE_NS))


def make(qtbot: QtBot, width: int = 500, height: int = 360) -> ChartView:
    view = ChartView(None)  # type: ignore[arg-type]
    qtbot.addWidget(view)
    view.resize(width, height)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def view(qtbot: QtBot) -> ChartView:
    return make(qtbot)


def picture(view: ChartView) -> QImage:
    return view.grab().toImage()


def levels(image: QImage):
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(plain.constBits(), np.uint8).astype(int)
    # A soft line that comes from beyond the left edge is rounded otherwise in its first pixel.
    return flat.reshape(image.height(), image.width(), 4)[:, 1:]


def same(one: QImage, other: QImage) -> bool:
    return one.size() == other.size() and bool(np.abs(levels(one) - levels(other)).max() <= 2)


CHANGES = st.lists(
    st.sampled_from(["tick", "high", "low", "volume", "append", "append many", "pan", "zoom"]),
    min_size=1,
    max_size=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=CHANGES,
    in_view=st.sampled_from([20, 130, 700, 3_000]),
    style=st.sampled_from(BarStyle),
    with_studies=st.booleans(),
)
def test_a_picture_mended_change_by_change_is_the_one_made_at_once(
    qtbot, changes, in_view, style, with_studies
):
    mended, fresh = make(qtbot), make(qtbot)
    mended.stretch.set_bars(float(in_view))
    count = 4_000
    bars = part(WALK, 0, count)
    mended.show_content(content(bars, style=style, with_studies=with_studies))
    picture(mended)
    for change in changes:
        last = len(bars) - 1
        if change == "tick":
            bars = changed(bars, last, close=(bars.high[last] + bars.low[last]) / 2)
        elif change == "high":
            bars = changed(bars, last, high=bars.high[last] + 3.0)
        elif change == "low":
            bars = changed(bars, last, low=bars.low[last] - 0.01)
        elif change == "volume":
            bars = changed(bars, last, volume=bars.volume[last] + 50.0)
        elif change.startswith("append"):
            count += 1 if change == "append" else 37
            bars = part(WALK, 0, count)
        elif change == "pan":
            mended.stretch.move(bars.start_ns, -in_view * 0.3)
            mended.redraw()
        else:
            mended.stretch.zoom(bars.start_ns, 0.8, 0.5)
            mended.redraw()
        mended.show_content(content(bars, style=style, with_studies=with_studies))
        picture(mended)
    fresh.stretch.restore(mended.stretch)
    fresh.show_content(content(bars, style=style, with_studies=with_studies))
    assert same(picture(mended), picture(fresh))
    for it in (mended, fresh):
        it.close()
        it.deleteLater()


@pytest.mark.parametrize("factor", ["1.5", "2"])
def test_the_same_holds_on_screens_with_more_device_pixels(factor) -> None:
    # The factor is read when the application starts.
    name = test_a_picture_mended_change_by_change_is_the_one_made_at_once.__name__
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"{__file__}::{name}"],
        env={**os.environ, "QT_SCALE_FACTOR": factor},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2_000:]
    assert "1 passed" in run.stdout


def test_bars_of_another_symbol_at_the_same_times_are_others(qtbot, view: ChartView) -> None:
    fresh = make(qtbot)
    one, other = part(WALK, 0, 2_000), part(walk(2_000, seed=8), 0, 2_000)
    for width in (120.0, 2_000.0):
        for it in (view, fresh):
            it.stretch.set_bars(width)
        view.show_content(content(one, series="AAPL 1m"))
        picture(view)
        view.show_content(content(other, series="MSFT 1m"))
        fresh.show_content(content(other, series="MSFT 1m"))
        assert same(picture(view), picture(fresh))
        fresh.show_content(content(one, series="AAPL 1m"))


def test_a_tick_draws_no_more_than_the_last_bar(view: ChartView) -> None:
    bars = part(WALK, 0, 300)
    view.show_content(content(bars))
    picture(view)
    stills = view.stills
    for close in (0.2, 0.4, 0.6):
        bars = changed(bars, 299, close=bars.low[299] + close * (bars.high[299] - bars.low[299]))
        view.show_content(content(bars))
        picture(view)
    assert view.stills == stills


def test_on_a_screen_of_parts_of_pixels_everything_is_drawn_anew(
    view: ChartView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "devicePixelRatioF", lambda: 1.5)
    bars = part(WALK, 0, 300)
    for number in range(3):
        view.show_content(content(changed(bars, 299, close=bars.low[299])))
        picture(view)
        assert view.stills == number + 1


def test_a_new_bar_moves_the_picture_without_drawing_it_anew(view: ChartView) -> None:
    flat = columns([10.0] * 200, [11.0] * 200, [9.0] * 200, [10.5] * 200)
    view.show_content(content(part(flat, 0, 190)))
    picture(view)
    stills = view.stills
    for count in range(191, 200):
        view.show_content(content(part(flat, 0, count)))
        picture(view)
    assert view.stills - stills <= 2  # A time may appear or go.


def test_hours_outside_the_core_session_are_darker(view: ChartView) -> None:
    flat = columns([10.0] * 600, [10.2] * 600, [9.8] * 600, [10.1] * 600)
    view.stretch.set_bars(600.0)
    view.show_content(content(flat))
    image = picture(view)
    assert view.frame_now is not None
    scale = view.frame_now.scale
    y = 30  # Between the legend and the bars.
    inside, outside = (image.pixelColor(scale.x(number) + 1, y) for number in (300, 500))
    view.show_content(replace(content(flat), core_hours=None))
    plain = picture(view).pixelColor(scale.x(500) + 1, y)
    assert outside.lightness() < plain.lightness() == inside.lightness()


ODD_TIMES = {
    "unsorted": [5, 1, 4, 2, 3],
    "all the same": [1, 1, 1, 1, 1],
    "twice": [1, 2, 2, 3, 4],
    "years apart": [0, 10**6, 2 * 10**6, 3 * 10**6, 4 * 10**6],
    "before 1970": [-(10**8), -5, -4, -3, -2],
}


@pytest.mark.parametrize("minutes", ODD_TIMES.values(), ids=ODD_TIMES)
def test_odd_times_stand_side_by_side_and_break_no_gesture(qtbot, view, minutes) -> None:
    plain = part(WALK, 0, 5)
    times = START_NS + MINUTE_NS * np.array(minutes, dtype=np.int64)
    bars = msgspec.structs.replace(plain, start_ns=times)
    view.stretch.set_bars(10.0)
    for hours in (core_hours if minutes[0] >= 0 else None, None):
        view.show_content(replace(content(bars, with_studies=True), core_hours=hours))
        for key in (Qt.Key.Key_Left, Qt.Key.Key_Plus, Qt.Key.Key_Home, Qt.Key.Key_0):
            qtbot.keyClick(view, key)
            picture(view)
    assert view.frame_now is not None
    xs = [view.frame_now.scale.x(number) for number in range(5)]
    assert xs == sorted(set(xs))


def test_an_area_hides_neither_bars_nor_lines(view: ChartView) -> None:
    bars = columns([10.0] * 60, [10.4] * 60, [9.6] * 60, [10.2] * 60)
    view.stretch.set_bars(40.0)
    around = np.full(60, 12.0), np.full(60, 8.0)
    band = StudySeries("b", "Band", (Plot("", PlotKind.BAND, Role.ACCENT, around),))
    view.show_content(replace(content(bars), studies=(band,), core_hours=None, last=None))
    image = picture(view)
    assert view.frame_now is not None
    scale = view.frame_now.scale
    body = image.pixelColor(scale.x(50), round(scale.y(10.1)))
    between = image.pixelColor(scale.x(50) + 4, round(scale.y(10.1)))
    assert body == theme.color(Role.UP)
    assert between not in (theme.color(Role.UP), theme.color(Role.PANEL))


@pytest.mark.parametrize("kind", AxisKind)
@pytest.mark.parametrize("is_inverted", [False, True], ids=["upright", "inverted"])
def test_prices_stand_where_the_axis_says(view: ChartView, kind, is_inverted) -> None:
    view.axis.kind, view.axis.is_inverted = kind, is_inverted
    view.show_content(content(part(WALK, 0, 300)))
    assert view.frame_now is not None
    scale = view.frame_now.scale
    ys = [scale.y(price) for price in (99.0, 100.0, 101.0)]
    assert ys == sorted(ys, reverse=not is_inverted)
    for price, y in zip((99.0, 100.0, 101.0), ys, strict=True):
        assert scale.price_at(y) == pytest.approx(price)


def test_a_log_axis_without_positive_prices_stays_linear(view: ChartView) -> None:
    view.axis.kind = AxisKind.LOG
    view.show_content(content(columns([-1.0, -2], [-0.5, -1], [-3, -4], [-2, -3])))
    picture(view)
    assert view.frame_now is not None
    assert view.frame_now.scale.prices.kind is AxisKind.LINEAR


def drag(qtbot: QtBot, view: ChartView, start: QPoint, *ways: QPoint) -> None:
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    for at in ways:
        qtbot.mouseMove(view, at)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=ways[-1])


class TestGestures:
    @pytest.fixture
    def shown(self, view: ChartView) -> ChartView:
        view.show_content(content(part(WALK, 0, 400), with_studies=True))
        picture(view)
        return view

    def test_a_drag_of_the_price_axis_fixes_and_a_double_click_frees_it(self, qtbot, shown) -> None:
        geometry = shown.frame_now.geometry
        at = QPoint(geometry.width + 20, 100)
        before = geometry.scale.prices
        drag(qtbot, shown, at, QPoint(at.x(), 160), QPoint(at.x(), 220))
        after = shown.frame_now.scale.prices
        assert after.high - after.low > before.high - before.low
        assert shown.axis.fixed is not None
        qtbot.mouseDClick(shown, Qt.MouseButton.LeftButton, pos=at)
        assert shown.axis.fixed is None
        assert shown.frame_now.scale.prices == before

    def test_a_click_on_the_price_axis_fixes_nothing(self, qtbot, shown) -> None:
        at = QPoint(shown.frame_now.geometry.width + 20, 100)
        qtbot.mouseClick(shown, Qt.MouseButton.LeftButton, pos=at)
        assert shown.axis.fixed is None

    def test_with_fixed_prices_the_plot_is_dragged_both_ways(self, qtbot, shown) -> None:
        shown.axis.fixed = (95.0, 105.0)
        shown.redraw()
        drag(qtbot, shown, QPoint(200, 100), QPoint(200, 140))
        low, high = shown.axis.fixed
        assert high - low == pytest.approx(10.0)
        assert low > 95.0  # What was above comes down into view.

    def test_a_drag_of_the_time_axis_zooms(self, qtbot, shown) -> None:
        bars, y = shown.stretch.bars, shown.frame_now.geometry.height + 10
        drag(qtbot, shown, QPoint(200, y), QPoint(260, y))
        assert shown.stretch.bars < bars

    def test_a_line_between_panes_is_dragged(self, qtbot, shown) -> None:
        box = shown.frame_now.geometry.panes[1].box
        drag(qtbot, shown, QPoint(200, box.top), QPoint(200, box.top - 40))
        assert shown.frame_now.geometry.panes[1].box.height == pytest.approx(box.height + 40, abs=2)
        assert shown.state()["panes"]

    @pytest.mark.parametrize(
        ("key", "moves"),
        [
            (Qt.Key.Key_Left, lambda before, after: after < before),
            (Qt.Key.Key_Home, lambda before, after: after < before),
        ],
    )
    def test_keys_move_through_time(self, qtbot, shown, key, moves) -> None:
        starts = shown.content.bars.start_ns
        before = shown.stretch.right_edge(starts)
        qtbot.keyClick(shown, key)
        assert moves(before, shown.stretch.right_edge(starts))
        qtbot.keyClick(shown, Qt.Key.Key_End)
        assert shown.stretch.is_following

    def test_keys_zoom_and_fit(self, qtbot, shown) -> None:
        before = shown.stretch.bars
        qtbot.keyClick(shown, Qt.Key.Key_Plus)
        assert shown.stretch.bars < before
        qtbot.keyClick(shown, Qt.Key.Key_0)
        assert shown.stretch.bars == pytest.approx(400 / 0.95)

    def test_a_key_without_a_meaning_goes_on_to_the_window(self, qtbot, shown) -> None:
        before = shown.stills
        qtbot.keyClick(shown, Qt.Key.Key_B)
        picture(shown)
        assert shown.stills == before


class TestOrders:
    LINE = OrderLine(ClOrdID("a"), 100.0, "BUY 100 LMT 100.00  0/100", Side.BUY)

    @pytest.fixture
    def ordered(self, view: ChartView) -> ChartView:
        view.show_content(content(part(WALK, 0, 300), orders=(self.LINE,)))
        picture(view)
        return view

    def test_a_dragged_line_asks_for_its_new_price(self, qtbot, ordered) -> None:
        asked = []
        ordered.move_wanted.connect(lambda *it: asked.append(it))
        scale = ordered.frame_now.scale
        at = QPoint(60, round(scale.y(100.0)))
        drag(qtbot, ordered, at, at + QPoint(0, 10), at + QPoint(5, 20))
        [(cl_ord_id, price)] = asked
        assert cl_ord_id == "a"
        assert price == pytest.approx(scale.price_at(scale.y(100.0) + 20))

    def test_a_dragged_line_says_where_it_would_go(self, qtbot, ordered) -> None:
        at = QPoint(60, round(ordered.frame_now.scale.y(100.0)))
        qtbot.mousePress(ordered, Qt.MouseButton.LeftButton, pos=at)
        qtbot.mouseMove(ordered, at + QPoint(0, 40))
        image = picture(ordered)
        middle = ordered.frame_now.geometry.width // 2
        row = [image.pixelColor(x, at.y() + 37) for x in range(middle - 40, middle + 40)]
        assert theme.color(Role.BACKGROUND) in row
        assert any(color.lightness() > 60 for color in row)  # The words.
        qtbot.mouseRelease(ordered, Qt.MouseButton.LeftButton, pos=at)

    def test_a_click_on_a_line_asks_for_nothing(self, qtbot, ordered) -> None:
        asked = []
        ordered.move_wanted.connect(lambda *it: asked.append(it))
        at = QPoint(60, round(ordered.frame_now.scale.y(100.0)))
        qtbot.mouseClick(ordered, Qt.MouseButton.LeftButton, pos=at)
        assert asked == []

    def test_escape_lets_go_of_a_line(self, qtbot, ordered) -> None:
        asked = []
        ordered.move_wanted.connect(lambda *it: asked.append(it))
        at = QPoint(60, round(ordered.frame_now.scale.y(100.0)))
        qtbot.mousePress(ordered, Qt.MouseButton.LeftButton, pos=at)
        qtbot.mouseMove(ordered, at + QPoint(0, 30))
        qtbot.keyClick(ordered, Qt.Key.Key_Escape)
        qtbot.mouseRelease(ordered, Qt.MouseButton.LeftButton, pos=at + QPoint(0, 30))
        assert asked == []

    def test_a_line_let_go_outside_the_pane_stays(self, qtbot, ordered) -> None:
        asked = []
        ordered.move_wanted.connect(lambda *it: asked.append(it))
        at = QPoint(60, round(ordered.frame_now.scale.y(100.0)))
        drag(qtbot, ordered, at, at + QPoint(0, 30), QPoint(60, 355))
        assert asked == []


def test_kept_state_comes_back(qtbot: QtBot, view: ChartView) -> None:
    view.stretch.set_bars(77.0)
    view.axis.kind, view.axis.is_inverted = AxisKind.LOG, True
    other = make(qtbot)
    other.restore(view.state())
    assert other.state() == view.state()
    other.restore({"bars": math.nan, "kind": 7, "panes": {"x": "y", "z": 9}, "inverted": "yes"})
    assert (other.stretch.bars, other.axis.kind) == (77.0, AxisKind.LOG)
    assert other.panes.state() == {}
