"""Goal: what was typed becomes an order or one sentence with field, value and what is allowed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.domain.capabilities import Capabilities
from app.domain.enums import OrdType, PegOffsetType, Side, TimeInForce, TriggerMethod
from app.domain.ids import Symbol
from app.domain.instrument import Instrument
from app.domain.market import Quote
from app.domain.terms import NewOrder
from app.domain.times import parse_iso_ns
from widgets.order_terms import (
    Field,
    Kind,
    Problem,
    Typed,
    drafts_at,
    hours_fault,
    kind_fault,
    parse_ticket,
    quoted_price,
    spread_words,
    step_date,
    step_price,
    tif_fault,
)

D = Decimal
AAPL = Instrument(symbol=Symbol("AAPL"), name="Apple Inc.", exchange="NASDAQ")
NOW_NS = parse_iso_ns("2026-11-23T09:30:00")
PLAIN = Capabilities(
    ord_types=frozenset({OrdType.LIMIT}),
    times_in_force=frozenset({TimeInForce.DAY, TimeInForce.IOC}),
    can_short=True,
    has_fractions=False,
)
EVERYTHING = Capabilities(
    ord_types=frozenset(OrdType),
    times_in_force=frozenset(TimeInForce),
    can_short=True,
    has_fractions=True,
    has_trailing=True,
    has_extended_hours=True,
)


def typed(qty: str = "100", limit: str = "186.68", **changes: Any) -> Typed:
    side = changes.pop("side", Side.BUY)
    return Typed(symbol=AAPL.symbol, side=side, qty=qty, limit=limit, **changes)


def parsed(given: Typed) -> NewOrder:
    (order,) = orders(given)
    return order


def orders(given: Typed) -> tuple[NewOrder, ...]:
    found = parse_ticket(given, AAPL, NOW_NS)
    assert not isinstance(found, Problem), found
    return found


def problem(given: Typed, instrument: Instrument | None = AAPL) -> Problem:
    found = parse_ticket(given, instrument, NOW_NS)
    assert isinstance(found, Problem)
    return found


def test_good_terms_are_an_order() -> None:
    order = parsed(typed(" 1,000 ", "186.68", extended_hours=True))
    assert (order.order_qty, order.limit_px) == (Decimal(1000), Decimal("186.68"))
    assert order.extended_hours


@pytest.mark.parametrize(
    ("kind", "terms"),
    [
        (Kind.LIMIT, {"ord_type": OrdType.LIMIT, "limit_px": D("186.68")}),
        (Kind.MARKET, {"ord_type": OrdType.MARKET}),
        (Kind.STOP, {"ord_type": OrdType.STOP, "stop_px": D(180)}),
        (
            Kind.STOP_LIMIT,
            {"ord_type": OrdType.STOP_LIMIT, "stop_px": D(180), "limit_px": D("186.68")},
        ),
        (
            Kind.TRAIL,
            {
                "ord_type": OrdType.STOP,
                "peg_offset": D("1.5"),
                "peg_offset_type": PegOffsetType.PERCENTAGE,
            },
        ),
        (
            Kind.TRAIL_LIMIT,
            {
                "ord_type": OrdType.STOP_LIMIT,
                "peg_offset": D("1.5"),
                "peg_offset_type": PegOffsetType.PERCENTAGE,
                "limit_offset": D("0.10"),
            },
        ),
    ],
)
def test_type_takes_its_own_fields_and_no_other(kind: Kind, terms: dict[str, Any]) -> None:
    everything = typed(
        kind=kind,
        stop="180",
        offset="1.5",
        offset_type=PegOffsetType.PERCENTAGE,
        limit_offset="0.10",
        expiry="rubbish",
        trigger=TriggerMethod.MID,
    )
    trigger = TriggerMethod.MID if kind.is_stop else TriggerMethod.LAST
    want = NewOrder(
        symbol=AAPL.symbol, side=Side.BUY, order_qty=D(100), **({"trigger": trigger} | terms)
    )
    assert parsed(everything) == want


def test_a_reserve_shows_what_was_typed() -> None:
    assert parsed(typed(display=" 20 ")).display_qty == D(20)
    assert parsed(typed()).display_qty is None


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        ("", "Show only is missing: a number of shares, like 100"),
        ("abc", "Show only was “abc”, must be a number of shares, like 100"),
        ("0", "Show only was 0, must be above 0"),
        ("0.5", "Show only was 0.5, must be whole shares below the quantity 100"),
        ("100", "Show only was 100, must be whole shares below the quantity 100"),
    ],
)
def test_a_reserve_that_is_none_is_said(shown: str, words: str) -> None:
    found = problem(typed(display=shown))
    assert (found.field, found.text) == (Field.DISPLAY, words)


def test_good_till_ends_at_the_midnight_after_its_day() -> None:
    order = parsed(typed(time_in_force=TimeInForce.GTD, expiry=" 2026-11-23 "))
    assert order.expire_ns == parse_iso_ns("2026-11-24T00:00:00")


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        (typed(""), Field.QTY, "Quantity is missing: a number of shares, like 100"),
        (typed("ten"), Field.QTY, "Quantity was “ten”, must be a number of shares, like 100"),
        (typed("NaN"), Field.QTY, "Quantity was “NaN”, must be a number of shares, like 100"),
        (typed("Infinity"), Field.QTY, "Quantity was “Infinity”, must be a number of shares"),
        (typed("0"), Field.QTY, "Quantity was 0, must be above 0"),
        (typed("-5"), Field.QTY, "Quantity was -5, must be above 0"),
        (typed("1e400"), Field.QTY, "Quantity was 1e400, must be below 1,000,000,000,000"),
        (typed("1.5"), Field.QTY, "Quantity was 1.5, must be a multiple of 1"),
        (typed(limit="x"), Field.LIMIT, "Limit price was “x”, must be a number of dollars"),
        (
            typed(limit="186.685"),
            Field.LIMIT,
            "Limit price was 186.685, must be a multiple of 0.01 (nearest 186.68)",
        ),
        (typed(kind=Kind.STOP), Field.STOP, "Stop price is missing: a number of dollars"),
        (
            typed(kind=Kind.STOP_LIMIT, stop="180.005"),
            Field.STOP,
            "Stop price was 180.005, must be a multiple of 0.01",
        ),
        (
            typed(kind=Kind.TRAIL, offset="x"),
            Field.OFFSET,
            "Trail by was “x”, must be a number of dollars, like 0.50",
        ),
        (
            typed(kind=Kind.TRAIL, offset="50", offset_type=PegOffsetType.PERCENTAGE),
            Field.OFFSET,
            "Trail by was 50 %, must be below 50 %",
        ),
        (
            typed(kind=Kind.TRAIL, offset="1.5", offset_type=PegOffsetType.TICKS),
            Field.OFFSET,
            "Trail by was 1.5 ticks, must be whole ticks",
        ),
        (
            typed(kind=Kind.TRAIL_LIMIT, offset="1"),
            Field.LIMIT_OFFSET,
            "Limit beyond is missing: a number of dollars, like 0.10",
        ),
        (
            typed(time_in_force=TimeInForce.GTD, expiry="soon"),
            Field.EXPIRY,
            "Good till was “soon”, must be a date like 2026-11-23",
        ),
        (
            typed(time_in_force=TimeInForce.GTD),
            Field.EXPIRY,
            "Good till is missing, must be a date like 2026-11-23",
        ),
        (
            typed(time_in_force=TimeInForce.GTD, expiry="2026-11-22"),
            Field.EXPIRY,
            "Good till was 2026-11-22, must be from 2026-11-23 to 2036-11-20",
        ),
        (typed(exits=("", "176")), Field.TARGET, "Target is missing: a number of dollars"),
        (typed(exits=("190", "x")), Field.STOP_LOSS, "Stop loss was “x”, must be a number"),
        (
            typed(exits=("186.68", "176")),
            Field.TARGET,
            "Target was 186.68, must be above the entry 186.68",
        ),
        (
            typed(exits=("190", "186.68")),
            Field.STOP_LOSS,
            "Stop loss was 186.68, must be below the entry 186.68",
        ),
        (
            typed(exits=("187", "190"), side=Side.SELL),
            Field.TARGET,
            "Target was 187, must be below the entry 186.68",
        ),
        (
            typed(exits=("170", "186"), side=Side.SELL),
            Field.STOP_LOSS,
            "Stop loss was 186, must be above the entry 186.68",
        ),
        (
            typed(kind=Kind.MARKET, exits=("170", "176")),
            Field.TARGET,
            "Target was 170, must be above the stop loss 176",
        ),
    ],
)
def test_bad_terms_are_one_sentence(given: Typed, field: Field, sentence: str) -> None:
    found = problem(given)
    assert found.field is field
    assert found.text.startswith(sentence)


@pytest.mark.parametrize(
    ("side", "kind", "target", "stop"),
    [
        (Side.BUY, Kind.LIMIT, "190", "176"),
        (Side.SELL, Kind.LIMIT, "176", "190"),
        (Side.BUY, Kind.MARKET, "190", "176"),
    ],
)
def test_exits_are_of_the_other_side_and_the_same_quantity(
    side: Side, kind: Kind, target: str, stop: str
) -> None:
    entry, first, second = orders(typed(side=side, kind=kind, exits=(target, stop)))
    assert entry.side is side
    assert first.side is second.side is not side
    assert (first.ord_type, first.limit_px, first.stop_px) == (OrdType.LIMIT, D(target), None)
    assert (second.ord_type, second.limit_px, second.stop_px) == (OrdType.STOP, None, D(stop))
    assert {order.order_qty for order in (entry, first, second)} == {D(100)}


@pytest.mark.parametrize(
    ("tif", "exits"),
    [
        (TimeInForce.DAY, TimeInForce.DAY),
        (TimeInForce.GTC, TimeInForce.GTC),
        (TimeInForce.IOC, TimeInForce.DAY),
        (TimeInForce.GTD, TimeInForce.GTD),
    ],
)
def test_exits_last_as_long_as_an_order_that_waits_may(
    tif: TimeInForce, exits: TimeInForce
) -> None:
    given = typed(time_in_force=tif, expiry="2026-12-31", exits=("190", "176"))
    entry, *legs = orders(given)
    assert [leg.time_in_force for leg in legs] == [exits] * 2
    assert [leg.expire_ns for leg in legs] == [entry.expire_ns] * 2


def test_symbol_that_is_not_listed_is_said() -> None:
    found = problem(typed(), None)
    assert found.field is Field.SYMBOL
    assert "AAPL" in found.text


def test_choices_that_a_broker_does_not_take_have_a_reason() -> None:
    assert kind_fault(Kind.MARKET, PLAIN, "Paper") == "Paper takes no market orders"
    assert kind_fault(Kind.LIMIT, PLAIN, "Paper") == ""
    assert kind_fault(Kind.STOP, PLAIN, "Paper") == ""  # Held here.
    assert tif_fault(TimeInForce.OPG, Kind.LIMIT, PLAIN, "Paper") == "Paper takes no OPG orders"
    assert tif_fault(TimeInForce.IOC, Kind.LIMIT, PLAIN, "Paper") == ""
    waits = "a stop waits: IOC does not fit it"
    assert tif_fault(TimeInForce.IOC, Kind.STOP, PLAIN, "Paper") == waits
    hours = "Paper takes no orders outside regular hours"
    assert hours_fault(Kind.LIMIT, PLAIN, "Paper") == hours
    assert hours_fault(Kind.LIMIT, EVERYTHING, "Paper") == ""
    limits = "only limit orders trade outside regular hours, this is a stop"
    assert hours_fault(Kind.STOP, EVERYTHING, "Paper") == limits


@pytest.mark.parametrize(
    ("shown", "days", "moved"),
    [
        ("2026-12-31", 1, "2027-01-01"),
        ("2026-03-01", -1, "2026-02-28"),
        ("9999-12-31", 1, None),
        ("soon", 1, None),
    ],
)
def test_date_moves_by_days(shown: str, days: int, moved: str | None) -> None:
    assert step_date(shown, days) == moved


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


@pytest.mark.parametrize("price", [0.0, -1.0, float("nan"), float("inf"), 1e300])
def test_at_no_price_nothing_is_offered(price: float) -> None:
    assert drafts_at(price, 186.0, AAPL) == ()
    assert drafts_at(186.0, 186.0, None) == ()


def test_prices_offered_are_whole_ticks_and_never_better_than_pointed_at() -> None:
    buy, sell = drafts_at(186.678, 190.0, AAPL)
    assert (buy.words, sell.words) == ("Buy limit @ 186.67", "Sell stop @ 186.68")
