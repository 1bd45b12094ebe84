"""Show that nothing goes while the station cannot answer for it.

Method: with and without a fault.
"""

from app.domain.enums import Side
from app.risk.checks.station import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import new_order, picture


def find(**seen):
    order = new_order(Side.SELL, 100)
    return CHECK.check(RiskInput(order=order, instrument=None, picture=picture(**seen)), Params())


def test_station_that_is_well_lets_orders_go():
    assert (find().passed, find().value, find().limit) == (True, "well", "none")


def test_fault_stops_everything_that_closes_too():
    for qty in ("0", "100"):
        found = find(station_fault="the disk is full", position_qty=qty)
        assert (found.passed, found.can_confirm) == (False, False)
        assert (found.value, found.text) == ("fault", "the disk is full")
