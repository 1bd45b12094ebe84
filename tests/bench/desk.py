"""The whole station under load: default workspace, 30 symbols, 20,000 messages a second.

The messages are the built-in exchange's, as bytes; ten seconds of them are made beforehand, for
making them as they go takes a whole core, and come again and again, at the time of now. The real
session, record, gate and window run for a minute off screen. Once in two seconds somebody clicks in
the armed ladder; the time until the order is handed to the broker is what he waits for.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.bench.result import Figure, Result, figure, percentile, result

SECONDS: Final = float(os.environ.get("TRADEDECK_BENCH_S", "60"))
WARM_UP_S: Final = 15.0
MESSAGES_A_S: Final = 20_000
CLICK_EVERY_S: Final = 2.0
SYMBOLS: Final = 30
PREPARED_S: Final = 10
STEP_NS: Final = 5_000_000
"""Of the exchange's time, that one frame is of."""
TURN_S: Final = 0.002
FRAME_PX: Final = (1680, 1020)


class PreparedFeed:
    """Frames of the built-in exchange, made beforehand, at a steady pace."""

    name: Final = "prepared"
    exchange: Final = None

    def __init__(self, config: Any, clock: Any) -> None:
        from app.exchange.listings import LISTINGS
        from app.exchange.market import Exchange
        from app.feeds.builtin import BuiltinCodec

        pace = MESSAGES_A_S / SYMBOLS
        lively = msgspec.structs.replace(
            config.exchange, quotes_per_s=pace * 0.5, trades_per_s=pace * 0.2
        )
        self._clock, self._codec = clock, BuiltinCodec()
        self._start_ns = clock.now_ns()
        self._exchange = Exchange(lively, self._start_ns, LISTINGS[:SYMBOLS])
        self._frames: list[bytes] = []
        self._messages: list[int] = []
        end_ns = self._start_ns + PREPARED_S * 1_000_000_000
        while (now_ns := self._exchange.now_ns) < end_ns:
            for frame in self._exchange.frames(now_ns + STEP_NS, 10_000):
                self._frames.append(frame)
                self._messages.append(len(self._codec.decode(frame)))

    def instruments(self) -> Any:
        return self._exchange.instruments

    def history(self, symbol: Any) -> Any:
        from app.feeds.base import History

        known = self._exchange.history(symbol)
        return None if known is None else History(minutes=known[0], days=known[1])

    async def run(self, publish: Any) -> None:
        """Publish what is due, decoded as it comes, until canceled."""
        from msgspec.structs import force_setattr

        from app.domain.enums import FeedState
        from app.domain.market import FeedStatus

        now_ns = self._clock.now_ns()
        publish(FeedStatus(feed=self.name, state=FeedState.LIVE, text="live", ts_recv_ns=now_ns))
        began, sent, place = time.perf_counter(), 0, 0
        while True:
            while sent < (time.perf_counter() - began) * MESSAGES_A_S:
                now_ns = self._clock.now_ns()
                for event in self._codec.feed(self._frames[place], now_ns):
                    force_setattr(event, "ts_exch_ns", now_ns)
                    publish(event)
                sent += self._messages[place]
                place = (place + 1) % len(self._frames)
            await asyncio.sleep(TURN_S)


class Seen(msgspec.Struct):
    """What was seen."""

    messages_a_s: float = 0.0
    frames_ms: list[float] = []
    lags_ms: list[float] = []
    waits_ms: list[float] = []
    """From the click to the broker's door."""
    core: float = 0.0
    megabytes_more: float = 0.0


