"""Show when a broker is asked about which order, and that silence is believed on full proof only.

Method: tables of orders and their questions; the schedule to the nanosecond; every condition of the
proof of absence taken away alone, and moved to its boundary.
"""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import (
    AmendmentState,
    AmendmentWay,
    Custody,
    CxlRejReason,
    ExecType,
    OrdStatus,
    Origin,
)
from app.domain.ids import ClOrdID, ExecID
from app.domain.orders import Amendment
from app.domain.reports import CancelReject, SendUncertain
from app.domain.transitions import apply_report
from app.oms.inquiry import (
    NEGATIVES_MAX,
    Inquiries,
    Inquiry,
    ListEvidence,
    evidence_of_absence,
    ids_to_ask,
    may_execute_unseen,
    question_about,
)
from tests.samples import ID, NOW_NS, new_order, order, report, trade_report

S = 1_000_000_000
B = ClOrdID("P1-261123-2")
HERE = {ID: True}
NONE = {ID: False}
SILENT = {ID: None}

SENT = order(custody=Custody.SENT, ts_sent_ns=NOW_NS)
DOUBTED = order(custody=Custody.UNKNOWN, ts_sent_ns=NOW_NS)
NEW = apply_report(SENT, report())


def amending(known=NEW, way=AmendmentWay.NATIVE, state=AmendmentState.PENDING):
    request = Amendment(
        cl_ord_id=B,
        order=new_order(qty=200),
        origin=Origin.MANUAL,
        actor="ada",
        ts_intent_ns=NOW_NS + 500 * S,
        way=way,
        state=state,
    )
    return msgspec.structs.replace(known, amendments=(request,))


def canceling(known=NEW):
    return msgspec.structs.replace(known, cancel_requested=True)


def stated(known, cum, **more):
    return apply_report(
        known,
        report(
            ExecType.ORDER_STATUS,
            ord_status=OrdStatus.PARTIALLY_FILLED,
            cum_qty=Decimal(cum),
            **more,
        ),
    )


BUST = report(ExecType.TRADE_CANCEL, exec_id=ExecID("X2"), exec_ref_id=ExecID("X1"))
FILLED = apply_report(NEW, trade_report())

QUESTIONS = {
    "on its way": (SENT, "", False),
    "not sent": (order(), "", False),
    "working": (NEW, "", False),
    "filled": (FILLED, "", False),
    "held here, canceled": (canceling(order(custody=Custody.HELD)), "", False),
    "not sent, canceled": (canceling(order()), "", False),
    "in doubt": (DOUBTED, "is it there?", True),
    "in doubt, canceled": (canceling(DOUBTED), "is it there?", True),
    "in doubt, amended": (amending(DOUBTED), "is it there?", True),
    "cancel under way": (canceling(), "is it canceled?", False),
    "cancel of what is not acknowledged": (canceling(SENT), "is it canceled?", False),
    "replace under way": (amending(), "is it replaced?", False),
    "replace and cancel under way": (canceling(amending()), "is it canceled?", False),
    "replace that is carried out here": (amending(way=AmendmentWay.CHAINED), "", False),
    "replace that was refused": (amending(state=AmendmentState.REJECTED), "", False),
    "ended, replace under way": (amending(FILLED), "is its replacement there?", True),
    "ended, replace carried out here": (amending(FILLED, AmendmentWay.CHAINED), "", False),
    "total without executions": (stated(NEW, 40), "which executions make up 40?", True),
    "ended, total without executions": (
        apply_report(NEW, report(ExecType.CANCELED, cum_qty=Decimal(30))),
        "which executions make up 30?",
        True,
    ),
    "bust of nothing known": (
        msgspec.structs.replace(apply_report(NEW, BUST), working_ns=NOW_NS + 9 * S),
        "what was broken or corrected?",
        False,
    ),
}


@pytest.mark.parametrize(("known", "question", "unseen"), QUESTIONS.values(), ids=QUESTIONS.keys())
def test_question(known, question, unseen):
    assert question_about(known) == question
    assert may_execute_unseen(known) is unseen


@pytest.mark.parametrize(
    ("known", "ids"),
    [
        pytest.param(DOUBTED, (ID,), id="its own"),
        pytest.param(amending(), (B, ID), id="the newest first"),
        pytest.param(amending(way=AmendmentWay.CHAINED), (ID,), id="never one not sent"),
        pytest.param(amending(state=AmendmentState.ACCEPTED), (B,), id="the one in force"),
    ],
)
def test_identities_to_ask(known, ids):
    assert ids_to_ask(known) == ids


@pytest.fixture
def inquiries():
    """One order in doubt since 100 s."""
    opened = Inquiries()
    opened.note(DOUBTED, 100 * S)
    return opened


