"""Show that an order's quantity is a number of whole lots within the limit.

Method: a table around each limit.
"""

from decimal import Decimal

import pytest

from app.risk.checks.order_qty import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import EXTREMES, instrument, new_order, picture


def find(qty, known=None, qty_max="1000"):
    given = RiskInput(order=new_order(qty=qty), instrument=known, picture=picture())
    return CHECK.check(given, Params(qty_max=Decimal(qty_max)))


@pytest.mark.parametrize(
    ("qty", "lot", "passed", "value", "limit"),
    [
        pytest.param("1", "1", True, "1", "1,000", id="one"),
        pytest.param("1000", "1", True, "1,000", "1,000", id="at the limit"),
        pytest.param("1001", "1", False, "1,001", "1,000", id="over the limit"),
        pytest.param("1000.5", "0.5", False, "1,000.5", "1,000", id="over by a part"),
        pytest.param("0.5", "1", False, "0.5", "x 1", id="part of a share"),
        pytest.param("0.5", "0.5", True, "0.5", "1,000", id="part where parts are sold"),
        pytest.param("150", "100", False, "150", "x 100", id="off the lot"),
        pytest.param("1e3", "1", True, "1,000", "1,000", id="written in powers"),
    ],
)
def test_quantity_is_of_whole_lots_up_to_the_limit(qty, lot, passed, value, limit):
    found = find(qty, instrument(lot=Decimal(lot)))
    assert (found.passed, found.value, found.limit) == (passed, value, limit)
    assert bool(found.text) is not passed


def test_lot_of_an_unknown_symbol_is_one_share():
    assert not find("0.5").passed
    assert find("5").passed


@pytest.mark.parametrize("qty", EXTREMES, ids=str)
def test_quantity_that_is_none_is_refused_in_few_words(qty):
    found = find(qty)
    assert not found.passed
    assert len(found.text) < 100


def test_use_is_the_share_of_the_limit():
    assert find("250").use == 0.25
    assert find("2000").use == 1.0


@pytest.mark.parametrize(("late_ns", "passed"), [(1, True), (0, False), (-1, False)])
def test_order_with_a_date_is_good_till_a_later_one(late_ns, passed):
    order = new_order(expire_ns=picture().ts_ns + late_ns)
    found = CHECK.check(RiskInput(order=order, instrument=None, picture=picture()), Params())
    assert found.passed is passed
    if not passed:
        assert found.text.startswith("the order was good till 2026-11-23T09:")
        assert found.limit == "later"
