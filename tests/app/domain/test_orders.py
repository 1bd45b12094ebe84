"""Show that an order's status follows from its facts, whatever order they arrive in.

Method: tables for each kind of report, and laws over drawn streams of reports: any permutation with
repetitions leads to the same order, nothing is created or lost, the terminal stays terminal.
"""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import Custody, ExecType, Liquidity, OrdStatus, Side
from app.domain.errors import IllegalTransition
from app.domain.ids import ClOrdID, OrderID
from app.domain.orders import fill_of
from app.domain.reports import CancelReject, SendUncertain
from app.domain.terms import ZERO
from app.domain.transitions import apply_report
from tests.samples import (
    EXTREMES,
    IBM,
    ID,
    NOT_NUMBERS,
    NOW_NS,
    PRICES,
    new_order,
    order,
    report,
    trade_report,
)

SENT = order(custody=Custody.SENT, ts_sent_ns=NOW_NS)
UNKNOWN = order(custody=Custody.UNKNOWN, ts_sent_ns=NOW_NS)
LOST = SendUncertain(cl_ord_id=ID, ts_recv_ns=NOW_NS + 9, text="no answer")
TOO_LATE = CancelReject(cl_ord_id=ID, ts_exch_ns=NOW_NS, ts_recv_ns=NOW_NS + 9, text="too late")


def after(start, *reports):
    for said in reports:
        start = apply_report(start, said)
    return start


def status(*reports, start=SENT):
    return after(start, *reports).ord_status


class TestOrdStatusPrecedence_FixAppendixD:  # noqa: N801  Named after the section.
    @pytest.mark.parametrize(
        ("facts", "expected"),
        [
            pytest.param([], OrdStatus.PENDING_NEW, id="no answer yet"),
            pytest.param([report()], OrdStatus.NEW, id="acknowledged"),
            pytest.param([trade_report(qty=40)], OrdStatus.PARTIALLY_FILLED, id="partial"),
            pytest.param([trade_report(qty=100)], OrdStatus.FILLED, id="whole"),
            pytest.param([trade_report(qty=101)], OrdStatus.FILLED, id="more than asked"),
            pytest.param([report(ExecType.CANCELED)], OrdStatus.CANCELED, id="canceled"),
            pytest.param([report(ExecType.REJECTED)], OrdStatus.REJECTED, id="rejected"),
            pytest.param([report(ExecType.EXPIRED)], OrdStatus.EXPIRED, id="expired"),
            pytest.param(
                [trade_report(qty=40), report(ExecType.CANCELED)],
                OrdStatus.CANCELED,
                id="rest canceled",
            ),
            pytest.param(
                [report(ExecType.CANCELED), trade_report(qty=40)],
                OrdStatus.CANCELED,
                id="fill after cancel counts, status stays",
            ),
            pytest.param(
                [report(ExecType.CANCELED), trade_report(qty=100)],
                OrdStatus.FILLED,
                id="filled outranks canceled",
            ),
        ],
    )
    def test_status_is_the_highest_that_holds(self, facts, expected):
        assert status(*facts) is expected

    @pytest.mark.parametrize(
        ("facts", "expected"),
        [
            pytest.param([], OrdStatus.PENDING_CANCEL, id="nothing else"),
            pytest.param([trade_report(qty=40)], OrdStatus.PENDING_CANCEL, id="filled in part"),
            pytest.param([trade_report(qty=100)], OrdStatus.FILLED, id="filled on the way"),
            pytest.param([report(ExecType.CANCELED)], OrdStatus.CANCELED, id="done"),
            pytest.param([report(), TOO_LATE], OrdStatus.NEW, id="cancel not taken"),
        ],
    )
    def test_cancel_request_shows_until_it_is_answered(self, facts, expected):
        asked = msgspec.structs.replace(SENT, cancel_requested=True)
        assert status(*facts, start=asked) is expected

    @pytest.mark.parametrize("qty", EXTREMES, ids=str)
    def test_refused_order_is_rejected_whatever_its_quantity_was(self, qty):
        refused = order(new_order(qty=qty), done=OrdStatus.REJECTED)
        assert refused.ord_status is OrdStatus.REJECTED
        assert not refused.is_working
        assert refused.leaves_qty == refused.overfilled_qty == ZERO


