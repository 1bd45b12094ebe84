"""Show what an order could cost at worst, and when it only closes.

Method: tables of quotes and holdings, and a law that tries every way working orders may fill.
"""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import Liquidity, OrdType, Phase, Side, TimeInForce
from app.domain.terms import ZERO
from app.risk.exposure import (
    RiskInput,
    closable_qty,
    collar,
    expected_liquidity,
    is_closing,
    known,
    usual_value,
    worst_price,
    worst_qty_after,
)
from tests.samples import NOT_NUMBERS, SIDES, blind_picture, new_order, picture

BUY, SELL = Side.BUY, Side.SELL


@pytest.mark.parametrize(
    ("px", "phase", "share"),
    [
        ("1", Phase.CORE, "0.10"),
        ("25", Phase.CORE, "0.10"),
        ("25.01", Phase.CORE, "0.05"),
        ("50", Phase.CORE, "0.05"),
        ("50.01", Phase.CORE, "0.03"),
        ("600", Phase.CORE, "0.03"),
        ("25", Phase.PRE, "0.20"),
        ("50", Phase.POST, "0.10"),
        ("600", Phase.CLOSED, "0.06"),
        ("600", None, "0.06"),
    ],
)
def test_collar_is_the_guideline_of_the_price_and_twice_that_outside_the_session(px, phase, share):
    assert collar(Decimal(px), phase) == Decimal(share)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"stop_px": Decimal(120)}, "123.60", id="stop above the ask"),
        pytest.param({"stop_px": Decimal(90)}, "103.00", id="stop below the ask"),
        pytest.param({"stop_px": None}, "103.00", id="trailing: no level yet"),
    ],
)
def test_buy_stop_pays_the_higher_of_stop_and_ask_and_the_collar(changes, expected):
    order = new_order(BUY, 1, ord_type=OrdType.STOP, **changes)
    assert worst_price(order, picture(ask="100")) == Decimal(expected)


@pytest.mark.parametrize(
    ("side", "limit", "bid", "ask", "last", "expected"),
    [
        pytest.param(BUY, None, "9.99", "10.01", "10", "11.011", id="market buy: ask and collar"),
        pytest.param(BUY, None, "9.99", None, "10", "11", id="market buy without ask: last"),
        pytest.param(BUY, None, "9.99", None, None, None, id="market buy without a price"),
        pytest.param(BUY, "9.50", "9.99", "10.01", "10", "9.50", id="limit bounds a buy"),
        pytest.param(BUY, "9.50", None, None, None, "9.50", id="limit needs no market"),
        pytest.param(SELL, None, "9.99", "10.01", "10", "9.99", id="market sell gets the bid"),
        pytest.param(SELL, None, None, "10.01", "10", "10", id="market sell without bid: last"),
        pytest.param(SELL, None, None, "10.01", None, None, id="market sell without a price"),
        pytest.param(SELL, "11", "9.99", "10.01", "10", "11", id="sell above the market"),
        pytest.param(SELL, "9", "9.99", "10.01", "10", "9.99", id="sell through the market"),
        pytest.param(SELL, "9", None, None, None, "9", id="sell limit without a market"),
    ],
)
def test_worst_price_is_the_one_that_costs_most(side, limit, bid, ask, last, expected):
    known = {
        name: None if px is None else Decimal(px)
        for name, px in (("bid", bid), ("ask", ask), ("last_px", last))
    }
    seen = picture(**known)
    order = new_order(side, 3, limit)
    price = None if expected is None else Decimal(expected)
    assert worst_price(order, seen) == price
    given_ = RiskInput(order=order, instrument=None, picture=seen)
    assert given_.value == (None if price is None else 3 * price)


