"""Show that every difference between broker and record becomes a fact of its own, or waits.

Method: a book of orders, a snapshot, and what has to come of them to the last field; a law that
what is found, once applied, leaves nothing to find; broken figures and contradictions are kept out.
"""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit.fold import fold
from app.audit.records import OrderAdopted, report_record
from app.brokers.base import BrokerOrder, BrokerPosition, Snapshot
from app.domain.enums import Custody, ExecType, OrdStatus, Origin, Side
from app.domain.ids import AccountID, ClOrdID, OrderID
from app.domain.reports import AbsentAtBroker, ExecutionReport, SendUncertain
from app.domain.transitions import apply_report
from app.oms.blotter import Blotter
from app.oms.reconcile import figure_fault, reconcile, residual_px, status_report
from tests.samples import IBM, ID, NOT_NUMBERS, NOW_NS, new_order, order, report, trade_report

D = Decimal
ASKED_NS = NOW_NS + 60 * 10**9
SENT = order(custody=Custody.SENT, ts_sent_ns=NOW_NS)
NEW = apply_report(SENT, report())
DOUBTED = msgspec.structs.replace(SENT, custody=Custody.UNKNOWN)
PART = apply_report(NEW, trade_report(qty=40, px=10, cum_qty=Decimal(40)))
FILLED = apply_report(PART, trade_report("E2", 60, 20, cum_qty=Decimal(100)))


def theirs(status=OrdStatus.NEW, cum=0, avg=None, **changes):
    said = BrokerOrder(
        cl_ord_id=ID,
        order_id=OrderID("B1"),
        order=new_order(),
        ord_status=status,
        cum_qty=D(cum),
        avg_px=None if avg is None else D(avg),
        ts_ns=NOW_NS + 1,
    )
    return msgspec.structs.replace(said, **changes)


def snapshot(*orders, executions=(), **changes):
    said = Snapshot(orders=orders, executions=tuple(executions), positions={}, ts_ns=ASKED_NS)
    return msgspec.structs.replace(said, **changes)


def book(*orders):
    blotter = Blotter()
    for one in orders:
        blotter.put(one)
    return blotter


def compare(orders, said, *, authoritative=False, lasting=()):
    return reconcile(
        book(*orders),
        said,
        account=AccountID("P1"),
        is_authoritative=authoritative,
        lasting=frozenset(lasting),
    )


def nothing(found):
    return (found.findings, found.texts, found.refused, found.open) == ((), (), (), frozenset())


class TestEqual:
    @pytest.mark.parametrize(
        ("known", "said"),
        [
            pytest.param(NEW, theirs(), id="working"),
            pytest.param(PART, theirs(OrdStatus.PARTIALLY_FILLED, 40, 10), id="in part"),
            pytest.param(FILLED, theirs(OrdStatus.FILLED, 100, 16), id="filled"),
        ],
    )
    def test_what_agrees_says_nothing(self, known, said):
        assert nothing(compare([known], snapshot(said)))

    def test_nothing_here_and_nothing_there(self):
        assert nothing(compare([], snapshot()))

    def test_an_answer_older_than_what_is_known_changes_nothing(self):
        assert nothing(compare([FILLED], snapshot(theirs(OrdStatus.PARTIALLY_FILLED, 40, 10))))
        assert nothing(compare([FILLED], snapshot(theirs())))

    def test_an_execution_that_is_known_is_not_missed(self):
        said = snapshot(
            theirs(OrdStatus.PARTIALLY_FILLED, 40, 10), executions=[trade_report(qty=40, px=10)]
        )
        assert nothing(compare([PART], said))


class TestStates:
    @pytest.mark.parametrize(
        ("known", "said", "text"),
        [
            pytest.param(SENT, theirs(), "was PENDING_NEW here, is NEW", id="acknowledged"),
            pytest.param(
                NEW, theirs(OrdStatus.CANCELED), "was NEW here, is CANCELED", id="canceled"
            ),
            pytest.param(NEW, theirs(OrdStatus.EXPIRED), "was NEW here, is EXPIRED", id="expired"),
            pytest.param(
                DOUBTED, theirs(OrdStatus.REJECTED), "was PENDING_NEW here, is REJECTED", id="no"
            ),
        ],
    )
    def test_an_order_is_brought_to_where_the_broker_has_it(self, known, said, text):
        found = compare([known], snapshot(said))
        assert found.findings == (status_report(said, ASKED_NS),)
        assert found.texts == (f"order {ID} {text}",)

    def test_an_end_to_the_doubt_needs_no_sentence(self):
        acked = msgspec.structs.replace(NEW, custody=Custody.UNKNOWN)
        found = compare([acked], snapshot(theirs(ts_ns=NOW_NS + 9)))
        assert len(found.findings) == 1
        assert found.texts == ()

    def test_the_status_carries_all_that_the_broker_says(self):
        said = theirs(OrdStatus.PARTIALLY_FILLED, 40, 10, text="slow", order=new_order(limit=11))
        assert status_report(said, 77) == ExecutionReport(
            cl_ord_id=ID,
            exec_type=ExecType.ORDER_STATUS,
            ord_status=OrdStatus.PARTIALLY_FILLED,
            order_id=OrderID("B1"),
            cum_qty=D(40),
            avg_px=D(10),
            order_qty=D(100),
            limit_px=D(11),
            ts_exch_ns=NOW_NS + 1,
            ts_recv_ns=77,
            text="slow",
        )


