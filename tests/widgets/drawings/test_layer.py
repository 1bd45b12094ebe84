"""Show that drawings are placed, taken, moved and deleted by mouse and keys as told."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

from tests.widgets.drawings.drawn import Board
from widgets.drawings.toolbox import TOOLS
from widgets.drawings.tools.base import Placing

LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def board(qtbot):
    return Board(qtbot)


def click(qtbot, board, *places):
    for place in places:
        qtbot.mouseMove(board.view, place)
        qtbot.mouseClick(board.view, LEFT, pos=place)


def drag(qtbot, board, *places):
    qtbot.mousePress(board.view, LEFT, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(board.view, place)
    qtbot.mouseRelease(board.view, LEFT, pos=places[-1])


def only(board):
    [drawing] = board.book.of("AAPL")
    return drawing


@pytest.mark.parametrize(
    "name", [name for name, tool in TOOLS.items() if tool.placing is Placing.CLICKS]
)
def test_a_click_an_anchor_places_it(qtbot, board, name):
    tool = TOOLS[name]
    board.layer.arm(name)
    places = [board.at(0.3 + 0.2 * n, 0.6 - 0.1 * n) for n in range(tool.clicks)]
    click(qtbot, board, *places)
    drawing = only(board)
    assert (drawing.tool, len(drawing.anchors)) == (name, tool.anchors)
    ground = board.ground
    for anchor, place in zip(drawing.anchors, places, strict=False):
        assert anchor == ground.anchor(place.x(), place.y())
    assert board.layer.tool is None
    assert board.layer.selected == drawing.key
    assert bool(board.asked) == tool.has_text


def test_two_anchors_can_be_placed_by_a_drag(qtbot, board):
    board.layer.arm("trend line")
    places = [board.at(0.3, 0.6), board.at(0.4, 0.5), board.at(0.6, 0.3)]
    drag(qtbot, board, *places)
    ground = board.ground
    assert only(board).anchors == tuple(
        ground.anchor(place.x(), place.y()) for place in (places[0], places[-1])
    )


def test_a_path_ends_by_a_double_click_or_enter(qtbot, board):
    places = [board.at(0.2 + 0.1 * n, 0.3 + 0.1 * (n % 2)) for n in range(4)]
    board.layer.arm("path")
    click(qtbot, board, *places[:3])
    assert board.book.of("AAPL") == ()
    qtbot.mouseDClick(board.view, LEFT, pos=places[3])
    assert len(only(board).anchors) >= 3
    board.book.clear("AAPL")
    board.layer.arm("path")
    click(qtbot, board, *places)
    assert board.layer.key(Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
    assert len(only(board).anchors) == 4


def test_a_stroke_follows_the_mouse(qtbot, board):
    board.layer.arm("brush")
    drag(qtbot, board, *[board.at(0.2 + 0.02 * n, 0.5 + 0.01 * (n % 3)) for n in range(20)])
    assert 10 <= len(only(board).anchors) <= 20


def test_while_it_is_placed_it_is_shown(qtbot, board):
    board.layer.arm("trend line")
    click(qtbot, board, board.at(0.3, 0.6))
    before = board.view.grab().toImage()
    qtbot.mouseMove(board.view, board.at(0.6, 0.2))
    assert board.view.grab().toImage() != before
    assert board.book.of("AAPL") == ()


def test_escape_gives_up_what_is_placed(qtbot, board):
    board.layer.arm("pitchfork")
    click(qtbot, board, board.at(0.3, 0.6), board.at(0.4, 0.4))
    assert board.layer.key(Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    assert board.layer.tool is None
    assert board.book.of("AAPL") == ()
    assert not board.layer.key(Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)


class TestMoving:
    @pytest.fixture
    def line(self, board):
        drawing = board.drawing("trend line")
        board.book.put("AAPL", drawing)
        return drawing

    def middle(self, board, drawing):
        one, other = (board.pixel(anchor) for anchor in drawing.anchors)
        return QPoint((one.x() + other.x()) // 2, (one.y() + other.y()) // 2)

    def test_a_press_selects_and_a_press_beside_lets_off(self, qtbot, board, line):
        click(qtbot, board, self.middle(board, line))
        assert board.layer.selected == line.key
        click(qtbot, board, board.at(0.9, 0.9))
        assert board.layer.selected == ""
        assert only(board) == line

    def test_a_drag_moves_all_of_it_by_bars_and_prices(self, qtbot, board, line):
        at = self.middle(board, line)
        step = board.view.frame_now.scale.step
        drag(qtbot, board, at, at + QPoint(20, 0), at + QPoint(round(10 * step), 30))
        moved = only(board)
        numbers = [board.ground.number(anchor[0]) for anchor in line.anchors]
        after = [board.ground.number(anchor[0]) for anchor in moved.anchors]
        assert [b - a for a, b in zip(numbers, after, strict=True)] == pytest.approx([10, 10])
        for old, new in zip(line.anchors, moved.anchors, strict=True):
            assert board.ground.point(new)[1] - board.ground.point(old)[1] == pytest.approx(30)

    def test_a_drag_of_a_handle_moves_that_anchor(self, qtbot, board, line):
        click(qtbot, board, self.middle(board, line))
        at = board.pixel(line.anchors[1])
        drag(qtbot, board, at, at + QPoint(15, 15), at + QPoint(40, 50))
        moved = only(board)
        assert moved.anchors[0] == line.anchors[0]
        assert board.ground.point(moved.anchors[1])[1] == pytest.approx(at.y() + 50, abs=1)

    def test_escape_leaves_it_where_it_was(self, qtbot, board, line):
        at = self.middle(board, line)
        qtbot.mousePress(board.view, LEFT, pos=at)
        qtbot.mouseMove(board.view, at + QPoint(50, 50))
        qtbot.keyClick(board.view, Qt.Key.Key_Escape)
        qtbot.mouseRelease(board.view, LEFT, pos=at + QPoint(50, 50))
        assert only(board) == line

    def test_a_move_can_be_undone(self, qtbot, board, line):
        at = self.middle(board, line)
        drag(qtbot, board, at, at + QPoint(30, 30))
        moved = only(board)
        assert moved != line
        board.layer.key(Qt.Key.Key_Z, CONTROL)
        assert only(board) == line
        board.layer.key(Qt.Key.Key_Z, CONTROL | SHIFT)
        assert only(board) == moved
        board.layer.key(Qt.Key.Key_Z, CONTROL)
        board.layer.key(Qt.Key.Key_Y, CONTROL)
        assert only(board) == moved

    def test_a_locked_one_is_neither_moved_nor_deleted(self, qtbot, board, line):
        click(qtbot, board, self.middle(board, line))
        assert board.layer.key(Qt.Key.Key_L, CONTROL)
        locked = only(board)
        assert locked.is_locked
        at = self.middle(board, line)
        drag(qtbot, board, at, at + QPoint(50, 50))
        board.layer.key(Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier)
        assert only(board) == locked
        assert board.said == ["the drawing is locked; Ctrl+L unlocks it"]
        board.layer.key(Qt.Key.Key_L, CONTROL)
        board.layer.key(Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier)
        assert board.book.of("AAPL") == ()

    def test_a_copy_is_put_beside_and_selected(self, qtbot, board, line):
        click(qtbot, board, self.middle(board, line))
        board.layer.key(Qt.Key.Key_C, CONTROL)
        board.layer.key(Qt.Key.Key_V, CONTROL)
        one, other = board.book.of("AAPL")
        assert board.layer.selected == other.key != one.key
        assert other.anchors != one.anchors

    def test_keys_that_mean_nothing_here_are_left_to_others(self, board, line):
        for key in (Qt.Key.Key_C, Qt.Key.Key_L, Qt.Key.Key_V):
            assert not board.layer.key(key, CONTROL)
        for key in (Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_A):
            assert not board.layer.key(key, Qt.KeyboardModifier.NoModifier)


class TestHelp:
    def test_the_magnet_takes_prices_of_bars(self, qtbot, board):
        bars = board.view.content.bars
        start, high = int(bars.start_ns[70]), float(bars.high[70])
        at = board.pixel((start, high)) + QPoint(0, -4)
        board.layer.is_magnetic = True
        board.layer.arm("horizontal line")
        click(qtbot, board, at)
        assert only(board).anchors == ((start, high),)

    def test_shift_keeps_a_line_level(self, qtbot, board, monkeypatch):
        board.layer.arm("trend line")
        click(qtbot, board, board.at(0.3, 0.5))
        place = board.at(0.7, 0.52)
        monkeypatch.setattr(
            "widgets.drawings.layer.QGuiApplication.keyboardModifiers", lambda: SHIFT
        )
        click(qtbot, board, place)
        one, other = only(board).anchors
        assert one[1] == pytest.approx(other[1])


class TestMenuAndText:
    def test_the_right_button_opens_the_menu_of_a_drawing(self, board):
        drawing = board.drawing("rectangle")
        board.book.put("AAPL", drawing)
        at = board.pixel(drawing.anchors[0])
        heard = []
        board.view.menu_wanted.connect(lambda *it: heard.append(it))
        for place in (at, board.at(0.95, 0.9)):
            event = QContextMenuEvent(
                QContextMenuEvent.Reason.Mouse, place, board.view.mapToGlobal(place)
            )
            QApplication.sendEvent(board.view, event)
        assert board.menus == [drawing]
        assert len(heard) == 1  # Beside it the menu of the price is opened.

    def test_a_double_click_on_words_asks_for_others(self, qtbot, board):
        drawing = board.drawing("text")
        board.book.put("AAPL", drawing)
        bars = board.view.stretch.bars
        qtbot.mouseDClick(board.view, LEFT, pos=board.pixel(drawing.anchors[0]))
        assert board.asked == [drawing]
        assert board.view.stretch.bars == bars

    def test_what_the_book_refuses_is_said(self, board):
        wrong = msgspec.structs.replace(board.drawing("text"), width=99)
        assert not board.layer.put(wrong)
        assert board.said == ["the drawing is not kept: its width was 99, must be 1 to 6"]


def test_five_hundred_drawings_are_painted(board):
    for number in range(500):
        board.book.put("AAPL", board.drawing(list(TOOLS)[number % len(TOOLS)], f"{number}"))
    assert not board.view.grab().isNull()
