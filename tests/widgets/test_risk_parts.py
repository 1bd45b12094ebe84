"""Goal: what trading is at and what holds it there is read at once, by eye and by ear."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.desk import KillView, Latch, Meter
from app.domain.enums import TradingState, Venue
from app.risk.halt import Halt
from tests.widgets.fake_desk import METERS, FakeDesk, meter
from tests.widgets.pictures import Paints, count_of, picture
from widgets import theme
from widgets.palettes import Role
from widgets.risk_parts import (
    METER_HEIGHT_PX,
    METER_PX_MIN,
    METERS_TOP_PX,
    STATE_WORDS,
    MeterList,
    StateButton,
    TradingBox,
    state_icon,
)
from widgets.top_bar import TopBar

LEFT = Qt.MouseButton.LeftButton
ACTIVE, REDUCING, HALTED = TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED
NARROW_PX, WIDE_PX = METER_PX_MIN, 2 * METER_PX_MIN
HALT = Halt(reason="kill switch", actor="tester", ts_ns=1)
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1600, 500)
    made.show()
    qtbot.waitExposed(made)
    return made


def set_state(desk: FakeDesk, state: TradingState, reason: str = "") -> None:
    desk.trading_state, desk.trading_state_reason = state, reason


class TestSigns:
    """A state is told by its shape and its word, never by its colour alone."""

    def test_every_state_has_words(self) -> None:
        assert set(STATE_WORDS) == set(TradingState)

    def test_signs_differ_in_shape(self, qapp: QApplication) -> None:
        shapes = set()
        for state in TradingState:
            image = state_icon(state).pixmap(64, 48).toImage()
            alpha = tuple(
                image.pixelColor(x, y).alpha() > 127
                for y in range(image.height())
                for x in range(image.width())
            )
            assert any(alpha)
            shapes.add(alpha)
        assert len(shapes) == len(TradingState)

    def test_signs_have_the_colour_of_their_state(self, qapp: QApplication) -> None:
        for state in TradingState:
            image = state_icon(state).pixmap(64, 48).toImage()
            assert image.pixelColor(24, 20).name() == theme.hex_of(theme.trading_role(state))


class TestStateButton:
    @pytest.mark.parametrize("state", list(TradingState))
    def test_says_state_reason_and_what_a_press_does(
        self, parent: QWidget, state: TradingState
    ) -> None:
        button = StateButton(parent)
        button.show_state(state, "loss of the day")
        assert button.text() == state.name
        assert not button.icon().isNull()
        assert button.toolTip() == (
            f"{STATE_WORDS[state]} Why: loss of the day. Press for limits and breaches."
        )
        assert button.accessibleName() == "Trading state"
        assert button.accessibleDescription() == f"{state.name}. {button.toolTip()}"

    def test_without_a_reason_none_is_said(self, parent: QWidget) -> None:
        button = StateButton(parent)
        button.show_state(ACTIVE, "")
        assert button.toolTip() == "Orders are sent. Press for limits and breaches."

    def test_word_has_room_in_every_state(self, parent: QWidget) -> None:
        button = StateButton(parent)
        for state in TradingState:
            button.show_state(state, "")
            words = button.fontMetrics().horizontalAdvance(state.name)
            assert words + button.iconSize().width() + 16 <= button.width()

    def test_same_state_paints_nothing_and_another_reason_is_told(self, parent: QWidget) -> None:
        button = StateButton(parent)
        button.show()
        button.show_state(HALTED, "a")
        paints = Paints(button)
        button.show_state(HALTED, "a")
        assert paints.count == 0
        button.show_state(HALTED, "b")
        assert "Why: b." in button.toolTip()


class TestTradingBox:
    @pytest.fixture
    def box(self, parent: QWidget) -> TradingBox:
        made = TradingBox(parent)
        made.resize(300, 200)
        made.show()
        return made

    @pytest.mark.parametrize(
        ("state", "reason", "words"),
        [
            (ACTIVE, "", "Orders are sent."),
            (ACTIVE, "armed by hand", "Orders are sent. Armed by hand."),
            (REDUCING, "", "Only what reduces a position is sent."),
            (HALTED, "kill switch", "Nothing is sent. Kill switch."),
            (HALTED, "é", "Nothing is sent. É."),
        ],
    )
    def test_word_sign_and_reason(
        self, box: TradingBox, desk: FakeDesk, state: TradingState, reason: str, words: str
    ) -> None:
        set_state(desk, state, reason)
        box.show_desk(desk)  # type: ignore[arg-type]
        assert box.word.text() == state.name
        assert not box.sign.pixmap().isNull()
        assert box.reason.text() == words
        assert box.arm.isEnabled() == (state is not ACTIVE)
        assert box.halt.isEnabled()
        assert not box.latch.isVisible()

    def test_screen_reader_hears_the_state_with_its_name(
        self, box: TradingBox, desk: FakeDesk
    ) -> None:
        set_state(desk, HALTED, "kill switch")
        box.show_desk(desk)  # type: ignore[arg-type]
        assert box.word.accessibleName() == "Trading state"
        assert box.word.accessibleDescription() == "HALTED. Nothing is sent. Kill switch."

    def test_sign_follows_the_state(self, box: TradingBox, desk: FakeDesk) -> None:
        seen = []
        for state in TradingState:
            set_state(desk, state)
            box.show_desk(desk)  # type: ignore[arg-type]
            seen.append(box.sign.pixmap().toImage())
        assert seen[0] != seen[1] != seen[2] != seen[0]

    @pytest.mark.parametrize(
        ("until", "words"),
        [
            ("", "Latched: armed by hand only."),
            ("2026-01-05", "Latched: cannot be armed before 2026-01-05."),
        ],
    )
    def test_latch_says_what_lifts_it(
        self, box: TradingBox, desk: FakeDesk, until: str, words: str
    ) -> None:
        set_state(desk, REDUCING, "loss of the day")
        desk.latch = Latch(reason="loss of the day", until=until)
        box.show_desk(desk)  # type: ignore[arg-type]
        assert box.latch.isVisible()
        assert box.latch.text() == words
        desk.latch = None
        box.show_desk(desk)  # type: ignore[arg-type]
        assert not box.latch.isVisible()

    def test_kill_switch_says_how_far_it_came_while_it_holds(
        self, box: TradingBox, desk: FakeDesk
    ) -> None:
        set_state(desk, HALTED, "kill switch")
        desk.kill = KillView(halt=HALT)
        desk.latch = Latch(reason="kill switch", until="")
        box.show_desk(desk)  # type: ignore[arg-type]
        assert box.latch.text() == (
            "Latched: armed by hand only.\n"
            "Kill switch: not confirmed: the broker has not said what is open."
        )
        desk.kill = msgspec.structs.replace(desk.kill, is_confirmed=True)
        desk.latch = None
        box.show_desk(desk)  # type: ignore[arg-type]
        assert box.latch.text() == "Kill switch: the broker confirms that no order is open."
        set_state(desk, ACTIVE, "armed by hand")
        box.show_desk(desk)  # type: ignore[arg-type]
        assert not box.latch.isVisible()

    def test_reasons_are_never_read_as_markup(self, box: TradingBox) -> None:
        # Reasons come from brokers as well.
        assert box.reason.textFormat() is Qt.TextFormat.PlainText
        assert box.latch.textFormat() is Qt.TextFormat.PlainText

    def test_buttons_say_what_they_do_and_what_is_wanted(
        self, qtbot: QtBot, box: TradingBox, desk: FakeDesk
    ) -> None:
        set_state(desk, REDUCING)
        box.show_desk(desk)  # type: ignore[arg-type]
        for button, wanted in ((box.halt, box.halt_wanted), (box.arm, box.arm_wanted)):
            assert button.accessibleDescription() == button.toolTip() != ""
            with qtbot.waitSignal(wanted):
                qtbot.mouseClick(button, LEFT)
            button.setFocus()
            with qtbot.waitSignal(wanted):
                qtbot.keyClick(button, Qt.Key.Key_Space)

    def test_same_words_paint_nothing(self, box: TradingBox, desk: FakeDesk) -> None:
        set_state(desk, HALTED, "kill switch")
        box.show_desk(desk)  # type: ignore[arg-type]
        paints = [Paints(part) for part in (box, box.word, box.reason, box.sign, box.halt)]
        box.show_desk(desk)  # type: ignore[arg-type]
        assert [each.count for each in paints] == [0] * 5


class TestMeters:
    @pytest.fixture
    def meters(self, parent: QWidget) -> MeterList:
        made = MeterList(parent)
        made.resize(NARROW_PX, 300)
        made.show()
        return made

    def one(self, meters: MeterList, use: float | None, *, is_breached: bool = False) -> MeterList:
        made = Meter(name="a", title="A", value="1", limit="2", use=use, is_breached=is_breached)
        meters.show_meters((made,))
        return meters

    def test_none_are_said(self, meters: MeterList) -> None:
        assert count_of(picture(meters), Role.LINE) == 0
        assert meters.minimumHeight() == METERS_TOP_PX + METER_HEIGHT_PX
        empty = picture(meters)
        meters.show_meters(METERS[:1])
        assert picture(meters) != empty
        meters.show_meters(())
        assert picture(meters) == empty

    def test_bar_is_as_long_as_its_use(self, meters: MeterList) -> None:
        lengths = [
            count_of(picture(self.one(meters, use)), Role.UP) for use in (0.0, 0.001, 0.25, 0.5)
        ]
        assert lengths[0] == 0
        assert 0 < lengths[1] < lengths[2] < lengths[3]
        room = (NARROW_PX - 24) * 4
        assert lengths[3] == pytest.approx(room / 2, abs=4)

    @pytest.mark.parametrize(
        ("use", "is_breached", "role"),
        [
            (0.79, False, Role.UP),
            (0.8, False, Role.CAUTION),
            (1.0, False, Role.CAUTION),
            (1.4, True, Role.DOWN),
            (None, True, Role.DOWN),
            (0.1, True, Role.DOWN),
        ],
    )
    def test_colour_says_how_near_the_limit_is(
        self, meters: MeterList, use: float | None, is_breached: bool, role: Role
    ) -> None:
        image = picture(self.one(meters, use, is_breached=is_breached))
        roles = (Role.UP, Role.CAUTION, Role.DOWN)
        assert [each for each in roles if count_of(image, each)] == [role]

    def test_breached_bar_is_full_whatever_its_use(self, meters: MeterList) -> None:
        images = [
            picture(self.one(meters, use, is_breached=True)) for use in (None, 0.1, 1.0, 9e99)
        ]
        assert all(image == images[0] for image in images)

    @pytest.mark.parametrize("use", [-1.0, 1e308, float("inf"), float("nan")])
    def test_bar_stays_in_its_place(self, meters: MeterList, use: float) -> None:
        image = picture(self.one(meters, use))
        edges = [image.copy(x, 0, 12, image.height()) for x in (0, NARROW_PX - 12)]
        for role in (Role.UP, Role.CAUTION, Role.DOWN):
            assert not any(count_of(edge, role) for edge in edges)

    def test_unknown_use_has_an_empty_bar(self, meters: MeterList) -> None:
        image = picture(self.one(meters, None))
        assert not any(count_of(image, each) for each in (Role.UP, Role.CAUTION, Role.DOWN))
        assert count_of(image, Role.LINE) >= (NARROW_PX - 24) * 4

    def test_screen_reader_hears_every_meter(self, meters: MeterList) -> None:
        meters.show_meters((*METERS[1:3], meter("x", "Own", "7", "", None)))
        assert meters.accessibleName() == "Limits on the account"
        assert meters.accessibleDescription() == (
            "Loss of the day 1.80 % of 2.00 %; Drawdown unknown of 5.00 %; Own 7"
        )

    def test_screen_reader_hears_a_breach(self, meters: MeterList) -> None:
        meters.show_meters((meter("x", "Drawdown", "6.10 %", "5.00 %", 1.22),))
        assert meters.accessibleDescription() == "Drawdown 6.10 % of 5.00 %, breached"

    def test_meter_without_a_limit_shows_its_value_alone(self, meters: MeterList) -> None:
        meters.show_meters((meter("x", "Own", "7", "", None),))
        alone = picture(meters)
        meters.show_meters((meter("x", "Own", "7", "9", None),))
        assert picture(meters) != alone

    def test_two_columns_where_there_is_room(self, meters: MeterList) -> None:
        meters.show_meters(METERS)
        assert meters.minimumHeight() == METERS_TOP_PX + 7 * METER_HEIGHT_PX
        meters.resize(WIDE_PX, 300)
        assert meters.minimumHeight() == METERS_TOP_PX + 4 * METER_HEIGHT_PX
        right = picture(meters).copy(METER_PX_MIN, 0, METER_PX_MIN, 300)
        assert count_of(right, Role.LINE) > 0
        meters.resize(WIDE_PX - 1, 300)
        assert meters.minimumHeight() == METERS_TOP_PX + 7 * METER_HEIGHT_PX

    def test_same_meters_paint_nothing(self, meters: MeterList) -> None:
        meters.show_meters(METERS)
        paints = Paints(meters)
        meters.show_meters(tuple(msgspec.structs.replace(each) for each in METERS))
        assert paints.count == 0
        meters.show_meters(METERS[:3])
        assert paints.count == 1


class TestTopBar:
    """The bar shows the state with a sign and a word, and its button undoes what it did."""

    @pytest.fixture
    def bar(self, parent: QWidget, desk: FakeDesk) -> TopBar:
        made = TopBar(Venue.PAPER, "Built-in exchange", parent)
        made.resize(1600, made.height())
        made.show()
        made.attach(desk)  # type: ignore[arg-type]
        return made

    def test_before_a_session_nothing_is_claimed(self, parent: QWidget) -> None:
        bar = TopBar(Venue.PAPER, "Built-in exchange", parent)
        bar.show()
        assert not bar.state.isVisible()
        assert not bar.kill.isEnabled()
        assert not bar.stale()

    @pytest.mark.parametrize(
        ("state", "words"),
        [(ACTIVE, "Kill switch  ⌃⇧K"), (REDUCING, "Kill switch  ⌃⇧K"), (HALTED, "Re-arm…")],
    )
    def test_state_and_button_follow_the_desk(
        self, bar: TopBar, desk: FakeDesk, state: TradingState, words: str
    ) -> None:
        set_state(desk, state, "loss of the day")
        bar.refresh()
        assert bar.state.text() == state.name
        assert "Why: loss of the day." in bar.state.toolTip()
        assert bar.kill.text() == words
        if state is HALTED:
            assert bar.kill.toolTip().startswith("Nothing is sent: loss of the day.")

    def test_button_halts_and_once_halted_arms(
        self, qtbot: QtBot, bar: TopBar, desk: FakeDesk
    ) -> None:
        with qtbot.waitSignal(bar.halt_wanted), qtbot.assertNotEmitted(bar.arm_wanted):
            qtbot.mouseClick(bar.kill, LEFT)
        set_state(desk, HALTED)
        bar.refresh()
        assert bar.kill.toolTip() == "Nothing is sent. Press to let orders through again."
        with qtbot.waitSignal(bar.arm_wanted), qtbot.assertNotEmitted(bar.halt_wanted):
            qtbot.mouseClick(bar.kill, LEFT)

    def test_later_reason_is_told(self, bar: TopBar, desk: FakeDesk) -> None:
        set_state(desk, HALTED, "loss of the day")
        bar.refresh()
        set_state(desk, HALTED, "kill switch")
        bar.refresh()
        assert "kill switch" in bar.kill.toolTip()
        assert "Why: kill switch." in bar.state.toolTip()

    def test_same_state_paints_no_button(self, bar: TopBar, desk: FakeDesk) -> None:
        set_state(desk, REDUCING, "loss of the day")
        bar.refresh()
        paints = [Paints(bar.state), Paints(bar.kill)]
        desk.wait(0.3)
        bar.refresh()
        assert [each.count for each in paints] == [0, 0]

    def test_stopping_stays_on_the_button(self, bar: TopBar, desk: FakeDesk) -> None:
        bar.set_stopping()
        set_state(desk, HALTED, "the session ends")
        bar.refresh()
        bar.resize(1000, bar.height())
        assert bar.kill.text() == "Stopping…"
        assert not bar.kill.isEnabled()
        assert bar.state.text() == "HALTED"
