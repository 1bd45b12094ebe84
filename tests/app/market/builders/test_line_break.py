"""Show when a close draws a line, and how many lines it has to break to turn."""

import pytest
from hypothesis import given

from app.market.builders.line_break import LineBreakBars
from tests.tape import DRAWN, at, bodies, give, rows, walk


def lines(*prices, number=3):
    return bodies(at(LineBreakBars(number, 99), *prices).columns(99))


@pytest.mark.parametrize(
    ("closes", "expected"),
    [
        ([10], [(10, 10)]),
        ([10, 11], [(10, 11)]),
        ([10, 11, 12, 13], [(10, 11), (11, 12), (12, 13)]),
        ([10, 11, 12, 13, 10.5], [(10, 11), (11, 12), (12, 13), (13, 10.5)]),
        ([10, 11, 12, 13, 9], [(10, 11), (11, 12), (12, 13), (12, 9)]),
        ([10, 11, 12, 13, 14, 10.5], [(10, 11), (11, 12), (12, 13), (13, 14), (13, 10.5)]),
        ([10, 11, 9], [(10, 11), (10, 9)]),
        ([10, 9, 8, 7, 10.5], [(10, 9), (9, 8), (8, 7), (8, 10.5)]),
        ([10, 9, 8, 7, 9.5], [(10, 9), (9, 8), (8, 7), (7, 9.5)]),
    ],
    ids=[
        "point",
        "first",
        "up",
        "three are not broken",
        "turns from where the last began",
        "only three count",
        "of as many as there are",
        "up again",
        "not high enough",
    ],
)
def test_three_lines(closes, expected):
    assert lines(*closes) == expected


def test_one_line_turns_sooner():
    assert lines(10, 11, 12, 10.5, number=1) == [(10, 11), (11, 12), (11, 10.5)]


def test_line_has_the_shares_since_the_last():
    bars = LineBreakBars(3, 9)
    give(bars, (0, 10.0, 1), (1, 11.0, 2), (2, 10.5, 4), (3, 12.0, 8), (4, 11.5, 16))
    assert rows(bars.columns(9)) == [
        (0, 10, 11, 10, 11, 3),
        (2, 11, 12, 11, 12, 12),
        (4, 12, 12, 11.5, 11.5, 16),
    ]


@given(DRAWN)
def test_every_line_is_a_new_extreme(groups):
    bars = LineBreakBars(3, 999)
    for group in walk(groups):
        if group:
            give(bars, *group)
    over = bodies(bars.columns(999))[:-1]
    for i in range(1, len(over)):
        (open_, close), before = over[i], over[max(0, i - 3) : i]
        if close > open_:
            assert close > max(max(line) for line in before[-1:])
        else:
            assert close < min(min(line) for line in before[-1:])
