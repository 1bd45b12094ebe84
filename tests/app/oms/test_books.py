"""Show that orders, positions and cash follow from the records alone.

Method: records by hand, one kind each; laws of folding are in the engine's test.
"""

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from app.audit.records import (
    AmendmentDecided,
    CancelRequested,
    CashPosted,
    DayStarted,
    ExecutionReported,
    LotMethodSet,
    LotsPicked,
    OrderDecided,
    OrderHeld,
    OrderSent,
    PositionAdjusted,
    SendLost,
    TradingStateSet,
    UserActed,
)
from app.domain.cash import CashKind, CashPosting, DayStart
from app.domain.commands import CancelOrder, ReplaceOrder, SubmitOrder
from app.domain.decision import CheckResult
from app.domain.enums import (
    AmendmentWay,
    Custody,
    ExecType,
    OrdStatus,
    Origin,
    Side,
    TradingState,
)
from app.domain.ids import ClOrdID, ExecID
from app.domain.lots import LotMethod
from app.domain.position import PositionAdjustment
from app.domain.reports import SendUncertain
from app.domain.terms import Hold
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
    assert books.identities == 1


@pytest.mark.parametrize("qty", ["100", "0", "-5", "NaN", "Infinity", "1e999999"])
def test_refusal_makes_a_rejected_order_with_its_reason(books, qty):
    change = books.apply(decided(approved=False, qty=qty))
    assert (change.order.ord_status, change.order.text) == (OrdStatus.REJECTED, "too much")
    assert books.blotter.working() == ()
    assert books.identities == 1


def test_second_decision_of_an_identity_does_not_replace_the_first(books):
    books.apply(decided())
    change = books.apply(decided(qty=5))
    assert change.order is None
    assert "decided twice" in change.problem
    assert books.blotter.get(ID).order.order_qty == 100
    assert books.identities == 2


def test_fill_is_booked_once_into_order_position_and_cash(books):
    books.apply(decided())
    books.apply(SENT)
    change = books.apply(FILLED)
    assert [fill.new.side for fill in change.fills] == [Side.BUY]
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


def test_last_trading_state_of_each_symbol_and_of_the_account_is_known(books):
    assert books.trading_states == {}
    states = [
        TradingStateSet(state=TradingState.HALTED, reason="r", actor="ada"),
        TradingStateSet(state=TradingState.REDUCING, reason="s", actor="ada", symbol=IBM),
        TradingStateSet(state=TradingState.ACTIVE, reason="t", actor="ada"),
    ]
    for record in states:
        assert books.apply(record) == Change()
    assert books.trading_states == {"": states[2], IBM: states[1]}


def held(cl_ord_id=ID):
    record = decided(cl_ord_id=cl_ord_id)
    return OrderHeld(
        command=msgspec.structs.replace(record.command, hold=Hold()),
        account=record.account,
        checks=record.checks,
        picture=record.picture,
    )


AMENDED = AmendmentDecided(
    command=ReplaceOrder(
        cl_ord_id=ClOrdID("R1"),
        orig_cl_ord_id=ID,
        order_qty=Decimal(50),
        limit_px=None,
        stop_px=None,
        origin=Origin.MANUAL,
        actor="ada",
        ts_intent_ns=NOW_NS,
    ),
    order=new_order(qty=50),
    way=AmendmentWay.NATIVE,
    approved=True,
    checks=(),
    picture=picture(),
)


@pytest.mark.parametrize("record", [decided(), decided(approved=False), held(), AMENDED])
def test_every_record_with_an_identity_counts_one(books, record):
    books.apply(record)
    assert books.identities == 1


def test_held_order_waits_here(books):
    change = books.apply(held())
    assert (change.before, change.order.custody) == (None, Custody.HELD)
    assert books.blotter.working() == (change.order,)


def test_change_says_what_was_before(books):
    first = books.apply(decided()).order
    second = books.apply(SENT)
    assert second.before is first
    assert second.order is books.blotter.get(ID)


