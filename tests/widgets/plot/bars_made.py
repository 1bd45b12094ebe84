"""Bars for tests of the chart."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from app.desk import BarColumns

MINUTE_NS = 60_000_000_000
START_NS = 1_767_364_200_000_000_000
"""2026-01-02 09:30 in New York."""
NAMES = ("start_ns", "open", "high", "low", "close", "volume")


def columns(
    open_: list[float], high: list[float], low: list[float], close: list[float]
) -> BarColumns:
    """Return bars of a minute with 100 shares each."""
    count = len(open_)
    return BarColumns(
        start_ns=START_NS + MINUTE_NS * np.arange(count, dtype=np.int64),
        open=np.array(open_, dtype=float),
        high=np.array(high, dtype=float),
        low=np.array(low, dtype=float),
        close=np.array(close, dtype=float),
        volume=np.full(count, 100.0),
    )


def walk(count: int, seed: int = 7) -> BarColumns:
    """Return a random walk around 100."""
    rng = np.random.default_rng(seed)
    close = 100 + np.cumsum(rng.normal(0, 0.1, count))
    open_ = np.concatenate([[100.0], close[:-1]])
    return BarColumns(
        start_ns=START_NS + MINUTE_NS * np.arange(count, dtype=np.int64),
        open=open_,
        high=np.maximum(open_, close) + rng.random(count) * 0.1,
        low=np.minimum(open_, close) - rng.random(count) * 0.1,
        close=close,
        volume=rng.gamma(2.0, 500.0, count),
    )


def part(bars: BarColumns, first: int, end: int) -> BarColumns:
    """Return some of the bars, as a copy that nobody else changes."""
    return BarColumns(**{name: getattr(bars, name)[first:end].copy() for name in NAMES})


def changed(bars: BarColumns, number: int, **figures: Any) -> BarColumns:
    """Return bars one of which has other figures."""
    whole = part(bars, 0, len(bars))
    for name, value in figures.items():
        getattr(whole, name)[number] = value
    return msgspec.structs.replace(whole)
