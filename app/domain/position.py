"""Positions and the money they make, by average price.

Tax lots come with the portfolio work; the average-price position is what the screen and the gate
need. All figures are exact Decimals: the average is kept as cost, and the one quotient there is,
the cost of a part that is closed, is cut to a step so small that sums never need more digits than
a Decimal keeps. What is taken from cost is exactly what is booked as realised.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from app.domain.enums import Side
from app.domain.ids import Symbol
from app.domain.orders import Fill
from app.domain.terms import ZERO

_COST_STEP: Final = Decimal("1E-12")
"""Account currency. Leaves 15 of a Decimal's 28 digits before the point."""


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Signed holding of one symbol in one account."""

    symbol: Symbol
    qty: Decimal = ZERO
    """Shares; negative is short."""
    cost: Decimal = ZERO
    """Signed cost of the open quantity: qty x average price, fees not included."""
    realised_pnl: Decimal = ZERO
    """Of everything closed so far, fees not included."""
    fees: Decimal = ZERO

    @property
    def avg_px(self) -> Decimal | None:
        """Average price of the open quantity; None when flat."""
        return self.cost / self.qty if self.qty else None

    def unrealised_pnl(self, mark: Decimal) -> Decimal:
        """Return the gain of the open quantity at a price, fees not included."""
        return self.qty * mark - self.cost


def apply_fill(position: Position, fill: Fill) -> Position:
    """Return the position after one fill: close against the open quantity first, then open."""
    assert fill.symbol == position.symbol, (fill.symbol, position.symbol)
    signed = fill.qty if fill.side is Side.BUY else -fill.qty
    closing = ZERO
    if position.qty * signed < 0:
        closing = min(abs(signed), abs(position.qty)).copy_sign(signed)
    opening = signed - closing
    closed_cost = _cost_of(position, -closing)
    return Position(
        symbol=position.symbol,
        qty=position.qty + signed,
        cost=position.cost - closed_cost + opening * fill.px,
        realised_pnl=position.realised_pnl
        + (-closing * fill.px - closed_cost if closing else ZERO),
        fees=position.fees + fill.fee,
    )


def _cost_of(position: Position, qty: Decimal) -> Decimal:
    if not qty:
        return ZERO
    if qty == position.qty:
        return position.cost  # A full close leaves no cost behind.
    return (position.cost * qty / position.qty).quantize(_COST_STEP)
