"""Goal: what the paper broker says of an order is what it keeps of it."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from app.brokers.builtin import CAPABILITIES
from app.brokers.tickets import (
    Ticket,
    done_or_new,
    expiry_ns,
    open_status,
    order_id_of,
    terms_fault,
    trade_report,
)
from app.domain.enums import ExecType, Liquidity, OrdStatus, TimeInForce
from app.domain.ids import ClOrdID, ExecID
from app.domain.times import parse_iso_ns
from app.exchange.line import NEVER_NS, Match
from tests.samples import new_order


def ticket(cum="0", paid="0"):
    return Ticket(
        cl_ord_id=ClOrdID("b"),
        first_id=ClOrdID("a"),
        order=new_order(),
        ts_ns=7,
        cum_qty=Decimal(cum),
        paid=Decimal(paid),
    )


@pytest.mark.parametrize(
    ("cum", "status"),
    [
        ("0", OrdStatus.NEW),
        ("40", OrdStatus.PARTIALLY_FILLED),
        ("100", OrdStatus.FILLED),
    ],
)
def test_fills_make_the_status(cum, status):
    assert open_status(ticket(cum)) is status


def test_a_snapshot_shows_the_identity_in_force_and_the_average_price():
    order = ticket("40", "400.40").as_broker_order()
    assert (order.cl_ord_id, order.order_id) == ("b", order_id_of(ClOrdID("b")))
    assert (order.cum_qty, order.avg_px, order.ts_ns) == (40, Decimal("10.01"), 7)
    assert ticket().as_broker_order().avg_px is None


def test_a_fill_is_reported_with_what_it_cost_and_what_was_assumed():
    match = Match(
        cl_ord_id=ClOrdID("b"),
        qty=40,
        px=Decimal("10.01"),
        liquidity=Liquidity.ADDED,
        ts_ns=5,
        assumption="queue: 300 shares first",
    )
    report = trade_report(match, ExecID("a.1"), 9, Decimal("-0.08"))
    assert (report.exec_type, report.exec_id, report.last_mkt) == (ExecType.TRADE, "a.1", "PAPER")
    assert (report.last_qty, report.last_px, report.fee) == (40, Decimal("10.01"), Decimal("-0.08"))
    assert (report.ts_exch_ns, report.ts_recv_ns, report.text) == (5, 9, match.assumption)


def test_an_end_says_why():
    report = done_or_new(ClOrdID("b"), ExecType.CANCELED, 5, 9, "because")
    assert (report.exec_type, report.cl_ord_id, report.text) == (ExecType.CANCELED, "b", "because")


@pytest.mark.parametrize(
    ("changes", "came", "ends"),
    [
        pytest.param({}, "2026-11-20T10:00", "2026-11-20T16:00", id="in the core session"),
        pytest.param({}, "2026-11-20T17:00", "2026-11-23T16:00", id="after it, on a Friday"),
        pytest.param({}, "2026-11-27T12:00", "2026-11-27T13:00", id="on a short day"),
        pytest.param(
            {"extended_hours": True}, "2026-11-20T17:00", "2026-11-20T20:00", id="post-market"
        ),
        pytest.param({"time_in_force": TimeInForce.GTC}, "2026-11-20T10:00", None, id="GTC"),
        pytest.param(
            {"time_in_force": TimeInForce.GTD, "expire_ns": 77}, "2026-11-20T10:00", 77, id="GTD"
        ),
    ],
)
def test_an_order_ends_with_the_session_it_is_for(changes, came, ends):
    order = new_order(**changes)
    if isinstance(ends, str):
        ends = parse_iso_ns(ends)
    found = expiry_ns(order, parse_iso_ns(came), has_hours=True)
    assert found == (NEVER_NS if ends is None else ends)


def test_where_there_are_no_hours_a_day_order_ends_with_the_day():
    came, ends = parse_iso_ns("2026-11-20T17:00"), parse_iso_ns("2026-11-21T00:00")
    assert expiry_ns(new_order(), came, has_hours=False) == ends


def test_a_reserve_is_taken_where_there_is_a_book_to_hide_in():
    order = new_order(display_qty=Decimal(20))
    assert terms_fault(order, CAPABILITIES, 0) == "a displayed quantity is not taken here"
    with_book = msgspec.structs.replace(CAPABILITIES, has_reserve=True)
    assert terms_fault(order, with_book, 0) == ""
