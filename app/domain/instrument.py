"""What can be traded, and on which grid of prices and quantities."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, getcontext
from typing import Final

import msgspec

from app.domain.enums import Side
from app.domain.ids import Symbol

_DOLLAR: Final = Decimal(1)
_CENT: Final = Decimal("0.01")
_SUB_DOLLAR_TICK: Final = Decimal("0.0001")


def is_multiple(value: Decimal, step: Decimal) -> bool:
    """Whether a value is a whole number of steps, exactly; of a step that is none, nothing is.

    Of a value with more steps than can be counted (28 digits) nobody can say, so it is not.
    """
    if not (value.is_finite() and step.is_finite() and step > 0):
        return False
    steps = value / step
    return steps.adjusted() < getcontext().prec and steps.to_integral_value() * step == value


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """A US stock or ETF."""

    symbol: Symbol
    name: str
    exchange: str
    """Name of the listing market, as shown."""
    currency: str = "USD"
    lot: Decimal = Decimal(1)
    """Smallest quantity step of an order, in shares."""
    tick: Decimal | None = None
    """Fixed price step in currency; None means the price-dependent step of Rule 612."""
    is_tradable: bool = True
    is_etf: bool = False
    group: str = ""
    """Sector or asset class it moves with; empty where it is not known."""
    adv: int | None = None
    """Average daily volume of 20 days, in shares; None where it is not known."""
    is_shortable: bool | None = None
    """Whether the broker has shares to lend (easy to borrow); None where it has not said."""

    def tick_at(self, price: Decimal) -> Decimal:
        """Return the smallest price step at a price.

        Source: Regulation NMS Rule 612(a)-(b), 17 CFR 242.612: 0.01 at or above 1.00 USD, 0.0001
        below. The half-cent step of the 2024 amendment is data per symbol: set `tick`.
        """
        if self.tick is not None:
            return self.tick
        return _CENT if price >= _DOLLAR else _SUB_DOLLAR_TICK

    def is_on_tick(self, price: Decimal) -> bool:
        """Whether an order may carry this price."""
        return is_multiple(price, self.tick_at(price))

    def passive_price(self, price: Decimal, side: Side) -> Decimal:
        """Return the nearest allowed price that is no worse for the sender than `price`."""
        tick = self.tick_at(price)
        rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
        return (price / tick).to_integral_value(rounding) * tick
