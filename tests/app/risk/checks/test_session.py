"""Show that an order fits the hour it is given in.

Method: a table of types, times in force and phases.
"""

import pytest

from app.domain.enums import OrdType, Phase, TimeInForce
from app.risk.checks.session import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import new_order, picture

PRE, CORE, POST, CLOSED = Phase
MARKET = {}
LIMIT = {"limit": 100}
EXTENDED = {"limit": 100, "extended_hours": True}
STOP = {"ord_type": OrdType.STOP, "stop_px": 100}


def find(phase, params=None, **changes):
    order = new_order(**changes)
    given = RiskInput(order=order, instrument=None, picture=picture(phase=phase))
    return CHECK.check(given, params or Params())


@pytest.mark.parametrize(
    ("changes", "passes"),
    [
        pytest.param(MARKET, {CORE}, id="market"),
        pytest.param(LIMIT, {CORE}, id="limit"),
        pytest.param(STOP, {CORE}, id="stop"),
        pytest.param(EXTENDED, {PRE, CORE, POST}, id="limit for extended hours"),
        pytest.param({**LIMIT, "time_in_force": TimeInForce.GTC}, set(Phase), id="GTC"),
        pytest.param({**LIMIT, "time_in_force": TimeInForce.GTD}, set(Phase), id="GTD"),
        pytest.param({"time_in_force": TimeInForce.OPG}, {PRE, POST, CLOSED}, id="OPG"),
        pytest.param({"time_in_force": TimeInForce.CLS}, {CORE}, id="CLS"),
        pytest.param({**LIMIT, "time_in_force": TimeInForce.IOC}, {CORE}, id="IOC"),
    ],
)
@pytest.mark.parametrize("phase", Phase)
def test_type_and_time_in_force_fit_the_hour(changes, passes, phase):
    found = find(phase, **changes)
    assert found.passed is (phase in passes)
    assert found.value == phase.value
    assert bool(found.text) is not found.passed


def test_reason_says_what_is_allowed():
    assert find(PRE).text == "in the pre session only limit orders for extended hours trade"
    assert find(CLOSED, **EXTENDED).text == "the exchanges are closed"
    opening = find(CORE, time_in_force=TimeInForce.OPG)
    assert opening.text == "an OPG order goes before the open"


def test_hours_that_are_not_known_refuse():
    assert (find(None).passed, find(None).value) == (False, "unknown")


@pytest.mark.parametrize("phase", [*Phase, None])
def test_market_that_never_closes_has_no_hours(phase):
    found = find(phase, Params(is_always_open=True), **MARKET)
    assert (found.passed, found.value) == (True, "always open")
