"""Show that positions are the sum of the fills, and money is neither made nor lost in the sums.

Method: a table of openings, closings and flips; laws over drawn fills against cash that flows, by
every method of choosing lots.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.corporate import QTY_STEP, Split
from app.domain.enums import Side
from app.domain.errors import BadInput
from app.domain.lots import Lot, LotMethod, lot_of, match_lots
from app.domain.position import (
    Booked,
    Position,
    PositionAdjustment,
    adjustment_lot,
    apply_fill,
    book_trade,
    split_position,
)
from app.domain.terms import ZERO
from tests.samples import IBM, MSFT, NOT_NUMBERS, NOW_NS, PRICES, TRADES, fill, is_value

FLAT = Position(symbol=IBM)
BUY, SELL = Side.BUY, Side.SELL


METHODS = st.sampled_from(LotMethod)


def after(*fills, start=FLAT, method=LotMethod.FIFO):
    for one in fills:
        start = apply_fill(start, one, method=method)
    return start


def adjustment(qty="5", px="10", **changes):
    return PositionAdjustment(
        adjustment_id="A1",
        symbol=IBM,
        qty=Decimal(qty),
        px=Decimal(px),
        ts_ns=NOW_NS,
        **changes,
    )


@pytest.mark.parametrize(
    ("fills", "qty", "avg_px", "realised"),
    [
        pytest.param([], 0, None, 0, id="flat"),
        pytest.param([(BUY, 100, 10)], 100, 10, 0, id="open long"),
        pytest.param([(SELL, 100, 10)], -100, 10, 0, id="open short"),
        pytest.param([(BUY, 100, 10), (BUY, 300, 14)], 400, 13, 0, id="add to long"),
        pytest.param([(SELL, 100, 10), (SELL, 300, 14)], -400, 13, 0, id="add to short"),
        pytest.param([(BUY, 100, 10), (SELL, 40, 12)], 60, 10, 80, id="close part of long"),
        pytest.param([(SELL, 100, 10), (BUY, 40, 12)], -60, 10, -80, id="close part of short"),
        pytest.param([(BUY, 100, 10), (SELL, 100, 9)], 0, None, -100, id="close long"),
        pytest.param([(SELL, 100, 10), (BUY, 100, 9)], 0, None, 100, id="close short"),
        pytest.param(
            [(BUY, 100, 10), (BUY, 100, 14), (SELL, 100, 12)], 100, 14, 200, id="oldest goes first"
        ),
        pytest.param([(BUY, 100, 10), (SELL, 150, 12)], -50, 12, 200, id="flip to short"),
        pytest.param([(SELL, 100, 10), (BUY, 150, 12)], 50, 12, -200, id="flip to long"),
        pytest.param(
            [(BUY, 1, 10), (BUY, 2, 11), (SELL, 3, 12)], 0, None, 4, id="thirds leave nothing"
        ),
    ],
)
def test_position_follows_the_fills(fills, qty, avg_px, realised):
    position = after(*(fill(*one) for one in fills))
    assert (position.qty, position.avg_px, position.realised_pnl) == (qty, avg_px, realised)
    assert position.cost == qty * (avg_px or 0)


def test_cost_of_thirds_is_exact():
    position = after(fill(BUY, 3, "0.01"), fill(SELL, 1, 1))
    assert (position.cost, position.realised_pnl) == (Decimal("0.02"), Decimal("0.99"))


def test_fees_are_kept_apart_from_gains():
    position = after(fill(BUY, 100, 10, "0.35"), fill(SELL, 100, 11, "-0.10"))
    assert (position.realised_pnl, position.fees) == (100, Decimal("0.25"))
    assert position.realised_pnl_after_fees == Decimal("99.75")
    assert position.open_fees == 0


@pytest.mark.parametrize("side", Side)
def test_fee_of_what_is_open_is_not_realised_yet(side):
    other = SELL if side is BUY else BUY
    position = after(fill(side, 100, 10, "0.40"), fill(other, 25, 10, "0.05"))
    assert position.fees == Decimal("0.45")
    assert position.open_fees == Decimal("0.30")
    assert position.realised_pnl_after_fees == Decimal("-0.15")
    assert position.unrealised_pnl_after_fees(Decimal(10)) == Decimal("-0.30")


def test_fee_of_a_flip_goes_with_what_it_closes_and_opens():
    position = after(fill(BUY, 100, 10, "0.10"), fill(SELL, 400, 10, "0.40"))
    assert (position.open_fees, position.fees) == (Decimal("0.30"), Decimal("0.50"))


@pytest.mark.parametrize("fills", [[], [(BUY, 5, 9)]], ids=["flat", "long"])
def test_fee_of_a_fill_of_nothing_is_realised_at_once(fills):
    position = after(*(fill(*one) for one in fills), fill(SELL, 0, 10, "0.40"))
    assert (position.fees, position.open_fees) == (Decimal("0.40"), 0)
    assert position.realised_pnl_after_fees == Decimal("-0.40")


@pytest.mark.parametrize(
    ("side", "mark", "gain"), [(BUY, 12, 200), (BUY, 9, -100), (SELL, 12, -200), (SELL, 9, 100)]
)
def test_unrealised_gain_is_what_closing_at_the_mark_would_bring(side, mark, gain):
    assert after(fill(side, 100, 10)).unrealised_pnl(Decimal(mark)) == gain


def test_position_holds_its_lots_oldest_first():
    fills = fill(BUY, 3, 10, "0.3", exec_id="E1"), fill(BUY, 5, 11, "0.5", exec_id="E2")
    position = after(*fills, fill(SELL, 1, 12, exec_id="E3"))
    assert position.lots == (
        Lot(exec_id="E1", qty=Decimal(2), px=Decimal(10), fee=Decimal("0.2"), ts_open_ns=NOW_NS),
        Lot(exec_id="E2", qty=Decimal(5), px=Decimal(11), fee=Decimal("0.5"), ts_open_ns=NOW_NS),
    )


def test_lots_can_be_picked_by_hand():
    start = after(fill(BUY, 3, 10, exec_id="E1"), fill(BUY, 3, 11, exec_id="E2"))
    sold = fill(SELL, 2, 12, exec_id="E3")
    position = apply_fill(start, sold, method=LotMethod.SPECIFIC, picks=(("E2", Decimal(2)),))
    assert position.realised_pnl == 2
    assert [(lot.exec_id, lot.qty) for lot in position.lots] == [("E1", 3), ("E2", 1)]
    with pytest.raises(BadInput, match="lot E4 is not open when E3 trades"):
        apply_fill(start, sold, picks=(("E4", Decimal(2)),))


def test_booking_returns_the_pieces_that_were_closed():
    start, sold = after(fill(BUY, 3, 10)), lot_of(fill(SELL, 2, 12))
    booked = book_trade(start, sold)
    assert booked.closed == match_lots(start.lots, sold).closed
    assert booked.position == after(fill(SELL, 2, 12), start=start)


def test_fill_of_another_symbol_is_our_mistake():
    with pytest.raises(AssertionError, match="MSFT"):
        apply_fill(FLAT, fill(symbol=MSFT))


@pytest.mark.parametrize("qty", [5, 0])
def test_position_whose_lots_are_not_known_cannot_be_traded(qty):
    lots = () if qty else after(fill()).lots
    with pytest.raises(AssertionError, match="Position"):
        apply_fill(Position(symbol=IBM, qty=Decimal(qty), lots=lots), fill())


@pytest.mark.parametrize("qty", ["5", "-5"])
@pytest.mark.parametrize("px", ["10", "0", "-1"])
def test_adjustment_is_the_lot_it_would_open(qty, px):
    assert adjustment_lot(adjustment(qty, px, text="found")) == Lot(
        exec_id="A1", qty=Decimal(qty), px=Decimal(px), fee=ZERO, ts_open_ns=NOW_NS
    )


def test_adjustment_comes_back_from_the_record_as_it_was():
    row = adjustment("-0.10")
    assert row.text == ""
    assert msgspec.json.decode(msgspec.json.encode(row), type=PositionAdjustment) == row


@pytest.mark.parametrize("kind", [Booked, Position, PositionAdjustment])
def test_value_cannot_be_changed_and_names_its_fields(kind):
    assert is_value(kind)


@pytest.mark.parametrize("figure", NOT_NUMBERS, ids=str)
@pytest.mark.parametrize(("name", "word"), [("qty", "quantity"), ("px", "price")])
def test_adjustment_by_what_is_no_number_is_refused(name, word, figure):
    with pytest.raises(BadInput) as refused:
        adjustment_lot(adjustment(**{name: figure}))
    assert str(refused.value) == f"the {word} of adjustment A1 is {figure}; not booked"


@pytest.mark.parametrize("qty", ["0", "-0", "0.00"])
def test_adjustment_of_nothing_is_refused(qty):
    with pytest.raises(BadInput) as refused:
        adjustment_lot(adjustment(qty))
    assert str(refused.value) == "adjustment A1 is of 0 shares; not booked"


@given(TRADES, METHODS)
def test_position_is_the_signed_sum_of_the_fills(fills, method):
    assert after(*fills, method=method).qty == sum((one.side.sign * one.qty for one in fills), ZERO)


@given(TRADES, METHODS)
def test_figures_are_the_sums_over_the_lots(fills, method):
    position = after(*fills, method=method)
    assert position.qty == sum((lot.qty for lot in position.lots), ZERO)
    assert position.cost == sum((lot.cost for lot in position.lots), ZERO)
    assert position.open_fees == sum((lot.fee for lot in position.lots), ZERO)
    assert position.fees == sum((one.fee for one in fills), ZERO)


@given(TRADES, PRICES, METHODS)
def test_gains_are_what_cash_and_holding_say_to_the_last_digit(fills, mark, method):
    position = after(*fills, method=method)
    cash = sum((-one.side.sign * Fraction(one.qty) * Fraction(one.px) for one in fills), Fraction())
    worth = cash + Fraction(position.qty) * Fraction(mark)
    gains = Fraction(position.realised_pnl) + Fraction(position.unrealised_pnl(mark))
    assert gains == worth
    after_fees = Fraction(position.realised_pnl_after_fees)
    after_fees += Fraction(position.unrealised_pnl_after_fees(mark))
    assert after_fees == worth - Fraction(position.fees)


@given(TRADES)
def test_methods_differ_in_when_a_gain_is_realised_and_in_nothing_else(fills):
    held = [after(*fills, method=method) for method in LotMethod]
    assert len({(p.qty, p.fees, p.cost - p.realised_pnl) for p in held}) == 1
    assert held[0] == held[3]


@given(TRADES)
def test_cost_has_the_sign_of_the_holding_and_a_flat_one_has_none(fills):
    position = after(*fills)
    assert position.cost.copy_abs() == position.cost * (1 if position.qty > 0 else -1)
    if not position.qty:
        assert position.cost == position.open_fees == 0
        assert position.avg_px is None
        assert position.lots == ()


@given(TRADES, METHODS)
def test_closing_at_any_step_leaves_the_same_gain_whatever_the_route(fills, method):
    position = after(*fills)
    if position.qty:
        side = SELL if position.qty > 0 else BUY
        half = abs(position.qty) / 2
        at_once = after(fill(side, half * 2, 7), start=position, method=method)
        in_halves = after(fill(side, half, 7), fill(side, half, 7), start=position, method=method)
        assert at_once == in_halves
        assert at_once.qty == 0
        assert at_once.realised_pnl_after_fees == at_once.realised_pnl - at_once.fees


def test_price_of_many_digits_leaves_no_trace_when_all_is_closed():
    px = Decimal("0.3333333333333333333333333333")
    qty = Decimal("1234567.123456789")
    position = after(fill(BUY, qty, px), fill(BUY, 1, px), fill(SELL, qty + 1, px))
    assert (position.qty, position.cost, position.realised_pnl) == (0, 0, 0)


# Splits


SPLITS = [(2, 1), (3, 2), (10, 1), (1, 10), (1, 30), (7, 3)]


def split(new, old):
    return Split(symbol=IBM, ex_date=date(2026, 6, 1), new=new, old=old)


def test_two_for_one_halves_the_price_of_each_lot_and_keeps_its_age():
    first, second = fill(BUY, 100, 10), fill(BUY, 50, 13)
    halved = split_position(after(first, second), split(2, 1))
    assert [(lot.exec_id, lot.qty, lot.px) for lot in halved.lots] == [
        (first.exec_id, 200, 5),
        (second.exec_id, 100, Decimal("6.5")),
    ]
    assert (halved.qty, halved.cost, halved.realised_pnl) == (300, 1650, 0)


def test_lot_too_small_for_a_share_step_is_lost_with_its_cost():
    bits = after(fill(BUY, QTY_STEP, 10), fill(BUY, 10, 10))
    [lot] = split_position(bits, split(1, 10)).lots
    assert (lot.qty, lot.px) == (1, 100)


@given(TRADES, METHODS, st.sampled_from(SPLITS))
def test_split_makes_no_money_and_its_lots_are_the_holding(fills, method, ratio):
    before = after(*fills, method=method)
    split_up = split(*ratio)
    position = split_position(before, split_up)
    assert position.qty == split_up.scale(before.qty) == sum(lot.qty for lot in position.lots)
    assert all(lot.qty * position.qty > 0 for lot in position.lots)
    assert position.cost - position.realised_pnl == before.cost - before.realised_pnl
    assert position.cost == sum(lot.cost for lot in position.lots)
    if position.qty:
        assert abs(position.realised_pnl - before.realised_pnl) < Decimal("0.01")
