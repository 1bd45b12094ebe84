"""Eight charts of ten studies each, while prices come: what the chart bench says of a whole desk.

Prices walk on eight symbols; every other chart shows seconds, which append, the others minutes,
which change. The station's own loop, frame clock, market store and studies run; nothing is sent.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from decimal import Decimal
from typing import Any, Final

import msgspec
import numpy as np

from tests.bench.result import Figure, figure, percentile

CHARTS: Final = 8
TICKS_A_S: Final = 20_000
WARM_UP_S: Final = 2.0
RUN_S: Final = 10.0
MINUTES: Final = 2_000
STUDIES: Final = (
    "sma", "ema", "bbands", "vwap", "supertrend", "rsi", "macd", "stoch", "atr", "obv",
)  # fmt: skip
VOLUME: Final = TICKS_A_S // CHARTS * 60 * 100
"""Of a minute before: as much as comes in one now."""
SECOND_NS: Final = 1_000_000_000
SIXTIETHS: Final = 60


class Run(msgspec.Struct):
    """What was seen while prices came."""

    ticks: int = 0
    frames_ms: list[float] = []
    lags_ms: list[float] = []
    painted: list[int] = []
    """Of each chart."""
    core: float = 0.0
    """Share of one core that was used."""


def run_desk(app: Any) -> dict[str, Figure]:
    """Measure eight charts on a running loop."""
    from widgets import theme
    from widgets.qtloop import QtLoop

    theme.apply_theme(app)
    desk, symbols = _trading_desk()
    panel = _eight_charts(desk, symbols)
    with QtLoop(app) as loop:
        run = loop.run_until_complete(_trade(desk, symbols, panel))
    panel.close()
    panel.deleteLater()
    # Sixtieths of a second in which a frame was begun, of all there were.
    ends_ms = itertools.accumulate(run.frames_ms)
    total_s = sum(run.frames_ms) / 1e3
    in_time = len({int(ms * SIXTIETHS / 1e3) for ms in ends_ms}) / (total_s * SIXTIETHS)
    return {
        "eight_ticks_taken": figure(run.ticks / (TICKS_A_S * RUN_S), "share", target=">= 0.99"),
        "eight_frames_in_time": figure(in_time, "share", target=">= 0.95"),
        "eight_frame_p95": figure(percentile(run.frames_ms, 0.95), "ms"),
        "eight_least_painted": figure(min(run.painted) / total_s, "1/s"),
        "eight_lag_p99": figure(percentile(run.lags_ms, 0.99), "ms", target="<= 20"),
        "eight_core_used": figure(run.core, "share"),
    }


def _trading_desk() -> tuple[Any, list[Any]]:
    """Return a desk that knows some minutes of eight symbols."""
    from app.domain.ids import Symbol
    from app.domain.instrument import Instrument
    from app.domain.market import Bar
    from tests.widgets.fake_desk import FakeDesk

    symbols = [Symbol(f"S{number}") for number in range(CHARTS)]
    desk = FakeDesk(tuple(Instrument(symbol=s, name=s, exchange="X") for s in symbols))
    desk.go_live()
    minute_ns = 60 * SECOND_NS
    first_ns = desk.now_ns() // minute_ns * minute_ns - MINUTES * minute_ns
    rng = np.random.default_rng(11)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0, 5e-4, MINUTES)))
    for symbol, number in itertools.product(symbols, range(MINUTES)):
        last = Decimal(f"{close[number]:.2f}")
        first = Decimal(f"{close[max(0, number - 1)]:.2f}")
        bar = Bar(
            symbol=symbol,
            start_ns=first_ns + number * minute_ns,
            interval_ns=minute_ns,
            open=first,
            high=max(first, last) + Decimal("0.02"),
            low=min(first, last) - Decimal("0.02"),
            close=last,
            volume=VOLUME,
            ts_recv_ns=first_ns + number * minute_ns,
        )
        desk.store.on_bar(bar)
    return desk, symbols


def _eight_charts(desk: Any, symbols: list[Any]) -> Any:
    from widgets.link import LinkGroup
    from widgets.panel import PanelContext
    from widgets.panels.chart import ChartPanel

    link = LinkGroup()
    panel = ChartPanel(PanelContext(desk, link))
    link.setParent(panel)
    panel.resize(1920, 1000)
    panel.grid.set_grid(f"{CHARTS}")
    for number, (cell, symbol) in enumerate(zip(panel.grid.cells, symbols, strict=True)):
        cell.own_symbol = symbol
        for name in STUDIES:
            cell.studies.add(name)
        if number % 2:
            panel.grid.active = cell
            panel.set_interval("1s")
    panel.show()
    return panel


async def _trade(desk: Any, symbols: list[Any], panel: Any) -> Run:
    """Let prices come, as many a second as there are to be, and note when frames were."""
    from widgets.frame import FrameClock

    run, clock = Run(), FrameClock()
    clock.add(panel)
    frames: list[float] = []
    clock._timer.timeout.connect(lambda: frames.append(time.perf_counter()))
    clock.start()
    async with asyncio.TaskGroup() as group:
        group.create_task(_publish(desk, symbols, WARM_UP_S + RUN_S, run))
        await asyncio.sleep(WARM_UP_S)
        painted = [cell.view.paints for cell in panel.grid.cells]
        ticks, began, used = run.ticks, len(frames), time.process_time()
        end_s = time.perf_counter() + RUN_S
        while time.perf_counter() < end_s:
            due_s = time.perf_counter() + 0.005
            await asyncio.sleep(0.005)
            run.lags_ms.append(max(0.0, time.perf_counter() - due_s) * 1e3)
        run.core = (time.process_time() - used) / RUN_S
        run.ticks -= ticks
        now = [cell.view.paints for cell in panel.grid.cells]
        run.painted = [after - before for before, after in zip(painted, now, strict=True)]
        seen = frames[began:]
        run.frames_ms = [(b - a) * 1e3 for a, b in itertools.pairwise(seen)]
    clock.stop()
    return run


async def _publish(desk: Any, symbols: list[Any], seconds: float, run: Run) -> None:
    """Publish what is due every other millisecond; prices walk."""
    from app.domain.market import Trade

    rng = np.random.default_rng(3)
    steps = rng.integers(-1, 2, 1 << 16).tolist()
    cents = [10_000] * len(symbols)
    began, start_ns, sent = time.perf_counter(), desk.now_ns(), 0
    publish = desk.hub.publish
    while (gone := time.perf_counter() - began) < seconds:
        now_ns, due = start_ns + int(gone * 1e9), int(gone * TICKS_A_S)
        desk.clock.advance_to(now_ns)
        for number in range(sent, due):
            which = number % len(symbols)
            cents[which] += steps[number & 0xFFFF] if not number % 7 else 0
            publish(
                Trade(
                    symbol=symbols[which],
                    price=Decimal(cents[which]) / 100,
                    size=100,
                    ts_exch_ns=now_ns,
                    ts_recv_ns=now_ns,
                )
            )
        run.ticks += max(0, due - sent)
        sent = max(sent, due)
        await asyncio.sleep(0.002)
