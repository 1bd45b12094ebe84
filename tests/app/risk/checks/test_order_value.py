"""Show that the value of every order is limited, of market orders too.

Method: a table around the limit, and orders without a price.
"""

from decimal import Decimal

import pytest

from app.domain.enums import Side
from app.risk.checks.order_value import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, blind_picture, new_order, picture

BUY, SELL = Side.BUY, Side.SELL


def find(order, seen=None, value_max="10000", share="1"):
    given = RiskInput(order=order, instrument=None, picture=seen or picture())
    params = Params(value_max=Decimal(value_max), equity_share_max=Decimal(share))
    return CHECK.check(given, params)


@pytest.mark.parametrize(
    ("order", "passed", "value"),
    [
        pytest.param(new_order(BUY, 100, "100"), True, "10,000.00", id="at the limit"),
        pytest.param(new_order(BUY, 100, "100.01"), False, "10,001.00", id="over"),
        pytest.param(new_order(BUY, 100), False, "10,301.03", id="market buy: ask and collar"),
        pytest.param(new_order(SELL, 100), True, "9,999.00", id="market sell at the bid"),
        pytest.param(new_order(SELL, 100, "1"), True, "9,999.00", id="sell limit below the bid"),
        pytest.param(new_order(SELL, 100, "101"), False, "10,100.00", id="sell limit above"),
    ],
)
def test_value_is_at_the_worst_price(order, passed, value):
    found = find(order)
    assert (found.passed, found.value, found.limit) == (passed, value, "10,000.00")


def test_what_closes_is_let_out_whatever_it_is_worth():
    found = find(new_order(SELL, 200), picture(position_qty="200"))
    assert (found.passed, found.value) == (True, "closing")
    assert not find(new_order(SELL, 200), picture(position_qty="199")).passed


@pytest.mark.parametrize(
    ("equity", "passed", "limit"),
    [("50000", True, "10,000.00"), ("49999", False, "9,999.80"), ("0", False, "0.00")],
)
def test_share_of_the_equity_holds_where_it_is_less(equity, passed, limit):
    found = find(new_order(BUY, 100, "100"), picture(equity=equity), share="0.2")
    assert (found.passed, found.limit) == (passed, limit)


def test_equity_that_is_not_known_refuses_what_opens():
    found = find(new_order(BUY, 100, "100"), picture(equity=None), share="0.2")
    assert (found.passed, found.value) == (False, "unknown")


def test_equity_that_is_not_known_lets_what_closes_pass():
    seen = picture(equity=None, position_qty=Decimal(-100))
    assert find(new_order(BUY, 100, "100"), seen, share="0.2").passed


@pytest.mark.parametrize("number", [*NOT_NUMBERS, Decimal(0), Decimal(-5)], ids=str)
def test_quantity_that_is_no_number_has_no_value(number):
    found = find(new_order(BUY, number, "100"))
    assert (found.passed, found.value) == (False, "unknown")


def test_unknown_value_denies_opening_and_lets_closing_pass():
    order = new_order(SELL, 100)
    assert not find(order, blind_picture()).passed
    assert not find(order, blind_picture(position_qty="99")).passed
    found = find(order, blind_picture(position_qty="100"))
    assert (found.passed, found.value) == (True, "closing")


def test_use_is_the_share_of_the_limit():
    assert find(new_order(BUY, 50, "100")).use == 0.5
    assert find(new_order(BUY, 5000, "100")).use == 1.0
