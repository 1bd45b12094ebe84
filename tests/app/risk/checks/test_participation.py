"""Show that an order that is large against a day's volume asks, and one too large is refused.

Method: a table around both shares.
"""

import pytest

from app.risk.checks.participation import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, instrument, new_order, picture

PASSED, ASKED, REFUSED = (True, False), (False, True), (False, False)


def find(qty, adv=100_000, known=True):
    listed = instrument(adv=adv) if known else None
    given = RiskInput(order=new_order(qty=qty), instrument=listed, picture=picture())
    return CHECK.check(given, Params())


@pytest.mark.parametrize(
    ("qty", "verdict", "value", "limit"),
    [
        (1_000, PASSED, "1 %", "5 %"),
        (1_001, ASKED, "1 %", "1 %"),
        (5_000, ASKED, "5 %", "1 %"),
        (5_001, REFUSED, "5 %", "5 %"),
        (100_000, REFUSED, "100 %", "5 %"),
    ],
)
def test_share_of_the_volume_is_limited(qty, verdict, value, limit):
    found = find(qty)
    assert ((found.passed, found.can_confirm), found.limit) == (verdict, limit)
    assert found.value == value
    assert found.passed or f"{int(qty):,} shares are {value} of a day's volume" in found.text


@pytest.mark.parametrize("adv", [None, 0])
def test_volume_that_is_not_known_passes(adv):
    assert (find(10_000, adv).passed, find(10_000, adv).value) == (True, "unknown")
    assert find(10_000, known=False).passed


@pytest.mark.parametrize("number", NOT_NUMBERS, ids=str)
def test_quantity_that_is_no_number_is_asked_about(number):
    found = find(number)
    assert (found.passed, found.can_confirm, found.value) == (False, True, "unknown")


def test_use_is_the_share_of_the_most():
    assert find(500).use == 0.1
    assert find(2_500).use == 0.5
