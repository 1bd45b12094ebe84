"""Goal: the account panel shows what is owned and owed now, and every entry of cash."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.domain.cash import CashKind, CashPosting
from app.domain.enums import ExecType
from tests.widgets.fake_desk import AAPL, MSFT, FakeDesk, limit_order
from widgets.link import LinkGroup
from widgets.palettes import Role
from widgets.panel import PanelContext
from widgets.panels.account import EVERY_NS, AccountPanel

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.go_live()
    return desk


@pytest.fixture
def panel(qtbot: QtBot, desk: FakeDesk) -> AccountPanel:
    link = LinkGroup()
    panel = AccountPanel(PanelContext(desk, link))  # type: ignore[arg-type]
    link.setParent(panel)
    qtbot.addWidget(panel)
    panel.resize(1000, 260)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def hold(desk: FakeDesk, qty: str, px: str) -> None:
    order = desk.submit(limit_order(qty, px))
    desk.report(order, ExecType.TRADE, qty=qty, px=px)


def shown(panel: AccountPanel) -> dict[str, str]:
    panel.refresh()
    return {name: readout.value for name, readout in panel.figures.items()}


def dividend(number: int = 1, amount: str = "2.55") -> CashPosting:
    return CashPosting(
        posting_id=f"C{number}",
        kind=CashKind.DIVIDEND,
        amount=Decimal(amount),
        ts_ns=1_795_444_200_000_000_000 + number,
        text="AAPL: 0.255 USD a share, on 10, ex 2026-11-24",
        symbol=AAPL,
    )


def test_an_account_of_cash_needs_nothing(panel: AccountPanel) -> None:
    assert shown(panel) == {
        "cash": "$100,000.00",
        "long_value": "$0.00",
        "short_value": "$0.00",
        "lent": "$0.00",
        "maintenance": "$0.00",
        "excess": "$100,000.00",
    }
    assert panel.headline() == "Account"


def test_what_is_bought_on_borrowed_money_needs_a_quarter_of_its_value(
    panel: AccountPanel, desk: FakeDesk
) -> None:
    hold(desk, "1000", "150")
    desk.quote(AAPL, "140", "141")
    found = shown(panel)
    assert (found["cash"], found["long_value"]) == ("-$50,000.00", "$140,000.00")
    assert (found["lent"], found["maintenance"]) == ("$50,000.00", "$35,000.00")
    assert found["excess"] == "$55,000.00"


def test_a_margin_call_is_red(panel: AccountPanel, desk: FakeDesk) -> None:
    hold(desk, "1000", "150")
    desk.quote(AAPL, "60", "61")
    assert shown(panel)["excess"] == "-$5,000.00"
    assert panel.figures["excess"].role is Role.DOWN


def test_without_a_price_nothing_is_made_up(panel: AccountPanel, desk: FakeDesk) -> None:
    hold(desk, "10", "150")
    desk.mark = lambda symbol: None  # type: ignore[method-assign]
    assert set(shown(panel).values()) == {"\u2013"}


def test_entries_appear_as_they_are_booked_newest_on_top(
    qtbot: QtBot, panel: AccountPanel, desk: FakeDesk
) -> None:
    panel.refresh()
    assert not panel.stale()
    desk.ledger.post(dividend())
    desk.ledger.post(dividend(2, "-2.55"))
    assert panel.stale()
    panel.refresh()
    assert panel.headline() == "Account 2"
    rows = [[panel.model.cell(n, i)[0] for i in range(5)] for n in range(2)]
    assert [row[3] for row in rows] == ["-$2.55", "+$2.55"]
    assert rows[1][1:3] == ["dividend", "AAPL"]
    assert rows[1][4].startswith("AAPL: 0.255 USD a share")


def test_a_click_on_an_entry_loads_its_symbol(
    qtbot: QtBot, panel: AccountPanel, desk: FakeDesk
) -> None:
    desk.ledger.post(dividend())
    panel.refresh()
    panel.link.pick_symbol(MSFT)
    view = panel.table
    place = view.visualRect(panel.model.index(0, 2)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert panel.link.symbol == AAPL


def test_figures_are_looked_at_twice_a_second(panel: AccountPanel, desk: FakeDesk) -> None:
    panel.refresh()
    desk.clock.advance_to(desk.now_ns() + EVERY_NS - 1)
    assert not panel.stale()
    desk.clock.advance_to(desk.now_ns() + 1)
    assert panel.stale()