class TestQuantities:
    def test_fill_adds_to_what_is_executed_and_takes_from_what_is_left(self):
        filled = after(SENT, trade_report("E1", 30, "10"), trade_report("E2", 50, "12"))
        assert (filled.cum_qty, filled.leaves_qty) == (80, 20)
        assert filled.avg_px == Decimal("11.25")
        assert filled.overfilled_qty == 0

    def test_average_of_nothing_is_not_known(self):
        assert SENT.avg_px is None

    def test_fees_are_those_of_all_fills(self):
        first = trade_report("E1", 30, fee=Decimal("0.35"))
        second = trade_report("E2", 30, fee=Decimal("-0.05"))
        assert after(SENT, first, second).fees == Decimal("0.30")

    def test_fill_beyond_the_order_is_booked_and_told(self):
        over = after(SENT, trade_report(qty=130))
        assert (over.cum_qty, over.leaves_qty, over.overfilled_qty) == (130, 0, 30)

    def test_nothing_is_left_once_the_order_is_done(self):
        assert after(SENT, trade_report(qty=30), report(ExecType.CANCELED)).leaves_qty == 0


class TestAcknowledgement:
    def test_acknowledgement_brings_the_brokers_id(self):
        acknowledged = after(SENT, report())
        assert acknowledged.custody is Custody.ACKNOWLEDGED
        assert acknowledged.order_id == "B1"
        assert acknowledged.ts_ack_ns == acknowledged.ts_last_ns == NOW_NS + 2

    def test_repeated_acknowledgement_changes_nothing(self):
        acknowledged = after(SENT, report())
        assert apply_report(acknowledged, report(ts_recv_ns=NOW_NS + 77)) is acknowledged
        assert apply_report(acknowledged, report(order_id=OrderID(""))) is acknowledged

    def test_later_acknowledgement_may_name_the_id(self):
        named = after(SENT, report(order_id=OrderID("")), report(ts_recv_ns=NOW_NS + 77))
        assert named.order_id == "B1"
        assert named.ts_ack_ns == NOW_NS + 2

    def test_fill_that_overtakes_the_acknowledgement_implies_it(self):
        filled = after(SENT, trade_report(qty=40))
        assert filled.custody is Custody.ACKNOWLEDGED
        assert after(filled, report()) == filled

    def test_done_report_keeps_the_reason_and_the_first_answer(self):
        done = after(SENT, report(), report(ExecType.EXPIRED, ts_recv_ns=NOW_NS + 9, text="close"))
        assert (done.text, done.ts_ack_ns, done.ts_last_ns) == ("close", NOW_NS + 2, NOW_NS + 9)

    def test_done_report_without_a_reason_leaves_the_words_there_were(self):
        told = msgspec.structs.replace(SENT, text="held for review")
        assert after(told, report(ExecType.CANCELED)).text == "held for review"

    def test_done_report_without_an_id_leaves_the_id(self):
        assert after(SENT, report(), report(ExecType.CANCELED, order_id="")).order_id == "B1"


class TestDoubt:
    def test_lost_answer_is_unknown_and_still_working(self):
        lost = after(SENT, LOST)
        assert (lost.custody, lost.ord_status) == (Custody.UNKNOWN, OrdStatus.PENDING_NEW)
        assert lost.is_working
        assert lost.leaves_qty == 100
        assert lost.text == "no answer"

    @pytest.mark.parametrize(
        "answer",
        [report(), trade_report(), report(ExecType.REJECTED)],
        ids=["new", "fill", "rejected"],
    )
    def test_answer_that_came_another_way_settles_it(self, answer):
        settled = after(SENT, answer)
        assert apply_report(settled, LOST) is settled
        assert after(UNKNOWN, answer).custody is Custody.ACKNOWLEDGED

    def test_doubt_after_the_acknowledgement_does_not_undo_it(self):
        doubtful = msgspec.structs.replace(after(SENT, report()), custody=Custody.UNKNOWN)
        assert doubtful.ord_status is OrdStatus.NEW

    def test_refusal_here_is_never_in_doubt(self):
        refused = order(done=OrdStatus.REJECTED)
        assert apply_report(refused, LOST) is refused


class TestRefusedReports:
    def test_report_on_another_order_is_not_applied(self):
        with pytest.raises(IllegalTransition, match="was applied to"):
            apply_report(SENT, report(cl_ord_id=ClOrdID("P1-261123-2")))

    @pytest.mark.parametrize(
        "exec_type",
        [
            ExecType.REPLACED,
            ExecType.PENDING_CANCEL,
            ExecType.RESTATED,
            ExecType.TRADE_CORRECT,
            ExecType.TRADE_CANCEL,
            ExecType.ORDER_STATUS,
        ],
        ids=lambda e: e.name,
    )
    def test_kind_without_a_rule_is_not_guessed_at(self, exec_type):
        with pytest.raises(IllegalTransition, match=exec_type.name):
            apply_report(SENT, report(exec_type))

    @pytest.mark.parametrize("field", ["qty", "px"])
    @pytest.mark.parametrize("value", [*NOT_NUMBERS, Decimal(0), Decimal(-1)], ids=str)
    def test_fill_without_a_real_quantity_and_price_is_not_booked(self, field, value):
        with pytest.raises(IllegalTransition, match="not booked"):
            apply_report(SENT, trade_report(**{field: value}))

    @pytest.mark.parametrize("value", NOT_NUMBERS, ids=str)
    def test_fill_with_a_fee_that_is_no_number_is_not_booked(self, value):
        with pytest.raises(IllegalTransition, match="not booked"):
            apply_report(SENT, trade_report(fee=value))

    def test_fill_without_identity_is_not_booked(self):
        with pytest.raises(IllegalTransition, match="lacks identity"):
            apply_report(SENT, trade_report(exec_id=""))

    @pytest.mark.parametrize(("qty", "px"), [(99, "187.20"), (100, "187.21")], ids=["qty", "px"])
    def test_fill_that_contradicts_a_booked_one_is_not_booked(self, qty, px):
        with pytest.raises(IllegalTransition, match="without a correction"):
            after(SENT, trade_report(), trade_report(qty=qty, px=px))


