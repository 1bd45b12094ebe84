"""Show that the note on settlement blocks nothing.

Method: orders that other checks would refuse.
"""

import pytest

from app.domain.enums import Side
from app.risk.checks.settlement import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import blind_picture, new_order


@pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
@pytest.mark.parametrize("qty", [100, "NaN", "-1"])
def test_day_of_settlement_is_said_and_nothing_refused(side, qty):
    given = RiskInput(order=new_order(side, qty), instrument=None, picture=blind_picture())
    found = CHECK.check(given, Params())
    assert (found.passed, found.value, found.text) == (True, "T+1", "")
