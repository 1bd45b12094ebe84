"""Show what new facts of an order mean for its rows in the trade log.

Method: an order before and after; the rows are those that `fill_of` gives.
"""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import ExecType
from app.domain.fills import FillChange, fill_changes
from app.domain.orders import fill_of
from tests.reported import NEW, PARTIAL, after, bust, correct, fill, said


def rows(order):
    return [fill_of(order, execution) for execution in order.executions]


def test_no_fill_is_no_change():
    assert fill_changes(None, NEW) == ()
    assert fill_changes(NEW, after(NEW, said(ExecType.CANCELED))) == ()
    assert fill_changes(PARTIAL, after(PARTIAL, said(ExecType.CANCELED))) == ()


def test_more_fills_are_added_in_order_of_booking():
    more = after(PARTIAL, fill("E3", 5), fill("E2", 6))
    assert fill_changes(PARTIAL, more) == (
        FillChange(None, rows(more)[1]),
        FillChange(None, rows(more)[2]),
    )
    assert fill_changes(None, PARTIAL) == (FillChange(None, rows(PARTIAL)[0]),)


def test_bust_takes_a_fill_back():
    two = after(PARTIAL, fill("E2", 5))
    assert fill_changes(two, after(two, bust())) == (FillChange(rows(two)[0], None),)
    assert fill_changes(PARTIAL, after(PARTIAL, bust())) == (FillChange(rows(PARTIAL)[0], None),)


def test_correction_takes_its_place():
    two = after(PARTIAL, fill("E2", 5))
    less = after(two, correct(30))
    assert fill_changes(two, less) == (FillChange(rows(two)[0], rows(less)[0]),)
    assert rows(less)[0].key == "E1"


def test_made_up_fill_shrinks_and_the_real_one_is_added():
    guess = after(PARTIAL, fill("S1", 60, at=9, is_synthetic=True))
    known = after(guess, fill("E2", 20))
    assert fill_changes(guess, known) == (
        FillChange(rows(guess)[1], rows(known)[1]),
        FillChange(None, rows(known)[2]),
    )


@given(st.lists(st.sampled_from(["E1", "E2", "E3", "S1", "B", "C"]), unique=True))
def test_changes_add_up_to_what_is_executed(names):
    """Taken off what went and added what came, the sums are those of the order."""
    told = {
        "S1": fill("S1", 50, at=9, is_synthetic=True),
        "B": bust("E1"),
        "C": correct(3, 11, ref="E2"),
    }
    known, qty, paid = NEW, Decimal(0), Decimal(0)
    for name in names:
        before, known = known, after(known, told.get(name) or fill(name, 8))
        for change in fill_changes(before, known):
            for row, sign in ((change.old, -1), (change.new, 1)):
                if row is not None:
                    qty += sign * row.qty
                    paid += sign * row.qty * row.px
    assert qty == known.cum_qty
    assert paid == sum((e.qty * e.px for e in known.executions), Decimal(0))
