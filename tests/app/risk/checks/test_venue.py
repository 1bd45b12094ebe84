"""Show that nothing goes while paper and live do not agree (T48).

Method: with and without a difference.
"""

from app.domain.enums import Side
from app.risk.checks.venue import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import new_order, picture


def find(**seen):
    order = new_order(Side.SELL, 100)
    return CHECK.check(RiskInput(order=order, instrument=None, picture=picture(**seen)), Params())


def test_what_agrees_lets_orders_go():
    assert (find().passed, find().value, find().limit) == (True, "agree", "agree")


def test_difference_stops_everything_that_closes_too():
    for qty in ("0", "100"):
        found = find(venue_fault="the window says paper, the broker is live", position_qty=qty)
        assert (found.passed, found.can_confirm, found.value) == (False, False, "differ")
        assert found.text == "the window says paper, the broker is live"
