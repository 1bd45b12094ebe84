"""Show that a counted bar ends with the trade that fills it, in any grouping."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.market.builders.volume import VolumeBars
from tests.tape import DRAWN, give, rows, walk


def test_trade_that_fills_a_bar_belongs_to_it_as_a_whole():
    bars = VolumeBars(100, 9)
    give(bars, (0, 10.0, 60), (1, 12.0, 250), (2, 9.0, 10))
    assert rows(bars.columns(9)) == [(0, 10, 12, 10, 12, 310), (2, 9, 9, 9, 9, 10)]


def test_bar_under_construction_grows_over_groups():
    bars = VolumeBars(100, 9)
    for trade in ((0, 10.0, 30), (1, 12.0, 30), (2, 9.0, 30)):
        give(bars, trade)
    assert rows(bars.columns(9)) == [(0, 10, 12, 9, 9, 90)]
    give(bars, (3, 11.0, 10))
    assert rows(bars.columns(9)) == [(0, 10, 12, 9, 11, 100)]
    give(bars, (4, 8.0, 1))
    assert rows(bars.columns(9))[1:] == [(4, 8, 8, 8, 8, 1)]


@given(DRAWN, st.integers(1, 3_000))
def test_each_bar_is_full_and_would_not_be_without_its_last_trade(groups, amount):
    trades = [trade for group in walk(groups) for trade in group]
    bars = VolumeBars(amount, 500)
    if trades:
        give(bars, *trades)
    volume = bars.columns(500).volume
    assert (volume[:-1] >= amount).all()
    ends = np.cumsum(volume)
    sizes = np.cumsum([size for _, _, size in trades])
    assert set(ends.tolist()) <= set(sizes.tolist())
    for end, full in zip(ends[:-1].tolist(), volume[:-1].tolist(), strict=True):
        last = trades[int(np.searchsorted(sizes, end))][2]
        assert full - last < amount
