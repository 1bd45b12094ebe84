"""Show that a line dragged to a price asks for prices that the order can have."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from app.domain.enums import OrdType, Side
from app.domain.position import Position
from tests.samples import instrument, new_order, order
from widgets.order_moves import MovedPrices, closing_pnl, moved_prices

D = Decimal
IBM = instrument()
STOP = {"ord_type": OrdType.STOP, "limit_px": None, "stop_px": D(95)}
STOP_LIMIT = {"ord_type": OrdType.STOP_LIMIT, "limit_px": D("94.50"), "stop_px": D(95)}


def held(side=Side.BUY, **terms):
    return order(new_order(side, limit=terms.pop("limit", 100), **terms))


@pytest.mark.parametrize(
    ("given", "price", "asked"),
    [
        pytest.param(held(), 101.234, (D("101.23"), None), id="buy limit, down to the tick"),
        pytest.param(held(Side.SELL), 101.234, (D("101.24"), None), id="sell limit, up to it"),
        pytest.param(held(**STOP), 96.5, (None, D("96.50")), id="stop"),
        pytest.param(
            held(**STOP_LIMIT), 96.0, (D("96"), D("96.50")), id="stop limit keeps its gap"
        ),
    ],
)
def test_prices_asked_for(given, price, asked):
    assert moved_prices(given, price, IBM) == MovedPrices(*asked)


@pytest.mark.parametrize("price", [0.0, -5.0, math.nan, math.inf, 1e300, 0.00001])
def test_what_is_no_price_moves_nothing(price):
    found = moved_prices(held(), price, IBM)
    assert isinstance(found, str)
    assert found.endswith("the order stays where it is")


def test_a_trailing_stop_is_not_dragged():
    terms = {**STOP, "stop_px": None, "peg_offset": D(1)}
    assert "follows the market" in moved_prices(held(**terms), 90.0, IBM)


def test_without_an_instrument_nothing_is_asked():
    assert "is not listed" in moved_prices(held(), 90.0, None)


def holding(qty, avg="100"):
    return Position(symbol=IBM.symbol, qty=D(qty), cost=D(qty) * D(avg))


@pytest.mark.parametrize(
    ("side", "limit", "held", "gain"),
    [
        pytest.param(Side.SELL, "101.32", "100", "132.00", id="target of a long"),
        pytest.param(Side.SELL, "99", "100", "-100", id="sale at a loss"),
        pytest.param(Side.BUY, "99", "-100", "100", id="target of a short"),
        pytest.param(Side.SELL, "101", "40", "40", id="only what is held is closed"),
        pytest.param(Side.BUY, "99", "100", None, id="adds to a long"),
        pytest.param(Side.SELL, "99", "0", None, id="nothing held"),
    ],
)
def test_a_line_knows_what_closing_there_would_gain(side, limit, held, gain):
    found = closing_pnl(order(new_order(side, limit=limit)), holding(held))
    assert found == (None if gain is None else D(gain))
