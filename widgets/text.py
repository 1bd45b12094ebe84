"""Numbers, times, money and orders to text; no Qt.

What is not known is a dash, never a zero. A gain carries a plus sign. Times are New York time.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

from app.domain.enums import OrderState, OrdType, PegOffsetType, Side, TimeInForce
from app.domain.orders import Order
from app.domain.terms import NewOrder
from app.domain.times import new_york

DASH: Final = "–"

Number = Decimal | float | int

SIDE_WORDS: Final = {Side.BUY: "BUY", Side.SELL: "SELL"}
TYPE_WORDS: Final = {
    OrdType.MARKET: "Market",
    OrdType.LIMIT: "Limit",
    OrdType.STOP: "Stop",
    OrdType.STOP_LIMIT: "Stop limit",
}
TYPE_SHORT: Final = {
    OrdType.MARKET: "MKT",
    OrdType.LIMIT: "LMT",
    OrdType.STOP: "STP",
    OrdType.STOP_LIMIT: "STL",
}
TIF_WORDS: Final = {tif: tif.name for tif in TimeInForce}
STATE_WORDS: Final = {state: state.value.capitalize() for state in OrderState}
_TRAIL_SHORT: Final = {OrdType.STOP: "Trail", OrdType.STOP_LIMIT: "Trail limit"}


def price(value: Number | None) -> str:
    """Return a price: cents at and above one dollar, hundredths of a cent below."""
    if value is None or math.isnan(value):
        return DASH
    return f"{value:,.4f}" if -1 < value < 1 and value else f"{value:,.2f}"


def average(value: Number | None) -> str:
    """Return an average price: at least cents, up to a hundredth of a cent where it needs it."""
    if value is None:
        return DASH
    whole, _, part = f"{value:,.4f}".partition(".")
    return f"{whole}.{part[:2]}{part[2:].rstrip('0')}"


def money(value: Number | None) -> str:
    """Return an amount of dollars and cents."""
    if value is None:
        return DASH
    return f"-${-value:,.2f}" if value < 0 else f"${value:,.2f}"


def gain(value: Number | None) -> str:
    """Return a profit or loss with its sign."""
    return f"+{money(value)}" if value is not None and value > 0 else money(value)


def percent(value: Number | None, *, unit: bool = True) -> str:
    """Return a change in percent with its sign; `value` is already in percent."""
    if value is None:
        return DASH
    shown = f"{value:+.2f}" if round(value, 2) else "0.00"
    return f"{shown} %" if unit else shown


def quantity(value: Number | None) -> str:
    """Return a quantity with thousands separators; fractions of a share only if there are any."""
    if value is None:
        return DASH
    shown = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,.6f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def signed_quantity(value: Number | None) -> str:
    """Return a position's quantity; long with a plus sign."""
    return f"+{quantity(value)}" if value is not None and value > 0 else quantity(value)


def volume(value: Number | None) -> str:
    """Return a volume in thousands or millions: 48.2K."""
    if value is None or math.isnan(value):
        return DASH
    for limit, unit in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if value >= limit:
            return f"{float(value) / limit:.1f}{unit}"
    return f"{value:.0f}"


def ratio(value: Number | None) -> str:
    """Return a multiple: 0.84x with the multiplication sign."""
    return DASH if value is None else f"{value:.2f}×"


def utc_offset_ns(ts_ns: int) -> int:
    """Return what New York adds to UTC at a time."""
    offset = new_york(ts_ns).utcoffset()
    return round(offset.total_seconds()) * 1_000_000_000 if offset is not None else 0


def clock(ts_ns: int | None) -> str:
    """Return New York time of day to the millisecond."""
    if not ts_ns:
        return DASH
    at = new_york(ts_ns)
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"


def countdown(duration_ns: int) -> str:
    """Return a time to go as hours, minutes and seconds: 5:12:28, with days over one of them."""
    seconds = max(0, duration_ns) // 1_000_000_000
    days, rest = divmod(seconds, 86_400)
    words = f"{rest // 3600}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return f"{days}d {words}" if days else words


def moment(ts_ns: int | None) -> str:
    """Return New York day and time of day to the second."""
    return f"{new_york(ts_ns):%d %b %H:%M:%S}" if ts_ns else DASH


def date(ts_ns: int | None) -> str:
    """Return the New York date."""
    return f"{new_york(ts_ns):%a %d %b %Y}" if ts_ns else DASH


