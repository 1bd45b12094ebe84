"""Goal: what the paper broker says of an order is what it keeps of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.brokers.tickets import Ticket, done_or_new, open_status, order_id_of, trade_report
from app.domain.enums import ExecType, Liquidity, OrdStatus
from app.domain.ids import ClOrdID, ExecID
from app.exchange.line import Match
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