def run() -> Result:
    """Measure one minute of a busy desk."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from app.paths import Paths
    from widgets import theme

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    theme.apply_theme(app)
    with tempfile.TemporaryDirectory() as folder:
        paths = Paths(data_dir=Path(folder))
        seen = _run_station(app, paths)
    return result("desk", _figures(seen))


def _figures(seen: Seen) -> dict[str, Figure]:
    return {
        "messages": figure(seen.messages_a_s, "1/s", target=f">= {MESSAGES_A_S * 0.95:.0f}"),
        "frames": figure(1e3 * len(seen.frames_ms) / sum(seen.frames_ms), "1/s"),
        "frame_p99": figure(percentile(seen.frames_ms, 0.99), "ms"),
        "lag_p99": figure(percentile(seen.lags_ms, 0.99), "ms", target="<= 20"),
        "gesture_to_wire_p50": figure(percentile(seen.waits_ms, 0.5), "ms"),
        "gesture_to_wire_p99": figure(percentile(seen.waits_ms, 0.99), "ms", target="<= 10"),
        "gestures": figure(len(seen.waits_ms), "count"),
        "memory_growth": figure(seen.megabytes_more, "MB", target="<= 20"),
        "core_used": figure(seen.core, "share"),
    }


def _run_station(app: Any, paths: Any) -> Seen:
    from app.domain.enums import Origin
    from app.session import Session, paper_plan
    from widgets.main_window import MainWindow
    from widgets.qtloop import QtLoop

    seen = Seen()
    window = MainWindow(layout_path=paths.layout)
    window.resize(*FRAME_PX)
    window.show()

    async def live() -> None:
        plan = paper_plan(paths, origin=Origin.MANUAL)
        feed = PreparedFeed(plan.config, plan.clock)
        session = Session(msgspec.structs.replace(plan, feed=feed, feed_title=feed.name))
        async with asyncio.TaskGroup() as group:

            def on_ready(desk: Any) -> None:
                window.attach(desk)
                group.create_task(_measure(window, desk, seen))

            await session.run(on_ready)
        closed = asyncio.Event()
        window.closed.connect(closed.set)
        window.session_ended()
        await closed.wait()

    with QtLoop(app) as loop:
        loop.run_until_complete(live())
    window.deleteLater()
    return seen


async def _measure(window: Any, desk: Any, seen: Seen) -> None:
    frames: list[float] = []
    window.frames._timer.timeout.connect(lambda: frames.append(time.perf_counter()))
    try:
        await asyncio.sleep(WARM_UP_S)
        events, began, used, memory = (
            desk.market.events, len(frames), time.process_time(), _megabytes(),
        )  # fmt: skip
        started_s = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            group.create_task(_feel_lag(seen))
            group.create_task(_click(window, desk, seen))
        seconds = time.perf_counter() - started_s
        seen.messages_a_s = (desk.market.events - events) / seconds
        seen.core = (time.process_time() - used) / seconds
        seen.megabytes_more = _megabytes() - memory
        seen.frames_ms = [(b - a) * 1e3 for a, b in itertools.pairwise(frames[began:])]
    finally:
        window.close()


async def _feel_lag(seen: Seen) -> None:
    end_s = time.perf_counter() + SECONDS
    while time.perf_counter() < end_s:
        due_s = time.perf_counter() + 0.005
        await asyncio.sleep(0.005)
        seen.lags_ms.append(max(0.0, time.perf_counter() - due_s) * 1e3)


async def _click(window: Any, desk: Any, seen: Seen) -> None:
    """Buy one share far below the market by a click in the ladder, and cancel it."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    window.docks.show("ladder")
    ladder = window.panels["ladder"]
    ladder.qty.setText("1")
    end_s = time.perf_counter() + SECONDS
    while True:
        await asyncio.sleep(CLICK_EVERY_S)
        if time.perf_counter() >= end_s:
            return
        if not ladder.arm.isChecked():
            ladder.arm.click()
        rungs = [rung for rung in ladder.view._rungs if rung.bid]
        if not rungs:
            continue
        at = ladder.view.rect_of(rungs[-1].price, "bid").center()
        known = {order.cl_ord_id for order in desk.orders.all()}
        clicked_ns = desk.now_ns()
        QTest.mouseClick(ladder.view, Qt.MouseButton.LeftButton, pos=at)
        await asyncio.sleep(1.0)
        for order in desk.orders.all():
            if order.cl_ord_id not in known and order.ts_sent_ns:
                seen.waits_ms.append((order.ts_sent_ns - clicked_ns) / 1e6)
        desk.cancel_all()


def _megabytes() -> float:
    """Return the resident memory of this process."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1_000
    raise AssertionError("no VmRSS")