@pytest.mark.parametrize(
    ("side", "position", "buying", "selling", "closable"),
    [
        pytest.param(SELL, "100", "0", "0", 100, id="sell from long"),
        pytest.param(SELL, "100", "0", "30", 70, id="other sells come first"),
        pytest.param(SELL, "100", "50", "0", 100, id="buys under way are not held yet"),
        pytest.param(SELL, "100", "0", "130", 0, id="more is being sold than held"),
        pytest.param(SELL, "-100", "0", "0", 0, id="sell from short"),
        pytest.param(BUY, "-100", "0", "0", 100, id="buy from short"),
        pytest.param(BUY, "-100", "30", "0", 70, id="other buys come first"),
        pytest.param(BUY, "100", "0", "0", 0, id="buy from long"),
        pytest.param(BUY, "0", "0", "0", 0, id="flat"),
    ],
)
def test_closable_is_what_nobody_else_closes(side, position, buying, selling, closable):
    seen = picture(position_qty=position, working_buy_qty=buying, working_sell_qty=selling)
    assert closable_qty(new_order(side), seen) == closable
    assert is_closing(new_order(side, closable), seen) is (closable > 0)
    assert not is_closing(new_order(side, closable + 1), seen)


@pytest.mark.parametrize(
    "qty", [*NOT_NUMBERS, *map(Decimal, ("0", "-0", "-1", "-1e308", "1e308"))], ids=str
)
@pytest.mark.parametrize("position", ["100", "-100", "0"])
def test_quantity_that_is_none_closes_nothing(qty, position):
    for side in Side:
        assert not is_closing(new_order(side, qty), picture(position_qty=position))


@pytest.mark.parametrize(
    ("side", "qty", "limit", "old_qty", "old_limit", "lowers"),
    [
        (BUY, 100, "10", "100", "10", True),
        (BUY, 99, "9.99", "100", "10", True),
        (BUY, 101, "10", "100", "10", False),
        (BUY, 100, "10.01", "100", "10", False),
        (SELL, 100, "10", "100", "10", True),
        (SELL, 100, "10.01", "100", "10", True),
        (SELL, 100, "9.99", "100", "10", False),
        (SELL, 101, "10.01", "100", "10", False),
        (BUY, 100, None, "100", None, True),
        (BUY, 100, None, "100", "10", False),
        (BUY, 100, "10", "100", None, False),
        (BUY, 1, "10", "0", "10", False),
        *((side, 100, n, "100", "10", False) for side in Side for n in ("NaN", "sNaN", "Infinity")),
    ],
)
def test_replace_that_only_lowers_what_the_order_could_do_is_closing(
    side, qty, limit, old_qty, old_limit, lowers
):
    before = None if old_limit is None else Decimal(old_limit)
    seen = picture(replaced_qty=old_qty, replaced_px=before)
    assert is_closing(new_order(side, qty, limit), seen) is lowers


def after(order, **changes):
    given = RiskInput(order=order, instrument=None, picture=picture(**changes))
    return given.exposure_after, given.gross_after


@pytest.mark.parametrize(
    ("order", "changes", "expected"),
    [
        pytest.param(new_order(BUY, 2, "98"), {}, ("200", "700"), id="passive buy: at the bid"),
        pytest.param(new_order(BUY, 2, "98"), {"bid": None}, ("202", "702"), id="or at the last"),
        pytest.param(
            new_order(BUY, 2, "98"), {"bid": "NaN", "last_px": "NaN"}, ("196", "696"), id="no mark"
        ),
        pytest.param(new_order(SELL, 2, "102"), {}, ("204", "704"), id="sell: at its limit"),
        pytest.param(
            new_order(BUY, 1, "90"), {"symbol_exposure": "300"}, ("300", "500"), id="less"
        ),
        pytest.param(
            new_order(BUY, 2, "98"), {"symbol_exposure": None}, (None, None), id="unknown"
        ),
        pytest.param(new_order(BUY, 2, "98"), {"gross_exposure": None}, ("200", None), id="gross"),
        pytest.param(new_order(BUY, 2), {"ask": None, "last_px": None}, (None, None), id="price"),
    ],
)
def test_exposure_after_is_at_the_worse_of_price_and_mark(order, changes, expected):
    seen = {"bid": "100", "last_px": "101", "gross_exposure": "500", **changes}
    assert after(order, **seen) == tuple(None if x is None else Decimal(x) for x in expected)


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=str)
def test_exposure_after_of_what_is_no_number_is_not_known(value):
    assert after(new_order(BUY, value)) == (None, None)
    assert after(new_order(BUY, 1), symbol_exposure=value) == (None, None)
    assert after(new_order(BUY, 1, "100"), gross_exposure=value) == (Decimal(100), None)
    assert known(value) is None


