"""Show that the same order cannot be sent again and again.

Method: a table around the limit, for orders that open and that close.
"""

import pytest

from app.domain.decision import Traffic
from app.domain.enums import Side
from app.risk.checks.burst import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import new_order, picture


def find(twins, order=None, position="0", **params):
    seen = picture(position_qty=position, traffic=Traffic(twins_60s=twins))
    given = RiskInput(order=order or new_order(), instrument=None, picture=seen)
    return CHECK.check(given, Params(**params))


@pytest.mark.parametrize(
    ("twins", "passed", "use"),
    [(0, True, 0.2), (3, True, 0.8), (4, True, 1.0), (5, False, 1.0), (90, False, 1.0)],
)
@pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
@pytest.mark.parametrize("position", ["0", "500", "-500"])
def test_same_order_goes_five_times_a_minute(side, position, twins, passed, use):
    found = find(twins, new_order(side), position)
    assert (found.passed, found.value, found.limit) == (passed, f"{twins + 1}", "5")
    assert (found.use, found.can_confirm) == (use, False)
    text = f"this would be the same order {twins + 1} times in a minute, limit 5"
    assert found.text == ("" if passed else text)


def test_limit_is_the_parameter():
    assert find(9, twins_max=10).passed
    assert not find(10, twins_max=10).passed
