"""A round trip without hands: what the station does by itself where there is no display.

It gives orders through the desk as a person would, and its orders are recorded as a script's.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Final

from app.desk import Desk
from app.domain.enums import OrdStatus, OrdType, Side
from app.domain.ids import ClOrdID, Symbol
from app.domain.terms import NewOrder

QTY: Final = Decimal(100)
HOLD_S: Final = 6.0
"""Between the buy's fill and the sell: something to see on the chart."""
POLL_S: Final = 0.05


async def trade_round_trip(desk: Desk, symbol: Symbol) -> None:
    """Buy, hold and sell at the market; return when the sell is done."""
    await _first_quote(desk, symbol)
    bought = await _order(desk, symbol, Side.BUY, QTY)
    if bought:
        await asyncio.sleep(HOLD_S)
        await _order(desk, symbol, Side.SELL, bought)


async def trade_sampler(desk: Desk) -> None:
    """Give a handful of orders of several kinds, for a picture of the station at work."""
    first, second, third = (instrument.symbol for instrument in desk.instruments[:3])
    for symbol in (first, second, third):
        await _first_quote(desk, symbol)
    await _order(desk, first, Side.BUY, QTY)
    await _order(desk, second, Side.BUY, Decimal(50))
    await _order(desk, third, Side.BUY, Decimal(200))
    await _order(desk, third, Side.SELL, Decimal(80))
    for side, ticks_away in ((Side.BUY, 45), (Side.SELL, 60)):
        quote = desk.market.quote(first)
        assert quote is not None
        near = quote.bid if side is Side.BUY else quote.ask
        if near is not None:
            desk.submit(
                NewOrder(
                    symbol=first,
                    side=side,
                    order_qty=QTY,
                    ord_type=OrdType.LIMIT,
                    limit_px=near - side.sign * ticks_away * Decimal("0.01"),
                )
            )
    await _order(desk, second, Side.BUY, Decimal(9_000))


async def _first_quote(desk: Desk, symbol: Symbol) -> None:
    while desk.market.quote(symbol) is None:  # noqa: ASYNC110  The desk is pulled, by design.
        await asyncio.sleep(POLL_S)


async def _order(desk: Desk, symbol: Symbol, side: Side, qty: Decimal) -> Decimal:
    """Send a market order and wait for its end; return the quantity executed."""
    order = NewOrder(symbol=symbol, side=side, order_qty=qty, ord_type=OrdType.MARKET)
    cl_ord_id: ClOrdID = desk.submit(order)
    while True:
        known = desk.orders.get(cl_ord_id)
        if known is not None and known.ord_status.is_terminal:
            return known.cum_qty if known.ord_status is OrdStatus.FILLED else Decimal(0)
        await asyncio.sleep(POLL_S)
