"""Show that a limit far through the market is taken for the typing error it is.

Method: a table around the collar on both sides.
"""

from decimal import Decimal

import pytest

from app.domain.enums import Side
from app.risk.checks.price_collar import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import blind_picture, new_order, picture

BUY, SELL = Side.BUY, Side.SELL
ROUND = picture(bid="100", ask="200", last_px="150")


def find(order, seen=ROUND, bps="300"):
    given = RiskInput(order=order, instrument=None, picture=seen)
    return CHECK.check(given, Params(through_bps_max=Decimal(bps)))


@pytest.mark.parametrize(
    ("order", "passed", "value"),
    [
        pytest.param(new_order(BUY), True, "market", id="market"),
        pytest.param(new_order(BUY, 1, "206"), True, "300 bp", id="buy at the collar"),
        pytest.param(new_order(BUY, 1, "206.01"), False, "300 bp", id="buy beyond"),
        pytest.param(new_order(BUY, 1, "400"), False, "10,000 bp", id="buy at twice the price"),
        pytest.param(new_order(BUY, 1, "100"), True, "-5,000 bp", id="passive buy"),
        pytest.param(new_order(SELL, 1, "97"), True, "300 bp", id="sell at the collar"),
        pytest.param(new_order(SELL, 1, "96.99"), False, "301 bp", id="sell beyond"),
        pytest.param(new_order(SELL, 1, "300"), True, "-20,000 bp", id="passive sell"),
    ],
)
def test_limit_may_be_so_far_through_the_opposite_quote(order, passed, value):
    found = find(order)
    assert (found.passed, found.value, found.limit) == (passed, value, "300 bp")
    assert bool(found.text) is not passed


@pytest.mark.parametrize(("side", "limit"), [(BUY, "154.50"), (SELL, "145.50")])
def test_last_price_stands_in_for_a_missing_quote(side, limit):
    one_sided = picture(bid=None, ask=None, last_px="150")
    assert find(new_order(side, 1, limit), one_sided).passed
    beyond = Decimal(limit) + Decimal("0.01") * side.sign
    assert not find(new_order(side, 1, beyond), one_sided).passed


def test_nothing_to_compare_with_denies_opening_and_lets_closing_pass():
    order = new_order(SELL, 100, "100")
    assert not find(order, blind_picture()).passed
    assert find(order, blind_picture(position_qty="100")).passed


def test_use_grows_with_the_distance_and_is_none_of_a_passive_limit():
    assert find(new_order(BUY, 1, "203")).use == 0.5
    assert find(new_order(BUY, 1, "150")).use == 0.0
