"""What a series of bars can be made of when it is first asked for."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from app.domain.times import MINUTE_NS, SECOND_NS
from app.market.bars import BarColumns, BarSeries
from app.market.days import DayBars
from app.market.ring import Floats, Ints, Ring


class Kept(Protocol):
    """What a store has of one symbol."""

    trades: Ring
    """Time, price and size."""
    seconds: BarSeries
    minutes: BarSeries
    days: DayBars


def path_of(bars: BarColumns) -> tuple[Ints, Floats, Floats]:
    """Return four trades a bar: open, the end away from the close, the other end, close.

    All shares are in the last: times, prices, sizes.
    """
    rises = bars.close >= bars.open
    first, second = np.where(rises, bars.low, bars.high), np.where(rises, bars.high, bars.low)
    prices = np.column_stack((bars.open, first, second, bars.close)).ravel()
    sizes = np.zeros(len(prices))
    sizes[3::4] = bars.volume
    return np.repeat(bars.start_ns, 4), prices, sizes


def cuts(kept: Kept) -> tuple[int, int]:
    """Return from when on trades and bars of a second are used: before, some may be forgotten."""
    trades, seconds = kept.trades, kept.seconds
    trades_ns = 2**63 - 1
    if len(trades):
        first_ns = int(trades.times(trades.capacity)[0])
        is_cut = trades.count > trades.capacity
        trades_ns = first_ns - first_ns % SECOND_NS + is_cut * SECOND_NS
    if not seconds.count:
        return trades_ns, trades_ns
    first_ns = int(seconds.columns(seconds.capacity).start_ns[0])
    is_cut = seconds.count > seconds.capacity
    return trades_ns, first_ns - first_ns % MINUTE_NS + is_cut * MINUTE_NS
