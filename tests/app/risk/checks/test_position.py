"""Show that no order takes a holding over its limit, and that the limit never holds an exit up.

Method: tables around the limit of each side, from long, flat and short; a law over all fillings.
"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import Side
from app.domain.terms import ZERO
from app.risk.checks.position import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, SIDES, new_order, picture

BUY, SELL = Side.BUY, Side.SELL


def given_of(order, **changes):
    return RiskInput(order=order, instrument=None, picture=picture(**changes))


def find(order, long="1000", short="500", **changes):
    params = Params(long_qty_max=Decimal(long), short_qty_max=Decimal(short))
    return CHECK.check(given_of(order, **changes), params)


@pytest.mark.parametrize(
    ("order", "changes", "passed", "value"),
    [
        pytest.param(new_order(BUY, 999), {}, True, "999", id="buy inside"),
        pytest.param(new_order(BUY, 1000), {}, True, "1,000", id="buy at the limit"),
        pytest.param(new_order(BUY, 1001), {}, False, "1,001", id="buy over"),
        pytest.param(new_order(SELL, 499), {}, True, "499", id="sell inside"),
        pytest.param(new_order(SELL, 500), {}, True, "500", id="sell at the limit"),
        pytest.param(new_order(SELL, 501), {}, False, "501", id="sell over"),
        pytest.param(
            new_order(BUY, 101), {"position_qty": "900"}, False, "1,001", id="holding counts"
        ),
        pytest.param(
            new_order(BUY, 101), {"working_buy_qty": "900"}, False, "1,001", id="buys count"
        ),
        pytest.param(
            new_order(SELL, 101), {"working_sell_qty": "400"}, False, "501", id="sells count"
        ),
        pytest.param(
            new_order(BUY, 1000), {"working_sell_qty": "900"}, True, "1,000", id="sells aside"
        ),
        pytest.param(
            new_order(BUY, 1101), {"position_qty": "-100"}, False, "1,001", id="turn long too far"
        ),
        pytest.param(
            new_order(SELL, 600), {"position_qty": "100"}, True, "500", id="turn short to the limit"
        ),
        pytest.param(
            new_order(SELL, 601), {"position_qty": "100"}, False, "501", id="turn short too far"
        ),
    ],
)
def test_worst_holding_of_the_side_is_limited(order, changes, passed, value):
    found = find(order, **changes)
    side, limit = ("long", "1,000") if order.side is BUY else ("short", "500")
    assert (found.passed, found.value, found.limit, found.can_confirm) == (
        passed,
        value,
        limit,
        False,
    )
    text = f"position of IBM could be {value} shares {side}, limit {limit}"
    assert found.text == ("" if passed else text)


@pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
def test_exit_passes_however_far_over_the_limit_the_holding_is(side):
    found = find(new_order(side, 5000), position_qty=str(-9000 * side.sign))
    assert (found.passed, found.value) == (True, "closing")


def test_other_side_far_over_its_limit_holds_nothing_up():
    found = find(new_order(BUY, 100), position_qty="-50", working_sell_qty="9000")
    assert (found.passed, found.value, found.use) == (True, "50", 0.05)


def test_limits_are_ten_thousand_shares_unless_they_are_set():
    assert Params() == Params(long_qty_max=Decimal(10_000), short_qty_max=Decimal(10_000))


def test_use_is_the_share_of_the_limit_and_never_below_nothing():
    assert find(new_order(BUY, 250)).use == 0.25
    assert find(new_order(BUY, 1001)).use == 1.0
    turning = find(new_order(BUY, 150), position_qty="-200", working_buy_qty="100")
    assert (turning.value, turning.use) == ("50", 0.05)
    lowered = find(new_order(BUY, 1), position_qty="-9", working_buy_qty="9", long="0")
    assert lowered.passed is False


@pytest.mark.parametrize("qty", [*NOT_NUMBERS, *map(Decimal, (0, -1))], ids=str)
def test_quantity_that_is_none_is_refused(qty):
    found = find(new_order(SELL, qty))
    assert (found.passed, found.value, found.can_confirm) == (False, "unknown", False)
    assert found.text == f"position is not known: quantity {qty}"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("name", ["position_qty", "working_buy_qty"])
def test_holding_that_is_no_number_is_refused(name, value):
    found = find(new_order(BUY), **{name: value})
    assert (found.passed, found.value, found.can_confirm) == (False, "unknown", False)
    assert found.text == f"position is not known: {value}"


@given(SIDES, *[st.integers(0, 600).map(Decimal)] * 3, st.integers(-600, 600).map(Decimal))
def test_whatever_fills_no_order_leads_further_over_a_limit(side, qty, buying, selling, position):
    found = find(
        new_order(side, qty),
        position_qty=position,
        working_buy_qty=buying,
        working_sell_qty=selling,
    )
    if found.passed and found.value != "closing":
        first = buying if side is BUY else selling
        for filled in (ZERO, first):
            assert (position * side.sign + filled + qty) <= (1000 if side is BUY else 500)
