"""Show that one more symbol than can be watched needs a person's word.

Method: a table around the limit.
"""

import pytest

from app.domain.enums import Side
from app.risk.checks.symbols_held import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, new_order, picture

BUY, SELL = Side.BUY, Side.SELL


def find(order, **changes):
    given = RiskInput(order=order, instrument=None, picture=picture(**changes))
    return CHECK.check(given, Params())


@pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
@pytest.mark.parametrize(
    ("held", "passed", "value"), [(0, True, "1"), (49, True, "50"), (50, False, "51")]
)
def test_new_symbol_is_counted(side, held, passed, value):
    found = find(new_order(side, 1), symbols_held=held)
    assert (found.passed, found.value, found.limit) == (passed, value, "50")
    assert found.can_confirm is not passed
    assert found.text == ("" if passed else "IBM would be symbol 51 that is held, limit 50")
    assert found.use == (int(value) / 50 if passed else 1.0)


@pytest.mark.parametrize("position", ["1", "-1"])
@pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
def test_symbol_that_is_held_may_grow(position, side):
    found = find(new_order(side, 100), symbols_held=90, position_qty=position)
    assert (found.passed, found.value) == (True, "90")


def test_working_order_makes_no_holding_yet():
    found = find(new_order(BUY, 1), symbols_held=50, working_buy_qty="100")
    assert not found.passed


def test_closing_passes_however_many_are_held():
    found = find(new_order(SELL, 1), symbols_held=90, position_qty="1")
    assert (found.passed, found.value) == (True, "closing")


@pytest.mark.parametrize("number", NOT_NUMBERS, ids=str)
def test_position_that_is_no_number_is_none_that_is_held(number):
    found = find(new_order(BUY, 1), symbols_held=60, position_qty=number)
    assert (found.passed, found.can_confirm, found.value) == (False, True, "unknown")
    assert found.text == "whether IBM is held is not known"
