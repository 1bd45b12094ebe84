"""Show that nothing but the gate makes an order that a broker takes.

Method: ask for the key and the constructor as a mistaken module would.
"""

import pytest

from app.domain.approval import ApprovalKey, ApprovedOrder, claim_key
from app.domain.ids import ClOrdID, DurableSeq
from app.risk import gate as gate_module
from tests.samples import ID, new_order


def approved(key, durable_seq=1):
    return ApprovedOrder(key, cl_ord_id=ID, order=new_order(), durable_seq=durable_seq)


def test_key_is_claimed_by_the_gate_and_by_nobody_after_it():
    with pytest.raises(RuntimeError, match="claimed before"):
        claim_key()


@pytest.mark.parametrize("key", [None, ApprovalKey(), object()], ids=["none", "own", "object"])
def test_order_is_not_approved_without_the_key(key):
    with pytest.raises(RuntimeError, match=r"app\.risk\.gate only"):
        approved(key)


@pytest.mark.parametrize("seq", [0, -1])
def test_order_is_not_approved_before_its_decision_is_durable(seq):
    with pytest.raises(AssertionError):
        approved(gate_module._KEY, seq)


def test_approved_order_is_what_was_decided():
    made = approved(gate_module._KEY, 7)
    assert (made.cl_ord_id, made.order, made.durable_seq) == (ID, new_order(), 7)
    assert made.orig_cl_ord_id == ""


def test_approved_replace_names_what_it_takes_the_place_of():
    made = ApprovedOrder(
        gate_module._KEY,
        cl_ord_id=ClOrdID("R"),
        order=new_order(),
        durable_seq=DurableSeq(7),
        orig_cl_ord_id=ID,
    )
    assert (made.cl_ord_id, made.orig_cl_ord_id) == ("R", ID)
