"""Show that footprints hold what traded in the bars in view, and only what is known."""

from __future__ import annotations

import numpy as np
import pytest

from app.indicators.volume_profile import Range
from tests.widgets.fake_desk import AAPL
from widgets.chart.cells import KEPT_MAX, Footprints

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def shown(panel):
    panel.menu.cells.trigger()
    panel.view.stretch.set_bars(8.0)
    panel.view.redraw()
    panel.refresh()
    panel.grab()
    return panel


def test_bars_become_footprints_and_bars_again(shown, desk):
    with_cells = shown.view.grab().toImage()
    assert shown.view.content.cells
    assert shown.cell.state()["footprint"] is True
    shown.menu.cells.trigger()
    shown.refresh()
    assert shown.view.content.cells is None
    assert shown.view.grab().toImage() != with_cells


def test_every_share_with_a_side_is_in_a_cell(shown, desk):
    bars, cells = shown.view.content.bars, shown.view.content.cells
    prints = desk.market.prints(AAPL, 1_000)
    number = max(cells)
    assert number == len(bars) - 1
    within = prints.ts_ns >= bars.start_ns[number]
    bought = prints.size[within & (prints.side > 0)].sum()
    sold = prints.size[within & (prints.side < 0)].sum()
    assert (cells[number].bought.sum(), cells[number].sold.sum()) == (bought, sold)
    assert bought + sold > 0


def test_the_newest_bar_is_counted_anew_with_every_print(shown, desk):
    def total():
        cells = shown.view.content.cells[len(shown.view.content.bars) - 1]
        return cells.bought.sum() + cells.sold.sum()

    before = total()
    desk.trade(AAPL, "186.90")
    shown.refresh()
    assert total() > before


def test_what_is_kept_has_a_bound(panel, desk):
    footprints = Footprints(desk.market)
    frame = panel.view.frame_now
    bars = panel.view.content.bars
    for number in range(KEPT_MAX):
        footprints.of(AAPL, f"{number}", bars, frame.scale)
    assert len(footprints._kept) <= KEPT_MAX


def test_without_a_scale_an_instrument_or_bars_there_are_none(panel, desk):
    footprints, bars = Footprints(desk.market), panel.view.content.bars
    scale = panel.view.frame_now.scale
    assert footprints.of(AAPL, "", bars, None) == {}
    assert footprints.of("NONE", "", bars, scale) == {}
    empty = type(bars)(**{name: getattr(bars, name)[:0] for name in bars.__struct_fields__})
    assert footprints.of(AAPL, "", empty, scale) == {}


def test_depth_is_looked_at_from_when_it_is_wanted(panel, desk):
    assert panel.view.content.depth is None
    panel.menu.depth_map.trigger()
    panel.refresh()
    assert panel.view.content.depth is desk.market.depth_history(AAPL)
    assert panel.cell.state()["depth"] is True


def test_cumulative_delta_is_what_the_prints_say(panel, desk):
    panel.cell.studies.add("cumulative_delta")
    panel.refresh()
    [study] = panel.view.content.studies
    assert study.fault == ""
    values = study.plots[0].values[0]
    prints = desk.market.prints(AAPL, 1_000)
    starts = panel.view.content.bars.start_ns
    first = int(np.flatnonzero(np.isfinite(values))[0])
    since = prints.ts_ns >= starts[first]
    assert values[-1] == (prints.size * prints.side)[since].sum()
    panel.set_interval("10T")
    panel.refresh()
    [study] = panel.view.content.studies
    assert "do not say how much was bought" in study.fault


def test_the_profile_is_of_what_is_in_view(panel, desk):
    chosen = panel.cell.studies.add("volume_profile")
    params = chosen.spec.params
    panel.cell.studies.change(chosen.key, params=params(range=Range.VISIBLE))
    panel.view.stretch.set_bars(5.0)
    panel.view._gestured()
    panel.refresh()
    few = panel.view.content.studies[0].profile.volume.sum()
    panel.view.stretch.set_bars(500.0)
    panel.view._gestured()
    panel.refresh()
    assert panel.view.content.studies[0].profile.volume.sum() > few > 0
