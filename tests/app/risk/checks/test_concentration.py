"""Show that no symbol can come to more than its share of the account.

Method: tables around the limit of a stock and of an ETF, and figures that are not known.
"""

from decimal import Decimal

import pytest

from app.domain.enums import Phase, Side
from app.risk.checks.concentration import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, blind_picture, instrument, new_order, picture

BUY, SELL = Side.BUY, Side.SELL
EVEN = {"bid": "100", "ask": "100", "last_px": "100", "equity": "10000", "phase": Phase.CORE}
STOCK, ETF = instrument(), instrument(is_etf=True)


def given_of(order, seen, known=STOCK):
    return RiskInput(order=order, instrument=known, picture=seen)


def find(order, known=STOCK, **changes):
    return CHECK.check(given_of(order, picture(**{**EVEN, **changes}), known), Params())


@pytest.mark.parametrize(
    ("order", "known", "changes", "passed", "value"),
    [
        pytest.param(new_order(BUY, 24, "100"), STOCK, {}, True, "24 %", id="inside"),
        pytest.param(new_order(BUY, 25, "100"), STOCK, {}, True, "25 %", id="at the limit"),
        pytest.param(new_order(BUY, 26, "100"), STOCK, {}, False, "26 %", id="over"),
        pytest.param(new_order(SELL, 25), STOCK, {}, True, "25 %", id="short at the limit"),
        pytest.param(new_order(SELL, 26), STOCK, {}, False, "26 %", id="short over"),
        pytest.param(new_order(BUY, 50, "100"), ETF, {}, True, "50 %", id="fund at the limit"),
        pytest.param(new_order(BUY, 51, "100"), ETF, {}, False, "51 %", id="fund over"),
        pytest.param(new_order(BUY, 26, "100"), None, {}, False, "26 %", id="unlisted is no fund"),
        pytest.param(new_order(BUY, 24), STOCK, {}, True, "24.72 %", id="market buy, collar too"),
        pytest.param(new_order(BUY, 25), STOCK, {}, False, "25.75 %", id="market buy over"),
        pytest.param(
            new_order(BUY, 6, "100"),
            STOCK,
            {"position_qty": "20", "symbol_exposure": "2000"},
            False,
            "26 %",
            id="holding counts",
        ),
        pytest.param(
            new_order(SELL, 6),
            STOCK,
            {"working_sell_qty": "20", "symbol_exposure": "2000"},
            False,
            "26 %",
            id="working orders count",
        ),
    ],
)
def test_worst_value_over_equity_is_limited(order, known, changes, passed, value):
    found = find(order, known, **changes)
    limit = "50 %" if known is ETF else "25 %"
    assert (found.passed, found.value, found.limit) == (passed, value, limit)
    assert found.text == ("" if passed else f"IBM could be {value} of equity, limit {limit}")
    assert not found.can_confirm


@pytest.mark.parametrize("value", [None, *NOT_NUMBERS], ids=str)
@pytest.mark.parametrize("name", ["equity", "symbol_exposure"])
def test_unknown_figure_denies_opening(name, value):
    found = find(new_order(BUY, 1), **{name: value})
    assert (found.passed, found.value, found.limit) == (False, "unknown", "25 %")
    assert found.text == "concentration is not known: a price is missing"
    assert not found.can_confirm


@pytest.mark.parametrize("equity", ["0", "-1"])
def test_account_without_equity_opens_nothing(equity):
    found = find(new_order(BUY, 1), equity=equity)
    assert (found.passed, found.limit) == (False, "> 0")


def test_closing_passes_whatever_is_unknown():
    seen = blind_picture(position_qty="100")
    found = CHECK.check(given_of(new_order(SELL, 100), seen), Params())
    assert (found.passed, found.value) == (True, "closing")


def test_smallest_equity_opens_what_it_may():
    assert find(new_order(BUY, "0.001", "100"), equity="0.5").passed


def test_use_is_the_share_of_the_limit():
    assert find(new_order(BUY, 5, "100")).use == 0.2
    assert find(new_order(BUY, 50, "100")).use == 1.0


@pytest.mark.parametrize(
    ("worth", "equity", "passed", "value"),
    [
        ("2500", "10000", True, "25 %"),
        ("2501", "10000", False, "25.01 %"),
        (None, "10000", True, "unknown"),
        ("2500", None, True, "unknown"),
    ],
)
def test_meter_reads_the_account_without_an_order(worth, equity, passed, value):
    seen = picture(symbol_exposure=worth, equity=equity)
    found = CHECK.meter(given_of(new_order(BUY, 0), seen), Params())
    assert (found.passed, found.value, found.limit) == (passed, value, "25 %")
    assert found.text == ("" if passed else f"IBM is {value} of equity, limit 25 %")


def test_limits_are_the_parameters():
    params = Params(share_max=Decimal("0.1"), etf_share_max=Decimal("0.2"))
    found = CHECK.check(given_of(new_order(BUY, 11, "100"), picture(**EVEN)), params)
    assert (found.passed, found.limit) == (False, "10 %")
