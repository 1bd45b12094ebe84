"""Show that the station lasts: hours of trading at fifty times the pace, exact to the cent.

Method: window, session, record and built-in exchange on one loop; a clock that runs fifty times as
fast as the machine's; random orders of several kinds in several symbols. At the end the station's
cash, positions and P&L are those of the exchange's own books, the record verifies, and the memory
is that of the beginning. `--long` plays eight hours, the normal run some minutes.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtWidgets import QApplication

from app.audit.verify import verify
from app.clock import LiveClock
from app.config import load_config
from app.desk import Desk
from app.domain.enums import OrdType, Origin, Side, TimeInForce
from app.domain.errors import UserError
from app.domain.fees import fee_of
from app.domain.terms import NewOrder
from app.domain.times import SECOND_NS, new_york
from app.exchange import market
from app.feeds import builtin
from app.paths import Paths
from app.session import Session, paper_plan
from app.tasks import spawn
from tests.loose import loose
from widgets.main_window import MainWindow
from widgets.qtloop import QtLoop
from widgets.theme import apply_theme

SPEED = 50
NORMAL_S = 8 * 60
LONG_S = 8 * 3_600
ORDER_EVERY_S = 4.0
"""Of market time."""
SYMBOLS = 8
GROWTH_MAX = 0.15
"""Of memory, from a fifth of the time on; each order is kept, so a little is right."""
CENT = Decimal("0.01")


class FastClock:
    """The machine's time, from now on several times as fast."""

    def __init__(self, speed: int) -> None:
        self._live = LiveClock()
        self._start_ns, self._mono_ns = self._live.now_ns(), self._live.mono_ns()
        self._speed = speed

    def now_ns(self) -> int:
        return self._start_ns + (self._live.mono_ns() - self._mono_ns) * self._speed

    def mono_ns(self) -> int:
        return self.now_ns()


class Trader:
    """Somebody who presses keys at random."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._random = random.Random(7)  # noqa: S311
        self.sent = 0

    def act(self) -> None:
        desk, rnd = self._desk, self._random
        instrument = rnd.choice(desk.instruments[:SYMBOLS])
        quote = desk.market.quote(instrument.symbol)
        working = desk.orders.working()
        if len(working) > 15 or (working and rnd.random() < 0.3):
            order = rnd.choice(working)
            if rnd.random() < 0.3 and order.terms.limit_px is not None:
                px = order.terms.limit_px + rnd.randint(-3, 3) * CENT
                qty = order.cum_qty + rnd.randint(1, 300)
                desk.replace(order.live_id, order_qty=qty, limit_px=px)
            else:
                desk.cancel(order.cl_ord_id)
            return
        if quote is None or quote.bid is None or quote.ask is None:
            return
        held = desk.positions.get(instrument.symbol)
        position = held.qty if held is not None else 0
        side = Side.SELL if position > 2_000 else Side.BUY if position < -2_000 else None
        side = side or rnd.choice((Side.BUY, Side.SELL))
        near = quote.bid if side is Side.BUY else quote.ask
        is_market = rnd.random() < 0.4
        desk.submit(
            NewOrder(
                symbol=instrument.symbol,
                side=side,
                order_qty=Decimal(rnd.randint(1, 900)),
                ord_type=OrdType.MARKET if is_market else OrdType.LIMIT,
                limit_px=None if is_market else near + rnd.randint(-4, 4) * CENT,
                time_in_force=rnd.choice((TimeInForce.DAY, TimeInForce.IOC)),
            )
        )
        self.sent += 1


def memory_mb() -> float:
    gc.collect()
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def trade(desk: Desk, seconds: int, clock: FastClock) -> tuple[int, list[float]]:
    """Trade for a time of the market; return orders sent and memory in MB at every fifth."""
    trader, memory = Trader(desk), []
    start_ns = clock.now_ns()
    next_ns, mark_ns = start_ns, start_ns
    orders_min = seconds / ORDER_EVERY_S * 0.3  # A slow machine takes longer for them.
    while (now_ns := clock.now_ns()) < start_ns + seconds * SECOND_NS or trader.sent < orders_min:
        if now_ns >= next_ns:
            next_ns += round(ORDER_EVERY_S * SECOND_NS)
            with suppress(UserError):
                trader.act()
        if now_ns >= mark_ns:
            mark_ns += seconds * SECOND_NS // 5
            memory.append(memory_mb())
        await asyncio.sleep(0.005)
    return trader.sent, [*memory, memory_mb()]


async def settle(desk: Desk) -> None:
    """Take everything back and wait until nothing is under way."""
    for _ in range(2_000):
        working = desk.orders.working()
        if not working:
            return
        for order in working:
            desk.cancel(order.cl_ord_id)
        await asyncio.sleep(0.05)
    raise AssertionError(f"still working: {[order.state for order in desk.orders.working()]}")


def compare(desk: Desk, session: Session, opening: Decimal) -> None:
    """Hold cash, positions and P&L against the exchange's own books."""
    (gateway,) = session._plan.feed.exchange._gateways  # type: ignore[union-attr]
    schedule = load_config().exchange.fees
    fees = sum(
        (
            fee_of(
                schedule,
                side=order.terms.side,
                liquidity=execution.liquidity,
                qty=execution.qty,
                px=execution.px,
                day=new_york(execution.ts_exch_ns).date(),
            )
            for order in desk.orders.all()
            for execution in order.executions
        ),
        Decimal(0),
    )
    held = {p.symbol: int(p.qty) for p in desk.positions.all() if p.qty}
    assert held == {symbol: qty for symbol, qty in gateway.holdings.items() if qty}
    account = desk.account()
    moved = sum((posting.amount for posting in desk.positions.postings()), Decimal(0))
    assert account.cash == opening - gateway.paid - fees + moved
    marks = {symbol: desk.mark(symbol) for symbol in held}
    worth = sum((qty * (marks[symbol] or 0) for symbol, qty in held.items()), Decimal(0))
    assert account.equity is not None
    assert abs(account.equity - (account.cash + worth)) < CENT
    pnl = desk.positions.totals
    assert pnl.fees == fees


