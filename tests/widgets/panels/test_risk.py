"""Goal: the Risk panel shows what the gate allows and why, and changes a limit only as it says.

Method: the real panel and dialogs on a fake desk, driven by keys and clicks.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app.desk import Breach, Latch
from app.domain.decision import ARM_WORDS
from app.domain.enums import TradingState
from app.domain.errors import BadInput
from app.domain.ids import ClOrdID
from app.risk.halt import Halt
from tests.widgets.fake_desk import AAPL, METERS, SECOND_NS, START_NS, FakeDesk, limit_order, meter
from widgets.dialogs import Confirmation, TypedConfirmation
from widgets.link import LinkGroup
from widgets.panel import PanelContext
from widgets.panels.risk import BREACHES_MAX, PANEL, WIDE_FROM_PX, Page, RiskPanel
from widgets.risk_dialogs import LOOSEN_WORD, LimitDialog
from widgets.risk_parts import MeterList, state_icon

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
ONE = ClOrdID("P000001-00000001")
REDUCING, HALTED = TradingState.REDUCING, TradingState.HALTED
LEFT = Qt.MouseButton.LeftButton
KEY = Qt.Key
BREACH = Breach(
    ts_ns=START_NS,
    what="price_collar",
    value="4.50 %",
    limit="3 %",
    outcome="let through by hand",
    reason="gap up",
    cl_ord_id=ONE,
)


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.go_live()
    return desk


@pytest.fixture
def panel(qtbot: QtBot, desk: FakeDesk) -> RiskPanel:
    link = LinkGroup()
    made = RiskPanel(PanelContext(desk, link))  # type: ignore[arg-type]
    link.setParent(made)
    qtbot.addWidget(made)
    made.resize(700, 260)
    made.show()
    qtbot.waitExposed(made)
    made.refresh()
    return made


def words(model: Any, row: int) -> dict[str, str]:
    return {column.title: model.cell(row, i)[0] for i, column in enumerate(model.columns)}


def click(qtbot: QtBot, panel: RiskPanel, page: Page) -> None:
    qtbot.mouseClick(panel.pages[page], LEFT)


def dialog(panel: RiskPanel, kind: type[QDialog]) -> Any:
    """Return the one dialog of a kind that is open."""
    QApplication.sendPostedEvents(None, 52)  # DeferredDelete: those that were answered.
    (found,) = panel.window().findChildren(kind)
    return found


class TestPages:
    """Narrow, one page is shown; wide, the account stands beside a table."""

    def shown(self, panel: RiskPanel) -> set[str]:
        parts = {
            "account": panel._account,
            "limits": panel.limits_table,
            "breaches": panel.breaches_table,
        }
        return {name for name, part in parts.items() if part.isVisible()}

    @pytest.mark.parametrize("page", list(Page))
    def test_narrow_shows_the_page_that_is_chosen(
        self, qtbot: QtBot, panel: RiskPanel, page: Page
    ) -> None:
        click(qtbot, panel, page)
        assert self.shown(panel) == {page.value}
        assert [each for each, button in panel.pages.items() if button.isChecked()] == [page]
        assert panel.change.isHidden() is (page is not Page.LIMITS)

    @pytest.mark.parametrize(
        ("page", "shown"),
        [(Page.ACCOUNT, "limits"), (Page.LIMITS, "limits"), (Page.BREACHES, "breaches")],
    )
    def test_wide_shows_the_account_beside_a_table(
        self, panel: RiskPanel, page: Page, shown: str
    ) -> None:
        panel.show_page(page)
        panel.resize(WIDE_FROM_PX, 260)
        assert self.shown(panel) == {"account", shown}
        assert panel.pages[Page.ACCOUNT].isHidden()
        panel.resize(WIDE_FROM_PX - 1, 260)
        assert self.shown(panel) == {page.value}

    def test_layout_keeps_the_page_and_takes_no_nonsense(self, panel: RiskPanel) -> None:
        panel.restore({"page": "breaches"})
        assert panel.state() == {"page": "breaches"}
        for junk in ({}, {"page": "x"}, {"page": None}, {"page": ["limits"]}):
            panel.restore(junk)
            assert panel.page is Page.BREACHES

    def test_panel_is_the_one_of_the_entry_point(self) -> None:
        assert (PANEL.name, PANEL.title, PANEL.make) == ("risk", "Risk", RiskPanel)


class TestState:
    """What trading is at, why, and what holds it there."""

    @pytest.mark.parametrize(
        ("state", "reason", "text", "can_arm"),
        [
            (TradingState.ACTIVE, "", "Orders are sent.", False),
            (REDUCING, "a loss", "Only what reduces a position is sent. A loss.", True),
            (HALTED, "kill switch", "Nothing is sent. Kill switch.", True),
        ],
    )
    def test_it_is_said_in_a_word_and_a_sentence(
        self,
        panel: RiskPanel,
        desk: FakeDesk,
        state: TradingState,
        reason: str,
        text: str,
        can_arm: bool,
    ) -> None:
        desk.trading_state, desk.trading_state_reason = state, reason
        panel.refresh()
        box = panel.trading
        assert (box.word.text(), box.reason.text()) == (state.name, text)
        assert box.arm.isEnabled() is can_arm
        assert not box.latch.isVisible()

    def test_each_state_has_a_sign_of_its_own(self, panel: RiskPanel) -> None:
        images = [state_icon(state).pixmap(64, 48).toImage() for state in TradingState]
        assert images[0] != images[1] != images[2] != images[0]

    @pytest.mark.parametrize(
        ("until", "text"),
        [
            ("2026-01-05", "Latched: cannot be armed before 2026-01-05."),
            ("", "Latched: armed by hand only."),
        ],
    )
    def test_latch_is_said(self, panel: RiskPanel, desk: FakeDesk, until: str, text: str) -> None:
        desk.trading_state, desk.latch = REDUCING, Latch(reason="a loss", until=until)
        assert panel.stale()
        panel.refresh()
        assert panel.trading.latch.text() == text
        assert panel.trading.latch.isVisible()

    def test_how_far_the_kill_switch_has_come_is_said(
        self, panel: RiskPanel, desk: FakeDesk
    ) -> None:
        desk.trading_state = HALTED
        halt = Halt(reason="kill switch", actor="ada", ts_ns=START_NS)
        desk.kill = msgspec.structs.replace(desk.kill, halt=halt, open_ids=(ONE,), error="no line")
        panel.refresh()
        assert panel.trading.latch.text() == f"Kill switch: {desk.kill.text}."

    def test_halt_halts_at_once(self, qtbot: QtBot, panel: RiskPanel, desk: FakeDesk) -> None:
        qtbot.mouseClick(panel.trading.halt, LEFT)
        assert desk.calls == ["halt halted in the risk panel"]

    def test_arming_takes_the_typed_word(
        self, qtbot: QtBot, panel: RiskPanel, desk: FakeDesk
    ) -> None:
        desk.trading_state, desk.trading_state_reason = HALTED, "kill switch"
        panel.refresh()
        qtbot.mouseClick(panel.trading.arm, LEFT)
        asked = dialog(panel, TypedConfirmation)
        QTest.keyClicks(asked.field, "yes")
        assert not asked.confirm.isEnabled()
        asked.field.clear()
        QTest.keyClicks(asked.field, ARM_WORDS)
        qtbot.mouseClick(asked.confirm, LEFT)
        assert desk.trading_state is TradingState.ACTIVE

    def test_why_it_cannot_be_armed_is_said(
        self, qtbot: QtBot, panel: RiskPanel, desk: FakeDesk
    ) -> None:
        said: list[str] = []
        panel.link.said.connect(said.append)
        desk.trading_state = HALTED
        panel.refresh()
        qtbot.mouseClick(panel.trading.arm, LEFT)
        asked = dialog(panel, TypedConfirmation)
        desk.latch = Latch(reason="a loss", until="2026-01-05")
        QTest.keyClicks(asked.field, ARM_WORDS)
        qtbot.mouseClick(asked.confirm, LEFT)
        assert said == ["trading is latched until 2026-01-05; it stays as it is"]


class TestMeters:
    """How much of each limit on the account is used."""

    def test_they_are_read_anew_as_prices_move(self, panel: RiskPanel, desk: FakeDesk) -> None:
        assert not panel.stale()
        desk.wait(0.25)
        assert panel.stale()
        desk.meter_rows = (meter("daily_loss", "Loss of the day", "1 %", "2 %", 0.5),)
        panel.refresh()
        assert panel.meters.accessibleDescription() == "Loss of the day 1 % of 2 %"

    def test_use_and_breach_can_be_seen(self, qtbot: QtBot) -> None:
        images = []
        for use in (0.0, 0.5, 1.2, None):
            meters = MeterList(None)  # type: ignore[arg-type]
            qtbot.addWidget(meters)
            meters.resize(300, 60)
            meters.show_meters((meter("a", "Leverage", "1.2x", "2x", use),))
            images.append(meters.grab().toImage())
        assert all(a != b for n, a in enumerate(images[:3]) for b in images[n + 1 : 3])
        assert images[3] == images[0]  # Without a use there is no bar.

    def test_more_room_makes_two_columns(self, qtbot: QtBot) -> None:
        meters = MeterList(None)  # type: ignore[arg-type]
        qtbot.addWidget(meters)
        meters.show_meters(METERS)
        meters.show()
        meters.resize(300, 60)
        narrow = meters.minimumHeight()
        meters.resize(600, 60)
        assert meters.minimumHeight() < narrow

    def test_that_nothing_is_measured_is_said(self, qtbot: QtBot) -> None:
        meters = MeterList(None)  # type: ignore[arg-type]
        qtbot.addWidget(meters)
        meters.resize(300, 60)
        blank = meters.grab().toImage()
        assert blank.pixel(1, 1) != 0
        assert len({blank.pixel(x, 30) for x in range(300)}) > 1  # Words.


class TestLimits:
    """Every limit with its default and who changed it."""

    @pytest.fixture(autouse=True)
    def on_the_page(self, panel: RiskPanel) -> None:
        panel.show_page(Page.LIMITS)

    def test_rows_stand_in_the_order_of_the_rules(self, panel: RiskPanel, desk: FakeDesk) -> None:
        desk.limits = tuple(reversed(desk.limits))
        desk.limits_version += 1
        fresh = RiskPanel(PanelContext(desk, panel.link))  # type: ignore[arg-type]
        fresh.refresh()
        codes = [words(fresh.limits, row)["Rule"] for row in range(fresh.limits.rowCount())]
        assert codes == sorted(codes)
        fresh.deleteLater()

    def test_row_says_value_default_and_unit(self, panel: RiskPanel) -> None:
        assert words(panel.limits, 0) == {
            "Rule": "R15",
            "Check": "Order value",
            "Limit": "Value",
            "Value": "200,000",
            "Unit": "USD",
            "Default": "200,000",
            "Changed": "–",
        }
        hint = panel.limits.data(panel.limits.index(0, 0), Qt.ItemDataRole.ToolTipRole)
        assert hint == (
            "Quantity x worst price <= the lesser of both.\n"
            "Value: 200000, USD, inclusive. As the settings have it."
        )

    def test_list_with_nothing_in_it_is_none(self, panel: RiskPanel, desk: FakeDesk) -> None:
        row = msgspec.structs.replace(desk.limits[0], value="[]", default="abc")
        desk.limits, desk.limits_version = (row,), desk.limits_version + 1
        panel.refresh()
        shown = words(panel.limits, 0)
        assert (shown["Value"], shown["Default"]) == ("none", "abc")

    def test_change_is_offered_for_a_selected_row_only(
        self, qtbot: QtBot, panel: RiskPanel
    ) -> None:
        said: list[str] = []
        panel.link.said.connect(said.append)
        assert not panel.change.isEnabled()
        panel.change_selected()
        assert said == ["Select a limit to change it"]
        self.select(qtbot, panel, 1)
        assert panel.change.isEnabled()
        qtbot.mouseClick(panel.change, LEFT)
        assert dialog(panel, LimitDialog).words.text() == "Loss of the day · Loss of a day"

    def test_enter_opens_the_change(self, qtbot: QtBot, panel: RiskPanel) -> None:
        self.select(qtbot, panel, 0)
        qtbot.keyClick(panel.limits_table, KEY.Key_Return)
        assert dialog(panel, LimitDialog).value.text() == "200000"

    def select(self, qtbot: QtBot, panel: RiskPanel, row: int) -> None:
        rect = panel.limits_table.visualRect(panel.limits.index(row, 0))
        qtbot.mouseClick(panel.limits_table.viewport(), LEFT, pos=rect.center())


class TestChange:
    """Tighter takes a reason; looser a typed word as well; what is no value is said."""

    @pytest.fixture
    def change(self, qtbot: QtBot, panel: RiskPanel) -> LimitDialog:
        panel.show_page(Page.LIMITS)
        panel.limits_table.selectRow(0)
        panel.change_selected()
        found: LimitDialog = dialog(panel, LimitDialog)
        return found

    def type(self, change: LimitDialog, value: str, reason: str = "", word: str = "") -> None:
        for line, text in (
            (change.value, value),
            (change.reason, reason),
            (change.word, word),
        ):
            line.clear()
            QTest.keyClicks(line, text)

    def test_tighter_needs_a_reason_only(
        self, qtbot: QtBot, change: LimitDialog, panel: RiskPanel, desk: FakeDesk
    ) -> None:
        self.type(change, "150000")
        assert not change.confirm.isEnabled()
        assert change.effect.text() == "Tighter: it holds at once."
        assert not change.word.isVisible()
        self.type(change, "150000", "calmer")
        qtbot.keyClick(change.reason, KEY.Key_Return)
        assert desk.calls == ["set_limit order_value.value_max 150000: calmer"]
        panel.refresh()
        shown = words(panel.limits, 0)
        assert (shown["Value"], shown["Default"]) == ("150,000", "200,000")
        assert shown["Changed"].startswith("tester ")

    @pytest.mark.parametrize("word", ["", "LOOSE", "loosen", "LOOSEN"])
    def test_looser_needs_the_typed_word_as_well(
        self, qtbot: QtBot, change: LimitDialog, desk: FakeDesk, word: str
    ) -> None:
        self.type(change, "250000", "larger account", word)
        assert change.word.isVisible()
        assert change.effect.text().startswith("Looser: ")
        is_enough = word.upper() == LOOSEN_WORD
        assert change.confirm.isEnabled() is is_enough
        qtbot.mouseClick(change.confirm, LEFT)
        assert bool(desk.calls) is is_enough

    @pytest.mark.parametrize("typed", ["abc", "1,2,3,", "x" * 5_000])
    def test_what_is_no_value_is_said_and_cannot_be_sent(
        self, qtbot: QtBot, change: LimitDialog, desk: FakeDesk, typed: str
    ) -> None:
        self.type(change, "", "because")
        change.value.setText(typed)
        assert change.problem.isVisible()
        assert "must be a number" in change.problem.text()
        assert not change.confirm.isEnabled()
        qtbot.keyClick(change.value, KEY.Key_Return)
        assert desk.calls == []
        assert change.isVisible()

    @pytest.mark.parametrize("typed", ["", "200000", "  200000 "])
    def test_same_value_changes_nothing(self, change: LimitDialog, typed: str) -> None:
        self.type(change, typed, "because")
        assert not change.confirm.isEnabled()
        assert not change.effect.isVisible()

    def test_locked_takes_only_tighter(
        self, qtbot: QtBot, change: LimitDialog, desk: FakeDesk
    ) -> None:
        desk.limits_locked_until = "2026-01-05"
        self.type(change, "250000", "larger account", "LOOSEN")
        assert change.problem.text() == (
            "Limits are locked until 2026-01-05: only a tighter value is taken"
        )
        assert not change.confirm.isEnabled()
        self.type(change, "100000", "smaller")
        qtbot.mouseClick(change.confirm, LEFT)
        assert len(desk.calls) == 1

    def test_lock_that_comes_while_it_is_typed_holds(
        self, qtbot: QtBot, change: LimitDialog, desk: FakeDesk
    ) -> None:
        self.type(change, "250000", "larger account", "LOOSEN")
        assert change.confirm.isEnabled()
        desk.limits_locked_until = "2026-01-05"
        qtbot.mouseClick(change.confirm, LEFT)
        assert desk.calls == []
        assert "locked" in change.problem.text()

    def test_refusal_of_the_desk_is_said_and_the_dialog_stays(
        self, qtbot: QtBot, change: LimitDialog, desk: FakeDesk
    ) -> None:
        self.type(change, "150000", "calmer")
        desk.refuses = BadInput("the record cannot be written")
        qtbot.mouseClick(change.confirm, LEFT)
        assert change.problem.text() == "the record cannot be written"
        assert change.isVisible()

    def test_escape_leaves_it(self, qtbot: QtBot, change: LimitDialog, desk: FakeDesk) -> None:
        self.type(change, "150000", "calmer")
        qtbot.keyClick(change, KEY.Key_Escape)
        assert desk.calls == []


class TestLock:
    """Until the next session nobody loosens a limit."""

    def test_it_is_asked_about_and_then_shown(
        self, qtbot: QtBot, panel: RiskPanel, desk: FakeDesk
    ) -> None:
        assert panel.lock_sign.isHidden()
        qtbot.mouseClick(panel.lock, LEFT)
        assert desk.calls == []
        qtbot.mouseClick(dialog(panel, Confirmation).confirm, LEFT)
        assert desk.calls == ["lock_limits"]
        assert panel.stale()
        panel.refresh()
        assert panel.lock_sign.text() == "Locked until 2026-01-05"
        assert not panel.lock_sign.isHidden()
        assert panel.lock.isHidden()

    def test_why_it_cannot_be_is_said(self, qtbot: QtBot, panel: RiskPanel, desk: FakeDesk) -> None:
        said: list[str] = []
        panel.link.said.connect(said.append)
        desk.refuses = BadInput("the record cannot be written")
        qtbot.mouseClick(panel.lock, LEFT)
        qtbot.mouseClick(dialog(panel, Confirmation).confirm, LEFT)
        assert said == ["the record cannot be written"]


class TestBreaches:
    """What went over a limit, and what was let through with a reason."""

    def test_newest_is_on_top_and_its_reason_is_there(
        self, qtbot: QtBot, panel: RiskPanel, desk: FakeDesk
    ) -> None:
        desk.breach(msgspec.structs.replace(BREACH, what="leverage", cl_ord_id="", reason=""))
        desk.breach(msgspec.structs.replace(BREACH, ts_ns=START_NS + SECOND_NS))
        click(qtbot, panel, Page.BREACHES)
        assert panel.stale()
        panel.refresh()
        assert panel.pages[Page.BREACHES].text() == "Breaches 2"
        newest, oldest = words(panel.breaches, 0), words(panel.breaches, 1)
        assert (newest["What"], newest["Reason"]) == ("Price collar", "gap up")
        assert (oldest["What"], oldest["Reason"], oldest["Order"]) == ("Leverage", "–", "–")
        hint = panel.breaches.data(panel.breaches.index(0, 0), Qt.ItemDataRole.ToolTipRole)
        assert hint == (
            f"Price collar: 4.50 %, limit 3 %; let through by hand\nReason: gap up\nOrder {ONE}"
        )

    def test_list_is_bounded(self, panel: RiskPanel, desk: FakeDesk) -> None:
        for n in range(BREACHES_MAX + 5):
            desk.breach(msgspec.structs.replace(BREACH, ts_ns=START_NS + n))
        panel.refresh()
        assert panel.breaches.rowCount() == BREACHES_MAX
        assert panel.breaches.row(0).ts_ns == START_NS + BREACHES_MAX + 4

    def test_click_loads_the_symbol_of_its_order(
        self, qtbot: QtBot, panel: RiskPanel, desk: FakeDesk
    ) -> None:
        desk.put_order(ONE, limit_order())
        desk.breach(BREACH)
        desk.breach(msgspec.structs.replace(BREACH, cl_ord_id="", ts_ns=START_NS + 1))
        click(qtbot, panel, Page.BREACHES)
        panel.refresh()
        for row, symbol in ((0, ""), (1, AAPL)):
            rect = panel.breaches_table.visualRect(panel.breaches.index(row, 0))
            qtbot.mouseClick(panel.breaches_table.viewport(), LEFT, pos=rect.center())
            assert panel.link.symbol == symbol

    def test_nothing_is_said_to_be_nothing(self, qtbot: QtBot, panel: RiskPanel) -> None:
        click(qtbot, panel, Page.BREACHES)
        panel.refresh()
        assert panel.pages[Page.BREACHES].text() == "Breaches"
        image = panel.breaches_table.viewport().grab().toImage()
        middle = QPoint(image.width() // 2, image.height() // 2)
        row = {image.pixel(x, middle.y()) for x in range(image.width())}
        assert len(row) > 1  # Words stand there.
