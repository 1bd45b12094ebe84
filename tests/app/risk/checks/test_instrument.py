"""Show that only what is listed and tradable here is traded, closing included.

Method: the three things a symbol can be.
"""

import pytest

from app.risk.checks.instrument import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import instrument, new_order, picture


@pytest.mark.parametrize(
    ("known", "passed", "value"),
    [
        pytest.param(instrument(), True, "tradable", id="tradable"),
        pytest.param(instrument(is_tradable=False), False, "closed", id="closed"),
        pytest.param(None, False, "unknown", id="unknown"),
    ],
)
def test_symbol_is_listed_and_tradable(known, passed, value):
    given = RiskInput(order=new_order(), instrument=known, picture=picture(position_qty="-100"))
    found = CHECK.check(given, Params())
    assert (found.passed, found.value) == (passed, value)
    assert "IBM" in found.text
