"""What stands in the rows of a ladder; no Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.domain.enums import Side
from app.domain.ids import ClOrdID
from app.domain.orders import Order
from app.domain.position import Position
from widgets import text


@dataclass(frozen=True)
class Own:
    """An own order at a price."""

    cl_ord_id: ClOrdID
    side: Side
    leaves: Decimal
    ahead: int | None
    """Shares ahead of it in the queue at most; None: it is no resting limit."""
    is_stop: bool
    """It waits for the price, and is not in the queue."""


@dataclass(frozen=True)
class Rung:
    """One price."""

    price: Decimal
    bid: int = 0
    """Shares displayed."""
    ask: int = 0
    own: tuple[Own, ...] = ()
    traded: float = 0.0
    """Shares traded at the price, as far as the tape reaches back."""
    pnl: Decimal | None = None
    """What the position would gain if it were closed here, USD, before fees; None without one."""
    is_last: bool = False


@dataclass(frozen=True)
class Market:
    """What a ladder is made from."""

    bids: Mapping[Decimal, int] = field(default_factory=dict)
    asks: Mapping[Decimal, int] = field(default_factory=dict)
    last: Decimal | None = None
    traded: Mapping[Decimal, float] = field(default_factory=dict)
    own: Mapping[Decimal, tuple[Own, ...]] = field(default_factory=dict)
    position: Position | None = None


def own_by_rung(
    orders: Iterable[Order], ahead: Mapping[ClOrdID, int], tick: Decimal
) -> dict[Decimal, tuple[Own, ...]]:
    """Return own orders by the price of the row they stand in."""
    found: dict[Decimal, list[Own]] = {}
    for order in orders:
        price = text.level(order)
        if price is None or not order.leaves_qty:
            continue
        one = Own(
            cl_ord_id=order.cl_ord_id,
            side=order.terms.side,
            leaves=order.leaves_qty,
            ahead=ahead.get(order.cl_ord_id),
            is_stop=order.terms.limit_px is None,
        )
        found.setdefault(rung_of(price, tick), []).append(one)
    return {price: tuple(those) for price, those in found.items()}


def by_rung(levels: Iterable[tuple[Decimal, int]], side: Side, tick: Decimal) -> dict[Decimal, int]:
    """Return displayed shares by row; a price between two rows stands in the worse one."""
    found: dict[Decimal, int] = {}
    for price, shares in levels:
        row = rung_of(price, tick)
        if side is Side.SELL and row != price:
            row += tick
        found[row] = found.get(row, 0) + shares
    return found


def rung_of(price: Decimal, tick: Decimal) -> Decimal:
    """Return the row that a price stands in: its own, or the next one below."""
    return (price // tick) * tick


def middle_of(market: Market) -> Decimal | None:
    """Return the price around which a ladder is centred; None: nothing is known."""
    bid = max(market.bids, default=None)
    ask = min(market.asks, default=None)
    if bid is not None and ask is not None:
        return (bid + ask) / 2
    return market.last or bid or ask


def rungs(market: Market, top: Decimal, tick: Decimal, count: int) -> list[Rung]:
    """Return rows from a price down; prices of 0 and below have none.

    Args:
        market: what is known.
        top: price of the first row, on the tick.
        tick: step from row to row.
        count: rows at most.
    """
    made: list[Rung] = []
    held = market.position
    for number in range(count):
        price = top - tick * number
        if not price > 0:
            break
        gain = None
        if held is not None and held.qty:
            gain = held.unrealised_pnl(price)
        made.append(
            Rung(
                price=price,
                bid=market.bids.get(price, 0),
                ask=market.asks.get(price, 0),
                own=market.own.get(price, ()),
                traded=market.traded.get(price, 0.0),
                pnl=gain,
                is_last=market.last is not None and rung_of(market.last, tick) == price,
            )
        )
    return made


def centred_top(middle: Decimal, tick: Decimal, count: int) -> Decimal:
    """Return the price of the first row when a price is to stand in the middle."""
    return rung_of(middle, tick) + tick * (count // 2)


def is_off_centre(middle: Decimal, top: Decimal, tick: Decimal, count: int) -> bool:
    """Whether a price has left the middle half of the rows."""
    place = (top - middle) / tick
    return not (Decimal(count) / 4 <= place <= Decimal(count) * 3 / 4)
