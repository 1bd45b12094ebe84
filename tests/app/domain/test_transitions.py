"""Show what every event makes of an order in every state: the transition table, row by row.

Method: each row is a start, the reports that come, and the state, executed and left that follow;
the races are in `test_transitions_races`, the laws over drawn stories in `test_orders`.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from app.audit.fold import Folded, Orders, fold
from app.audit.records import (
    AmendmentDecided,
    AmendmentEnded,
    CancelRequested,
    OrderAdopted,
    OrderDecided,
    OrderSent,
    ReportUnreadable,
)
from app.domain.commands import CancelOrder, ReplaceOrder, SubmitOrder
from app.domain.enums import (
    AmendmentState,
    AmendmentWay,
    Custody,
    CxlRejReason,
    ExecType,
    OrderState,
    OrdStatus,
    Origin,
)
from app.domain.errors import IllegalTransition
from app.domain.executions import parked
from app.domain.ids import AccountID, OrderID
from app.domain.orders import Order
from app.domain.reports import AbsentAtBroker, SendUncertain
from app.domain.transitions import apply_report
from tests.reported import (
    ABSENT,
    CANCELED,
    DOUBT,
    EXPIRED,
    FILLED,
    GTC,
    HELD,
    LOST,
    MISSING,
    NEW,
    NEXT,
    PARTIAL,
    PENDING,
    REJECTED,
    after,
    asked,
    bust,
    cancel_reject,
    correct,
    figures,
    fill,
    replace_reject,
    replacing,
    said,
    status,
)
from tests.samples import ID, NOT_NUMBERS, NOW_NS, new_order, picture

S = OrderState


def row(number, what, start, reports, state, cum, leaves):
    return pytest.param(start, reports, (state, cum, leaves), id=f"row {number} {what}")


TABLE = [
    row(3, "refused", PENDING, [said(ExecType.REJECTED)], S.REJECTED, 0, 0),
    row(4, "no answer", PENDING, [LOST], S.IN_DOUBT, 0, 100),
    row(6, "ack", PENDING, [said(ExecType.NEW)], S.NEW, 0, 100),
    row(6, "ack ends the doubt", DOUBT, [said(ExecType.NEW)], S.NEW, 0, 100),
    row(6, "found by query", DOUBT, [status(OrdStatus.NEW)], S.NEW, 0, 100),
    row(6, "held", PENDING, [said(ExecType.SUSPENDED)], S.HELD, 0, 100),
    row(6, "held ends the doubt", DOUBT, [status(OrdStatus.SUSPENDED)], S.HELD, 0, 100),
    row(6, "has it, may reject", DOUBT, [said(ExecType.PENDING_NEW)], S.PENDING_NEW, 0, 100),
    row(7, "part", PENDING, [fill()], S.PARTIALLY_FILLED, 40, 60),
    row(7, "part in doubt", DOUBT, [fill()], S.PARTIALLY_FILLED, 40, 60),
    row(7, "whole", DOUBT, [fill(qty=100)], S.FILLED, 100, 0),
    row(7, "ack later", PENDING, [fill(), said(ExecType.NEW)], S.PARTIALLY_FILLED, 40, 60),
    row(8, "reject", PENDING, [said(ExecType.REJECTED)], S.REJECTED, 0, 0),
    row(8, "reject in doubt", DOUBT, [said(ExecType.REJECTED)], S.REJECTED, 0, 0),
    row(8, "rejected by status", DOUBT, [status(OrdStatus.REJECTED)], S.REJECTED, 0, 0),
    row(9, "not found", DOUBT, [ABSENT], S.REJECTED, 0, 0),
    row(9, "once known, gone", NEW, [ABSENT], S.CANCELED, 0, 0),
    row(10, "cancel unanswered", asked(PENDING), [LOST], S.PENDING_CANCEL, 0, 100),
    row(11, "released", HELD, [said(ExecType.NEW, 2)], S.NEW, 0, 100),
    row(11, "triggered", HELD, [said(ExecType.TRIGGERED, 2)], S.NEW, 0, 100),
    row(11, "held no more", NEW, [said(ExecType.SUSPENDED, 0)], S.NEW, 0, 100),
    row(12, "new", NEW, [fill()], S.PARTIALLY_FILLED, 40, 60),
    row(12, "partial", PARTIAL, [fill("E2", 59)], S.PARTIALLY_FILLED, 99, 1),
    row(12, "held", HELD, [fill()], S.PARTIALLY_FILLED, 40, 60),
    row(13, "new", NEW, [fill(qty=100)], S.FILLED, 100, 0),
    row(13, "partial", PARTIAL, [fill("E2", 60)], S.FILLED, 100, 0),
    row(13, "held", HELD, [fill(qty=100)], S.FILLED, 100, 0),
    row(14, "overfill", PARTIAL, [fill("E2", 61)], S.FILLED, 101, 0),
    row(14, "overfill at once", NEW, [fill(qty=150)], S.FILLED, 150, 0),
    row(16, "part", asked(NEW), [fill()], S.PENDING_CANCEL, 40, 60),
    row(17, "whole", asked(PARTIAL), [fill("E2", 60)], S.FILLED, 100, 0),
    row(17, "then too late", asked(PARTIAL), [fill("E2", 60), cancel_reject()], S.FILLED, 100, 0),
    row(18, "cancel ack", asked(PARTIAL), [said(ExecType.CANCELED)], S.CANCELED, 40, 0),
    row(19, "too late", asked(PARTIAL), [cancel_reject()], S.PARTIALLY_FILLED, 40, 60),
    row(19, "too late, new", asked(NEW), [cancel_reject()], S.NEW, 0, 100),
    row(
        20,
        "unknown order",
        asked(NEW),
        [cancel_reject(CxlRejReason.UNKNOWN_ORDER)],
        S.IN_DOUBT,
        0,
        100,
    ),
    row(23, "part", replacing(NEW), [fill()], S.PENDING_REPLACE, 40, 60),
    row(23, "whole old", replacing(NEW), [fill(qty=100)], S.FILLED, 100, 0),
    row(24, "replaced", replacing(NEW), [said(ExecType.REPLACED, cl_ord_id=NEXT)], S.NEW, 0, 200),
    row(
        24,
        "replaced in part",
        replacing(PARTIAL),
        [said(ExecType.REPLACED, cl_ord_id=NEXT)],
        S.PARTIALLY_FILLED,
        40,
        160,
    ),
    row(
        25,
        "below cum",
        replacing(PARTIAL, 30),
        [said(ExecType.REPLACED, cl_ord_id=NEXT)],
        S.FILLED,
        40,
        0,
    ),
    row(
        25,
        "equal to cum",
        replacing(PARTIAL, 40),
        [said(ExecType.REPLACED, cl_ord_id=NEXT)],
        S.FILLED,
        40,
        0,
    ),
    row(26, "rejected", replacing(PARTIAL), [replace_reject()], S.PARTIALLY_FILLED, 40, 60),
    row(
        26,
        "rejected as an order",
        replacing(NEW),
        [said(ExecType.REJECTED, cl_ord_id=NEXT)],
        S.NEW,
        0,
        100,
    ),
    row(
        26,
        "received, then rejected",
        replacing(NEW),
        [
            said(ExecType.PENDING_NEW, cl_ord_id=NEXT),
            said(ExecType.PENDING_REPLACE, cl_ord_id=NEXT),
            status(OrdStatus.PENDING_NEW, cl_ord_id=NEXT),
            status(OrdStatus.REJECTED, cl_ord_id=NEXT),
        ],
        S.NEW,
        0,
        100,
    ),
    row(27, "both asked", asked(replacing(NEW)), [fill()], S.PENDING_CANCEL, 40, 60),
    row(28, "cancel ack", asked(replacing(NEW)), [said(ExecType.CANCELED)], S.CANCELED, 0, 0),
    row(29, "unsolicited", PARTIAL, [said(ExecType.CANCELED, text="halt")], S.CANCELED, 40, 0),
    row(29, "unsolicited, held", HELD, [status(OrdStatus.CANCELED)], S.CANCELED, 0, 0),
    row(30, "expired", PARTIAL, [said(ExecType.EXPIRED)], S.EXPIRED, 40, 0),
    row(30, "expired by status", PARTIAL, [status(OrdStatus.EXPIRED)], S.EXPIRED, 40, 0),
    row(30, "done for day", PARTIAL, [said(ExecType.DONE_FOR_DAY, 3)], S.DONE_FOR_DAY, 40, 60),
    row(
        30,
        "of one moment with its fill",
        PARTIAL,
        [said(ExecType.DONE_FOR_DAY, 2)],
        S.DONE_FOR_DAY,
        40,
        60,
    ),
    row(
        30,
        "next session",
        GTC,
        [said(ExecType.DONE_FOR_DAY, 3), said(ExecType.NEW, 4)],
        S.NEW,
        0,
        100,
    ),
    row(
        30,
        "next session by a fill",
        GTC,
        [said(ExecType.DONE_FOR_DAY, 3), fill(at=4)],
        S.PARTIALLY_FILLED,
        40,
        60,
    ),
    row(
        30,
        "done for day again",
        GTC,
        [said(ExecType.NEW, 4), status(OrdStatus.DONE_FOR_DAY, 5)],
        S.DONE_FOR_DAY,
        0,
        100,
    ),
    row(31, "canceled", CANCELED, [fill()], S.CANCELED, 40, 0),
    row(31, "expired", EXPIRED, [fill()], S.EXPIRED, 40, 0),
    row(31, "rejected", REJECTED, [fill()], S.REJECTED, 40, 0),
    row(31, "filled", FILLED, [fill("E2", 1)], S.FILLED, 101, 0),
    row(31, "canceled, whole", CANCELED, [fill(qty=100)], S.FILLED, 100, 0),
    row(32, "known fill", PARTIAL, [fill()], S.PARTIALLY_FILLED, 40, 60),
    row(34, "bust of filled", FILLED, [bust()], S.IN_DOUBT, 0, 100),
    row(34, "broker says live", FILLED, [bust(), status(OrdStatus.NEW, 6)], S.NEW, 0, 100),
    row(34, "else canceled", FILLED, [bust(), said(ExecType.CANCELED, 6)], S.CANCELED, 0, 0),
    row(34, "bust of ended", after(CANCELED, fill()), [bust()], S.CANCELED, 0, 0),
    row(35, "less", FILLED, [correct(70), said(ExecType.NEW, 6)], S.PARTIALLY_FILLED, 70, 30),
    row(35, "more", PARTIAL, [correct(41), said(ExecType.NEW, 6)], S.PARTIALLY_FILLED, 41, 59),
    row(35, "price", FILLED, [correct(100, 11)], S.FILLED, 100, 0),
    row(36, "bust first", NEW, [bust(), fill(), said(ExecType.NEW, 6)], S.NEW, 0, 100),
    row(
        36,
        "correction first",
        NEW,
        [correct(30), fill(), said(ExecType.NEW, 6)],
        S.PARTIALLY_FILLED,
        30,
        70,
    ),
    row(37, "older", PARTIAL, [status(OrdStatus.NEW, 1, 0)], S.PARTIALLY_FILLED, 40, 60),
    row(38, "more there", PARTIAL, [status(OrdStatus.NEW, 3, 70)], S.PARTIALLY_FILLED, 40, 60),
    row(
        38,
        "made up",
        PARTIAL,
        [fill("S1", 30, 12, 3, is_synthetic=True)],
        S.PARTIALLY_FILLED,
        70,
        30,
    ),
    row(40, "canceled, ack", CANCELED, [said(ExecType.NEW, 9)], S.CANCELED, 0, 0),
    row(40, "expired, status", EXPIRED, [status(OrdStatus.NEW, 9)], S.EXPIRED, 0, 0),
    row(40, "rejected, held", REJECTED, [said(ExecType.SUSPENDED, 9)], S.REJECTED, 0, 0),
    row(40, "filled, ack", FILLED, [said(ExecType.NEW, 9)], S.FILLED, 100, 0),
    row(40, "ended, another end", EXPIRED, [said(ExecType.CANCELED, 9)], S.EXPIRED, 0, 0),
    row(41, "ack", MISSING, [said(ExecType.NEW)], S.NEW, 0, 100),
    row(41, "status", MISSING, [status(OrdStatus.NEW)], S.NEW, 0, 100),
    row(41, "held", MISSING, [said(ExecType.SUSPENDED)], S.HELD, 0, 100),
    row(41, "fill", MISSING, [fill()], S.PARTIALLY_FILLED, 40, 60),
    row(41, "end after all", MISSING, [said(ExecType.EXPIRED)], S.EXPIRED, 0, 0),
    row(41, "still absent", MISSING, [ABSENT], S.REJECTED, 0, 0),
]


class TestOrderStates_FixAppendixD:  # noqa: N801  Named after the source.
    """FIX 4.4, volume 4, Appendix D "Order State Changes", as the rows of the README."""

    @pytest.mark.parametrize(("start", "reports", "expected"), TABLE)
    def test_row(self, start, reports, expected):
        assert figures(after(start, *reports)) == expected

    def test_row_7_later_ack_only_adds_ids(self):
        named = after(PENDING, fill(order_id=OrderID("")), said(ExecType.NEW, 3))
        assert (named.order_id, named.ts_ack_ns) == ("B1", NOW_NS + 3)
        assert named.ts_last_ns == NOW_NS + 4

    def test_row_9_says_what_was_looked_for(self):
        assert (MISSING.is_absent, MISSING.text) == (True, "three queries found nothing")
        assert MISSING.ts_last_ns == NOW_NS + 90

    def test_row_10_stays_in_doubt(self):
        cancelled = after(asked(PENDING), LOST)
        assert (cancelled.custody, cancelled.is_in_doubt) == (Custody.UNKNOWN, True)

    def test_row_14_tells_by_how_much(self):
        assert after(PARTIAL, fill("E2", 61)).overfilled_qty == 1
        assert after(PARTIAL, fill("E2", 60)).overfilled_qty == 0

    def test_row_17_swallows_the_rejection_and_forgets_the_request(self):
        filled = after(asked(PARTIAL), fill("E2", 60))
        told = apply_report(filled, cancel_reject(CxlRejReason.UNKNOWN_ORDER))
        assert told == msgspec.structs.replace(filled, cancel_requested=False)
        assert apply_report(told, cancel_reject()) is told
        assert apply_report(CANCELED, cancel_reject()) is CANCELED

    def test_row_18_compares_what_the_broker_has_executed(self):
        done = after(asked(PARTIAL), said(ExecType.CANCELED, 4, cum_qty=Decimal(50)))
        assert done.missing_qty == 10
        assert after(done, fill("E2", 10)).missing_qty == 0
        again = said(ExecType.CANCELED, 4, cum_qty=Decimal(55))
        assert after(done, again).missing_qty == 15

    def test_row_20_is_asked_about(self):
        doubtful = after(asked(NEW), cancel_reject(CxlRejReason.UNKNOWN_ORDER))
        assert (doubtful.custody, doubtful.cancel_requested) == (Custody.UNKNOWN, False)
        assert (doubtful.text, doubtful.ts_last_ns) == ("no", NOW_NS + 9)
        assert after(doubtful, status(OrdStatus.NEW, 1)).custody is Custody.ACKNOWLEDGED

    def test_row_24_gives_the_order_its_new_terms_and_identity(self):
        replaced = after(replacing(NEW), said(ExecType.REPLACED, 3, cl_ord_id=NEXT, order_id="B2"))
        assert (replaced.live_id, replaced.order_id) == (NEXT, "B2")
        assert (replaced.terms, replaced.order_qty) == (new_order(qty=200), 200)
        assert replaced.amendments[0].state is AmendmentState.ACCEPTED
        assert replaced.amendments[0].ts_last_ns == replaced.ts_last_ns == NOW_NS + 4
        assert replaced.open_amendment is None
        assert replaced.working_ns == NOW_NS + 3
        again = said(ExecType.REPLACED, 3, cl_ord_id=NEXT)
        assert apply_report(replaced, again) is replaced

    def test_row_25_quantity_becomes_what_is_executed(self):
        replaced = after(replacing(PARTIAL, 30), said(ExecType.REPLACED, cl_ord_id=NEXT))
        assert (replaced.order_qty, replaced.overfilled_qty) == (40, 0)

    def test_row_26_leaves_the_order_as_it_was(self):
        before = replacing(PARTIAL)
        refused = after(before, replace_reject())
        assert (refused.live_id, refused.terms, refused.text) == (ID, PARTIAL.terms, "")
        assert refused.amendments == (
            msgspec.structs.replace(
                before.amendments[0],
                state=AmendmentState.REJECTED,
                ts_last_ns=NOW_NS + 9,
                text="not replaced",
            ),
        )
        assert apply_report(refused, replace_reject()) is refused
        assert apply_report(refused, said(ExecType.REJECTED, cl_ord_id=NEXT)) is refused

    def test_row_28_replacement_is_reckoned_with_until_confirmed_absent(self):
        ended = after(asked(replacing(PARTIAL)), said(ExecType.CANCELED, 4))
        assert ended.amendments[0].state is AmendmentState.UNKNOWN
        assert ended.amendments[0].text == "the order ended first"
        assert (ended.is_working, ended.leaves_qty, ended.exposed_qty) == (True, 0, 160)
        gone = AbsentAtBroker(cl_ord_id=NEXT, ts_recv_ns=NOW_NS + 95, text="not there")
        settled = after(ended, gone)
        assert settled.amendments[0].state is AmendmentState.DROPPED
        assert (settled.amendments[0].text, settled.ts_last_ns) == ("not there", NOW_NS + 95)
        assert (settled.is_working, settled.exposed_qty, settled.state) == (False, 0, S.CANCELED)

    def test_row_28_replacement_that_lives_brings_the_order_back(self):
        ended = after(replacing(PARTIAL), said(ExecType.CANCELED, 4))
        alive = after(ended, said(ExecType.REPLACED, 3, cl_ord_id=NEXT))
        assert figures(alive) == (S.PARTIALLY_FILLED, 40, 160)
        assert (alive.done, alive.live_id) == (None, NEXT)

    @pytest.mark.parametrize("way", [AmendmentWay.CHAINED, AmendmentWay.ELSEWHERE])
    def test_row_28_is_about_replacements_by_the_broker_only(self, way):
        ended = after(replacing(NEW, way=way), said(ExecType.CANCELED, 4))
        assert ended.amendments[0].state is AmendmentState.PENDING

    def test_row_29_keeps_the_reason(self):
        assert after(NEW, said(ExecType.CANCELED, text="halt")).text == "halt"

    def test_row_30_ends_an_order_of_the_day_only(self):
        over = said(ExecType.DONE_FOR_DAY, 3)
        assert after(NEW, over).is_ended
        resting = after(GTC, over)
        assert (resting.is_ended, resting.is_working) == (False, True)
        assert apply_report(resting, over) is resting
        assert resting.done_for_day_ns == NOW_NS + 3
        assert resting.custody is Custody.ACKNOWLEDGED

    def test_row_31_marks_what_came_late(self):
        assert [e.is_late for e in after(NEW, fill(), said(ExecType.CANCELED)).executions] == [
            False
        ]
        assert [e.is_late for e in after(CANCELED, fill()).executions] == [True]
        assert [e.is_late for e in after(FILLED, fill("E2", 1)).executions] == [False, False]
        assert [e.is_late for e in after(MISSING, fill()).executions] == [False]

    @pytest.mark.parametrize("known", [fill(), fill(fee=Decimal(1)), fill(at=77)])
    def test_row_32_returns_the_same_order(self, known):
        assert apply_report(PARTIAL, known) is PARTIAL

    @pytest.mark.parametrize(
        ("other", "now"),
        [
            (fill(qty=41), "41 at 10"),
            (fill(px=11), "40 at 11"),
            (correct(40, exec_id="E1", ref="E0"), "40 at 10"),
            (bust("E0", "E1"), "0 at 0"),
        ],
        ids=["quantity", "price", "kind", "bust"],
    )
    def test_row_33_is_not_booked(self, other, now):
        with pytest.raises(IllegalTransition) as caught:
            apply_report(PARTIAL, other)
        assert str(caught.value) == (
            f"order {ID}: fill E1 was 40 at 10, is now {now} without a correction; not booked"
        )

    def test_row_33_a_correction_of_another_is_another(self):
        with pytest.raises(IllegalTransition, match="without a correction"):
            after(PARTIAL, correct(30), correct(30, ref="E7"))

    def test_row_34_a_live_report_older_than_the_bust_settles_nothing(self):
        assert after(FILLED, bust(at=5), said(ExecType.NEW, 4)).is_in_doubt
        assert not after(FILLED, bust(at=5), said(ExecType.NEW, 5)).is_in_doubt

    def test_row_34_what_the_broker_said_before_the_bust_counts_no_more(self):
        stated = after(PARTIAL, status(OrdStatus.NEW, 3, 70))
        assert stated.missing_qty == 30
        assert after(stated, bust()).missing_qty == 0
        assert after(stated, bust(cum_qty=Decimal(30))).missing_qty == 30
        assert after(stated, bust(), status(OrdStatus.NEW, 4, 70)).missing_qty == 0
        assert after(stated, bust(), status(OrdStatus.NEW, 5, 70)).missing_qty == 70

    def test_row_34_of_two_busts_the_later_says_what_is_left(self):
        first = bust("E1", "B1", 5, cum_qty=Decimal(30))
        second = bust("E2", "B2", 6, cum_qty=Decimal(0))
        both = after(PARTIAL, fill("E2", 30), second, first)
        assert (both.reduced_ns, both.stated_cum_qty, both.cum_qty) == (NOW_NS + 6, None, 0)

    def test_row_36_parks_what_is_about_an_unseen_fill(self):
        early = after(NEW, bust("E1"), correct(30, ref="E2"))
        assert [f.report.exec_id for f in parked(early.facts)] == ["B1", "C1"]
        assert early.executions == ()
        assert parked(after(early, fill("E1"), fill("E2")).facts) == ()

    def test_row_37_is_the_same_order(self):
        assert apply_report(PARTIAL, status(OrdStatus.NEW, 1, 0)) is PARTIAL

    def test_row_37_settles_no_doubt_and_yet_its_time_counts(self):
        doubtful = msgspec.structs.replace(PARTIAL, custody=Custody.UNKNOWN)
        told = after(doubtful, status(OrdStatus.NEW, 7, 39))
        assert (told.custody, told.working_ns) == (Custody.UNKNOWN, NOW_NS + 7)
        assert told.stated_cum_qty is None
        assert after(doubtful, status(OrdStatus.NEW, 7, 40)).custody is Custody.ACKNOWLEDGED

    def test_row_37_after_a_bust_less_is_no_older(self):
        doubtful = msgspec.structs.replace(after(PARTIAL, bust(at=5)), custody=Custody.UNKNOWN)
        doubtful = after(doubtful, fill("E2", 10, at=4))
        doubtful = msgspec.structs.replace(doubtful, custody=Custody.UNKNOWN)
        assert after(doubtful, status(OrdStatus.NEW, 4, 9)).custody is Custody.UNKNOWN
        assert after(doubtful, status(OrdStatus.NEW, 5, 9)).custody is Custody.ACKNOWLEDGED

    def test_row_38_says_what_is_missing(self):
        stated = after(PARTIAL, status(OrdStatus.NEW, 3, 70))
        assert (stated.stated_cum_qty, stated.missing_qty) == (70, 30)
        assert after(stated, fill("E2", 30)).missing_qty == 0
        assert after(stated, status(OrdStatus.NEW, 4, 69)).stated_cum_qty == 70
        assert after(FILLED, status(OrdStatus.FILLED, 9, 120)).missing_qty == 20
        assert after(CANCELED, status(OrdStatus.NEW, 9, 20)).missing_qty == 20

    @pytest.mark.parametrize("number", NOT_NUMBERS, ids=str)
    def test_row_38_a_total_that_is_no_number_is_not_kept(self, number):
        for told in (fill("E2", 30, cum_qty=number), bust(cum_qty=number)):
            assert after(PARTIAL, told).stated_cum_qty is None

    def test_row_40_repeated_ack_is_the_same_order(self):
        assert apply_report(NEW, said(ExecType.NEW)) is NEW
        assert apply_report(NEW, said(ExecType.NEW, order_id=OrderID(""))) is NEW
        assert apply_report(NEW, status(OrdStatus.NEW, 1)) is NEW
        assert apply_report(NEW, said(ExecType.NEW, order_id=OrderID("B7"))).order_id == "B7"
        assert apply_report(HELD, said(ExecType.SUSPENDED)) is HELD

    def test_row_41_restores_the_exposure_at_once(self):
        risen = after(MISSING, said(ExecType.NEW))
        assert (risen.is_absent, risen.done, risen.exposed_qty) == (False, None, 100)
        assert risen.is_working
        gone = after(NEW, ABSENT)
        assert figures(after(gone, said(ExecType.NEW))) == (S.NEW, 0, 100)
        assert figures(after(gone, status(OrdStatus.SUSPENDED, 9))) == (S.NEW, 0, 100)

    def test_end_by_the_broker_is_no_finding_of_ours(self):
        ended = after(MISSING, said(ExecType.CANCELED))
        assert (ended.is_absent, ended.done) == (False, OrdStatus.CANCELED)
        assert figures(after(ended, said(ExecType.NEW, 9))) == (S.CANCELED, 0, 0)


# Rows that a decision or a request of ours begins: as the fold of records decides them


def decided(*, approved=True):
    command = SubmitOrder(
        cl_ord_id=ID, order=new_order(), origin=Origin.MANUAL, actor="ada", ts_intent_ns=NOW_NS
    )
    account = AccountID("P1")
    return OrderDecided(
        command=command, account=account, approved=approved, checks=(), picture=picture()
    )


def cancel():
    return CancelRequested(
        command=CancelOrder(cl_ord_id=ID, origin=Origin.MANUAL, actor="ada", ts_intent_ns=NOW_NS)
    )


def amended(qty=200, *, approved=True):
    return AmendmentDecided(
        command=ReplaceOrder(
            cl_ord_id=NEXT,
            orig_cl_ord_id=ID,
            order_qty=Decimal(qty),
            limit_px=None,
            stop_px=None,
            origin=Origin.MANUAL,
            actor="ada",
            ts_intent_ns=NOW_NS,
        ),
        order=new_order(qty=qty),
        way=AmendmentWay.NATIVE,
        approved=approved,
        checks=(),
        picture=picture(),
    )


SENT = OrderSent(cl_ord_id=ID, ts_sent_ns=NOW_NS)


def folded(start, *records):
    orders = Orders()
    if start is not None:
        orders.put(start)
    for record in records:
        change = fold(record, orders)
        assert not change.problem
        if change.order is not None:
            orders.put(change.order)
    return orders.get(ID)


class TestRequests_FixAppendixD:  # noqa: N801  Named after the source.
    """The rows of the table that begin here; what the engine adds to them is tested there."""

    @pytest.mark.parametrize(
        ("start", "records", "expected"),
        [
            row(1, "denied", None, [decided(approved=False)], S.DENIED, 0, 0),
            row(2, "approved", None, [decided()], S.PENDING_NEW, 0, 100),
            row(2, "sent", None, [decided(), SENT], S.PENDING_NEW, 0, 100),
            row(5, "sent once more", None, [decided(), SENT, SENT], S.PENDING_NEW, 0, 100),
            row(10, "unanswered", PENDING, [cancel()], S.PENDING_CANCEL, 0, 100),
            row(10, "in doubt", DOUBT, [cancel()], S.PENDING_CANCEL, 0, 100),
            row(15, "new", NEW, [cancel()], S.PENDING_CANCEL, 0, 100),
            row(15, "partial", PARTIAL, [cancel()], S.PENDING_CANCEL, 40, 60),
            row(15, "held", HELD, [cancel()], S.PENDING_CANCEL, 0, 100),
            row(21, "asked again", NEW, [cancel(), cancel()], S.PENDING_CANCEL, 0, 100),
            row(22, "new", NEW, [amended()], S.PENDING_REPLACE, 0, 100),
            row(22, "partial", PARTIAL, [amended()], S.PENDING_REPLACE, 40, 60),
            row(22, "denied", PARTIAL, [amended(approved=False)], S.PARTIALLY_FILLED, 40, 60),
            row(27, "cancel wins", PARTIAL, [amended(), cancel()], S.PENDING_CANCEL, 40, 60),
            row(40, "ended", CANCELED, [cancel()], S.CANCELED, 0, 0),
        ],
    )
    def test_row(self, start, records, expected):
        assert figures(folded(start, *records)) == expected

    @pytest.mark.parametrize(("qty", "exposed"), [(200, 160), (100, 60), (50, 60)])
    def test_row_22_reserves_the_larger(self, qty, exposed):
        assert folded(PARTIAL, amended(qty)).exposed_qty == exposed

    def test_row_22_without_an_answer_leaves_the_order_as_it_is(self):
        lost = SendUncertain(cl_ord_id=NEXT, ts_recv_ns=NOW_NS + 9, text="no answer")
        unsure = after(replacing(NEW), lost)
        assert figures(unsure) == (S.PENDING_REPLACE, 0, 100)
        assert (unsure.custody, unsure.text) == (Custody.ACKNOWLEDGED, "no answer")
        assert unsure.ts_last_ns == NOW_NS + 9

    def test_row_28_replacement_of_ours_is_dropped(self):
        dropped = AmendmentEnded(
            cl_ord_id=ID, request_id=NEXT, state=AmendmentState.DROPPED, ts_ns=9, text="filled"
        )
        ended = folded(PARTIAL, amended(), dropped)
        assert ended.open_amendment is None
        assert ended.state is S.PARTIALLY_FILLED

    def test_row_39_adopts_as_an_order_of_its_own(self):
        found = OrderAdopted(
            cl_ord_id=ID,
            account=AccountID("P1"),
            order=new_order(),
            order_id=OrderID("B9"),
            ts_ns=NOW_NS,
        )
        adopted = folded(None, found)
        assert adopted == Order(
            cl_ord_id=ID,
            account=AccountID("P1"),
            order=new_order(),
            origin=Origin.EXTERNAL,
            actor="broker",
            ts_intent_ns=NOW_NS,
            custody=Custody.ACKNOWLEDGED,
            order_id=OrderID("B9"),
            ts_ack_ns=NOW_NS,
            ts_last_ns=NOW_NS,
            text="found at the broker; not from this station",
        )
        assert figures(adopted) == (S.NEW, 0, 100)
        assert folded(PARTIAL, found) is PARTIAL

    def test_row_42_is_kept_and_changes_no_order(self):
        orders = Orders()
        orders.put(NEW)
        assert fold(ReportUnreadable(text="no JSON", raw_hex="00"), orders) == Folded()
