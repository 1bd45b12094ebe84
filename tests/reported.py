"""What a broker says of the order `ID`, and orders of which it has said something."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from app.domain.enums import (
    AmendmentWay,
    Custody,
    CxlRejReason,
    CxlRejResponseTo,
    ExecType,
    Origin,
    TimeInForce,
)
from app.domain.ids import ClOrdID, ExecID
from app.domain.orders import Amendment
from app.domain.reports import AbsentAtBroker, CancelReject, SendUncertain
from app.domain.transitions import apply_report
from tests.samples import ID, NOW_NS, new_order, order, report, trade_report

NEXT = ClOrdID("P1-261123-2")
"""The identity of the request to replace."""
ABSENT = AbsentAtBroker(cl_ord_id=ID, ts_recv_ns=NOW_NS + 90, text="three queries found nothing")
LOST = SendUncertain(cl_ord_id=ID, ts_recv_ns=NOW_NS + 9, text="no answer")


def said(kind, at=1, **changes):
    """A report that the broker made `at` nanoseconds after the start."""
    return report(kind, ts_exch_ns=NOW_NS + at, ts_recv_ns=NOW_NS + at + 1, **changes)


def fill(exec_id="E1", qty=40, px=10, at=2, **changes):
    stamps = {"ts_exch_ns": NOW_NS + at, "ts_recv_ns": NOW_NS + at + 1}
    return trade_report(exec_id, qty, px, **{**stamps, **changes})


def bust(ref="E1", exec_id="B1", at=5, **changes):
    return said(
        ExecType.TRADE_CANCEL, at, exec_id=ExecID(exec_id), exec_ref_id=ExecID(ref), **changes
    )


def correct(qty, px=10, ref="E1", exec_id="C1", at=5, **changes):
    stamps = {"ts_exch_ns": NOW_NS + at, "ts_recv_ns": NOW_NS + at + 1}
    trade = trade_report(exec_id, qty, px, exec_ref_id=ExecID(ref), **{**stamps, **changes})
    return msgspec.structs.replace(trade, exec_type=ExecType.TRADE_CORRECT)


def status(ord_status, at=3, cum=None, **changes):
    cum = None if cum is None else Decimal(cum)
    return said(ExecType.ORDER_STATUS, at, ord_status=ord_status, cum_qty=cum, **changes)


def cancel_reject(reason=CxlRejReason.TOO_LATE, at=9):
    return CancelReject(
        cl_ord_id=ID, ts_exch_ns=NOW_NS + at, ts_recv_ns=NOW_NS + at, reason=reason, text="no"
    )


def replace_reject(at=9):
    return CancelReject(
        cl_ord_id=NEXT,
        ts_exch_ns=NOW_NS + at,
        ts_recv_ns=NOW_NS + at,
        response_to=CxlRejResponseTo.REPLACE,
        text="not replaced",
    )


def after(start, *reports):
    for one in reports:
        start = apply_report(start, one)
    return start


def asked(start):
    """With a request to cancel."""
    return msgspec.structs.replace(start, cancel_requested=True)


def replacing(start, qty=200, way=AmendmentWay.NATIVE):
    """With a request to replace under way."""
    amendment = Amendment(
        cl_ord_id=NEXT,
        order=new_order(qty=qty),
        origin=Origin.MANUAL,
        actor="ada",
        ts_intent_ns=NOW_NS,
        way=way,
    )
    return msgspec.structs.replace(start, amendments=(amendment,))


def figures(known):
    return known.state, known.cum_qty, known.leaves_qty


PENDING = order(custody=Custody.SENT, ts_sent_ns=NOW_NS)
GTC = order(new_order(time_in_force=TimeInForce.GTC), custody=Custody.SENT, ts_sent_ns=NOW_NS)
DOUBT = order(custody=Custody.UNKNOWN, ts_sent_ns=NOW_NS)
HELD = after(PENDING, said(ExecType.SUSPENDED))
NEW = after(PENDING, said(ExecType.NEW))
PARTIAL = after(NEW, fill())
FILLED = after(NEW, fill(qty=100))
CANCELED = after(NEW, said(ExecType.CANCELED, 4))
EXPIRED = after(NEW, said(ExecType.EXPIRED, 4))
REJECTED = after(PENDING, said(ExecType.REJECTED, 4))
MISSING = after(DOUBT, ABSENT)
