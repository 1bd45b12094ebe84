"""Show that a quote far from the last trade is asked about.

Method: a table around the gap allowed.
"""

import pytest

from app.domain.enums import Side
from app.risk.checks.quote_sanity import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import new_order, picture


def find(**seen):
    order = new_order(Side.SELL, 100)
    return CHECK.check(RiskInput(order=order, instrument=None, picture=picture(**seen)), Params())


@pytest.mark.parametrize(
    ("bid", "ask", "passed", "value"),
    [
        ("99", "101", True, "0 %"),
        ("109", "111", True, "10 %"),
        ("109", "111.02", False, "10.01 %"),
        ("89", "91", True, "10 %"),
        ("89", "90.98", False, "10.01 %"),
    ],
)
def test_middle_lies_near_the_last_price(bid, ask, passed, value):
    found = find(bid=bid, ask=ask, last_px="100")
    assert (found.passed, found.can_confirm, found.value) == (passed, not passed, value)
    assert found.limit == "10 %"
    assert passed or found.text == f"the quote of IBM is {value} from its last price, limit 10 %"
    closing = find(bid=bid, ask=ask, last_px="100", position_qty="100")
    assert (closing.passed, closing.value) == (True, "closing")


@pytest.mark.parametrize("missing", ["bid", "ask", "last_px"])
def test_what_cannot_be_compared_is_asked_about(missing):
    found = find(**{missing: None})
    assert (found.passed, found.can_confirm, found.value) == (False, True, "unknown")


def test_use_is_the_share_of_the_gap():
    assert find(bid="104", ask="106", last_px="100").use == 0.5
