"""Goal: the tape shows every print of the symbol, and stands still while somebody reads."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.widgets.fake_desk import AAPL, MSFT, FakeDesk
from widgets.link import LinkGroup
from widgets.panel import PanelContext
from widgets.panels.tape import FILTERS, TapePanel

KEY = Qt.Key

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.go_live()
    return desk


@pytest.fixture
def panel(qtbot: QtBot, desk: FakeDesk) -> TapePanel:
    link = LinkGroup()
    made = TapePanel(PanelContext(desk, link))  # type: ignore[arg-type]
    link.setParent(made)
    qtbot.addWidget(made)
    made.setGeometry(300, 300, 260, 200)  # Away from the mouse: under it the tape stands still.
    made.show()
    qtbot.waitExposed(made)
    link.pick_symbol(AAPL)
    return made


def prices(panel: TapePanel) -> list[float]:
    prints = panel.view._prints
    assert prints is not None
    return [float(px) for px in prints.price]


def test_before_the_first_print_it_says_what_will_be_here(panel):
    panel.refresh()
    assert panel.view.empty_words == "No trade of AAPL yet"
    panel.grab()
    assert panel.headline() == "Time & sales · AAPL"


def test_every_print_is_shown_once(panel, desk):
    desk.trade(AAPL, "186.65")
    desk.trade(MSFT, "421.00")
    desk.trade(AAPL, "186.66")
    assert panel.stale()
    panel.refresh()
    assert prices(panel) == [186.65, 186.66]
    assert not panel.stale()
    panel.grab()
    panel.link.pick_symbol(MSFT)
    assert panel.stale()
    panel.refresh()
    assert prices(panel) == [421.0]


def test_under_the_mouse_it_stands_still_and_goes_on_after(panel, desk):
    desk.trade(AAPL, "186.65")
    panel.refresh()
    at = QPointF(5, 5)
    QApplication.sendEvent(panel.view, QEnterEvent(at, at, at))
    desk.trade(AAPL, "186.66")
    assert not panel.stale()
    assert panel._state.text() == "paused"
    QApplication.sendEvent(panel.view, QEvent(QEvent.Type.Leave))
    assert panel.stale()
    assert panel._state.text() == ""


def test_it_can_be_read_back_by_wheel_and_by_keys(qtbot, panel, desk):
    for cents in range(60):
        desk.trade(AAPL, f"186.{cents:02}")
    panel.refresh()
    at = QPointF(50, 50)
    wheel = QWheelEvent(
        at, panel.view.mapToGlobal(at), QPoint(), QPoint(0, -240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(panel.view, wheel)
    assert panel.view._back == 6
    qtbot.keyClick(panel.view, KEY.Key_PageDown)
    assert panel.view._back == 6 + panel.view.rows
    qtbot.keyClick(panel.view, KEY.Key_Up)
    assert panel.view._back == 5 + panel.view.rows
    assert panel.view.is_paused
    for _ in range(20):
        qtbot.keyClick(panel.view, KEY.Key_PageDown)
    assert panel.view._back == 60 - panel.view.rows
    qtbot.keyClick(panel.view, KEY.Key_End)
    assert (panel.view._back, panel.view.is_paused) == (0, False)


def test_small_prints_can_be_left_out_and_a_layout_keeps_that(panel, desk):
    desk.trade(AAPL, "186.65")
    panel.least.setCurrentIndex(len(FILTERS) - 1)
    assert panel.stale()
    panel.refresh()
    assert prices(panel) == []
    assert panel.view.empty_words == "No trade of AAPL of 10,000 shares and more yet"
    state = panel.state()
    panel.restore({"least": "many"})
    assert panel.least.currentData() == 0
    panel.restore(state)
    assert panel.least.currentData() == 10_000


def test_a_silent_feed_is_grey(panel, desk):
    desk.trade(AAPL, "186.65")
    panel.refresh()
    assert not panel.view.is_stale
    desk.wait(60)
    assert panel.stale()
    panel.refresh()
    assert panel.view.is_stale


def test_a_screen_reader_hears_the_newest(panel, desk):
    desk.trade(AAPL, "186.65")
    panel.refresh()
    assert "186.65" in panel.view.accessibleDescription()
