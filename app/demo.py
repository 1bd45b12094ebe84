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
from app.domain.orders import NewOrder

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
