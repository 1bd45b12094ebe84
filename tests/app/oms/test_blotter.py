"""Show that the book of orders knows what changed, what works and what was filled.

Method: a few orders put in by hand; a law over drawn changes.
"""

from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import AmendmentWay, Custody, ExecType, OrdStatus, Origin, Side
from app.domain.ids import ClOrdID, ExecID
from app.domain.orders import Amendment
from app.domain.terms import ZERO, Links
from app.domain.transitions import apply_report
from app.oms.blotter import Blotter
from tests.samples import IBM, MSFT, new_order, order, report, trade_report


def numbered(n, **facts):
    return order(cl_ord_id=ClOrdID(f"O{n}"), **facts)


def changed(known, *reports):
    for said in reports:
        known = apply_report(known, said)
    return known


def test_empty_book_holds_nothing():
    view = Blotter().view
    assert (view.version, view.all(), view.working(), view.fill_count) == (0, (), (), 0)
    assert view.get(ClOrdID("O1")) is None
    assert view.changed_since(0) == view.fills_from(0) == []


def test_order_is_replaced_and_keeps_its_place():
    book = Blotter()
    book.put(numbered(1))
    book.put(numbered(2))
    book.put(again := numbered(1, custody=Custody.SENT))
    assert book.view.all() == (again, numbered(2))
    assert book.view.get(ClOrdID("O1")) is again
    assert book.view.version == 3


def test_changes_since_a_version_come_once_each_newest_last():
    book = Blotter()
    for n in (1, 2, 3):
        book.put(numbered(n))
    book.put(first := numbered(1, custody=Custody.SENT))
    assert book.view.changed_since(0) == [numbered(2), numbered(3), first]
    assert book.view.changed_since(2) == [numbered(3), first]
    assert book.view.changed_since(4) == []


def test_put_gives_the_fills_it_did_not_have_before():
    book = Blotter()
    known = order(custody=Custody.SENT)
    assert book.put(known) == ()
    known = changed(known, trade_report("E1", 30), trade_report("E2", 30))
    changes = book.put(known)
    assert [(c.old, c.new.exec_id) for c in changes] == [(None, "E1"), (None, "E2")]
    assert book.put(known) == ()
    known = changed(known, trade_report("E3", 40))
    [change] = book.put(known)
    third = change.new
    assert (third.exec_id, third.qty) == ("E3", 40)
    assert book.view.fill_count == 3
    assert book.view.fills_from(2) == [third]
    assert book.view.fills_from(3) == []


def test_order_that_is_first_seen_with_fills_brings_them():
    book = Blotter()
    assert len(book.put(changed(order(custody=Custody.SENT), trade_report()))) == 1


def test_working_are_those_that_may_still_trade_the_unknown_included():
    book = Blotter()
    sent = numbered(1, custody=Custody.SENT)
    unknown = numbered(2, custody=Custody.UNKNOWN)
    for known in (sent, unknown, numbered(3, done=OrdStatus.REJECTED)):
        book.put(known)
    assert book.view.working() == (sent, unknown)
    book.put(numbered(1, done=OrdStatus.CANCELED))
    assert book.view.working() == (unknown,)


def test_corrected_fill_changes_in_place_and_a_broken_one_leaves_the_list():
    book = Blotter()
    known = changed(order(custody=Custody.SENT), *(trade_report(f"E{n}", n) for n in (1, 2, 3)))
    book.put(known)
    assert book.view.fills_rewritten == 0
    correct = report(
        ExecType.TRADE_CORRECT,
        exec_id=ExecID("E9"),
        exec_ref_id=ExecID("E1"),
        last_qty=Decimal(7),
        last_px=Decimal(100),
    )
    book.put(known := changed(known, correct))
    assert [fill.qty for fill in book.view.fills_from(0)] == [7, 2, 3]
    assert book.view.fills_rewritten == 1
    bust = report(ExecType.TRADE_CANCEL, exec_id=ExecID("E8"), exec_ref_id=ExecID("E2"))
    book.put(known := changed(known, bust))
    assert [fill.qty for fill in book.view.fills_from(0)] == [7, 3]
    assert (book.view.fills_rewritten, book.view.fill_count) == (2, 2)
    again = report(
        ExecType.TRADE_CORRECT,
        exec_id=ExecID("E10"),
        exec_ref_id=ExecID("E3"),
        last_qty=Decimal(4),
        last_px=Decimal(100),
    )
    book.put(changed(known, again))
    assert [fill.qty for fill in book.view.fills_from(0)] == [7, 4]