def test_bust_and_correction_are_booked_into_position_and_cash(books):
    for record in (decided(), SENT, FILLED):
        books.apply(record)
    corrected = report(
        ExecType.TRADE_CORRECT,
        exec_id=ExecID("E2"),
        exec_ref_id=ExecID("E1"),
        last_qty=Decimal(90),
        last_px=Decimal(10),
    )
    change = books.apply(ExecutionReported(report=corrected))
    assert [(f.old.qty, f.new.qty) for f in change.fills] == [(100, 90)]
    assert [alarm.reduces for alarm in change.alarms] == [False]
    assert (books.ledger.view.get(IBM).qty, books.ledger.cash) == (90, 99_100)
    broken = report(ExecType.TRADE_CANCEL, exec_id=ExecID("E3"), exec_ref_id=ExecID("E1"))
    change = books.apply(ExecutionReported(report=broken))
    assert [(f.old.qty, f.new) for f in change.fills] == [(90, None)]
    assert (books.ledger.view.get(IBM).qty, books.ledger.cash) == (0, 100_000)


def test_overfill_is_booked_and_alarms(books):
    books.apply(decided())
    books.apply(SENT)
    change = books.apply(ExecutionReported(report=trade_report(qty=101, px="10")))
    assert [alarm.reduces for alarm in change.alarms] == [True]
    assert books.ledger.view.get(IBM).qty == 101


def test_first_record_of_an_order_alarms_nothing(books):
    assert books.apply(decided()).alarms == ()


def test_other_records_change_nothing(books):
    assert books.apply(UserActed(action="a", detail="d", actor="ada")) == Change()
    assert books.blotter.version == 0


def test_what_moves_the_account_without_an_order_is_booked(books):
    adjustment = PositionAdjustment(
        adjustment_id="A1", symbol=IBM, qty=Decimal(30), px=Decimal(10), ts_ns=NOW_NS
    )
    posting = CashPosting(posting_id="C1", kind=CashKind.FEE, amount=Decimal(-5), ts_ns=NOW_NS)
    day = DayStart(trading_day=date(2026, 11, 23), equity=Decimal(1), cash=Decimal(1), ts_ns=NOW_NS)
    for record in (
        PositionAdjusted(adjustment=adjustment),
        CashPosted(posting=posting),
        DayStarted(start=day),
        LotMethodSet(method=LotMethod.LIFO, symbol=IBM, actor="ada"),
    ):
        assert books.apply(record) == Change()
    view = books.ledger.view
    assert (view.get(IBM).qty, view.cash, view.day) == (30, 99_995, day)
    assert (view.method(IBM), view.method("MSFT")) == (LotMethod.LIFO, LotMethod.FIFO)
    books.apply(LotMethodSet(method=LotMethod.HIGHEST_COST, symbol="", actor="ada"))
    assert view.method("MSFT") is LotMethod.HIGHEST_COST


def test_lots_are_picked_by_hand(books):
    for number, (side, qty) in enumerate([(Side.BUY, 100), (Side.BUY, 100), (Side.SELL, 100)]):
        cl_ord_id = f"O{number}"
        one = decided(cl_ord_id=cl_ord_id)
        command = msgspec.structs.replace(one.command, order=new_order(side, qty))
        books.apply(msgspec.structs.replace(one, command=command))
        sold = trade_report(
            f"E{number}", qty, 10 + number, cl_ord_id=cl_ord_id, ts_exch_ns=NOW_NS + number
        )
        books.apply(ExecutionReported(report=sold))
    assert [lot.exec_id for lot in books.ledger.view.lots(IBM)] == ["E1"]
    picks = (("E1", Decimal(100)),)
    assert books.apply(LotsPicked(exec_id="E2", picks=picks, actor="ada")) == Change()
    assert [lot.exec_id for lot in books.ledger.view.lots(IBM)] == ["E0"]


def test_a_record_that_the_ledger_refuses_is_a_problem_and_ends_nothing(books):
    change = books.apply(LotsPicked(exec_id="E9", picks=(), actor="ada"))
    assert change.order is None
    assert "E9" in change.problem
