"""Show that a stop on the wrong side of the market is asked about.

Method: a table around bid and ask, buys and sells.
"""

from decimal import Decimal

import pytest

from app.domain.enums import OrdType, Side
from app.risk.checks.stop_side import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, blind_picture, new_order, picture

BUY, SELL = Side.BUY, Side.SELL
MARKET = picture(bid="99", ask="101")


def stop(side, px, limit=None, **changes):
    ord_type = OrdType.STOP if limit is None else OrdType.STOP_LIMIT
    px = None if px is None else Decimal(px)
    return new_order(side, 1, limit, ord_type=ord_type, stop_px=px, **changes)


def find(order, seen=MARKET):
    return CHECK.check(RiskInput(order=order, instrument=None, picture=seen), Params())


@pytest.mark.parametrize(
    ("order", "passed", "limit"),
    [
        pytest.param(stop(BUY, "101.01"), True, "above the ask 101", id="buy above the ask"),
        pytest.param(stop(BUY, "101"), False, "above the ask 101", id="buy at the ask"),
        pytest.param(stop(BUY, "90"), False, "above the ask 101", id="buy below"),
        pytest.param(stop(SELL, "98.99"), True, "below the bid 99", id="sell below the bid"),
        pytest.param(stop(SELL, "99"), False, "below the bid 99", id="sell at the bid"),
        pytest.param(stop(SELL, "110"), False, "below the bid 99", id="sell above"),
        pytest.param(stop(BUY, "105", "105"), True, "above the ask 101", id="buy limit at stop"),
        pytest.param(stop(BUY, "105", "104"), False, "at or above 105", id="buy limit below"),
        pytest.param(stop(SELL, "95", "95"), True, "below the bid 99", id="sell limit at stop"),
        pytest.param(stop(SELL, "95", "96"), False, "at or below 95", id="sell limit above"),
    ],
)
def test_stop_lies_beyond_the_market_and_its_limit_beyond_it(order, passed, limit):
    found = find(order)
    assert (found.passed, found.can_confirm, found.limit) == (passed, not passed, limit)
    assert bool(found.text) is not passed


@pytest.mark.parametrize(
    "order", [new_order(), new_order(limit=1), stop(BUY, None, peg_offset=Decimal(1))], ids=str
)
def test_what_is_no_fixed_stop_has_no_side(order):
    assert (find(order).passed, find(order).value) == (True, "no stop")


@pytest.mark.parametrize("number", [*NOT_NUMBERS, Decimal(0), Decimal(-1), None], ids=str)
def test_stop_that_is_no_price_is_refused(number):
    found = find(stop(BUY, number), blind_picture())
    assert (found.passed, found.can_confirm) == (False, False)


@pytest.mark.parametrize("number", [*NOT_NUMBERS, Decimal(0), Decimal(-1)], ids=str)
def test_limit_that_is_no_price_is_refused(number):
    found = find(stop(BUY, "105", number))
    assert (found.passed, found.can_confirm) == (False, False)
    assert found.text == f"limit {number} must be above 0"


def test_without_a_quote_nothing_can_be_said():
    found = find(stop(BUY, "105"), picture(ask=None))
    assert (found.passed, found.can_confirm, found.value) == (False, False, "unknown")
    assert found.text == "no price of IBM to compare the stop with"
