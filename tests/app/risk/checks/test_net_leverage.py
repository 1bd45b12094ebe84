"""Show that the account cannot lean too far to one side, and that a hedge is never held up.

Method: a table around the limit on both sides; figures that are not known.
"""

from decimal import Decimal

import pytest

from app.domain.decision import Funds
from app.domain.enums import Phase, Side
from app.risk.checks.net_leverage import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, blind_picture, new_order, picture

BUY, SELL = Side.BUY, Side.SELL
EVEN = {"bid": "100", "ask": "100", "last_px": "100", "equity": "10000", "phase": Phase.CORE}


def seen(net="0", **changes):
    net = Decimal(net) if isinstance(net, str) else net
    return picture(**{**EVEN, **changes}, funds=Funds(net_exposure=net))


def find(order, net="0", **changes):
    given = RiskInput(order=order, instrument=None, picture=seen(net, **changes))
    return CHECK.check(given, Params())


@pytest.mark.parametrize(
    ("order", "net", "changes", "passed", "value"),
    [
        pytest.param(new_order(BUY, 199, "100"), "0", {}, True, "1.99x", id="long inside"),
        pytest.param(new_order(BUY, 200, "100"), "0", {}, True, "2.00x", id="long at the limit"),
        pytest.param(new_order(BUY, 201, "100"), "0", {}, False, "2.01x", id="long over"),
        pytest.param(new_order(SELL, 200), "0", {}, True, "-2.00x", id="short at the limit"),
        pytest.param(new_order(SELL, 201), "0", {}, False, "-2.01x", id="short over"),
        pytest.param(new_order(BUY, 194), "0", {}, True, "2.00x", id="market buy, collar too"),
        pytest.param(new_order(BUY, 195), "0", {}, False, "2.01x", id="market buy over"),
        pytest.param(new_order(BUY, 101, "100"), "10000", {}, False, "2.01x", id="held long"),
        pytest.param(new_order(SELL, 101), "-10000", {}, False, "-2.01x", id="held short"),
        pytest.param(new_order(BUY, 300, "100"), "-10000", {}, True, "2.00x", id="turned long"),
        pytest.param(
            new_order(BUY, 101, "100"), "0", {"working_buy_qty": "100"}, False, "2.01x", id="buys"
        ),
        pytest.param(
            new_order(SELL, 101), "0", {"working_sell_qty": "100"}, False, "-2.01x", id="sells"
        ),
        pytest.param(
            new_order(BUY, 200, "100"), "0", {"working_sell_qty": "100"}, True, "2.00x", id="aside"
        ),
        pytest.param(new_order(SELL, 10), "90000", {}, True, "8.90x", id="hedge of far too long"),
        pytest.param(
            new_order(BUY, 10, "100"), "-90000", {}, True, "-8.90x", id="hedge of far too short"
        ),
    ],
)
def test_net_over_equity_is_limited_on_the_side_of_the_order(order, net, changes, passed, value):
    found = find(order, net, **changes)
    assert (found.passed, found.value, found.limit) == (passed, value, "2x")
    assert found.text == ("" if passed else f"net leverage comes to {value}, limit 2x")
    assert not found.can_confirm


@pytest.mark.parametrize("value", [None, *NOT_NUMBERS], ids=str)
def test_unknown_net_or_equity_denies_opening(value):
    for found in (find(new_order(BUY, 1), value), find(new_order(BUY, 1), equity=value)):
        assert (found.passed, found.value, found.limit) == (False, "unknown", "2x")
        assert found.text == "net leverage is not known: a price is missing"
        assert not found.can_confirm


@pytest.mark.parametrize("qty", [*NOT_NUMBERS, 0], ids=str)
def test_quantity_that_is_none_is_refused(qty):
    assert find(new_order(BUY, qty)).value == "unknown"


def test_unknown_price_denies_opening():
    assert not find(new_order(BUY, 1), ask=None, last_px=None).passed


@pytest.mark.parametrize("equity", ["0", "-1"])
def test_account_without_equity_opens_nothing(equity):
    found = find(new_order(BUY, 1), equity=equity)
    assert (found.passed, found.limit) == (False, "> 0")


def test_closing_passes_in_the_dark():
    dark = blind_picture(position_qty="100")
    given = RiskInput(order=new_order(SELL, 100), instrument=None, picture=dark)
    assert CHECK.check(given, Params()).value == "closing"


def test_use_is_the_share_of_the_limit_on_the_side_of_the_order():
    assert find(new_order(BUY, 50, "100")).use == 0.25
    assert find(new_order(BUY, 500, "100")).use == 1.0
    assert find(new_order(BUY, "0.001", "100"), equity="0.5").passed
    assert find(new_order(SELL, 50)).use == 0.25
    assert find(new_order(SELL, 50), "10000").use == 0.0


@pytest.mark.parametrize(
    ("net", "equity", "passed", "value"),
    [
        ("20000", "10000", True, "2.00x"),
        ("20100", "10000", False, "2.01x"),
        ("-20000", "10000", True, "-2.00x"),
        ("-20100", "10000", False, "-2.01x"),
        (None, "10000", True, "unknown"),
        ("1", None, True, "unknown"),
    ],
)
def test_meter_reads_the_account_either_way(net, equity, passed, value):
    given = RiskInput(order=new_order(BUY, 0), instrument=None, picture=seen(net, equity=equity))
    found = CHECK.meter(given, Params())
    assert (found.passed, found.value, found.limit) == (passed, value, "2x")
