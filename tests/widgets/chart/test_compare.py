"""Show that another symbol stands over the bars at its own prices and the same times."""

from __future__ import annotations

import numpy as np
import pytest

from app.domain.errors import BadInput
from tests.widgets.fake_desk import AAPL, MSFT
from widgets.chart.compare import SYMBOLS_MAX
from widgets.dialogs import Naming

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def compared(panel, desk):
    for price in ("421", "422.5", "420"):
        desk.wait(60)
        desk.trade(MSFT, price)
        desk.trade(AAPL, "186.20")
    panel.cell.compared.add(MSFT)
    panel.refresh()
    panel.grab()
    return panel


def line(panel):
    [study] = [it for it in panel.view.content.studies if it.has_own_scale]
    return study


def test_each_bar_has_the_last_close_of_the_other(compared, desk):
    study = line(compared)
    values = study.plots[0].values[0]
    spec = compared.cell.spec
    other = desk.market.series(MSFT, spec, 1_000).bars
    for start, value in zip(compared.view.content.bars.start_ns.tolist(), values, strict=True):
        known = other.close[other.start_ns <= start]
        assert np.isnan(value) if not len(known) else value == known[-1]
    assert values[-1] == 420.0


def test_it_fills_the_height_on_a_scale_of_its_own(compared):
    geometry = compared.view.frame_now.geometry
    scale = geometry.scale_of(line(compared), geometry.panes[0])
    assert scale.prices.low < 420 < 422.5 < scale.prices.high
    assert geometry.scale.prices.high < 200


def test_a_print_of_the_other_is_seen(compared, desk):
    assert not compared.stale()
    desk.trade(MSFT, "425")
    assert compared.stale()
    compared.refresh()
    assert line(compared).plots[0].values[0][-1] == 425.0


def test_only_what_is_listed_and_not_too_many(panel, desk):
    with pytest.raises(BadInput, match="NOPE is not listed by the feed"):
        panel.cell.compared.add("NOPE")
    panel.cell.compared.restore([f"S{number}" for number in range(SYMBOLS_MAX)])
    with pytest.raises(BadInput, match="5 symbols are the most"):
        panel.cell.compared.add(MSFT)


def test_bars_that_no_clock_cuts_say_why(compared):
    compared.set_interval("5T")
    compared.refresh()
    [study] = compared.view.content.studies
    assert study.fault == "only bars that the clock cuts can be compared"


def test_a_symbol_that_is_not_there_is_an_empty_line(panel):
    panel.cell.compared.restore(["LATER", 7, ""])
    panel.refresh()
    assert panel.cell.compared.symbols == ("LATER",)
    assert np.isnan(line(panel).plots[0].values[0]).all()
    panel.grab()


def test_it_is_asked_for_kept_and_removed(qtbot, panel):
    panel.menu.prepare(panel.cell)
    panel.menu.compare.actions()[0].trigger()
    [dialog] = panel.findChildren(Naming)
    qtbot.keyClicks(dialog.field, "msft")
    dialog.accept()
    assert panel.cell.state()["compare"] == [MSFT]
    panel.menu.prepare(panel.cell)
    remove = panel.menu.compare.actions()[1]
    assert remove.text() == "Not with MSFT"
    remove.trigger()
    assert panel.cell.compared.symbols == ()
    dialog = panel.menu.ask_symbol()
    qtbot.keyClicks(dialog.field, "nope")
    dialog.accept()
    assert panel.heard == ["NOPE is not listed by the feed; nothing is compared"]


def test_what_grows_is_what_is_computed_at_once(compared, desk):
    for number in range(20):
        desk.wait(20)
        desk.trade(MSFT if number % 3 else AAPL, f"{400 + number}" if number % 3 else "186.5")
        compared.refresh()
    grown = line(compared).plots[0].values[0].copy()
    compared.cell.compared.restore([MSFT])
    compared.refresh()
    assert np.array_equal(line(compared).plots[0].values[0], grown, equal_nan=True)
