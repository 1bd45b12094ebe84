"""A chart panel on a desk with a quarter of an hour of trades."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.widgets.fake_desk import AAPL, MSFT, FakeDesk
from widgets.link import LinkGroup
from widgets.panel import PanelContext
from widgets.panels.chart import ChartPanel


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.go_live()
    for number in range(90):
        desk.wait(10)
        desk.trade(AAPL, f"{186 + number % 7 / 10:.2f}")
    desk.trade(MSFT, "421")
    return desk


@pytest.fixture
def panel(qtbot: QtBot, desk: FakeDesk) -> ChartPanel:
    link = LinkGroup()
    made = ChartPanel(PanelContext(desk, link))  # type: ignore[arg-type]
    link.setParent(made)
    qtbot.addWidget(made)
    made.resize(900, 520)
    made.header.setParent(made)
    made.header.show()
    made.show()
    qtbot.waitExposed(made)
    link.pick_symbol(AAPL)
    made.refresh()
    made.grab()
    made.heard = []
    link.said.connect(made.heard.append)
    return made
