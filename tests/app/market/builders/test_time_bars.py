"""Show that bars of a time are the same of trades, of shorter bars, and in any grouping."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.times import MINUTE_NS, SECOND_NS
from app.market.bars import BarSeries, fold_bars
from app.market.builders.time_bars import TimeBars
from app.market.sessions import rows_where
from tests.tape import columns, ny, rows

OPEN_NS = ny("2026-11-23T09:30")
TRADES = st.lists(
    st.tuples(st.integers(-5, 200), st.integers(1, 50), st.integers(1, 9)), min_size=1, max_size=60
)


def arrays(trades):
    seconds = np.cumsum([later for later, _, _ in trades])
    return (
        OPEN_NS - 600 * SECOND_NS + seconds * SECOND_NS,
        np.array([price for _, price, _ in trades], float),
        np.array([size for _, _, size in trades], float),
    )


@given(TRADES, st.integers(1, 9))
def test_bars_of_five_minutes_are_those_of_the_clock_in_any_grouping(trades, size):
    times, prices, sizes = arrays(trades)
    base = BarSeries(5 * MINUTE_NS, 999)
    base.extend(times, prices, sizes)
    expected = rows(base.columns(999))
    bars = TimeBars(5 * MINUTE_NS, 999)
    for first in range(0, len(times), size):
        part = slice(first, first + size)
        bars.extend(times[part], prices[part], sizes[part])
        bars.columns(2)
    assert rows(bars.columns(999)) == expected


@given(TRADES, st.integers(1, 9))
def test_bars_are_the_same_of_minutes(trades, size):
    times, prices, sizes = arrays(trades)
    of_trades, of_bars = TimeBars(60 * MINUTE_NS, 999), TimeBars(60 * MINUTE_NS, 999)
    of_trades.extend(times, prices, sizes)
    minutes = BarSeries(MINUTE_NS, 999)
    minutes.extend(times, prices, sizes)
    whole = minutes.columns(999)
    for first in range(0, len(whole), size):
        of_bars.extend_bars(rows_where(whole, slice(first, first + size)))
    assert rows(of_bars.columns(999)) == rows(of_trades.columns(999))
    assert fold_bars(whole, MINUTE_NS).volume.sum() == of_bars.columns(999).volume.sum()


def test_no_bar_reaches_over_the_open():
    bars = TimeBars(60 * MINUTE_NS, 9)
    for at, price in (("09:29:59", 10.0), ("09:30:00", 11.0), ("10:29:59", 12.0)):
        bars.extend(np.array([ny(f"2026-11-23T{at}")]), np.array([price]), np.array([1.0]))
    assert bars.columns(9).start_ns.tolist() == [ny("2026-11-23T09:00"), OPEN_NS]
    assert bars.columns(9).close.tolist() == [10, 12]


@pytest.mark.parametrize("looks", [True, False])
def test_it_is_known_how_many_are_over(looks):
    bars, seen = TimeBars(MINUTE_NS, 9), []
    for n in range(3):
        seen.append(bars.over())
        bars.extend_bars(columns((OPEN_NS + n * MINUTE_NS, 1, 1, 1, 1, 1)))
        if looks:
            bars.columns(1)
    assert [*seen, bars.over()] == [0, 0, 1, 2]


def test_capacity_holds_for_bars_given_at_once():
    bars = TimeBars(MINUTE_NS, 3)
    bars.extend_bars(columns(*((OPEN_NS + n * MINUTE_NS, n, n, n, n, 1) for n in range(1, 9))))
    assert bars.columns(9).close.tolist() == [6, 7, 8]
    bars.extend_bars(columns())
    assert len(bars.columns(9)) == 3
