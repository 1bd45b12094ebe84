"""Show that no short sale goes at or below the bid while the price test is in force.

Method: a table of limits around the bid.
"""

import pytest

from app.domain.enums import OrdType, Side
from app.risk.checks.price_test import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, new_order, picture

BUY, SELL = Side.BUY, Side.SELL


def find(order, is_on=True, **changes):
    seen = picture(is_short_restricted=is_on, **{"bid": "100", **changes})
    return CHECK.check(RiskInput(order=order, instrument=None, picture=seen), Params())


@pytest.mark.parametrize(
    ("limit", "passed"),
    [("99.99", False), ("100", False), ("100.00", False), ("100.01", True), ("150", True)],
)
@pytest.mark.parametrize(
    "changes",
    [{}, {"position_qty": "-100"}, {"position_qty": "100", "working_sell_qty": "100"}],
    ids=["flat", "short", "all of it being sold"],
)
def test_limit_of_a_short_sale_is_above_the_bid(limit, passed, changes):
    found = find(new_order(SELL, 100, limit), **changes)
    assert (found.passed, found.value, found.limit) == (passed, limit, "> 100")
    text = f"price test is in force: limit {limit} of a short sale must be above the bid 100"
    assert found.text == ("" if passed else text)
    assert not found.can_confirm


def test_part_that_opens_is_enough():
    assert not find(new_order(SELL, 101, "100"), position_qty="100").passed


@pytest.mark.parametrize("limit", [None, *NOT_NUMBERS, "0", "-1"], ids=str)
def test_order_without_a_limit_is_refused(limit):
    found = find(new_order(SELL, 100, limit))
    assert (found.passed, found.value, found.can_confirm) == (False, "no limit", False)
    assert found.text == "price test is in force: a short sale needs a limit above the bid 100"


def test_stop_is_refused_as_it_becomes_a_market_order():
    assert not find(new_order(SELL, 100, ord_type=OrdType.STOP)).passed


@pytest.mark.parametrize("bid", [None, *NOT_NUMBERS, "0"], ids=str)
def test_unknown_bid_denies_a_short_sale(bid):
    found = find(new_order(SELL, 100, "200"), bid=bid)
    assert (found.passed, found.value, found.limit) == (False, "unknown", "> bid")
    assert not found.can_confirm
    assert found.text == "price test of IBM is in force and its bid is not known"


def test_closing_passes_at_any_price():
    found = find(new_order(SELL, 100, "1"), position_qty="100", bid=None)
    assert (found.passed, found.value) == (True, "closing")


def test_buy_passes():
    assert find(new_order(BUY, 100), bid=None).value == "buy"


@pytest.mark.parametrize("limit", [None, "1"])
def test_without_the_price_test_a_short_sale_goes_at_any_price(limit):
    found = find(new_order(SELL, 100, limit), is_on=False)
    assert (found.passed, found.value) == (True, "off")
