"""Show that cash and positions are the exact sum of the fills booked.

Method: known fills; laws over drawn ones.
"""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given

from app.domain.enums import Side
from app.domain.position import Position
from app.domain.terms import ZERO
from app.portfolio.ledger import Ledger
from tests.samples import FILLS, IBM, MSFT, fill


def booked(*fills, cash=100_000):
    ledger = Ledger(Decimal(cash))
    for one in fills:
        ledger.book(one)
    return ledger


def test_new_account_holds_its_cash_and_nothing_else():
    view = booked().view
    assert (view.cash, view.opening_cash, view.version, view.all()) == (100_000, 100_000, 0, ())
    assert view.get(IBM) == Position(symbol=IBM)
    assert view.all() == ()


def test_buying_takes_cash_and_selling_brings_it_less_fees():
    view = booked(fill(Side.BUY, 100, 10, "0.35"), fill(Side.SELL, 40, 11, "0.15")).view
    assert view.cash == 100_000 - 1000 + 440 - Decimal("0.50")
    assert view.opening_cash == 100_000
    assert view.get(IBM).qty == 60


def test_symbols_do_not_mix_and_stay_in_order_of_their_first_fill():
    view = booked(fill(symbol=MSFT), fill(), fill(Side.SELL, symbol=MSFT)).view
    assert [(position.symbol, position.qty) for position in view.all()] == [(MSFT, 0), (IBM, 100)]


def test_version_moves_with_every_fill():
    ledger = booked()
    for n in range(1, 4):
        ledger.book(fill())
        assert ledger.view.version == n


@given(FILLS)
def test_cash_is_the_sum_of_what_was_paid_to_the_last_digit(fills):
    flows = sum(
        (
            -one.side.sign * Fraction(one.qty) * Fraction(one.px) - Fraction(one.fee)
            for one in fills
        ),
        Fraction(),
    )
    assert Fraction(booked(*fills).cash) == 100_000 + flows


@given(FILLS)
def test_cash_and_holding_at_any_mark_are_opening_cash_and_gains(fills):
    view, mark = booked(*fills).view, Decimal("123.4567")
    position = view.get(IBM)
    worth = view.cash + position.qty * mark
    gains = position.realised_pnl + position.unrealised_pnl(mark) - position.fees
    assert worth == view.opening_cash + gains


@given(FILLS)
def test_closing_everything_turns_all_gains_into_cash(fills):
    ledger = booked(*fills)
    open_qty = ledger.view.get(IBM).qty
    if open_qty:
        side = Side.SELL if open_qty > 0 else Side.BUY
        ledger.book(fill(side, abs(open_qty), 50))
    position = ledger.view.get(IBM)
    assert position.qty == position.cost == ZERO
    assert ledger.cash == ledger.opening_cash + position.realised_pnl - position.fees
