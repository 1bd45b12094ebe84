"""Show that what crosses on the way comes out as the broker has it, and that nonsense is refused.

Method: the same reports in both orders and again; changes made elsewhere; figures that are none.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from app.domain.enums import (
    AmendmentState,
    AmendmentWay,
    Custody,
    ExecType,
    OrderState,
    OrdStatus,
    Origin,
)
from app.domain.errors import IllegalTransition
from app.domain.ids import ClOrdID, ExecID, OrderID
from app.domain.orders import Amendment
from app.domain.reports import AbsentAtBroker
from app.domain.transitions import apply_report
from tests.reported import (
    ABSENT,
    CANCELED,
    DOUBT,
    GTC,
    HELD,
    LOST,
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
from tests.samples import EXTREMES, ID, NOT_NUMBERS, NOW_NS, new_order, order

S = OrderState


class TestRaces:
    """What crosses on the way, at the level of facts: the outcome is that of the broker's order."""

    @pytest.mark.parametrize(
        ("start", "crossing", "expected"),
        [
            pytest.param(
                PENDING,
                [said(ExecType.NEW), fill(qty=100)],
                (S.FILLED, 100, 0),
                id="ack and fill",
            ),
            pytest.param(
                asked(NEW),
                [fill(), said(ExecType.CANCELED, 3)],
                (S.CANCELED, 40, 0),
                id="cancel and partial fill",
            ),
            pytest.param(
                asked(NEW),
                [fill(qty=100), cancel_reject()],
                (S.FILLED, 100, 0),
                id="cancel and full fill",
            ),
            pytest.param(
                asked(PARTIAL),
                [fill("E2", 60), said(ExecType.CANCELED, 3)],
                (S.FILLED, 100, 0),
                id="cancel acknowledged and the last fill",
            ),
            pytest.param(
                asked(NEW),
                [fill(qty=100), cancel_reject(at=3), bust(at=5), said(ExecType.NEW, 6)],
                (S.NEW, 0, 100),
                id="cancel too late, then the fill is broken",
            ),
            *(
                pytest.param(
                    replacing(NEW, qty),
                    [fill(qty=40), said(ExecType.REPLACED, 3, cl_ord_id=NEXT)],
                    expected,
                    id=f"replace to {qty} and fill of 40",
                )
                for qty, expected in [
                    (30, (S.FILLED, 40, 0)),
                    (40, (S.FILLED, 40, 0)),
                    (50, (S.PARTIALLY_FILLED, 40, 10)),
                ]
            ),
            pytest.param(
                asked(replacing(NEW)),
                [
                    said(ExecType.REPLACED, 2, cl_ord_id=NEXT),
                    said(ExecType.CANCELED, 3, cl_ord_id=NEXT),
                ],
                (S.CANCELED, 0, 0),
                id="replaced and then canceled",
            ),
            pytest.param(
                replacing(NEW),
                [said(ExecType.REPLACED, 2, cl_ord_id=NEXT), fill(qty=150, cl_ord_id=NEXT, at=3)],
                (S.PARTIALLY_FILLED, 150, 50),
                id="the replacement's fill and its acknowledgement",
            ),
            pytest.param(
                replacing(PENDING),
                [
                    said(ExecType.PENDING_NEW, cl_ord_id=NEXT),
                    said(ExecType.REJECTED, cl_ord_id=NEXT),
                    said(ExecType.NEW),
                ],
                (S.NEW, 0, 100),
                id="the replacement received and rejected",
            ),
            pytest.param(
                GTC,
                [said(ExecType.DONE_FOR_DAY, 3), said(ExecType.NEW, 1), said(ExecType.NEW, 4)],
                (S.NEW, 0, 100),
                id="done for the day and its return",
            ),
            pytest.param(
                NEW,
                [fill(), said(ExecType.EXPIRED, 3)],
                (S.EXPIRED, 40, 0),
                id="partial fill and expiry",
            ),
            pytest.param(
                NEW,
                [fill(qty=100), correct(60), said(ExecType.NEW, 6)],
                (S.PARTIALLY_FILLED, 60, 40),
                id="fill corrected below the order's quantity",
            ),
            pytest.param(
                NEW,
                [fill(), correct(30), correct(20, ref="C1", exec_id="C2", at=6)],
                (S.IN_DOUBT, 20, 80),
                id="correction of a correction",
            ),
            pytest.param(
                NEW,
                [fill(), correct(30), bust("C1", at=6), said(ExecType.NEW, 7)],
                (S.NEW, 0, 100),
                id="bust of a correction",
            ),
            pytest.param(
                PENDING,
                [said(ExecType.SUSPENDED), fill(), bust(), status(OrdStatus.NEW, 6)],
                (S.NEW, 0, 100),
                id="held, executed and broken",
            ),
            pytest.param(
                replacing(PENDING),
                [said(ExecType.SUSPENDED), said(ExecType.REPLACED, 3, cl_ord_id=NEXT)],
                (S.HELD, 0, 200),
                id="held and replaced",
            ),
        ],
    )
    def test_whichever_comes_first(self, start, crossing, expected):
        assert figures(after(start, *crossing)) == expected
        assert figures(after(start, *crossing[::-1])) == expected
        assert figures(after(start, *crossing[1:], *crossing)) == expected

    def test_fill_that_comes_by_two_ways_counts_once(self):
        by_stream = fill()
        by_query = fill(at=2, ts_recv_ns=NOW_NS + 500, fee=Decimal("0.01"))
        assert after(NEW, by_stream, by_query).cum_qty == 40
        assert after(NEW, by_query, by_stream).cum_qty == 40

    def test_fill_while_a_replace_is_pending_is_under_the_old_terms(self):
        filled = after(replacing(NEW), fill())
        assert (filled.terms.order_qty, filled.live_id) == (100, ID)

    def test_replacements_fill_brings_its_terms_into_force(self):
        filled = after(replacing(NEW), fill(cl_ord_id=NEXT))
        assert (filled.terms.order_qty, filled.live_id) == (200, NEXT)
        assert filled.amendments[0].state is AmendmentState.ACCEPTED

    def test_end_of_the_terms_before_is_not_the_end(self):
        replaced = after(replacing(NEW), said(ExecType.REPLACED, cl_ord_id=NEXT))
        assert apply_report(replaced, said(ExecType.CANCELED, 4)) is replaced
        gone = AbsentAtBroker(cl_ord_id=ID, ts_recv_ns=NOW_NS + 9, text="")
        assert apply_report(replaced, gone) is replaced

    def test_replace_that_came_too_late_is_news_even_after_its_rejection(self):
        refused = after(replacing(NEW), replace_reject())
        assert figures(after(refused, said(ExecType.REPLACED, 12, cl_ord_id=NEXT))) == (
            S.NEW,
            0,
            200,
        )

    def test_echo_of_a_request_says_that_the_order_is_there(self):
        for kind in (ExecType.PENDING_CANCEL, ExecType.PENDING_REPLACE):
            assert figures(after(DOUBT, said(kind))) == (S.NEW, 0, 100)
            assert apply_report(NEW, said(kind, 9)) is NEW

    def test_received_is_no_acceptance(self):
        received = after(DOUBT, said(ExecType.PENDING_NEW, order_id=OrderID("B5")))
        assert (received.custody, received.order_id, received.ts_ack_ns) == (Custody.SENT, "B5", 0)
        nameless = msgspec.structs.replace(DOUBT, order_id=OrderID("B4"))
        told = after(nameless, said(ExecType.PENDING_NEW, order_id=OrderID("")))
        assert told.order_id == "B4"
        assert apply_report(NEW, said(ExecType.PENDING_NEW)) is NEW
        refused = order(done=OrdStatus.REJECTED, custody=Custody.UNKNOWN)
        assert apply_report(refused, said(ExecType.PENDING_NEW)) is refused

    def test_held_ends_a_doubt(self):
        doubtful = msgspec.structs.replace(HELD, custody=Custody.UNKNOWN)
        assert after(doubtful, said(ExecType.SUSPENDED)).custody is Custody.ACKNOWLEDGED


