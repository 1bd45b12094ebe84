"""Show that prints are put to the side they came from, and that bars and cells hold them all."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ids import Symbol
from app.domain.market import Quote, Trade
from app.domain.times import SECOND_NS
from app.market.flow import BOUGHT, CELLS_MAX, SOLD, UNKNOWN, FlowSeries, cells_of, side_of

IBM = Symbol("IBM")


def quote(bid, ask):
    return Quote(
        symbol=IBM,
        bid=None if bid is None else Decimal(bid),
        bid_size=1,
        ask=None if ask is None else Decimal(ask),
        ask_size=1,
        ts_exch_ns=0,
        ts_recv_ns=0,
    )


def trade(price):
    return Trade(symbol=IBM, price=Decimal(price), size=1, ts_exch_ns=0, ts_recv_ns=0)


@pytest.mark.parametrize(
    ("price", "bid", "ask", "before", "side_before", "side"),
    [
        ("10.02", "10.00", "10.02", None, UNKNOWN, BOUGHT),
        ("10.05", "10.00", "10.02", "10.10", SOLD, BOUGHT),
        ("10.00", "10.00", "10.02", None, UNKNOWN, SOLD),
        ("9.99", "10.00", "10.02", "9.00", BOUGHT, SOLD),
        ("10.015", "10.00", "10.02", None, UNKNOWN, BOUGHT),
        ("10.005", "10.00", "10.02", None, UNKNOWN, SOLD),
        ("10.01", "10.00", "10.02", "10.00", SOLD, BOUGHT),
        ("10.01", "10.00", "10.02", "10.05", BOUGHT, SOLD),
        ("10.01", "10.00", "10.02", "10.01", SOLD, SOLD),
        ("10.01", "10.00", "10.02", None, UNKNOWN, UNKNOWN),
        ("10.01", None, "10.02", "10.00", SOLD, BOUGHT),
        ("10.01", "10.00", None, "10.05", BOUGHT, SOLD),
        ("10.00", "10.00", None, "9.00", BOUGHT, SOLD),
        ("10.02", None, "10.02", "11.00", SOLD, BOUGHT),
    ],
)
def test_a_print_is_put_to_the_side_of_the_quote(price, bid, ask, before, side_before, side):
    known = None if before is None else trade(before)
    assert side_of(trade(price), quote(bid, ask), known, side_before) == side


@pytest.mark.parametrize(
    ("before", "side_before", "side"),
    [(None, UNKNOWN, UNKNOWN), ("9.99", SOLD, BOUGHT), ("10.01", BOUGHT, SOLD), ("10", SOLD, SOLD)],
)
def test_without_a_quote_the_print_before_decides(before, side_before, side):
    known = None if before is None else trade(before)
    assert side_of(trade("10.00"), None, known, side_before) == side


PRINTS = st.lists(
    st.tuples(st.integers(0, 90), st.integers(1, 500), st.sampled_from([BOUGHT, SOLD, UNKNOWN])),
    min_size=1,
    max_size=60,
).map(lambda rows: sorted(rows, key=lambda row: row[0]))


def arrays(rows):
    times = np.array([row[0] for row in rows], dtype=np.int64) * (SECOND_NS // 3)
    sizes = np.array([row[1] for row in rows], dtype=np.float64)
    return times, sizes, np.array([row[2] for row in rows])


@given(rows=PRINTS, cuts=st.lists(st.integers(0, 60), max_size=4))
def test_bars_hold_what_was_traded_however_it_came(rows, cuts):
    times, sizes, sides = arrays(rows)
    series = FlowSeries(1_000)
    edges = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
    for first, end in zip(edges[:-1], edges[1:], strict=True):
        series.extend(times[first:end], sizes[first:end], sides[first:end])
    starts = np.arange(0, 40, 5, dtype=np.int64) * SECOND_NS
    flow = series.of_bars(starts)
    known_ns = int(times[0] - times[0] % SECOND_NS) + SECOND_NS
    for number, start in enumerate(starts.tolist()):
        end = start + 5 * SECOND_NS
        if start < known_ns:
            assert np.isnan(flow.bought[number])
            assert np.isnan(flow.sold[number])
            continue
        within = (times >= start) & (times < end)
        if number == len(starts) - 1:
            within = times >= start
        assert flow.bought[number] == sizes[within & (sides > 0)].sum()
        assert flow.sold[number] == sizes[within & (sides < 0)].sum()


@given(rows=PRINTS, first=st.integers(0, 7))
def test_of_the_newest_bars_alone_it_is_the_same(rows, first):
    series = FlowSeries(1_000)
    series.extend(*arrays(rows))
    starts = np.arange(0, 40, 5, dtype=np.int64) * SECOND_NS
    whole, part = series.of_bars(starts), series.of_bars(starts[first:])
    assert np.array_equal(whole.bought[first:], part.bought, equal_nan=True)
    assert np.array_equal(whole.sold[first:], part.sold, equal_nan=True)


def test_what_was_forgotten_is_not_known():
    series = FlowSeries(5)
    for second in range(20):
        row = np.array([second], dtype=np.int64) * SECOND_NS
        series.extend(row, np.array([10.0]), np.array([BOUGHT]))
    starts = np.arange(0, 20, 5, dtype=np.int64) * SECOND_NS
    assert series.of_bars(starts).bought.tolist()[3:] == [50.0]
    assert np.isnan(series.of_bars(starts).bought[:3]).all()


def test_before_the_first_print_nothing_is_known():
    flow = FlowSeries(5).of_bars(np.arange(3, dtype=np.int64))
    assert np.isnan(flow.bought).all()
    assert len(FlowSeries(5).of_bars(np.empty(0, dtype=np.int64)).sold) == 0


class TestCells:
    @given(
        rows=st.lists(
            st.tuples(
                st.integers(9_000, 11_000), st.integers(1, 900), st.sampled_from([1.0, -1.0, 0.0])
            ),
            min_size=1,
            max_size=80,
        )
    )
    def test_each_row_has_what_traded_there(self, rows):
        cents = np.array([row[0] for row in rows])
        sizes = np.array([float(row[1]) for row in rows])
        sides = np.array([row[2] for row in rows])
        cells = cells_of(cents / 100, sizes, sides, 0.01)
        assert cells.bought.sum() == sizes[sides > 0].sum()
        assert cells.sold.sum() == sizes[sides < 0].sum()
        first = round(cells.low * 100)
        assert first == cents.min()
        for cent in set(cents.tolist()):
            here = cents == cent
            assert cells.bought[cent - first] == sizes[here & (sides > 0)].sum()
            assert cells.sold[cent - first] == sizes[here & (sides < 0)].sum()

    def test_there_is_a_bound_of_rows(self):
        prices = np.array([1.0, 1_000.0])
        cells = cells_of(prices, np.ones(2), np.ones(2), 0.01)
        assert len(cells.bought) <= CELLS_MAX
        assert cells.bought.sum() == 2.0
        assert cells.height == pytest.approx(1.0)

    @pytest.mark.parametrize("height", [0.0, -1.0, float("nan")])
    def test_without_a_height_or_prices_there_are_none(self, height):
        assert cells_of(np.array([1.0]), np.ones(1), np.ones(1), height) is None
        assert cells_of(np.array([np.nan]), np.ones(1), np.ones(1), 0.01) is None
        assert cells_of(np.empty(0), np.empty(0), np.empty(0), 0.01) is None
