"""Goal: the panel shows what the gate allows now, and every gesture in it is a verb of the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desk import Breach, Latch, LimitRow
from app.domain.decision import ARM_WORDS
from app.domain.enums import TradingState
from app.domain.errors import BadInput
from app.domain.ids import ClOrdID
from tests.widgets.fake_desk import LIMITS, MSFT, FakeDesk, limit_order, meter
from tests.widgets.pictures import Paints, picture
from widgets.cells import CellModel
from widgets.dialogs import Confirmation, TypedConfirmation
from widgets.link import LinkGroup
from widgets.palettes import Role
from widgets.panel import Area, PanelContext
from widgets.panels.risk import (
    ACCOUNT_PX,
    BREACHES_MAX,
    HALT_REASON,
    LOCK_QUESTION,
    PANEL,
    WIDE_FROM_PX,
    Page,
    RiskPanel,
)
from widgets.risk_dialogs import LimitDialog
from widgets.risk_tables import BreachesModel, LimitsModel
from widgets.tables import FADE_S, Table

KEY = Qt.Key
LEFT = Qt.MouseButton.LeftButton
TOOLTIP = Qt.ItemDataRole.ToolTipRole
NARROW_PX = WIDE_FROM_PX - 1
ONE = ClOrdID("P000001-00000001")
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

Make = Callable[..., RiskPanel]


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def make(qtbot: QtBot, desk: FakeDesk) -> Make:
    def made(width: int = NARROW_PX, page: Page = Page.ACCOUNT) -> RiskPanel:
        link = LinkGroup()
        panel = RiskPanel(PanelContext(desk, link))  # type: ignore[arg-type]
        link.setParent(panel)
        qtbot.addWidget(panel)
        panel.resize(width, 300)
        panel.show()
        qtbot.waitExposed(panel)
        # The dock host puts the controls into its title bar; here they stand over the body.
        panel.header.resize(900, 26)
        panel.header.show()
        panel.header.raise_()
        panel.show_page(page)
        panel.refresh()
        return panel

    return made


def breach(number: int, what: str = "drawdown", cl_ord_id: str = "") -> Breach:
    return Breach(
        ts_ns=1_767_365_251_000_000_000 + number,
        what=what,
        value=str(number),
        limit="5.00 %",
        outcome="orders are let through again" if cl_ord_id else "REDUCING",
        reason="my plan" if cl_ord_id else "",
        cl_ord_id=cl_ord_id,
    )


def words(model: CellModel[Any], row: int) -> dict[str, str]:
    return {c.title: model.cell(row, i)[0] for i, c in enumerate(model.columns)}


def column(model: CellModel[Any], title: str) -> int:
    return next(i for i, c in enumerate(model.columns) if c.title == title)


def click(qtbot: QtBot, table: Table, row: int, *, twice: bool = False) -> None:
    at = table.visualRect(table.model().index(row, 0)).center()
    qtbot.mouseClick(table.viewport(), LEFT, pos=at)
    if twice:
        qtbot.mouseDClick(table.viewport(), LEFT, pos=at)


def said_by(panel: RiskPanel) -> list[str]:
    said: list[str] = []
    panel.link.said.connect(said.append)
    return said


class TestPages:
    """A narrow panel shows one page, a wide one the account beside the table that is chosen."""

    @pytest.mark.parametrize(
        ("width", "page", "shown"),
        [
            (NARROW_PX, Page.ACCOUNT, {"account"}),
            (NARROW_PX, Page.LIMITS, {"limits"}),
            (NARROW_PX, Page.BREACHES, {"breaches"}),
            (WIDE_FROM_PX, Page.ACCOUNT, {"account", "limits"}),
            (WIDE_FROM_PX, Page.LIMITS, {"account", "limits"}),
            (WIDE_FROM_PX, Page.BREACHES, {"account", "breaches"}),
        ],
    )
    def test_what_stands_beside_what(
        self, make: Make, width: int, page: Page, shown: set[str]
    ) -> None:
        panel = make(width, page)
        assert parts(panel) == shown
        assert panel.change.isVisible() == ("limits" in shown)
        assert panel.pages[Page.ACCOUNT].isVisible() == (width < WIDE_FROM_PX)

    @pytest.mark.parametrize("page", list(Page))
    def test_click_shows_a_page_and_marks_it(self, qtbot: QtBot, make: Make, page: Page) -> None:
        panel = make()
        qtbot.mouseClick(panel.pages[page], LEFT)
        assert parts(panel) == {page.value}
        qtbot.mouseClick(panel.pages[page], LEFT)  # A second press leaves it marked.
        assert [each for each, button in panel.pages.items() if button.isChecked()] == [page]

    def test_width_decides_while_it_changes(self, make: Make) -> None:
        panel = make()
        panel.resize(WIDE_FROM_PX, 300)
        assert parts(panel) == {"account", "limits"}
        assert panel.pages[Page.LIMITS].isChecked()
        QApplication.processEvents()
        assert panel._account.width() <= ACCOUNT_PX
        panel.resize(NARROW_PX, 300)
        assert parts(panel) == {"account"}
        assert panel.pages[Page.ACCOUNT].isChecked()
        QApplication.processEvents()
        assert panel._account.width() == NARROW_PX

    def test_breaches_are_counted_on_their_button(self, make: Make, desk: FakeDesk) -> None:
        panel = make()
        assert [button.text() for button in panel.pages.values()] == [
            "Account",
            "Limits",
            "Breaches",
        ]
        desk.breach(breach(1))
        panel.refresh()
        assert panel.pages[Page.BREACHES].text() == "Breaches 1"

    def test_spec_names_the_panel(self) -> None:
        assert (PANEL.name, PANEL.title, PANEL.area) == ("risk", "Risk", Area.BOTTOM)


def parts(panel: RiskPanel) -> set[str]:
    every = {
        "account": panel.meters,
        "limits": panel.limits_table,
        "breaches": panel.breaches_table,
    }
    assert panel.trading.isVisible() == panel.meters.isVisible()
    return {name for name, part in every.items() if part.isVisible()}


class TestState:
    @pytest.mark.parametrize("page", list(Page))
    def test_page_is_kept(self, make: Make, page: Page) -> None:
        first, second = make(), make()
        first.show_page(page)
        second.restore(first.state())
        assert second.page is page
        assert second.state() == {"page": page.value}

    @pytest.mark.parametrize(
        "junk",
        [
            {},
            {"page": None},
            {"page": 7},
            {"page": "LIMITS"},
            {"page": ""},
            {"page": ["limits"]},
            {"page": {"limits": 1}},
            {"page": float("nan")},
            {"page": "x" * 10_240},
            {"pages": "limits"},
        ],
    )
    def test_junk_changes_nothing(self, make: Make, junk: dict[str, object]) -> None:
        panel = make(page=Page.BREACHES)
        panel.restore(junk)
        assert panel.page is Page.BREACHES
        assert parts(panel) == {"breaches"}


class TestTrading:
    def test_halt_halts_at_once(self, qtbot: QtBot, make: Make, desk: FakeDesk) -> None:
        panel = make()
        qtbot.mouseClick(panel.trading.halt, LEFT)
        assert desk.calls == [f"halt {HALT_REASON}"]
        assert panel.stale()
        panel.refresh()
        assert panel.trading.word.text() == "HALTED"
        assert panel.trading.reason.text() == "Nothing is sent. Halted in the risk panel."

    def test_halt_works_while_trading_is_halted(
        self, qtbot: QtBot, make: Make, desk: FakeDesk
    ) -> None:
        desk.trading_state = TradingState.HALTED  # By a loss, which cancels nothing.
        panel = make()
        qtbot.mouseClick(panel.trading.halt, LEFT)
        assert desk.calls == [f"halt {HALT_REASON}"]

    def test_arm_needs_its_word(self, qtbot: QtBot, make: Make, desk: FakeDesk) -> None:
        panel = make()
        qtbot.mouseClick(panel.trading.arm, LEFT)
        assert panel.findChildren(TypedConfirmation) == []  # It is armed.
        desk.halt("kill switch")
        panel.refresh()
        qtbot.mouseClick(panel.trading.arm, LEFT)
        (dialog,) = panel.findChildren(TypedConfirmation)
        qtbot.keyClicks(dialog.field, "AR")
        assert not dialog.confirm.isEnabled()
        dialog.field.clear()
        qtbot.keyClicks(dialog.field, ARM_WORDS)
        qtbot.keyClick(dialog.field, KEY.Key_Return)
        assert desk.trading_state is TradingState.ACTIVE
        panel.refresh()
        assert panel.trading.word.text() == "ACTIVE"
        assert not panel.trading.arm.isEnabled()

    def test_escape_leaves_it(self, qtbot: QtBot, make: Make, desk: FakeDesk) -> None:
        desk.halt("kill switch")
        panel = make()
        qtbot.mouseClick(panel.trading.arm, LEFT)
        (dialog,) = panel.findChildren(TypedConfirmation)
        qtbot.keyClick(dialog.field, KEY.Key_Escape)
        assert desk.trading_state is TradingState.HALTED

    def test_latch_that_holds_is_said_in_the_status_line(
        self, qtbot: QtBot, make: Make, desk: FakeDesk
    ) -> None:
        desk.trading_state = TradingState.REDUCING
        desk.latch = Latch(reason="loss of the day", until="2026-01-05")
        panel = make()
        said = said_by(panel)
        assert panel.trading.latch.text() == "Latched: cannot be armed before 2026-01-05."
        qtbot.mouseClick(panel.trading.arm, LEFT)
        (dialog,) = panel.findChildren(TypedConfirmation)
        qtbot.keyClicks(dialog.field, ARM_WORDS)
        qtbot.mouseClick(dialog.confirm, LEFT)
        assert said == ["trading is latched until 2026-01-05; it stays as it is"]
        assert desk.trading_state is TradingState.REDUCING


class TestLimits:
    def test_row_says_check_value_unit_and_default(self, make: Make) -> None:
        panel = make(page=Page.LIMITS)
        assert words(panel.limits, 0) == {
            "Rule": "R15",
            "Check": "Order value",
            "Limit": "Value",
            "Value": "200,000",
            "Unit": "USD",  # Whether the limit itself is allowed stands in the tooltip.
            "Default": "200,000",
            "Changed": "–",
        }
        assert words(panel.limits, 1)["Unit"] == "share of equity at the day's start"
        assert words(panel.limits, 2)["Unit"] == ""

    def test_rows_stand_in_the_order_of_the_rules(
        self, qtbot: QtBot, make: Make, desk: FakeDesk
    ) -> None:
        desk.limits = (LIMITS[2], LIMITS[0], LIMITS[1])
        panel = make(page=Page.LIMITS)
        codes = ["R15", "R28", "R35"]
        assert [words(panel.limits, row)["Rule"] for row in range(3)] == codes
        header = panel.limits_table.horizontalHeader()
        qtbot.mouseClick(header.viewport(), LEFT)
        desk.set_limit("order_value", "value_max", "150000", "calm day")
        panel.refresh()
        assert [words(panel.limits, row)["Rule"] for row in range(3)] == codes

    def test_changed_value_is_marked_beside_its_default(self, make: Make, desk: FakeDesk) -> None:
        panel = make(page=Page.LIMITS)
        value = column(panel.limits, "Value")
        assert panel.limits.cell(0, value)[1] is Role.TEXT
        desk.set_limit("order_value", "value_max", "150000", "calm day")
        assert panel.stale()
        panel.refresh()
        row = words(panel.limits, 0)
        assert (row["Value"], row["Default"]) == ("150,000", "200,000")
        assert row["Changed"] == "tester 02 Jan 09:47:31"
        assert panel.limits.cell(0, value)[1] is Role.ACCENT
        desk.set_limit("order_value", "value_max", "200000", "as it was")
        panel.refresh()
        assert panel.limits.cell(0, value)[1] is Role.TEXT

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            ("25000", "25,000"),
            ("0.02", "0.02"),
            ("1234567.5", "1,234,567.5"),
            ("yes", "yes"),
            ('["AAPL"]', '["AAPL"]'),
            ("1E+3", "1,000"),
            ("1E+308", "1E+308"),
            ("1E-308", "1E-308"),
            ("1E+999999", "1E+999999"),
            ("0", "0"),
            ("NaN", "NaN"),
        ],
    )
    def test_value_is_grouped_if_it_is_a_number(self, value: str, shown: str) -> None:
        model = LimitsModel()
        model.put([msgspec.structs.replace(LIMITS[0], value=value)])
        assert words(model, 0)["Value"] == shown

    @pytest.mark.parametrize(
        ("unit", "shown"),
        [
            ("USD, inclusive", "USD"),
            ("inclusive", ""),
            ("exclusive", ""),
            ("shares; 0: none", "shares"),
            ("with reason and last day", "with reason and last day"),
            ("", ""),
        ],
    )
    def test_unit_stands_alone(self, unit: str, shown: str) -> None:
        model = LimitsModel()
        model.put([msgspec.structs.replace(LIMITS[0], unit=unit)])
        assert words(model, 0)["Unit"] == shown

    def test_tooltip_explains_the_row(self, make: Make, desk: FakeDesk) -> None:
        panel = make(page=Page.LIMITS)
        index = panel.limits.index(0, 3)
        assert panel.limits.data(index, TOOLTIP) == (
            "Quantity x worst price <= the lesser of both.\n"
            "Value: 200000, USD, inclusive. As the settings have it."
        )
        assert panel.limits.data(index) == "200,000"
        assert panel.limits.data(QModelIndex(), TOOLTIP) is None
        desk.set_limit("order_value", "value_max", "150000", "calm day")
        panel.refresh()
        assert panel.limits.data(index, TOOLTIP).endswith(
            "Value: 150000, USD, inclusive. Changed by tester 02 Jan 09:47:31."
        )

    def test_tooltip_without_rule_and_unit(self) -> None:
        model = LimitsModel()
        model.put([msgspec.structs.replace(LIMITS[0], rule="", unit="")])
        assert model.data(model.index(0, 0), TOOLTIP) == "Value: 200000. As the settings have it."

    def test_change_waits_for_a_selection(self, qtbot: QtBot, make: Make) -> None:
        panel = make(page=Page.LIMITS)
        assert panel.change.isVisible()
        assert not panel.change.isEnabled()
        click(qtbot, panel.limits_table, 1)
        assert panel.change.isEnabled()
        qtbot.mouseClick(panel.change, LEFT)
        (dialog,) = panel.findChildren(LimitDialog)
        assert dialog.words.text() == "Loss of the day · Loss of a day"

    @pytest.mark.parametrize("key", [KEY.Key_Return, KEY.Key_Enter])
    def test_enter_changes_the_selected_limit(
        self, qtbot: QtBot, make: Make, desk: FakeDesk, key: Qt.Key
    ) -> None:
        panel = make(page=Page.LIMITS)
        panel.limits_table.select_row(0)
        qtbot.keyClick(panel.limits_table, KEY.Key_Down)
        qtbot.keyClick(panel.limits_table, key)
        (dialog,) = panel.findChildren(LimitDialog)
        assert dialog.value.text() == dialog.value.selectedText() == "0.02"
        qtbot.keyClicks(dialog.value, "0.01")
        qtbot.keyClicks(dialog.reason, "calm day")
        qtbot.keyClick(dialog.reason, KEY.Key_Return)
        assert desk.calls == ["set_limit daily_loss.loss_share_max 0.01: calm day"]
        panel.refresh()
        assert words(panel.limits, 1)["Value"] == "0.01"
        assert panel.limits_table.selected_row() == 1  # It stays where it was.

    def test_double_click_changes_a_limit(self, qtbot: QtBot, make: Make) -> None:
        panel = make(page=Page.LIMITS)
        click(qtbot, panel.limits_table, 2, twice=True)
        (dialog,) = panel.findChildren(LimitDialog)
        assert dialog.value.text() == "200"

    def test_without_a_selection_it_is_said(self, qtbot: QtBot, make: Make) -> None:
        panel = make(page=Page.LIMITS)
        said = said_by(panel)
        click(qtbot, panel.limits_table, 0)
        panel.limits_table.clearSelection()
        assert not panel.change.isEnabled()
        qtbot.keyClick(panel.limits_table, KEY.Key_Return)
        assert said == ["Select a limit to change it"]
        assert panel.findChildren(LimitDialog) == []

    def test_no_limits_are_said(self, make: Make, desk: FakeDesk) -> None:
        desk.limits = ()
        panel = make(page=Page.LIMITS)
        assert panel.limits.rowCount() == 0
        empty = picture(panel.limits_table)
        desk.limits, desk.limits_version = LIMITS, 1
        panel.refresh()
        assert picture(panel.limits_table) != empty


class TestLock:
    def test_it_asks_first_and_then_shows_the_day(
        self, qtbot: QtBot, make: Make, desk: FakeDesk
    ) -> None:
        panel = make(page=Page.LIMITS)
        assert not panel.lock_sign.isVisible()
        qtbot.mouseClick(panel.lock, LEFT)
        assert desk.calls == []
        (dialog,) = panel.findChildren(Confirmation)
        assert dialog.words.text() == LOCK_QUESTION
        qtbot.mouseClick(dialog.confirm, LEFT)
        assert desk.calls == ["lock_limits"]
        assert panel.stale()
        panel.refresh()
        assert panel.lock_sign.text() == "Locked until 2026-01-05"
        assert panel.lock_sign.toolTip() == "No limit can be loosened before that day"
        assert panel.lock_sign.isVisible()
        assert not panel.lock.isVisible()

    def test_escape_leaves_them_open(self, qtbot: QtBot, make: Make, desk: FakeDesk) -> None:
        panel = make()
        qtbot.mouseClick(panel.lock, LEFT)
        (dialog,) = panel.findChildren(Confirmation)
        qtbot.keyClick(dialog, KEY.Key_Escape)
        assert desk.calls == []
        assert panel.lock.isVisible()

    def test_refusal_is_said(self, qtbot: QtBot, make: Make, desk: FakeDesk) -> None:
        desk.refuses = BadInput("the record cannot be written; nothing changed")
        panel = make()
        said = said_by(panel)
        qtbot.mouseClick(panel.lock, LEFT)
        (dialog,) = panel.findChildren(Confirmation)
        qtbot.mouseClick(dialog.confirm, LEFT)
        assert said == ["the record cannot be written; nothing changed"]

    def test_lock_that_ended_gives_the_button_back(self, make: Make, desk: FakeDesk) -> None:
        desk.limits_locked_until = "2026-01-05"
        panel = make()
        assert not panel.lock.isVisible()
        desk.limits_locked_until = ""
        assert panel.stale()
        panel.refresh()
        assert panel.lock.isVisible()
        assert not panel.lock_sign.isVisible()


class TestBreaches:
    def test_newest_stands_on_top(self, make: Make, desk: FakeDesk) -> None:
        for number in range(3):
            desk.breach(breach(number))
        panel = make(page=Page.BREACHES)
        assert shown_values(panel) == ["2", "1", "0"]
        desk.breach(breach(3))
        desk.breach(breach(4))
        assert panel.stale()
        panel.refresh()
        assert shown_values(panel) == ["4", "3", "2", "1", "0"]

    def test_row_says_what_happened(self, make: Make, desk: FakeDesk) -> None:
        desk.breach(breach(7))
        desk.breach(breach(8, "price_collar", ONE))
        panel = make(page=Page.BREACHES)
        assert words(panel.breaches, 1) == {
            "Time": "02 Jan 09:47:31",
            "What": "Drawdown",
            "Value": "7",
            "Limit": "5.00 %",
            "What happened": "REDUCING",
            "Reason": "–",
            "Order": "–",
        }
        override = words(panel.breaches, 0)
        assert (override["What"], override["Reason"]) == ("Price collar", "my plan")
        assert override["Order"].endswith("1")
        what = column(panel.breaches, "What")
        assert panel.breaches.cell(1, what)[1] is Role.DOWN
        assert panel.breaches.cell(0, what)[1] is Role.CAUTION  # A person let it through.

    def test_tooltip_says_all_of_it(self) -> None:
        model = BreachesModel()
        model.put([breach(7), breach(8, "price_collar", ONE)])
        index = model.index(1, 0)
        assert model.data(index, TOOLTIP) == "Drawdown: 7, limit 5.00 %; REDUCING"
        assert model.data(model.index(0, 0), TOOLTIP) == (
            "Price collar: 8, limit 5.00 %; orders are let through again\n"
            f"Reason: my plan\nOrder {ONE}"
        )
        assert model.data(index) == "02 Jan 09:47:31"
        assert model.data(QModelIndex(), TOOLTIP) is None

    def test_no_more_than_there_is_use_for_are_kept(self, make: Make, desk: FakeDesk) -> None:
        desk.breaches = tuple(breach(n) for n in reversed(range(BREACHES_MAX + 200)))
        desk.breaches_version = 1
        panel = make(page=Page.BREACHES)
        assert panel.breaches.rowCount() == BREACHES_MAX
        assert shown_values(panel)[0] == str(BREACHES_MAX + 199)
        assert shown_values(panel)[-1] == "200"
        for number in range(BREACHES_MAX + 200, BREACHES_MAX + 203):
            desk.breach(breach(number))
        panel.refresh()
        assert panel.breaches.rowCount() == BREACHES_MAX
        assert shown_values(panel)[0] == str(BREACHES_MAX + 202)
        assert shown_values(panel)[-1] == "203"
        assert panel.pages[Page.BREACHES].text() == f"Breaches {BREACHES_MAX}"

    def test_click_loads_the_symbol_of_its_order(
        self, qtbot: QtBot, make: Make, desk: FakeDesk
    ) -> None:
        desk.put_order(ONE, limit_order(symbol=MSFT))
        desk.breach(breach(1))
        desk.breach(breach(2, "price_collar", ONE))
        desk.breach(breach(3, "price_collar", "P000001-99999999"))
        panel = make(page=Page.BREACHES)
        for row in (2, 0):  # Of the account, and of an order that is not known any more.
            click(qtbot, panel.breaches_table, row)
            assert panel.link.symbol == ""
        click(qtbot, panel.breaches_table, 1)
        assert panel.link.symbol == MSFT


def shown_values(panel: RiskPanel) -> list[str]:
    return [words(panel.breaches, row)["Value"] for row in range(panel.breaches.rowCount())]


class TestFrames:
    """A frame costs what changed: nothing is pulled or painted for nothing."""

    @pytest.mark.parametrize("page", list(Page))
    @pytest.mark.parametrize("width", [NARROW_PX, WIDE_FROM_PX])
    def test_nothing_changed_paints_nothing(
        self, make: Make, desk: FakeDesk, width: int, page: Page
    ) -> None:
        desk.breach(breach(1))
        desk.halt("kill switch")
        panel = make(width, page)
        parts = (
            panel.meters,
            panel.trading,
            panel.trading.word,
            panel.limits_table.viewport(),
            panel.breaches_table.viewport(),
            panel.lock_sign,
            panel.change,
            *panel.pages.values(),
        )
        paints = [Paints(part) for part in parts]
        told = panel.limits.cells_changed + panel.breaches.cells_changed
        for _ in range(4):
            desk.wait(0.25)
            panel.refresh()
        assert [each.count for each in paints] == [0] * len(parts)
        assert panel.limits.cells_changed + panel.breaches.cells_changed == told

    @pytest.mark.parametrize(
        "happens",
        [
            lambda desk: desk.halt("kill switch"),
            lambda desk: setattr(desk, "trading_state_reason", "loss of the day"),
            lambda desk: setattr(desk, "latch", Latch(reason="a", until="")),
            lambda desk: setattr(desk, "kill", msgspec.structs.replace(desk.kill, rounds=1)),
            lambda desk: desk.set_limit("order_value", "value_max", "150000", "calm day"),
            lambda desk: desk.lock_limits(),
            lambda desk: setattr(desk, "limits_locked_until", "2026-01-05"),
            lambda desk: desk.breach(breach(1)),
        ],
    )
    def test_what_the_desk_changes_is_stale_once(
        self, make: Make, desk: FakeDesk, happens: Callable[[FakeDesk], None]
    ) -> None:
        panel = make()
        assert not panel.stale()
        happens(desk)
        assert panel.stale()
        panel.refresh()
        assert panel._now() == panel._seen
        assert panel.stale() == panel.limits.is_fading

    def test_meters_are_read_four_times_a_second(self, make: Make, desk: FakeDesk) -> None:
        panel = make()
        pulled = 0
        for _ in range(60):  # One second of frames.
            desk.wait(1 / 60)
            if panel.stale():
                pulled += 1
                panel.refresh()
        assert pulled == 4

    def test_meter_that_moved_is_shown(self, make: Make, desk: FakeDesk) -> None:
        panel = make()
        before = picture(panel.meters)
        desk.meter_rows = (meter("drawdown", "Drawdown", "6.10 %", "5.00 %", 1.22),)
        assert not panel.stale()
        desk.wait(0.25)
        assert panel.stale()
        panel.refresh()
        assert picture(panel.meters) != before
        assert "Drawdown 6.10 %" in panel.meters.accessibleDescription()

    def test_changed_limit_is_marked_for_a_moment(
        self, qtbot: QtBot, make: Make, desk: FakeDesk
    ) -> None:
        panel = make(page=Page.LIMITS)
        desk.set_limit("order_value", "value_max", "150000", "calm day")
        panel.refresh()
        value = column(panel.limits, "Value")
        assert panel.limits.freshness(0, value) > 0
        assert panel.stale()  # Until the mark is gone, frame by frame.

        def is_gone() -> bool:
            panel.refresh()
            return not panel.stale()

        qtbot.waitUntil(is_gone, timeout=round(FADE_S * 1000) + 2000)
        assert panel.limits.freshness(0, value) == 0
        assert words(panel.limits, 0)["Value"] == "150,000"

    def test_limit_of_a_desk_is_asked_for_only_when_it_changed(
        self, make: Make, desk: FakeDesk
    ) -> None:
        panel = make()
        shown = words(panel.limits, 0)["Value"]
        desk.limits = (changed(desk.limits[0], "1"), *desk.limits[1:])  # The version is the same.
        desk.wait(1)
        panel.refresh()
        assert words(panel.limits, 0)["Value"] == shown
        desk.limits_version += 1
        panel.refresh()
        assert words(panel.limits, 0)["Value"] == "1"


def changed(row: LimitRow, value: str) -> LimitRow:
    return msgspec.structs.replace(row, value=value)