class TestExecutions:
    @pytest.mark.parametrize(
        ("missed", "text"),
        [
            pytest.param(trade_report(qty=40), f"trade E1 of order {ID} was missed", id="trade"),
            pytest.param(
                report(ExecType.TRADE_CANCEL, exec_id="X", exec_ref_id="E0"),
                f"trade cancel X of order {ID} was missed",
                id="bust",
            ),
        ],
    )
    def test_what_was_missed_is_booked_as_it_is_with_a_sentence(self, missed, text):
        found = compare([NEW], snapshot(theirs(), executions=[missed]))
        assert found.findings[0] == missed
        assert found.texts[0] == text

    def test_executions_come_before_the_total_that_they_make_up(self):
        fills = [trade_report(qty=40, px=10), trade_report("E2", 60, 20)]
        found = compare([NEW], snapshot(theirs(OrdStatus.FILLED, 100, 16), executions=fills))
        assert found.findings[:2] == tuple(fills)
        assert found.open == frozenset()
        after = NEW
        for finding in found.findings:
            after = apply_report(after, finding)
        assert (after.ord_status, after.missing_qty) == (OrdStatus.FILLED, 0)

    def test_an_execution_of_an_order_that_nobody_lists_is_said_and_not_booked(self):
        stray = trade_report(cl_ord_id=ClOrdID("Q"))
        found = compare([], snapshot(executions=[stray]))
        assert found.findings == ()
        assert found.texts == (
            "execution E1 is of order Q, which the broker does not list; not booked",
        )

    def test_a_contradiction_is_kept_for_the_record_with_its_reason(self):
        other = trade_report(qty=41, px=10)
        found = compare(
            [PART], snapshot(theirs(OrdStatus.PARTIALLY_FILLED, 40, 10), executions=[other])
        )
        assert (found.findings, found.texts) == ((), ())
        [(refused, why)] = found.refused
        assert refused == other
        assert why.startswith(f"order {ID}: fill E1 was 40 at 10, is now 41 at 10")

    @pytest.mark.parametrize("number", NOT_NUMBERS, ids=str)
    def test_an_execution_that_is_no_number_is_kept_out(self, number):
        found = compare([NEW], snapshot(theirs(), executions=[trade_report(qty=number)]))
        assert found.findings == ()
        assert "not booked" in found.refused[0][1]

    def test_a_number_that_no_rule_can_take_is_kept_out(self):
        odd = report(
            ExecType.ORDER_STATUS,
            ord_status=OrdStatus.NEW,
            cum_qty=D("NaN"),
            ts_exch_ns=NOW_NS + 9,
        )
        found = compare([NEW], snapshot(theirs(), executions=[odd]))
        assert found.findings == ()
        text = f"order {ID}: a number of the report is none; not applied"
        assert found.refused == ((odd, text),)