class TestLostAnswers:
    @pytest.mark.parametrize("known", [NEW, PARTIAL, REJECTED, CANCELED], ids=lambda o: o.state)
    def test_answer_that_came_by_another_way_stands(self, known):
        assert apply_report(known, LOST) is known

    def test_order_that_the_broker_does_not_list_is_in_doubt(self):
        unlisted = msgspec.structs.replace(LOST, is_unlisted=True)
        assert figures(after(NEW, unlisted)) == (S.IN_DOUBT, 0, 100)
        assert apply_report(CANCELED, unlisted) is CANCELED

    def test_doubt_says_why(self):
        lost = after(PENDING, LOST)
        assert (lost.text, lost.ts_last_ns, lost.leaves_qty) == ("no answer", NOW_NS + 9, 100)


class TestChangedElsewhere:
    """REPLACED by nobody here: a phone, a desk, the broker itself."""

    @staticmethod
    def told(qty, at=3, limit=None, **changes):
        limit = None if limit is None else Decimal(limit)
        qty = None if qty is None else Decimal(qty)
        return said(ExecType.REPLACED, at, order_qty=qty, limit_px=limit, **changes)

    def test_terms_change_and_the_identity_stays(self):
        changed = after(NEW, self.told(150, text="by phone"))
        assert (changed.live_id, changed.terms) == (ID, new_order(qty=150))
        assert changed.amendments == (
            Amendment(
                cl_ord_id=ClOrdID(f"{ID}~{NOW_NS + 3}~150~None"),
                order=new_order(qty=150),
                origin=Origin.MANUAL,
                actor="broker",
                ts_intent_ns=NOW_NS + 3,
                way=AmendmentWay.ELSEWHERE,
                state=AmendmentState.ACCEPTED,
                ts_last_ns=NOW_NS + 4,
                text="by phone",
            ),
        )
        assert after(PENDING, self.told(150)).custody is Custody.ACKNOWLEDGED

    def test_limit_changes_where_it_is_said(self):
        limited = after(order(new_order(limit=10), custody=Custody.SENT), self.told(100, limit=11))
        assert limited.terms.limit_px == 11
        assert after(limited, self.told(90, 4)).terms == new_order(qty=90, limit=11)

    def test_identity_of_somebody_else_is_in_force(self):
        other = ClOrdID("PHONE-1")
        changed = after(NEW, self.told(150, cl_ord_id=other))
        assert (changed.live_id, changed.amendments[0].way) == (other, AmendmentWay.NATIVE)
        assert figures(after(changed, said(ExecType.CANCELED, 4, cl_ord_id=other))) == (
            S.CANCELED,
            0,
            0,
        )

    def test_newest_counts_whichever_comes_first_and_however_often(self):
        first, second, third = self.told(150, 3), self.told(120, 4), self.told(100, 5)
        for arrival in ([first, second], [second, first], [first, second, first]):
            changed = after(NEW, *arrival)
            assert [a.order.order_qty for a in changed.amendments] == [150, 120]
        assert after(NEW, third, first, second).terms == new_order(qty=100)

    def test_request_of_ours_stays_open(self):
        changed = after(replacing(NEW), self.told(150))
        assert changed.open_amendment == replacing(NEW).amendments[0]
        assert figures(changed) == (S.PENDING_REPLACE, 0, 150)
        replaced = after(changed, said(ExecType.REPLACED, 4, cl_ord_id=NEXT))
        assert (replaced.order_qty, replaced.live_id) == (200, NEXT)

    def test_change_after_one_of_ours_comes_after_it(self):
        replaced = after(replacing(NEW), said(ExecType.REPLACED, 2, cl_ord_id=NEXT))
        assert after(replaced, self.told(150, 3)).order_qty == 150

    @pytest.mark.parametrize("qty", [None, *EXTREMES[:8]], ids=str)
    def test_quantity_that_is_none_is_not_applied(self, qty):
        with pytest.raises(IllegalTransition) as caught:
            apply_report(NEW, msgspec.structs.replace(self.told(1), order_qty=qty))
        assert str(caught.value) == (
            f"order {ID}: replaced by nobody here, to quantity {qty}, limit None; not applied"
        )

    @pytest.mark.parametrize("limit", EXTREMES[:8], ids=str)
    def test_limit_that_is_none_is_not_applied(self, limit):
        with pytest.raises(IllegalTransition, match=f"to quantity 1, limit {limit}; not applied"):
            apply_report(NEW, self.told(1, limit=limit))


