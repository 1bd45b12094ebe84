"""Trades to cut into bars: by hand, drawn by chance, and as bars are read off again."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from hypothesis import strategies as st

from app.domain.times import NEW_YORK, SECOND_NS
from app.market.bars import BarColumns

FIELDS = ("open", "high", "low", "close", "volume")
DRAWN = st.lists(
    st.lists(st.tuples(st.integers(-2, 9), st.integers(-40, 40), st.integers(1, 900)), max_size=12),
    min_size=1,
    max_size=6,
)
"""Groups of (seconds on, cents up, shares)."""


def give(builder, *trades):
    """Give a builder (second, price, shares) in one group."""
    seconds, prices, sizes = zip(*trades, strict=True)
    times = np.array([round(second * SECOND_NS) for second in seconds], dtype=np.int64)
    builder.extend(times, np.array(prices, float), np.array(sizes, float))


def at(builder, *prices):
    """Give a builder prices, one share a second."""
    for second, price in enumerate(prices):
        give(builder, (second, price, 1))
    return builder


def walk(groups, start=100.0):
    """Turn drawn groups into groups of trades that walk on from a price."""
    second, cents, walked = 0, round(start * 100), []
    for group in groups:
        trades = []
        for later, up, size in group:
            second, cents = max(0, second + later), max(1, cents + up)
            trades.append((second, cents / 100, size))
        walked.append(trades)
    return walked


def ny(text):
    """Return a New York time, 2026-11-23T09:30, as UTC nanoseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * SECOND_NS


def columns(*rows_):
    """Return bars of rows (start_ns, open, high, low, close, volume)."""
    table = list(zip(*rows_, strict=True)) or [()] * 6
    return BarColumns(
        start_ns=np.array(table[0], dtype=np.int64),
        **{name: np.array(v, float) for name, v in zip(FIELDS, table[1:], strict=True)},
    )


def rows(bars):
    """Return bars as (start in seconds, open, high, low, close, volume)."""
    return [
        (int(start) / SECOND_NS, *(float(getattr(bars, field)[i]) for field in FIELDS))
        for i, start in enumerate(bars.start_ns)
    ]


def bodies(bars):
    """Return (open, close) of every bar."""
    return list(zip(bars.open.tolist(), bars.close.tolist(), strict=True))
