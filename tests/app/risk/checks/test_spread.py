"""Show that a market order needs a market.

Method: tables of quotes; a closing order is asked about, not refused.
"""

from decimal import Decimal

import pytest

from app.domain.enums import Side
from app.risk.checks.spread import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import new_order, picture

SIDES = [Side.BUY, Side.SELL]


def find(side, position="0", limit=None, **seen):
    order = new_order(side, 100, limit)
    given = RiskInput(order=order, instrument=None, picture=picture(position_qty=position, **seen))
    return CHECK.check(given, Params())


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("bid", "ask", "passed", "value"),
    [
        ("99", "101", True, "2 %"),
        ("98.99", "101.01", False, "2.02 %"),
        ("99.99", "100.01", True, "0.02 %"),
        ("100", "100", False, "crossed"),
        ("101", "99", False, "crossed"),
        (None, "101", False, "one-sided"),
        ("99", None, False, "one-sided"),
        ("0", "101", False, "one-sided"),
        ("NaN", "101", False, "one-sided"),
    ],
)
def test_quote_has_two_sides_in_order_and_near_each_other(side, bid, ask, passed, value):
    known = {"bid": bid, "ask": ask}
    seen = {name: None if px is None else Decimal(px) for name, px in known.items()}
    found = find(side, **seen)
    assert (found.passed, found.can_confirm, found.value) == (passed, False, value)
    assert found.limit == "2 %"
    assert bool(found.text) is not passed
    closing = find(side, position=str(-100 * side.sign), **seen)
    assert closing.passed is (passed or value == "one-sided")
    assert closing.can_confirm is not closing.passed


@pytest.mark.parametrize("sizes", [{"bid_size": 0}, {"ask_size": 0}], ids=str)
def test_side_without_shares_is_none(sizes):
    assert find(Side.BUY, **sizes).value == "one-sided"


def test_limit_order_needs_no_spread():
    found = find(Side.BUY, limit=100, bid=None)
    assert (found.passed, found.value) == (True, "limit")


def test_use_is_the_share_of_the_spread():
    assert find(Side.BUY, bid="99.5", ask="100.5").use == 0.5
