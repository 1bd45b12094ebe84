"""Goal: an alert is set by keys or a click, seen where it waits, heard once, and kept in sight."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desk import AlertAction, AlertKind, AlertRepeat, AlertSign
from tests.widgets.fake_desk import AAPL, MSFT, FakeDesk
from widgets.alert_dialog import AlertDialog
from widgets.bell import Bell
from widgets.link import LinkGroup
from widgets.panel import PanelContext
from widgets.panels.alerts import AlertsPanel

KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.go_live()
    desk.trade(AAPL, "186.65")
    return desk


@pytest.fixture
def panel(qtbot: QtBot, desk: FakeDesk) -> AlertsPanel:
    link = LinkGroup()
    made = AlertsPanel(PanelContext(desk, link))  # type: ignore[arg-type]
    link.setParent(made)
    qtbot.addWidget(made)
    made.resize(1000, 260)
    made.show()
    qtbot.waitExposed(made)
    link.pick_symbol(AAPL)
    made.said = []
    link.said.connect(made.said.append)
    frame(made)
    return made


def frame(panel: AlertsPanel) -> None:
    while panel.stale():
        panel.refresh()


def cells(panel: AlertsPanel, column: int) -> list[str]:
    frame(panel)
    return [panel.model.cell(place, column)[0] for place in range(panel.model.rowCount())]


@pytest.fixture
def dialog(qtbot: QtBot, panel: AlertsPanel) -> AlertDialog:
    qtbot.mouseClick(panel.new, LEFT)
    (made,) = panel.findChildren(AlertDialog)
    qtbot.waitExposed(made)
    return made


def type_in(qtbot: QtBot, line, typed: str) -> None:
    line.selectAll()
    qtbot.keyClicks(line, typed)


def test_a_price_is_typed_and_waited_for(qtbot, panel, dialog, desk):
    assert dialog.symbol.text() == "AAPL"
    assert dialog.level.text() == "186.65"
    dialog.grab()
    type_in(qtbot, dialog.level, "187.50")
    qtbot.keyClick(dialog.level, KEY.Key_Return)
    assert panel.said[-1] == "Alert set: AAPL price >= 187.50"
    assert cells(panel, 0) == ["waiting"]
    assert panel.headline() == "Alerts 1"
    desk.trade(AAPL, "187.50")
    assert cells(panel, 0) == ["went off"]
    assert panel.headline() == "Alerts"
    panel.grab()
    qtbot.mouseClick(panel.clear, LEFT)
    assert cells(panel, 0) == []


def test_every_field_is_taken(qtbot, panel, dialog, desk):
    type_in(qtbot, dialog.symbol, "msft")
    dialog.sign.setCurrentIndex(1)
    type_in(qtbot, dialog.level, "$1,400.5")
    dialog.repeat.setCurrentIndex(1)
    type_in(qtbot, dialog.until, "16:00")
    dialog.action.setCurrentIndex(1)
    type_in(qtbot, dialog.note, "low")
    dialog.sound.click()
    qtbot.mouseClick(dialog.confirm, LEFT)
    (alert,) = desk.alerts.active()
    assert (alert.symbol, alert.sign, alert.level) == (MSFT, AlertSign.BELOW, 1400.5)
    assert (alert.repeat, alert.action) == (AlertRepeat.ALWAYS, AlertAction.CANCEL)
    assert alert.note == "low"
    assert alert.until_ns == desk.now_ns() // 10**9 * 10**9 + (6 * 3600 + 12 * 60 + 29) * 10**9


def test_a_time_flattens_tomorrow_if_it_has_been_today(qtbot, panel, dialog, desk):
    dialog.kind.setCurrentText("time")
    assert not dialog.level.isVisible()
    type_in(qtbot, dialog.at, "09:00")
    dialog.action.setCurrentIndex(2)
    qtbot.mouseClick(dialog.confirm, LEFT)
    assert desk.alerts.active()[0].words == "AAPL time 03 Jan 09:00:00 ET"
    desk.wait(24 * 3600)
    desk.alerts.look()
    assert "flatten AAPL" in desk.calls


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("level", "high", "the level is 'high', must be a number"),
        ("level", "nan", "must be a number"),
        ("level", "100", "holds already, it is 186.65 now"),
        ("symbol", "ZZZZ", "there is no symbol 'ZZZZ' here"),
        ("until", "noon", "must be like 15:55"),
    ],
)
def test_what_cannot_be_is_said_and_the_form_stays(qtbot, dialog, desk, field, typed, words):
    type_in(qtbot, getattr(dialog, field), typed)
    qtbot.mouseClick(dialog.confirm, LEFT)
    assert words in dialog.said.text()
    assert dialog.isVisible()
    assert desk.alerts.active() == ()


def test_fields_are_those_of_the_kind(dialog):
    dialog.kind.setCurrentText(AlertKind.DAY_PNL.value)
    assert not dialog.symbol.isVisible()
    assert dialog.level.isVisible()
    dialog.kind.setCurrentText(AlertKind.ORDER.value)
    assert dialog.symbol.isVisible()
    assert not dialog.level.isVisible()


def test_from_a_chart_the_side_is_the_one_the_price_must_come_to(panel, desk):
    panel.link.alert_wanted.emit(187.5)
    panel.link.alert_wanted.emit(186.0)
    panel.link.alert_wanted.emit(186.65)
    assert [alert.sign for alert in desk.alerts.active()] == [AlertSign.ABOVE, AlertSign.BELOW]
    assert "holds already" in panel.said[-1]


def test_the_selected_one_is_deleted(qtbot, panel, desk):
    panel.link.alert_wanted.emit(187.5)
    frame(panel)
    assert not panel.delete.isEnabled()
    panel.table.select_row(0)
    qtbot.mouseClick(panel.delete, LEFT)
    assert desk.alerts.active() == ()
    assert panel.said[-1] == "Alert deleted: AAPL price >= 187.50"


def test_it_is_heard_once_a_frame_and_only_if_wanted(panel, desk, monkeypatch):
    beeps: list[bool] = []
    monkeypatch.setattr(QApplication, "beep", lambda: beeps.append(True))
    bell = Bell(desk, panel)  # type: ignore[arg-type]
    assert not bell.stale()
    panel.link.alert_wanted.emit(187.5)
    panel.link.alert_wanted.emit(187.6)
    desk.trade(AAPL, "188")
    assert bell.stale()
    bell.refresh()
    assert not bell.stale()
    assert (bell.rung, beeps) == (1, [True])
    desk.alerts.has_sound = False
    desk.alerts.went_off += 1
    bell.refresh()
    assert beeps == [True]
    bell.fail(ValueError("broken"))
    assert bell.is_failed
