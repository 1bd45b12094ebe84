"""Show that nothing is sold short that cannot be borrowed, and nothing by accident.

Method: a table of holdings, working orders, accounts and instruments.
"""

import pytest

from app.domain.decision import Funds
from app.domain.enums import MarginRegime, Side
from app.risk.checks.short_sale import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, blind_picture, instrument, new_order, picture

BUY, SELL = Side.BUY, Side.SELL
EASY, HARD, UNSAID = (instrument(is_shortable=word) for word in (True, False, None))
LENDING = [regime for regime in MarginRegime if regime is not MarginRegime.CASH]


def find(order, known=EASY, regime=MarginRegime.REG_T, **changes):
    seen = picture(funds=Funds(regime=regime), **changes)
    return CHECK.check(RiskInput(order=order, instrument=known, picture=seen), Params())


@pytest.mark.parametrize(
    ("known", "passed", "value"),
    [
        pytest.param(EASY, True, "easy to borrow", id="easy"),
        pytest.param(HARD, False, "hard to borrow", id="hard"),
        pytest.param(UNSAID, False, "unknown", id="not said"),
        pytest.param(None, False, "unknown", id="not listed"),
    ],
)
@pytest.mark.parametrize("regime", LENDING)
@pytest.mark.parametrize(
    "changes",
    [{}, {"position_qty": "-100"}, {"position_qty": "100", "working_sell_qty": "100"}],
    ids=["flat", "short", "all of it being sold"],
)
def test_short_sale_needs_shares_to_borrow(known, passed, value, regime, changes):
    found = find(new_order(SELL, 100), known, regime, **changes)
    assert (found.passed, found.value, found.limit) == (passed, value, "easy to borrow")
    text = f"IBM cannot be sold short: {value}, must be easy to borrow"
    assert found.text == ("" if passed else text)
    assert not found.can_confirm


@pytest.mark.parametrize(
    ("qty", "changes", "held"),
    [
        pytest.param(101, {"position_qty": "100"}, "100", id="one share too many"),
        pytest.param(2, {"position_qty": "1"}, "1", id="of the smallest holding"),
        pytest.param(
            100, {"position_qty": "100", "working_sell_qty": "40"}, "60", id="after working sells"
        ),
    ],
)
def test_one_order_never_sells_a_holding_and_short(qty, changes, held):
    found = find(new_order(SELL, qty), **changes)
    assert (found.passed, found.value, found.limit) == (False, f"{qty}", held)
    assert not found.can_confirm
    assert found.text == (
        f"{qty} sold of {held} that are held would be long and short in one order: "
        f"sell {held}, then the rest short"
    )


@pytest.mark.parametrize("regime", MarginRegime)
@pytest.mark.parametrize("qty", [1, 100])
def test_sale_of_a_holding_needs_nothing(regime, qty):
    found = find(new_order(SELL, qty), None, regime, position_qty="100")
    assert (found.passed, found.value) == (True, "closing")


@pytest.mark.parametrize("position", ["0", "-100", "100"])
def test_buy_needs_nothing(position):
    found = find(new_order(BUY, 300), HARD, MarginRegime.CASH, position_qty=position)
    assert (found.passed, found.value) == (True, "buy")


@pytest.mark.parametrize(
    ("position", "qty", "short"), [("0", 100, "100"), ("100", 150, "50"), ("-50", 10, "10")]
)
def test_cash_account_sells_nothing_short(position, qty, short):
    found = find(new_order(SELL, qty), EASY, MarginRegime.CASH, position_qty=position)
    assert (found.passed, found.value, found.limit) == (False, "cash account", "margin account")
    assert not found.can_confirm
    assert found.text == f"a cash account cannot sell {short} IBM short"


@pytest.mark.parametrize("qty", [*NOT_NUMBERS, 0, -1], ids=str)
def test_quantity_that_is_none_is_refused(qty):
    found = find(new_order(SELL, qty), position_qty="100")
    assert (found.passed, found.value, found.can_confirm) == (False, "unknown", False)
    assert found.text.startswith("what is sold short is not known: ")


def test_no_price_is_needed():
    given = RiskInput(order=new_order(SELL), instrument=EASY, picture=blind_picture())
    assert CHECK.check(given, Params()).passed
