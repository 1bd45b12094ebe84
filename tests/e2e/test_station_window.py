"""Goal: the window with a real session behind it, driven by real clicks and keys.

Method: built-in exchange, real record, real gate, on Qt's own loop. What is seen is
asked of the widgets, as a person would read them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.audit.verify import verify
from app.desk import Desk
from app.domain.enums import OrdStatus, Origin, Side, TradingState
from app.paths import Paths
from app.session import Session, paper_plan
from app.tasks import spawn
from widgets.main_window import MainWindow
from widgets.qtloop import QtLoop
from widgets.tables import Table
from widgets.theme import apply_theme

Scenario = Callable[[MainWindow, Desk], Awaitable[None]]
LEFT = Qt.MouseButton.LeftButton


class Station:
    """A window and the session behind it."""

    def __init__(self, app: QApplication, paths: Paths) -> None:
        self._app = app
        self.paths = paths
        self.window: MainWindow | None = None

    def run(self, scenario: Scenario) -> None:
        """Open the station, play the scenario, close the window as a person does."""
        self.window = MainWindow(layout_path=self.paths.layout)
        self.window.show()
        try:
            with QtLoop(self._app) as loop:
                loop.run_until_complete(self._run(self.window, scenario))
        finally:
            self.window.deleteLater()

    async def _run(self, window: MainWindow, scenario: Scenario) -> None:
        session = Session(paper_plan(self.paths, origin=Origin.MANUAL))

        async def play(desk: Desk) -> None:
            try:
                async with asyncio.timeout(20):
                    await scenario(window, desk)
            finally:
                window.close()  # Asks the session to stop; it really closes afterwards.

        try:
            async with asyncio.TaskGroup() as group:

                def on_ready(desk: Desk) -> None:
                    window.attach(desk)
                    spawn(group, "scenario", play(desk))

                await session.run(on_ready)
        finally:
            closed = asyncio.Event()
            window.closed.connect(closed.set)
            window.session_ended()
            await closed.wait()


@pytest.fixture
def station(qapp: QApplication, paths: Paths) -> Station:
    apply_theme(qapp)
    qapp.setQuitOnLastWindowClosed(False)
    return Station(qapp, paths)


async def until(is_true: Callable[[], object], what: str) -> None:
    for _ in range(1_000):
        if is_true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"never happened: {what}")


def cells(table: Table) -> list[list[str]]:
    """Return what the table shows, row by row."""
    model = table.model()
    return [
        [str(model.index(row, column).data() or "") for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def click_row(table: Table, row: int) -> None:
    place = table.visualRect(table.model().index(row, 0)).center()
    QTest.mouseClick(table.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place)


async def symbol_picked(window: MainWindow, desk: Desk, row: int) -> str:
    watchlist = window.panels["watchlist"]
    await until(lambda: len(cells(watchlist.table)) >= 12, "twelve symbols")
    click_row(watchlist.table, row)
    symbol = desk.instruments[row].symbol
    await until(lambda: desk.market.quote(symbol), "a quote")
    return symbol


def type_qty(window: MainWindow, qty: str) -> None:
    line = window.panels["ticket"].qty.line
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, qty)


def choose_type(window: MainWindow, words: str) -> None:
    combo = window.panels["ticket"].type
    combo.setFocus()
    QTest.keyClicks(combo, words[0])
    assert combo.currentText() == words


def type_limit(window: MainWindow, price: str) -> None:
    line = window.panels["ticket"].limit.line
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, price)


async def send(window: MainWindow) -> None:
    button = window.panels["ticket"].send
    await until(button.isEnabled, "the button sends")
    QTest.mouseClick(button, LEFT)


def test_click_on_a_symbol_leads_to_order_fill_position_and_audit_rows(station: Station) -> None:
    async def scenario(window: MainWindow, desk: Desk) -> None:
        symbol = await symbol_picked(window, desk, 2)
        assert window.link.symbol == symbol
        type_qty(window, "30")
        choose_type(window, "Market")
        ticket = window.panels["ticket"]
        await until(lambda: "30" in ticket.send.text() and symbol in ticket.send.text(), "words")
        await send(window)
        panels = window.panels
        for name in ("orders", "fills", "positions", "audit"):
            window.docks.show(name)
            await until(lambda name=name: cells(panels[name].table), f"a row in {name}")
            if name != "audit":
                text = " ".join(cells(panels[name].table)[0])
                assert symbol in text
                assert "30" in text
        await until(lambda: desk.positions.get(symbol).qty == Decimal(30), "the position")
        kinds = {row.kind for row in desk.journal.rows_after(0, 100)}
        assert {"order_decided", "order_sent", "execution_report"} <= kinds

    station.run(scenario)
    assert verify(station.paths.journal).is_clean


def test_resting_order_is_cancelled_with_the_delete_key(station: Station) -> None:
    async def scenario(window: MainWindow, desk: Desk) -> None:
        symbol = await symbol_picked(window, desk, 0)
        bid = desk.market.quote(symbol).bid
        choose_type(window, "Limit")
        type_qty(window, "10")
        type_limit(window, f"{bid - 3:.2f}")
        await send(window)
        await until(lambda: desk.orders.working(), "a working order")
        await until(lambda: desk.orders.all()[0].ord_status is OrdStatus.NEW, "accepted")
        table = window.panels["orders"].table
        await until(lambda: cells(table), "an order row")
        click_row(table, 0)
        QTest.keyClick(table, Qt.Key.Key_Delete)
        await until(lambda: desk.orders.all()[0].ord_status is OrdStatus.CANCELED, "cancelled")
        await until(lambda: "Cancel" in " ".join(cells(table)[0]), "shown as cancelled")

    station.run(scenario)


def test_an_armed_chart_sends_by_a_click_and_a_bracket_by_a_drag(station: Station) -> None:
    async def scenario(window: MainWindow, desk: Desk) -> None:
        symbol = await symbol_picked(window, desk, 0)
        panel = window.panels["chart"]
        window.docks.show("chart")
        QTest.mouseClick(panel.trade_button, LEFT)
        await until(lambda: panel.view.frame_now and len(panel.view.content.bars) > 50, "bars")
        QTest.mouseClick(panel.cell.trade_bar.sides[Side.BUY], LEFT)
        view = panel.view

        def at(below_px: int) -> QPoint:
            last = desk.market.day(symbol).last
            return QPoint(80, round(view.frame_now.scale.y(last)) + below_px)

        QTest.mouseClick(view, LEFT, Qt.KeyboardModifier.NoModifier, at(30))
        await until(lambda: len(desk.orders.working()) == 1, "the order of the click")
        [order] = desk.orders.working()
        assert order.terms.limit_px < Decimal(repr(desk.market.day(symbol).last))
        # The axis has changed with the order's line.
        await until(lambda: not panel.stale() and view.content.orders, "its line")
        window.refresh_now()
        QTest.mousePress(view, LEFT, Qt.KeyboardModifier.NoModifier, at(50))
        for below in (55, 62, 70):
            QTest.mouseMove(view, at(below))
        QTest.mouseRelease(view, LEFT, Qt.KeyboardModifier.NoModifier, at(70))
        await until(lambda: len(desk.orders.all()) == 4, "entry, target and stop loss")
        _, entry, *exits = sorted(desk.orders.all(), key=lambda it: it.cl_ord_id)
        assert entry.order.side is Side.BUY
        assert {leg.order.side for leg in exits} == {Side.SELL}
        QTest.keyClick(view, Qt.Key.Key_Escape)
        assert panel.cell.trader.placing is None
        QTest.mouseClick(view, LEFT, Qt.KeyboardModifier.NoModifier, at(40))
        await asyncio.sleep(0.1)
        assert len(desk.orders.all()) == 4

    station.run(scenario)
    assert verify(station.paths.journal).is_clean


def test_order_over_a_limit_cannot_be_sent_and_says_why(station: Station) -> None:
    async def scenario(window: MainWindow, desk: Desk) -> None:
        await symbol_picked(window, desk, 0)
        type_qty(window, "20000")
        button = window.panels["ticket"].send
        await until(lambda: not button.isEnabled(), "the button is grey")
        QTest.mouseClick(button, LEFT)
        await asyncio.sleep(0.1)
        assert not desk.orders.all()
        assert "20,000" in f"{button.text()} {button.toolTip()}"

    station.run(scenario)


def test_kill_switch_cancels_everything_and_holds_after_a_restart(station: Station) -> None:
    async def halt(window: MainWindow, desk: Desk) -> None:
        symbol = await symbol_picked(window, desk, 0)
        bid = desk.market.quote(symbol).bid
        choose_type(window, "Limit")
        type_limit(window, f"{bid - 3:.2f}")
        await send(window)
        await until(lambda: desk.orders.working(), "a working order")
        modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        QTest.keyClick(window, Qt.Key.Key_K, modifiers)
        await until(lambda: desk.trading_state is TradingState.HALTED, "halted")
        await until(lambda: not desk.orders.working(), "nothing works")

    async def look(window: MainWindow, desk: Desk) -> None:
        await symbol_picked(window, desk, 0)
        assert desk.trading_state is TradingState.HALTED
        button = window.panels["ticket"].send
        await until(lambda: not button.isEnabled(), "the button is grey")

    station.run(halt)
    station.run(look)


def test_second_start_finds_orders_and_positions_again(station: Station) -> None:
    async def trade(window: MainWindow, desk: Desk) -> None:
        await symbol_picked(window, desk, 1)
        choose_type(window, "Market")
        type_qty(window, "20")
        await send(window)
        await until(lambda: desk.positions.all(), "a position")
        await until(lambda: not desk.orders.working(), "filled")

    async def look(window: MainWindow, desk: Desk) -> None:
        (position,) = desk.positions.all()
        assert position.qty == Decimal(20)
        window.docks.show("positions")
        await until(lambda: cells(window.panels["positions"].table), "a position row")
        window.docks.show("orders")
        await until(lambda: cells(window.panels["orders"].table), "an order row")

    station.run(trade)
    station.run(look)


def test_export_writes_what_was_traded(station: Station, tmp_path: Path) -> None:
    out = tmp_path / "trades.json"

    async def scenario(window: MainWindow, desk: Desk) -> None:
        await symbol_picked(window, desk, 1)
        choose_type(window, "Market")
        type_qty(window, "5")
        await send(window)
        await until(lambda: desk.orders.fill_count, "a fill")
        desk.export("trades", "json", out)
        await until(out.exists, "the file")

    station.run(scenario)
    assert {row["symbol"] for row in json.loads(out.read_text())} == {"MSFT"}


def test_bracket_from_the_ticket_stands_as_a_tree(station: Station) -> None:
    async def scenario(window: MainWindow, desk: Desk) -> None:
        symbol = await symbol_picked(window, desk, 0)
        ask = desk.market.quote(symbol).ask
        choose_type(window, "Market")
        form = window.panels["ticket"].form
        QTest.mouseClick(form.exits, LEFT, pos=form.exits.rect().topLeft() + QPoint(8, 8))
        QTest.keyClicks(form.target.line, f"{ask + 20:.2f}")
        QTest.keyClicks(form.stop_loss.line, f"{ask - 20:.2f}")
        await send(window)
        await until(lambda: len(desk.orders.all()) == 3, "an entry and its exits")
        entry = desk.orders.all()[0].cl_ord_id
        panel = window.panels["orders"]

        def is_said(words: str) -> bool:
            return any(words in row for row in cells(panel.table))

        await until(lambda: desk.orders.get(entry).ord_status is OrdStatus.FILLED, "the entry")
        await until(lambda: is_said("2 orders under it live"), "the exits work")
        click_row(panel.table, 0)
        QTest.keyClick(panel.table, Qt.Key.Key_Right)
        await until(lambda: is_said("Held here"), "the stop waits here")
        assert is_said("this PC")
        assert desk.unprotected_qty(entry) == 0

    station.run(scenario)