@pytest.mark.timeout(3_000)
def test_hours_of_trading_are_exact_to_the_cent_in_flat_memory(
    qapp: QApplication, paths: Paths, request: pytest.FixtureRequest, monkeypatch: Any
) -> None:
    seconds = LONG_S if request.config.getoption("--long") else NORMAL_S
    # One turn of the loop is fifty times as much market.
    monkeypatch.setattr(builtin, "TURN_S", 0.01)
    for module in (builtin, market):
        monkeypatch.setattr(module, "LAG_NS_MAX", 60 * SECOND_NS)
    clock = FastClock(SPEED)
    plan = paper_plan(paths, origin=Origin.SCRIPT)
    config = loose(plan.config)
    spec = builtin.FEED
    plan = msgspec.structs.replace(plan, config=config, clock=clock, feed=spec.make(config, clock))
    session, seen = Session(plan), {}

    async def play(desk: Desk) -> None:
        try:
            opening = desk.account().cash
            sent, memory = await trade(desk, seconds, clock)
            await settle(desk)
            compare(desk, session, opening)
            seen.update(sent=sent, memory=memory, orders=len(desk.orders.all()))
        finally:
            window.close()

    async def run() -> None:
        try:
            async with asyncio.TaskGroup() as group:

                def on_ready(desk: Desk) -> None:
                    window.attach(desk)
                    spawn(group, "trader", play(desk))

                await session.run(on_ready)
        finally:
            closed = asyncio.Event()
            window.closed.connect(closed.set)
            window.session_ended()
            await closed.wait()

    apply_theme(qapp)
    qapp.setQuitOnLastWindowClosed(False)
    window = MainWindow(layout_path=paths.layout)
    window.show()
    try:
        with QtLoop(qapp) as loop:
            loop.run_until_complete(run())
    finally:
        window.deleteLater()
    assert verify(paths.journal).is_clean
    print(f"{seconds} s at {SPEED} x: {seen}")
    early, late = seen["memory"][1], seen["memory"][-1]
    assert late < early * (1 + GROWTH_MAX), seen["memory"]
