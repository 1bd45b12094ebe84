"""Goal: the window opens before the session, stops it when closed, and keeps its layout."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.desk import Latch, RecordingView
from app.domain.enums import ExecType, FeedState, OrdType, Side, TradingState, Venue
from app.domain.errors import BadInput
from app.domain.events import Notice
from app.domain.ids import ClOrdID
from app.domain.market import FeedStatus
from app.domain.terms import Hold
from tests.widgets.fake_desk import AAPL, MSFT, FakeDesk, limit_order
from widgets.actions import ACTIONS
from widgets.dialogs import Confirmation, TypedConfirmation
from widgets.main_window import DEFAULT_DOCKS, MainWindow
from widgets.order_terms import Field
from widgets.replace_dialog import ReplaceDialog

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.go_live()
    desk.quote(AAPL, "186.67", "186.69")
    desk.trade(AAPL, "186.68")
    return desk


@pytest.fixture
def layout_path(tmp_path: Path) -> Path:
    return tmp_path / "layout.json"


@pytest.fixture
def window(qtbot: QtBot, layout_path: Path) -> Iterator[MainWindow]:
    yield from opened(qtbot, layout_path)


def opened(qtbot: QtBot, layout_path: Path | None) -> Iterator[MainWindow]:
    made = MainWindow(layout_path=layout_path)
    made.resize(1400, 900)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.session_ended()
    made.deleteLater()
    QApplication.sendPostedEvents(None, 52)  # DeferredDelete.


def attach(window: MainWindow, desk: FakeDesk) -> None:
    window.attach(desk)  # type: ignore[arg-type]
    window.frames.stop()  # Frames are run by the test.
    window.refresh_now()


class TestLife:
    def test_shell_needs_nothing_heavy(self) -> None:
        code = (
            "import sys, widgets.main_window, widgets.theme;"
            "heavy = {'numpy', 'pyqtgraph', 'sqlite3', 'sqlite_utils', 'app.desk', 'asyncio'};"
            "print(sorted(heavy & set(sys.modules)))"
        )
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
        )
        assert run.stdout.strip() == "[]"

    def test_closing_before_a_session_closes(self, qtbot: QtBot, window: MainWindow) -> None:
        with qtbot.waitSignal(window.closed):
            window.close()

    def test_closing_stops_the_session_first(
        self, qtbot: QtBot, window: MainWindow, desk: FakeDesk
    ) -> None:
        attach(window, desk)
        assert window.close() is False
        assert desk.calls == ["stop"]
        assert window.isVisible()
        assert window.status_line.words.text() == "Stopping…"
        assert not window.top_bar.kill.isEnabled()
        with qtbot.waitSignal(window.closed):
            window.session_ended()
        assert not window.isVisible()

    def test_problem_is_read_before_the_window_goes(
        self, qtbot: QtBot, window: MainWindow, desk: FakeDesk
    ) -> None:
        attach(window, desk)
        window.session_ended("the record cannot be written; nothing more is sent")
        assert window.isVisible()
        message = QApplication.activeModalWidget()
        assert message is not None
        with qtbot.waitSignal(window.closed):
            message.close()

    def test_every_default_dock_gets_its_panel(self, window: MainWindow, desk: FakeDesk) -> None:
        attach(window, desk)
        assert set(window.panels) == {plan.name for plan in DEFAULT_DOCKS}
        assert set(window.docks.names()) == {plan.name for plan in DEFAULT_DOCKS}
        assert not any(panel.is_failed for panel in window.panels.values())

    @pytest.mark.parametrize("venue", list(Venue))
    def test_badge_names_the_venue(self, qtbot: QtBot, venue: Venue) -> None:
        made = MainWindow(venue=venue, venue_title="somewhere")
        qtbot.addWidget(made)
        assert made.top_bar.badge.text() == f"{venue.name} · somewhere"


class TestRecording:
    """Market data is recorded on demand, and the status line says so while it is."""

    def test_menu_turns_it_on_and_off(self, window: MainWindow, desk: FakeDesk) -> None:
        window.actions_by_name["market.record"].trigger()  # Nothing is there to record yet.
        attach(window, desk)
        window.actions_by_name["market.record"].trigger()
        assert desk.calls == ["toggle_recording"]

    def test_why_it_cannot_be_is_said(self, window: MainWindow, desk: FakeDesk) -> None:
        attach(window, desk)
        desk.refuses = BadInput("a replay is not recorded")
        window.actions_by_name["market.record"].trigger()
        assert window.status_line.words.text() == "a replay is not recorded"

    @pytest.mark.parametrize(
        ("lost", "words"),
        [(0, "recording 1,234 events · "), (5, "recording 1,234 events, 5 lost · ")],
    )
    def test_status_line_says_how_it_stands(
        self, window: MainWindow, desk: FakeDesk, lost: int, words: str
    ) -> None:
        attach(window, desk)
        line = window.status_line
        path = Path("day.tdr")
        desk.recording = RecordingView(path=path, events=1_234, bytes=9, lost=lost)
        line._show_pace(desk)  # type: ignore[arg-type]
        assert line.pace.text().startswith(words)
        assert line.pace.toolTip() == str(path)
        desk.recording = None
        line._show_pace(desk)  # type: ignore[arg-type]
        assert "recording" not in line.pace.text()
        assert line.pace.toolTip() == ""


class TestWork:
    def test_tabs_count_even_while_hidden(self, window: MainWindow, desk: FakeDesk) -> None:
        attach(window, desk)
        desk.put_order(ClOrdID("P-1"), limit_order())
        desk.report(ClOrdID("P-1"), ExecType.TRADE, qty="10", px="186.60")
        window.frames.run_frame()
        titles = {name: window.docks._docks[name].windowTitle() for name in window.docks.names()}
        assert titles["orders"] == "Orders 1"
        assert titles["fills"] == "Fills 1"
        assert titles["positions"] == "Positions 1"
        assert titles["chart"] == "AAPL · Apple Inc. · NASDAQ"

    def test_symbol_is_the_same_everywhere(self, window: MainWindow, desk: FakeDesk) -> None:
        attach(window, desk)
        window.link.pick_symbol(MSFT)
        window.frames.run_frame()
        assert window.docks._docks["chart"].windowTitle().startswith("MSFT")
        panel: Any = window.panels["watchlist"]
        assert panel.model.row(panel.table.selected_row()).symbol == MSFT

    def test_key_opens_the_ticket(self, qtbot: QtBot, window: MainWindow, desk: FakeDesk) -> None:
        attach(window, desk)
        ticket: Any = window.panels["ticket"]
        window.setFocus()
        qtbot.keyClick(window, Qt.Key.Key_S)
        assert ticket.side is Side.SELL

    def test_kill_switch_and_typed_re_arm(
        self, qtbot: QtBot, window: MainWindow, desk: FakeDesk
    ) -> None:
        attach(window, desk)
        window.actions_by_name["desk.halt"].trigger()
        assert desk.calls == ["halt kill switch"]
        window.frames.run_frame()
        assert window.top_bar.kill.text() == "Re-arm…"
        assert window.top_bar.state.text() == "HALTED"
        qtbot.mouseClick(window.top_bar.kill, Qt.MouseButton.LeftButton)
        (dialog,) = window.findChildren(TypedConfirmation)
        assert not dialog.confirm.isEnabled()
        qtbot.keyClicks(dialog.field, "arm")
        qtbot.mouseClick(dialog.confirm, Qt.MouseButton.LeftButton)
        assert desk.trading_state is TradingState.ACTIVE
        window.frames.run_frame()
        assert window.top_bar.kill.text().startswith("Kill switch")

    def test_kill_switch_works_while_trading_is_halted(
        self, window: MainWindow, desk: FakeDesk
    ) -> None:
        attach(window, desk)
        desk.trading_state = TradingState.HALTED  # By a loss, which cancels nothing.
        window.actions_by_name["desk.halt"].trigger()
        assert desk.calls == ["halt kill switch"]

    @pytest.mark.parametrize("key", [None, Qt.Key.Key_Space])
    def test_state_brings_the_risk_panel_to_the_front(
        self, qtbot: QtBot, window: MainWindow, desk: FakeDesk, key: Qt.Key | None
    ) -> None:
        attach(window, desk)
        state, panel = window.top_bar.state, window.panels["risk"]
        for hide in (lambda: window.docks.show("orders"), lambda: window.docks.close("risk")):
            hide()
            assert not panel.isVisible()
            if key is None:
                qtbot.mouseClick(state, Qt.MouseButton.LeftButton)
            else:
                state.setFocus()
                qtbot.keyClick(state, key)
            assert panel.isVisible()

    def test_state_is_the_same_in_bar_and_panel(
        self, qtbot: QtBot, window: MainWindow, desk: FakeDesk
    ) -> None:
        attach(window, desk)
        window.docks.show("risk")
        panel: Any = window.panels["risk"]
        for state in (TradingState.REDUCING, TradingState.HALTED, TradingState.ACTIVE):
            desk.trading_state, desk.trading_state_reason = state, "loss of the day"
            window.frames.run_frame()
            assert window.top_bar.state.text() == panel.trading.word.text() == state.name
            assert "loss of the day" in window.top_bar.state.toolTip()
            assert "Loss of the day." in panel.trading.reason.text()
        qtbot.mouseClick(panel.trading.halt, Qt.MouseButton.LeftButton)
        window.frames.run_frame()
        assert window.top_bar.kill.text() == "Re-arm…"

    def test_latch_that_holds_is_said_when_armed_in_the_bar(
        self, qtbot: QtBot, window: MainWindow, desk: FakeDesk
    ) -> None:
        attach(window, desk)
        desk.halt("loss of the day")
        desk.latch = Latch(reason="loss of the day", until="2026-01-05")
        window.frames.run_frame()
        qtbot.mouseClick(window.top_bar.kill, Qt.MouseButton.LeftButton)
        (dialog,) = window.findChildren(TypedConfirmation)
        qtbot.keyClicks(dialog.field, "ARM")
        qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
        assert desk.trading_state is TradingState.HALTED
        assert "latched until 2026-01-05" in window.status_line.words.text()

    def test_status_line_says_what_happened(self, window: MainWindow, desk: FakeDesk) -> None:
        attach(window, desk)
        line = window.status_line
        desk.put_order(ClOrdID("P-1"), limit_order())
        line.refresh()
        assert line.words.text() == "Sent Buy 100 AAPL @ 186.68 — accepted in 1.43 ms"
        desk.report(ClOrdID("P-1"), ExecType.TRADE, qty="100", px="186.60")
        line.refresh()
        assert line.words.text() == "Buy 100 AAPL @ 186.68 — filled 100 of 100 at 186.60"
        desk.notice, desk.notice_version = Notice(text="exported 1 trades"), 1
        line.refresh()
        assert line.words.text() == "exported 1 trades"

    def test_trail_that_moves_does_not_hide_what_was_said(
        self, window: MainWindow, desk: FakeDesk
    ) -> None:
        attach(window, desk)
        line = window.status_line
        trail = limit_order(limit=None, side=Side.SELL)
        trail = msgspec.structs.replace(trail, ord_type=OrdType.STOP, peg_offset=Decimal(1))
        held = desk.put_order(ClOrdID("P-1"), trail, hold=Hold(watch_px=Decimal(180)))
        line.refresh()
        words = "Sell 100 AAPL trailing by $1.00 — held on this PC: it dies with the station"
        assert line.words.text() == words
        line.say("something else")
        desk.put(msgspec.structs.replace(held, hold=Hold(watch_px=Decimal(181))))
        line.refresh()
        assert line.words.text() == "something else"

    @pytest.mark.parametrize(
        ("name", "call"),
        [
            ("orders.cancel_all", "cancel_all"),
            ("orders.cancel_symbol", "cancel_all AAPL"),
            ("orders.cancel_buys", "cancel_all BUY"),
            ("orders.cancel_sells", "cancel_all SELL"),
        ],
    )
    def test_cancels_never_ask(
        self, window: MainWindow, desk: FakeDesk, name: str, call: str
    ) -> None:
        attach(window, desk)
        window.actions_by_name[name].trigger()
        assert desk.calls == [call]
        assert window.status_line.words.text().startswith("No order")
        desk.put_order(ClOrdID("P-1"), limit_order())
        desk.put_order(ClOrdID("P-2"), limit_order(side=Side.SELL))
        window.actions_by_name[name].trigger()
        assert window.status_line.words.text().startswith("Cancel asked for ")

    @pytest.mark.parametrize(
        ("key", "call"),
        [
            (Qt.Key.Key_F, "flatten AAPL"),
            (Qt.Key.Key_H, "half AAPL"),
            (Qt.Key.Key_R, "reverse AAPL"),
        ],
    )
    def test_keys_close_the_position_once_confirmed(
        self, qtbot: QtBot, window: MainWindow, desk: FakeDesk, key: Qt.Key, call: str
    ) -> None:
        attach(window, desk)
        desk.put_order(ClOrdID("P-1"), limit_order())
        desk.report(ClOrdID("P-1"), ExecType.TRADE, qty="100", px="186.60")
        modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        qtbot.keyClick(window, key, modifiers)
        assert desk.calls == []
        (dialog,) = window.findChildren(Confirmation)
        qtbot.keyClick(dialog, Qt.Key.Key_Return)
        assert desk.calls == [call]

    def test_keys_change_the_selected_order(
        self, qtbot: QtBot, window: MainWindow, desk: FakeDesk
    ) -> None:
        attach(window, desk)
        window.docks.show("positions")  # The orders are behind it, and come to the front.
        desk.put_order(ClOrdID("P-1"), limit_order())
        panel: Any = window.panels["orders"]
        panel.refresh()
        panel.table.select_row(0)
        qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
        (dialog,) = window.findChildren(ReplaceDialog)
        qtbot.keyClicks(dialog.fields[Field.QTY].line, "70")
        qtbot.keyClick(dialog.fields[Field.QTY].line, Qt.Key.Key_Return)
        assert [qty for _, qty, _, _ in desk.replaced] == [Decimal(70)]

    @pytest.mark.parametrize(
        ("state", "wait_s", "shown"),
        [
            (FeedState.LIVE, 0.004, "4 ms"),
            (FeedState.LIVE, 7.0, "7.0 s"),
            (FeedState.DOWN, 0.0, "down"),
            (FeedState.CONNECTING, 0.0, "…"),
            (FeedState.ENDED, 0.0, "ended"),
        ],
    )
    def test_feed_light(
        self, window: MainWindow, desk: FakeDesk, state: FeedState, wait_s: float, shown: str
    ) -> None:
        attach(window, desk)
        status = FeedStatus(feed="fake", state=state, text="", ts_recv_ns=desk.now_ns())
        desk.hub.publish(status)
        desk.wait(wait_s)
        window.top_bar.refresh()
        assert window.top_bar.feed.value == shown

    @pytest.mark.parametrize("width", [1000, 1090, 1160, 1250, 1280, 1340, 1499, 1500, 1680])
    def test_parts_of_the_top_bar_never_lie_on_each_other(
        self, qtbot: QtBot, window: MainWindow, desk: FakeDesk, width: int
    ) -> None:
        attach(window, desk)
        window.resize(width, 700)
        qtbot.waitUntil(lambda: window.top_bar.width() >= width - 8)
        bar = window.top_bar
        bar.layout().activate()
        parts = [w for w in bar.findChildren(QWidget) if w.parent() is bar and w.isVisible()]
        parts.sort(key=lambda part: part.x())
        for one, other in itertools.pairwise(parts):
            assert one.geometry().right() < other.geometry().left(), (one, other)
        assert parts[-1].geometry().right() <= bar.width()
        assert {bar.kill, bar.state, bar.equity, bar.feed, bar.badge} <= set(parts)
        assert bar.leverage.isVisible() == (width >= 1350)

    def test_top_bar_shows_the_account(self, window: MainWindow, desk: FakeDesk) -> None:
        attach(window, desk)
        bar = window.top_bar
        assert bar.equity.value == "$100,000.00"
        assert bar.time.value == "09:47:31.482 ET"
        assert "Regular session · closes in 6:12:28" in bar.time.toolTip()
        assert bar.time.caption.endswith("closes in 6:12:28")
        assert bar.broker.value == "–"
        bar.fail(ValueError("broken"))
        assert bar.equity.value == "–"

    def test_export_opens_a_dialog_and_goes_to_the_desk(
        self, window: MainWindow, desk: FakeDesk, tmp_path: Path
    ) -> None:
        from PySide6.QtWidgets import QFileDialog

        attach(window, desk)
        window.actions_by_name["export.trades"].trigger()
        (dialog,) = window.findChildren(QFileDialog)
        dialog.fileSelected.emit(str(tmp_path / "out.json"))
        dialog.close()
        assert desk.calls == ["export trades json out.json"]

    def test_shortcuts_are_unique(self) -> None:
        keys = [spec.shortcut for spec in ACTIONS if spec.shortcut]
        assert len(keys) == len(set(keys))


class TestLayout:
    @pytest.mark.parametrize(("width", "is_apart"), [(1280, False), (1680, True)])
    def test_a_wide_window_has_ladder_tape_and_gain_beside_each_other(
        self, qtbot: QtBot, width: int, *, is_apart: bool
    ) -> None:
        window = MainWindow()
        qtbot.addWidget(window)
        window.resize(width, 900)
        window.show()
        qtbot.waitExposed(window)

        def apart(one: str, other: str) -> bool:
            areas = [window.docks._docks[name].dockAreaWidget() for name in (one, other)]
            return areas[0] is not areas[1]

        assert apart("ticket", "ladder") == apart("tape", "orders") == is_apart
        window.docks.float("ladder")
        window.actions_by_name["layout.reset"].trigger()
        assert not window.docks.is_floating("ladder")
        assert apart("ticket", "ladder") == apart("tape", "orders") == is_apart

    def test_layout_comes_back(self, qtbot: QtBot, layout_path: Path, desk: FakeDesk) -> None:
        for first in opened(qtbot, layout_path):
            attach(first, desk)
            first.docks.close("audit")
            first.docks.show("positions")
            first.link.pick_symbol(MSFT)
            chart: Any = first.panels["chart"]
            chart.set_interval("5m")
        for second in opened(qtbot, layout_path):
            attach(second, desk)
            assert not second.docks.is_open("audit")
            assert second.link.symbol == MSFT
            assert second.panels["chart"].state()["cells"][0]["interval"] == "5m"
            second.docks.toggle_action("audit").trigger()
            assert second.docks.is_open("audit")

    @pytest.mark.qt_log_ignore("qUncompress: Input data is corrupted", extend=True)
    @pytest.mark.parametrize(
        "content",
        ["{", json.dumps({"version": 1, "docks": "bm9uc2Vuc2U=", "geometry": "", "symbol": ""})],
    )
    def test_broken_layout_never_stops_the_window(
        self, qtbot: QtBot, layout_path: Path, desk: FakeDesk, content: str
    ) -> None:
        layout_path.write_text(content, encoding="utf-8")
        for window in opened(qtbot, layout_path):
            attach(window, desk)
            assert "layout.json.broken" in window.status_line.words.text()
            assert all(window.docks.is_open(plan.name) for plan in DEFAULT_DOCKS)

    def test_change_is_saved_while_running(
        self, window: MainWindow, layout_path: Path, desk: FakeDesk
    ) -> None:
        attach(window, desk)
        window.docks.close("fills")
        window._on_second()
        saved = layout_path.read_text(encoding="utf-8")
        window._on_second()
        assert layout_path.read_text(encoding="utf-8") == saved

    def test_dock_floats_tabs_and_goes_back(self, window: MainWindow, desk: FakeDesk) -> None:
        attach(window, desk)
        window.docks.float("orders")
        assert window.docks.is_floating("orders")
        window.frames.run_frame()
        window.actions_by_name["layout.reset"].trigger()
        assert not window.docks.is_floating("orders")
        assert window.panels["orders"].header.isVisible() == window.panels["orders"].isVisible()

    def test_view_menu_lists_every_dock(self, window: MainWindow) -> None:
        menu = window.top_bar.menu_button.menu()
        view = next(a.menu() for a in menu.actions() if a.text() == "View")
        view.aboutToShow.emit()  # type: ignore[attr-defined]
        view.aboutToShow.emit()  # type: ignore[attr-defined]
        texts = [action.text() for action in view.actions()]  # type: ignore[attr-defined]
        assert texts.count("Watchlist") == 1
        assert "Audit log" in texts


def test_long_title_does_not_widen_the_badge_and_is_told_in_full(qtbot: QtBot) -> None:
    short = MainWindow(venue=Venue.REPLAY, venue_title="day.csv")
    long = MainWindow(venue=Venue.REPLAY, venue_title="IBM_20131008_0930_1000_ticks.csv.gz" * 3)
    for window in (short, long):
        qtbot.addWidget(window)
    badge = long.top_bar.badge
    assert badge.text().startswith("REPLAY")
    assert badge.minimumWidth() < 220
    assert short.top_bar.badge.text() == "REPLAY · day.csv"
    assert long.top_bar.badge.toolTip().endswith("csv.gz")
