"""Raw frame bytes to the ring, beside msgspec's typed decode of the same frames alone (M4).

The frames are the built-in exchange's own quotes and trades, in 1, 20 and 200 messages a frame; the
way is the real one: codec, hub, market store. Changes of depth, which go to a book and not to a
ring, are measured by themselves.
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
    ticks, depth = _messages()
    figures: dict[str, Figure] = {}
    for size in (1, 20, 200):
        whole, alone = _rates(ticks, size)
        figures[f"to_ring_{size}_a_frame"] = figure(whole, "msg/s", floor=alone, target=">= 0.4")
    whole, alone = _rates(depth, 20)
    figures["depth_20_a_frame"] = figure(whole, "msg/s", floor=alone)
    return result("feed", figures)


def _rates(messages: list[bytes], size: int) -> tuple[float, float]:
    """Return messages a second of the whole way and of decoding alone, medians."""
    frames = [
        b"[" + b",".join(messages[at : at + size]) + b"]"
        for at in range(0, len(messages) - size + 1, size)
    ]
    count = len(frames) * size
    alone, whole = [], []
    for _ in range(REPEATS):
        alone.append(count / _seconds(_decode_alone, frames))
        whole.append(count / _seconds(_whole_way, frames))
    return percentile(whole, 0.5), percentile(alone, 0.5)


def _messages() -> tuple[list[bytes], list[bytes]]:
    """Return ticks and depth of a lively market, in the order in which the exchange says them."""
    config = msgspec.structs.replace(load_config().exchange, quotes_per_s=300.0, trades_per_s=200.0)
    exchange = Exchange(config, START_NS)
    ticks: list[bytes] = []
    depth: list[bytes] = []
    now_ns = START_NS
    while len(ticks) < MESSAGES:
        now_ns += 50_000_000
        for frame in exchange.frames(now_ns, MESSAGES):
            for raw in msgspec.json.decode(frame, type=list[msgspec.Raw]):
                is_depth = msgspec.json.decode(raw)["T"] == "d"
                (depth if is_depth else ticks).append(bytes(raw))
    return ticks[:MESSAGES], depth[:MESSAGES]


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
