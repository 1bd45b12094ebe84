"""Show that nothing is opened that the account cannot pay, and that an exit needs no money.

Method: tables around the limit for accounts on margin and for cash; figures that are not known.
"""

from decimal import Decimal

import pytest

from app.domain.decision import Funds
from app.domain.enums import MarginRegime, Phase, Side
from app.risk.checks.buying_power import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, blind_picture, new_order, picture

BUY, SELL = Side.BUY, Side.SELL
EVEN = {"bid": "100", "ask": "100", "last_px": "100", "equity": "10000", "phase": Phase.CORE}
LENDING = [regime for regime in MarginRegime if regime is not MarginRegime.CASH]


def funds(regime=MarginRegime.REG_T, **amounts):
    figures = {
        name: Decimal(value) if isinstance(value, str) else value for name, value in amounts.items()
    }
    return Funds(regime=regime, **figures)


def check(order, seen):
    return CHECK.check(RiskInput(order=order, instrument=None, picture=seen), Params())


def find(order, power="20000", regime=MarginRegime.REG_T, **changes):
    return check(order, picture(**{**EVEN, **changes}, funds=funds(regime, buying_power=power)))


def find_cash(order, settled="10000", net="0", power="20000", **changes):
    of_cash = funds(MarginRegime.CASH, buying_power=power, settled_cash=settled, net_exposure=net)
    return check(order, picture(**{**EVEN, **changes}, funds=of_cash))


@pytest.mark.parametrize("regime", LENDING)
@pytest.mark.parametrize(
    ("order", "changes", "passed", "value"),
    [
        pytest.param(new_order(BUY, 199, "100"), {}, True, "19,900.00", id="inside"),
        pytest.param(new_order(BUY, 200, "100"), {}, True, "20,000.00", id="at the limit"),
        pytest.param(new_order(BUY, 201, "100"), {}, False, "20,100.00", id="over"),
        pytest.param(new_order(BUY, 194), {}, True, "19,982.00", id="market buy, collar too"),
        pytest.param(new_order(BUY, 195), {}, False, "20,085.00", id="market buy over"),
        pytest.param(new_order(SELL, 200), {}, True, "20,000.00", id="short at the limit"),
        pytest.param(new_order(SELL, 201), {}, False, "20,100.00", id="short over"),
        pytest.param(
            new_order(SELL, 300), {"position_qty": "100"}, True, "20,000.00", id="opening part only"
        ),
        pytest.param(
            new_order(BUY, 301, "100"),
            {"position_qty": "-100"},
            False,
            "20,100.00",
            id="opening part over",
        ),
        pytest.param(
            new_order(SELL, 300),
            {"position_qty": "100", "working_sell_qty": "1"},
            False,
            "20,100.00",
            id="what works already closes first",
        ),
    ],
)
def test_what_opens_needs_buying_power(regime, order, changes, passed, value):
    found = find(order, regime=regime, **changes)
    assert (found.passed, found.value, found.limit) == (passed, value, "20,000.00")
    text = f"the order needs {value} USD, buying power is 20,000.00 USD"
    assert found.text == ("" if passed else text)
    assert not found.can_confirm


@pytest.mark.parametrize("regime", MarginRegime)
@pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
def test_what_closes_needs_no_money(regime, side):
    order = new_order(side, 100)
    found = find(order, "0", regime, position_qty=str(-100 * side.sign))
    assert (found.passed, found.value) == (True, "closing")
    assert check(order, blind_picture(position_qty=str(-100 * side.sign))).passed


@pytest.mark.parametrize("power", [None, *NOT_NUMBERS], ids=str)
@pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
def test_unknown_power_denies_opening(power, side):
    found = find(new_order(side, 1), power)
    assert (found.passed, found.value, found.limit) == (False, "unknown", "unknown")
    assert found.text == "buying power is not known: a price is missing"


@pytest.mark.parametrize("qty", [*NOT_NUMBERS, 0, -1], ids=str)
def test_quantity_that_is_none_is_refused(qty):
    assert find(new_order(BUY, qty)).value == "unknown"


def test_unknown_price_denies_opening():
    found = find(new_order(BUY, 1), ask=None, last_px=None)
    assert (found.passed, found.value, found.limit) == (False, "unknown", "20,000.00")


def test_use_is_the_share_of_the_limit():
    assert find(new_order(BUY, 50, "100")).use == 0.25
    assert find(new_order(BUY, 500, "100")).use == 1.0


class TestCashAccount:
    @pytest.mark.parametrize(
        ("qty", "settled", "passed", "asks", "limit"),
        [
            pytest.param(59, "6000", True, False, "6,000.00", id="inside"),
            pytest.param(60, "6000", True, False, "6,000.00", id="all that has settled"),
            pytest.param(61, "6000", False, True, "6,000.00", id="more than has settled"),
            pytest.param(100, "6000", False, True, "6,000.00", id="all cash"),
            pytest.param(101, "6000", False, False, "10,000.00", id="more than all cash"),
            pytest.param(101, "20000", False, False, "10,000.00", id="equity is the limit"),
        ],
    )
    def test_unsettled_money_asks_and_lent_money_is_refused(
        self, qty, settled, passed, asks, limit
    ):
        found = find_cash(new_order(BUY, qty, "100"), settled)
        assert (found.passed, found.can_confirm, found.limit) == (passed, asks, limit)

    def test_words_say_what_has_not_settled(self):
        found = find_cash(new_order(BUY, 61, "100"), "6000")
        assert found.text == (
            "the order needs 6,100.00 USD, settled cash is 6,000.00 USD: the rest has not settled"
        )
        assert found.use == 1.0

    def test_use_is_the_share_of_the_settled_cash(self):
        found = find_cash(new_order(BUY, 15, "100"), "6000")
        assert (found.passed, found.value, found.use) == (True, "1,500.00", 0.25)

    @pytest.mark.parametrize(
        ("qty", "passed", "asks"),
        [(40, True, False), (41, False, True), (50, False, True), (51, False, False)],
    )
    def test_working_buys_have_taken_their_money_already(self, qty, passed, asks):
        # Of 7,000 in cash 6,000 have settled; shares for 3,000 are held, buys for 2,000 work.
        order = new_order(BUY, qty, "100")
        found = find_cash(order, "6000", net="3000", gross_exposure="5000")
        assert (found.passed, found.can_confirm) == (passed, asks)

    def test_broker_may_know_of_less(self):
        found = find_cash(new_order(BUY, 51, "100"), power="5000")
        assert (found.passed, found.can_confirm, found.limit) == (False, False, "5,000.00")

    def test_short_sale_is_refused(self):
        found = find_cash(new_order(SELL, 1))
        assert (found.passed, found.can_confirm, found.value) == (False, False, "short")
        assert found.text == "a cash account has no buying power for a short sale"

    @pytest.mark.parametrize("value", [None, *NOT_NUMBERS], ids=str)
    @pytest.mark.parametrize("name", ["settled", "net", "power", "equity", "gross_exposure"])
    def test_unknown_figure_denies_opening(self, name, value):
        found = find_cash(new_order(BUY, 1, "100"), **{name: value})
        assert (found.passed, found.can_confirm, found.limit) == (False, False, "unknown")
        assert "not known" in found.text
