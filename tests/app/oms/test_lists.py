"""Show which orders may hang together, in which words others are refused, and how they are tied.

Method: tables of lists, each wrong in one thing.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from app.domain.commands import SubmitOrder
from app.domain.enums import OrderClass, OrdType, Origin, Side, TimeInForce
from app.domain.ids import ClOrdID
from app.domain.terms import Hold, Links
from app.oms.lists import linked, list_fault
from tests.app.oms.test_terms import ABLE
from tests.samples import IBM, MSFT, NOW_NS, new_order

BUY, SELL = Side.BUY, Side.SELL
BRACKET, OCO, OTO, OTOCO = (
    OrderClass.BRACKET,
    OrderClass.OCO,
    OrderClass.OTO,
    OrderClass.OTOCO,
)


def stop(side=SELL, px="95", qty=100, **changes):
    return new_order(side, qty, ord_type=OrdType.STOP, stop_px=Decimal(px), **changes)


def trail(side=SELL, qty=100):
    return new_order(side, qty, ord_type=OrdType.STOP, peg_offset=Decimal(2))


ENTRY, TARGET = new_order(BUY, limit="100"), new_order(SELL, limit="110")
SHORT, COVER = new_order(SELL, limit="100"), new_order(BUY, limit="90")


@pytest.mark.parametrize(
    ("orders", "order_class"),
    [
        ((ENTRY, TARGET, stop()), BRACKET),
        ((ENTRY, TARGET, trail()), BRACKET),
        ((new_order(BUY), TARGET, stop()), BRACKET),
        ((stop(BUY, "100"), TARGET, stop()), BRACKET),
        ((SHORT, COVER, stop(BUY, "105")), BRACKET),
        ((ENTRY, new_order(SELL, 60, "110"), stop(qty=60)), BRACKET),
        ((TARGET, stop()), OCO),
        ((ENTRY, new_order(SELL, limit="110")), OCO),
        ((stop(BUY, "105"), stop(SELL, "95")), OCO),
        ((ENTRY, new_order(SELL, 500)), OTO),
        ((ENTRY, stop(BUY, "105"), stop(SELL, "95")), OTOCO),
        ((ENTRY,), OrderClass.SIMPLE),
    ],
)
def test_list_that_makes_sense_has_no_fault(orders, order_class):
    assert list_fault(orders, order_class) == ""


@pytest.mark.parametrize(
    ("orders", "order_class", "words"),
    [
        ((ENTRY, TARGET), BRACKET, "BRACKET has 3 orders, 2 were given"),
        ((ENTRY,), OCO, "OCO has 2 orders, 1 were given"),
        (
            (ENTRY, new_order(SELL, limit="110", symbol=MSFT)),
            OTO,
            "orders of one OTO are of one symbol, these were of IBM, MSFT",
        ),
        ((new_order(BUY, 0, "100"), TARGET, stop()), BRACKET, "quantity 0 must be above 0"),
        ((ENTRY, new_order(SELL, "NaN", "110"), stop()), BRACKET, "quantity NaN must be above 0"),
        (
            (TARGET, stop(qty=90)),
            OCO,
            "orders that exclude each other are of one quantity, these were 100 and 90",
        ),
        (
            (TARGET, new_order(SELL, limit="111")),
            OCO,
            "two limit orders of one side do not exclude each other: the better one always fills",
        ),
        (
            (TARGET, new_order(SELL)),
            OCO,
            "a MARKET order excludes nothing: it fills at once",
        ),
        (
            (ENTRY, new_order(SELL), stop()),
            OTOCO,
            "a MARKET order excludes nothing: it fills at once",
        ),
        (
            (ENTRY, new_order(BUY, limit="110"), stop()),
            BRACKET,
            "an exit is of the other side than its entry, both were BUY",
        ),
        (
            (ENTRY, new_order(SELL, 101, "110"), stop()),
            BRACKET,
            "exit quantity 101 is over the entry's 100",
        ),
        (
            (ENTRY, stop(px="96"), stop()),
            BRACKET,
            "a bracket has an entry, a LIMIT and a STOP, these were LIMIT, STOP and STOP",
        ),
        (
            (ENTRY, TARGET, TARGET),
            BRACKET,
            "a bracket has an entry, a LIMIT and a STOP, these were LIMIT, LIMIT and LIMIT",
        ),
        (
            (ENTRY, new_order(SELL, limit="99"), stop()),
            BRACKET,
            "crossed bracket: entry 100 must be below target 99 for a BUY entry",
        ),
        (
            (ENTRY, TARGET, stop(px="100")),
            BRACKET,
            "crossed bracket: stop 100 must be below entry 100 for a BUY entry",
        ),
        (
            (new_order(BUY), TARGET, stop(px="111")),
            BRACKET,
            "crossed bracket: stop 111 must be below target 110 for a BUY entry",
        ),
        (
            (SHORT, new_order(BUY, limit="101"), stop(BUY, "105")),
            BRACKET,
            "crossed bracket: target 101 must be below entry 100 for a SELL entry",
        ),
        (
            (ENTRY, TARGET, stop(px="NaN")),
            BRACKET,
            "crossed bracket: stop NaN must be below entry 100 for a BUY entry",
        ),
        (
            (ENTRY, new_order(SELL, limit="Infinity"), stop()),
            BRACKET,
            "crossed bracket: entry 100 must be below target Infinity for a BUY entry",
        ),
    ],
)
def test_list_that_makes_none_is_refused_in_words(orders, order_class, words):
    assert list_fault(orders, order_class) == words


def drafts(*orders):
    return tuple(
        SubmitOrder(
            cl_ord_id=ClOrdID(f"O{number}"),
            order=order,
            origin=Origin.MANUAL,
            actor="ada",
            ts_intent_ns=NOW_NS,
        )
        for number, order in enumerate(orders, start=1)
    )


@pytest.mark.parametrize(
    ("orders", "order_class", "links", "goes"),
    [
        ((ENTRY, TARGET, stop()), BRACKET, [("", ""), ("O1", "OCO-O1"), ("O1", "OCO-O1")], [0]),
        ((ENTRY, TARGET, stop()), OTOCO, [("", ""), ("O1", "OCO-O1"), ("O1", "OCO-O1")], [0]),
        ((ENTRY, TARGET), OTO, [("", ""), ("O1", "")], [0]),
        ((TARGET, stop()), OCO, [("", "OCO-O1"), ("", "OCO-O1")], []),
        ((stop(BUY), TARGET, stop()), BRACKET, [("", ""), ("O1", "OCO-O1"), ("O1", "OCO-O1")], []),
    ],
    ids=["bracket", "otoco", "oto", "oco", "stop entry"],
)
def test_orders_are_tied_and_what_does_not_go_now_is_held(orders, order_class, links, goes):
    tied = linked(drafts(*orders), order_class, ABLE)
    assert [(one.links.parent, one.links.oco) for one in tied] == links
    assert [number for number, one in enumerate(tied) if one.hold is None] == goes
    assert all(one.hold in (None, Hold()) for one in tied)
    for draft, one in zip(drafts(*orders), tied, strict=True):
        assert msgspec.structs.replace(one, links=Links(), hold=None) == draft
        assert (one.order.symbol, one.order.time_in_force) == (IBM, TimeInForce.DAY)
