"""Show what is refused before it gets an identity or a record, and in which words.

Method: tables of terms against what the built-in broker says it takes.
"""

from decimal import Decimal

import msgspec
import pytest

from app.domain.capabilities import Capabilities
from app.domain.enums import OrdType, PegOffsetType, Side, TimeInForce
from app.domain.errors import RefusedOrder
from app.domain.ids import Symbol
from app.oms.terms import (
    DIGITS_MAX,
    SYMBOL_CHARS_MAX,
    as_sent,
    is_native,
    require_taken,
)
from tests.samples import new_order

ABLE = Capabilities(
    ord_types=frozenset({OrdType.MARKET, OrdType.LIMIT}),
    times_in_force=frozenset({TimeInForce.DAY, TimeInForce.GTC, TimeInForce.GTD, TimeInForce.IOC}),
    can_short=True,
    has_fractions=False,
)
MARKET = {"ord_type": OrdType.MARKET, "limit_px": None}


STOP = {"ord_type": OrdType.STOP, "limit_px": None, "stop_px": Decimal(95)}
TRAIL = {"ord_type": OrdType.STOP, "limit_px": None, "peg_offset": Decimal(2)}
PERCENT = {**TRAIL, "peg_offset_type": PegOffsetType.PERCENTAGE}
TRAIL_LIMIT = {**TRAIL, "ord_type": OrdType.STOP_LIMIT, "limit_offset": Decimal("0.5")}
STOP_LIMIT = {"ord_type": OrdType.STOP_LIMIT, "stop_px": Decimal(95)}


def terms(**changes):
    return msgspec.structs.replace(new_order(limit=181), **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        MARKET,
        {"time_in_force": TimeInForce.GTC},
        {"time_in_force": TimeInForce.GTD, "expire_ns": 5},
        STOP,
        STOP_LIMIT,
        TRAIL,
        TRAIL_LIMIT,
        {**TRAIL_LIMIT, "limit_offset": Decimal(0)},
        {**PERCENT, "peg_offset": Decimal("49.9")},
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
        ({**STOP, "stop_px": None}, "a STOP order with stop price None is not one"),
        ({**STOP, "limit_px": Decimal(5)}, "a STOP order with limit price 5 is not one"),
        ({**TRAIL, "stop_px": Decimal(5)}, "a trailing STOP order with stop price 5 is not one"),
        ({**TRAIL, "limit_offset": Decimal(1)}, "a STOP order with limit offset 1 is not one"),
        ({**TRAIL, "ord_type": OrdType.STOP_LIMIT}, "STOP_LIMIT order with limit offset None"),
        ({"peg_offset": Decimal(1), **MARKET}, "a MARKET order does not trail, its offset was 1"),
        ({**TRAIL, "peg_offset": Decimal(0)}, "trailing offset 0 must be above 0"),
        ({**TRAIL, "peg_offset": Decimal("NaN")}, "trailing offset NaN must be above 0"),
        ({**PERCENT, "peg_offset": Decimal(50)}, "trailing offset 50 % must be below 50 %"),
        ({**TRAIL_LIMIT, "limit_offset": Decimal(-1)}, "limit offset -1 must be 0 or more"),
        ({**TRAIL_LIMIT, "limit_offset": Decimal("inf")}, "limit offset Infinity must be 0"),
        ({**STOP, "time_in_force": TimeInForce.IOC}, "a STOP order waits: IOC does not fit it"),
        ({"cash_qty": Decimal(100)}, "builtin takes no orders by value"),
        ({"extended_hours": True}, "builtin takes no orders outside regular hours"),
        ({"time_in_force": TimeInForce.GTD}, "a GTD order with expiry None is not one"),
        ({"expire_ns": 5}, "a DAY order with expiry 5 is not one"),
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


@pytest.mark.parametrize(
    ("able", "changes", "words"),
    [
        ({"has_cash_qty": True}, {"cash_qty": Decimal("0")}, "value 0 must be above 0"),
        ({"has_cash_qty": True}, {"cash_qty": Decimal("NaN")}, "value NaN must be above 0"),
        (
            {"has_extended_hours": True},
            {"extended_hours": True, **MARKET},
            "outside regular hours only limit orders trade, this is MARKET",
        ),
    ],
    ids=["no value", "value no number", "extended market"],
)
def test_what_a_broker_takes_has_to_make_sense(able, changes, words):
    with pytest.raises(RefusedOrder, match=words):
        require_taken(terms(**changes), msgspec.structs.replace(ABLE, **able), broker="b")


@pytest.mark.parametrize(
    ("able", "changes"),
    [
        ({"has_cash_qty": True}, {"cash_qty": Decimal("0.01")}),
        ({"has_extended_hours": True}, {"extended_hours": True}),
    ],
    ids=["by value", "extended limit"],
)
def test_what_a_broker_takes_passes(able, changes):
    require_taken(terms(**changes), msgspec.structs.replace(ABLE, **able), broker="b")


def test_a_stop_that_is_held_here_needs_a_broker_for_what_it_becomes():
    able = msgspec.structs.replace(ABLE, ord_types=frozenset({OrdType.LIMIT}))
    with pytest.raises(RefusedOrder, match="b takes no MARKET orders"):
        require_taken(terms(**STOP), able, broker="b")
    require_taken(terms(**STOP_LIMIT), able, broker="b")


@pytest.mark.parametrize(
    ("types", "has_trailing", "changes", "native"),
    [
        ("limit market", False, {}, True),
        ("limit market", False, STOP, False),
        ("limit market stop", False, STOP, True),
        ("limit market stop", False, TRAIL, False),
        ("limit market stop", True, TRAIL, True),
        ("limit", False, MARKET, True),  # Not held for it: refused.
    ],
)
def test_stops_are_held_here_where_the_broker_has_none(types, has_trailing, changes, native):
    able = msgspec.structs.replace(
        ABLE,
        ord_types=frozenset(OrdType[name.upper()] for name in types.split()),
        has_trailing=has_trailing,
    )
    assert is_native(terms(**changes), able) is native


@pytest.mark.parametrize(
    ("side", "changes", "level", "ord_type", "limit_px"),
    [
        (Side.SELL, STOP, "95", OrdType.MARKET, None),
        (Side.SELL, STOP_LIMIT, "95", OrdType.LIMIT, "181"),
        (Side.SELL, TRAIL, "98", OrdType.MARKET, None),
        (Side.SELL, TRAIL_LIMIT, "98", OrdType.LIMIT, "97.5"),
        (Side.BUY, TRAIL_LIMIT, "98", OrdType.LIMIT, "98.5"),
        (Side.BUY, TRAIL_LIMIT, None, OrdType.LIMIT, None),
        (Side.BUY, {}, None, OrdType.LIMIT, "181"),
    ],
)
def test_what_goes_out_once_it_is_set_off(side, changes, level, ord_type, limit_px):
    asked = terms(side=side, **changes)
    sent = as_sent(asked, None if level is None else Decimal(level))
    assert (sent.ord_type, sent.stop_px, sent.peg_offset) == (ord_type, None, None)
    assert (sent.limit_offset, sent.peg_offset_type) == (None, PegOffsetType.PRICE)
    assert sent.limit_px == (None if limit_px is None else Decimal(limit_px))
    assert (sent.symbol, sent.side, sent.order_qty) == (asked.symbol, side, asked.order_qty)