class TestMadeUp:
    LASTING = ((ID, D(100)),)
    SAID = theirs(OrdStatus.FILLED, 100, "16")

    def test_a_new_difference_waits(self):
        found = compare([PART], snapshot(self.SAID))
        assert (found.findings, found.texts) == ((), ())
        assert found.open == {(ID, D(100))}

    def test_another_total_waits_anew(self):
        found = compare([PART], snapshot(self.SAID), lasting=[(ID, D(99)), (ID, None)])
        assert found.findings == ()

    def test_what_lasts_is_one_execution_that_says_so(self):
        found = compare([PART], snapshot(self.SAID), lasting=self.LASTING)
        made_up, status = found.findings
        assert made_up == ExecutionReport(
            cl_ord_id=ID,
            exec_type=ExecType.TRADE,
            order_id=OrderID("B1"),
            exec_id=f"S-{ID}-40-100",
            last_qty=D(60),
            last_px=D(20),
            is_synthetic=True,
            ts_exch_ns=NOW_NS + 1,
            ts_recv_ns=ASKED_NS,
            text="made up from the broker's totals",
        )
        assert status.ord_status is OrdStatus.FILLED
        assert found.texts == (
            f"order {ID}: 60 at 20.00000000 made up, because the broker does not give the "
            "execution",
        )

    def test_found_again_it_has_the_same_identity_and_counts_once(self):
        once = compare([PART], snapshot(self.SAID), lasting=self.LASTING).findings[0]
        again = compare(
            [PART],
            snapshot(msgspec.structs.replace(self.SAID, cum_qty=D("100.00")), ts_ns=ASKED_NS + 7),
            lasting=self.LASTING,
        ).findings[0]
        assert once.exec_id == again.exec_id
        booked = apply_report(PART, once)
        assert apply_report(booked, msgspec.structs.replace(again, last_px=once.last_px)) is booked

    def test_the_real_execution_takes_its_place(self):
        made_up = compare([PART], snapshot(self.SAID), lasting=self.LASTING).findings[0]
        booked = apply_report(PART, made_up)
        real = apply_report(booked, trade_report("E2", 60, 20))
        assert [(e.exec_id, e.qty) for e in real.executions] == [("E1", 40), ("E2", 60)]
        assert (real.cum_qty, real.avg_px) == (100, 16)

    def test_one_that_the_broker_broke_is_not_made_up_again(self):
        made_up = compare([PART], snapshot(self.SAID), lasting=self.LASTING).findings[0]
        bust = report(ExecType.TRADE_CANCEL, exec_id="X", exec_ref_id=made_up.exec_id)
        broken = apply_report(apply_report(PART, made_up), bust)
        assert broken.cum_qty == 40
        found = compare([broken], snapshot(self.SAID), lasting=self.LASTING)
        assert not [f for f in found.findings if f.exec_type is ExecType.TRADE]
        assert found.refused == ()

    @pytest.mark.parametrize(
        ("known", "avg", "px"),
        [
            pytest.param(PART, "16", "20", id="that the average needs"),
            pytest.param(PART, "10.0001", "10.00016667", id="to eight decimals"),
            pytest.param(PART, "3", "3", id="the average, where none above 0 leads to it"),
            pytest.param(PART, "1e999999", "1e999999", id="the average, where it is beyond all"),
            pytest.param(PART, None, "10", id="ours, where the broker names none"),
            pytest.param(
                apply_report(order(new_order(limit=12), custody=Custody.SENT), report()),
                None,
                "12",
                id="the limit, where there is no other",
            ),
        ],
    )
    def test_its_price(self, known, avg, px):
        said = theirs(OrdStatus.FILLED, 100, avg)
        made_up = compare([known], snapshot(said), lasting=self.LASTING).findings[0]
        assert made_up.last_px == D(px)

    @pytest.mark.parametrize("avg", [None, "0", "-1"])
    def test_without_any_price_it_is_said_and_not_booked(self, avg):
        found = compare([NEW], snapshot(theirs(OrdStatus.FILLED, 100, avg)), lasting=self.LASTING)
        assert [finding.exec_type for finding in found.findings] == [ExecType.ORDER_STATUS]
        assert found.texts == (
            f"order {ID}: the broker has executed 100, 0 are known here, and nothing says at "
            "which price; not booked",
        )


class TestOthers:
    SAID = theirs(OrdStatus.PARTIALLY_FILLED, 40, 10, cl_ord_id=ClOrdID("APP-1"))
    FILL = trade_report(qty=40, px=10, cl_ord_id=ClOrdID("APP-1"))

    def test_an_order_of_others_is_adopted_with_its_executions_and_state(self):
        found = compare([], snapshot(self.SAID, executions=[self.FILL]))
        adopted = OrderAdopted(
            cl_ord_id=ClOrdID("APP-1"),
            account=AccountID("P1"),
            order=new_order(),
            order_id=OrderID("B1"),
            ts_ns=ASKED_NS,
        )
        assert found.findings == (adopted, self.FILL, status_report(self.SAID, ASKED_NS))
        assert found.texts == ("order APP-1 (buy 100 IBM) was not from this station; adopted",)

    def test_in_the_books_it_is_external_and_counts(self):
        blotter = book()
        for finding in compare([], snapshot(self.SAID, executions=[self.FILL])).findings:
            record = finding if isinstance(finding, OrderAdopted) else report_record(finding)
            after = fold(record, blotter.orders).order
            if after is not None:
                blotter.put(after)
        known = blotter.get(ClOrdID("APP-1"))
        assert (known.origin, known.actor) == (Origin.EXTERNAL, "broker")
        assert (known.cum_qty, known.leaves_qty, known.missing_qty) == (40, 60, 0)
        assert nothing(compare([known], snapshot(self.SAID, executions=[self.FILL])))

    @pytest.mark.parametrize("status", [OrdStatus.CANCELED, OrdStatus.REJECTED, OrdStatus.EXPIRED])
    def test_one_that_ended_without_a_trade_is_nobodys_business(self, status):
        said = msgspec.structs.replace(self.SAID, ord_status=status, cum_qty=D(0))
        assert nothing(compare([], snapshot(said)))

    def test_one_that_ended_with_a_trade_is_adopted(self):
        said = msgspec.structs.replace(self.SAID, ord_status=OrdStatus.CANCELED)
        assert len(compare([], snapshot(said)).findings) == 2

    def test_a_sale_says_so(self):
        said = msgspec.structs.replace(self.SAID, order=new_order(Side.SELL))
        assert compare([], snapshot(said)).texts[0].startswith("order APP-1 (sell 100 IBM)")


