"""Show that bars are what a patient person with a pencil would write down.

Method: drawn trades against a dictionary of lists; known bars for the seams.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.times import MINUTE_NS, SECOND_NS
from app.market.bars import BarColumns, BarSeries, fold_bars, group_bars

FIELDS = ("open", "high", "low", "close", "volume")
TICKS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 50), st.integers(1, 9)), min_size=1, max_size=40
)


def rows(columns):
    return [
        (int(start), *(float(getattr(columns, field)[i]) for field in FIELDS))
        for i, start in enumerate(columns.start_ns)
    ]


def count(series, ticks):
    """Give a series (time, price, size) in one group."""
    times, prices, sizes = zip(*ticks, strict=True)
    series.extend(np.array(times), np.array(prices, float), np.array(sizes, float))


def seconds(ticks):
    return [(second * SECOND_NS, price, size) for second, price, size in ticks]


def naive_bars(ticks, interval_ns):
    """Bars of (time, price, size) in order of arrival; a late one counts in the open bar."""
    bars = []
    for ts_ns, price, size in ticks:
        start_ns = ts_ns // interval_ns * interval_ns
        if not bars or start_ns > bars[-1][0]:
            bars.append([start_ns, price, price, price, price, size])
        else:
            bar = bars[-1]
            bar[2:6] = [max(bar[2], price), min(bar[3], price), price, bar[5] + size]
    return [tuple(map(float, bar)) for bar in bars]


@given(st.lists(TICKS, min_size=1, max_size=5), st.integers(1, 7), st.integers(1, 12))
def test_bars_are_the_naive_ones_and_late_trades_count_in_the_open_bar(groups, interval_s, n):
    series = BarSeries(interval_s * SECOND_NS, 500)
    for group in groups:
        count(series, seconds(group))
        series.columns(1)  # Looking must change nothing.
    ticks = seconds(tick for group in groups for tick in group)
    expected = naive_bars(ticks, interval_s * SECOND_NS)
    assert rows(series.columns(500)) == expected
    assert rows(series.columns(n)) == expected[-n:]


@given(TICKS, st.integers(1, 6))
def test_only_the_newest_bars_are_kept(ticks, capacity):
    ticks = seconds(sorted(ticks))
    series = BarSeries(SECOND_NS, capacity)
    count(series, ticks)
    assert rows(series.columns(99)) == naive_bars(ticks, SECOND_NS)[-capacity:]


@given(TICKS, st.sampled_from([2, 5, 15, 60]))
def test_folding_bars_gives_the_bars_of_the_trades(ticks, ratio):
    ticks = seconds(sorted(ticks))
    base = BarSeries(SECOND_NS, 100)
    count(base, ticks)
    folded = fold_bars(base.columns(100), ratio * SECOND_NS)
    assert rows(folded) == naive_bars(ticks, ratio * SECOND_NS)


def test_nothing_folds_to_nothing():
    nothing = BarSeries(SECOND_NS, 3).columns(3)
    assert len(nothing) == 0
    assert len(fold_bars(nothing, MINUTE_NS)) == 0


def test_bar_under_construction_is_seen_as_it_stands():
    series = BarSeries(SECOND_NS, 3)
    count(series, [(0, 10.0, 1)])
    assert rows(series.columns(3)) == [(0, 10.0, 10.0, 10.0, 10.0, 1.0)]
    count(series, [(1, 9.0, 2), (2, 12.0, 3)])
    assert rows(series.columns(3)) == [(0, 10.0, 12.0, 9.0, 12.0, 6.0)]


@pytest.mark.parametrize("start_ns", [0, -MINUTE_NS], ids=["1970", "before"])
def test_first_interval_may_begin_anywhere(start_ns):
    series = BarSeries(SECOND_NS, 3)
    count(series, [(start_ns, 10.0, 1), (start_ns + SECOND_NS - 1, 11.0, 1)])
    assert rows(series.columns(3)) == [(start_ns, 10.0, 11.0, 10.0, 11.0, 2.0)]


class TestWholeBars:
    def test_bar_is_taken_as_it_is(self):
        series = BarSeries(MINUTE_NS, 3)
        series.add_bar(MINUTE_NS + 5, 10, 12, 9, 11, 700)
        assert rows(series.columns(3)) == [(MINUTE_NS, 10, 12, 9, 11, 700)]

    def test_bars_of_one_interval_are_joined(self):
        series = BarSeries(MINUTE_NS, 3)
        series.add_bar(0, 10, 12, 9, 11, 700)
        series.add_bar(SECOND_NS, 11, 13, 10, 12, 100)
        assert rows(series.columns(3)) == [(0, 10, 13, 9, 12, 800)]

    def test_bar_before_the_open_one_is_counted_in_it(self):
        series = BarSeries(MINUTE_NS, 3)
        series.add_bar(MINUTE_NS, 10, 12, 9, 11, 700)
        series.add_bar(0, 5, 20, 5, 6, 1)
        assert rows(series.columns(3)) == [(MINUTE_NS, 10, 20, 5, 6, 701)]

    def test_trades_go_on_in_a_bar_that_was_sent(self):
        series = BarSeries(MINUTE_NS, 3)
        series.add_bar(0, 10, 12, 9, 11, 700)
        count(series, [(SECOND_NS, 8.0, 50)])
        assert rows(series.columns(3)) == [(0, 10, 12, 8, 8, 750)]


def test_columns_are_of_one_length():
    columns = BarColumns(
        start_ns=np.array([0, 1]), **{field: np.array([1.0, 2.0]) for field in FIELDS}
    )
    assert len(columns) == 2


@pytest.mark.parametrize("interval_ns", [SECOND_NS, MINUTE_NS])
def test_intervals_without_a_trade_have_no_bar(interval_ns):
    series = BarSeries(interval_ns, 5)
    count(series, [(0, 10.0, 1), (3 * interval_ns, 11.0, 1)])
    assert series.columns(5).start_ns.tolist() == [0, 3 * interval_ns]


def test_bars_may_be_replaced_and_the_last_goes_on():
    series = BarSeries(MINUTE_NS, 4)
    count(series, [(0, 10.0, 1), (MINUTE_NS, 11.0, 1)])
    known = series.columns(9)
    series.splice(BarColumns(**{f: getattr(known, f)[1:] for f in known.__struct_fields__}))
    count(series, [(MINUTE_NS + 1, 13.0, 2), (2 * MINUTE_NS, 9.0, 1)])
    assert rows(series.columns(9)) == [
        (MINUTE_NS, 11, 13, 11, 13, 3),
        (2 * MINUTE_NS, 9, 9, 9, 9, 1),
    ]
    assert (series.count, series.capacity) == (2, 4)


def test_groups_are_made_where_the_start_moves_on():
    base = BarSeries(SECOND_NS, 9)
    count(base, seconds([(n, 10 + n, 1) for n in range(5)]))
    grouped = group_bars(base.columns(9), np.array([0, 0, 7, 3, 8]))
    assert rows(grouped) == [(0, 10, 11, 10, 11, 2), (7, 12, 13, 12, 13, 2), (8, 14, 14, 14, 14, 1)]
