"""Show what reports leave out, what a silence of the broker comes to, and that they are values.

Method: the JSON that records hold, written out.
"""

import msgspec
import pytest

from app.domain.enums import CxlRejReason, CxlRejResponseTo, Liquidity
from app.domain.reports import (
    AbsentAtBroker,
    CancelReject,
    ExecutionReport,
    SendUncertain,
    Unreadable,
)
from app.domain.terms import ZERO
from tests.samples import ID, is_value, report


def test_report_says_only_what_was_said():
    said = report(ts_exch_ns=1, ts_recv_ns=2)
    written = msgspec.json.encode(said)
    assert written == (
        b'{"cl_ord_id":"P1-261123-1","exec_type":"0","ts_exch_ns":1,"ts_recv_ns":2,"order_id":"B1"}'
    )
    read = msgspec.json.decode(written, type=ExecutionReport)
    assert read == said
    assert (read.last_qty, read.last_px, read.fee, read.liquidity) == (
        ZERO,
        ZERO,
        ZERO,
        Liquidity.UNKNOWN,
    )
    unsaid = (read.ord_status, read.cum_qty, read.avg_px, read.order_qty, read.limit_px)
    assert unsaid == (None,) * 5
    assert (read.exec_id, read.exec_ref_id, read.last_mkt, read.text) == ("",) * 4
    assert read.is_synthetic is False


def test_reject_is_of_a_cancel_for_another_reason_if_nothing_else_is_said():
    said = CancelReject(cl_ord_id=ID, ts_exch_ns=1, ts_recv_ns=2)
    assert (said.response_to, said.reason, said.text) == (
        CxlRejResponseTo.CANCEL,
        CxlRejReason.OTHER,
        "",
    )


def test_silence_is_no_missing_line_in_a_list():
    silence = SendUncertain(cl_ord_id=ID, ts_recv_ns=2)
    assert (silence.text, silence.is_unlisted) == ("", False)


def test_what_cannot_be_read_may_be_about_any_symbol():
    assert Unreadable(text="no JSON", raw=b"\xff", ts_recv_ns=2).symbol == ""


@pytest.mark.parametrize(
    "kind",
    [ExecutionReport, CancelReject, SendUncertain, AbsentAtBroker, Unreadable],
    ids=lambda k: k.__name__,
)
def test_reports_are_values(kind):
    assert is_value(kind)