class TestSchedule:
    def test_questions_come_at_half_1_2_4_8_seconds_and_then_every_15(self, inquiries):
        asked = []
        for _ in range(9):
            now_ns = inquiries.next_ns
            asked.append((now_ns - 100 * S) / S)
            inquiries.asked(ID, now_ns, NONE)
        assert asked == [0.5, 1, 2, 4, 8, 23, 38, 53, 68]

    def test_a_question_is_due_from_its_time_on(self, inquiries):
        due_ns = 100 * S + S // 2
        assert inquiries.due(due_ns - 1) == []
        assert [inquiry.cl_ord_id for inquiry in inquiries.due(due_ns)] == [ID]

    @pytest.mark.parametrize(
        ("asked_s", "next_s"),
        [(0.6, 1), (1, 2), (3.9, 4), (7, 8), (8, 23), (22.999, 23), (23, 38), (1000, 1013)],
    )
    def test_slots_that_passed_are_not_made_up_for(self, inquiries, asked_s, next_s):
        inquiries.asked(ID, 100 * S + int(asked_s * S), SILENT)
        assert inquiries.next_ns == (100 + next_s) * S

    def test_the_longest_waiting_is_asked_about_first(self, inquiries):
        inquiries.note(msgspec.structs.replace(DOUBTED, cl_ord_id=B), 99 * S)
        assert [inquiry.cl_ord_id for inquiry in inquiries.due(200 * S)] == [B, ID]
        assert inquiries.next_ns == 99 * S + S // 2

    def test_without_inquiries_nothing_is_due(self):
        assert Inquiries().next_ns is None
        assert Inquiries().due(10**20) == []

    @given(st.lists(st.integers(1, 200 * S), max_size=30))
    def test_law_the_next_question_lies_ahead_by_15_seconds_at_most(self, steps):
        opened = Inquiries()
        opened.note(DOUBTED, now_ns := 7)
        for step in steps:
            now_ns += step
            opened.asked(ID, now_ns, SILENT)
            assert 0 < opened.next_ns - now_ns <= 15 * S


