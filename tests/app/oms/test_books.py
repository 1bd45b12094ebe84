"""Show that orders, positions and cash follow from the records alone.

Method: records by hand, one kind each; laws of folding are in the engine's test.
"""

from decimal import Decimal

import pytest

from app.audit.records import (
    CancelRequested,
    ExecutionReported,
    OrderDecided,
    OrderSent,
    SendLost,
    TradingStateSet,
    UserActed,
)
from app.domain.commands import CancelOrder, SubmitOrder
from app.domain.decision import CheckResult
from app.domain.enums import Custody, OrdStatus, Origin, Side, TradingState
from app.domain.reports import SendUncertain
from app.oms.books import Books, Change
from tests.samples import IBM, ID, NOW_NS, new_order, picture, report, trade_report


def decided(approved=True, qty=100, cl_ord_id=ID):
    refusal = CheckResult(name="c", passed=approved, value="", limit="", text="too much")
    return OrderDecided(
        command=SubmitOrder(
            cl_ord_id=cl_ord_id,
            order=new_order(qty=qty),
            origin=Origin.MANUAL,
            actor="ada",
            ts_intent_ns=NOW_NS,
        ),
        account="P1",
        approved=approved,
        checks=(refusal,),
        picture=picture(),
    )


SENT = OrderSent(cl_ord_id=ID, ts_sent_ns=NOW_NS + 1)
CANCEL = CancelRequested(
    command=CancelOrder(cl_ord_id=ID, origin=Origin.MANUAL, actor="ada", ts_intent_ns=NOW_NS)
)
FILLED = ExecutionReported(report=trade_report(qty=100, px="10", fee=Decimal("0.35")))


@pytest.fixture
def books():
    return Books(Decimal(100_000))


def test_decision_makes_the_order(books):
    change = books.apply(decided())
    assert change.order.custody is Custody.UNSENT
    assert change.order.ord_status is OrdStatus.PENDING_NEW
    assert books.blotter.get(ID) is change.order
    assert books.decided == 1


@pytest.mark.parametrize("qty", ["100", "0", "-5", "NaN", "Infinity", "1e999999"])
def test_refusal_makes_a_rejected_order_with_its_reason(books, qty):
    change = books.apply(decided(approved=False, qty=qty))
    assert (change.order.ord_status, change.order.text) == (OrdStatus.REJECTED, "too much")
    assert books.blotter.working() == ()
    assert books.decided == 1


def test_second_decision_of_an_identity_does_not_replace_the_first(books):
    books.apply(decided())
    change = books.apply(decided(qty=5))
    assert change.order is None
    assert "decided twice" in change.problem
    assert books.blotter.get(ID).order.order_qty == 100
    assert books.decided == 2


def test_fill_is_booked_once_into_order_position_and_cash(books):
    books.apply(decided())
    books.apply(SENT)
    change = books.apply(FILLED)
    assert [fill.side for fill in change.fills] == [Side.BUY]
    assert books.apply(FILLED) == Change()
    assert books.ledger.view.get(IBM).qty == 100
    assert books.ledger.cash == 100_000 - 1000 - Decimal("0.35")


def test_sending_is_noted_once(books):
    books.apply(decided())
    assert books.apply(SENT).order.custody is Custody.SENT
    assert books.apply(SENT) == Change()


def test_cancel_request_is_noted_while_the_order_works(books):
    assert books.apply(CANCEL) == Change()
    books.apply(decided())
    assert books.apply(CANCEL).order.ord_status is OrdStatus.PENDING_CANCEL
    books.apply(FILLED)
    assert books.apply(CANCEL) == Change()


@pytest.mark.parametrize(
    "record",
    [
        FILLED,
        ExecutionReported(report=report()),
        SendLost(report=SendUncertain(cl_ord_id=ID, ts_recv_ns=NOW_NS)),
    ],
    ids=["fill", "new", "lost"],
)
def test_report_on_an_unknown_order_is_a_problem_and_changes_nothing(books, record):
    change = books.apply(record)
    assert change.order is None
    assert f"unknown order {ID}" in change.problem
    assert books.blotter.version == books.ledger.version == 0


@pytest.mark.parametrize("qty", ["0", "-1", "NaN", "sNaN", "Infinity"])
def test_report_that_cannot_be_applied_puts_the_order_in_doubt_and_books_nothing(books, qty):
    books.apply(decided())
    change = books.apply(ExecutionReported(report=trade_report(qty=qty)))
    assert change.order.custody is Custody.UNKNOWN
    assert change.problem
    assert change.problem == change.order.text
    assert change.fills == ()
    assert books.ledger.version == 0


def test_last_trading_state_is_known(books):
    assert books.trading_state is None
    for state in (TradingState.HALTED, TradingState.ACTIVE):
        record = TradingStateSet(state=state, reason="r", actor="ada")
        assert books.apply(record) == Change()
        assert books.trading_state is record


def test_other_records_change_nothing(books):
    assert books.apply(UserActed(action="a", detail="d", actor="ada")) == Change()
    assert books.blotter.version == 0
