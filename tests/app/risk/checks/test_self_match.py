"""Show that no order meets an own one.

Method: tables of orders around an own price on both sides; own orders without a limit; orders
without a price.
"""

from decimal import Decimal

import pytest

from app.domain.enums import OrdType, Phase, Side
from app.risk.checks.self_match import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, blind_picture, new_order, picture

BUY, SELL = Side.BUY, Side.SELL
EVEN = {"bid": "100", "ask": "100", "last_px": "100", "phase": Phase.CORE}


def check(order, seen):
    return CHECK.check(RiskInput(order=order, instrument=None, picture=seen), Params())


def find(order, **changes):
    return check(order, picture(**{**EVEN, **changes}))


@pytest.mark.parametrize(
    ("order", "changes", "passed", "value", "limit"),
    [
        pytest.param(new_order(BUY, 1, "100"), {}, True, "none", "none", id="no own orders"),
        pytest.param(
            new_order(BUY, 1, "100.99"), {"own_ask": "101"}, True, "100.99", "< 101", id="buy below"
        ),
        pytest.param(
            new_order(BUY, 1, "101"), {"own_ask": "101"}, False, "101", "< 101", id="buy at it"
        ),
        pytest.param(
            new_order(BUY, 1, "102"), {"own_ask": "101"}, False, "102", "< 101", id="buy through"
        ),
        pytest.param(
            new_order(SELL, 1, "99.01"), {"own_bid": "99"}, True, "99.01", "> 99", id="sell above"
        ),
        pytest.param(
            new_order(SELL, 1, "99"), {"own_bid": "99"}, False, "99", "> 99", id="sell at it"
        ),
        pytest.param(
            new_order(SELL, 1, "98"), {"own_bid": "99"}, False, "98", "> 99", id="sell through"
        ),
        pytest.param(
            new_order(BUY, 1, "102"), {"own_bid": "101"}, True, "none", "none", id="own buys aside"
        ),
        pytest.param(
            new_order(SELL, 1, "98"), {"own_ask": "99"}, True, "none", "none", id="own sells aside"
        ),
        pytest.param(
            new_order(BUY, 1), {"own_ask": "103.01"}, True, "103.00", "< 103.01", id="market buy"
        ),
        pytest.param(
            new_order(BUY, 1),
            {"own_ask": "103"},
            False,
            "103.00",
            "< 103",
            id="market buy within the collar",
        ),
        pytest.param(
            new_order(SELL, 1), {"own_bid": "96.99"}, True, "97.00", "> 96.99", id="market sell"
        ),
        pytest.param(
            new_order(SELL, 1),
            {"own_bid": "97"},
            False,
            "97.00",
            "> 97",
            id="market sell within the collar",
        ),
        pytest.param(
            new_order(BUY, 1),
            {"ask": None, "own_ask": "103"},
            False,
            "103.00",
            "< 103",
            id="last price where there is no quote",
        ),
    ],
)
def test_order_reaches_no_own_price(order, changes, passed, value, limit):
    found = find(order, **changes)
    assert (found.passed, found.value, found.limit) == (passed, value, limit)
    assert not found.can_confirm
    other = "sell" if order.side is BUY else "buy"
    text = f"the order reaches {value} and an own {other} of IBM works at {limit[2:]}"
    assert found.text == ("" if passed else text)


@pytest.mark.parametrize(
    ("side", "has", "passed"),
    [
        (BUY, (False, True), False),
        (BUY, (True, False), True),
        (SELL, (True, False), False),
        (SELL, (False, True), True),
    ],
)
@pytest.mark.parametrize("limit", [None, "50", "150"])
def test_own_market_order_is_met_at_any_price(side, has, passed, limit):
    found = find(new_order(side, 1, limit), has_own_market=has)
    assert found.passed is passed
    if not passed:
        other = "sell" if side is BUY else "buy"
        assert (found.value, found.limit, found.can_confirm) == ("market", "none", False)
        assert found.text == f"an own {other} of IBM works at the market: this order would meet it"


@pytest.mark.parametrize(
    ("order", "other"),
    [
        (new_order(BUY, 1), "sell"),
        (new_order(SELL, 1), "buy"),
        *[(new_order(BUY, 1, px), "sell") for px in NOT_NUMBERS],
    ],
    ids=str,
)
def test_order_that_nothing_bounds_would_meet_every_own_one(order, other):
    found = check(order, blind_picture(own_bid="1", own_ask="9999"))
    own = "9999" if other == "sell" else "1"
    assert (found.passed, found.value, found.can_confirm) == (False, "unknown", False)
    assert found.text == f"an own {other} of IBM works at {own}: this order would meet it"


@pytest.mark.parametrize("ord_type", [OrdType.STOP, OrdType.STOP_LIMIT])
@pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
def test_stop_reaches_nothing_before_it_is_set_off(side, ord_type):
    order = new_order(side, 1, "100", ord_type=ord_type, stop_px=Decimal(100))
    found = find(order, own_bid="100", own_ask="100", has_own_market=(True, True))
    assert (found.passed, found.value) == (True, "stop")


def test_exit_is_refused_too():
    assert not find(new_order(SELL, 100, "99"), own_bid="99", position_qty="100").passed
