"""Show that each price stands once, in its own row, whatever the book looks like."""

from __future__ import annotations

from decimal import Decimal as D  # noqa: N817  Short, in tables.

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import Side
from widgets.ladder.rungs import (
    Market,
    by_rung,
    centred_top,
    is_off_centre,
    middle_of,
    rung_of,
    rungs,
)

CENT = D("0.01")


@pytest.mark.parametrize(
    ("side", "price", "row"),
    [
        (Side.BUY, "186.68", "186.68"),
        (Side.SELL, "186.68", "186.68"),
        (Side.BUY, "186.685", "186.68"),
        (Side.SELL, "186.685", "186.69"),
    ],
)
def test_a_price_between_two_rows_stands_in_the_worse_one(side, price, row):
    assert by_rung([(D(price), 100)], side, CENT) == {D(row): 100}


def test_shares_that_share_a_row_are_added():
    levels = [(D("10.001"), 100), (D("10.004"), 50), (D("10.01"), 7)]
    assert by_rung(levels, Side.BUY, CENT) == {D("10.00"): 150, D("10.01"): 7}


def test_rows_go_down_by_the_tick_and_end_above_zero():
    made = rungs(Market(bids={D("0.02"): 5}), D("0.03"), CENT, 10)
    assert [(r.price, r.bid) for r in made] == [(D("0.03"), 0), (D("0.02"), 5), (D("0.01"), 0)]


@pytest.mark.parametrize(
    ("market", "middle"),
    [
        (Market(), None),
        (Market(last=D(7)), D(7)),
        (Market(bids={D(6): 1}, last=D(7)), D(7)),
        (Market(bids={D(6): 1}), D(6)),
        (Market(asks={D(8): 1}), D(8)),
        (Market(bids={D(6): 1, D(5): 1}, asks={D(8): 1, D(9): 1}), D(7)),
    ],
)
def test_the_middle_is_the_market_as_far_as_it_is_known(market, middle):
    assert middle_of(market) == middle


@given(
    cents=st.integers(min_value=1, max_value=10**7),
    count=st.integers(min_value=6, max_value=80),
)
def test_what_was_just_centred_is_not_off_the_centre(cents, count):
    middle = CENT * cents / 2
    top = centred_top(middle, CENT, count)
    assert rung_of(top, CENT) == top
    assert not is_off_centre(middle, top, CENT, count)
    assert is_off_centre(middle + CENT * count, top, CENT, count)
