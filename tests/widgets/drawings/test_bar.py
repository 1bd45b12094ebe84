"""Show that the strip arms tools, tells what is armed, and that a drawing's menu changes it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QMenu

from tests.widgets.drawings.drawn import Board
from tests.widgets.fake_desk import AAPL, MSFT, FakeDesk
from widgets.dialogs import Confirmation, Naming
from widgets.drawings.bar import DrawingMenu, ask_text, icon_of
from widgets.drawings.model import COLORS
from widgets.drawings.toolbox import TOOLS
from widgets.link import LinkGroup
from widgets.panel import PanelContext
from widgets.panels.chart import ChartPanel

LEFT = Qt.MouseButton.LeftButton

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def panel(qtbot, tmp_path):
    desk = FakeDesk()
    desk.go_live()
    for number in range(60):
        desk.wait(10)
        desk.trade(AAPL, f"{186 + number % 7 / 10:.2f}")
    link = LinkGroup()
    made = ChartPanel(PanelContext(desk, link, tmp_path))
    link.setParent(made)
    qtbot.addWidget(made)
    made.resize(900, 640)
    made.header.setParent(made)
    made.show()
    qtbot.waitExposed(made)
    link.pick_symbol(AAPL)
    made.show_tools(True)
    made.refresh()
    made.grab()
    return made


def draw(qtbot, panel, name, *places):
    qtbot.mouseClick(panel.draw_bar.tools[name], LEFT)
    for place in places:
        qtbot.mouseClick(panel.view, LEFT, pos=QPoint(*place))


@pytest.mark.parametrize("name", TOOLS)
def test_each_tool_has_a_picture_and_a_name(qapp, name):
    image = icon_of(TOOLS[name]).pixmap(36, 36).toImage()
    pixels = {
        QColor(image.pixelColor(x, y)).alpha()
        for x in range(image.width())
        for y in range(image.height())
    }
    assert max(pixels) > 100
    assert len(pixels) > 1
    assert TOOLS[name].title


def test_a_press_arms_and_the_button_tells(qtbot, panel):
    button = panel.draw_bar.tools["trend line"]
    qtbot.mouseClick(button, LEFT)
    assert panel.cell.drawings.tool is TOOLS["trend line"]
    assert button.isChecked()
    qtbot.mouseClick(button, LEFT)
    assert panel.cell.drawings.tool is None
    draw(qtbot, panel, "trend line", (200, 200), (400, 150))
    assert not button.isChecked()
    assert len(panel.book.of(AAPL)) == 1


def test_drawings_are_kept_by_symbol_over_windows(qtbot, panel, tmp_path):
    draw(qtbot, panel, "rectangle", (200, 200), (400, 150))
    panel.link.pick_symbol(MSFT)
    assert panel.book.of(MSFT) == ()
    assert (tmp_path / "drawings" / "AAPL.json").exists()
    again = ChartPanel(PanelContext(panel.desk, panel.link, tmp_path))
    qtbot.addWidget(again)
    assert again.book.of(AAPL) == panel.book.of(AAPL)


def test_buttons_undo_redo_lock_and_magnet(qtbot, panel):
    draw(qtbot, panel, "rectangle", (200, 200), (400, 150))
    acts = panel.draw_bar.acts
    qtbot.mouseClick(acts["undo"], LEFT)
    assert panel.book.of(AAPL) == ()
    qtbot.mouseClick(acts["redo"], LEFT)
    [drawing] = panel.book.of(AAPL)
    qtbot.mouseClick(acts["lock"], LEFT)
    assert panel.book.of(AAPL)[0].is_locked
    qtbot.mouseClick(acts["lock"], LEFT)
    assert panel.book.of(AAPL) == (drawing,)
    qtbot.mouseClick(acts["magnet"], LEFT)
    assert panel.cell.drawings.is_magnetic
    assert acts["magnet"].isChecked()


def test_all_are_deleted_after_a_question(qtbot, panel):
    qtbot.mouseClick(panel.draw_bar.acts["clear"], LEFT)
    assert panel.findChildren(Confirmation) == []
    draw(qtbot, panel, "rectangle", (200, 200), (400, 150))
    qtbot.mouseClick(panel.draw_bar.acts["clear"], LEFT)
    [question] = panel.findChildren(Confirmation)
    assert question.words.text() == "Delete all 1 drawings of AAPL? Undo brings them back."
    assert len(panel.book.of(AAPL)) == 1
    question.accept()
    assert panel.book.of(AAPL) == ()
    qtbot.mouseClick(panel.draw_bar.acts["undo"], LEFT)
    assert len(panel.book.of(AAPL)) == 1


def test_keys_reach_the_drawings_of_the_chart(qtbot, panel):
    draw(qtbot, panel, "rectangle", (200, 200), (400, 150))
    qtbot.keyClick(panel.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(panel.view, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert len(panel.book.of(AAPL)) == 2
    qtbot.keyClick(panel.view, Qt.Key.Key_Delete)
    assert len(panel.book.of(AAPL)) == 1


def test_the_strip_is_kept_in_the_layout_and_taking_it_away_disarms(qtbot, panel):
    assert panel.state()["tools"] is True
    qtbot.mouseClick(panel.draw_bar.tools["arrow"], LEFT)
    panel.show_tools(False)
    assert panel.cell.drawings.tool is None
    assert panel.draw_bar.isHidden()
    panel.restore({"tools": True})
    assert not panel.draw_bar.isHidden()


def test_a_file_that_cannot_be_used_is_said(qtbot, panel, tmp_path):
    heard = []
    panel.link.said.connect(heard.append)
    (tmp_path / "drawings").mkdir(exist_ok=True)
    (tmp_path / "drawings" / "MSFT.json").write_text("{")
    panel.desk.trade(MSFT, "421")
    panel.link.pick_symbol(MSFT)
    panel.refresh()
    panel.grab()
    panel.desk.trade(MSFT, "422")
    panel.refresh()
    assert any("MSFT.json.broken" in said for said in heard)


class TestMenu:
    def actions(self, menu: QMenu):
        return {action.text(): action for action in menu.actions()}

    def test_it_changes_what_it_says(self, qtbot):
        board = Board(qtbot)
        drawing, put, keys = board.drawing("text"), [], []
        menu = DrawingMenu(board.view, drawing, put.append, keys.append)
        actions = self.actions(menu)
        colors = actions["Colour"].menu().actions()
        assert len(colors) == len(COLORS)
        colors[3].trigger()
        actions["Width"].menu().actions()[2].trigger()
        assert (put[0].color, put[1].width) == (COLORS[3].name, 3)
        for words in ("Lock", "Copy", "Delete"):
            actions[words].trigger()
        assert keys == [Qt.Key.Key_L, Qt.Key.Key_C, Qt.Key.Key_Delete]

    def test_words_are_asked_for_and_taken(self, qtbot):
        board = Board(qtbot)
        put = []
        dialog = ask_text(board.view, board.drawing("text"), put.append)
        assert isinstance(dialog, Naming)
        dialog.field.clear()
        qtbot.keyClicks(dialog.field, "breakout")
        dialog.accept()
        assert put[0].text == "breakout"
        position = ask_text(board.view, board.drawing("long position"), put.append)
        assert "Dollars to risk" in position.words.text()
        position.reject()

    def test_from_the_chart_it_acts_on_the_drawing(self, qtbot, panel):
        draw(qtbot, panel, "rectangle", (200, 200), (400, 150))
        [drawing] = panel.book.of(AAPL)
        panel.cell._open_drawing_menu(drawing, QPoint(10, 10))
        menu = next(it for it in panel.cell.findChildren(DrawingMenu))
        actions = self.actions(menu)
        actions["Colour"].menu().actions()[4].trigger()
        assert panel.book.of(AAPL)[0].color == COLORS[4].name
        assert panel.cell.drawings.color == COLORS[4].name
        actions["Delete"].trigger()
        assert panel.book.of(AAPL) == ()
        menu.close()