class TestByValue:
    """Orders by value: shares become known as they fill (FIX 152 and 38)."""

    BY_VALUE = order(new_order(qty=10, cash_qty=Decimal(1_000)), custody=Custody.SENT)

    def test_shares_are_those_that_the_broker_says(self):
        filled = after(self.BY_VALUE, fill(qty=5, order_qty=Decimal("5.5")))
        assert (filled.order_qty, filled.leaves_qty) == (Decimal("5.5"), Decimal("0.5"))
        whole = after(filled, fill("E2", "0.5"))
        assert (whole.state, whole.overfilled_qty) == (S.FILLED, 0)

    @pytest.mark.parametrize("qty", [None, *EXTREMES[:8]], ids=str)
    def test_what_is_no_quantity_is_not_taken(self, qty):
        known = after(self.BY_VALUE, said(ExecType.NEW, order_qty=Decimal(5)))
        told = msgspec.structs.replace(fill(qty=1), order_qty=qty)
        assert after(known, told).order_qty == 5

    def test_other_orders_keep_to_their_terms(self):
        assert after(NEW, fill(order_qty=Decimal(50))).order_qty == 100


class TestMadeUpFills:
    """Row 38: a fill made up from totals goes as the real ones come."""

    def test_shrinks_as_real_ones_come(self):
        made_up = fill("S1", 60, 11, 9, is_synthetic=True)
        one = after(PARTIAL, made_up, fill("E2", 20, 13))
        assert [(e.key, e.qty, e.px) for e in one.executions] == [
            ("E1", 40, 10),
            ("S1", 40, 10),
            ("E2", 20, 13),
        ]
        assert (one.state, one.cum_qty) == (S.FILLED, 100)
        both = after(one, fill("E3", 40, 10))
        assert [e.key for e in both.executions] == ["E1", "E2", "E3"]
        assert both.cum_qty == 100

    def test_says_nothing_of_when_the_order_works(self):
        resting = after(GTC, said(ExecType.DONE_FOR_DAY, 3))
        made_up = after(resting, fill("S1", 60, 11, 9, is_synthetic=True))
        assert (made_up.state, made_up.working_ns) == (S.DONE_FOR_DAY, 0)


