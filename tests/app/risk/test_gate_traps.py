"""Show that the gate does not fall for what naive risk checks fall for.

Method: one test for each trap, by its number in the list of traps, with the real gate and checks.
"""

from decimal import Decimal

import msgspec
import pytest

from app import plugins
from app.config import load_config
from app.domain.decision import Traffic
from app.domain.enums import MarginRegime, OrdType, Phase, Side, TradingState
from app.risk.checks.base import CheckSpec
from app.risk.checks.settlement import Params as NoParams
from app.risk.gate import Gate, Passed
from tests.samples import FUNDS, NOT_NUMBERS, blind_picture, instrument, new_order, picture

BUY, SELL = Side.BUY, Side.SELL
CHECKS = plugins.load("tradedeck.checks").specs
SETTINGS = load_config().risk.checks
IBM = instrument()
EVEN = {"bid": "100", "ask": "100", "last_px": "100", "phase": Phase.CORE}
SMALL_POSITION = {"position": {"long_qty_max": "100", "short_qty_max": "100"}}
SMALL_ACCOUNT = {"equity": "5000", "traffic": Traffic(fills_day=40, sent_day=40)}


def funds(**changes):
    figures = {
        name: Decimal(value) if type(value) is str else value for name, value in changes.items()
    }
    return msgspec.structs.replace(FUNDS, **figures)


def check(order, seen=None, known=IBM, *, checks=CHECKS, **settings):
    """Let the gate decide, with some settings changed."""
    return Gate(checks, {**SETTINGS, **settings}).check(order, seen or picture(**EVEN), known)


def failed(*args, **kwargs):
    """The checks that do not let an order go."""
    return {result.name for result in check(*args, **kwargs).checks if not result.passed}


class TestFunds:
    @pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
    def test_exit_needs_no_buying_power(self, side):  # T9
        seen = picture(**EVEN, position_qty=str(-100 * side.sign), funds=funds(buying_power="0"))
        assert isinstance(check(new_order(side, 100, "100"), seen), Passed)

    @pytest.mark.parametrize(("qty", "refused"), [(100, False), (101, True)])
    def test_short_sale_needs_buying_power(self, qty, refused):  # T9
        seen = picture(**EVEN, funds=funds(buying_power="10000"))
        assert ("buying_power" in failed(new_order(SELL, qty), seen)) is refused

    @pytest.mark.parametrize(("qty", "refused"), [(300, False), (301, True)])
    def test_order_that_turns_round_pays_for_what_it_opens(self, qty, refused):  # T9
        seen = picture(**EVEN, position_qty="-200", funds=funds(buying_power="10000"))
        assert ("buying_power" in failed(new_order(BUY, qty, "100"), seen)) is refused

    @pytest.mark.parametrize("ord_type", [OrdType.MARKET, OrdType.STOP])
    @pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
    def test_order_without_any_price_is_not_worth_nothing(self, side, ord_type):  # T12
        seen = picture(**EVEN | {"bid": None, "ask": None, "last_px": None})
        order = new_order(side, 1, ord_type=ord_type)
        priced = {"order_value", "gross_leverage", "concentration", "net_leverage"}
        assert failed(order, seen) >= {*priced, "buying_power", "open_orders"}

    def test_market_buy_is_worth_the_ask_and_the_collar(self):  # T12
        settings = {"order_value": {"value_max": "10300"}}
        assert "order_value" not in failed(new_order(BUY, 100), **settings)
        assert "order_value" in failed(new_order(BUY, 101), **settings)


