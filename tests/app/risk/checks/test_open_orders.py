"""Show that neither too many orders nor too much of the account is at work.

Method: tables around both limits; figures that are not known.
"""

from decimal import Decimal

import pytest

from app.domain.decision import Funds
from app.domain.enums import Phase, Side
from app.risk.checks.open_orders import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, blind_picture, new_order, picture

BUY, SELL = Side.BUY, Side.SELL
EVEN = {"bid": "100", "ask": "100", "last_px": "100", "equity": "10000", "phase": Phase.CORE}


def find(order, working="0", **changes):
    value = Decimal(working) if isinstance(working, str) else working
    seen = picture(**{**EVEN, **changes}, funds=Funds(open_value=value))
    return CHECK.check(RiskInput(order=order, instrument=None, picture=seen), Params())


@pytest.mark.parametrize(("before", "passed"), [(48, True), (49, True), (50, False), (99, False)])
@pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
def test_number_is_limited(before, passed, side):
    found = find(new_order(side, 1), open_orders=before)
    assert (found.passed, found.can_confirm) == (passed, False)
    if not passed:
        shown = (f"{before + 1} orders", "50 orders", f"{before + 1} orders would work, limit 50")
        assert (found.value, found.limit, found.text) == shown
        assert found.use == 1.0


@pytest.mark.parametrize(
    ("order", "working", "passed", "value"),
    [
        pytest.param(new_order(BUY, 99, "100"), "0", True, "99 %", id="inside"),
        pytest.param(new_order(BUY, 100, "100"), "0", True, "100 %", id="at the limit"),
        pytest.param(new_order(BUY, 101, "100"), "0", False, "101 %", id="over"),
        pytest.param(new_order(SELL, 101), "0", False, "101 %", id="short over"),
        pytest.param(new_order(BUY, 97), "0", True, "99.91 %", id="market buy, collar too"),
        pytest.param(new_order(BUY, 98), "0", False, "100.94 %", id="market buy over"),
        pytest.param(new_order(BUY, 1, "100"), "9900", True, "100 %", id="working orders count"),
        pytest.param(new_order(BUY, 2, "100"), "9900", False, "101 %", id="working orders, over"),
    ],
)
def test_value_is_limited(order, working, passed, value):
    found = find(order, working)
    assert (found.passed, found.value, found.limit) == (passed, value, "100 %")
    assert not found.can_confirm
    text = f"working orders could cost {value} of equity, limit 100 %"
    assert found.text == ("" if passed else text)


@pytest.mark.parametrize("value", [None, *NOT_NUMBERS], ids=str)
def test_unknown_figure_denies_opening(value):
    for found in (find(new_order(BUY, 1), value), find(new_order(BUY, 1), equity=value)):
        assert (found.passed, found.value, found.can_confirm) == (False, "unknown", False)
        assert found.text == "the value of working orders is not known: a price is missing"


def test_unknown_price_or_quantity_denies_opening():
    assert find(new_order(BUY, 1), ask=None, last_px=None).value == "unknown"
    assert find(new_order(BUY, "NaN")).value == "unknown"


@pytest.mark.parametrize("equity", ["0", "-1"])
def test_account_without_equity_opens_nothing(equity):
    found = find(new_order(BUY, 1), equity=equity)
    assert (found.passed, found.limit) == (False, "> 0")


def test_smallest_equity_opens_what_it_may():
    assert find(new_order(BUY, "0.001", "100"), equity="0.5").passed


def test_closing_passes_however_many_work():
    seen = blind_picture(position_qty="100", open_orders=99)
    given = RiskInput(order=new_order(SELL, 100), instrument=None, picture=seen)
    assert CHECK.check(given, Params()).value == "closing"


def test_use_is_the_larger_share_of_both_limits():
    assert find(new_order(BUY, 1, "100"), open_orders=24).use == 0.5
    assert find(new_order(BUY, 50, "100"), open_orders=9).use == 0.5
    assert find(new_order(BUY, 200, "100")).use == 1.0


def test_limits_are_the_parameters():
    seen = picture(**EVEN, funds=Funds(open_value=Decimal(0)), open_orders=3)
    given = RiskInput(order=new_order(BUY, 11, "100"), instrument=None, picture=seen)
    assert CHECK.check(given, Params(orders_max=3)).limit == "3 orders"
    assert CHECK.check(given, Params(share_max=Decimal("0.1"))).limit == "10 %"
    none = picture(**EVEN, funds=Funds(open_value=Decimal(-1100)))
    given = RiskInput(order=new_order(BUY, 11, "100"), instrument=None, picture=none)
    assert CHECK.check(given, Params(share_max=Decimal(0))).use == 0.02


@pytest.mark.parametrize(
    ("count", "passed", "use"), [(0, True, 0.0), (25, True, 0.5), (50, True, 1.0), (51, False, 1.0)]
)
def test_meter_counts_what_works(count, passed, use):
    seen = picture(open_orders=count)
    given = RiskInput(order=new_order(BUY, 0), instrument=None, picture=seen)
    found = CHECK.meter(given, Params())
    shown = (passed, f"{count} orders", "50 orders", use)
    assert (found.passed, found.value, found.limit, found.use) == shown
    assert found.text == ("" if passed else "51 orders work, limit 50")
    assert not found.can_confirm
