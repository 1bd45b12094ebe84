"""Goal: what was typed becomes an order or one sentence with field, value and what is allowed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.domain.enums import OrdType, Side, TimeInForce
from app.domain.ids import Symbol
from app.domain.instrument import Instrument
from app.domain.market import Quote
from app.domain.terms import NewOrder
from widgets.order_terms import (
    Field,
    Problem,
    Typed,
    parse_terms,
    quoted_price,
    spread_words,
    step_price,
)

AAPL = Instrument(symbol=Symbol("AAPL"), name="Apple Inc.", exchange="NASDAQ")


def typed(qty: str = "100", limit: str = "186.68", ord_type: OrdType = OrdType.LIMIT) -> Typed:
    return Typed(
        symbol=AAPL.symbol,
        side=Side.BUY,
        qty=qty,
        ord_type=ord_type,
        limit=limit,
        time_in_force=TimeInForce.DAY,
    )


def test_good_terms_are_an_order() -> None:
    order = parse_terms(typed(" 1,000 ", "186.68"), AAPL)
    assert isinstance(order, NewOrder)
    assert (order.order_qty, order.limit_px) == (Decimal(1000), Decimal("186.68"))


def test_market_order_ignores_the_limit_field() -> None:
    order = parse_terms(typed(limit="rubbish", ord_type=OrdType.MARKET), AAPL)
    assert isinstance(order, NewOrder)
    assert order.limit_px is None


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        (typed(""), Field.QTY, "Quantity is missing: a number of shares, like 100"),
        (typed("ten"), Field.QTY, "Quantity was “ten”, must be a number of shares, like 100"),
        (typed("NaN"), Field.QTY, "Quantity was “NaN”, must be a number of shares, like 100"),
        (typed("Infinity"), Field.QTY, "Quantity was “Infinity”, must be a number of shares"),
        (typed("0"), Field.QTY, "Quantity was 0, must be above 0"),
        (typed("-5"), Field.QTY, "Quantity was -5, must be above 0"),
        (typed("1.5"), Field.QTY, "Quantity was 1.5, must be a multiple of 1"),
        (typed(limit="x"), Field.LIMIT, "Limit price was “x”, must be a number of dollars"),
        (
            typed(limit="186.685"),
            Field.LIMIT,
            "Limit price was 186.685, must be a multiple of 0.01 (nearest 186.68)",
        ),
    ],
)
def test_bad_terms_are_one_sentence(given: Typed, field: Field, sentence: str) -> None:
    problem = parse_terms(given, AAPL)
    assert isinstance(problem, Problem)
    assert problem.field is field
    assert problem.text.startswith(sentence)


def test_symbol_that_is_not_listed_is_said() -> None:
    problem = parse_terms(typed(), None)
    assert isinstance(problem, Problem)
    assert problem.field is Field.SYMBOL
    assert "AAPL" in problem.text


@pytest.mark.parametrize(
    ("price", "steps", "moved"),
    [
        ("186.68", 1, "186.69"),
        ("186.68", -10, "186.58"),
        ("0.5000", 1, "0.5001"),
        ("0.01", -1000, None),
        ("", 1, None),
        ("abc", 1, None),
    ],
)
def test_price_moves_by_ticks(price: str, steps: int, moved: str | None) -> None:
    assert step_price(price, steps, AAPL) == moved


def quote(bid: str | None, ask: str | None) -> Quote:
    return Quote(
        symbol=AAPL.symbol,
        bid=None if bid is None else Decimal(bid),
        bid_size=1,
        ask=None if ask is None else Decimal(ask),
        ask_size=1,
        ts_exch_ns=0,
        ts_recv_ns=0,
    )


def test_quote_becomes_a_price_an_order_may_carry() -> None:
    both = quote("186.67", "186.70")
    assert quoted_price(both, "bid", Side.BUY, AAPL) == "186.67"
    assert quoted_price(both, "mid", Side.BUY, AAPL) == "186.68"
    assert quoted_price(both, "mid", Side.SELL, AAPL) == "186.69"
    assert quoted_price(quote(None, "186.70"), "mid", Side.BUY, AAPL) is None
    assert quoted_price(None, "bid", Side.BUY, AAPL) is None


def test_spread_in_cents_and_basis_points() -> None:
    assert spread_words(quote("187.22", "187.23")) == "1.0 ¢  0.53 bp"
    assert spread_words(quote("187.22", None)) is None
