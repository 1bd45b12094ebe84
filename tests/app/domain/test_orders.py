"""Show that an order's status follows from its facts, whatever order they arrive in.

Method: tables of what follows from facts, and laws over drawn stories of one order: any permutation
with repetitions leads to the same order, nothing is created or lost, what ended stays ended.
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
    ExecType,
    Home,
    Liquidity,
    OrderState,
    OrdStatus,
    Origin,
    Side,
    TimeInForce,
)
from app.domain.ids import ClOrdID, ExecID, OrderID
from app.domain.orders import Amendment, fill_of
from app.domain.reports import CancelReject, SendUncertain
from app.domain.terms import ZERO
from app.domain.transitions import apply_report
from tests.samples import (
    EXTREMES,
    IBM,
    ID,
    NOW_NS,
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


def test_fill_row_carries_everything_of_order_and_execution():
    filled = after(
        SENT, trade_report(fee=Decimal("0.35"), last_mkt="XNAS", liquidity=Liquidity.ADDED)
    )
    row = fill_of(filled, filled.executions[0])
    assert (row.cl_ord_id, row.order_id, row.exec_id, row.account) == (ID, "B1", "E1", "P1")
    assert (row.symbol, row.side, row.qty, row.px) == (IBM, Side.BUY, 100, Decimal("187.20"))
    assert (row.fee, row.last_mkt, row.liquidity) == (Decimal("0.35"), "XNAS", Liquidity.ADDED)
    assert (row.ts_exch_ns, row.ts_recv_ns) == (NOW_NS + 1, NOW_NS + 2)


# Views of the facts


class TestStates:
    """What is shown, and where it is: `Order.state` and `Order.home`."""

    @pytest.mark.parametrize(
        ("facts", "state", "home"),
        [
            pytest.param({}, OrderState.PENDING_NEW, Home.WIRE, id="unsent"),
            pytest.param({"custody": Custody.STAGED}, OrderState.STAGED, Home.STAGED, id="staged"),
            pytest.param({"custody": Custody.HELD}, OrderState.HELD_HERE, Home.THIS_PC, id="here"),
            pytest.param(
                {"custody": Custody.HELD, "done": OrdStatus.CANCELED},
                OrderState.CANCELED,
                Home.NOWHERE,
                id="taken back",
            ),
            pytest.param({"custody": Custody.SENT}, OrderState.PENDING_NEW, Home.WIRE, id="sent"),
            pytest.param(
                {"custody": Custody.UNKNOWN}, OrderState.IN_DOUBT, Home.UNKNOWN, id="in doubt"
            ),
            pytest.param(
                {"custody": Custody.UNKNOWN, "cancel_requested": True},
                OrderState.PENDING_CANCEL,
                Home.UNKNOWN,
                id="in doubt, cancel asked for",
            ),
            pytest.param(
                {"custody": Custody.SENT, "cancel_requested": True},
                OrderState.PENDING_CANCEL,
                Home.WIRE,
                id="cancel before the answer",
            ),
            pytest.param(
                {"custody": Custody.ACKNOWLEDGED, "ts_ack_ns": 1},
                OrderState.NEW,
                Home.EXCHANGE,
                id="working",
            ),
            pytest.param(
                {"custody": Custody.ACKNOWLEDGED, "ts_ack_ns": 1, "was_held": True},
                OrderState.HELD,
                Home.BROKER,
                id="held there",
            ),
            pytest.param(
                {
                    "custody": Custody.ACKNOWLEDGED,
                    "ts_ack_ns": 1,
                    "was_held": True,
                    "was_released": True,
                },
                OrderState.NEW,
                Home.EXCHANGE,
                id="released",
            ),
            pytest.param(
                {"done": OrdStatus.REJECTED, "is_denied": True},
                OrderState.DENIED,
                Home.NOWHERE,
                id="denied",
            ),
            pytest.param(
                {"done": OrdStatus.REJECTED}, OrderState.REJECTED, Home.NOWHERE, id="rejected"
            ),
            pytest.param(
                {"done": OrdStatus.CANCELED, "custody": Custody.UNKNOWN},
                OrderState.CANCELED,
                Home.NOWHERE,
                id="ended in doubt",
            ),
            pytest.param(
                {"done": OrdStatus.EXPIRED}, OrderState.EXPIRED, Home.NOWHERE, id="expired"
            ),
        ],
    )
    def test_shown_as(self, facts, state, home):
        known = order(**facts)
        assert (known.state, known.home) == (state, home)

    def test_what_rests_until_tomorrow_is_at_the_broker(self):
        lasts = order(new_order(time_in_force=TimeInForce.GTC), ts_ack_ns=1, done_for_day_ns=5)
        assert (lasts.state, lasts.home) == (OrderState.DONE_FOR_DAY, Home.BROKER)
        today = order(ts_ack_ns=1, done_for_day_ns=5)
        assert (today.state, today.home) == (OrderState.DONE_FOR_DAY, Home.NOWHERE)

    def test_what_was_taken_back_by_the_venue_is_in_doubt_until_it_says_that_it_works(self):
        for working_ns, doubtful in [(4, True), (5, False), (6, False)]:
            known = order(ts_ack_ns=1, reduced_ns=5, working_ns=working_ns)
            assert known.is_in_doubt is doubtful

    @pytest.mark.parametrize("custody", [Custody.HELD, Custody.STAGED])
    def test_what_waits_here_is_here(self, custody):
        assert order(custody=custody).is_here
        assert not order().is_here


class TestTermsInForce:
    """Of all terms that were asked for, those that hold."""

    @staticmethod
    def amendment(name, qty, state=AmendmentState.ACCEPTED, way=AmendmentWay.NATIVE):
        return Amendment(
            cl_ord_id=ClOrdID(name),
            order=new_order(qty=qty),
            origin=Origin.MANUAL,
            actor="ada",
            ts_intent_ns=NOW_NS,
            way=way,
            state=state,
        )

    @pytest.mark.parametrize(
        ("amendments", "qty", "live_id"),
        [
            ([], 100, ID),
            ([("A", 150)], 150, "A"),
            ([("A", 150), ("B", 120)], 120, "B"),
            ([("A", 150), ("B", 120, AmendmentState.PENDING)], 150, "A"),
            ([("A", 150), ("B", 120, AmendmentState.REJECTED)], 150, "A"),
            ([("A", 150), ("B", 120, AmendmentState.ACCEPTED, AmendmentWay.ELSEWHERE)], 120, "A"),
            ([("A", 150, AmendmentState.ACCEPTED, AmendmentWay.HERE)], 150, ID),
            ([("A", 150, AmendmentState.ACCEPTED, AmendmentWay.CHAINED)], 100, ID),
        ],
    )
    def test_terms_and_identity(self, amendments, qty, live_id):
        known = order(amendments=tuple(self.amendment(*given) for given in amendments))
        assert (known.terms, known.order_qty, known.live_id) == (new_order(qty=qty), qty, live_id)

    def test_what_was_sent_is_what_holds(self):
        market = new_order(qty=80)
        here = self.amendment("A", 80, way=AmendmentWay.HERE)
        native = self.amendment("B", 70)
        assert order(sent=market, amendments=(here,)).terms is market
        assert order(sent=market, amendments=(here, native)).terms == new_order(qty=70)

    @pytest.mark.parametrize("state", AmendmentState)
    def test_request_is_open_until_it_has_an_outcome(self, state):
        request = self.amendment("A", 150, state)
        is_open = state in (AmendmentState.PENDING, AmendmentState.UNKNOWN)
        assert order(amendments=(request,)).open_amendment == (request if is_open else None)
        later = order(amendments=(request, self.amendment("B", 1)))
        assert later.open_amendment is None

    def test_order_answers_to_all_its_identities(self):
        known = order(amendments=(self.amendment("A", 1), self.amendment("B", 1)))
        assert [known.has_id(ClOrdID(name)) for name in (ID, "A", "B", "C")] == [
            True,
            True,
            True,
            False,
        ]
        assert not order().has_id(ClOrdID("A"))

    def test_fills_count_against_the_terms_they_came_under(self):
        smaller = order(amendments=(self.amendment("A", 50),))
        assert (after(smaller, trade_report(qty=40)).order_qty) == 50
        filled = after(smaller, trade_report(qty=60))
        assert (filled.order_qty, filled.leaves_qty, filled.overfilled_qty) == (60, 0, 0)
        over = after(smaller, trade_report(qty=130))
        assert (over.order_qty, over.leaves_qty, over.overfilled_qty) == (100, 0, 30)

    @pytest.mark.parametrize(
        ("qty", "state", "exposed"),
        [
            (150, AmendmentState.PENDING, 110),
            (50, AmendmentState.PENDING, 60),
            (150, AmendmentState.REJECTED, 60),
        ],
    )
    def test_larger_of_both_terms_is_reckoned_with(self, qty, state, exposed):
        known = after(order(), trade_report(qty=40))
        known = msgspec.structs.replace(known, amendments=(self.amendment("A", qty, state),))
        assert known.exposed_qty == exposed


def test_missing_is_what_the_broker_has_more():
    known = after(SENT, trade_report(qty=40))
    missing = [
        msgspec.structs.replace(known, stated_cum_qty=stated).missing_qty
        for stated in (None, Decimal(39), Decimal(40), Decimal(41))
    ]
    assert missing == [0, 0, 0, 1]


def test_shares_of_an_order_by_value_are_those_that_were_said():
    known = after(msgspec.structs.replace(SENT, stated_qty=Decimal(60)), trade_report(qty=61))
    assert (known.order_qty, known.leaves_qty, known.overfilled_qty) == (60, 0, 1)


def test_row_of_a_correction_has_the_identity_of_the_first():
    corrected = trade_report("E2", 90, exec_ref_id=ExecID("E1"))
    corrected = msgspec.structs.replace(corrected, exec_type=ExecType.TRADE_CORRECT)
    known = after(SENT, report(ExecType.CANCELED), trade_report(is_synthetic=True), corrected)
    row = fill_of(known, known.executions[0])
    assert (row.exec_id, row.key, row.qty) == ("E2", "E1", 90)
    assert (row.is_synthetic, row.is_late) == (True, True)
    first = fill_of(SENT, after(SENT, trade_report()).executions[0])
    assert (first.key, first.is_synthetic, first.is_late) == ("", False, False)


# Laws: a broker's story, told in any order

NEXT = ClOrdID("P1-261123-2")
GTC = msgspec.structs.replace(SENT, order=new_order(time_in_force=TimeInForce.GTC))


class Teller:
    """A broker that knows one order, and says what it does; every report a moment later."""

    def __init__(self) -> None:
        self.reports = []
        self.name = ID
        self.qty = Decimal(100)
        self.live = {}
        self.ended = False

    @property
    def cum_qty(self):
        return sum(self.live.values(), ZERO)

    def say(self, kind, **changes):
        now = NOW_NS + 10 * (len(self.reports) + 1)
        stamps = {"ts_exch_ns": now, "ts_recv_ns": now + 1, "cl_ord_id": self.name}
        self.reports.append(report(kind, **{**stamps, **changes}))

    def new(self, _):
        self.say(ExecType.NEW)

    def held(self, _):
        if not self.reports:
            self.say(ExecType.SUSPENDED)

    def received(self, _):
        if not self.reports:
            self.say(ExecType.PENDING_NEW)

    def fill(self, qty):
        qty = min(Decimal(qty), self.qty - self.cum_qty)
        if qty > 0 and not self.ended:
            exec_id = ExecID(f"E{len(self.reports)}")
            self.live[exec_id] = qty
            px = 10 + qty / 8
            self.say(ExecType.TRADE, exec_id=exec_id, last_qty=qty, last_px=px)

    def bust(self, which):
        if self.live:
            ref = sorted(self.live)[which % len(self.live)]
            del self.live[ref]
            exec_id = ExecID(f"H{len(self.reports)}")
            self.say(ExecType.TRADE_CANCEL, exec_id=exec_id, exec_ref_id=ref, cum_qty=self.cum_qty)

    def correct(self, qty):
        if self.live:
            ref = sorted(self.live)[qty % len(self.live)]
            old, exec_id = self.live.pop(ref), ExecID(f"G{len(self.reports)}")
            self.live[exec_id] = min(Decimal(qty), old)
            self.say(
                ExecType.TRADE_CORRECT,
                exec_id=exec_id,
                exec_ref_id=ref,
                last_qty=self.live[exec_id],
                last_px=Decimal(11),
            )

    def tell(self, _):
        if not self.ended:
            status = OrdStatus.FILLED if self.cum_qty >= self.qty else OrdStatus.NEW
            self.say(ExecType.ORDER_STATUS, ord_status=status, cum_qty=self.cum_qty)

    def rest(self, _):
        if not self.ended:
            self.say(ExecType.DONE_FOR_DAY, cum_qty=self.cum_qty)

    def replace(self, _):
        if not self.ended and self.name == ID:
            self.name, self.qty = NEXT, Decimal(150)
            self.say(ExecType.REPLACED)

    def end(self, which):
        if not self.ended:
            self.ended = True
            self.say((ExecType.CANCELED, ExecType.EXPIRED)[which % 2])


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                Teller.new,
                Teller.held,
                Teller.received,
                Teller.fill,
                Teller.fill,
                Teller.bust,
                Teller.correct,
                Teller.tell,
                Teller.rest,
                Teller.replace,
                Teller.end,
            ]
        ),
        st.integers(1, 80),
    ),
    max_size=9,
)


@st.composite
def stories(draw):
    """An order with or without requests to replace and to cancel it, and what its broker says."""
    teller = Teller()
    deeds = draw(DEEDS)
    for deed, number in deeds:
        deed(teller, number)
    start = draw(
        st.sampled_from([SENT, GTC, msgspec.structs.replace(SENT, custody=Custody.UNKNOWN)])
    )
    if teller.name == NEXT or draw(st.booleans()):
        request = TestTermsInForce.amendment(NEXT, 150, AmendmentState.PENDING)
        start = msgspec.structs.replace(start, amendments=(request,))
    asked = draw(st.booleans())
    return msgspec.structs.replace(start, cancel_requested=asked), teller


def facts(known):
    """What must not depend on the order of arrival; stamps of arrival and words may."""
    return {
        "state": known.state,
        "ord_status": known.ord_status,
        "cum": known.cum_qty,
        "leaves": known.leaves_qty,
        "exposed": known.exposed_qty,
        "missing": known.missing_qty,
        "avg_px": known.avg_px,
        "executions": {e.key: (e.exec_id, e.qty, e.px) for e in known.executions},
        "done": known.done,
        "terms": known.terms,
        "live_id": known.live_id,
        "amendments": [(a.cl_ord_id, a.state) for a in known.amendments],
        "home": known.home,
        "held": known.is_held_at_broker,
    }


@given(stories(), st.data())
def test_any_order_of_arrival_with_repetitions_gives_the_same_order(story, data):
    start, teller = story
    told = teller.reports
    doubled = [*told, *data.draw(st.lists(st.sampled_from(told)) if told else st.just([]))]
    shuffled = data.draw(st.permutations(doubled))
    assert facts(after(start, *shuffled)) == facts(after(start, *told))


@given(stories())
def test_all_that_was_said_is_what_the_broker_has(story):
    start, teller = story
    known = after(start, *teller.reports)
    assert sorted(e.qty for e in known.executions) == sorted(teller.live.values())
    assert (known.order_qty, known.live_id) == (teller.qty, teller.name)
    assert (known.done is not None) is teller.ended
    assert (known.missing_qty, known.overfilled_qty) == (0, 0)


@given(stories(), st.data())
def test_same_report_twice_changes_nothing(story, data):
    start, teller = story
    known = after(start, *teller.reports)
    if teller.reports:
        again = data.draw(st.sampled_from(teller.reports))
        assert facts(apply_report(known, again)) == facts(known)


def test_same_cancel_reject_twice_changes_nothing():
    once = after(SENT, report(), TOO_LATE)
    assert apply_report(once, TOO_LATE) == once


@given(stories(), st.data())
def test_executed_and_left_are_what_was_asked_until_the_order_is_done(story, data):
    known, teller = story
    for said in data.draw(st.permutations(teller.reports)):
        before = known
        known = apply_report(known, said)
        assert known.cum_qty == sum((e.qty for e in known.executions), ZERO)
        assert known.leaves_qty >= 0
        if known.done is not None:
            assert known.leaves_qty == 0
        elif not known.overfilled_qty:
            assert known.cum_qty + known.leaves_qty == known.order_qty
        if said.exec_type not in (ExecType.TRADE_CORRECT, ExecType.TRADE_CANCEL):
            assert known.cum_qty >= before.cum_qty
        paid = sum((e.qty * e.px for e in known.executions), ZERO)
        assert known.avg_px == (paid / known.cum_qty if known.cum_qty else None)


@given(stories(), st.data())
def test_ended_order_never_works_again(story, data):
    known, teller = story
    for said in data.draw(st.permutations(teller.reports)):
        before = known
        known = apply_report(known, said)
        reduced = said.exec_type in (ExecType.TRADE_CORRECT, ExecType.TRADE_CANCEL)
        rested = before.done_for_day_ns and before.ord_status is OrdStatus.DONE_FOR_DAY
        if not before.is_working and not reduced and not rested:
            assert not known.is_working


@given(stories(), st.data())
def test_every_fill_is_booked_once_and_none_is_lost(story, data):
    start, teller = story
    known = after(start, *data.draw(st.permutations([*teller.reports, *teller.reports])))
    told = [said.exec_id for said in teller.reports if said.exec_id]
    assert sorted(fact.report.exec_id for fact in known.facts) == sorted(told)
