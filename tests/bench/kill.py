"""From the trip of the kill switch to HALTED and to the first cancel, while the loop stands still.

The whole session on Qt's loop, the built-in exchange under load, 50 orders at work. The loop's
thread is held: in turn it sleeps, as in a call that hangs, and computes, as in code that never ends
and shares the interpreter. The switch is pulled over the socket, as `tradedeck kill` does; then
everything is canceled, armed and filled up again.
"""

from __future__ import annotations

import asyncio
import functools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import msgspec

from app.clock import LiveClock
from app.desk import Desk
from app.domain.decision import ARM_WORDS
from app.domain.enums import OrdType, Origin, Side, TradingState
from app.domain.terms import NewOrder
from app.paths import Paths
from app.session import Session, paper_plan
from app.tasks import spawn
from tests.bench.result import Result, figure, percentile, result
from tests.loose import loose

TRIPS = 100
ORDERS = 50
HOLD_S = 0.2
TRIP_AFTER_S = 0.05
CLOCK = LiveClock()
PULLER = """
import sys, time
from pathlib import Path
from app.clock import LiveClock
from app.control import Request, ask
clock, folder = LiveClock(), Path(sys.argv[1])
for line in sys.stdin:
    time.sleep(float(line))
    tripped_ns = clock.mono_ns()
    ask(folder, Request(verb="kill", reason="measured", actor="bench"))
    print(tripped_ns, flush=True)
"""
"""A process of its own, as the command is; both read the same clock."""


def run() -> Result:
    """Pull the switch, again and again."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from widgets.qtloop import QtLoop

    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder, QtLoop(app) as loop:
        halted, canceled = loop.run_until_complete(_measure(Path(folder)))
    figures = {}
    for name, taken, target in (
        ("sleeping_halted", halted[::2], 10),
        ("sleeping_first_cancel", canceled[::2], 100),
        ("computing_halted", halted[1::2], 10),
        ("computing_first_cancel", canceled[1::2], 100),
    ):
        figures[f"{name}_p50"] = figure(percentile(taken, 0.5), "ms")
        figures[f"{name}_p99"] = figure(percentile(taken, 0.99), "ms", target=f"<= {target}")
        figures[f"{name}_max"] = figure(max(taken), "ms", target=f"<= {target}")
    return result("kill", figures)


async def _measure(folder: Path) -> tuple[list[float], list[float]]:
    plan = paper_plan(Paths(data_dir=folder), origin=Origin.SCRIPT)
    session = Session(msgspec.structs.replace(plan, config=loose(plan.config)))
    halted: list[float] = []
    canceled: list[float] = []

    async def work(desk: Desk) -> None:
        try:
            with _puller(folder) as puller:
                for turn in range(TRIPS):
                    await _fill_up(desk)
                    tripped_ns = _hold(puller, computes=bool(turn % 2))
                    await _until(functools.partial(_is_over, desk, tripped_ns))
                    assert desk.kill.is_confirmed, desk.kill
                    halted.append((desk.kill.halted_ns - tripped_ns) / 1e6)
                    canceled.append((desk.kill.first_cancel_ns - tripped_ns) / 1e6)
                    desk.arm(ARM_WORDS)
                    await _until(lambda: desk.trading_state is TradingState.ACTIVE)
        finally:
            desk.request_stop()

    async with asyncio.TaskGroup() as group:
        await session.run(lambda desk: spawn(group, "work", work(desk)) and None)
    return halted, canceled


def _puller(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PULLER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _hold(puller: subprocess.Popen[str], *, computes: bool) -> int:
    """Hold the loop's thread while the switch is pulled; return when that was."""
    assert puller.stdin is not None
    assert puller.stdout is not None
    until_ns = CLOCK.mono_ns() + int(HOLD_S * 1e9)
    puller.stdin.write(f"{TRIP_AFTER_S}\n")
    puller.stdin.flush()
    while CLOCK.mono_ns() < until_ns:
        if not computes:
            time.sleep(HOLD_S)
    return int(puller.stdout.readline())


def _is_over(desk: Desk, tripped_ns: int) -> bool:
    return desk.kill.done_ns > tripped_ns and not desk.orders.working()


async def _fill_up(desk: Desk) -> None:
    symbols = [instrument.symbol for instrument in desk.instruments]
    await _until(lambda: all(desk.market.quote(symbol) is not None for symbol in symbols))
    number = 0
    while len(desk.orders.working()) < ORDERS:  # The market may take or the gate refuse some.
        number += 1
        symbol = symbols[number % len(symbols)]
        quote = desk.market.quote(symbol)
        if quote is not None and quote.bid is not None:
            terms = NewOrder(
                symbol=symbol,
                side=Side.BUY,
                order_qty=Decimal(1),
                ord_type=OrdType.LIMIT,
                limit_px=(quote.bid * Decimal("0.97")).quantize(Decimal("0.01")),
            )
            desk.submit(terms)
        await asyncio.sleep(0.002)


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(40):
        while not is_so():
            await asyncio.sleep(0.005)