class TestRefusedReports:
    @pytest.mark.parametrize(
        "other",
        [
            said(ExecType.NEW, cl_ord_id=NEXT),
            msgspec.structs.replace(LOST, cl_ord_id=NEXT),
            msgspec.structs.replace(ABSENT, cl_ord_id=NEXT),
            replace_reject(),
        ],
        ids=lambda told: type(told).__name__,
    )
    def test_report_on_another_order_is_not_applied(self, other):
        with pytest.raises(IllegalTransition) as caught:
            apply_report(NEW, other)
        assert str(caught.value) == f"report for {NEXT} was applied to {ID}"

    def test_status_report_says_a_status(self):
        with pytest.raises(IllegalTransition) as caught:
            apply_report(NEW, said(ExecType.ORDER_STATUS))
        assert str(caught.value) == f"order {ID}: a status report without status"

    @pytest.mark.parametrize(
        "changes",
        [
            {"exec_id": ExecID("")},
            *({"last_qty": number} for number in [*NOT_NUMBERS, Decimal(0), Decimal(-1)]),
            *({"last_px": number} for number in [*NOT_NUMBERS, Decimal(0), Decimal(-1)]),
            *({"fee": number} for number in NOT_NUMBERS),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("told", [fill("E7"), correct(30)], ids=["trade", "correction"])
    def test_fill_that_lacks_something_is_not_booked(self, told, changes):
        odd = msgspec.structs.replace(told, **changes)
        with pytest.raises(IllegalTransition) as caught:
            apply_report(PARTIAL, odd)
        assert str(caught.value) == (
            f"order {ID}: fill '{odd.exec_id}' of {odd.last_qty} at {odd.last_px}, fee {odd.fee}, "
            "lacks identity, quantity, price or fee; not booked"
        )

    @pytest.mark.parametrize(
        "odd",
        [
            correct(30, ref=""),
            correct(30, ref="C1"),
            bust(""),
            bust("B1"),
            bust(exec_id=""),
            bust(fee=Decimal("NaN")),
        ],
        ids=["correction", "of itself", "bust", "bust of itself", "nameless", "fee"],
    )
    def test_correction_of_nothing_is_not_booked(self, odd):
        with pytest.raises(IllegalTransition, match="lacks identity"):
            apply_report(PARTIAL, odd)

    def test_bust_needs_no_figures(self):
        assert after(PARTIAL, bust()).executions == ()
