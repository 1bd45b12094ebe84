"""Show that a range bar holds what fits into its height, and that none is made up."""

import pytest
from hypothesis import given

from app.market.builders.range_bars import RangeBars
from tests.tape import DRAWN, at, bodies, give, rows, walk


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ([10.0, 10.1, 9.9, 10.0], [(10.0, 10.0)]),
        ([10.0, 10.1, 9.9, 10.11], [(10.0, 9.9), (10.11, 10.11)]),
        ([10.0, 10.2, 10.3], [(10.0, 10.2), (10.3, 10.3)]),
        ([10.0, 12.0], [(10.0, 10.0), (12.0, 12.0)]),
    ],
    ids=["fits", "falls out below", "falls out above", "jump makes no bar of its own"],
)
def test_bars_of_20_cents(prices, expected):
    assert bodies(at(RangeBars(0.2, 99), *prices).columns(99)) == expected


def test_trade_that_does_not_fit_is_counted_in_the_next_bar():
    bars = RangeBars(1, 9)
    give(bars, (0, 10.0, 5), (1, 11.0, 6), (2, 11.5, 7))
    assert rows(bars.columns(9)) == [(0, 10, 11, 10, 11, 11), (2, 11.5, 11.5, 11.5, 11.5, 7)]


@given(DRAWN)
def test_no_bar_is_higher_than_the_range_and_the_next_trade_would_have_made_it_so(groups):
    bars = RangeBars(0.25, 999)
    for group in walk(groups):
        if group:
            give(bars, *group)
    seen = bars.columns(999)
    assert (seen.high - seen.low <= 0.25 + 1e-6).all()
    for i in range(len(seen) - 1):
        next_px = seen.open[i + 1]
        assert max(seen.high[i], next_px) - min(seen.low[i], next_px) > 0.25
