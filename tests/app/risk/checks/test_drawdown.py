"""Show that an account that has fallen too far opens nothing more, and closes freely.

Method: a table around the limit for orders and for the meter; figures that are not known.
"""

from decimal import Decimal

import pytest

from app.domain.decision import Funds
from app.domain.enums import Side
from app.risk.checks.base import OnBreach
from app.risk.checks.drawdown import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, blind_picture, new_order, picture

BUY, SELL = Side.BUY, Side.SELL
LEVELS = [
    pytest.param("120000", True, "0 %", id="higher than ever"),
    pytest.param("100000", True, "0 %", id="at the peak"),
    pytest.param("95010", True, "4.99 %", id="inside"),
    pytest.param("95000", False, "5 %", id="at the limit"),
    pytest.param("94990", False, "5.01 %", id="over"),
    pytest.param("-100", False, "100.10 %", id="all and more"),
]


def given_of(order, equity, before="100000", **changes):
    before = Decimal(before) if isinstance(before, str) else before
    seen = picture(**changes, equity=equity, funds=Funds(peak_equity=before))
    return RiskInput(order=order, instrument=None, picture=seen)


def find(order, equity, before="100000", **changes):
    return CHECK.check(given_of(order, equity, before, **changes), Params())


@pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
@pytest.mark.parametrize(("equity", "passed", "value"), LEVELS)
def test_nothing_is_opened_from_the_limit_on(side, equity, passed, value):
    found = find(new_order(side, 1), equity)
    assert (found.passed, found.value, found.limit) == (passed, value, "5 %")
    assert found.text == (
        "" if passed else f"equity is {value} below the week's peak of 100,000.00 USD, limit 5 %"
    )
    assert not found.can_confirm


@pytest.mark.parametrize(("equity", "passed", "value"), LEVELS)
def test_meter_finds_the_same_without_an_order(equity, passed, value):
    found = CHECK.meter(given_of(new_order(BUY, 0), equity), Params())
    assert (found.passed, found.value, found.limit) == (passed, value, "5 %")


@pytest.mark.parametrize("value", [None, *NOT_NUMBERS], ids=str)
def test_what_is_not_known_denies_opening_and_is_no_breach(value):
    for equity, before in ((value, "100000"), ("100000", value)):
        found = find(new_order(BUY, 1), equity, before)
        assert not found.can_confirm
        assert (found.passed, found.value, found.limit) == (False, "unknown", "5 %")
        assert found.text == "the drawdown is not known: equity is not"
        read = CHECK.meter(given_of(new_order(BUY, 0), equity, before), Params())
        assert (read.passed, read.value, read.limit) == (True, "unknown", "5 %")


@pytest.mark.parametrize("before", ["0", "-1"])
def test_account_that_began_with_nothing_opens_nothing(before):
    found = find(new_order(BUY, 1), "100000", before)
    assert (found.passed, found.limit) == (False, "> 0")


@pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
def test_closing_passes_whatever_was_lost(side):
    order, held = new_order(side, 100), str(-100 * side.sign)
    assert find(order, "1", position_qty=held).value == "closing"
    dark = RiskInput(order=order, instrument=None, picture=blind_picture(position_qty=held))
    assert CHECK.check(dark, Params()).passed


def test_order_that_turns_round_opens():
    assert not find(new_order(SELL, 101), "1", position_qty="100").passed


def test_use_is_the_share_of_the_limit():
    assert find(new_order(BUY, 1), "97500").use == 0.5
    assert find(new_order(BUY, 1), "120000").use == 0.0
    assert find(new_order(BUY, 1), "1").use == 1.0


def test_smallest_equity_opens_what_it_may():
    assert find(new_order(BUY, 1), "0.5", "0.5").passed


def test_limit_is_the_parameter():
    found = CHECK.check(given_of(new_order(BUY, 1), "99000"), Params(drawdown_max=Decimal("0.01")))
    assert (found.passed, found.limit) == (False, "1 %")


def test_breach_lets_trading_only_reduce():
    assert CHECK.on_breach is OnBreach.REDUCE
