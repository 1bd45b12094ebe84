"""Goal: prices are those of now in every frame; trends, the dear part, come a few at a time."""

from __future__ import annotations

import time

import pytest
from pytestqt.qtbot import QtBot

from app.domain.ids import Symbol
from app.domain.instrument import Instrument
from tests.widgets.fake_desk import FakeDesk
from widgets.link import LinkGroup
from widgets.panel import PanelContext
from widgets.panels.watchlist import TREND_EVERY_S, TRENDS_A_FRAME, WatchlistPanel

SYMBOLS = tuple(Symbol(f"S{number}") for number in range(12))

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def now_s(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_000.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    return now


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk(tuple(Instrument(symbol=s, name=s, exchange="X") for s in SYMBOLS))
    desk.go_live()
    for symbol in SYMBOLS:
        desk.trade(symbol, "10.00")
    return desk


@pytest.fixture
def panel(qtbot: QtBot, desk: FakeDesk) -> WatchlistPanel:
    link = LinkGroup()
    made = WatchlistPanel(PanelContext(desk, link))  # type: ignore[arg-type]
    link.setParent(made)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_every_price_is_there_at_once_and_a_trend_later(panel, desk, now_s):
    panel.refresh()
    assert {panel.model.row(place).last for place in range(12)} == {10.0}
    now_s[0] += TREND_EVERY_S
    for symbol in SYMBOLS:
        desk.wait(60)
        desk.trade(symbol, "11.00")
    panel.refresh()
    rows = [panel.model.row(place) for place in range(12)]
    assert {row.last for row in rows} == {11.0}
    assert sum(row.trend[-1] == 11.0 for row in rows) == TRENDS_A_FRAME
    for _ in range(12 // TRENDS_A_FRAME - 1):
        assert panel.stale()
        panel.refresh()
    assert all(panel.model.row(place).trend[-1] == 11.0 for place in range(12))
    assert not panel._due


def test_a_trend_is_not_taken_more_than_once_a_second(panel, desk, now_s):
    panel.refresh()
    desk.wait(60)
    desk.trade(SYMBOLS[0], "12.00")
    panel.refresh()
    assert panel.model.row(0).last == 12.0
    assert panel.model.row(0).trend[-1] == 10.0
    now_s[0] += TREND_EVERY_S
    assert panel.stale()
    panel.refresh()
    assert panel.model.row(0).trend[-1] == 12.0


def test_titles_sort_by_numbers(panel, desk, now_s):
    for number, symbol in enumerate(SYMBOLS):
        desk.trade(symbol, f"{number + 1}.00")
    panel.refresh()
    panel.table.sort_next(1)
    while panel.table.arranger.is_busy:
        panel.refresh()
    assert [panel.model.row(place).last for place in range(3)] == [12.0, 11.0, 10.0]
    desk.trade(SYMBOLS[0], "99.00")
    panel.refresh()
    while panel.table.arranger.is_busy:
        panel.refresh()
    assert panel.model.row(0).last == 99.0