class TestLooking:
    """Orders that work here and are not on the list."""

    @pytest.mark.parametrize("known", [NEW, DOUBTED], ids=["acknowledged", "in doubt"])
    def test_an_authoritative_broker_settles_it_at_once(self, known):
        found = compare([known], snapshot(), authoritative=True)
        gone = AbsentAtBroker(cl_ord_id=ID, ts_recv_ns=ASKED_NS, text="not at the broker")
        assert found.findings == (gone,)
        assert found.texts == (f"order {ID} is not at the broker",)

    @pytest.mark.parametrize("custody", [Custody.UNSENT, Custody.SENT], ids=lambda c: c.name)
    def test_a_call_that_is_under_way_is_waited_for(self, custody):
        under_way = order(custody=custody)
        assert nothing(compare([under_way], snapshot(), authoritative=True))
        assert nothing(compare([under_way], snapshot(), lasting=[(ID, None)]))

    @pytest.mark.parametrize("custody", [Custody.HELD, Custody.STAGED], ids=lambda c: c.name)
    def test_what_waits_here_is_not_looked_for(self, custody):
        assert nothing(compare([order(custody=custody)], snapshot(), authoritative=True))

    def test_what_ended_is_not_looked_for(self):
        ended = apply_report(NEW, report(ExecType.CANCELED))
        assert nothing(compare([ended, FILLED], snapshot(), authoritative=True))

    def test_an_order_filled_by_what_was_missed_is_not_looked_for(self):
        found = compare([NEW], snapshot(executions=[trade_report()]), authoritative=True)
        assert found.findings == (trade_report(),)

    def test_the_identity_in_force_is_the_one_looked_for(self):
        replaced = apply_report(
            NEW, report(ExecType.REPLACED, cl_ord_id=ClOrdID("N"), order_qty=D(150))
        )
        listed = theirs(cl_ord_id=ClOrdID("N"), order=new_order(qty=150))
        assert nothing(compare([replaced], snapshot(listed), authoritative=True))
        [gone] = compare([replaced], snapshot(), authoritative=True).findings
        assert gone.cl_ord_id == "N"

    def test_other_brokers_are_asked_once_it_lasts(self):
        found = compare([NEW], snapshot())
        assert (found.findings, found.texts, found.open) == ((), (), {(ID, None)})
        found = compare([NEW], snapshot(), lasting=[(ID, None)])
        unlisted = SendUncertain(
            cl_ord_id=ID,
            ts_recv_ns=ASKED_NS,
            text="the broker's list of orders lacks it",
            is_unlisted=True,
        )
        assert found.findings == (unlisted,)
        assert found.texts == (
            f"order {ID}: the broker's list of orders lacks it; it is being asked about",
        )
        assert apply_report(NEW, unlisted).is_in_doubt

    def test_what_is_in_doubt_is_being_asked_about_already(self):
        doubted = msgspec.structs.replace(NEW, custody=Custody.UNKNOWN)
        assert nothing(compare([doubted], snapshot(), lasting=[(ID, None)]))


