"""What an order line on the chart says and asks for: its gain, and where it is dragged; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.domain.instrument import Instrument
from app.domain.orders import Order
from app.domain.position import Position
from widgets import text


@dataclass(frozen=True)
class MovedPrices:
    """Prices to ask for; None where the order has none."""

    limit_px: Decimal | None
    stop_px: Decimal | None


def closing_pnl(order: Order, position: Position) -> Decimal | None:
    """Return what the holding's part that an order would close gains or loses at its price, USD.

    Before fees. None: it closes nothing, or stands at no price.
    """
    price, held = text.level(order), position.qty
    if price is None or position.avg_px is None or not (held * order.terms.side.sign < 0):
        return None
    closed = min(abs(held), order.leaves_qty)
    return (price - position.avg_px) * (closed if held > 0 else -closed)


def moved_prices(order: Order, price: float, instrument: Instrument | None) -> MovedPrices | str:
    """Return the prices of an order whose line was dragged to a price, or why it cannot be.

    A stop limit keeps the distance of its two prices. Prices go to the tick that is not better for
    the other side.
    """
    terms = order.terms
    if instrument is None:
        return f"{terms.symbol} is not listed by the feed; the order stays where it is"
    if terms.is_trailing:
        return "a trailing stop follows the market by itself; change what it trails by"
    shown = text.level(order)
    if shown is None or not (0 < price < 1e12):
        return "there is no such price; the order stays where it is"
    wanted = instrument.passive_price(Decimal(repr(price)), terms.side)
    if not (wanted > 0):
        return f"the price was {wanted}, must be above 0; the order stays where it is"
    if terms.stop_px is None:
        return MovedPrices(wanted, None)
    if terms.limit_px is None:
        return MovedPrices(None, wanted)
    # The line stands at one of both; the other keeps its distance.
    moved = wanted - shown
    limit, stop = (
        instrument.passive_price(px + moved, terms.side) for px in (terms.limit_px, terms.stop_px)
    )
    return MovedPrices(limit, stop)