def span(duration_ns: int | None) -> str:
    """Return a short time with its unit: 412 µs, 1.02 ms, 3.5 s, 2:05 min."""
    if duration_ns is None:
        return DASH
    if duration_ns < 1_000_000:
        return f"{duration_ns / 1e3:.0f} µs"
    if duration_ns < 10_000_000:
        return f"{duration_ns / 1e6:.2f} ms"
    if duration_ns < 1_000_000_000:
        return f"{duration_ns / 1e6:.0f} ms"
    if duration_ns < 60_000_000_000:
        return f"{duration_ns / 1e9:.1f} s"
    minutes, seconds = divmod(duration_ns // 1_000_000_000, 60)
    return f"{minutes}:{seconds:02d} min"


def count(number: int, what: str) -> str:
    """Return how many of something: 1 order, 2 orders."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def short_id(value: str) -> str:
    """Return the ends of an identifier, enough to tell two apart."""
    return value if len(value) <= 10 else f"{value[:4]}…{value[-4:]}"


def offset(value: Decimal, unit: PegOffsetType) -> str:
    """Return how far a stop trails: $0.50, 1.5 %, 10 ticks."""
    if unit is PegOffsetType.PERCENTAGE:
        return f"{quantity(value)} %"
    if unit is PegOffsetType.TICKS:
        return f"{quantity(value)} tick{'' if value == 1 else 's'}"
    return f"${average(value)}"


def type_words(order: NewOrder) -> str:
    """Return an order's type; of a trailing one how far it trails: Trail 1.5 %."""
    if order.peg_offset is None:
        return TYPE_WORDS[order.ord_type]
    away = offset(order.peg_offset, order.peg_offset_type)
    return f"{_TRAIL_SHORT.get(order.ord_type, TYPE_WORDS[order.ord_type])} {away}"


def tif_words(order: NewOrder) -> str:
    """Return how long an order lasts; of a dated one until when: GTD 31 Dec 2026."""
    words = TIF_WORDS[order.time_in_force]
    # It expires at the midnight that ends the day.
    return words if order.expire_ns is None else f"{words} {_day(order.expire_ns - 1)}"


def order_words(order: NewOrder) -> str:
    """Return the whole order in words: Buy 100 AAPL @ 186.68."""
    verb = "Buy" if order.side is Side.BUY else "Sell"
    tif = "" if order.time_in_force is TimeInForce.DAY else f" {tif_words(order)}"
    hours = " outside hours too" if order.extended_hours else ""
    shown = "" if order.display_qty is None else f" showing {quantity(order.display_qty)}"
    qty = quantity(order.order_qty)
    return f"{verb} {qty} {order.symbol} {_price_words(order)}{tif}{hours}{shown}"


def bracket_words(entry: NewOrder, target: NewOrder, stop: NewOrder) -> str:
    """Return an entry with its exits in words: Buy 100 AAPL @ 186.68, target 190.00, stop 176."""
    exits = f"target {price(target.limit_px)}, stop {price(stop.stop_px)}"
    return f"{order_words(entry)}, {exits}"


def line_words(order: Order) -> str:
    """Return the label of a working order's line: BUY 100 LMT 186.68 0/100."""
    terms, qty = order.terms, quantity(order.order_qty)
    return (
        f"{SIDE_WORDS[terms.side]} {qty} {TYPE_SHORT[terms.ord_type]}"
        f" {price(level(order))}  {quantity(order.cum_qty)}/{qty}"
    )


def level(order: Order) -> Decimal | None:
    """Return the price an order stands at; of a trailing stop held here, where it is now."""
    terms = order.terms
    if terms.limit_px is not None:
        return terms.limit_px
    if terms.stop_px is not None:
        return terms.stop_px
    return None if order.hold is None else order.hold.watch_px


def status_words(order: Order) -> str:
    """Return an order's state in words, with the reason where there is one."""
    state = order.state
    if state is OrderState.IN_DOUBT:
        return "In doubt — asking the broker"
    words = STATE_WORDS[state]
    if state is OrderState.CANCELED and order.cancel_requested:
        return words  # As asked: there is no reason to give.
    if order.text and state is not OrderState.FILLED:
        return f"{words} · {order.text}"
    return words


def _day(ts_ns: int) -> str:
    return f"{new_york(ts_ns):%d %b %Y}".lstrip("0")


def _price_words(order: NewOrder) -> str:
    if order.peg_offset is not None:
        words = f"trailing by {offset(order.peg_offset, order.peg_offset_type)}"
        away = order.limit_offset
        return words if away is None else f"{words}, limit ${average(away)} beyond"
    if order.stop_px is not None:
        limit = "" if order.limit_px is None else f" limit {price(order.limit_px)}"
        return f"stop {price(order.stop_px)}{limit}"
    return f"@ {price(order.limit_px)}" if order.limit_px is not None else "at market"