class TestPosition:
    @pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
    def test_position_at_its_limit_can_be_closed(self, side):  # T10
        for held in ("100", "500"):
            position = f"-{held}" if side is BUY else held
            seen = picture(**EVEN, position_qty=position)
            assert "position" not in failed(new_order(side, 100), seen, **SMALL_POSITION)

    @pytest.mark.parametrize(("qty", "refused"), [(1, False), (2, True)])
    @pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
    def test_short_side_is_limited_as_the_long_one(self, side, qty, refused):  # T10
        seen = picture(**EVEN, position_qty=str(99 * side.sign))
        assert ("position" in failed(new_order(side, qty), seen, **SMALL_POSITION)) is refused

    @pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
    def test_ten_orders_that_rest_are_not_each_within_the_limit(self, side):  # T11
        passed = 0
        for _ in range(10):
            working = str(passed * 40)
            seen = picture(**EVEN, working_buy_qty=working, working_sell_qty=working)
            passed += "position" not in failed(new_order(side, 40, "100"), seen, **SMALL_POSITION)
        assert passed == 2

    def test_working_orders_use_leverage_and_buying_power(self):  # T11
        seen = picture(
            **EVEN,
            working_buy_qty="2000",
            symbol_exposure="200000",
            gross_exposure="200000",
            funds=funds(buying_power="0", open_value="200000"),
        )
        names = {"gross_leverage", "concentration", "net_leverage", "buying_power", "open_orders"}
        assert failed(new_order(BUY, 1, "100"), seen) >= names

    @pytest.mark.parametrize(
        ("longs", "shorts", "gross", "net"),
        [
            pytest.param(100_000, 0, "2.00x", "2.00x", id="long only"),
            pytest.param(100_000, 90_000, "3.80x", "0.20x", id="long and short"),
            pytest.param(100_000, 100_000, "4.00x", "0.00x", id="as much long as short"),
            pytest.param(100_000, 150_000, "5.00x", "-1.00x", id="more short than long"),
        ],
    )
    def test_leverage_is_gross_and_net_over_equity(self, longs, shorts, gross, net):  # T13
        seen = picture(
            equity="50000",
            gross_exposure=Decimal(longs + shorts),
            funds=funds(net_exposure=Decimal(longs - shorts)),
        )
        results = {
            result.name: result.value
            for result in check(new_order(BUY, "0.0001", "100"), seen).checks
        }
        assert (results["gross_leverage"], results["net_leverage"]) == (gross, net)
        assert "gross_leverage" in failed(new_order(BUY, 1, "100"), seen)


class TestNumbers:
    def test_every_cent_is_on_the_tick(self):  # T17: 1.13 % 0.01 of floats is not 0.
        prices = [Decimal(cents) / 100 for cents in range(9_900, 10_100)]
        refused = [px for px in prices if "tick_size" in failed(new_order(SELL, 1, px))]
        assert refused == []

    @pytest.mark.parametrize("limit", ["100.005", "100.0000000000000001", "100.01000000001"])
    def test_nothing_between_two_cents_is_on_the_tick(self, limit):  # T17
        assert "tick_size" in failed(new_order(BUY, 1, limit))

    def test_share_is_not_rounded_into_the_limit(self):  # T17
        settings = {"concentration": {"share_max": "0.3"}}
        assert "concentration" not in failed(new_order(BUY, 300, "100"), **settings)
        assert "concentration" in failed(new_order(BUY, "300.00000001", "100"), **settings)

    @pytest.mark.parametrize("value", NOT_NUMBERS, ids=str)
    @pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
    def test_order_that_is_no_number_never_passes(self, value, side):  # T18
        held = picture(**EVEN, position_qty=str(-100 * side.sign))
        for seen in (picture(**EVEN), held):
            assert failed(new_order(side, value), seen)
            assert failed(new_order(side, 100, value), seen)

    @pytest.mark.parametrize("value", NOT_NUMBERS, ids=str)
    @pytest.mark.parametrize(
        "field", ["equity", "gross_exposure", "symbol_exposure", "family_qty", "position_qty"]
    )
    def test_nothing_is_opened_on_a_figure_that_is_no_number(self, value, field):  # T18
        assert failed(new_order(BUY, 1, "100"), picture(**EVEN, **{field: value}))

    @pytest.mark.parametrize("value", NOT_NUMBERS, ids=str)
    @pytest.mark.parametrize(
        "field", ["buying_power", "net_exposure", "open_value", "day_equity", "peak_equity"]
    )
    def test_nothing_is_opened_on_funds_that_are_no_number(self, value, field):  # T18
        assert failed(new_order(BUY, 1, "100"), picture(**EVEN, funds=funds(**{field: value})))


class TestFaults:
    @pytest.mark.parametrize("error", [ValueError("no"), KeyError("qty"), ZeroDivisionError()])
    def test_check_that_raises_refuses_whatever_the_others_find(self, error):  # T19
        def broken(given, params):
            raise error

        spec = CheckSpec("broken", "Broken", NoParams, broken)
        assert failed(new_order(limit="100"), checks=(*CHECKS, spec)) == {"broken"}
        closing = picture(**EVEN, position_qty="100")
        assert failed(new_order(SELL, 100, "100"), closing, checks=(*CHECKS, spec)) == {"broken"}

    def test_check_that_finds_nothing_refuses(self):  # T19
        spec = CheckSpec("empty", "Empty", NoParams, lambda given, params: True)
        assert failed(new_order(limit="100"), checks=(*CHECKS, spec)) == {"empty"}


