"""Show that prices keep to the market's grid.

Method: the rule's own limits in a table, and laws over drawn prices.
"""

from decimal import Decimal

import pytest
from hypothesis import given

from app.domain.enums import Side
from app.domain.instrument import is_multiple
from tests.samples import PRICES, SIDES, amounts, instrument

BUY, SELL = Side.BUY, Side.SELL


@pytest.mark.parametrize(
    ("value", "step", "expected"),
    [
        ("0.3", "0.1", True),
        ("0.35", "0.1", False),
        ("0", "1", True),
        ("-3", "1", True),
        ("100.0000000000000000000000000000000001", "0.01", False),
        ("1e27", "1", True),
        ("1e28", "1", False),
        ("1e308", "0.01", False),
        ("NaN", "1", False),
        ("Infinity", "1", False),
        ("1", "NaN", False),
        ("1", "0", False),
        ("1", "-1", False),
    ],
)
def test_whole_number_of_steps_is_exact_and_what_cannot_be_counted_is_none(value, step, expected):
    assert is_multiple(Decimal(value), Decimal(step)) is expected


class TestMinimumIncrement_Rule612:  # noqa: N801  Named after the rule.
    @pytest.mark.parametrize(
        ("price", "tick", "is_on_tick"),
        [
            ("1.00", "0.01", True),
            ("0.9999", "0.0001", True),
            ("0.99995", "0.0001", False),
            ("1.005", "0.01", False),
            ("1.0001", "0.01", False),
            ("187.20", "0.01", True),
            ("187.2", "0.01", True),
            ("187.201", "0.01", False),
            ("0.0001", "0.0001", True),
            ("99999.99", "0.01", True),
        ],
    )
    def test_step_is_a_cent_from_one_dollar_and_a_hundredth_below(self, price, tick, is_on_tick):
        price = Decimal(price)
        assert instrument().tick_at(price) == Decimal(tick)
        assert instrument().is_on_tick(price) is is_on_tick

    def test_step_of_the_symbol_goes_before_the_rule(self):
        half_cent = instrument(tick=Decimal("0.005"))
        assert half_cent.is_on_tick(Decimal("1.005"))
        assert not half_cent.is_on_tick(Decimal("1.0001"))
        assert half_cent.tick_at(Decimal("0.50")) == Decimal("0.005")


@pytest.mark.parametrize(
    ("price", "side", "expected"),
    [
        pytest.param("187.205", BUY, "187.20", id="buy pays no more"),
        pytest.param("187.205", SELL, "187.21", id="sell takes no less"),
        pytest.param("187.20", BUY, "187.20", id="buy on the grid"),
        pytest.param("187.20", SELL, "187.20", id="sell on the grid"),
        pytest.param("0.99995", SELL, "1.0000", id="up to a dollar"),
        pytest.param("1.005", BUY, "1.00", id="down to a dollar"),
    ],
)
def test_rounding_never_makes_a_price_worse_for_the_sender(price, side, expected):
    assert instrument().passive_price(Decimal(price), side) == Decimal(expected)


@given(amounts("0.0001", 5_000, 6), SIDES)
def test_rounded_price_is_on_the_grid_and_within_one_step(price, side):
    rounded = instrument().passive_price(price, side)
    assert instrument().is_on_tick(rounded)
    assert 0 <= (price - rounded) * side.sign < instrument().tick_at(price)


@given(PRICES, SIDES)
def test_price_on_the_grid_stays_as_it_is(price, side):
    if instrument().is_on_tick(price):
        assert instrument().passive_price(price, side) == price
