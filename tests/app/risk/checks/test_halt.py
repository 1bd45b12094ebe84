"""Show that a halted symbol is neither opened nor traded at any price.

Method: a table of orders under a halt.
"""

import pytest

from app.domain.enums import Side
from app.risk.checks.halt import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import new_order, picture


def find(order, halt="news pending", **seen):
    given = RiskInput(order=order, instrument=None, picture=picture(halt=halt, **seen))
    return CHECK.check(given, Params())


@pytest.mark.parametrize(
    ("limit", "position", "passed"),
    [(None, "0", False), (None, "100", False), (100, "0", False), (100, "100", True)],
    ids=["market opens", "market closes", "limit opens", "limit closes"],
)
def test_under_a_halt_only_a_closing_limit_goes(limit, position, passed):
    found = find(new_order(Side.SELL, 100, limit), position_qty=position)
    assert (found.passed, found.value) == (passed, "closing" if passed else "halted")
    assert passed or found.text == "IBM does not trade: news pending"


def test_without_a_halt_everything_goes():
    found = find(new_order(), halt="")
    assert (found.passed, found.value, found.limit) == (True, "trading", "trading")
