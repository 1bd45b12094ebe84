"""Show that nothing is opened beside an order whose fate is not known, and closing still goes.

Method: a table of what is in doubt and what is held.
"""

import pytest

from app.domain.enums import Side
from app.risk.checks.in_doubt import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import instrument, new_order, picture


@pytest.mark.parametrize(
    ("side", "in_doubt", "held", "passed", "value"),
    [
        pytest.param(Side.BUY, 0, "0", True, "none", id="nothing in doubt"),
        pytest.param(Side.BUY, 1, "0", False, "1 in doubt", id="opening beside one"),
        pytest.param(Side.BUY, 3, "0", False, "3 in doubt", id="opening beside three"),
        pytest.param(Side.SELL, 1, "100", True, "closing", id="closing"),
        pytest.param(Side.SELL, 1, "99", False, "1 in doubt", id="closing more than is held"),
    ],
)
def test_opening_waits_for_the_fate_of_earlier_orders(side, in_doubt, held, passed, value):
    given = RiskInput(
        order=new_order(side),
        instrument=instrument(),
        picture=picture(position_qty=held, in_doubt=in_doubt),
    )
    found = CHECK.check(given, Params())
    assert (found.passed, found.value, found.limit) == (passed, value, "none")


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "1 order of IBM was sent and has"), (2, "2 orders of IBM were sent and have")],
)
def test_refusal_says_how_many(count, words):
    given = RiskInput(order=new_order(), instrument=instrument(), picture=picture(in_doubt=count))
    assert CHECK.check(given, Params()).text == f"{words} no answer yet"


@pytest.mark.parametrize(("held", "passed"), [("0", False), ("100", True)])
def test_books_that_are_not_the_brokers_open_nothing(held, passed):
    seen = picture(position_qty=held, unreconciled="fake did not say what it holds")
    given = RiskInput(order=new_order(Side.SELL), instrument=instrument(), picture=seen)
    found = CHECK.check(given, Params())
    assert found.passed is passed
    assert found.value == ("closing" if passed else "not reconciled")
    assert passed or found.text == "fake did not say what it holds"
