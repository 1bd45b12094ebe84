"""Goal: a drill runs beside the desk: seen in the window, and of no consequence to it.

Method: the real session on Qt's own loop with a window; the drill is started by the button.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.audit.reader import read_records
from app.audit.records import OrderDecided
from app.audit.verify import verify
from app.desk import Desk
from app.domain.enums import OrdStatus, OrdType, Side
from app.domain.terms import NewOrder
from app.drills.base import Waits
from app.drills.hall import DrillHall
from app.paths import Paths
from app.session import Plan
from tests.e2e.session import Station, until
from widgets.drill_dialog import DrillDialog
from widgets.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
SHORT = Waits(silence_s=1.0, fault_s=0.3, slow_s=0.3)
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def station(qapp: QApplication, paths: Paths) -> Station:
    qapp.setQuitOnLastWindowClosed(False)
    return Station(qapp, paths)


@pytest.fixture
def window(station: Station) -> Iterator[MainWindow]:
    made = MainWindow()
    made.show()
    yield made
    made.session_ended()
    made.deleteLater()
    QApplication.sendPostedEvents(None, 52)  # DeferredDelete.


def with_drills(station: Station) -> Plan:
    return msgspec.structs.replace(station.plan(), drills=DrillHall(SHORT))


def start(window: MainWindow, name: str, desk: Desk) -> DrillDialog:
    window.actions_by_name["drills.open"].trigger()
    dialog = window.findChild(DrillDialog)
    assert dialog is not None
    assert desk.drills is not None
    dialog.drills.setCurrentRow([row.name for row in desk.drills.rows].index(name))
    QTest.mouseClick(dialog.begin, LEFT)
    return dialog


async def buy(desk: Desk) -> OrdStatus:
    symbol = desk.instruments[0].symbol
    await until(lambda: desk.market.quote(symbol))
    terms = NewOrder(symbol=symbol, side=Side.BUY, order_qty=Decimal(10), ord_type=OrdType.MARKET)
    cl_ord_id = desk.submit(terms)
    await until(lambda: (order := desk.orders.get(cl_ord_id)) is not None and order.is_ended)
    order = desk.orders.get(cl_ord_id)
    assert order is not None
    return order.ord_status


def test_the_desk_trades_on_while_a_drill_runs_and_shows_its_score(
    station: Station, window: MainWindow
) -> None:
    async def story(desk: Desk) -> None:
        window.attach(desk)
        dialog = start(window, "clock-jump", desk)
        await until(lambda: "Clock jumps runs: waiting until" in dialog.progress.text())
        assert await buy(desk) is OrdStatus.FILLED
        await until(lambda: "fire drill runs: Clock jumps" in window.status_line.pace.text())
        await until(lambda: dialog.verdict.text())
        assert dialog.verdict.text().startswith("Clock jumps: 9 of 9 promises kept")
        assert dialog.begin.isEnabled()
        assert dialog.progress.text() == ""
        assert len(desk.orders.all()) == 1
        assert desk.positions.get(desk.instruments[0].symbol).qty == 10

    station.run(story, with_drills(station))
    decided = [r for _, r in read_records(station.paths.journal) if isinstance(r, OrderDecided)]
    assert len(decided) == 1
    assert verify(station.paths.journal).is_clean


def test_a_desk_that_is_closed_ends_its_drill(station: Station, window: MainWindow) -> None:
    async def story(desk: Desk) -> None:
        window.attach(desk)
        start(window, "mute-feed", desk)
        await until(lambda: desk.drills and desk.drills.progress)

    station.run(story, with_drills(station))
    assert verify(station.paths.journal).is_clean
