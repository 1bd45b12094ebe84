"""Show what is refused before it gets an identity or a record, and in which words.

Method: tables of terms against what the built-in broker says it takes.
"""

from decimal import Decimal

import msgspec
import pytest

from app.domain.capabilities import Capabilities
from app.domain.enums import OrdType, TimeInForce
from app.domain.errors import RefusedOrder
from app.domain.ids import Symbol
from app.oms.terms import DIGITS_MAX, SYMBOL_CHARS_MAX, require_taken
from tests.samples import new_order

ABLE = Capabilities(
    ord_types=frozenset({OrdType.MARKET, OrdType.LIMIT}),
    times_in_force=frozenset({TimeInForce.DAY, TimeInForce.GTC}),
    can_short=True,
    has_fractions=False,
)
MARKET = {"ord_type": OrdType.MARKET, "limit_px": None}


def terms(**changes):
    return msgspec.structs.replace(new_order(limit=181), **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        MARKET,
        {"time_in_force": TimeInForce.GTC},
        {"symbol": Symbol("BRK.B")},
        {"symbol": Symbol("A" * SYMBOL_CHARS_MAX)},
        {"order_qty": Decimal("1E+3")},
        {"order_qty": Decimal("100.000")},
        {"order_qty": Decimal("NaN")},  # The gate's to refuse, with a record.
        {"order_qty": Decimal("1e999999")},
        {"limit_px": Decimal("1" * DIGITS_MAX)},
    ],
    ids=str,
)
def test_order_that_can_be_recorded_and_is_taken_passes(changes):
    require_taken(terms(**changes), ABLE, broker="builtin")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"symbol": Symbol("")}, "symbol '' (0 characters) must be 1 to 16"),
        ({"symbol": Symbol("A" * 17)}, "(17 characters)"),
        ({"symbol": Symbol("X" * 10_000_000)}, "(10,000,000 characters)"),
        ({"symbol": Symbol("A\nB")}, r"symbol 'A\nB'"),
        ({"symbol": Symbol("\ud800")}, r"symbol '\ud800'"),
        ({"symbol": Symbol("ÄÖ")}, "printable ASCII"),
        ({"order_qty": Decimal("1" * 29)}, "quantity has 29 digits, limit 28"),
        ({"limit_px": Decimal("0." + "1" * 40)}, "limit price has 40 digits"),
        ({"stop_px": Decimal("1" * 30)}, "stop price has 30 digits"),
        ({"ord_type": OrdType.STOP, "limit_px": None}, "builtin takes no STOP orders"),
        ({"time_in_force": TimeInForce.CLS}, "builtin takes no CLS orders"),
        ({"order_qty": Decimal("0.5")}, "whole shares only, quantity was 0.5"),
        ({"limit_px": None}, "a LIMIT order with limit price None is not one"),
        ({**MARKET, "limit_px": Decimal(5)}, "a MARKET order with limit price 5 is not one"),
        ({"stop_px": Decimal(5)}, "a LIMIT order with stop price 5 is not one"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str) else "",
)
def test_other_order_is_refused_with_value_and_limit(changes, words):
    with pytest.raises(RefusedOrder) as refused:
        require_taken(terms(**changes), ABLE, broker="builtin")
    assert words in str(refused.value)
    assert str(refused.value).endswith("; order not sent")
    assert len(str(refused.value)) < 200


def test_fraction_passes_where_the_broker_takes_fractions():
    able = msgspec.structs.replace(ABLE, has_fractions=True)
    require_taken(terms(order_qty=Decimal("0.5")), able, broker="fractional")
