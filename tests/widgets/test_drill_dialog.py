"""Goal: a person sees what can be drilled, that a drill runs, and what was kept and what broke."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.domain.drill import EVERY_DRILL, DrillRow, DrillScore, DrillsView, Finding, Promise
from app.domain.errors import BadInput
from tests.widgets.fake_desk import FakeDesk
from widgets.drill_dialog import DrillDialog
from widgets.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
BUST = DrillRow("bust", "Bust", "A fill is taken back.")
HALT = DrillRow("halt", "Trading halt", "The symbol is halted.")
ALL = DrillRow(EVERY_DRILL, "Every drill", "All of them.")
KEPT = Finding(Promise("cash is exact to the cent", "3.8 I6"), True, "100,000.00")
BROKEN = Finding(Promise("it is said", "7.2"), False, "<b>not said</b>")
PASSED = DrillScore(BUST, (KEPT,), 1.0)
FAILED = DrillScore(HALT, (KEPT, BROKEN), 2.0)
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def desk() -> FakeDesk:
    made = FakeDesk()
    made.drills = DrillsView(rows=(BUST, HALT, ALL))
    return made


@pytest.fixture
def window(qtbot: QtBot, desk: FakeDesk) -> MainWindow:
    made = MainWindow()
    made.attach(desk)  # type: ignore[arg-type]
    made.frames.stop()  # Frames are run by the test.
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.session_ended()
    made.deleteLater()
    QApplication.sendPostedEvents(None, 52)  # DeferredDelete.


def opened(qtbot: QtBot, window: MainWindow) -> DrillDialog:
    window.actions_by_name["drills.open"].trigger()
    dialog = window.findChild(DrillDialog)
    assert dialog is not None
    qtbot.waitExposed(dialog)
    return dialog


def change(desk: FakeDesk, dialog: DrillDialog, **changes) -> None:
    """Let a drill come further, and a frame pass."""
    desk.drills = msgspec.structs.replace(desk.drills, **changes)
    desk.drills_version += 1
    assert dialog.stale()
    dialog.refresh()
    assert not dialog.stale()


def cells(dialog: DrillDialog) -> list[list[str]]:
    tree = dialog.findings
    items = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    return [[item.text(column) for column in range(4)] for item in items]


class TestAction:
    def test_it_is_there_where_the_desk_has_drills(self, window: MainWindow) -> None:
        assert window.actions_by_name["drills.open"].isEnabled()

    def test_it_is_grey_elsewhere(self, qtbot: QtBot) -> None:
        made = MainWindow()
        qtbot.addWidget(made)
        assert not made.actions_by_name["drills.open"].isEnabled()
        made.attach(FakeDesk())  # type: ignore[arg-type]
        made.frames.stop()
        assert not made.actions_by_name["drills.open"].isEnabled()
        made.session_ended()


class TestDialog:
    def test_each_drill_is_listed_and_says_what_it_does(
        self, qtbot: QtBot, window: MainWindow
    ) -> None:
        dialog = opened(qtbot, window)
        assert [dialog.drills.item(row).text() for row in range(3)] == [
            "Bust",
            "Trading halt",
            "Every drill",
        ]
        assert dialog.what.text() == BUST.what
        qtbot.keyClick(dialog.drills, Qt.Key.Key_Down)
        assert dialog.what.text() == HALT.what
        assert (dialog.begin.isEnabled(), dialog.end.isEnabled()) == (True, False)

    def test_the_chosen_one_is_started(
        self, qtbot: QtBot, window: MainWindow, desk: FakeDesk
    ) -> None:
        dialog = opened(qtbot, window)
        dialog.drills.setCurrentRow(1)
        qtbot.mouseClick(dialog.begin, LEFT)
        assert desk.calls == ["drill halt"]

    def test_why_it_cannot_be_started_is_said(
        self, qtbot: QtBot, window: MainWindow, desk: FakeDesk
    ) -> None:
        dialog = opened(qtbot, window)
        desk.refuses = BadInput("'Bust' runs; one drill at a time")
        qtbot.mouseClick(dialog.begin, LEFT)
        assert dialog.progress.text() == "'Bust' runs; one drill at a time"

    def test_while_one_runs_its_progress_is_shown_and_it_can_be_stopped(
        self, qtbot: QtBot, window: MainWindow, desk: FakeDesk
    ) -> None:
        dialog = opened(qtbot, window)
        change(desk, dialog, running=HALT, progress="waiting until the halt is known")
        assert dialog.progress.text() == "Trading halt runs: waiting until the halt is known"
        assert not dialog.begin.isEnabled()
        qtbot.mouseClick(dialog.end, LEFT)
        assert desk.calls == ["stop drill"]
        window.status_line._show_pace(desk)  # type: ignore[arg-type]
        assert window.status_line.pace.text().startswith("fire drill runs: Trading halt · ")

    def test_the_score_is_shown_promise_by_promise_as_plain_text(
        self, qtbot: QtBot, window: MainWindow, desk: FakeDesk
    ) -> None:
        dialog = opened(qtbot, window)
        dialog.drills.setCurrentRow(1)
        change(desk, dialog, scores=(PASSED, FAILED))
        assert dialog.verdict.text() == "Trading halt: 1 of 2 promises kept in 2.0 s"
        assert cells(dialog) == [
            ["kept", "cash is exact to the cent", "100,000.00", "3.8 I6"],
            ["BROKEN", "it is said", "<b>not said</b>", "7.2"],
        ]
        dialog.drills.setCurrentRow(0)
        assert dialog.verdict.text() == "Bust: 1 of 1 promises kept in 1.0 s"
        assert len(cells(dialog)) == 1

    def test_of_all_each_drill_has_a_row(
        self, qtbot: QtBot, window: MainWindow, desk: FakeDesk
    ) -> None:
        dialog = opened(qtbot, window)
        dialog.drills.setCurrentRow(2)
        assert (dialog.verdict.text(), cells(dialog)) == ("", [])
        change(desk, dialog, scores=(PASSED, FAILED))
        assert dialog.verdict.text() == "1 of 2 drills kept every promise"
        assert cells(dialog) == [
            ["kept", "Bust", "1 of 1 promises, 1.0 s", ""],
            ["BROKEN", "Trading halt", "1 of 2 promises, 2.0 s", ""],
        ]

    def test_a_drill_that_broke_off_says_why(
        self, qtbot: QtBot, window: MainWindow, desk: FakeDesk
    ) -> None:
        dialog = opened(qtbot, window)
        change(desk, dialog, fault="the drill broke off")
        assert dialog.progress.text() == "the drill broke off"

    def test_closed_while_one_runs_the_window_says_that_it_goes_on(
        self, qtbot: QtBot, window: MainWindow, desk: FakeDesk
    ) -> None:
        dialog = opened(qtbot, window)
        change(desk, dialog, running=HALT)
        close = next(b for b in dialog.findChildren(QPushButton) if "Close" in b.text())
        qtbot.mouseClick(close, LEFT)
        assert window.status_line.words.text() == (
            "Fire drill 'Trading halt' goes on; its score will be under Fire drills"
        )

    def test_an_error_in_it_is_said(self, qtbot: QtBot, window: MainWindow) -> None:
        dialog = opened(qtbot, window)
        dialog.fail(ValueError("odd"))
        assert dialog.is_failed
        assert dialog.progress.text() == "This dialog stopped: ValueError('odd')"
