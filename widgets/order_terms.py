"""What somebody typed into a ticket to an order, or to the sentence that says what to mend; no Qt.

Every sentence names the field, what was found and what is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from app.domain.enums import OrdType, Side, TimeInForce
from app.domain.ids import Symbol
from app.domain.instrument import Instrument
from app.domain.market import Quote
from app.domain.terms import NewOrder


class Field(StrEnum):
    """Where a problem is."""

    SYMBOL = "Symbol"
    QTY = "Quantity"
    LIMIT = "Limit price"


@dataclass(frozen=True)
class Problem:
    """Why there is no order yet."""

    field: Field
    text: str


@dataclass(frozen=True)
class Typed:
    """A ticket as it stands."""

    symbol: Symbol
    side: Side
    qty: str
    ord_type: OrdType
    limit: str
    time_in_force: TimeInForce


def parse_terms(typed: Typed, instrument: Instrument | None) -> NewOrder | Problem:
    """Return the order a ticket describes, or the first thing to mend."""
    if instrument is None:
        name = f"was {typed.symbol}, which the feed does not list" if typed.symbol else "is missing"
        return Problem(Field.SYMBOL, f"Symbol {name}: pick one in the watch list")
    qty = _parse_number(typed.qty, Field.QTY, "shares, like 100")
    if isinstance(qty, Problem):
        return qty
    if qty % instrument.lot:
        return Problem(
            Field.QTY, f"Quantity was {typed.qty.strip()}, must be a multiple of {instrument.lot}"
        )
    limit: Decimal | None = None
    if typed.ord_type is OrdType.LIMIT:
        parsed = _parse_number(typed.limit, Field.LIMIT, "dollars, like 186.68")
        if isinstance(parsed, Problem):
            return parsed
        if not instrument.is_on_tick(parsed):
            nearest = instrument.passive_price(parsed, typed.side)
            return Problem(
                Field.LIMIT,
                f"Limit price was {parsed}, must be a multiple of {instrument.tick_at(parsed)}"
                f" (nearest {nearest})",
            )
        limit = parsed
    return NewOrder(
        symbol=typed.symbol,
        side=typed.side,
        order_qty=qty,
        ord_type=typed.ord_type,
        time_in_force=typed.time_in_force,
        limit_px=limit,
    )


def step_price(typed: str, steps: int, instrument: Instrument) -> str | None:
    """Return a price moved by ticks; None if it is no price, or would not stay above zero."""
    price = _parse_number(typed, Field.LIMIT, "")
    if isinstance(price, Problem):
        return None
    moved = price + steps * instrument.tick_at(price)
    # On the way down through one dollar the step gets finer.
    moved = instrument.passive_price(moved, Side.BUY) if moved > 0 else moved
    return f"{moved}" if moved > 0 else None


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


def _parse_number(typed: str, field: Field, unit: str) -> Decimal | Problem:
    shown = typed.strip()
    if not shown:
        return Problem(field, f"{field} is missing: a number of {unit}")
    try:
        value = Decimal(shown.replace(",", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        return Problem(field, f"{field} was “{shown}”, must be a number of {unit}")
    if value <= 0:
        return Problem(field, f"{field} was {shown}, must be above 0")
    return value
