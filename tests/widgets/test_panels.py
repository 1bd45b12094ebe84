"""Goal: every list shows what the desk holds, changes with it, and hands gestures back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.desk import InquiryRow
from app.domain.enums import Closing, ExecType, FeedState, Side
from app.domain.ids import ClOrdID
from app.domain.market import FeedStatus
from app.domain.orders import Order
from app.domain.reports import SendUncertain
from app.domain.terms import Hold, Links
from app.domain.transitions import apply_report
from tests.widgets.fake_desk import AAPL, MSFT, FakeDesk, limit_order
from widgets.cells import PADDING_PX, CellModel
from widgets.dialogs import Confirmation
from widgets.link import LinkGroup
from widgets.order_terms import Field
from widgets.palettes import Role
from widgets.panel import Panel, PanelContext
from widgets.panels.audit import ROWS_MAX, AuditPanel
from widgets.panels.fills import FillsPanel
from widgets.panels.orders import OrdersPanel
from widgets.panels.positions import PositionsPanel
from widgets.panels.watchlist import WatchlistPanel
from widgets.replace_dialog import ReplaceDialog
from widgets.theme import text_font

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
ONE, TWO = ClOrdID("P000001-1"), ClOrdID("P000001-2")


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.go_live()
    return desk


@pytest.fixture
def make(qtbot: QtBot, desk: FakeDesk) -> Any:
    def made(kind: type[Panel]) -> Any:
        link = LinkGroup()
        panel = kind(PanelContext(desk, link))  # type: ignore[arg-type, call-arg]
        link.setParent(panel)
        qtbot.addWidget(panel)
        panel.resize(1000, 260)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    return made


def words(model: CellModel[Any], row: int) -> dict[str, str]:
    return {c.title: model.cell(row, i)[0] for i, c in enumerate(model.columns)}


class TestWatchlist:
    def test_unknown_is_a_dash_and_news_repaint_one_row(self, make: Any, desk: FakeDesk) -> None:
        panel = make(WatchlistPanel)
        assert panel.stale()
        panel.refresh()
        assert words(panel.model, 0)["Last"] == "–"
        assert not panel.stale()
        desk.trade(AAPL, "186.68")
        assert panel.stale()
        panel.refresh()
        assert words(panel.model, 0)["Last"] == "186.68"
        assert words(panel.model, 0)["Chg %"] == "–"  # The feed told no prior close.
        assert words(panel.model, 1)["Last"] == "–"

    def test_click_loads_the_symbol(self, qtbot: QtBot, make: Any) -> None:
        panel = make(WatchlistPanel)
        panel.refresh()
        rect = panel.table.visualRect(panel.model.index(1, 0))
        qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
        assert panel.link.symbol == MSFT

    def test_prices_of_a_silent_feed_are_grey(self, make: Any, desk: FakeDesk) -> None:
        desk.trade(AAPL, "186.68")
        panel = make(WatchlistPanel)
        panel.refresh()
        assert panel.model.cell(0, 1)[1] is Role.TEXT
        desk.wait(6)
        assert panel.stale()
        panel.refresh()
        assert panel.model.cell(0, 1)[1] is Role.DIM
        desk.trade(AAPL, "186.70")
        panel.refresh()
        assert panel.model.cell(0, 1)[1] is Role.TEXT


class TestOrders:
    def test_row_follows_its_order(self, make: Any, desk: FakeDesk) -> None:
        panel = make(OrdersPanel)
        panel.refresh()
        desk.put_order(ONE, limit_order())
        assert panel.stale()
        panel.refresh()
        row = words(panel.model, 0)
        assert row["Status"] == "Working"
        assert (row["Side"], row["Qty"], row["Limit"], row["TIF"]) == (
            "BUY",
            "100",
            "186.68",
            "DAY",
        )
        assert (row["Lives"], row["Avg fill"]) == ("exchange", "")
        desk.report(ONE, ExecType.TRADE, qty="60", px="186.60")
        panel.refresh()
        row = words(panel.model, 0)
        assert (row["Status"], row["Filled"]) == ("Partially filled", "60 of 100")
        assert row["Avg fill"] == "186.60"
        assert panel.headline() == "Orders 1"
        assert not panel.stale()

    def test_arrow_opens_changes_and_events_and_they_follow(
        self, qtbot: QtBot, make: Any, desk: FakeDesk
    ) -> None:
        desk.put_order(ONE, limit_order())
        panel = make(OrdersPanel)
        panel.refresh()
        at = panel.table.arrow_rect(0).center()
        qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert statuses(panel) == ["Working", "Intent", "Sent", "Acknowledged"]
        desk.report(ONE, ExecType.TRADE, qty="60", px="186.60")
        panel.refresh()
        assert statuses(panel)[0::4] == ["Partially filled", "Fill"]
        assert words(panel.model, 4)["Avg fill"] == "186.60"
        qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert statuses(panel) == ["Partially filled"]

    def test_keys_walk_from_an_entry_to_its_exit(
        self, qtbot: QtBot, make: Any, desk: FakeDesk
    ) -> None:
        desk.put_order(ONE, limit_order())
        panel = make(OrdersPanel)
        panel.refresh()
        desk.put_order(TWO, limit_order(side=Side.SELL), links=Links(parent=ONE))
        panel.refresh()
        assert panel.model.rowCount() == 1  # The exit stands under its entry.
        assert words(panel.model, 0)["Reason"] == "1 order under it live"
        panel.table.select_row(0)
        for _ in range(2):
            qtbot.keyClick(panel.table, Qt.Key.Key_Right)
        assert words(panel.model, panel.table.selected_row())["Side"] == "SELL"
        panel.cancel.click()
        assert desk.cancelled == [TWO]
        desk.report(TWO, ExecType.CANCELED)
        panel.refresh()
        assert words(panel.model, 0)["Reason"] == ""  # What stands above is told too.

    def test_doubt_counts_down_every_frame_while_it_is_open(
        self, make: Any, desk: FakeDesk
    ) -> None:
        order = desk.put_order(ONE, limit_order(), acknowledge=False)
        report = SendUncertain(cl_ord_id=ONE, ts_recv_ns=desk.now_ns())
        desk.put(apply_report(order, report))
        panel = make(OrdersPanel)
        panel.refresh()
        assert not panel.stale()
        desk.ask(ONE, InquiryRow(question="is it there?", asked=3, next_in_s=1.2, failures=0))
        assert panel.stale()
        panel.refresh()
        row = words(panel.model, 0)
        assert (row["Status"], row["Lives"]) == ("In doubt", "unknown")
        assert row["Reason"] == "asked 3 times, again in 1.2 s · is it there?"
        desk.inquiries[ONE] = InquiryRow(
            question="is it there?", asked=3, next_in_s=1.1, failures=0
        )
        assert panel.stale()  # Time alone moves it.
        panel.refresh()
        assert words(panel.model, 0)["Reason"] == "asked 3 times, again in 1.1 s · is it there?"
        desk.ask(ONE, None)
        desk.report(ONE, ExecType.NEW)
        panel.refresh()
        assert (words(panel.model, 0)["Reason"], panel.stale()) == ("", False)

    def test_selected_order_is_cancelled(self, qtbot: QtBot, make: Any, desk: FakeDesk) -> None:
        desk.put_order(ONE, limit_order())
        desk.put_order(TWO, limit_order(side=Side.SELL))
        panel = make(OrdersPanel)
        panel.refresh()
        assert not panel.cancel.isEnabled()
        rect = panel.table.visualRect(panel.model.index(1, 2))
        qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
        assert panel.link.symbol == AAPL
        assert panel.cancel.isEnabled()  # At once, not at the next frame.
        panel.link.cancel_selected_wanted.emit()
        assert desk.cancelled == [ONE]  # Newest on top: the second row is the first order.
        panel.cancel_all.click()
        assert desk.calls == ["cancel_all"]

    def test_event_row_stands_for_its_order(self, make: Any, desk: FakeDesk) -> None:
        desk.put_order(ONE, limit_order())
        panel = make(OrdersPanel)
        panel.refresh()
        panel.model.set_open(0, is_open=True)
        panel.table.select_row(2)
        panel.cancel_selected()
        assert desk.cancelled == [ONE]

    def test_done_order_is_not_cancelled_again(self, make: Any, desk: FakeDesk) -> None:
        desk.put_order(ONE, limit_order())
        desk.report(ONE, ExecType.TRADE, qty="100", px="186.60")
        panel = make(OrdersPanel)
        panel.refresh()
        said: list[str] = []
        panel.link.said.connect(said.append)
        panel.cancel_selected()
        panel.table.select_row(0)
        panel.cancel_selected()
        panel.replace_selected()
        assert desk.cancelled == []
        done = "Buy 100 AAPL @ 186.68 is filled already"
        assert said == ["Select an order to cancel it", done, done]
        assert not panel.cancel.isEnabled()
        assert not panel.replace.isEnabled()

    @pytest.mark.parametrize(
        ("words", "call"),
        [
            ("Cancel all AAPL orders", "cancel_all AAPL"),
            ("Cancel all buys", "cancel_all BUY"),
            ("Cancel all sells", None),
            ("Cancel all orders", "cancel_all"),
        ],
    )
    def test_menu_cancels_by_symbol_and_side(
        self, make: Any, desk: FakeDesk, words: str, call: str | None
    ) -> None:
        desk.put_order(ONE, limit_order())
        panel = make(OrdersPanel)
        panel.refresh()
        panel.table.select_row(0)
        choose(panel, words)
        assert desk.calls == ([call] if call else [])  # Nothing sells: greyed.

    def test_menu_of_one_order(self, make: Any, desk: FakeDesk) -> None:
        desk.put_order(ONE, limit_order(), hold=Hold(is_staged=True))
        panel = make(OrdersPanel)
        panel.refresh()
        assert not panel.send.isVisible()
        panel.table.select_row(0)
        assert panel.send.isVisibleTo(panel.header)
        choose(panel, "Copy order id")
        assert QApplication.clipboard().text() == ONE
        choose(panel, "Send staged order")
        choose(panel, "Cancel this order\tDel")
        assert desk.calls == [f"send_staged {ONE}"]
        assert desk.cancelled == [ONE]

    def test_working_order_is_not_sent_again(self, make: Any, desk: FakeDesk) -> None:
        desk.put_order(ONE, limit_order())
        panel = make(OrdersPanel)
        panel.refresh()
        said: list[str] = []
        panel.link.said.connect(said.append)
        panel.table.select_row(0)
        panel.send_selected()
        assert desk.calls == []
        assert said == ["Buy 100 AAPL @ 186.68 is working, not staged"]

    def test_change_opens_the_dialog(self, qtbot: QtBot, make: Any, desk: FakeDesk) -> None:
        desk.put_order(ONE, limit_order())
        panel = make(OrdersPanel)
        panel.refresh()
        panel.table.select_row(0)
        panel.link.replace_selected_wanted.emit()
        (dialog,) = panel.findChildren(ReplaceDialog)
        qtbot.keyClick(dialog.fields[Field.LIMIT].line, Qt.Key.Key_Return)
        assert desk.replaced == [(ONE, Decimal(100), Decimal("186.68"), None)]

    def test_reason_has_room_and_the_least_wanted_column_gives_way(
        self, make: Any, desk: FakeDesk
    ) -> None:
        panel = make(OrdersPanel)
        panel.resize(970, 260)
        titles = [column.title for column in panel.model.columns]
        assert panel.table.isColumnHidden(titles.index("TIF"))
        doubt = QFontMetrics(text_font()).horizontalAdvance("asked 3 times, again in 1.2 s")
        assert panel.table.columnWidth(titles.index("Reason")) >= doubt + 2 * PADDING_PX
        panel.resize(1400, 260)
        assert not panel.table.isColumnHidden(titles.index("TIF"))


def statuses(panel: OrdersPanel) -> list[str]:
    return [words(panel.model, place)["Status"] for place in range(panel.model.rowCount())]


def choose(panel: Any, item: str) -> None:
    """Open the panel's menu and trigger an item, if it is not grey."""
    panel._open_menu(panel.table.rect().center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    (action,) = [action for action in menu.actions() if action.text() == item]
    action.trigger()
    menu.close()


def answer(qtbot: QtBot, panel: Any, *, yes: bool) -> str:
    """Read the question that is open and answer it with a key."""
    (dialog,) = [d for d in panel.window().findChildren(Confirmation) if d.isVisible()]
    asked: str = dialog.words.text()
    qtbot.keyClick(dialog, Qt.Key.Key_Return if yes else Qt.Key.Key_Escape)
    return asked


class TestFillsAndPositions:
    def test_fill_becomes_rows(self, make: Any, desk: FakeDesk) -> None:
        fills, positions = make(FillsPanel), make(PositionsPanel)
        assert fills.headline() == "Fills"
        desk.put_order(ONE, limit_order())
        desk.report(ONE, ExecType.TRADE, qty="100", px="186.60")
        assert fills.stale()
        assert positions.stale()
        fills.refresh()
        positions.refresh()
        row = words(fills.model, 0)
        assert (row["Side"], row["Qty"], row["Price"]) == ("BUY", "100", "186.60")
        assert row["Value"] == "$18,660.00"
        assert fills.headline() == "Fills 1"
        row = words(positions.model, 0)
        assert (row["Quantity"], row["Average"], row["Mark"]) == ("+100", "186.60", "–")
        assert row["Unrealised"] == "–"  # No price: not known, not zero.
        desk.quote(AAPL, "187.60", "187.62")
        positions.refresh()
        row = words(positions.model, 0)
        assert (row["Mark"], row["Unrealised"]) == ("187.60", "+$100.00")
        assert row["Market value"] == "$18,760.00"

    def test_closed_position_keeps_what_it_brought(self, make: Any, desk: FakeDesk) -> None:
        desk.put_order(ONE, limit_order())
        desk.report(ONE, ExecType.TRADE, qty="100", px="186.60")
        desk.put_order(TWO, limit_order(side=Side.SELL))
        desk.report(TWO, ExecType.TRADE, qty="100", px="186.50")
        panel = make(PositionsPanel)
        panel.refresh()
        row = words(panel.model, 0)
        assert (row["Quantity"], row["Realised"]) == ("0", "-$10.00")
        assert panel.headline() == "Positions"
        assert desk.positions.get(AAPL).realised_pnl == Decimal("-10")

    def test_what_a_paper_fill_assumed_is_noted(self, make: Any, desk: FakeDesk) -> None:
        panel, tree = make(FillsPanel), make(OrdersPanel)
        desk.put_order(ONE, limit_order())
        words_of_it = "queue: 300 shares first"
        desk.report(ONE, ExecType.TRADE, qty="60", px="186.60", text=words_of_it)
        panel.refresh()
        tree.refresh()
        note = next(i for i, c in enumerate(panel.model.columns) if c.title == "Note")
        assert panel.model.cell(0, note)[:2] == (words_of_it, Role.DIM)
        first = order_of(desk, ONE).facts[0].report.exec_id
        desk.report(ONE, ExecType.TRADE_CORRECT, qty="50", px="186.60", text="sorry", ref=first)
        panel.refresh()
        assert panel.model.cell(0, note)[:2] == ("corrected, sorry", Role.CAUTION)

    def test_corrected_and_broken_fills_are_rewritten(self, make: Any, desk: FakeDesk) -> None:
        panel = make(FillsPanel)
        desk.put_order(ONE, limit_order())
        desk.report(ONE, ExecType.TRADE, qty="60", px="186.60")
        desk.report(ONE, ExecType.TRADE, qty="40", px="186.60")
        panel.refresh()
        first, second = (fact.report.exec_id for fact in order_of(desk, ONE).facts)
        desk.report(ONE, ExecType.TRADE_CORRECT, qty="50", px="186.61", ref=first)
        assert panel.stale()
        panel.refresh()
        assert panel.model.rowCount() == 2
        row = words(panel.model, 1)
        assert (row["Qty"], row["Price"], row["Note"]) == ("50", "186.61", "corrected")
        desk.report(ONE, ExecType.TRADE_CANCEL, ref=second)
        panel.refresh()
        assert [words(panel.model, n)["Qty"] for n in range(panel.model.rowCount())] == ["50"]
        assert not panel.stale()


class TestClosing:
    @pytest.fixture
    def panel(self, make: Any, desk: FakeDesk) -> Any:
        desk.put_order(ONE, limit_order())
        desk.report(ONE, ExecType.TRADE, qty="100", px="186.60")
        made = make(PositionsPanel)
        made.refresh()
        made.table.select_row(0)
        return made

    @pytest.mark.parametrize(
        ("what", "question"),
        [
            (Closing.FLATTEN, "Sell 100 at the market: AAPL."),
            (Closing.HALF, "Sell half of 100 at the market: AAPL."),
            (
                Closing.REVERSE,
                "Sell 100 at the market, and once flat sell 100 more: AAPL.",
            ),
        ],
    )
    def test_button_asks_and_enter_closes(
        self, qtbot: QtBot, panel: Any, desk: FakeDesk, what: Closing, question: str
    ) -> None:
        panel.buttons[what].click()
        assert desk.calls == []
        assert answer(qtbot, panel, yes=True) == question
        assert desk.calls == [f"{what.value} AAPL"]

    def test_escape_closes_nothing(self, qtbot: QtBot, panel: Any, desk: FakeDesk) -> None:
        panel.buttons[Closing.FLATTEN].click()
        answer(qtbot, panel, yes=False)
        assert desk.calls == []

    @pytest.mark.parametrize(
        ("orders", "cancels"),
        [(1, "the working order of AAPL"), (2, "2 orders of AAPL")],
    )
    def test_question_tells_of_the_orders_that_go(
        self, qtbot: QtBot, panel: Any, desk: FakeDesk, orders: int, cancels: str
    ) -> None:
        for number in range(orders):
            desk.put_order(ClOrdID(f"W-{number}"), limit_order(side=Side.SELL))
        panel.link.pick_symbol(AAPL)
        panel.link.closing_wanted.emit(Closing.FLATTEN)
        asked = answer(qtbot, panel, yes=True)
        assert asked == f"Cancel {cancels}, then sell 100 at the market."
        assert desk.calls == ["flatten AAPL"]

    def test_menu_closes(self, qtbot: QtBot, panel: Any, desk: FakeDesk) -> None:
        choose(panel, "Half AAPL…")
        answer(qtbot, panel, yes=True)
        assert desk.calls == ["half AAPL"]

    def test_without_a_position_nothing_is_asked(self, panel: Any, desk: FakeDesk) -> None:
        said: list[str] = []
        panel.link.said.connect(said.append)
        panel.link.pick_symbol(MSFT)
        panel.link.closing_wanted.emit(Closing.REVERSE)
        assert said == ["There is no position in MSFT to reverse"]
        assert not panel.findChildren(Confirmation)

    def test_while_one_is_under_way_no_other_is_offered(self, panel: Any, desk: FakeDesk) -> None:
        panel.table.select_row(0)
        assert all(button.isEnabled() for button in panel.buttons.values())
        desk.closing.add(AAPL)
        assert panel.stale()
        panel.refresh()
        assert not any(button.isEnabled() for button in panel.buttons.values())
        desk.closing.clear()
        assert panel.stale()

    def test_realised_after_fees_has_a_column(self, panel: Any) -> None:
        assert words(panel.model, 0)["After fees"] == "$0.00"


class TestReducedSymbol:
    def test_reason_is_shown_and_acknowledged(
        self, qtbot: QtBot, make: Any, desk: FakeDesk
    ) -> None:
        panel = make(PositionsPanel)
        panel.refresh()
        assert not panel.acknowledge.isVisibleTo(panel.header)
        desk.reduced[MSFT] = "5 more held than booked"
        assert panel.stale()
        panel.refresh()
        row = words(panel.model, 0)  # There is a row although nothing is held.
        assert (row["Symbol"], row["Quantity"]) == ("MSFT", "0")
        assert row["Note"] == "Reducing only · 5 more held than booked"
        assert panel.acknowledge.isVisibleTo(panel.header)
        panel.table.select_row(0)
        panel.acknowledge.click()
        assert "5 more held than booked" in answer(qtbot, panel, yes=True)
        assert desk.calls == ["acknowledge MSFT"]
        panel.refresh()
        assert words(panel.model, 0)["Note"] == ""
        panel.ask_acknowledge(MSFT)
        assert desk.calls == ["acknowledge MSFT"]


class TestDifferences:
    def test_what_the_broker_says_otherwise_is_counted_and_told(
        self, make: Any, desk: FakeDesk
    ) -> None:
        panel = make(PositionsPanel)
        panel.refresh()
        assert not panel.differences.isVisibleTo(panel.header)
        desk.differences = ("IBM: the record holds 0, the broker 7",)
        assert panel.stale()
        panel.refresh()
        assert panel.differences.isVisibleTo(panel.header)
        assert panel.differences.text() == "1 difference with the broker"
        desk.differences = (*desk.differences, "cash: 1 here, 2 there")
        panel.refresh()
        assert panel.differences.text() == "2 differences with the broker"
        assert panel.differences.toolTip() == "\n".join(desk.differences)


def order_of(desk: FakeDesk, cl_ord_id: ClOrdID) -> Order:
    order = desk.orders.get(cl_ord_id)
    assert order is not None
    return order


class TestAudit:
    def test_newest_record_on_top_and_a_bounded_page(self, make: Any, desk: FakeDesk) -> None:
        panel = make(AuditPanel)
        desk.record("OrderEntered", '{"qty":"100"}')
        desk.record("FillBooked")
        assert panel.stale()
        panel.refresh()
        assert not panel.stale()
        assert words(panel.model, 0)["Record"] == "FillBooked"
        assert words(panel.model, 1)["Content"] == '{"qty":"100"}'
        for _ in range(ROWS_MAX + 50):
            desk.record("Tick")
            panel.refresh()
        assert panel.model.rowCount() == ROWS_MAX


class TestErrorCard:
    def test_failed_panel_says_so_and_can_be_tried_again(
        self, qtbot: QtBot, make: Any, desk: FakeDesk
    ) -> None:
        panel = make(FillsPanel)
        panel.fail(ValueError("broken row"))
        assert panel.is_failed
        card = panel._card
        assert card is not None
        assert "ValueError: broken row" in card.text.text()
        qtbot.mouseClick(card.copy, Qt.MouseButton.LeftButton)
        assert "FillsPanel" in QApplication.clipboard().text()
        qtbot.mouseClick(card.retry, Qt.MouseButton.LeftButton)
        assert not panel.is_failed
        assert panel.body.isVisible()


def test_feed_that_is_down_is_stale(make: Any, desk: FakeDesk) -> None:
    desk.trade(AAPL, "186.68")
    panel = make(WatchlistPanel)
    panel.refresh()
    down = FeedStatus(feed="fake", state=FeedState.DOWN, text="gone", ts_recv_ns=desk.now_ns())
    desk.hub.publish(down)
    assert panel.stale()
    panel.refresh()
    assert panel.model.cell(0, 1)[1] is Role.DIM
