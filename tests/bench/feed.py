"""Raw frame bytes to the ring, beside msgspec's typed decode of the same frames alone (M4).

The frames are the built-in exchange's own, in 1, 20 and 200 messages a frame; the way is the real
one: codec, hub, market store.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from app.clock import LiveClock, SimClock
from app.config import load_config
from app.exchange.market import Exchange
from app.feeds.builtin import BuiltinCodec
from app.hub import Hub
from app.market.store import MarketStore
from tests.bench.result import Figure, Result, figure, percentile, result

MESSAGES = 60_000
REPEATS = 7
START_NS = 1_780_000_000_000_000_000


def run() -> Result:
    """Measure each frame size, decode and the whole way in turn."""
    messages = _messages()
    figures: dict[str, Figure] = {}
    for size in (1, 20, 200):
        frames = [
            b"[" + b",".join(messages[at : at + size]) + b"]"
            for at in range(0, len(messages) - size + 1, size)
        ]
        count = len(frames) * size
        alone, whole = [], []
        for _ in range(REPEATS):
            alone.append(count / _seconds(_decode_alone, frames))
            whole.append(count / _seconds(_whole_way, frames))
        figures[f"to_ring_{size}_a_frame"] = figure(
            percentile(whole, 0.5), "msg/s", floor=percentile(alone, 0.5), target=">= 0.4"
        )
    return result("feed", figures)


def _messages() -> list[bytes]:
    """Return messages of a lively market, quotes and trades as the exchange mixes them."""
    config = msgspec.structs.replace(load_config().exchange, quotes_per_s=300.0, trades_per_s=200.0)
    exchange = Exchange(config, START_NS)
    messages: list[bytes] = []
    now_ns = START_NS
    while len(messages) < MESSAGES:
        now_ns += 50_000_000
        for frame in exchange.frames(now_ns, MESSAGES):
            messages += (bytes(raw) for raw in msgspec.json.decode(frame, type=list[msgspec.Raw]))
    return messages[:MESSAGES]


def _seconds(prepare: Callable[[list[bytes]], Callable[[], None]], frames: list[bytes]) -> float:
    clock = LiveClock()
    prepared = prepare(frames)
    started_ns = clock.mono_ns()
    prepared()
    return (clock.mono_ns() - started_ns) / 1e9


def _decode_alone(frames: list[bytes]) -> Callable[[], None]:
    decode = BuiltinCodec().decode

    def go() -> None:
        for frame in frames:
            decode(frame)

    return go


def _whole_way(frames: list[bytes]) -> Callable[[], None]:
    hub = Hub()
    store = MarketStore(hub=hub, clock=SimClock(START_NS), limits=load_config().limits)
    feed, publish = BuiltinCodec().feed, hub.publish

    def go() -> None:
        for frame in frames:
            for event in feed(frame, START_NS):
                publish(event)

    go()  # The rings' memory is there before the clock runs.
    assert store.view.events > 0
    return go
