"""What a click or a drag on a chart means as an order; no Qt.

A click places an order that rests there: a limit on the near side of the market, a stop on the far
one. A drag places it with both exits: from where it was pressed to the stop loss, and the target as
many times as far on the other side.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from app.domain.enums import Side
from app.domain.ids import Symbol
from app.domain.instrument import Instrument
from widgets.order_terms import NUMBER_MAX, Draft, Kind, Typed

RATIO_DEFAULT: Final = Decimal(2)
RATIO_MAX: Final = Decimal(20)


@dataclass(frozen=True)
class Placing:
    """What is armed: every click is an order."""

    side: Side
    qty: str
    """Shares, as typed."""
    ratio: Decimal = RATIO_DEFAULT
    """Distance of the target from the entry, in distances of the stop loss."""


@dataclass(frozen=True)
class Exits:
    """Where a bracket would end."""

    target: Decimal
    stop: Decimal


def entry_at(
    side: Side, price: float, last: float | None, instrument: Instrument | None
) -> Draft | None:
    """Return the order of a side that would rest at a price; None: there is none.

    Args:
        side: of the order.
        price: under the mouse.
        last: newest price of the market; None: not known, and it is a limit.
        instrument: whose tick it goes to.
    """
    if instrument is None or not (0 < price < NUMBER_MAX):
        return None
    exact = instrument.passive_price(Decimal(repr(price)), side)
    if not (exact > 0):
        return None
    is_beyond = last is not None and (price - last) * side.sign > 0
    return Draft(side, Kind.STOP if is_beyond else Kind.LIMIT, f"{exact}")


def exits_of(entry: Draft, price: float, ratio: Decimal, instrument: Instrument) -> Exits | None:
    """Return the exits of an entry whose stop loss was dragged to a price.

    None: the price is not on the side where the entry loses, or the target would be at or below 0.
    """
    if not (0 < price < NUMBER_MAX):
        return None
    away = Side.SELL if entry.side is Side.BUY else Side.BUY
    stop = instrument.passive_price(Decimal(repr(price)), away)
    risk = (Decimal(entry.price) - stop) * entry.side.sign
    if not (risk > 0 and stop > 0):
        return None
    target = instrument.passive_price(Decimal(entry.price) + risk * ratio * entry.side.sign, away)
    return Exits(target, stop) if target > 0 else None


def typed_of(symbol: Symbol, placing: Placing, entry: Draft, exits: Exits | None) -> Typed:
    """Return it as a ticket would have it, so that one parser says what is wrong."""
    is_stop = entry.kind is Kind.STOP
    return Typed(
        symbol=symbol,
        side=entry.side,
        qty=placing.qty,
        kind=entry.kind,
        limit="" if is_stop else entry.price,
        stop=entry.price if is_stop else "",
        exits=None if exits is None else (f"{exits.target}", f"{exits.stop}"),
    )


def risk_words(entry: Draft, exits: Exits, placing: Placing) -> str:
    """Say what a bracket risks and may gain, in dollars where the quantity is a number."""
    risk = (Decimal(entry.price) - exits.stop) * entry.side.sign
    told = f"stop {exits.stop}  target {exits.target}  {placing.ratio.normalize():f} R"
    if placing.qty.isdigit() and int(placing.qty) < NUMBER_MAX:
        told += f"  risk ${risk * int(placing.qty):,.2f}"
    return told
