"""Show that positions are the sum of the fills, and money is neither made nor lost in the sums.

Method: a table of openings, closings and flips; laws over drawn fills against cash that flows.
"""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given

from app.domain.enums import Side
from app.domain.position import Position, apply_fill
from app.domain.terms import ZERO
from tests.samples import FILLS, IBM, MSFT, PRICES, fill

FLAT = Position(symbol=IBM)
BUY, SELL = Side.BUY, Side.SELL


def after(*fills, start=FLAT):
    for one in fills:
        start = apply_fill(start, one)
    return start


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


def test_fees_are_kept_apart_from_gains():
    position = after(fill(BUY, 100, 10, "0.35"), fill(SELL, 100, 11, "-0.10"))
    assert (position.realised_pnl, position.fees) == (100, Decimal("0.25"))


@pytest.mark.parametrize(
    ("side", "mark", "gain"), [(BUY, 12, 200), (BUY, 9, -100), (SELL, 12, -200), (SELL, 9, 100)]
)
def test_unrealised_gain_is_what_closing_at_the_mark_would_bring(side, mark, gain):
    assert after(fill(side, 100, 10)).unrealised_pnl(Decimal(mark)) == gain


def test_fill_of_another_symbol_is_our_mistake():
    with pytest.raises(AssertionError):
        apply_fill(FLAT, fill(symbol=MSFT))


@given(FILLS)
def test_position_is_the_signed_sum_of_the_fills(fills):
    assert after(*fills).qty == sum((one.side.sign * one.qty for one in fills), ZERO)


@given(FILLS, PRICES)
def test_gains_are_what_cash_and_holding_say_to_the_last_digit(fills, mark):
    position = after(*fills)
    cash = sum((-one.side.sign * Fraction(one.qty) * Fraction(one.px) for one in fills), Fraction())
    worth = cash + Fraction(position.qty) * Fraction(mark)
    gains = Fraction(position.realised_pnl) + Fraction(position.unrealised_pnl(mark))
    assert gains == worth


@given(FILLS)
def test_cost_has_the_sign_of_the_holding_and_a_flat_one_has_none(fills):
    position = after(*fills)
    assert position.cost.copy_abs() == position.cost * (1 if position.qty > 0 else -1)
    if not position.qty:
        assert position.cost == 0
        assert position.avg_px is None


@given(FILLS)
def test_closing_at_any_step_leaves_the_same_gain_whatever_the_route(fills):
    position = after(*fills)
    if position.qty:
        side = SELL if position.qty > 0 else BUY
        half = abs(position.qty) / 2
        at_once = after(fill(side, half * 2, 7), start=position)
        in_halves = after(fill(side, half, 7), fill(side, half, 7), start=position)
        assert at_once.realised_pnl == in_halves.realised_pnl
        assert at_once.qty == in_halves.qty == 0
