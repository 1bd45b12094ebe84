"""Show that a limit price is on the market's grid, and that a refusal names the nearest one.

Method: a table of prices.
"""

from decimal import Decimal

import pytest

from app.domain.enums import Side
from app.risk.checks.tick_size import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import EXTREMES, instrument, new_order, picture

BUY, SELL = Side.BUY, Side.SELL


def find(side, limit, known):
    given = RiskInput(order=new_order(side, 1, limit), instrument=known, picture=picture())
    return CHECK.check(given, Params())


@pytest.mark.parametrize(
    ("side", "limit", "passed", "words"),
    [
        pytest.param(BUY, None, True, "", id="market"),
        pytest.param(BUY, "187.20", True, "", id="on the grid"),
        pytest.param(BUY, "0.0001", True, "", id="below a dollar"),
        pytest.param(BUY, "187.205", False, "tick 0.01; nearest 187.20", id="buy between"),
        pytest.param(SELL, "187.205", False, "tick 0.01; nearest 187.21", id="sell between"),
        pytest.param(BUY, "0.99995", False, "tick 0.0001; nearest 0.9999", id="small buy"),
    ],
)
def test_price_is_on_the_grid(side, limit, passed, words):
    found = find(side, limit, instrument())
    assert found.passed is passed
    assert words in found.text


def test_grid_of_an_unknown_symbol_is_not_guessed():
    assert not find(BUY, "187.20", None).passed
    assert find(BUY, None, None).passed


@pytest.mark.parametrize("limit", [x for x in EXTREMES if not x.is_finite() or not x > 0], ids=str)
@pytest.mark.parametrize("known", [instrument(), None], ids=["known", "unknown"])
def test_price_that_is_none_is_refused(limit, known):
    found = find(BUY, limit, known)
    assert not found.passed
    assert "must be a number above 0" in found.text


def test_tick_of_the_symbol_is_the_grid():
    nickel = instrument(tick=Decimal("0.05"))
    assert find(BUY, "187.25", nickel).passed
    assert not find(BUY, "187.26", nickel).passed


@pytest.mark.parametrize(
    ("stop", "limit", "words"),
    [
        ("187.20", None, ""),
        ("187.205", None, "stop price 187.205 is off the tick 0.01; nearest 187.20"),
        ("187.20", "187.205", "limit price 187.205 is off the tick 0.01; nearest 187.20"),
        ("187.205", "187.20", "stop price 187.205 is off the tick 0.01; nearest 187.20"),
        ("NaN", "187.20", "stop price NaN must be a number above 0"),
    ],
)
def test_stop_price_is_on_the_grid_as_well(stop, limit, words):
    order = new_order(BUY, 1, limit, stop_px=Decimal(stop))
    given = RiskInput(order=order, instrument=instrument(), picture=picture())
    found = CHECK.check(given, Params())
    assert (found.passed, found.text) == (not words, words)
