"""Recorded events through the whole station without a window, beside reading them alone (M11).

The file is the station's own recording of the IBM sample, played again and again up to a million
events, each round half an hour after the one before. The station runs as `tradedeck replay` does:
session, order path, market store, paper broker.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from app.clock import LiveClock
from app.config import load_config
from app.domain.market import MarketEvent
from app.feeds.recording import MAGIC, VERSION, ChunkPacker, Head, Recorded, frame
from app.feeds.sources import open_source
from app.paths import Paths
from app.replay import run_replay
from tests.bench.result import Result, figure, result

EVENTS = 1_000_000
CHUNK = 16_384
SAMPLE = "data/market/IBM_20131008_0930_1000_ticks.csv.gz"
SHARED = "TRADEDECK_SHARED"
TARGET_PER_S = 300_000


def run() -> Result:
    """Measure the whole engine, and decoding alone, on the same file."""
    shared = Path(os.environ.get(SHARED, Path(__file__).parents[3] / "shared"))
    sample = list(open_source(shared / SAMPLE))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.tdr"
        _write(path, iter(sample))
        _play(path, Path(folder))  # What the first session loads is start, not replay.
        _write(path, _repeated(sample))
        floor_s = _read(path)
        report = _play(path, Path(folder))
    assert report["events"] == EVENTS, report["events"]
    return result(
        "replay",
        {
            "events_per_s": figure(EVENTS / report["wall_s"], "1/s", target=f">= {TARGET_PER_S}"),
            "decode_alone_per_s": figure(EVENTS / floor_s, "1/s"),
            "wall": figure(report["wall_s"], "s", floor=floor_s),
        },
    )


def _play(path: Path, folder: Path) -> dict[str, Any]:
    """Play a recording through the whole station, and return the report."""
    run = run_replay(
        open_source(path),
        (),
        speed=None,
        paths=Paths(data_dir=folder),
        config=load_config(),
        real=LiveClock(),
    )
    return asyncio.run(run).report


def _repeated(sample: list[MarketEvent]) -> Iterator[Recorded]:
    """Give the sample's events over and over, each round later than the one before."""
    span_ns = sample[-1].ts_recv_ns - sample[0].ts_recv_ns + 1
    rounds = (
        msgspec.structs.replace(
            event,
            ts_recv_ns=event.ts_recv_ns + number * span_ns,
            **_exchange_time(event, number * span_ns),
        )
        for number in itertools.count()
        for event in sample
    )
    return itertools.islice(rounds, EVENTS)


def _exchange_time(event: MarketEvent, later_ns: int) -> dict[str, int]:
    exch_ns = getattr(event, "ts_exch_ns", None)
    return {} if exch_ns is None else {"ts_exch_ns": exch_ns + later_ns}


def _write(path: Path, events: Iterator[Recorded]) -> None:
    packer = ChunkPacker()
    head = Head(version=VERSION, feed="sample", started_ns=0, program="bench")
    with path.open("wb") as file:
        file.write(MAGIC + frame(head))
        while chunk := list(itertools.islice(events, CHUNK)):
            file.write(packer.pack(chunk))


def _read(path: Path) -> float:
    """Return the seconds that reading all events takes."""
    clock = LiveClock()
    source = open_source(path)
    started_ns = clock.mono_ns()
    for _ in source:
        pass
    return (clock.mono_ns() - started_ns) / 1e9
