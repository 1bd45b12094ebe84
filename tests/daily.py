"""Daily bars to compare studies on: a walk that is always there, real ones where they lie near."""

from __future__ import annotations

import csv
import gzip
import os
from pathlib import Path

import numpy as np

from app.indicators.base import Bars

DAY_NS = 86_400 * 10**9
BEGIN_NS = 951_868_800 * 10**9
"""2000-03-01."""
SYMBOLS = ("AAPL", "GOOG", "IBM", "MSFT")
FILE = Path("data", "market", "bokeh", "stocks.csv.gz")
ROOT = Path(__file__).resolve().parents[1]


def bars_of(rows: np.ndarray) -> Bars:
    """Return bars of open, high, low, close and volume; sessions are of 21 bars, as months."""
    columns = np.ascontiguousarray(rows.T)
    size = len(rows)
    bought = np.floor(columns[4] * (0.3 + 0.4 * np.random.default_rng(size).random(size)))
    return Bars(
        start_ns=BEGIN_NS + DAY_NS * np.arange(size, dtype=np.int64),
        **dict(zip(("open", "high", "low", "close", "volume"), columns, strict=True)),
        day=np.arange(size, dtype=np.int64) // 21,
        bought=bought,
        sold=columns[4] - bought,
    )


def made(size: int = 1_500, seed: int = 7) -> Bars:
    """Return a walk in cents with gaps over night and a split in the middle."""
    rng = np.random.default_rng(seed)
    close = 80 * np.exp(np.cumsum(rng.normal(0, 0.02, size)))
    close[size // 2 :] /= 2
    open_ = np.concatenate(([80.0], close[:-1])) * np.exp(rng.normal(0, 0.005, size))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0, 0.008, size)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0, 0.008, size)))
    prices = [np.round(column, 2) for column in (open_, high, low, close)]
    return bars_of(np.stack((*prices, rng.integers(10**6, 10**8, size).astype(float)), axis=1))


def real() -> dict[str, Bars]:
    """Return the daily bars of some stocks, 2000 to 2013, if `TRADEDECK_SHARED` leads to them.

    They are no part of the repository; a clone alone tests on the walk.
    """
    path = Path(os.environ.get("TRADEDECK_SHARED", ROOT.parent / "shared")) / FILE
    if not path.is_file():
        return {}
    rows: dict[str, list[list[float]]] = {symbol: [] for symbol in SYMBOLS}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for symbol, _, *prices in list(csv.reader(lines))[1:]:
            if symbol in rows:
                rows[symbol].append([float(price) for price in prices[:5]])
    return {symbol: bars_of(np.array(table)) for symbol, table in rows.items()}
