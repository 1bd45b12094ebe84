"""Show that breaches and overrides are kept with their reasons, the newest of them.

Method: records by hand.
"""

from decimal import Decimal

import pytest

from app.audit.records import AmendmentDecided, LimitBreached, OrderDecided, UserActed
from app.domain.commands import ReplaceOrder, SubmitOrder
from app.domain.decision import CheckResult
from app.domain.enums import AmendmentWay, Origin
from app.domain.ids import AccountID, ClOrdID
from app.oms.breaches import KEPT_MAX, Breaches
from app.risk.view import Breach
from tests.samples import NOW_NS, new_order, picture

PASSED = CheckResult(name="order_qty", passed=True, value="1", limit="2")
ASKED = CheckResult(
    name="far_limit", passed=False, value="20 %", limit="15 %", text="far", can_confirm=True
)


def breach(text="the day's loss is 3 %"):
    return LimitBreached(
        check="daily_loss", value="3 %", limit="2 %", text=text, outcome="alert", ts_ns=NOW_NS
    )


def decided(approved=True, checks=(PASSED, ASKED)):
    command = SubmitOrder(
        cl_ord_id=ClOrdID("O1"),
        order=new_order(),
        origin=Origin.MANUAL,
        actor="ada",
        ts_intent_ns=1,
        override="I know",
    )
    return OrderDecided(
        command=command,
        account=AccountID("P1"),
        approved=approved,
        checks=checks,
        picture=picture(),
    )


def amended(approved=True):
    command = ReplaceOrder(
        cl_ord_id=ClOrdID("R1"),
        orig_cl_ord_id=ClOrdID("O1"),
        order_qty=Decimal(1),
        limit_px=None,
        stop_px=None,
        origin=Origin.MANUAL,
        actor="ada",
        ts_intent_ns=1,
        override="still",
    )
    return AmendmentDecided(
        command=command,
        order=new_order(),
        way=AmendmentWay.NATIVE,
        approved=approved,
        checks=(ASKED,),
        picture=picture(),
    )


def book(*records):
    made = Breaches()
    for record in records:
        made.on_record(record)
    return made


def test_breach_is_kept_as_it_was_recorded():
    assert book(breach()).newest_first() == (
        Breach(
            ts_ns=NOW_NS,
            what="the day's loss is 3 %",
            value="3 %",
            limit="2 %",
            outcome="alert",
        ),
    )


@pytest.mark.parametrize(
    ("record", "name", "reason"), [(decided(), "O1", "I know"), (amended(), "R1", "still")]
)
def test_override_is_kept_with_its_reason_and_order(record, name, reason):
    assert book(record).newest_first() == (
        Breach(
            ts_ns=NOW_NS,
            what="far_limit",
            value="20 %",
            limit="15 %",
            outcome="let through by hand",
            reason=reason,
            cl_ord_id=name,
        ),
    )


@pytest.mark.parametrize(
    "record",
    [
        decided(approved=False),
        amended(approved=False),
        decided(checks=(PASSED,)),
        UserActed(action="a", detail="b", actor="ada"),
    ],
    ids=["refused", "refused replace", "passed", "something else"],
)
def test_anything_else_is_none(record):
    made = book(record)
    assert (made.newest_first(), made.version) == ((), 0)


def test_newest_come_first_and_the_oldest_go():
    made = book(*[breach(str(number)) for number in range(KEPT_MAX + 2)])
    kept = made.newest_first()
    assert (len(kept), kept[0].what, kept[-1].what) == (KEPT_MAX, str(KEPT_MAX + 1), "2")
    assert made.version == KEPT_MAX + 2
