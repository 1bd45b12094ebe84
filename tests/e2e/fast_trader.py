"""Trade as fast as it goes on the built-in exchange until killed; print what is sent and shown.

Run by `test_kill.py` as a process of its own: `python fast_trader.py DATA_DIR [check]`. With
`check` it only starts, says how long that took and what of its books differs from the broker's, and
stops.
"""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import msgspec

from app.brokers.base import BrokerSpec
from app.brokers.builtin import BuiltinBroker
from app.clock import Clock
from app.config import Config
from app.desk import Desk
from app.domain.approval import ApprovedOrder
from app.domain.enums import OrderClass, OrdStatus, OrdType, Origin, Side, Venue
from app.domain.errors import UserError
from app.domain.events import OrderChanged
from app.domain.ids import AccountID, Symbol
from app.domain.terms import NewOrder
from app.exchange.market import Exchange
from app.hub import Hub
from app.paths import Paths
from app.session import Session, paper_plan
from app.tasks import spawn
from tests.loose import loose

SIDE_TURNS = 20
"""So many orders of one side, then as many of the other."""
OPEN = {OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED}
BROKERS: list[BuiltinBroker] = []


class Telling(BuiltinBroker):
    """The built-in broker; says what reaches it."""

    async def submit(self, order: ApprovedOrder) -> None:
        print("sent", order.cl_ord_id, flush=True)
        await super().submit(order)

    async def replace(self, order: ApprovedOrder) -> None:
        print("sent", order.cl_ord_id, flush=True)
        await super().replace(order)


def make(
    config: Config, clock: Clock, hub: Hub, account: AccountID, exchange: Exchange | None
) -> BuiltinBroker:
    BROKERS.append(Telling(clock, hub, account, exchange=exchange))
    return BROKERS[-1]


SPEC = BrokerSpec(name="builtin", title="paper account", venue=Venue.PAPER, make=make)


async def trade(desk: Desk) -> None:
    symbol = desk.instruments[0].symbol
    while (quote := desk.market.quote(symbol)) is None or quote.bid is None:
        await asyncio.sleep(0.01)
    print("trading", flush=True)
    turn = 0
    while True:
        if turn % SIDE_TURNS == 0:  # What rests would stand in the way of the other side.
            desk.cancel_all()
            while desk.orders.working():
                await asyncio.sleep(0.001)
        turn += 1
        with suppress(UserError):
            take_turn(desk, symbol, turn)
        await asyncio.sleep(0.001)


def take_turn(desk: Desk, symbol: Symbol, turn: int) -> None:
    quote = desk.market.quote(symbol)
    assert quote is not None
    side = Side.BUY if turn // SIDE_TURNS % 2 else Side.SELL
    market = NewOrder(symbol=symbol, side=side, order_qty=Decimal(10), ord_type=OrdType.MARKET)
    limit_px = quote.bid if side is Side.BUY else quote.ask
    if turn % 5 == 0 and limit_px is not None:
        limit = msgspec.structs.replace(market, ord_type=OrdType.LIMIT, limit_px=limit_px)
        cl_ord_id = desk.submit(limit)
        if turn % 10 == 0:
            desk.replace(cl_ord_id, order_qty=Decimal(20), limit_px=limit_px)
    elif turn % 7 == 0 and limit_px is not None:
        out = Side.SELL if side is Side.BUY else Side.BUY
        leg = msgspec.structs.replace(market, side=out)
        target = msgspec.structs.replace(leg, ord_type=OrdType.LIMIT, limit_px=limit_px + side.sign)
        stop = msgspec.structs.replace(leg, ord_type=OrdType.STOP, stop_px=limit_px - side.sign)
        desk.submit_list((market, target, stop), OrderClass.BRACKET)
    else:
        desk.submit(market)


def acknowledge(changed: OrderChanged) -> None:
    order = changed.order
    print("order", order.cl_ord_id, order.cum_qty, flush=True)


async def compare(desk: Desk, session: Session, started_s: float) -> None:
    """Print what differs between the books and the broker once the start has come through."""
    broker = BROKERS[-1]
    for _ in range(100):  # Orders that came back trade at once: news may be under way.
        snapshot = await broker.snapshot(0)
        theirs = {o.cl_ord_id: o.cum_qty for o in snapshot.orders if o.ord_status in OPEN}
        ours = {o.live_id: o.cum_qty for o in desk.orders.working() if not o.is_here}
        held = {s: p.qty for s, p in snapshot.positions.items() if p.qty}
        mine = {p.symbol: p.qty for p in desk.positions.all() if p.qty}
        doubt = [order.cl_ord_id for order in desk.orders.all() if order.is_in_doubt]
        differs = (int(ours != theirs), int(held != mine), len(doubt))
        if not any(differs):
            break
        await asyncio.sleep(0.02)
    print("ready", f"{time.perf_counter() - started_s:.3f}", flush=True)
    print("differs", *differs, flush=True)
    session.request_stop()


async def main(data_dir: Path, *, is_check: bool) -> None:
    started_s = time.perf_counter()
    paths = Paths(data_dir=data_dir)
    paths.settings.write_text("[exchange.latency]\nmedian_ms = 0.0\n", encoding="utf-8")
    plan = paper_plan(paths, origin=Origin.SCRIPT)
    # Limits on habits and rates would let through a handful of orders a second.
    session = Session(msgspec.structs.replace(plan, broker=SPEC, config=loose(plan.config)))
    session.hub.subscribe(OrderChanged, acknowledge)
    async with asyncio.TaskGroup() as group:

        def begin(desk: Desk) -> None:
            work = compare(desk, session, started_s) if is_check else trade(desk)
            spawn(group, "work", work)

        await session.run(begin)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), is_check="check" in sys.argv[2:]))
