"""Goal: a limit is changed with a reason, loosened with a word besides, and refusals are read."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.desk import Latch, LimitRow
from app.domain.decision import ARM_WORDS
from app.domain.enums import TradingState
from app.domain.errors import BadInput, Overloaded, UserError
from tests.widgets.fake_desk import LIMITS, FakeDesk, limit_row
from widgets.dialogs import REASON_CHARS_MAX, TypedConfirmation
from widgets.risk_dialogs import LOOSER_WORDS, TIGHTER_WORDS, LimitDialog, ask_arm, ask_limit

KEY = Qt.Key
LEFT = Qt.MouseButton.LeftButton
ORDER_VALUE = LIMITS[0]
WIDTH_PX_MAX = 600
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def opened(
    qtbot: QtBot, desk: FakeDesk, parent: QWidget, row: LimitRow = ORDER_VALUE
) -> LimitDialog:
    dialog = ask_limit(parent, desk, row)  # type: ignore[arg-type]
    qtbot.waitExposed(dialog)
    return dialog


def retype(qtbot: QtBot, line: QLineEdit, words: str) -> None:
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, words) if words else qtbot.keyClick(line, KEY.Key_Delete)


class TestWhatItSays:
    def test_limit_its_rule_and_both_values(
        self, qtbot: QtBot, desk: FakeDesk, parent: QWidget
    ) -> None:
        row = msgspec.structs.replace(ORDER_VALUE, value="150000")
        dialog = opened(qtbot, desk, parent, row)
        assert dialog.windowTitle() == "Change limit"
        assert dialog.words.text() == "Order value · Value"
        assert dialog.rule.text() == "Quantity x worst price <= the lesser of both."
        assert dialog.now.text() == "Now 150000, in the settings 200000 (USD, inclusive)"
        assert dialog.value.text() == dialog.value.selectedText() == "150000"

    def test_limit_without_rule_and_unit(
        self, qtbot: QtBot, desk: FakeDesk, parent: QWidget
    ) -> None:
        row = limit_row("own", "", "Own check", "a_max", ("A", "", "7", ""))
        desk.limits = (row,)
        dialog = opened(qtbot, desk, parent, row)
        assert not dialog.rule.isVisible()
        assert dialog.now.text() == "Now 7, in the settings 7"

    def test_fields_have_names_for_a_screen_reader(
        self, qtbot: QtBot, desk: FakeDesk, parent: QWidget
    ) -> None:
        dialog = opened(qtbot, desk, parent)
        lines = (dialog.value, dialog.reason, dialog.word)
        assert [line.accessibleName() for line in lines] == [
            "New value",
            "Reason",
            "Type LOOSEN to confirm",
        ]

    def test_words_are_never_read_as_markup(
        self, qtbot: QtBot, desk: FakeDesk, parent: QWidget
    ) -> None:
        row = limit_row("own", "", "<b>Own</b>", "a_max", ("A", "<i>x</i>", "7", "a <b>b</b> c"))
        desk.limits = (row,)
        dialog = opened(qtbot, desk, parent, row)
        retype(qtbot, dialog.value, "<b>9</b>")
        assert "<b>9</b>" in dialog.problem.text()
        shown = (dialog.words, dialog.rule, dialog.now, dialog.problem)
        assert all(label.textFormat() is Qt.TextFormat.PlainText for label in shown)

    def test_long_list_does_not_widen_it(
        self, qtbot: QtBot, desk: FakeDesk, parent: QWidget
    ) -> None:
        symbols = msgspec.json.encode([f"SYM{n}" for n in range(400)]).decode()
        row = limit_row("restricted", "R04", "Restricted list", "entries", ("S", "", symbols, ""))
        dialog = opened(qtbot, desk, parent, row)
        assert dialog.width() <= WIDTH_PX_MAX
        assert dialog.value.text() == symbols  # Where it is changed it is whole.


class TestTighter:
    def test_reason_alone_is_enough(self, qtbot: QtBot, desk: FakeDesk, parent: QWidget) -> None:
        dialog = opened(qtbot, desk, parent)
        assert not dialog.confirm.isEnabled()
        assert not dialog.effect.isVisible()
        qtbot.keyClicks(dialog.value, "150000")  # What was selected is replaced.
        assert dialog.effect.text() == TIGHTER_WORDS
        assert dialog.effect.isVisible()
        assert not dialog.word.isVisible()
        assert not dialog.confirm.isEnabled()
        qtbot.keyClicks(dialog.reason, "calm day")
        with qtbot.waitSignal(dialog.accepted):
            qtbot.mouseClick(dialog.confirm, LEFT)
        assert desk.calls == ["set_limit order_value.value_max 150000: calm day"]

    def test_keys_alone_change_it(self, qtbot: QtBot, desk: FakeDesk, parent: QWidget) -> None:
        dialog = opened(qtbot, desk, parent)
        qtbot.keyClicks(dialog.value, " 150000 ")
        qtbot.keyClick(dialog.value, KEY.Key_Tab)
        assert dialog.focusWidget() is dialog.reason
        qtbot.keyClicks(dialog.reason, " calm day ")
        with qtbot.waitSignal(dialog.accepted):
            qtbot.keyClick(dialog.reason, KEY.Key_Return)
        assert desk.calls == ["set_limit order_value.value_max 150000: calm day"]

    @pytest.mark.parametrize("reason", ["", "ok", "   ", " a  "])
    def test_without_a_reason_enter_does_nothing(
        self, qtbot: QtBot, desk: FakeDesk, parent: QWidget, reason: str
    ) -> None:
        dialog = opened(qtbot, desk, parent)
        qtbot.keyClicks(dialog.value, "150000")
        qtbot.keyClicks(dialog.reason, reason)
        qtbot.keyClick(dialog.reason, KEY.Key_Return)
        qtbot.mouseClick(dialog.confirm, LEFT)
        assert dialog.isVisible()
        assert desk.calls == []

    def test_reason_has_an_end(self, qtbot: QtBot, desk: FakeDesk, parent: QWidget) -> None:
        dialog = opened(qtbot, desk, parent)
        dialog.reason.insert("x" * 10_240)
        assert len(dialog.reason.text()) == REASON_CHARS_MAX

    @pytest.mark.parametrize("same", ["200000", " 200000", "200,000", "200000.00", "2e5", ""])
    def test_same_value_is_no_change(
        self, qtbot: QtBot, desk: FakeDesk, parent: QWidget, same: str
    ) -> None:
        dialog = opened(qtbot, desk, parent)
        retype(qtbot, dialog.value, same)
        qtbot.keyClicks(dialog.reason, "calm day")
        assert not dialog.effect.isVisible()
        assert not dialog.problem.isVisible()
        assert not dialog.confirm.isEnabled()


class TestLooser:
    def test_needs_its_word_besides(self, qtbot: QtBot, desk: FakeDesk, parent: QWidget) -> None:
        dialog = opened(qtbot, desk, parent)
        qtbot.keyClicks(dialog.value, "250000")
        qtbot.keyClicks(dialog.reason, "big day")
        assert dialog.effect.text() == LOOSER_WORDS
        assert dialog.word.isVisible()
        assert not dialog.confirm.isEnabled()
        qtbot.keyClick(dialog.reason, KEY.Key_Return)
        for wrong in ("LOOSE", "LOOSENED", "TIGHTEN", "yes", " "):
            retype(qtbot, dialog.word, wrong)
            assert not dialog.confirm.isEnabled()
            qtbot.keyClick(dialog.word, KEY.Key_Return)
        assert desk.calls == []
        retype(qtbot, dialog.word, " loosen ")
        with qtbot.waitSignal(dialog.accepted):
            qtbot.keyClick(dialog.word, KEY.Key_Return)
        assert desk.calls == ["set_limit order_value.value_max 250000: big day"]

    def test_word_without_a_reason_is_not_enough(
        self, qtbot: QtBot, desk: FakeDesk, parent: QWidget
    ) -> None:
        dialog = opened(qtbot, desk, parent)
        qtbot.keyClicks(dialog.value, "250000")
        qtbot.keyClicks(dialog.word, "LOOSEN")
        assert not dialog.confirm.isEnabled()

    def test_lock_refuses_it_at_once_and_takes_what_is_tighter(
        self, qtbot: QtBot, desk: FakeDesk, parent: QWidget
    ) -> None:
        desk.limits_locked_until = "2026-01-05"
        dialog = opened(qtbot, desk, parent)
        qtbot.keyClicks(dialog.reason, "big day")
        retype(qtbot, dialog.value, "250000")
        assert dialog.problem.text() == (
            "Limits are locked until 2026-01-05: only a tighter value is taken"
        )
        assert not dialog.word.isVisible()
        assert not dialog.confirm.isEnabled()
        retype(qtbot, dialog.value, "150000")
        assert not dialog.problem.isVisible()
        assert dialog.confirm.isEnabled()

    def test_lock_that_came_while_it_was_open_refuses_it(
        self, qtbot: QtBot, desk: FakeDesk, parent: QWidget
    ) -> None:
        dialog = opened(qtbot, desk, parent)
        qtbot.keyClicks(dialog.value, "250000")
        qtbot.keyClicks(dialog.reason, "big day")
        qtbot.keyClicks(dialog.word, "LOOSEN")
        desk.limits_locked_until = "2026-01-05"
        qtbot.mouseClick(dialog.confirm, LEFT)
        assert desk.calls == []
        assert dialog.isVisible()
        assert dialog.problem.text().startswith("Limits are locked until 2026-01-05")

    def test_what_became_looser_since_it_was_typed_asks_for_the_word(
        self, qtbot: QtBot, desk: FakeDesk, parent: QWidget
    ) -> None:
        dialog = opened(qtbot, desk, parent)
        qtbot.keyClicks(dialog.value, "150000")
        qtbot.keyClicks(dialog.reason, "calm day")
        desk.set_limit("order_value", "value_max", "100000", "from the terminal")
        desk.calls.clear()
        qtbot.mouseClick(dialog.confirm, LEFT)
        assert desk.calls == []
        assert dialog.effect.text() == LOOSER_WORDS
        assert dialog.word.isVisible()


class TestBadInput:
    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("abc", "value_max was 'abc', must be a number; nothing changed"),
            ("NaN", "value_max was NaN, must be a number of 0 or more; nothing changed"),
            ("-1", "value_max was -1, must be a number of 0 or more; nothing changed"),
            ("Infinity", "value_max was Infinity, must be a number of 0 or more; nothing changed"),
            ("1;2", "value_max was '1;2', must be a number; nothing changed"),
        ],
    )
    def test_is_said_and_it_stays_open(
        self, qtbot: QtBot, desk: FakeDesk, parent: QWidget, typed: str, said: str
    ) -> None:
        dialog = opened(qtbot, desk, parent)
        qtbot.keyClicks(dialog.reason, "big day")
        retype(qtbot, dialog.value, typed)
        assert dialog.problem.text() == said
        assert dialog.problem.isVisible()
        assert not dialog.effect.isVisible()
        assert not dialog.word.isVisible()
        qtbot.keyClick(dialog.value, KEY.Key_Return)
        assert dialog.isVisible()
        assert desk.calls == []
        retype(qtbot, dialog.value, "150000")
        assert not dialog.problem.isVisible()
        assert dialog.confirm.isEnabled()

    def test_huge_number_is_looser_like_any(
        self, qtbot: QtBot, desk: FakeDesk, parent: QWidget
    ) -> None:
        dialog = opened(qtbot, desk, parent)
        retype(qtbot, dialog.value, "1e308")
        assert dialog.effect.text() == LOOSER_WORDS
        assert not dialog.confirm.isEnabled()

    @pytest.mark.parametrize("unit", ["x", "x ", "<", "あ", "9"])
    def test_long_text_leaves_it_small_and_its_end_is_said(
        self, qtbot: QtBot, desk: FakeDesk, parent: QWidget, unit: str
    ) -> None:
        dialog = opened(qtbot, desk, parent)
        height = dialog.height()
        dialog.value.setText(unit * (10_240 // len(unit.encode())))
        assert dialog.width() <= WIDTH_PX_MAX
        assert dialog.height() <= height + 200
        if unit != "9":
            assert dialog.problem.text().endswith("must be a number; nothing changed")
        assert not dialog.confirm.isEnabled()

    @given(
        typed=st.text(max_size=60) | st.decimals().map(str),
        reason=st.text(max_size=30),
    )
    def test_nothing_typed_breaks_it(self, qapp: QApplication, typed: str, reason: str) -> None:
        desk, parent = FakeDesk(), QWidget()
        dialog = LimitDialog(parent, desk, ORDER_VALUE)  # type: ignore[arg-type]
        dialog.value.setText(typed)
        dialog.reason.setText(reason)
        if dialog.confirm.isEnabled():
            assert not desk.is_looser("order_value", "value_max", dialog.typed)
            assert len(dialog.reason.text().strip()) >= 3
        dialog.confirm.click()
        assert len(desk.calls) == dialog.result()
        parent.deleteLater()


class TestLeaving:
    @pytest.mark.parametrize(
        "error",
        [
            BadInput("limits are locked until 2026-01-05: value_max stays as it is"),
            Overloaded("the audit log is behind; nothing changed"),
        ],
    )
    def test_refusal_at_sending_is_read_and_mended(
        self, qtbot: QtBot, desk: FakeDesk, parent: QWidget, error: UserError
    ) -> None:
        dialog = opened(qtbot, desk, parent)
        qtbot.keyClicks(dialog.value, "150000")
        qtbot.keyClicks(dialog.reason, "calm day")
        desk.refuses = error
        qtbot.mouseClick(dialog.confirm, LEFT)
        assert dialog.isVisible()
        assert dialog.problem.isVisible()
        assert dialog.problem.text() == str(error)
        desk.refuses = None
        with qtbot.waitSignal(dialog.accepted):
            qtbot.mouseClick(dialog.confirm, LEFT)
        assert desk.calls == ["set_limit order_value.value_max 150000: calm day"]

    def test_escape_changes_nothing(self, qtbot: QtBot, desk: FakeDesk, parent: QWidget) -> None:
        dialog = opened(qtbot, desk, parent)
        qtbot.keyClicks(dialog.value, "150000")
        qtbot.keyClicks(dialog.reason, "calm day")
        with qtbot.waitSignal(dialog.rejected):
            qtbot.keyClick(dialog.reason, KEY.Key_Escape)
        assert desk.calls == []

    def test_leave_it_changes_nothing(self, qtbot: QtBot, desk: FakeDesk, parent: QWidget) -> None:
        dialog = opened(qtbot, desk, parent)
        qtbot.keyClicks(dialog.value, "150000")
        qtbot.keyClicks(dialog.reason, "calm day")
        (leave,) = (
            button
            for button in dialog.findChildren(type(dialog.confirm))
            if button.text() == "Leave it"
        )
        with qtbot.waitSignal(dialog.rejected):
            qtbot.mouseClick(leave, LEFT)
        assert desk.calls == []


class TestArm:
    """Orders go again after a typed word, and after nothing else."""

    @pytest.fixture
    def said(self) -> list[str]:
        return []

    @pytest.fixture
    def dialog(
        self, qtbot: QtBot, desk: FakeDesk, parent: QWidget, said: list[str]
    ) -> TypedConfirmation:
        desk.halt("loss <b>2.1 %</b>")
        desk.calls.clear()
        ask_arm(parent, desk, said.append)  # type: ignore[arg-type]
        (made,) = parent.findChildren(TypedConfirmation)
        qtbot.waitExposed(made)
        return made

    def test_question_says_state_and_reason(self, dialog: TypedConfirmation) -> None:
        (label,) = dialog.findChildren(QLabel)
        assert label.text() == (
            "Trading is halted (loss <b>2.1 %</b>). Orders will be sent again after this."
        )
        assert label.textFormat() is Qt.TextFormat.PlainText

    def test_question_without_a_reason(
        self, desk: FakeDesk, parent: QWidget, said: list[str]
    ) -> None:
        desk.trading_state = TradingState.REDUCING
        ask_arm(parent, desk, said.append)  # type: ignore[arg-type]
        (dialog,) = parent.findChildren(TypedConfirmation)
        (label,) = dialog.findChildren(QLabel)
        assert label.text() == "Trading is reducing. Orders will be sent again after this."

    def test_wrong_word_arms_nothing(
        self, qtbot: QtBot, desk: FakeDesk, dialog: TypedConfirmation
    ) -> None:
        for wrong in ("", "AR", "ARMS", "yes", ARM_WORDS + "."):
            retype(qtbot, dialog.field, wrong)
            assert not dialog.confirm.isEnabled()
            qtbot.keyClick(dialog.field, KEY.Key_Return)
            qtbot.mouseClick(dialog.confirm, LEFT)
        assert dialog.isVisible()
        assert desk.calls == []
        assert desk.trading_state is TradingState.HALTED

    def test_word_and_enter_arm(
        self, qtbot: QtBot, desk: FakeDesk, dialog: TypedConfirmation, said: list[str]
    ) -> None:
        qtbot.keyClicks(dialog.field, ARM_WORDS.lower())
        with qtbot.waitSignal(dialog.accepted):
            qtbot.keyClick(dialog.field, KEY.Key_Return)
        assert desk.calls == [f"arm {ARM_WORDS}"]
        assert said == []

    def test_escape_leaves_it_halted(
        self, qtbot: QtBot, desk: FakeDesk, dialog: TypedConfirmation
    ) -> None:
        qtbot.keyClicks(dialog.field, ARM_WORDS)
        with qtbot.waitSignal(dialog.rejected):
            qtbot.keyClick(dialog.field, KEY.Key_Escape)
        assert desk.calls == []
        assert desk.trading_state is TradingState.HALTED

    def test_latch_that_is_not_over_is_said(
        self, qtbot: QtBot, desk: FakeDesk, dialog: TypedConfirmation, said: list[str]
    ) -> None:
        desk.latch = Latch(reason="loss of the day", until="2026-01-05")
        qtbot.keyClicks(dialog.field, ARM_WORDS)
        qtbot.mouseClick(dialog.confirm, LEFT)
        assert said == ["trading is latched until 2026-01-05; it stays as it is"]
        assert desk.trading_state is TradingState.HALTED
