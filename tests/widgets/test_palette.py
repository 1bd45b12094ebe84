"""Goal: whatever can be done is found by a few letters, and the keyboard comes back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from tests.widgets.fake_desk import AAPL, MSFT, FakeDesk
from widgets.main_window import MainWindow
from widgets.palette import RECENT_MAX

KEY, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", "Wayland does not support")


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.go_live()
    return desk


@pytest.fixture
def window(qtbot: QtBot, desk: FakeDesk) -> MainWindow:
    window = MainWindow()
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    window.attach(desk)  # type: ignore[arg-type]
    window.frames.stop()
    return window


def texts(window: MainWindow) -> list[str]:
    box = window.palette_box
    return [box.list.item(row).text() for row in range(box.list.count())]


def ask(qtbot: QtBot, window: MainWindow, typed: str) -> None:
    qtbot.keyClick(window, KEY.Key_K, CTRL)
    qtbot.keyClicks(window.palette_box.field, typed)


def enter(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window.palette_box.field, KEY.Key_Return)


def test_an_action_is_done_by_a_few_letters(qtbot, window, desk):
    ask(qtbot, window, "cao")
    assert texts(window)[0] == "Cancel all orders"
    window.palette_box.grab()
    enter(qtbot, window)
    assert desk.calls == ["cancel_all"]
    assert window.palette_box.isHidden()


def test_a_symbol_and_a_kind_of_bars_are_chosen(qtbot, window):
    ask(qtbot, window, "micro")
    enter(qtbot, window)
    assert window.link.symbol == MSFT
    ask(qtbot, window, "7m")
    assert texts(window)[0] == "Bars of 7m"
    enter(qtbot, window)
    assert window.panels["chart"].cell.spec.text == "7m"


def test_a_panel_comes_to_the_front_with_the_keyboard(qtbot, window):
    ask(qtbot, window, "go risk")
    enter(qtbot, window)
    assert window.panels["risk"].isVisible()
    focus = QApplication.focusWidget()
    assert window.panels["risk"].isAncestorOf(focus)


def test_letters_anywhere_begin_a_symbol_and_digits_bars(qtbot, window):
    orders = window.panels["orders"]
    orders.take_keyboard()
    qtbot.keyClick(QApplication.focusWidget(), KEY.Key_M)
    assert window.palette_box.field.text() == "M"
    qtbot.keyClicks(window.palette_box.field, "s")
    assert texts(window) == ["MSFT · Microsoft Corp."]
    enter(qtbot, window)
    assert window.link.symbol == MSFT
    qtbot.keyClick(window, KEY.Key_5)
    qtbot.keyClicks(window.palette_box.field, "m")
    enter(qtbot, window)
    assert window.panels["chart"].cell.spec.text == "5m"


def test_b_and_s_are_the_ticket_and_the_slash_is_for_their_symbols(qtbot, window):
    qtbot.keyClick(window, KEY.Key_B)
    assert window.palette_box.isHidden()
    window.setFocus()
    qtbot.keyClick(window, KEY.Key_Slash)
    assert window.palette_box.isVisible()
    assert window.palette_box.field.text() == ""


def test_typing_in_a_field_stays_there(qtbot, window):
    field = window.panels["ticket"].form.qty.line
    field.setFocus()
    field.clear()
    qtbot.keyClicks(field, "5")
    assert field.text() == "5"
    assert window.palette_box.isHidden()


def test_esc_gives_the_keyboard_back(qtbot, window):
    window.panels["orders"].take_keyboard()
    before = QApplication.focusWidget()
    ask(qtbot, window, "zzz")
    assert texts(window) == []
    assert window.palette_box.none.text() == "Nothing is called 'zzz'"
    enter(qtbot, window)
    qtbot.keyClick(window.palette_box.field, KEY.Key_Escape)
    assert window.palette_box.isHidden()
    assert QApplication.focusWidget() is before


def test_a_click_elsewhere_closes_it(qtbot, window):
    ask(qtbot, window, "kill")
    kill: QPushButton = window.top_bar.kill
    kill.setFocus(Qt.FocusReason.MouseFocusReason)
    assert window.palette_box.isHidden()
    assert QApplication.focusWidget() is kill


def test_arrows_go_round_and_a_click_takes(qtbot, window, desk):
    ask(qtbot, window, "cancel all")
    rows = texts(window)
    box = window.palette_box
    qtbot.keyClick(box.field, KEY.Key_Up)
    assert box.list.currentRow() == len(rows) - 1
    qtbot.keyClick(box.field, KEY.Key_Down)
    assert box.list.currentRow() == 0
    place = rows.index("Cancel all sells")
    at = box.list.visualItemRect(box.list.item(place)).center()
    qtbot.mouseClick(box.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert desk.calls == ["cancel_all SELL"]


def test_what_was_chosen_lately_comes_first_and_is_bounded(qtbot, window):
    ask(qtbot, window, "cancel all sells")
    enter(qtbot, window)
    ask(qtbot, window, "")
    assert texts(window)[0] == "Cancel all sells"
    window.palette_box.recent = [f"n{n}" for n in range(RECENT_MAX)]
    qtbot.keyClicks(window.palette_box.field, "aapl")
    enter(qtbot, window)
    assert len(window.palette_box.recent) == RECENT_MAX
    assert window._layout().recent[0] == f"symbol.{AAPL}"


def test_what_cannot_be_done_now_is_grey_and_does_nothing(qtbot, window):
    window.actions_by_name["drills.open"].setEnabled(False)
    ask(qtbot, window, "fire drills")
    assert "Fire drills" in texts(window)
    box = window.palette_box
    box._take(box.list.item(texts(window).index("Fire drills")))
    assert box.isVisible()


def test_symbols_of_the_list_are_stepped_through(qtbot, window):
    window.link.pick_symbol(AAPL)
    qtbot.keyClick(window, KEY.Key_Down, CTRL)
    assert window.link.symbol == MSFT
    qtbot.keyClick(window, KEY.Key_Down, CTRL)
    assert window.link.symbol == AAPL
    qtbot.keyClick(window, KEY.Key_Up, CTRL)
    assert window.link.symbol == MSFT
