"""Show that nothing is opened while the station itself is late.

Method: a table around the lateness allowed.
"""

import pytest

from app.domain.enums import Side
from app.risk.checks.dead_man import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import new_order, picture

MS = 1_000_000


def find(lag_ns, **seen):
    order = new_order(Side.SELL, 100)
    given = RiskInput(order=order, instrument=None, picture=picture(loop_lag_ns=lag_ns, **seen))
    return CHECK.check(given, Params())


@pytest.mark.parametrize(
    ("lag_ns", "passed", "value", "use"),
    [
        (0, True, "0 ms", 0.0),
        (250 * MS, True, "250 ms", 0.5),
        (500 * MS, True, "500 ms", 1.0),
        (501 * MS, False, "501 ms", 1.0),
        (5_000 * MS, False, "5000 ms", 1.0),
    ],
)
def test_station_may_be_so_late_to_open(lag_ns, passed, value, use):
    found = find(lag_ns)
    assert (found.passed, found.value, found.limit, found.use) == (passed, value, "500 ms", use)
    assert passed or found.text == f"the station is late by {value}, limit 500 ms"
    closing = find(lag_ns, position_qty="100")
    assert (closing.passed, closing.value) == (True, "closing")
