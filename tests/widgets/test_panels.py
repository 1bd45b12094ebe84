"""Goal: every list shows what the desk holds, changes with it, and hands gestures back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.enums import ExecType, FeedState, Side
from app.domain.ids import ClOrdID
from app.domain.market import FeedStatus
from app.domain.reports import SendUncertain
from app.domain.transitions import apply_report
from tests.widgets.fake_desk import AAPL, MSFT, FakeDesk, limit_order
from widgets.link import LinkGroup
from widgets.panel import Panel, PanelContext
from widgets.panels.audit import ROWS_MAX, AuditPanel
from widgets.panels.fills import FillsPanel
from widgets.panels.orders import OrdersPanel
from widgets.panels.positions import PositionsPanel
from widgets.panels.watchlist import WatchlistPanel
from widgets.tables import TableModel
from widgets.theme import Role

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


def words(model: TableModel[Any], row: int) -> dict[str, str]:
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
        assert (row["Click→wire"], row["Wire→ack"]) == ("412 µs", "1.02 ms")
        assert row["Avg fill"] == ""
        desk.report(ONE, ExecType.TRADE, qty="60", px="186.60")
        panel.refresh()
        row = words(panel.model, 0)
        assert (row["Status"], row["Filled"]) == ("Partially filled", "60 of 100")
        assert row["Avg fill"] == "186.60"
        assert panel.headline() == "Orders 1"

    def test_unknown_outcome_is_said(self, make: Any, desk: FakeDesk) -> None:
        order = desk.put_order(ONE, limit_order(), acknowledge=False)
        report = SendUncertain(cl_ord_id=ONE, ts_recv_ns=desk.now_ns())
        desk.blotter.put(apply_report(order, report))
        panel = make(OrdersPanel)
        panel.refresh()
        assert words(panel.model, 0)["Status"] == "Unknown — asking the broker"
        assert words(panel.model, 0)["Wire→ack"] == "–"

    def test_selected_order_is_cancelled(self, qtbot: QtBot, make: Any, desk: FakeDesk) -> None:
        desk.put_order(ONE, limit_order())
        desk.put_order(TWO, limit_order(side=Side.SELL))
        panel = make(OrdersPanel)
        panel.refresh()
        rect = panel.table.visualRect(panel.model.index(1, 0))
        qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
        assert panel.link.symbol == AAPL
        panel.link.cancel_selected_wanted.emit()
        assert desk.cancelled == [ONE]  # Newest on top: the second row is the first order.
        panel.cancel_all.click()
        assert desk.calls == ["cancel_all"]

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
        assert desk.cancelled == []
        assert said == ["Select an order to cancel it", "Buy 100 AAPL @ 186.68 is filled already"]
        assert not panel.cancel.isEnabled()

    def test_menu_cancels(self, qtbot: QtBot, make: Any, desk: FakeDesk) -> None:
        desk.put_order(ONE, limit_order())
        panel = make(OrdersPanel)
        panel.refresh()
        panel.table.select_row(0)
        panel._open_menu(panel.table.rect().center())
        menu = QApplication.activePopupWidget()
        assert menu is not None
        menu.actions()[0].trigger()
        menu.close()
        assert desk.cancelled == [ONE]


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
