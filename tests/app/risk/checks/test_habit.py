"""Show that an order many times larger than usual is asked about.

Method: a table around ten times the median.
"""

from decimal import Decimal

import pytest

from app.domain.decision import Traffic
from app.risk.checks.habit import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, blind_picture, new_order, picture


def find(qty, usual="1000", seen=None, limit="10"):
    value = None if usual is None else Decimal(usual)
    seen = picture(traffic=Traffic(habit_value=value)) if seen is None else seen
    given = RiskInput(order=new_order(qty=qty, limit=limit), instrument=None, picture=seen)
    return CHECK.check(given, Params())


@pytest.mark.parametrize(
    ("qty", "passed", "value"),
    [(100, True, "1.0x"), (1_000, True, "10.0x"), (1_001, False, "10.0x"), (9_000, False, "90.0x")],
)
def test_value_is_within_ten_times_the_usual(qty, passed, value):
    found = find(qty)
    assert (found.passed, found.can_confirm, found.value) == (passed, not passed, value)
    assert found.limit == "10x"
    assert passed or found.text == f"the order is {value} the usual 1,000.00 USD, limit 10x"


@pytest.mark.parametrize("usual", [None, "0"])
def test_without_a_habit_everything_is_usual(usual):
    assert (find(9_000, usual).passed, find(9_000, usual).value) == (True, "no habit")


def test_without_a_price_nothing_is_said():
    blind = blind_picture(traffic=Traffic(habit_value=Decimal(1)))
    assert find(100, seen=blind, limit=None).passed


@pytest.mark.parametrize("number", NOT_NUMBERS, ids=str)
def test_what_is_no_number_is_asked_about(number):
    for found in (find(number), find(1, limit=number), find(1, usual=number)):
        assert (found.passed, found.can_confirm, found.value) == (False, True, "unknown")


def test_use_is_the_share_of_the_limit():
    assert find(500).use == 0.5
