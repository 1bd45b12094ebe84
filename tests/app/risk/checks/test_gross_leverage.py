"""Show that no way of filling what works takes the account over its leverage.

Method: a table around the limit; a law that tries every way of filling.
"""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.decision import Funds
from app.domain.enums import MarginRegime, Phase, Side
from app.domain.terms import ZERO
from app.risk.checks.base import OnBreach
from app.risk.checks.gross_leverage import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, SIDES, blind_picture, new_order, picture

BUY, SELL = Side.BUY, Side.SELL
EVEN = {"bid": "100", "ask": "100", "last_px": "100", "equity": "10000", "phase": Phase.CORE}


def find(order, seen, **params):
    given = RiskInput(order=order, instrument=None, picture=seen)
    return CHECK.check(given, Params(**params))


@pytest.mark.parametrize(
    ("order", "changes", "passed", "value"),
    [
        pytest.param(new_order(BUY, 200, "100"), {}, True, "2.00x", id="at the limit"),
        pytest.param(new_order(BUY, 201, "100"), {}, False, "2.01x", id="over"),
        pytest.param(new_order(BUY, 194), {}, True, "2.00x", id="market buy pays the collar too"),
        pytest.param(new_order(BUY, 195), {}, False, "2.01x", id="market buy over"),
        pytest.param(new_order(SELL, 200), {}, True, "2.00x", id="market sell gets the bid"),
        pytest.param(new_order(SELL, 200, "100"), {}, True, "2.00x", id="short at the limit"),
        pytest.param(new_order(SELL, 201, "100"), {}, False, "2.01x", id="short over"),
        pytest.param(
            new_order(BUY, 101, "100"),
            {"gross_exposure": "10000"},
            False,
            "2.01x",
            id="other symbols",
        ),
        pytest.param(
            new_order(BUY, 101, "100"),
            {"position_qty": "100", "gross_exposure": "10000", "symbol_exposure": "10000"},
            False,
            "2.01x",
            id="own holding",
        ),
        pytest.param(
            new_order(BUY, 101, "100"),
            {"working_buy_qty": "100", "gross_exposure": "10000", "symbol_exposure": "10000"},
            False,
            "2.01x",
            id="own working orders",
        ),
        pytest.param(
            new_order(SELL, 300, "100"),
            {"position_qty": "100", "gross_exposure": "10000", "symbol_exposure": "10000"},
            True,
            "2.00x",
            id="turning round to the limit",
        ),
        pytest.param(
            new_order(SELL, 301, "100"),
            {"position_qty": "100", "gross_exposure": "10000", "symbol_exposure": "10000"},
            False,
            "2.01x",
            id="turning round too far",
        ),
    ],
)
def test_worst_gross_over_equity_is_limited(order, changes, passed, value):
    found = find(order, picture(**EVEN, **changes))
    assert (found.passed, found.value, found.limit) == (passed, value, "2x")
    assert found.text == ("" if passed else f"gross leverage would be {value}, limit 2x")
    assert not found.can_confirm


@pytest.mark.parametrize("equity", ["0", "-5", "-1e99"])
def test_account_without_equity_opens_nothing(equity):
    found = find(new_order(BUY, 1), picture(equity=equity))
    assert (found.passed, found.can_confirm, found.limit) == (False, False, "> 0")
    assert found.text == f"equity {found.value} USD must be above 0 to open"


@pytest.mark.parametrize("value", [None, *NOT_NUMBERS], ids=str)
@pytest.mark.parametrize("name", ["equity", "gross_exposure", "symbol_exposure"])
def test_unknown_figure_denies_opening(name, value):
    found = find(new_order(BUY, 1), picture(**{name: value}))
    assert (found.passed, found.value) == (False, "unknown")
    assert found.text == "gross leverage is not known: a price is missing"
    assert not found.can_confirm


@pytest.mark.parametrize(
    ("regime", "params", "limit"),
    [
        (MarginRegime.REG_T, {}, "2x"),
        (MarginRegime.INTRADAY_MARGIN, {"leverage_max": Decimal(4)}, "4x"),
        (MarginRegime.CASH, {}, "1x"),
        (MarginRegime.CASH, {"leverage_max": Decimal("0.5")}, "0.5x"),
    ],
)
def test_cash_account_has_the_lower_of_both_limits(regime, params, limit):
    most = int(100 * Decimal(limit[:-1]))
    seen = picture(**EVEN, funds=Funds(regime=regime))
    at, over = (find(new_order(BUY, most + n, "100"), seen, **params) for n in (0, 1))
    assert (at.passed, at.limit, at.use) == (True, limit, 1.0)
    assert (over.passed, over.limit, over.use) == (False, limit, 1.0)


def test_smallest_equity_opens_what_it_may():
    assert find(new_order(BUY, "0.01", "100"), picture(**EVEN | {"equity": "0.5"})).passed


def test_use_is_the_share_of_the_limit():
    assert find(new_order(BUY, 50, "100"), picture(**EVEN)).use == 0.25


def test_unknown_price_denies_opening():
    assert not find(new_order(BUY, 1), picture(ask=None, last_px=None)).passed


def test_closing_passes_whatever_is_unknown_and_however_high_the_leverage_is():
    order = new_order(SELL, 100)
    assert find(order, blind_picture(position_qty="100")).passed
    found = find(order, picture(position_qty="100", equity="1", gross_exposure="1e9"))
    assert (found.passed, found.value) == (True, "closing")


WHOLE = st.integers(0, 300).map(Decimal)


@given(
    SIDES,
    st.integers(1, 400).map(Decimal),
    st.integers(-300, 300).map(Decimal),
    WHOLE,
    WHOLE,
    st.integers(0, 20_000).map(Decimal),
    st.integers(1, 30_000).map(Decimal),
)
def test_passed_order_cannot_lead_over_the_limit_by_any_way_of_filling(
    side, qty, position, buying, selling, others, equity
):
    order, px = new_order(side, qty, "100"), Decimal(100)
    own = max(abs(position + buying), abs(position - selling)) * px
    seen = picture(
        bid=px,
        ask=px,
        position_qty=position,
        working_buy_qty=buying,
        working_sell_qty=selling,
        equity=equity,
        symbol_exposure=own,
        gross_exposure=own + others,
    )
    found = find(order, seen)
    if not found.passed or found.value == "closing":
        return
    for bought, sold, filled in product((ZERO, buying), (ZERO, selling), (ZERO, qty)):
        held = position + bought - sold + filled * side.sign
        assert abs(held) * px + others <= 2 * equity


@pytest.mark.parametrize(
    ("gross", "equity", "passed", "value"),
    [
        ("20000", "10000", True, "2.00x"),
        ("20100", "10000", False, "2.01x"),
        (None, "10000", True, "unknown"),
        ("20000", None, True, "unknown"),
        ("0", "-1", False, "-1.00"),
    ],
)
def test_meter_reads_the_account_without_an_order(gross, equity, passed, value):
    seen = picture(gross_exposure=gross, equity=equity)
    found = CHECK.meter(RiskInput(order=new_order(BUY, 0), instrument=None, picture=seen), Params())
    assert (found.passed, found.value) == (passed, value)


def test_breach_of_the_meter_is_told_as_it_is():
    seen = picture(gross_exposure="30000", equity="10000")
    found = CHECK.meter(RiskInput(order=new_order(BUY, 0), instrument=None, picture=seen), Params())
    assert found.text == "gross leverage is 3.00x, limit 2x"
    assert (CHECK.code, CHECK.on_breach) == ("R23", OnBreach.ALERT)