def test_fills_of_two_orders_with_one_exec_id_are_two():
    book = Blotter()
    for n in (1, 2):
        said = trade_report("E1", 10 * n, cl_ord_id=ClOrdID(f"O{n}"))
        book.put(changed(numbered(n, custody=Custody.SENT), said))
    assert [fill.qty for fill in book.view.fills_from(0)] == [10, 20]


def test_orders_that_hang_together_are_found_in_order_of_entry():
    book = Blotter()
    parent, group = Links(parent=ClOrdID("O1")), "OCO-O1"
    exits = msgspec.structs.replace(parent, oco=group)
    first = numbered(1)
    second, third = numbered(2, links=exits), numbered(3, links=exits)
    fourth = numbered(4, links=Links(replaces=ClOrdID("O1")))
    for known in (first, second, third, fourth):
        book.put(known)
    book.put(second := msgspec.structs.replace(second, custody=Custody.SENT))
    assert book.view.children_of(ClOrdID("O1")) == (second, third, fourth)
    assert book.view.group(group) == (second, third)
    assert book.view.children_of(ClOrdID("O2")) == book.view.group("X") == ()


def test_working_orders_of_a_symbol_are_its_own():
    book = Blotter()
    for n, symbol in enumerate((IBM, MSFT, IBM), start=1):
        book.put(numbered(n, order=new_order(symbol=symbol)))
    assert [o.cl_ord_id for o in book.working_in(IBM)] == ["O1", "O3"]


def test_ended_orders_whose_executions_are_missing_are_kept_until_they_are_heard_of():
    book = Blotter()
    ended = {"custody": Custody.ACKNOWLEDGED, "done": OrdStatus.CANCELED}
    book.put(order(**ended, stated_cum_qty=Decimal(58)))
    assert [one.missing_qty for one in book.owed_in(IBM)] == [58]
    assert (book.working_in(IBM), book.open_symbols()) == ((), (IBM,))
    book.put(order(**ended, stated_cum_qty=Decimal(0)))
    assert (book.owed_in(IBM), book.open_symbols()) == ((), ())


def test_order_is_found_by_the_identity_of_a_replace():
    book = Blotter()
    amendment = Amendment(
        cl_ord_id=ClOrdID("R1"),
        order=new_order(qty=50),
        origin=Origin.MANUAL,
        actor="ada",
        ts_intent_ns=1,
        way=AmendmentWay.NATIVE,
    )
    book.put(known := order(amendments=(amendment,)))
    assert book.get(ClOrdID("R1")) is book.view.get(ClOrdID("R1")) is known


def working_qty(book, symbol, side):
    working = [o for o in book.working() if (o.symbol, o.order.side) == (symbol, side)]
    return sum((o.leaves_qty for o in working), ZERO)


def test_working_quantity_is_what_is_left_of_one_symbol_and_side():
    book = Blotter()
    book.put(changed(order(custody=Custody.SENT), trade_report(qty=40)))
    book.put(numbered(2, order=new_order(qty=25), custody=Custody.UNKNOWN))
    book.put(numbered(3, order=new_order(Side.SELL, 10)))
    book.put(numbered(4, order=new_order(qty=7, symbol=MSFT)))
    book.put(numbered(5, order=new_order(qty=99), done=OrdStatus.CANCELED))
    assert working_qty(book, IBM, Side.BUY) == 85
    assert working_qty(book, IBM, Side.SELL) == 10
    assert working_qty(book, MSFT, Side.SELL) == ZERO


REPORTS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(
            [report(), report(ExecType.CANCELED)] + [trade_report(f"E{n}", 30) for n in range(4)]
        ),
    ),
    max_size=25,
)


@given(REPORTS)
def test_book_is_the_orders_and_their_fills_whatever_happens(drawn):
    book, model = Blotter(), {}
    for n in range(4):
        model[n] = order(cl_ord_id=ClOrdID(f"O{n}"), custody=Custody.SENT)
        book.put(model[n])
    seen = book.version
    for n, said in drawn:
        about = msgspec.structs.replace(said, cl_ord_id=model[n].cl_ord_id)
        after = apply_report(model[n], about)
        if after is not model[n]:
            model[n] = after
            book.put(after)
        assert book.view.changed_since(seen) == ([] if book.version == seen else [after])
        seen = book.version
    assert book.view.all() == tuple(model.values())
    assert set(book.view.working()) == {known for known in model.values() if known.is_working}
    executions = [execution for known in model.values() for execution in known.executions]
    assert book.view.fill_count == len(executions)
    assert working_qty(book, IBM, Side.BUY) == sum((o.leaves_qty for o in model.values()), ZERO)
