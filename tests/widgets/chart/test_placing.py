"""Show which order a click and a drag mean, and that no other is ever made of them."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import OrdType, Side
from tests.widgets.fake_desk import AAPL, INSTRUMENTS
from widgets.chart.placing import Exits, Placing, entry_at, exits_of, risk_words, typed_of
from widgets.order_terms import Draft, Kind, Problem, parse_ticket

APPLE = INSTRUMENTS[0]
SIDES = st.sampled_from([Side.BUY, Side.SELL])


@pytest.mark.parametrize(
    ("side", "price", "last", "kind", "shown"),
    [
        (Side.BUY, 186.004, 187.0, Kind.LIMIT, "186.00"),
        (Side.BUY, 188.0, 187.0, Kind.STOP, "188.00"),
        (Side.BUY, 187.0, 187.0, Kind.LIMIT, "187.00"),
        (Side.SELL, 188.004, 187.0, Kind.LIMIT, "188.01"),
        (Side.SELL, 186.0, 187.0, Kind.STOP, "186.00"),
        (Side.SELL, 186.0, None, Kind.LIMIT, "186.00"),
    ],
)
def test_a_click_is_an_order_that_rests_there(side, price, last, kind, shown):
    entry = entry_at(side, price, last, APPLE)
    assert (entry.side, entry.kind, Decimal(entry.price)) == (side, kind, Decimal(shown))


@pytest.mark.parametrize("price", [0.0, -1.0, math.nan, math.inf, 1e13, 1e-9])
@pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
def test_where_there_is_no_price_there_is_no_order(side, price):
    entry = entry_at(side, price, 187.0, APPLE)
    assert entry is None or Decimal(entry.price) > 0
    assert entry is None or price == 1e-9
    assert entry_at(side, 187.0, 187.0, None) is None


@given(
    side=SIDES,
    entry_px=st.decimals("1.01", "2000", places=2),
    stop=st.floats(-10, 5_000),
    ratio=st.decimals("0.1", "20", places=1),
)
def test_a_bracket_loses_on_one_side_and_gains_on_the_other(side, entry_px, stop, ratio):
    entry = Draft(side, Kind.LIMIT, f"{entry_px}")
    exits = exits_of(entry, stop, ratio, APPLE)
    if exits is None:
        return
    assert exits.target > 0
    assert exits.stop > 0
    assert (entry_px - exits.stop) * side.sign > 0
    assert (exits.target - entry_px) * side.sign > 0
    risk = abs(entry_px - exits.stop)
    assert abs(abs(exits.target - entry_px) - risk * ratio) < Decimal("0.02")
    assert exits.target % Decimal("0.0001") == 0


@pytest.mark.parametrize(
    ("side", "price"),
    [
        (Side.BUY, 187.5),
        (Side.BUY, 187.0),
        (Side.SELL, 186.5),
        (Side.SELL, 0.0),
        (Side.BUY, math.nan),
    ],
)
def test_a_drag_to_where_it_would_gain_is_no_bracket(side, price):
    assert exits_of(Draft(side, Kind.LIMIT, "187.00"), price, Decimal(2), APPLE) is None


def test_a_target_below_nothing_is_no_bracket():
    assert exits_of(Draft(Side.SELL, Kind.LIMIT, "10.00"), 16.0, Decimal(2), APPLE) is None


@given(side=SIDES, kind=st.sampled_from([Kind.LIMIT, Kind.STOP]), qty=st.integers(1, 10_000))
def test_the_ticket_reads_it_as_it_was_meant(side, kind, qty):
    entry = Draft(side, kind, "187.00")
    exits = exits_of(entry, 187.0 - 0.5 * side.sign, Decimal(2), APPLE)
    for wanted, count in ((None, 1), (exits, 3)):
        typed = typed_of(AAPL, Placing(side, f"{qty}"), entry, wanted)
        orders = parse_ticket(typed, APPLE, 0)
        assert not isinstance(orders, Problem)
        assert len(orders) == count
        first = orders[0]
        assert (first.symbol, first.side, first.order_qty) == (AAPL, side, qty)
        is_stop = kind is Kind.STOP
        assert first.ord_type is (OrdType.STOP if is_stop else OrdType.LIMIT)
        assert (first.stop_px if is_stop else first.limit_px) == Decimal("187.00")


@pytest.mark.parametrize("qty", ["", "0", "-5", "many", "1e3.5"])
def test_a_quantity_that_is_none_is_a_problem(qty):
    typed = typed_of(AAPL, Placing(Side.BUY, qty), Draft(Side.BUY, Kind.LIMIT, "187.00"), None)
    assert isinstance(parse_ticket(typed, APPLE, 0), Problem)


def test_the_risk_is_told_in_dollars_where_there_is_a_number():
    entry = Draft(Side.BUY, Kind.LIMIT, "187.00")
    exits = Exits(Decimal("188.00"), Decimal("186.50"))
    told = risk_words(entry, exits, Placing(Side.BUY, "100"))
    assert told == "stop 186.50  target 188.00  2 R  risk $50.00"
    assert risk_words(entry, exits, Placing(Side.BUY, "x")) == "stop 186.50  target 188.00  2 R"
