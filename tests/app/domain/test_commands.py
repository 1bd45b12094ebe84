"""Show what commands leave out, and that they are values.

Method: the JSON that records hold, written out.
"""

from decimal import Decimal

import msgspec
import pytest

from app.domain.commands import CancelOrder, ReplaceOrder, SubmitList, SubmitOrder
from app.domain.enums import OrderClass, Origin
from app.domain.terms import Links
from tests.samples import ID, is_value, new_order

SUBMIT = SubmitOrder(
    cl_ord_id=ID, order=new_order(), origin=Origin.MANUAL, actor="ada", ts_intent_ns=7
)


def test_order_by_itself_is_sent_and_hangs_together_with_none():
    assert (SUBMIT.links, SUBMIT.hold) == (Links(), None)
    assert msgspec.json.encode(SUBMIT) == (
        b'{"cl_ord_id":"P1-261123-1","order":{"symbol":"IBM","side":"1","order_qty":"100",'
        b'"ord_type":"1"},"origin":"manual","actor":"ada","ts_intent_ns":7}'
    )


def test_list_keeps_its_order():
    second = msgspec.structs.replace(SUBMIT, actor="bob")
    both = SubmitList(order_class=OrderClass.OCO, orders=(SUBMIT, second))
    assert msgspec.json.decode(msgspec.json.encode(both), type=SubmitList) == both


def test_replace_writes_every_term_out():
    replace = ReplaceOrder(
        cl_ord_id=ID,
        orig_cl_ord_id=ID,
        order_qty=Decimal(1),
        limit_px=None,
        stop_px=None,
        origin=Origin.MANUAL,
        actor="ada",
        ts_intent_ns=7,
    )
    assert b'"limit_px":null,"stop_px":null' in msgspec.json.encode(replace)


@pytest.mark.parametrize(
    "kind", [SubmitOrder, SubmitList, CancelOrder, ReplaceOrder], ids=lambda k: k.__name__
)
def test_commands_are_values(kind):
    assert is_value(kind)
