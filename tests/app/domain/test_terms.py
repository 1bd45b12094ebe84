"""Show that terms leave out what is not said, and keep the defaults that were released.

Method: the JSON that records hold, written out.
"""

from decimal import Decimal

import msgspec
import pytest

from app.domain.enums import OrdType, PegOffsetType, TimeInForce, TriggerMethod
from app.domain.ids import ClOrdID
from app.domain.terms import (
    LIMIT_TYPES,
    STOP_TYPES,
    Condition,
    Hold,
    Links,
    NewOrder,
    PriceCondition,
    TimeCondition,
)
from tests.samples import IBM, is_value, new_order


def test_limit_and_stop_types_are_those_of_fix_40():
    assert {OrdType.LIMIT, OrdType.STOP_LIMIT} == LIMIT_TYPES
    assert {OrdType.STOP, OrdType.STOP_LIMIT} == STOP_TYPES


def test_default_is_left_out_and_stays_what_it_was():
    written = msgspec.json.encode(new_order())
    assert written == b'{"symbol":"IBM","side":"1","order_qty":"100","ord_type":"1"}'
    read = msgspec.json.decode(written, type=NewOrder)
    assert (read.time_in_force, read.trigger) == (TimeInForce.DAY, TriggerMethod.LAST)
    assert read.peg_offset_type is PegOffsetType.PRICE
    rest = (
        read.limit_px,
        read.stop_px,
        read.cash_qty,
        read.peg_offset,
        read.limit_offset,
        read.expire_ns,
    )
    assert rest == (None,) * 6
    assert read.extended_hours is False


@pytest.mark.parametrize(
    ("offset", "trails"), [(None, False), (Decimal(0), True), (Decimal(1), True)]
)
def test_order_with_an_offset_trails(offset, trails):
    assert new_order(peg_offset=offset).is_trailing is trails


@pytest.mark.parametrize(
    ("condition", "written"),
    [
        (
            PriceCondition(symbol=IBM, is_above=True, px=Decimal("99.50")),
            b'{"type":"price","symbol":"IBM","is_above":true,"px":"99.50","method":"last"}',
        ),
        (TimeCondition(at_ns=7), b'{"type":"time","at_ns":7}'),
    ],
    ids=["price", "time"],
)
def test_condition_says_its_kind(condition, written):
    assert msgspec.json.encode(condition) == written
    assert msgspec.json.decode(written, type=Condition) == condition


def test_order_by_itself_has_no_links_and_waits_for_nothing():
    assert msgspec.json.encode(Links()) == msgspec.json.encode(Hold()) == b"{}"
    assert Links() == Links(parent=ClOrdID(""), oco="", replaces=ClOrdID(""))
    assert Hold() == Hold(conditions=(), is_staged=False, watch_px=None, triggered_ns=0)


@pytest.mark.parametrize(
    "kind", [NewOrder, PriceCondition, TimeCondition, Links, Hold], ids=lambda k: k.__name__
)
def test_terms_are_values(kind):
    assert is_value(kind)