def test_figure_that_is_a_number_is_known():
    assert [known(value) for value in (None, ZERO, Decimal(-5))] == [None, ZERO, Decimal(-5)]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("field", ["position_qty", "working_buy_qty", "working_sell_qty"])
def test_holding_that_is_no_number_closes_nothing(field, value):
    for side in Side:
        held = {"position_qty": str(-100 * side.sign), field: value}
        asked = field == "position_qty" or (field == "working_buy_qty") is (side is BUY)
        expected = ZERO if asked else Decimal(100)
        assert closable_qty(new_order(side, 1), picture(**held)) == expected


WHOLE = st.integers(0, 200).map(Decimal)
POSITIONS = st.integers(-200, 200).map(Decimal)


@given(SIDES, st.integers(1, 300).map(Decimal), POSITIONS, WHOLE, WHOLE)
def test_no_way_of_filling_leads_beyond_the_worst(side, qty, position, buying, selling):
    seen = picture(position_qty=position, working_buy_qty=buying, working_sell_qty=selling)
    order = new_order(side, qty)
    ends = [
        position + bought - sold + filled * side.sign
        for bought, sold, filled in product((ZERO, buying), (ZERO, selling), (ZERO, qty))
    ]
    assert max(map(abs, ends)) == worst_qty_after(order, seen)


@given(SIDES, st.integers(1, 300).map(Decimal), POSITIONS, WHOLE, WHOLE)
def test_closing_order_never_opens_whatever_else_of_its_side_fills(
    side, qty, position, buying, selling
):
    seen = picture(position_qty=position, working_buy_qty=buying, working_sell_qty=selling)
    if is_closing(new_order(side, qty), seen):
        others = buying if side is BUY else selling
        before = position + others * side.sign
        after = before + qty * side.sign
        assert abs(after) < abs(before)
        assert after * position >= 0


@pytest.mark.parametrize(
    ("side", "limit", "known", "value"),
    [
        (BUY, None, {"bid": "9", "ask": "11", "last_px": "10"}, 33),
        (SELL, None, {"bid": "9", "ask": "11", "last_px": "10"}, 27),
        (BUY, "8", {"bid": "9", "ask": "11", "last_px": "10"}, 24),
        (BUY, None, {"bid": "9", "ask": None, "last_px": "10"}, 30),
        (SELL, None, {"bid": "NaN", "ask": "11", "last_px": "10"}, 30),
        (BUY, None, {"bid": None, "ask": None, "last_px": None}, None),
    ],
)
def test_usual_value_is_at_the_limit_or_the_far_quote(side, limit, known, value):
    seen = picture(**{n: None if px is None else Decimal(px) for n, px in known.items()})
    assert usual_value(new_order(side, 3, limit), seen) == value


@pytest.mark.parametrize(
    ("side", "limit", "time_in_force", "liquidity"),
    [
        (BUY, None, TimeInForce.DAY, Liquidity.REMOVED),
        (BUY, "100.01", TimeInForce.DAY, Liquidity.REMOVED),
        (BUY, "100.00", TimeInForce.DAY, Liquidity.ADDED),
        (SELL, "99.99", TimeInForce.DAY, Liquidity.REMOVED),
        (SELL, "100.00", TimeInForce.DAY, Liquidity.ADDED),
        (SELL, "NaN", TimeInForce.DAY, Liquidity.REMOVED),
        (BUY, None, TimeInForce.OPG, Liquidity.AUCTION),
        (SELL, "100.00", TimeInForce.CLS, Liquidity.AUCTION),
    ],
)
def test_order_that_meets_the_far_quote_takes(side, limit, time_in_force, liquidity):
    order = new_order(side, 3, limit, time_in_force=time_in_force)
    assert expected_liquidity(order, picture()) is liquidity


def test_order_without_a_market_to_compare_with_takes():
    assert expected_liquidity(new_order(BUY, 3, "100"), blind_picture()) is Liquidity.REMOVED
