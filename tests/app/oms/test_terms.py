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
from app.oms.terms import DIGITS_MAX, SYMBOL_CHARS_MAX, as_sent, require_taken
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
        (
            {"ord_type": OrdType.STOP, "limit_px": None},
            "a STOP order with stop price None is not one",
        ),
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


STOP = {"ord_type": OrdType.STOP, "limit_px": None, "stop_px": Decimal(180)}
STOP_LIMIT = {"ord_type": OrdType.STOP_LIMIT, "stop_px": Decimal(180)}
TRAIL = {"ord_type": OrdType.STOP, "limit_px": None, "peg_offset": Decimal(1)}
LIMITED = {**TRAIL, "ord_type": OrdType.STOP_LIMIT, "limit_offset": Decimal("0.5")}
PERCENT = {"peg_offset_type": PegOffsetType.PERCENTAGE}
GTD, SELL = TimeInForce.GTD, {"side": Side.SELL}
ALL = Capabilities(
    ord_types=frozenset(OrdType),
    times_in_force=frozenset(TimeInForce),
    can_short=True,
    has_fractions=True,
    has_trailing=True,
    has_cash_qty=True,
    has_extended_hours=True,
    has_reserve=True,
)


@pytest.mark.parametrize(
    "changes",
    [
        STOP,
        STOP_LIMIT,
        TRAIL,
        LIMITED,
        {**TRAIL, **PERCENT, "peg_offset": Decimal("49.9")},
        {**TRAIL, "peg_offset": Decimal(50)},
        {**LIMITED, "limit_offset": Decimal(0)},
        {**STOP, "time_in_force": TimeInForce.GTC},
    ],
    ids=str,
)
@pytest.mark.parametrize("able", [ABLE, ALL], ids=["held here", "native"])
def test_what_waits_for_a_price_is_taken_by_the_broker_or_held_here(changes, able):
    order = terms(**changes)
    require_taken(order, able, broker="builtin")
    assert able.is_native(order) == (able is ALL)


@pytest.mark.parametrize(
    "changes",
    [
        {"time_in_force": GTD, "expire_ns": 1},
        {"extended_hours": True},
        {"display_qty": Decimal(20)},
        {"display_qty": Decimal(10**9)},
        {**MARKET, "cash_qty": Decimal(500)},
        {"time_in_force": TimeInForce.CLS},
    ],
    ids=str,
)
def test_broker_that_takes_everything_takes_it(changes):
    require_taken(terms(**changes), ALL, broker="all")


@pytest.mark.parametrize(
    ("able", "changes", "words"),
    [
        (ABLE, {"cash_qty": Decimal(500)}, "builtin takes no orders by value"),
        (ABLE, {"extended_hours": True}, "builtin takes no orders outside regular hours"),
        (
            ABLE,
            {"display_qty": Decimal(20)},
            "builtin takes no reserve orders, displayed quantity was 20",
        ),
        *(
            (
                ALL,
                {"display_qty": Decimal(n)},
                f"displayed quantity {n} must be whole shares above 0",
            )
            for n in ("0", "-1", "0.5", "NaN", "sNaN", "Infinity")
        ),
        (
            ALL,
            {**MARKET, "display_qty": Decimal(20)},
            "a MARKET DAY order does not rest: a displayed quantity of 20 does not fit it",
        ),
        (
            ALL,
            {"time_in_force": TimeInForce.IOC, "display_qty": Decimal(20)},
            "a LIMIT IOC order does not rest: a displayed quantity of 20 does not fit it",
        ),
        (ABLE, {**STOP, "time_in_force": GTD, "expire_ns": 1}, "builtin takes no GTD orders"),
        (
            msgspec.structs.replace(ABLE, ord_types=frozenset({OrdType.LIMIT})),
            STOP,
            "builtin takes no MARKET orders",
        ),
        *(
            (ALL, {**TRAIL, "peg_offset": Decimal(n)}, f"trailing offset {n} must be above 0")
            for n in ("0", "-1", "NaN", "sNaN", "Infinity")
        ),
        (
            ALL,
            {**TRAIL, **PERCENT, "peg_offset": Decimal(50)},
            "trailing offset 50 % must be below 50 %",
        ),
        *(
            (
                ALL,
                {**LIMITED, "limit_offset": Decimal(n)},
                f"limit offset {n} must be 0 or more",
            )
            for n in ("-1", "NaN", "sNaN", "Infinity")
        ),
        *(
            (ALL, {**MARKET, "cash_qty": Decimal(n)}, f"value {n} must be above 0")
            for n in ("0", "-1", "NaN", "sNaN", "Infinity")
        ),
        (ALL, {"time_in_force": GTD}, "a GTD order with expiry None is not one"),
        (ALL, {"expire_ns": 1}, "a DAY order with expiry 1 is not one"),
        (
            ALL,
            {**STOP, "time_in_force": TimeInForce.IOC},
            "a STOP order waits: IOC does not fit it",
        ),
        (
            ALL,
            {**MARKET, "extended_hours": True},
            "outside regular hours only limit orders trade, this is MARKET",
        ),
        (
            ALL,
            {"peg_offset": Decimal(1), "limit_px": None},
            "a LIMIT order does not trail, its offset was 1",
        ),
        (
            ALL,
            {**MARKET, "peg_offset": Decimal(1)},
            "a MARKET order does not trail, its offset was 1",
        ),
        (
            ALL,
            {**TRAIL, "limit_px": Decimal(5)},
            "a trailing STOP order with limit price 5 is not one",
        ),
        (
            ALL,
            {**TRAIL, "stop_px": Decimal(5)},
            "a trailing STOP order with stop price 5 is not one",
        ),
        (
            ALL,
            {**LIMITED, "limit_offset": None},
            "a STOP_LIMIT order with limit offset None is not one",
        ),
        (
            ABLE,
            {**STOP_LIMIT, "limit_px": None, "limit_offset": Decimal("sNaN")},
            "a STOP_LIMIT order with limit price None is not one",
        ),
        (
            ALL,
            {"limit_offset": Decimal(1)},
            "a LIMIT order with limit offset 1 is not one",
        ),
        (ALL, {"peg_offset": Decimal("1" * 29)}, "trailing offset has 29 digits, limit 28"),
        (ALL, {"limit_offset": Decimal("1" * 29)}, "limit offset has 29 digits, limit 28"),
        (ALL, {"cash_qty": Decimal("1" * 29)}, "value has 29 digits, limit 28"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_contradicts_itself_is_refused_in_these_words(able, changes, words):
    with pytest.raises(RefusedOrder) as refused:
        require_taken(terms(**changes), able, broker="builtin")
    assert str(refused.value) == f"{words}; order not sent"


@pytest.mark.parametrize(
    ("changes", "stop_px", "sent"),
    [
        (STOP, "180", MARKET),
        (STOP_LIMIT, "180", {}),
        (TRAIL, "179", MARKET),
        ({**TRAIL, **PERCENT}, "179", MARKET),
        (LIMITED, "179", {"limit_px": Decimal("179.5")}),
        (
            {**LIMITED, "side": Side.SELL},
            "179",
            {"side": Side.SELL, "limit_px": Decimal("178.5")},
        ),
        (LIMITED, None, {"limit_px": None}),
        ({**LIMITED, "limit_offset": None}, "179", {"limit_px": None}),
        ({}, None, {}),
        (MARKET, None, MARKET),
    ],
    ids=str,
)
def test_what_was_held_goes_out_without_what_set_it_off(changes, stop_px, sent):
    level = None if stop_px is None else Decimal(stop_px)
    assert as_sent(terms(**changes), level) == terms(**sent)