class TestReducing:
    @pytest.mark.parametrize(
        ("side", "qty", "changes", "passes"),
        [
            pytest.param(SELL, 10, {"position_qty": "10"}, True, id="closes all"),
            pytest.param(SELL, 20, {"position_qty": "10"}, False, id="flips"),
            pytest.param(SELL, 10, {}, False, id="opens from flat"),
            pytest.param(BUY, 1, {}, False, id="opens long from flat"),
            pytest.param(BUY, 20, {"position_qty": "-10"}, False, id="flips a short"),
            pytest.param(
                SELL,
                10,
                {"position_qty": "10", "working_sell_qty": "10"},
                False,
                id="second exit",
            ),
        ],
    )
    def test_reducing_looks_at_the_quantity_not_at_the_side(  # T22
        self, side, qty, changes, passes
    ):
        seen = picture(**EVEN, **changes, trading_state=TradingState.REDUCING)
        names = failed(new_order(side, qty), seen)
        assert ("trading_state" not in names) is passes


class TestDataOfTheInstrument:
    @pytest.mark.parametrize(
        ("known", "limit", "on_tick"),
        [
            pytest.param(instrument(), "100.01", True, id="cent"),
            pytest.param(instrument(tick=Decimal("0.05")), "100.01", False, id="five cents"),
            pytest.param(instrument(tick=Decimal("0.05")), "100.05", True, id="on five cents"),
            pytest.param(instrument(tick=Decimal("0.005")), "100.005", True, id="half a cent"),
        ],
    )
    def test_tick_is_data(self, known, limit, on_tick):  # T46
        assert ("tick_size" not in failed(new_order(BUY, 1, limit), known=known)) is on_tick

    @pytest.mark.parametrize(
        ("known", "qty", "in_lots"),
        [
            pytest.param(instrument(), 1, True, id="single shares"),
            pytest.param(instrument(lot=Decimal(100)), 150, False, id="round lots"),
            pytest.param(instrument(lot=Decimal(100)), 200, True, id="two round lots"),
            pytest.param(instrument(lot=Decimal("0.001")), "0.125", True, id="fractions"),
            pytest.param(instrument(), "0.125", False, id="no fractions"),
        ],
    )
    def test_lot_is_data(self, known, qty, in_lots):  # T46
        assert ("order_qty" not in failed(new_order(BUY, qty, "100"), known=known)) is in_lots


class TestMarginRegime:
    @pytest.mark.parametrize("regime", MarginRegime)
    def test_no_count_of_day_trades_refuses_a_small_account(self, regime):  # T47
        own = funds(
            regime=regime,
            buying_power="5000",
            settled_cash="5000",
            day_equity="5000",
            peak_equity="5000",
        )
        seen = picture(**EVEN, **SMALL_ACCOUNT, funds=own)
        assert isinstance(check(new_order(BUY, 10, "100"), seen), Passed)

    @pytest.mark.parametrize("regime", MarginRegime)
    def test_regime_is_data_of_the_account(self, regime):  # T47
        seen = picture(**EVEN, funds=funds(regime=regime))
        names = failed(new_order(SELL, 10, "100"), seen)
        of_cash = {"buying_power", "short_sale"} if regime is MarginRegime.CASH else set()
        assert names == of_cash


class TestChildren:
    @pytest.mark.parametrize(
        ("qty", "left", "passes"),
        [
            pytest.param(100, "40", False, id="the entry has filled less"),
            pytest.param(40, "40", True, id="as much as the entry has filled"),
            pytest.param(40, "10", False, id="the sibling has sold some"),
            pytest.param(10, "10", True, id="what the sibling has left"),
            pytest.param(1, "0", False, id="the sibling has sold all"),
        ],
    )
    def test_exit_counts_against_the_fills_of_its_entry(self, qty, left, passes):  # T59
        seen = picture(**EVEN, position_qty="500", family_qty=left)
        assert ("family" not in failed(new_order(SELL, qty), seen)) is passes

    def test_exit_passes_in_the_dark_up_to_what_is_left(self):  # T59
        seen = blind_picture(position_qty="40", family_qty="40")
        assert "family" not in failed(new_order(SELL, 40), seen)
