"""Show that a broker takes nothing that it does not say it takes.

Method: the least that has to be said.
"""

from decimal import Decimal

import msgspec
import pytest

from app.domain.capabilities import Capabilities
from app.domain.enums import OrdType, TimeInForce
from tests.samples import is_value, new_order


def test_what_is_not_said_is_not_taken():
    least = Capabilities(
        ord_types=frozenset({OrdType.LIMIT}),
        times_in_force=frozenset({TimeInForce.DAY}),
        can_short=False,
        has_fractions=False,
    )
    said = msgspec.structs.asdict(least)
    assert {name: value for name, value in said.items() if value} == {
        "ord_types": {OrdType.LIMIT},
        "times_in_force": {TimeInForce.DAY},
    }
    assert set(said) - {"ord_types", "times_in_force"} == {
        "can_short",
        "has_fractions",
        "has_trailing",
        "has_cash_qty",
        "has_extended_hours",
        "has_reserve",
        "has_replace",
        "is_authoritative",
        "fees",
    }


def test_capabilities_are_a_value():
    assert is_value(Capabilities)


@pytest.mark.parametrize(
    ("ord_type", "trails", "types", "has_trailing", "is_native"),
    [
        pytest.param(OrdType.LIMIT, False, {OrdType.LIMIT}, False, True, id="limit"),
        pytest.param(OrdType.MARKET, False, {OrdType.LIMIT}, False, True, id="refused, not held"),
        pytest.param(OrdType.STOP, False, {OrdType.LIMIT}, True, False, id="no stops"),
        pytest.param(OrdType.STOP_LIMIT, False, {OrdType.STOP}, True, False, id="no stop limits"),
        pytest.param(OrdType.STOP, False, {OrdType.STOP}, False, True, id="stops"),
        pytest.param(OrdType.STOP, True, {OrdType.STOP}, False, False, id="stops that stay"),
        pytest.param(OrdType.STOP, True, {OrdType.STOP}, True, True, id="stops that trail"),
    ],
)
def test_what_waits_for_a_price_the_broker_does_not_watch_is_held_here(
    ord_type, trails, types, has_trailing, is_native
):
    able = Capabilities(
        ord_types=frozenset(types),
        times_in_force=frozenset({TimeInForce.DAY}),
        can_short=False,
        has_fractions=False,
        has_trailing=has_trailing,
    )
    order = new_order(ord_type=ord_type, peg_offset=Decimal(1) if trails else None)
    assert able.is_native(order) == is_native