class TestFigures:
    def test_numbers_are_no_fault(self):
        said = snapshot(
            theirs(cum=1, avg=2),
            theirs(),
            cash=D(-1),
            positions={IBM: BrokerPosition(qty=D(1)), "X": BrokerPosition(qty=D(0), avg_px=D(0))},
        )
        assert figure_fault(said.orders, said) == ""
        assert figure_fault(said.orders) == ""

    @pytest.mark.parametrize("number", NOT_NUMBERS, ids=str)
    @pytest.mark.parametrize(
        ("said", "where"),
        [
            pytest.param(lambda n: snapshot(theirs(cum=n)), f"order {ID}", id="total"),
            pytest.param(lambda n: snapshot(theirs(avg=n)), f"order {ID}", id="average"),
            pytest.param(lambda n: snapshot(cash=n), "cash", id="cash"),
            pytest.param(
                lambda n: snapshot(positions={IBM: BrokerPosition(qty=n)}),
                "position of IBM",
                id="position",
            ),
            pytest.param(
                lambda n: snapshot(positions={IBM: BrokerPosition(qty=D(1), avg_px=n)}),
                "position of IBM",
                id="average of a position",
            ),
        ],
    )
    def test_what_is_no_number_is_named(self, said, where, number):
        answer = said(number)
        assert figure_fault(answer.orders, answer) == f"{where}: {number} is no number"

    @pytest.mark.parametrize(
        ("avg", "total", "paid", "qty", "px"),
        [
            (16, 100, 400, 60, "20"),
            ("0.00000001", 1, 0, 1, "0.00000001"),
            ("0.000000004", 1, 0, 1, None),
            (4, 100, 400, 60, None),
            (3, 100, 400, 60, None),
            (-10, -50, 0, -50, None),
            (10, -50, 0, -50, "10"),
            (10, 50, 0, 0, None),
            ("1e25", 1, 0, 1, None),
        ],
    )
    def test_residual_price(self, avg, total, paid, qty, px):
        found = residual_px(D(avg), D(total), paid=D(paid), qty=D(qty))
        assert found == (None if px is None else D(px))


STATUSES = st.sampled_from(
    [OrdStatus.NEW, OrdStatus.CANCELED, OrdStatus.EXPIRED, OrdStatus.REJECTED]
)
FILLS = st.lists(st.tuples(st.integers(1, 30), st.integers(1, 50)), max_size=3)
WORLD = st.lists(
    st.tuples(
        st.sampled_from([None, SENT, NEW, DOUBTED]),
        st.integers(0, 3),
        FILLS,
        st.booleans(),
        STATUSES,
        st.booleans(),
    ),
    max_size=5,
)


def told(n, known, heard, fills):
    """Return an order as it is known here, if at all, and all its executions."""
    cl_ord_id = ClOrdID(f"O{n}")
    facts = [
        trade_report(f"E{n}.{k}", qty, px, cl_ord_id=cl_ord_id) for k, (qty, px) in enumerate(fills)
    ]
    if known is None:
        return [], facts
    mine = msgspec.structs.replace(known, cl_ord_id=cl_ord_id)
    for fact in facts[:heard]:
        mine = apply_report(mine, fact)
    return [mine], facts


def line(n, status, fills):
    """Return an order as the broker lists it."""
    cum, paid = sum(qty for qty, _ in fills), sum(qty * px for qty, px in fills)
    status = OrdStatus.CANCELED if cum and status is OrdStatus.REJECTED else status
    return theirs(status, cum, D(paid) / cum if cum else None, cl_ord_id=ClOrdID(f"O{n}"))


def settle(blotter, said, authoritative):
    """Compare once and put what is found into the book."""
    found = reconcile(
        blotter,
        said,
        account=AccountID("P1"),
        is_authoritative=authoritative,
        lasting=frozenset((one.cl_ord_id, one.cum_qty) for one in said.orders),
    )
    for finding in found.findings:
        record = finding if isinstance(finding, OrderAdopted) else report_record(finding)
        after = fold(record, blotter.orders).order
        if after is not None:
            blotter.put(after)
    return found


@given(WORLD, st.booleans())
def test_law_what_is_found_leaves_nothing_to_find_and_agrees_with_the_broker(world, authoritative):
    blotter, listed, executions = Blotter(), [], []
    for n, (known, heard, fills, itemised, status, is_listed) in enumerate(world):
        mine, facts = told(n, known, heard, fills)
        for one in mine:
            blotter.put(one)
        if is_listed:
            listed.append(line(n, status, fills))
            executions += facts if itemised else []
    said = snapshot(*listed, executions=executions)
    settle(blotter, said, authoritative)
    settle(blotter, said, authoritative)  # What was adopted without executions is made up now.
    last = settle(blotter, said, authoritative)
    assert (last.findings, last.refused) == ((), ())
    for one in listed:
        mine = blotter.get(one.cl_ord_id)
        if mine is None:
            assert (one.ord_status.is_terminal, one.cum_qty) == (True, 0)
            continue
        assert mine.cum_qty == one.cum_qty
        assert mine.is_ended == one.ord_status.is_terminal
        assert one.avg_px is None or abs(mine.avg_px - one.avg_px) < D("0.000001")
