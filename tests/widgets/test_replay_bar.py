"""Goal: a person moves a replay with keys and clicks, and is asked before a run ends.

Method: the real window on a desk without a session, with a real player whose clock the test moves;
real keys and clicks.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.desk import Transport
from app.domain.enums import ExecType, Venue
from app.domain.ids import ClOrdID
from app.feeds.bookmarks import Bookmarks
from app.feeds.player import SPEEDS, Player
from tests.widgets.fake_desk import AAPL, SECOND_NS, START_NS, FakeDesk, limit_order
from widgets.commands import BOOKMARK_CHARS_MAX
from widgets.dialogs import Confirmation, Naming
from widgets.main_window import MainWindow
from widgets.replay_bar import ReplayBar
from widgets.replay_parts import Sign, takes_space

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
LEFT = Qt.MouseButton.LeftButton
HOUR_NS = 3_600 * SECOND_NS
BEGIN_NS = START_NS - HOUR_NS
END_NS = START_NS + HOUR_NS


class Practice:
    """A window on a replay that stands an hour after its beginning, an hour before its end."""

    def __init__(self, window: MainWindow, desk: FakeDesk, player: Player) -> None:
        self.window, self.desk, self.player = window, desk, player
        assert window.replay_bar is not None
        assert desk.transport is not None
        self.bar: ReplayBar = window.replay_bar
        self.transport: Transport = desk.transport

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
        target = QApplication.focusWidget() or self.window
        with_ = Qt.KeyboardModifier.NoModifier if modifier is None else modifier
        QTest.keyClick(target, key, with_)
        self.window.refresh_now()

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        QTest.mouseClick(widget, LEFT, Qt.KeyboardModifier.NoModifier, at or QPoint())
        self.window.refresh_now()

    def type_time(self, words: str) -> None:
        self.press(Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(self.bar.goto, words)
        self.press(Qt.Key.Key_Return)

    def place_of(self, ts_ns: int) -> QPoint:
        position = self.bar.position
        return QPoint(round(position.x_of(ts_ns)), position.height() // 2)

    @property
    def said(self) -> str:
        return self.window.status_line.words.text()


@pytest.fixture
def practice(qtbot: QtBot, tmp_path: Path) -> Iterator[Practice]:
    desk = FakeDesk()
    desk.clock.__init__(BEGIN_NS)  # type: ignore[misc]  # It began before the desk's usual time.
    player = Player(desk.clock, speed=1.0, is_playing=False, end_ns=END_NS)
    desk.clock.advance_to(START_NS)
    marks = Bookmarks(tmp_path / "bookmarks.json", name="AAPL.csv", start_ns=BEGIN_NS)
    desk.transport = Transport(player, marks, title="AAPL.csv")
    window = MainWindow(venue=Venue.REPLAY, venue_title="2 Jan 2026 · AAPL.csv")
    window.resize(1400, 900)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    desk.go_live()
    desk.quote(AAPL, "186.67", "186.69")
    window.attach(desk)  # type: ignore[arg-type]
    window.frames.stop()
    window.refresh_now()
    window.docks.widget.setFocus()
    yield Practice(window, desk, player)
    window.session_ended()
    window.deleteLater()
    QApplication.sendPostedEvents(None, 52)  # DeferredDelete.


def test_only_a_replay_has_the_bar_and_the_menu(qtbot: QtBot) -> None:
    for venue in Venue:
        window = MainWindow(venue=venue)
        qtbot.addWidget(window)
        assert (window.replay_bar is not None) is (venue is Venue.REPLAY)
        menu = window.top_bar.menu_button.menu()
        titles = [action.text() for action in menu.actions()]
        assert ("Replay" in titles) is (venue is Venue.REPLAY)


def test_without_a_session_nothing_can_be_pressed(qtbot: QtBot) -> None:
    window = MainWindow(venue=Venue.REPLAY)
    qtbot.addWidget(window)
    assert window.replay_bar is not None
    assert not window.replay_bar.isEnabled()
    for action in ("replay.toggle", "replay.step", "replay.goto", "replay.bookmark"):
        assert not window.actions_by_name[action].isEnabled()
        window.actions_by_name[action].trigger()


class TestShown:
    def test_nobody_takes_it_for_the_present(self, practice: Practice) -> None:
        assert "REPLAY" in practice.window.windowTitle()
        assert "AAPL.csv" in practice.window.windowTitle()
        assert practice.window.top_bar.badge.text().startswith("REPLAY · 2 Jan 2026")
        assert practice.bar.time.text() == "Fri 02 Jan 2026 09:47:31.4 ET"
        assert (practice.bar.start.text(), practice.bar.end.text()) == ("08:47:31", "10:47:31")

    def test_time_is_that_of_the_desk(self, practice: Practice) -> None:
        assert not practice.bar.stale()
        practice.desk.clock.advance_to(START_NS + 90 * SECOND_NS)
        assert practice.bar.stale()
        practice.window.refresh_now()
        assert practice.bar.time.text() == "Fri 02 Jan 2026 09:49:01.4 ET"

    def test_end_is_a_dash_until_it_is_known(self, practice: Practice) -> None:
        player = Player(practice.desk.clock)
        transport = Transport(player, practice.transport.bookmarks, title="AAPL.csv")
        bar = ReplayBar(practice.window)
        desk = FakeDesk()
        desk.transport = transport
        bar.attach(desk)  # type: ignore[arg-type]
        bar.refresh()
        assert bar.end.text() == "–"
        QTest.mouseClick(bar.position, LEFT)
        assert not player.is_seeking
        player.know_end(END_NS)
        bar.refresh()
        assert bar.end.text() == "10:47:31"

    def test_what_it_does_is_said(self, practice: Practice) -> None:
        def words() -> tuple[str, Sign]:
            practice.window.refresh_now()
            return practice.bar.state.text(), practice.bar.play.sign

        assert words() == ("paused", Sign.PLAY)
        practice.player.play()
        assert words() == ("plays", Sign.PAUSE)
        practice.player.seek(START_NS + 60 * SECOND_NS)
        assert words() == ("going to 09:48:31", Sign.PAUSE)
        practice.player.end()
        assert words() == ("the end", Sign.PLAY)
        assert not practice.bar.play.isEnabled()

    def test_a_bar_that_fails_says_so(self, practice: Practice) -> None:
        practice.bar.fail(ValueError("of its own"))
        assert practice.bar.is_failed
        assert practice.bar.time.text() == "–"

    @pytest.mark.parametrize("width", [1000, 1280, 1680])
    def test_it_fits_every_width(self, practice: Practice, width: int) -> None:
        practice.window.resize(width, 800)
        practice.window.refresh_now()
        QApplication.sendPostedEvents()
        bar = practice.bar
        assert bar.width() <= width
        parts = [bar.time, bar.state, bar.position, bar.goto, bar.marks_button]
        rights = [part.geometry().right() for part in parts]
        lefts = [part.geometry().left() for part in parts]
        assert all(right < left for right, left in zip(rights, lefts[1:], strict=False))
        assert rights[-1] <= bar.width()


class TestPlay:
    def test_space_plays_and_pauses(self, practice: Practice) -> None:
        practice.press(Qt.Key.Key_Space)
        assert practice.player.is_playing
        practice.press(Qt.Key.Key_Space)
        assert not practice.player.is_playing

    def test_space_in_a_field_is_a_space(self, practice: Practice) -> None:
        practice.bar.goto.setFocus()
        QTest.keyClicks(practice.bar.goto, "10 15")
        assert practice.bar.goto.text() == "10 15"
        assert not practice.player.is_playing

    def test_space_on_a_button_presses_that_button(self, practice: Practice) -> None:
        practice.bar.minute.setFocus()
        practice.press(Qt.Key.Key_Space)
        assert practice.player.goal_ns == START_NS + 60 * SECOND_NS
        assert takes_space(practice.bar.minute)
        assert not takes_space(practice.window.docks.widget)
        assert not takes_space(None)

    def test_button(self, practice: Practice) -> None:
        practice.click(practice.bar.play)
        assert practice.player.is_playing
        practice.click(practice.bar.play)
        assert not practice.player.is_playing

    def test_step_and_minute_pause(self, practice: Practice) -> None:
        practice.player.play()
        practice.click(practice.bar.step)
        assert not practice.player.is_playing
        practice.player.play()
        practice.click(practice.bar.minute)
        assert practice.player.goal_ns == START_NS + 60 * SECOND_NS
        assert not practice.player.is_playing

    def test_keys_step(self, practice: Practice) -> None:
        practice.player.play()
        practice.press(Qt.Key.Key_Period)
        assert not practice.player.is_playing
        practice.press(Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
        assert practice.player.goal_ns == START_NS + 60 * SECOND_NS


class TestSpeed:
    def test_box_offers_each_and_takes_the_chosen(self, practice: Practice) -> None:
        box = practice.bar.speed
        words = ["1×", "2×", "5×", "10×", "25×", "50×", "100×", "500×", "max"]
        assert [box.itemText(n) for n in range(box.count())] == words
        for index, speed in enumerate(SPEEDS):
            box.setCurrentIndex(index)
            box.activated.emit(index)
            assert practice.player.speed == speed

    def test_keys_go_faster_and_slower_to_the_ends(self, practice: Practice) -> None:
        practice.press(Qt.Key.Key_BracketRight)
        assert practice.player.speed == 2.0
        for _ in range(20):
            practice.press(Qt.Key.Key_BracketRight)
        assert practice.player.speed is None
        for _ in range(20):
            practice.press(Qt.Key.Key_BracketLeft)
        assert practice.player.speed == 1.0

    @pytest.mark.parametrize(("speed", "place"), [(3.0, 2), (0.5, 0), (1_000.0, 8)])
    def test_a_speed_of_the_command_line_has_its_place(
        self, practice: Practice, speed: float, place: int
    ) -> None:
        practice.player.set_speed(speed)
        practice.window.refresh_now()
        assert practice.bar.speed.currentIndex() == place
        assert practice.bar.speed.currentText() == f"{speed:g}×"
        assert practice.player.speed == speed


class TestGoTo:
    def test_a_later_time_is_gone_to(self, practice: Practice) -> None:
        practice.type_time("10:15")
        assert practice.player.goal_ns is not None
        assert practice.bar.state.text() == "going to 10:15:00"
        assert practice.bar.goto.text() == ""
        practice.press(Qt.Key.Key_Space)
        assert not practice.player.is_seeking, "the field has let the keys go"

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            ("soon", "is no time"),
            ("23:00", "after the recording"),
            ("8:00", "before the recording"),
        ],
    )
    def test_what_is_no_moment_of_it_is_said_and_kept(
        self, practice: Practice, words: str, says: str
    ) -> None:
        practice.type_time(words)
        assert says in practice.said
        assert practice.bar.goto.text() == words
        assert practice.bar.goto.property("invalid")
        assert not practice.player.is_seeking
        QTest.keyClicks(practice.bar.goto, "0")
        assert not practice.bar.goto.property("invalid")

    def test_a_click_on_the_track_goes_there(self, practice: Practice) -> None:
        wanted_ns = START_NS + HOUR_NS // 2
        practice.click(practice.bar.position, practice.place_of(wanted_ns))
        assert practice.player.goal_ns is not None
        assert abs(practice.player.goal_ns - wanted_ns) < 20 * SECOND_NS  # A pixel.
        assert practice.player.goal_ns % SECOND_NS == 0

    def test_a_drag_goes_where_it_ends_and_not_before(self, practice: Practice) -> None:
        track = practice.bar.position
        QTest.mousePress(track, LEFT, pos=practice.place_of(START_NS + HOUR_NS // 4))
        QTest.mouseMove(track, practice.place_of(END_NS))
        assert not practice.player.is_seeking
        QTest.mouseRelease(track, LEFT, pos=QPoint(track.width() - 1, 5))
        assert practice.player.goal_ns == END_NS, "the very end can be reached"

    @pytest.mark.parametrize(
        ("key", "goal_ns"),
        [
            (Qt.Key.Key_Right, START_NS + 10 * SECOND_NS),
            (Qt.Key.Key_PageUp, START_NS + 300 * SECOND_NS),
            (Qt.Key.Key_End, END_NS),
        ],
    )
    def test_keys_on_the_track(self, practice: Practice, key: Qt.Key, goal_ns: int) -> None:
        practice.bar.position.setFocus()
        practice.press(key)
        assert practice.player.goal_ns == goal_ns


class TestBack:
    """What was played is reached by a new run, and a person says so."""

    def test_it_is_asked_about_and_no_changes_nothing(self, practice: Practice) -> None:
        practice.type_time("9:00")
        (question,) = practice.window.findChildren(Confirmation)
        for words in ("cannot be unmade", "record of its own", "carried over", "02 Jan 09:00:00"):
            assert words in question.words.text()
        question.reject()
        assert practice.transport.again_ns is None
        assert practice.desk.calls == []

    def test_yes_ends_the_run_for_the_next(self, practice: Practice) -> None:
        practice.bar.position.setFocus()
        practice.press(Qt.Key.Key_Left)
        (question,) = practice.window.findChildren(Confirmation)
        QTest.mouseClick(question.confirm, LEFT)
        assert practice.transport.again_ns == START_NS - 10 * SECOND_NS
        assert practice.desk.calls == ["stop"]
        assert "A new run begins" in practice.said
        assert not practice.bar.isEnabled()


class TestBookmarks:
    def test_a_key_names_the_moment_it_was_pressed(self, practice: Practice) -> None:
        practice.press(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
        practice.desk.clock.advance_to(START_NS + 5 * SECOND_NS)
        (question,) = practice.window.findChildren(Naming)
        assert question.field.text() == "02 Jan 09:47:31"
        question.field.selectAll()
        QTest.keyClicks(question.field, "breakout")
        QTest.keyClick(question.field, Qt.Key.Key_Return)
        practice.window.refresh_now()
        (mark,) = practice.transport.bookmarks.marks
        assert (mark.ts_ns, mark.name) == (START_NS, "breakout")
        assert practice.bar.position.marks == (mark,)

    def test_menu_goes_to_one_and_removes_it(self, practice: Practice) -> None:
        marks = practice.transport.bookmarks
        marks.add(START_NS + 60 * SECOND_NS, "halt")
        practice.window.refresh_now()
        first = practice.bar.marks_menu.actions()[2]
        assert first.text() == "02 Jan 09:48:31   halt"
        first.trigger()
        assert practice.player.goal_ns == START_NS + 60 * SECOND_NS
        (remove,) = practice.bar.marks_menu.findChildren(QMenu)
        remove.actions()[0].trigger()
        practice.window.refresh_now()
        assert marks.marks == ()
        assert len(practice.bar.marks_menu.actions()) == 1

    def test_one_of_before_is_asked_about(self, practice: Practice) -> None:
        practice.transport.bookmarks.add(START_NS - 60 * SECOND_NS, "open")
        practice.window.refresh_now()
        practice.bar.marks_menu.actions()[2].trigger()
        assert practice.window.findChildren(Confirmation)

    def test_what_cannot_be_kept_is_said(self, practice: Practice, tmp_path: Path) -> None:
        (tmp_path / "bookmarks.json.part").mkdir()
        practice.press(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
        (question,) = practice.window.findChildren(Naming)
        question.accept()
        assert "cannot be written" in practice.said

    def test_the_field_takes_what_a_bookmark_may_have(self, practice: Practice) -> None:
        from app.feeds.bookmarks import NAME_CHARS_MAX

        assert BOOKMARK_CHARS_MAX == NAME_CHARS_MAX


def test_a_file_to_replay_is_asked_for_by_the_menu(practice: Practice, qtbot: QtBot) -> None:
    practice.window.actions_by_name["replay.open"].trigger()
    (dialog,) = practice.window.findChildren(QFileDialog)
    with qtbot.waitSignal(practice.window.replay_wanted) as wanted:
        dialog.fileSelected.emit("/somewhere/IBM.csv")
    assert wanted.args == ["/somewhere/IBM.csv"]
    dialog.close()


def test_account_follows_fills_while_time_stands_still(practice: Practice) -> None:
    before = practice.window.top_bar.buying_power.value
    one = ClOrdID("one")
    practice.desk.put_order(one, limit_order())
    practice.desk.report(one, ExecType.TRADE, qty="100", px="186.68")
    practice.window.refresh_now()
    assert practice.window.top_bar.buying_power.value != before
