"""Show that a limit far from the market is asked about.

Method: a table around five collars, buys and sells.
"""

from decimal import Decimal

import pytest

from app.domain.enums import Side
from app.risk.checks.far_limit import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, blind_picture, new_order, picture

BUY, SELL = Side.BUY, Side.SELL
MARKET = picture(bid="99", ask="101")


def find(order, seen=MARKET, **params):
    return CHECK.check(RiskInput(order=order, instrument=None, picture=seen), Params(**params))


@pytest.mark.parametrize(
    ("side", "limit", "passed", "value"),
    [
        (BUY, "85", True, "15 %"),
        (BUY, "84.99", False, "15.01 %"),
        (BUY, "100", True, "not passive"),
        (BUY, "150", True, "not passive"),
        (SELL, "115", True, "15 %"),
        (SELL, "115.01", False, "15.01 %"),
        (SELL, "100", True, "not passive"),
        (SELL, "50", True, "not passive"),
    ],
)
def test_limit_lies_within_five_collars_of_the_middle(side, limit, passed, value):
    found = find(new_order(side, 1, limit))
    assert (found.passed, found.can_confirm, found.value) == (passed, not passed, value)
    assert found.limit == "15 %"
    assert passed or f"limit {limit} is {value} away from the market at 100" in found.text


def test_use_is_the_share_of_the_distance():
    assert find(new_order(BUY, 1, "92.5")).use == 0.5
    assert find(new_order(BUY, 1, "85"), collars_max=Decimal(1)).use == 1.0
    assert not find(new_order(BUY, 1, "85"), collars_max=Decimal(1)).passed


def test_without_a_limit_there_is_no_distance():
    assert find(new_order(BUY, 1)).passed


@pytest.mark.parametrize("limit", NOT_NUMBERS, ids=str)
def test_limit_that_is_no_number_is_asked_about(limit):
    found = find(new_order(BUY, 1, limit))
    assert (found.passed, found.can_confirm, found.value) == (False, True, "unknown")
    assert found.text == f"limit {limit} is no number"


@pytest.mark.parametrize("seen", [blind_picture(), picture(bid=None), picture(ask=None)])
def test_without_both_sides_it_passes(seen):
    assert find(new_order(BUY, 1, "1"), seen).passed
