"""Trade as fast as it goes on the built-in exchange until killed; print what was acknowledged.

Run by `test_kill.py` as a process of its own: `python fast_trader.py DATA_DIR`.
"""

from __future__ import annotations

import asyncio
import sys
from decimal import Decimal
from pathlib import Path

from app.desk import Desk
from app.domain.enums import OrdType, Origin, Side
from app.domain.events import OrderChanged
from app.domain.terms import NewOrder
from app.paths import Paths
from app.session import Session, paper_plan
from app.tasks import spawn


async def trade(desk: Desk) -> None:
    symbol = desk.instruments[0].symbol
    while desk.market.quote(symbol) is None:
        await asyncio.sleep(0.01)
    print("trading", flush=True)
    turn = 0
    while True:
        turn += 1
        side = Side.BUY if turn % 2 else Side.SELL
        desk.submit(
            NewOrder(symbol=symbol, side=side, order_qty=Decimal(10), ord_type=OrdType.MARKET)
        )
        await asyncio.sleep(0.001)
        working = desk.orders.working()
        if len(working) > 20:
            desk.cancel(working[0].cl_ord_id)
            await asyncio.sleep(0.01)


def acknowledge(changed: OrderChanged) -> None:
    order = changed.order
    print("order", order.cl_ord_id, order.cum_qty, flush=True)


async def main(data_dir: Path) -> None:
    session = Session(paper_plan(Paths(data_dir=data_dir), origin=Origin.SCRIPT))
    session.hub.subscribe(OrderChanged, acknowledge)
    async with asyncio.TaskGroup() as group:
        await session.run(lambda desk: spawn(group, "trade", trade(desk)) and None)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
