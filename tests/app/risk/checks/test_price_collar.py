"""Show that a limit far through the market is taken for the typing error it is.

Method: a table around the collar, and half of it, on both sides.
"""

from decimal import Decimal

import pytest

from app.domain.enums import Phase, Side
from app.risk.checks.price_collar import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, blind_picture, new_order, picture

BUY, SELL = Side.BUY, Side.SELL
ROUND = picture(bid="100", ask="200", last_px="150")
PASSED, ASKED, REFUSED = (True, False), (False, True), (False, False)


def find(order, seen=ROUND, width="1"):
    given = RiskInput(order=order, instrument=None, picture=seen)
    return CHECK.check(given, Params(width_max=Decimal(width)))


@pytest.mark.parametrize(
    ("order", "verdict", "value"),
    [
        pytest.param(new_order(BUY, 1, "203"), PASSED, "1.50 %", id="buy at half"),
        pytest.param(new_order(BUY, 1, "203.01"), ASKED, "1.50 %", id="buy over half"),
        pytest.param(new_order(BUY, 1, "206"), ASKED, "3 %", id="buy at the collar"),
        pytest.param(new_order(BUY, 1, "206.01"), REFUSED, "3 %", id="buy beyond"),
        pytest.param(new_order(BUY, 1, "400"), REFUSED, "100 %", id="buy at twice the price"),
        pytest.param(new_order(BUY, 1, "200"), PASSED, "passive", id="buy at the ask"),
        pytest.param(new_order(BUY, 1, "100"), PASSED, "passive", id="passive buy"),
        pytest.param(new_order(SELL, 1, "98.50"), PASSED, "1.50 %", id="sell at half"),
        pytest.param(new_order(SELL, 1, "98.49"), ASKED, "1.51 %", id="sell over half"),
        pytest.param(new_order(SELL, 1, "97"), ASKED, "3 %", id="sell at the collar"),
        pytest.param(new_order(SELL, 1, "96.99"), REFUSED, "3.01 %", id="sell beyond"),
        pytest.param(new_order(SELL, 1, "300"), PASSED, "passive", id="passive sell"),
    ],
)
def test_limit_may_be_so_far_through_the_opposite_quote(order, verdict, value):
    found = find(order)
    assert ((found.passed, found.can_confirm), found.value) == (verdict, value)
    assert found.limit == "3 %"
    assert bool(found.text) is not found.passed


def test_market_order_has_no_limit():
    assert (find(new_order(BUY)).passed, find(new_order(BUY)).value) == (True, "market")


def test_collar_is_wider_outside_the_session_and_as_it_is_set():
    order = new_order(BUY, 1, "206.01")
    night = picture(bid="100", ask="200", last_px="150", phase=Phase.POST)
    assert find(order, night).can_confirm
    assert find(order, width="2").can_confirm
    assert not find(order, width="0.5").can_confirm


@pytest.mark.parametrize(("side", "limit"), [(BUY, "154.50"), (SELL, "145.50")])
def test_last_price_stands_in_for_a_missing_quote(side, limit):
    one_sided = picture(bid=None, ask=None, last_px="150")
    assert find(new_order(side, 1, limit), one_sided).can_confirm
    beyond = Decimal(limit) + Decimal("0.01") * side.sign
    found = find(new_order(side, 1, beyond), one_sided)
    assert not found.passed
    assert not found.can_confirm


def test_nothing_to_compare_with_denies_opening_and_lets_closing_pass():
    order = new_order(SELL, 100, "100")
    assert not find(order, blind_picture()).passed
    assert find(order, blind_picture(position_qty="100")).passed


@pytest.mark.parametrize("number", NOT_NUMBERS, ids=str)
def test_limit_that_is_no_number_is_refused(number):
    found = find(new_order(BUY, 1, number))
    assert (found.passed, found.text) == (False, f"limit {number} is no number")


def test_use_grows_with_the_distance_and_is_none_of_a_passive_limit():
    assert find(new_order(BUY, 1, "203")).use == 0.5
    assert find(new_order(BUY, 1, "206")).use == 1.0
    assert find(new_order(BUY, 1, "150")).use == 0.0
