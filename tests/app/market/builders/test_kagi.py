"""Show where lines turn, and where they become thick and thin."""

import math

import numpy as np
import pytest
from hypothesis import given

from app.market.builders.kagi import KagiBars, begins_thick
from tests.tape import DRAWN, at, bodies, give, rows, walk


def lines(*prices, **kwargs):
    return bodies(at(KagiBars(1.0, 99, **kwargs), *prices).columns(99))


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ([100.0], [(100, 100)]),
        ([100.0, 100.9], [(100, 100)]),
        ([100.0, 101.0], [(100, 101)]),
        ([100.0, 101.0, 103.0, 102.1], [(100, 103)]),
        ([100.0, 101.0, 103.0, 102.0], [(100, 103), (103, 102)]),
        ([100.0, 98.0, 97.0, 98.0], [(100, 97), (97, 98)]),
        ([100.0, 98.0, 97.0, 98.0, 96.0], [(100, 97), (97, 98), (98, 96)]),
    ],
    ids=["point", "not yet", "begins", "comes back", "turns", "falls first", "turns twice"],
)
def test_lines_of_a_dollar(prices, expected):
    assert lines(*prices) == expected


def test_percentage_is_of_the_extreme():
    bars = KagiBars(10, 9, is_percent=True)
    assert bodies(at(bars, 100, 111, 200, 180.01).columns(9)) == [(100, 200)]
    assert bodies(at(bars, 180).columns(9)) == [(100, 200), (200, 180)]


class TestThickness:
    def test_line_is_thick_above_the_shoulder_and_thin_below_the_waist(self):
        bars = at(KagiBars(1.0, 9), 100, 103, 101, 105, 99, 101, 98, 102, 106).columns(9)
        assert bodies(bars) == [
            (100, 103),
            (103, 101),
            (101, 105),
            (105, 99),
            (99, 101),
            (101, 98),
        ] + [(98, 106)]
        assert bars.is_yang.tolist() == [1, 1, 1, 0, 0, 0, 1]
        turns = [None if math.isnan(px) else px for px in bars.turn_px.tolist()]
        assert turns == [None, None, None, 101, None, None, 101]
        assert begins_thick(bars).tolist() == [True, True, True, True, False, False, False]

    def test_first_line_is_thin_if_it_falls(self):
        bars = at(KagiBars(1.0, 9), 100, 98).columns(9)
        assert bars.is_yang.tolist() == [0]
        assert not begins_thick(bars).any()


def test_shares_that_come_back_but_do_not_turn_belong_to_the_line():
    bars = KagiBars(1, 9)
    give(bars, (0, 100.0, 1), (1, 102.0, 2), (2, 101.5, 4), (3, 101.0, 8))
    assert rows(bars.columns(9)) == [(0, 100, 102, 100, 102, 7), (3, 102, 102, 101, 101, 8)]


@given(DRAWN)
def test_lines_hang_together_alternate_and_are_long_enough(groups):
    bars = KagiBars(0.3, 999)
    for group in walk(groups):
        if group:
            give(bars, *group)
    seen = bodies(bars.columns(999))
    for (open_, close), (next_open, next_close) in zip(seen, seen[1:], strict=False):
        assert next_open == close
        assert np.sign(next_close - next_open) == -np.sign(close - open_)
        assert abs(next_close - next_open) >= 0.3 - 1e-6
