"""Show what the clerk makes of answers that a market seldom gives.

The usual ones are shown by the conformance suite.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.brokers.clerk import Clerk
from app.domain.enums import CxlRejReason, ExecType, Liquidity, OrdStatus, TimeInForce
from app.domain.fees import FREE
from app.exchange.line import Changed, Ending, Match, NotDone, Taken
from tests.conformance.broker import START_NS, SYMBOL, as_order, new_order

LATER_NS = START_NS + 5
D = Decimal


@pytest.fixture
def booked():
    return []


@pytest.fixture
def clerk(booked):
    clerk = Clerk(FREE, lambda *trade: booked.append(trade))
    clerk.open("a", new_order(qty="100", limit="10.00"), START_NS)
    return clerk


def match(qty=60):
    return Match(
        cl_ord_id="a", qty=qty, px=D("10.00"), liquidity=Liquidity.ADDED, ts_ns=START_NS + 1
    )


def not_done(cl_ord_id, *, is_replace):
    return NotDone(
        cl_ord_id=cl_ord_id,
        text="too late",
        is_replace=is_replace,
        reason=CxlRejReason.TOO_LATE,
        ts_ns=START_NS,
    )


def test_a_fill_that_comes_before_the_acknowledgement_is_not_forgotten_by_it(clerk):
    clerk.apply(match(), LATER_NS)
    clerk.apply(Taken(cl_ord_id="a", ts_ns=START_NS), LATER_NS)
    assert clerk.tickets["a"].ord_status is OrdStatus.PARTIALLY_FILLED


def test_a_replace_that_came_too_late_is_forgotten_and_the_terms_stay(clerk):
    clerk.changes["b"] = new_order(qty="200", limit="10.01")
    report = clerk.apply(not_done("b", is_replace=True), LATER_NS)
    assert (report.text, report.reason) == ("too late", CxlRejReason.TOO_LATE)
    assert clerk.changes == {}
    assert clerk.tickets["a"].order.order_qty == 100


@pytest.mark.parametrize(
    ("cl_ord_id", "reason", "why"),
    [
        ("a", CxlRejReason.TOO_LATE, "it is filled"),
        ("q", CxlRejReason.UNKNOWN_ORDER, "it is not known here"),
    ],
)
def test_a_cancel_that_was_not_done_says_why(clerk, cl_ord_id, reason, why):
    clerk.apply(match(100), LATER_NS)
    report = clerk.apply(not_done(cl_ord_id, is_replace=False), LATER_NS)
    assert report.text == f"order {cl_ord_id} was not canceled: {why}"
    assert report.reason is reason


def test_an_order_has_one_ticket_under_all_its_identities(clerk):
    clerk.changes["b"] = new_order(qty="200", limit="10.01")
    clerk.apply(Changed(old_id="a", cl_ord_id="b", ts_ns=START_NS), LATER_NS)
    assert clerk.tickets["a"] is clerk.tickets["b"]
    assert [ticket.cl_ord_id for ticket in clerk.in_force()] == ["b"]


def test_a_bust_takes_the_trade_out_of_the_books(clerk, booked):
    clerk.apply(match(), LATER_NS)
    ticket = clerk.tickets["a"]
    broken, ended = clerk.bust(ticket, ticket.newest, LATER_NS)
    assert (broken.exec_type, broken.exec_id, broken.exec_ref_id) == (
        ExecType.TRADE_CANCEL,
        "a.1.bust",
        "a.1",
    )
    assert ended.exec_type is ExecType.CANCELED
    assert [(symbol, qty, px) for symbol, qty, px, *_ in booked] == [
        (SYMBOL, 60, D("10.00")),
        (SYMBOL, -60, D("10.00")),
    ]
    assert (ticket.cum_qty, ticket.paid, ticket.newest) == (0, 0, None)


def test_what_the_kill_switch_ended_is_remembered_until_it_is_asked_for(clerk):
    clerk.apply(
        Ending(cl_ord_id="a", exec_type=ExecType.CANCELED, ts_ns=START_NS, text="", is_killed=True),
        LATER_NS,
    )
    assert clerk.killed == {"a"}


def test_an_order_that_had_to_trade_at_once_is_not_put_back():
    clerk = Clerk(FREE, lambda *trade: None)
    assert clerk.put_back(as_order("a", new_order(tif=TimeInForce.IOC))) is None
    assert clerk.tickets == {}
