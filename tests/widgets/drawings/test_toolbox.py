"""Show what each tool draws of its anchors, and that it is on the screen where it should be."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor

from tests.widgets.drawings.drawn import Board
from widgets.drawings.model import Drawing, Line, Words
from widgets.drawings.toolbox import TOOLS
from widgets.drawings.tools.base import Placing
from widgets.drawings.tools.fibonacci import EXTENSION, RETRACEMENT
from widgets.drawings.tools.rulers import with_target
from widgets.palettes import Role

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


class Flat:
    """A ground where a time is a pixel and prices rise a pixel a dollar."""

    width, top, bottom = 1_000.0, 0.0, 500.0
    bars = None

    def point(self, anchor):
        return float(anchor[0]), 500.0 - anchor[1]

    def y(self, price):
        return 500.0 - price

    def number(self, ts_ns):
        return ts_ns / 10

    def bars_between(self, first_ns, last_ns):
        return self.bars


def drawn(name, *anchors, text="", ground=None):
    drawing = Drawing(key="a", tool=name, anchors=anchors, text=text)
    return TOOLS[name].draw(drawing, ground or Flat())


def lines(shapes):
    return [shape for shape in shapes if isinstance(shape, Line)]


def words(shapes):
    return [shape.words for shape in shapes if isinstance(shape, Words)]


def test_all_that_is_promised_is_there():
    assert set(TOOLS) >= {
        "trend line", "ray", "extended line", "horizontal line", "vertical line", "channel",
        "regression channel", "pitchfork", "fibonacci retracement", "fibonacci extension",
        "rectangle", "ellipse", "path", "brush", "arrow", "text", "measure", "long position",
        "short position",
    }  # fmt: skip


@pytest.mark.parametrize("name", TOOLS)
def test_it_draws_with_any_number_of_anchors_on_its_way(name):
    tool = TOOLS[name]
    anchors = tuple((100 + 50 * n, 100.0 + 20 * n) for n in range(max(4, tool.anchors)))
    for count in range(1, max(2, tool.anchors) + 1):
        if count == 1 and tool.anchors > 1 and tool.placing is Placing.CLICKS:
            continue  # A single anchor of several shows nothing.
        assert drawn(name, *anchors[:count])
    same = ((100, 100.0),) * max(2, tool.anchors)
    for shape in drawn(name, *same):
        points = shape.points if isinstance(shape, Line) else (shape.at,)
        assert np.isfinite(points).all()


@pytest.mark.parametrize("name", TOOLS)
def test_it_is_seen_on_the_chart_and_found_by_the_mouse(qtbot, name):
    board = Board(qtbot)
    before = board.view.grab().toImage()
    drawing = board.drawing(name)
    board.book.put("AAPL", drawing)
    after = board.view.grab().toImage()
    assert after != before
    colors = {QColor(after.pixel(x, y)).name() for x in range(0, 620, 3) for y in range(0, 470, 3)}
    new = colors - {
        QColor(before.pixel(x, y)).name() for x in range(0, 620, 3) for y in range(0, 470, 3)
    }
    assert new
    frame = board.view.frame_now
    found = [
        place
        for x in range(2, 620, 2)
        for y in range(2, 470, 4)
        if board.layer.grip_at(type(board.at(0, 0))(x, y), frame) is not None
        for place in [(x, y)]
    ]
    assert found


class TestLines:
    def test_a_ray_goes_on_beyond_its_second_point_only(self):
        [line] = drawn("ray", (100, 100.0), (200, 200.0))
        assert line.points[0] == (100.0, 400.0)
        assert line.points[1][0] > 1e6

    def test_an_extended_line_goes_on_both_ways(self):
        [line] = drawn("extended line", (100, 100.0), (200, 200.0))
        assert line.points[0][0] < -1e6
        assert line.points[1][0] > 1e6

    def test_a_level_goes_across_and_tells_its_price(self):
        shapes = drawn("horizontal line", (100, 123.5), text="resistance")
        assert lines(shapes)[0].points == ((0.0, 376.5), (1_000.0, 376.5))
        assert words(shapes) == ["123.50  resistance"]

    def test_an_upright_line_goes_from_top_to_bottom(self):
        [line] = drawn("vertical line", (100, 123.5))
        assert line.points == ((100.0, 0.0), (100.0, 500.0))


class TestChannels:
    def test_the_second_line_is_parallel_and_goes_through_the_third_anchor(self):
        _, one, other, half = drawn("channel", (100, 100.0), (200, 150.0), (150, 225.0))
        (x1, y1), (x2, y2) = other.points
        assert (y2 - y1) / (x2 - x1) == pytest.approx(-0.5)
        assert y1 + (150 - x1) * (y2 - y1) / (x2 - x1) == pytest.approx(275.0)
        assert half.points[0][1] == pytest.approx((one.points[0][1] + y1) / 2)

    def test_a_fork_goes_through_the_middle_and_both_tines_are_parallel(self):
        _, handle, one, other = drawn("pitchfork", (100, 100.0), (200, 200.0), (200, 100.0))

        def slope(line):
            (x1, y1), (x2, y2) = line.points
            return (y2 - y1) / (x2 - x1)

        assert slope(handle) == pytest.approx(-0.5)
        assert slope(one) == pytest.approx(slope(handle))
        assert slope(other) == pytest.approx(slope(handle))

    def test_the_regression_is_that_of_the_closes(self, qtbot):
        board = Board(qtbot)
        bars, ground = board.view.content.bars, board.ground
        anchors = (int(bars.start_ns[80]), 1.0), (int(bars.start_ns[40]), 2.0)
        shapes = drawn("regression channel", *anchors, ground=ground)
        closes = bars.close[40:81]
        slope, first = np.polyfit(np.arange(41), closes, 1)
        _, middle, upper, lower = lines(shapes)
        assert middle.points[0] == pytest.approx(ground.point((int(bars.start_ns[40]), first)))
        last = (int(bars.start_ns[80]), first + 40 * slope)
        assert middle.points[1] == pytest.approx(ground.point(last))
        deviation = np.std(closes - first - slope * np.arange(41))
        edge = (int(bars.start_ns[40]), first + 2 * deviation)
        assert upper.points[0] == pytest.approx(ground.point(edge))
        assert lower.points[0][1] > upper.points[0][1]
        assert words(shapes) == ["regression of 41 closes ± 2 σ"]

    def test_without_two_closes_it_is_a_line(self):
        [line] = drawn("regression channel", (100, 100.0), (200, 200.0))
        assert line.is_dashed


class TestFibonacci:
    def test_levels_lie_between_both_ends_from_the_second(self):
        shapes = drawn("fibonacci retracement", (100, 100.0), (200, 200.0))
        levels = [line for line in lines(shapes) if line.has_edge]
        heights = [500.0 - line.points[0][1] for line in levels]
        assert heights == pytest.approx([200 - 100 * ratio for ratio in RETRACEMENT])
        assert words(shapes)[4] == "61.8 %  138.20"

    def test_an_extension_lays_the_move_off_from_the_third_point(self):
        shapes = drawn("fibonacci extension", (100, 100.0), (200, 200.0), (250, 150.0))
        levels = [line for line in lines(shapes)[1:] if line.has_edge]
        heights = [500.0 - line.points[0][1] for line in levels]
        assert heights == pytest.approx([150 + 100 * ratio for ratio in EXTENSION])


class TestRulers:
    def test_a_measure_tells_price_share_bars_and_time(self):
        told = drawn("measure", (0, 200.0), (60 * 10**9, 190.0))
        assert words(told) == ["-10.00 (-5.00 %)  +6000000000 bars  1:00 min"]
        assert lines(told)[0].role is Role.DOWN

    def test_it_tells_the_shares_between(self, qtbot):
        board = Board(qtbot)
        bars = board.view.content.bars
        anchors = (int(bars.start_ns[40]), 100.0), (int(bars.start_ns[49]), 101.0)
        [said] = words(drawn("measure", *anchors, ground=board.ground))
        assert said.startswith("+1.00 (+1.00 %)  +9 bars  9:00 min")
        assert "vol" in said

    @pytest.mark.parametrize(
        ("name", "stop", "target"),
        [("long position", 95.0, 110.0), ("short position", 105.0, 90.0)],
    )
    def test_a_position_begins_with_a_target_of_two_risks(self, name, stop, target):
        anchors = with_target(((100, 100.0), (200, stop)))
        assert anchors[2] == (200, target)
        told = words(drawn(name, *anchors, text="$500"))
        assert told[0] == f"target {target:.2f} (10.00 %)"
        assert told[1] == "100.00  2.00 R  100 shares for $500"
        assert told[2] == f"stop {stop:.2f} (5.00 %)"

    @pytest.mark.parametrize("typed", ["", "all", "-5", "1e5", "5 0"])
    def test_without_an_amount_there_is_no_quantity(self, typed):
        told = words(drawn("long position", (1, 100.0), (2, 95.0), (2, 110.0), text=typed))
        assert told[1] == "100.00  2.00 R"

    def test_a_stop_at_the_entry_risks_nothing(self):
        told = words(drawn("long position", (1, 100.0), (2, 100.0), (2, 110.0), text="500"))
        assert told[1] == "100.00  no risk"
