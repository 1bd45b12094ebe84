"""Show that a child order never comes to more than its parent leaves, whether it opens or closes.

Method: a table around the limit.
"""

from decimal import Decimal

import pytest

from app.domain.enums import Side
from app.risk.checks.family import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, new_order, picture

BUY, SELL = Side.BUY, Side.SELL


def find(order, left, position="0"):
    seen = picture(position_qty=position, family_qty=left)
    return CHECK.check(RiskInput(order=order, instrument=None, picture=seen), Params())


@pytest.mark.parametrize(
    ("qty", "left", "passed"),
    [(99, "100", True), (100, "100", True), (101, "100", False), (1, "0", False), (1, "-5", False)],
)
@pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
@pytest.mark.parametrize("position", ["0", "500", "-500"])
def test_child_takes_no_more_than_is_left(side, position, qty, left, passed):
    found = find(new_order(side, qty), left, position)
    assert (found.passed, found.value, found.limit) == (passed, f"{qty}", left)
    text = f"quantity {qty} is over the {left} shares that the parent order leaves"
    assert found.text == ("" if passed else text)
    assert not found.can_confirm


def test_order_without_a_parent_passes():
    found = find(new_order(BUY, 9_999), None)
    assert (found.passed, found.value, found.limit) == (True, "no parent", "none")


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=str)
def test_what_is_no_number_is_refused(value):
    for found in (find(new_order(SELL, 1), value), find(new_order(SELL, value), "100")):
        assert (found.passed, found.value, found.limit) == (False, "unknown", "unknown")
        assert not found.can_confirm
        assert found.text == "what the parent order leaves is not known"


def test_use_is_the_share_of_what_is_left():
    assert find(new_order(BUY, 25), Decimal(100)).use == 0.25
    assert find(new_order(BUY, 101), Decimal(100)).use == 1.0
