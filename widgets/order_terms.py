"""What somebody typed into a ticket to orders, or to the sentence that says what to mend; no Qt.

Every sentence names the field, what was found and what is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from app.domain.capabilities import Capabilities
from app.domain.enums import OrdType, PegOffsetType, Side, TimeInForce, TriggerMethod
from app.domain.ids import Symbol
from app.domain.instrument import Instrument
from app.domain.market import Quote
from app.domain.terms import LASTING_TIMES, STOP_TYPES, TRAIL_PERCENT_MAX, NewOrder
from app.domain.times import day_end_ns, new_york, parse_iso_ns

NUMBER_MAX: Final = 10**12
"""Of anything typed, exclusive: beyond it decimal remainders are not exact."""
YEARS_AHEAD_MAX: Final = 10
"""Of the date an order is good till."""


class Field(StrEnum):
    """Where a problem is."""

    SYMBOL = "Symbol"
    QTY = "Quantity"
    LIMIT = "Limit price"
    STOP = "Stop price"
    OFFSET = "Trail by"
    LIMIT_OFFSET = "Limit beyond"
    EXPIRY = "Good till"
    DISPLAY = "Show only"
    TARGET = "Target"
    STOP_LOSS = "Stop loss"


class Kind(StrEnum):
    """Order types as a person chooses them."""

    LIMIT = "Limit"
    MARKET = "Market"
    STOP = "Stop"
    STOP_LIMIT = "Stop limit"
    TRAIL = "Trailing stop"
    TRAIL_LIMIT = "Trailing stop limit"

    @property
    def ord_type(self) -> OrdType:
        """The FIX type; a trailing stop is a stop with an offset."""
        return _ORD_TYPES[self]

    @property
    def fields(self) -> frozenset[Field]:
        """What has to be typed for it, besides the quantity."""
        return _FIELDS[self]

    @property
    def is_stop(self) -> bool:
        """Whether it waits for a trigger."""
        return self.ord_type in STOP_TYPES


_ORD_TYPES: Final = {
    Kind.LIMIT: OrdType.LIMIT,
    Kind.MARKET: OrdType.MARKET,
    Kind.STOP: OrdType.STOP,
    Kind.STOP_LIMIT: OrdType.STOP_LIMIT,
    Kind.TRAIL: OrdType.STOP,
    Kind.TRAIL_LIMIT: OrdType.STOP_LIMIT,
}
_FIELDS: Final = {
    Kind.LIMIT: frozenset({Field.LIMIT}),
    Kind.MARKET: frozenset[Field](),
    Kind.STOP: frozenset({Field.STOP}),
    Kind.STOP_LIMIT: frozenset({Field.STOP, Field.LIMIT}),
    Kind.TRAIL: frozenset({Field.OFFSET}),
    Kind.TRAIL_LIMIT: frozenset({Field.OFFSET, Field.LIMIT_OFFSET}),
}


@dataclass(frozen=True)
class Problem:
    """Why there is no order yet."""

    field: Field
    text: str


class _Mend(Exception):  # noqa: N818  It never leaves this module.
    """Carries the first problem out of the parts."""

    def __init__(self, field: Field, text: str) -> None:
        super().__init__(text)
        self.problem = Problem(field, text)


@dataclass(frozen=True)
class Typed:
    """A ticket as it stands."""

    symbol: Symbol
    side: Side
    qty: str
    kind: Kind = Kind.LIMIT
    limit: str = ""
    stop: str = ""
    offset: str = ""
    offset_type: PegOffsetType = PegOffsetType.PRICE
    limit_offset: str = ""
    time_in_force: TimeInForce = TimeInForce.DAY
    expiry: str = ""
    """A date, for GTD."""
    trigger: TriggerMethod = TriggerMethod.LAST
    extended_hours: bool = False
    display: str | None = None
    """Shares to show, as typed; None: all."""
    exits: tuple[str, str] | None = None
    """Target and stop price as typed; None without exits."""


@dataclass(frozen=True)
class Draft:
    """What somebody pointed at on a chart or a ladder: the beginning of an order."""

    side: Side
    kind: Kind
    price: str
    """Limit or stop price, by the kind."""

    @property
    def words(self) -> str:
        """Return it in words: Buy limit @ 186.68."""
        verb = "Buy" if self.side is Side.BUY else "Sell"
        return f"{verb} {self.kind.value.lower()} @ {self.price}"


def drafts_at(price: float, last: float | None, instrument: Instrument | None) -> tuple[Draft, ...]:
    """Return the orders that would rest at a price: a limit and a stop, by where the market is."""
    if instrument is None or not (0 < price < NUMBER_MAX):
        return ()
    exact = Decimal(repr(price))
    buy_px, sell_px = (instrument.passive_price(exact, side) for side in (Side.BUY, Side.SELL))
    if not (buy_px > 0):
        return ()
    if last is not None and price > last:
        return (
            Draft(Side.SELL, Kind.LIMIT, f"{sell_px}"),
            Draft(Side.BUY, Kind.STOP, f"{buy_px}"),
        )
    return (
        Draft(Side.BUY, Kind.LIMIT, f"{buy_px}"),
        Draft(Side.SELL, Kind.STOP, f"{sell_px}"),
    )


def parse_ticket(
    typed: Typed, instrument: Instrument | None, now_ns: int
) -> tuple[NewOrder, ...] | Problem:
    """Return the order a ticket describes, or entry, target and stop; or the first thing to mend.

    Args:
        typed: the ticket.
        instrument: what its symbol is; None if the feed does not list it.
        now_ns: UTC; an order may not be good till a day that is over.
    """
    try:
        if instrument is None:
            name = "is missing"
            if typed.symbol:
                name = f"was {typed.symbol}, which the feed does not list"
            raise _Mend(Field.SYMBOL, f"Symbol {name}: pick one in the watch list")
        entry = _parse_entry(typed, instrument, now_ns)
        if typed.exits is None:
            return (entry,)
        return (entry, *_parse_exits(typed.exits, entry, instrument))
    except _Mend as mend:
        return mend.problem


def parse_qty(typed: str, instrument: Instrument) -> Decimal | Problem:
    """Return a quantity, or what to mend."""
    try:
        return _qty(typed, instrument)
    except _Mend as mend:
        return mend.problem


def parse_price(typed: str, field: Field, side: Side, instrument: Instrument) -> Decimal | Problem:
    """Return a price that an order may carry, or what to mend."""
    try:
        return _price(typed, field, side, instrument)
    except _Mend as mend:
        return mend.problem


def kind_fault(kind: Kind, able: Capabilities, broker: str) -> str:
    """Return why a type cannot be chosen; empty if it can. Stops always can: they wait here."""
    if kind.is_stop or kind.ord_type in able.ord_types:
        return ""
    return f"{broker} takes no {kind.value.lower()} orders"


def tif_fault(tif: TimeInForce, kind: Kind, able: Capabilities, broker: str) -> str:
    """Return why a time in force cannot be chosen; empty if it can."""
    if tif not in able.times_in_force:
        return f"{broker} takes no {tif.name} orders"
    if kind.is_stop and tif not in LASTING_TIMES:
        return f"a {kind.value.lower()} waits: {tif.name} does not fit it"
    return ""


def hours_fault(kind: Kind, able: Capabilities, broker: str) -> str:
    """Return why an order cannot trade outside regular hours; empty if it can."""
    if not able.has_extended_hours:
        return f"{broker} takes no orders outside regular hours"
    if kind is not Kind.LIMIT:
        return f"only limit orders trade outside regular hours, this is a {kind.value.lower()}"
    return ""


def reserve_fault(kind: Kind, tif: TimeInForce, able: Capabilities, broker: str) -> str:
    """Return why an order cannot hide a reserve; empty if it can."""
    if not able.has_reserve:
        return f"{broker} takes no reserve orders"
    if kind is not Kind.LIMIT or tif not in LASTING_TIMES:
        return "only a limit order that rests can hide a part of itself"
    return ""


def step_price(typed: str, steps: int, instrument: Instrument) -> str | None:
    """Return a price moved by ticks; None if it is no price, or would not stay above zero."""
    try:
        price = _number(typed, Field.LIMIT, "")
    except _Mend:
        return None
    moved = price + steps * instrument.tick_at(price)
    # On the way down through one dollar the step gets finer.
    moved = instrument.passive_price(moved, Side.BUY) if moved > 0 else moved
    return f"{moved}" if moved > 0 else None


def step_date(typed: str, days: int) -> str | None:
    """Return a date moved by days; None if it is no date."""
    try:
        return (date.fromisoformat(typed.strip()) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return None


def quoted_price(quote: Quote | None, which: str, side: Side, instrument: Instrument) -> str | None:
    """Return bid, mid or ask as a price an order may carry; None where it is not there."""
    if quote is None:
        return None
    price = {"bid": quote.bid, "mid": quote.mid, "ask": quote.ask}[which]
    if price is None or price <= 0:
        return None
    return f"{instrument.passive_price(price, side)}"


def spread_words(quote: Quote | None) -> str | None:
    """Return the spread in cents and basis points of the mid; None without two sides."""
    if quote is None or quote.bid is None or quote.ask is None or quote.mid is None:
        return None
    spread = quote.ask - quote.bid
    bps = spread / quote.mid * 10_000 if quote.mid else Decimal(0)
    return f"{spread * 100:.1f} ¢  {bps:.2f} bp"


def _parse_entry(typed: Typed, instrument: Instrument, now_ns: int) -> NewOrder:
    kind, needs, side = typed.kind, typed.kind.fields, typed.side
    qty = _qty(typed.qty, instrument)
    stop = limit = offset = limit_offset = None
    if Field.STOP in needs:
        stop = _price(typed.stop, Field.STOP, side, instrument)
    if Field.LIMIT in needs:
        limit = _price(typed.limit, Field.LIMIT, side, instrument)
    if Field.OFFSET in needs:
        offset = _offset(typed.offset, typed.offset_type)
    if Field.LIMIT_OFFSET in needs:
        limit_offset = _number(typed.limit_offset, Field.LIMIT_OFFSET, "dollars, like 0.10")
    is_dated = typed.time_in_force is TimeInForce.GTD
    return NewOrder(
        symbol=typed.symbol,
        side=side,
        order_qty=qty,
        ord_type=kind.ord_type,
        time_in_force=typed.time_in_force,
        limit_px=limit,
        stop_px=stop,
        peg_offset=offset,
        peg_offset_type=typed.offset_type if offset is not None else PegOffsetType.PRICE,
        limit_offset=limit_offset,
        trigger=typed.trigger if kind.is_stop else TriggerMethod.LAST,
        expire_ns=_expiry(typed.expiry, now_ns) if is_dated else None,
        extended_hours=typed.extended_hours,
        display_qty=None if typed.display is None else _displayed(typed.display, qty),
    )


def _parse_exits(
    typed: tuple[str, str], entry: NewOrder, instrument: Instrument
) -> tuple[NewOrder, NewOrder]:
    side = Side.SELL if entry.side is Side.BUY else Side.BUY
    target = _price(typed[0], Field.TARGET, side, instrument)
    stop = _price(typed[1], Field.STOP_LOSS, side, instrument)
    beyond, behind = ("above", "below") if entry.side is Side.BUY else ("below", "above")
    entry_px = entry.limit_px if entry.limit_px is not None else entry.stop_px
    sign = entry.side.sign
    name = "entry" if entry_px is not None else "stop loss"
    floor = entry_px if entry_px is not None else stop
    if not (sign * target > sign * floor):
        raise _Mend(Field.TARGET, f"Target was {target}, must be {beyond} the {name} {floor}")
    if entry_px is not None and not (sign * stop < sign * entry_px):
        raise _Mend(Field.STOP_LOSS, f"Stop loss was {stop}, must be {behind} the entry {entry_px}")
    lasts = entry.time_in_force in LASTING_TIMES
    exits = [
        NewOrder(
            symbol=entry.symbol,
            side=side,
            order_qty=entry.order_qty,
            ord_type=ord_type,
            # An exit waits for its entry's fills, whatever the entry itself does not wait for.
            time_in_force=entry.time_in_force if lasts else TimeInForce.DAY,
            expire_ns=entry.expire_ns,
            limit_px=limit,
            stop_px=stop_px,
            trigger=entry.trigger,
        )
        for ord_type, limit, stop_px in (
            (OrdType.LIMIT, target, None),
            (OrdType.STOP, None, stop),
        )
    ]
    return exits[0], exits[1]


def _qty(typed: str, instrument: Instrument) -> Decimal:
    qty = _number(typed, Field.QTY, "shares, like 100")
    if qty % instrument.lot:
        raise _Mend(
            Field.QTY, f"Quantity was {typed.strip()}, must be a multiple of {instrument.lot}"
        )
    return qty


def _displayed(typed: str, qty: Decimal) -> Decimal:
    shown = _number(typed, Field.DISPLAY, "shares, like 100")
    if shown % 1 or not (shown < qty):
        raise _Mend(
            Field.DISPLAY, f"Show only was {shown}, must be whole shares below the quantity {qty}"
        )
    return shown


def _price(typed: str, field: Field, side: Side, instrument: Instrument) -> Decimal:
    price = _number(typed, field, "dollars, like 186.68")
    if not instrument.is_on_tick(price):
        nearest = instrument.passive_price(price, side)
        raise _Mend(
            field,
            f"{field} was {price}, must be a multiple of {instrument.tick_at(price)}"
            f" (nearest {nearest})",
        )
    return price


def _offset(typed: str, unit: PegOffsetType) -> Decimal:
    if unit is PegOffsetType.PERCENTAGE:
        offset = _number(typed, Field.OFFSET, "percent, like 1.5")
        if not (offset < TRAIL_PERCENT_MAX):
            raise _Mend(
                Field.OFFSET, f"Trail by was {offset} %, must be below {TRAIL_PERCENT_MAX} %"
            )
        return offset
    if unit is PegOffsetType.TICKS:
        offset = _number(typed, Field.OFFSET, "ticks, like 10")
        if offset != offset.to_integral_value():
            raise _Mend(Field.OFFSET, f"Trail by was {offset} ticks, must be whole ticks")
        return offset
    return _number(typed, Field.OFFSET, "dollars, like 0.50")


def _expiry(typed: str, now_ns: int) -> int:
    shown, today = typed.strip(), new_york(now_ns).date()
    try:
        day = date.fromisoformat(shown)
    except ValueError:
        found = f"was “{shown}”" if shown else "is missing"
        raise _Mend(
            Field.EXPIRY, f"Good till {found}, must be a date like {today.isoformat()}"
        ) from None
    last = today + timedelta(days=365 * YEARS_AHEAD_MAX)
    if not today <= day <= last:
        raise _Mend(Field.EXPIRY, f"Good till was {shown}, must be from {today} to {last}")
    return day_end_ns(parse_iso_ns(f"{shown}T12:00"))


def _number(typed: str, field: Field, unit: str) -> Decimal:
    shown = typed.strip()
    if not shown:
        raise _Mend(field, f"{field} is missing: a number of {unit}")
    try:
        value = Decimal(shown.replace(",", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise _Mend(field, f"{field} was “{shown}”, must be a number of {unit}")
    if not 0 < value < NUMBER_MAX:
        allowed = "above 0" if value <= 0 else f"below {NUMBER_MAX:,}"
        raise _Mend(field, f"{field} was {shown}, must be {allowed}")
    return value
