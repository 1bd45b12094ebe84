"""Goal: the line of the day's gain has a point a second, and only of what is known."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D  # noqa: N817  Short, in tables.

import pytest
from pytestqt.qtbot import QtBot

from app.domain.cash import DayStart
from tests.widgets.fake_desk import FakeDesk
from widgets.link import LinkGroup
from widgets.panel import PanelContext
from widgets.panels.day_pnl import LOOKS_MAX, DayPnlPanel

DAY = DayStart(trading_day=date(2026, 1, 5), equity=D(100_000), cash=D(100_000), ts_ns=1)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.go_live()
    return desk


@pytest.fixture
def panel(qtbot: QtBot, desk: FakeDesk) -> DayPnlPanel:
    link = LinkGroup()
    made = DayPnlPanel(PanelContext(desk, link))  # type: ignore[arg-type]
    link.setParent(made)
    qtbot.addWidget(made)
    made.resize(300, 160)
    made.show()
    qtbot.waitExposed(made)
    return made


def look(panel: DayPnlPanel, desk: FakeDesk, *gains: str) -> None:
    for gain in gains:
        desk.day_gain = D(gain)
        desk.wait(1)
        panel.every_second()


def test_each_second_is_a_point(panel, desk):
    assert not panel.stale()
    panel.grab()
    look(panel, desk, "0", "12.50", "-3.25")
    assert [usd for _, usd in panel.view.looks] == [0.0, 12.5, -3.25]
    assert panel.stale()
    panel.refresh()
    assert not panel.stale()
    assert panel.view.accessibleDescription() == "now -$3.25"
    assert panel._parts.text().startswith("realised ")
    panel.grab()


def test_time_that_stands_still_adds_nothing(panel, desk):
    look(panel, desk, "1")
    panel.every_second()
    assert len(panel.view.looks) == 1


def test_what_is_not_known_is_not_drawn(panel, desk):
    desk.day_gain = None
    desk.wait(1)
    panel.every_second()
    assert not panel.view.looks


def test_more_points_than_pixels_are_thinned_and_bounded(panel, desk):
    for second in range(LOOKS_MAX + 10):
        panel.view.looks.append((second, float(second % 7)))
    assert len(panel.view.looks) == LOOKS_MAX
    panel.grab()


def test_a_new_day_begins_anew(panel, desk):
    look(panel, desk, "1", "2")
    desk.ledger.start_day(DAY)
    look(panel, desk, "4")
    assert [usd for _, usd in panel.view.looks] == [4.0]