def test_fill_row_carries_everything_of_order_and_execution():
    filled = after(
        SENT, trade_report(fee=Decimal("0.35"), last_mkt="XNAS", liquidity=Liquidity.ADDED)
    )
    row = fill_of(filled, filled.executions[0])
    assert (row.cl_ord_id, row.order_id, row.exec_id, row.account) == (ID, "B1", "E1", "P1")
    assert (row.symbol, row.side, row.qty, row.px) == (IBM, Side.BUY, 100, Decimal("187.20"))
    assert (row.fee, row.last_mkt, row.liquidity) == (Decimal("0.35"), "XNAS", Liquidity.ADDED)
    assert (row.ts_exch_ns, row.ts_recv_ns) == (NOW_NS + 1, NOW_NS + 2)


# Laws

WHOLE = st.integers(1, 80).map(Decimal)


@st.composite
def streams(draw):
    """Everything a broker may say of one order: fills, acknowledgement, at most one end."""
    reports = [
        trade_report(f"E{n}", qty, px)
        for n, (qty, px) in enumerate(draw(st.lists(st.tuples(WHOLE, PRICES), max_size=5)))
    ]
    reports += draw(st.sampled_from([[], [report()]]))
    reports += draw(
        st.sampled_from([[], [report(ExecType.CANCELED)], [report(ExecType.EXPIRED)], [LOST]])
    )
    return reports


def facts(known):
    """What must not depend on the order of arrival (time stamps and words may)."""
    return (
        known.ord_status,
        known.cum_qty,
        known.leaves_qty,
        known.avg_px,
        known.order_id,
        sorted(known.executions, key=lambda execution: execution.exec_id),
    )


@given(streams(), st.data())
def test_any_order_of_arrival_with_repetitions_gives_the_same_order(reports, data):
    doubled = [*reports, *data.draw(st.lists(st.sampled_from(reports)) if reports else st.just([]))]
    shuffled = data.draw(st.permutations(doubled))
    assert facts(after(SENT, *shuffled)) == facts(after(SENT, *reports))


@given(streams(), st.data())
def test_same_report_twice_changes_nothing(reports, data):
    known = after(SENT, *reports)
    if reports:
        again = data.draw(st.sampled_from(reports))
        assert apply_report(known, again) is known


def test_same_cancel_reject_twice_changes_nothing():
    once = after(SENT, report(), TOO_LATE)
    assert apply_report(once, TOO_LATE) == once


@given(streams())
def test_executed_and_left_are_what_was_asked_until_the_order_is_done(reports):
    known = SENT
    for said in reports:
        known = apply_report(known, said)
        assert known.cum_qty == sum((e.qty for e in known.executions), ZERO)
        assert known.leaves_qty >= 0
        if known.done is None:
            asked = known.order.order_qty + known.overfilled_qty
            assert known.cum_qty + known.leaves_qty == asked
        assert known.is_working == (known.leaves_qty > 0)


@given(streams(), streams())
def test_terminal_order_never_works_again(reports, more):
    known = after(SENT, *reports)
    later = [
        msgspec.structs.replace(said, exec_id=f"late {said.exec_id}")
        if getattr(said, "exec_type", None) is ExecType.TRADE
        else said
        for said in [*more, TOO_LATE]
    ]
    if known.ord_status.is_terminal:
        for said in later:
            known = apply_report(known, said)
            assert known.ord_status.is_terminal
            assert known.leaves_qty == 0


@given(streams(), st.data())
def test_every_fill_is_booked_once_and_none_is_lost(reports, data):
    shuffled = data.draw(st.permutations([*reports, *reports]))
    known = after(SENT, *shuffled)
    sent = {said.exec_id: said.last_qty for said in reports if getattr(said, "exec_id", "")}
    assert {e.exec_id: e.qty for e in known.executions} == sent
    assert len(known.executions) == len(sent)