class TestFacts:
    def test_an_inquiry_opens_with_its_question_and_closes_with_the_answer(self, inquiries):
        assert inquiries.get(ID) == Inquiry(
            cl_ord_id=ID,
            question="is it there?",
            since_ns=100 * S,
            next_ns=100 * S + S // 2,
            heard=(False, "", 0, 0, None),
        )
        assert inquiries.version == 1
        inquiries.note(apply_report(DOUBTED, report()), 101 * S)
        assert inquiries.get(ID) is None
        assert list(inquiries) == []
        assert inquiries.version == 2

    def test_what_is_not_asked_about_changes_nothing(self, inquiries):
        inquiries.note(msgspec.structs.replace(NEW, cl_ord_id=B), 101 * S)
        assert inquiries.version == 1

    def test_the_same_question_goes_on(self, inquiries):
        inquiries.asked(ID, 101 * S, NONE)
        before = inquiries.get(ID)
        inquiries.note(msgspec.structs.replace(DOUBTED, text="again"), 105 * S)
        assert inquiries.get(ID) is before

    def test_another_question_begins_anew_and_keeps_what_was_denied(self, inquiries):
        opened = Inquiries()
        opened.note(amending(), 100 * S)
        opened.asked(ID, 101 * S, {B: False, ID: None})
        opened.note(canceling(amending()), 105 * S)
        inquiry = opened.get(ID)
        assert (inquiry.question, inquiry.since_ns) == ("is it canceled?", 105 * S)
        assert (inquiry.asked, inquiry.failures, inquiry.next_ns) == (0, 0, 105 * S + S // 2)
        assert inquiry.negatives == ((B, 101 * S),)

    def test_answers_are_counted(self, inquiries):
        inquiries.asked(ID, 101 * S, NONE)
        inquiries.asked(ID, 102 * S, SILENT)
        inquiries.asked(ID, 104 * S, NONE)
        inquiry = inquiries.get(ID)
        assert (inquiry.asked, inquiry.failures) == (3, 1)
        assert inquiry.negatives == ((ID, 101 * S), (ID, 104 * S))

    def test_an_answer_to_what_is_not_asked_any_more_is_dropped(self, inquiries):
        inquiries.asked(B, 101 * S, NONE)
        assert inquiries.get(B) is None
        assert inquiries.version == 1

    def test_a_positive_answer_takes_back_what_was_denied(self):
        opened = Inquiries()
        opened.note(canceling(amending()), 100 * S)
        opened.asked(ID, 101 * S, {B: False, ID: False})
        opened.asked(ID, 102 * S, {B: False, ID: True})
        assert opened.get(ID).negatives == ((B, 101 * S), (B, 102 * S))

    def test_a_report_takes_back_what_was_denied_of_the_order_only(self):
        opened = Inquiries()
        opened.note(canceling(amending()), 100 * S)
        opened.asked(ID, 101 * S, {B: False, ID: False})
        opened.note(apply_report(canceling(amending()), trade_report(qty=10)), 102 * S)
        inquiry = opened.get(ID)
        assert inquiry.negatives == ((B, 101 * S),)
        assert (inquiry.since_ns, inquiry.asked) == (100 * S, 1)

    def test_an_answer_that_the_order_is_unknown_opens_the_doubt(self):
        said = CancelReject(
            cl_ord_id=ID, ts_exch_ns=1, ts_recv_ns=1, reason=CxlRejReason.UNKNOWN_ORDER, text="who?"
        )
        opened = Inquiries()
        opened.note(apply_report(canceling(), said), 100 * S)
        assert opened.get(ID).question == "is it there?"

    def test_an_order_that_the_list_lacks_comes_into_doubt(self):
        unlisted = SendUncertain(cl_ord_id=ID, ts_recv_ns=1, text="gone", is_unlisted=True)
        opened = Inquiries()
        opened.note(apply_report(NEW, unlisted), 100 * S)
        assert opened.get(ID).question == "is it there?"

    def test_what_was_denied_is_kept_up_to_a_bound(self, inquiries):
        for n in range(NEGATIVES_MAX + 5):
            inquiries.asked(ID, (200 + n) * S, NONE)
        negatives = inquiries.get(ID).negatives
        assert len(negatives) == NEGATIVES_MAX == 64
        assert (negatives[0], negatives[-1]) == ((ID, 205 * S), (ID, 268 * S))


def evidence(known=DOUBTED, cl_ord_id=ID, times=(100, 115, 130), **changes):
    """The least proof that suffices, with changes."""
    given = {
        "ids": frozenset(),
        "since_ns": NOW_NS - 60 * S,
        "taken_ns": 130 * S,
        "connected_since_ns": 130 * S,
        "listed": True,
        "denied": ID,
        **changes,
    }
    inquiry = Inquiry(
        cl_ord_id=ID,
        question="is it there?",
        since_ns=0,
        next_ns=0,
        negatives=tuple((given["denied"], int(s * S)) for s in times),
    )
    listed = ListEvidence(ids=given["ids"], since_ns=given["since_ns"], taken_ns=given["taken_ns"])
    return evidence_of_absence(
        known,
        cl_ord_id,
        inquiry,
        listed=listed if given["listed"] else None,
        connected_since_ns=given["connected_since_ns"],
    )


class TestEvidenceOfAbsence:
    def test_all_of_it_is_proof_and_says_what_it_is(self):
        assert evidence() == (
            "not at the broker: 3 questions over 30 s and a list of all orders had no trace of it"
        )
        assert evidence(times=(0, 8, 23, 38)).startswith("not at the broker: 4 questions over 38 s")

    @pytest.mark.parametrize(
        "missing",
        [
            pytest.param({"times": ()}, id="never asked"),
            pytest.param({"times": (100, 130)}, id="two questions"),
            pytest.param({"times": (100, 115, 129.999999999)}, id="under 30 s"),
            pytest.param({"denied": B}, id="another identity was asked about"),
            pytest.param({"listed": False}, id="no list"),
            pytest.param({"ids": frozenset({ID})}, id="the list has it"),
            pytest.param({"since_ns": NOW_NS - 60 * S + 1}, id="the list begins too late"),
            pytest.param(
                {"taken_ns": 130 * S - 1, "connected_since_ns": 0}, id="the list is too old"
            ),
            pytest.param({"connected_since_ns": None}, id="reports do not come"),
            pytest.param({"connected_since_ns": 130 * S + 1}, id="a gap since the list"),
        ],
    )
    def test_without_any_one_condition_nothing_is_proven(self, missing):
        assert evidence(**missing) == ""

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param({"ids": frozenset({B})}, id="the list has another order"),
            pytest.param({"since_ns": 0}, id="the list has everything"),
            pytest.param({"taken_ns": 10**6 * S}, id="the list is newer"),
            pytest.param({"connected_since_ns": 0}, id="connected for long"),
        ],
    )
    def test_more_than_is_needed_is_proof(self, other):
        assert evidence(**other) != ""

    @pytest.mark.parametrize(
        ("known", "cl_ord_id", "sent_ns"),
        [
            pytest.param(DOUBTED, ID, NOW_NS, id="sent"),
            pytest.param(
                order(custody=Custody.UNKNOWN, ts_intent_ns=NOW_NS - 7), ID, NOW_NS - 7, id="intent"
            ),
            pytest.param(amending(), B, NOW_NS + 500 * S, id="request"),
            pytest.param(amending(), ID, NOW_NS, id="order with a request"),
        ],
    )
    def test_the_list_reaches_back_beyond_the_send_of_what_is_asked_about(
        self, known, cl_ord_id, sent_ns
    ):
        reach = {"denied": cl_ord_id, "known": known, "cl_ord_id": cl_ord_id}
        assert evidence(since_ns=sent_ns - 60 * S, **reach) != ""
        assert evidence(since_ns=sent_ns - 60 * S + 1, **reach) == ""
