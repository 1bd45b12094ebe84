"""Show that bricks stand where the price went, and that without a move there is none."""

import numpy as np
import pytest
from hypothesis import given

from app.market.bars import BarColumns
from app.market.builders.renko import RenkoBars, atr_brick
from tests.tape import DRAWN, at, bodies, give, rows, walk


def bricks(*prices, brick=1.0):
    """Return the bricks that are over: a last price of none shows the open one away."""
    return bodies(at(RenkoBars(brick, 99), *prices).columns(99))


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ([100.4], [(100, 100.4)]),
        ([100.4, 100.99], [(100, 100.99)]),
        ([100.4, 101.0], [(100, 101)]),
        ([100.4, 103.2], [(100, 101), (101, 102), (102, 103)]),
        ([100.4, 99.0], [(100, 99)]),
        ([100.0, 102.0, 101.0], [(100, 101), (101, 102), (102, 101)]),
        ([100.0, 102.0, 100.01], [(100, 101), (101, 102), (102, 100.01)]),
        ([100.0, 102.0, 100.0], [(100, 101), (101, 102), (101, 100)]),
        ([100.0, 98.0, 100.0], [(100, 99), (99, 98), (99, 100)]),
        ([100.0, 102.0, 97.0], [(100, 101), (101, 102), (101, 100), (100, 99), (99, 98), (98, 97)]),
    ],
    ids=[
        "first price lies in a box and makes no brick",
        "not there yet",
        "on the line",
        "several at once",
        "down first",
        "one brick back is no reversal",
        "nearly two",
        "two bricks back reverse beside the last",
        "up again",
        "far down",
    ],
)
def test_bricks_of_a_dollar(prices, expected):
    assert bricks(*prices) == expected


def test_first_brick_of_a_trade_has_the_shares_and_the_others_begin_with_it():
    bars = RenkoBars(1, 9)
    give(bars, (0, 100.0, 5), (1, 100.5, 6), (2, 102.0, 7), (3, 102.1, 8))
    assert rows(bars.columns(9)) == [
        (0, 100, 101, 100, 101, 18),
        (2, 101, 102, 101, 102, 0),
        (3, 102, 102.1, 102, 102.1, 8),
    ]


def test_jump_over_a_million_bricks_makes_only_those_that_are_kept():
    bars = RenkoBars(0.0001, 5)
    give(bars, (0, 1.0, 1), (1, 1_000_000.0, 1))
    assert bars.columns(9).close.tolist()[-1] == 1_000_000
    give(bars, (2, 1.0, 1))
    assert bars.columns(9).close.tolist()[-1] == 1


@given(DRAWN)
def test_bricks_hang_together_and_only_a_move_makes_one(groups):
    bars = RenkoBars(0.1, 9_999)
    lowest, highest = np.inf, 0.0
    for group in walk(groups):
        before = len(bars.columns(9_999))
        if group:
            give(bars, *group)
            prices = [price for _, price, _ in group]
            lowest, highest = min(lowest, *prices), max(highest, *prices)
        after = bars.columns(9_999)
        if len(after) > before + 1:
            assert highest - lowest >= 0.1 * (len(after) - before - 1) / max(1, len(group)) - 1e-9
    over = bodies(bars.columns(9_999))[:-1]
    for (open_, close), (next_open, next_close) in zip(over, over[1:], strict=False):
        assert abs(abs(close - open_) - 0.1) < 1e-9
        same_way = (close > open_) == (next_close > next_open)
        assert next_open == (close if same_way else open_)


def bars_of(*rows_):
    high, low, close = np.array(rows_, float).T
    return BarColumns(
        start_ns=np.arange(len(high)), open=close, high=high, low=low, close=close, volume=high
    )


class TestBrickByTrueRange:
    def test_gap_from_the_close_before_counts(self):
        assert atr_brick(bars_of((10, 9, 10), (15, 14, 15)), 1) == 5
        assert atr_brick(bars_of((10, 9, 10), (15, 14, 15)), 2) == 3

    def test_it_is_at_least_a_tick_and_on_the_tick(self):
        assert atr_brick(bars_of((10, 10, 10)), 14) == 0.01
        assert atr_brick(bars_of((10.011, 10, 10)), 14) == 0.02

    def test_of_nothing_and_of_no_numbers_it_is_the_tick(self):
        assert atr_brick(bars_of((np.nan, 1, 1)), 14) == 0.01
        none = RenkoBars(1, 1).columns(1)
        assert atr_brick(none, 14) == 0.01
