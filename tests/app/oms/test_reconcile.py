"""Show that what the broker does not hold is closed here, and what cannot be explained is said.

Method: tables of orders and holdings; a law that applying the reports leaves nothing to reconcile.
"""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import Custody, ExecType, OrdStatus
from app.domain.ids import ClOrdID, Symbol
from app.domain.position import Position
from app.domain.transitions import apply_report
from app.oms.reconcile import reconcile
from tests.samples import IBM, MSFT, NOW_NS, order, report, trade_report


def compare(orders=(), positions=(), working=(), held=None):
    return reconcile(
        orders,
        positions,
        working_at_broker=frozenset(map(ClOrdID, working)),
        held_at_broker=held or {},
        ts_ns=NOW_NS,
    )


def numbered(n, **facts):
    return order(cl_ord_id=ClOrdID(f"O{n}"), **facts)


def holding(symbol, qty):
    return Position(symbol=symbol, qty=Decimal(qty))


@pytest.mark.parametrize(
    ("custody", "exec_type", "words"),
    [
        pytest.param(Custody.UNSENT, ExecType.REJECTED, "never sent", id="unsent"),
        pytest.param(Custody.SENT, ExecType.CANCELED, "not at the broker", id="sent"),
        pytest.param(Custody.ACKNOWLEDGED, ExecType.CANCELED, "not at the broker", id="known"),
        pytest.param(Custody.UNKNOWN, ExecType.CANCELED, "not at the broker", id="in doubt"),
    ],
)
def test_order_the_broker_does_not_hold_is_closed_with_the_reason(custody, exec_type, words):
    [closing] = compare([numbered(1, custody=custody)]).reports
    assert (closing.cl_ord_id, closing.exec_type) == ("O1", exec_type)
    assert words in closing.text
    assert closing.ts_exch_ns == closing.ts_recv_ns == NOW_NS


def test_order_the_broker_holds_is_left_alone():
    assert compare([numbered(1, custody=Custody.SENT)], working=["O1"]).reports == ()


@pytest.mark.parametrize("done", [OrdStatus.CANCELED, OrdStatus.REJECTED, OrdStatus.EXPIRED])
def test_order_that_is_done_is_left_alone(done):
    assert compare([numbered(1, done=done)]).reports == ()


def test_order_filled_in_part_keeps_its_fills_when_it_is_closed():
    partial = apply_report(order(custody=Custody.SENT), trade_report(qty=40))
    [closing] = compare([partial]).reports
    after = apply_report(partial, closing)
    assert (after.ord_status, after.cum_qty, after.leaves_qty) == (OrdStatus.CANCELED, 40, 0)


@pytest.mark.parametrize(
    ("ours", "theirs", "differences"),
    [
        pytest.param({}, {}, [], id="nothing"),
        pytest.param({IBM: 100}, {IBM: "100"}, [], id="equal"),
        pytest.param({IBM: 100}, {IBM: "100.000"}, [], id="equal in value"),
        pytest.param({IBM: 0}, {}, [], id="flat here, absent there"),
        pytest.param({}, {IBM: "0"}, [], id="flat there, absent here"),
        pytest.param(
            {IBM: 100}, {IBM: "90"}, ["IBM: the record holds 100, the broker 90"], id="ne"
        ),
        pytest.param({IBM: 100}, {}, ["IBM: the record holds 100, the broker 0"], id="not there"),
        pytest.param({}, {IBM: "-5"}, ["IBM: the record holds 0, the broker -5"], id="not here"),
        pytest.param(
            {MSFT: 1, IBM: 2},
            {},
            ["IBM: the record holds 2, the broker 0", "MSFT: the record holds 1, the broker 0"],
            id="in order of symbols",
        ),
    ],
)
def test_holdings_that_differ_are_said_one_by_one(ours, theirs, differences):
    outcome = compare(
        positions=[holding(symbol, qty) for symbol, qty in ours.items()],
        held={Symbol(symbol): Decimal(qty) for symbol, qty in theirs.items()},
    )
    assert len(outcome.differences) == len(differences)
    for said, expected in zip(outcome.differences, differences, strict=True):
        assert said.startswith(expected)
        assert "trading only reduces" in said


ORDERS = st.lists(
    st.tuples(
        st.sampled_from(Custody),
        st.sampled_from([None, OrdStatus.CANCELED, OrdStatus.REJECTED]),
        st.lists(st.sampled_from([trade_report("E1", 40), trade_report("E2", 60)]), max_size=2),
        st.booleans(),
    ),
    max_size=6,
)


@given(ORDERS)
def test_after_the_reports_nothing_is_left_to_reconcile(drawn):
    book, working = {}, []
    for n, (custody, done, fills, is_at_broker) in enumerate(drawn):
        known = numbered(n, custody=custody, done=done)
        for fill in fills:
            known = apply_report(known, msgspec.structs.replace(fill, cl_ord_id=known.cl_ord_id))
        book[known.cl_ord_id] = known
        if is_at_broker:
            working.append(known.cl_ord_id)
    for closing in compare(book.values(), working=working).reports:
        before = book[closing.cl_ord_id]
        book[closing.cl_ord_id] = apply_report(before, closing)
        assert book[closing.cl_ord_id].cum_qty == before.cum_qty
    assert compare(book.values(), working=working).reports == ()
    assert all(known.cl_ord_id in working for known in book.values() if known.is_working)


def test_report_of_the_broker_after_the_closing_still_counts_its_fill():
    sent = order(custody=Custody.SENT)
    [closing] = compare([sent]).reports
    late = apply_report(apply_report(sent, closing), trade_report(qty=40))
    assert (late.ord_status, late.cum_qty) == (OrdStatus.CANCELED, 40)
    assert apply_report(late, report()) is not None
