"""Show that a broker takes nothing that it does not say it takes.

Method: the least that has to be said.
"""

import msgspec

from app.domain.capabilities import Capabilities
from app.domain.enums import OrdType, TimeInForce
from tests.samples import is_value


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
        "has_replace",
        "is_authoritative",
    }


def test_capabilities_are_a_value():
    assert is_value(Capabilities)
