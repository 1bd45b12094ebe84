"""Goal: what the screen says of numbers, times and orders is right; unknown is never 0."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.domain.enums import Custody, ExecType, OrdType, PegOffsetType, Side, TimeInForce
from app.domain.ids import AccountID, ClOrdID
from app.domain.orders import Order
from app.domain.reports import ExecutionReport, SendUncertain
from app.domain.terms import Hold, NewOrder
from app.domain.transitions import apply_report
from widgets import text

D = Decimal


@pytest.mark.parametrize(
    ("make", "value", "words"),
    [
        (text.price, None, "–"),
        (text.price, float("nan"), "–"),
        (text.price, D("186.68"), "186.68"),
        (text.price, 1234.5, "1,234.50"),
        (text.price, D("0.1234"), "0.1234"),
        (text.price, 0, "0.00"),
        (text.average, D("186.683333333"), "186.6833"),
        (text.average, D("186.5"), "186.50"),
        (text.average, None, "–"),
        (text.money, D("103482.17"), "$103,482.17"),
        (text.money, D("-5.5"), "-$5.50"),
        (text.money, None, "–"),
        (text.gain, D("1284.6"), "+$1,284.60"),
        (text.gain, D("-88"), "-$88.00"),
        (text.gain, D(0), "$0.00"),
        (text.gain, None, "–"),
        (text.percent, 1.257, "+1.26 %"),
        (text.percent, -0.001, "0.00 %"),
        (text.percent, None, "–"),
        (text.quantity, D("9000"), "9,000"),
        (text.quantity, D("0.50"), "0.5"),
        (text.quantity, None, "–"),
        (text.signed_quantity, D(100), "+100"),
        (text.signed_quantity, D(-100), "-100"),
        (text.volume, 48_210.0, "48.2K"),
        (text.volume, 1.5e6, "1.5M"),
        (text.volume, 12.0, "12"),
        (text.ratio, D("0.84"), "0.84×"),
        (text.ratio, None, "–"),
        (text.span, 412_000, "412 µs"),
        (text.span, 1_020_000, "1.02 ms"),
        (text.span, 15_400_000, "15 ms"),
        (text.span, 3_500_000_000, "3.5 s"),
        (text.span, 125_000_000_000, "2:05 min"),
        (text.span, None, "–"),
        (text.short_id, "c1f0aaaaaaaa9a2e", "c1f0…9a2e"),
        (text.short_id, "short", "short"),
    ],
)
def test_value_in_words(make: object, value: object, words: str) -> None:
    assert make(value) == words  # type: ignore[operator]


@pytest.mark.parametrize(
    ("ts_ns", "words"),
    [
        (1_381_240_206_041_999_999, "09:50:06.041"),  # Summer time.
        (1_767_365_251_482_000_000, "09:47:31.482"),  # Winter time.
        (0, "–"),
        (None, "–"),
    ],
)
def test_clock_is_new_york_to_the_millisecond(ts_ns: int | None, words: str) -> None:
    assert text.clock(ts_ns) == words


def _order(**changes: object) -> NewOrder:
    terms: dict[str, object] = {
        "symbol": "AAPL",
        "side": Side.BUY,
        "order_qty": D(100),
        "ord_type": OrdType.LIMIT,
        "limit_px": D("186.68"),
    }
    return NewOrder(**(terms | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (_order(), "Buy 100 AAPL @ 186.68"),
        (_order(side=Side.SELL, time_in_force=TimeInForce.IOC), "Sell 100 AAPL @ 186.68 IOC"),
        (_order(ord_type=OrdType.MARKET, limit_px=None), "Buy 100 AAPL at market"),
        (
            _order(ord_type=OrdType.STOP, limit_px=None, stop_px=D("180.5")),
            "Buy 100 AAPL stop 180.50",
        ),
        (
            _order(ord_type=OrdType.STOP_LIMIT, stop_px=D(180)),
            "Buy 100 AAPL stop 180.00 limit 186.68",
        ),
        (
            _order(ord_type=OrdType.STOP, limit_px=None, peg_offset=D("0.5")),
            "Buy 100 AAPL trailing by $0.50",
        ),
        (
            _order(
                ord_type=OrdType.STOP_LIMIT,
                limit_px=None,
                peg_offset=D("1.50"),
                peg_offset_type=PegOffsetType.PERCENTAGE,
                limit_offset=D("0.1"),
            ),
            "Buy 100 AAPL trailing by 1.5 %, limit $0.10 beyond",
        ),
        (
            _order(
                ord_type=OrdType.STOP,
                limit_px=None,
                peg_offset=D(1),
                peg_offset_type=PegOffsetType.TICKS,
            ),
            "Buy 100 AAPL trailing by 1 tick",
        ),
        (
            _order(time_in_force=TimeInForce.GTD, expire_ns=1_798_779_600_000_000_000),
            "Buy 100 AAPL @ 186.68 GTD 31 Dec 2026",
        ),
        (_order(extended_hours=True), "Buy 100 AAPL @ 186.68 outside hours too"),
        (_order(display_qty=Decimal(20)), "Buy 100 AAPL @ 186.68 showing 20"),
    ],
)
def test_order_in_words(order: NewOrder, words: str) -> None:
    assert text.order_words(order) == words


def test_bracket_in_words() -> None:
    target = _order(side=Side.SELL, limit_px=D(190))
    stop = _order(side=Side.SELL, ord_type=OrdType.STOP, limit_px=None, stop_px=D("176"))
    words = "Buy 100 AAPL @ 186.68, target 190.00, stop 176.00"
    assert text.bracket_words(_order(), target, stop) == words


def test_trailing_line_stands_where_its_stop_is_now() -> None:
    order = Order(
        cl_ord_id=ClOrdID("1"),
        account=AccountID("P"),
        order=_order(ord_type=OrdType.STOP, limit_px=None, peg_offset=D(1)),
        origin="manual",  # type: ignore[arg-type]
        actor="tester",
        ts_intent_ns=1,
        hold=Hold(watch_px=D("185.2")),
        custody=Custody.HELD,
    )
    assert text.level(order) == D("185.2")
    assert text.line_words(order) == "BUY 100 STP 185.20  0/100"
    assert text.status_words(order) == "Held here"


def test_status_says_unknown_rather_than_guess() -> None:
    order = Order(
        cl_ord_id=ClOrdID("1"),
        account=AccountID("P"),
        order=_order(),
        origin="manual",  # type: ignore[arg-type]
        actor="tester",
        ts_intent_ns=1,
        custody=Custody.SENT,
    )
    assert text.status_words(order) == "Pending new"
    unsure = apply_report(order, SendUncertain(cl_ord_id=ClOrdID("1"), ts_recv_ns=2))
    assert text.status_words(unsure) == "In doubt — asking the broker"
    refused = apply_report(
        unsure,
        ExecutionReport(
            cl_ord_id=ClOrdID("1"),
            exec_type=ExecType.REJECTED,
            ts_exch_ns=3,
            ts_recv_ns=3,
            text="too much",
        ),
    )
    assert text.status_words(refused) == "Rejected · too much"
    assert text.line_words(order) == "BUY 100 LMT 186.68  0/100"
