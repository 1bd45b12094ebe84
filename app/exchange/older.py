"""Minutes of a day of which only the bar of the day is known, as often as they are asked for.

The minutes of a day fold to exactly its bar: they open, close, reach the high and the low and trade
as many shares as it did. Between, they wander like any minutes. One seed always draws the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from app.calendar import us_calendar
from app.domain.enums import TradingHours
from app.domain.market import BarRow
from app.domain.times import MINUTE_NS, new_york
from app.exchange.history import bar_rows, generator, rounded

MINUTES_MAX: Final = 1_440
"""Of a day; of a weekend around the clock only the last ones are drawn."""
_LIVELY: Final = 1.5
"""Volume at both ends of a session over that in its middle, less one."""

_Floats = npt.NDArray[np.float64]


def minutes_of(day: BarRow, seed: str, hours: TradingHours) -> Sequence[BarRow]:
    """Return the minutes of a trading day, oldest first.

    Args:
        day: its bar, which starts at the open of the session.
        seed: of the symbol.
        hours: when the exchange trades.
    """
    starts = _starts(day, hours)
    n = len(starts)
    draw = generator(f"{seed}:{day.start_ns}")
    close = _walk(draw, day, n)
    open_ = np.concatenate(([day.open], close[:-1]))
    reach = (day.high - day.low) / math.sqrt(n) * 0.4
    high = rounded(np.maximum(open_, close) + reach * draw.random(n), 0.01)
    low = rounded(np.minimum(open_, close) - reach * draw.random(n), 0.01)
    high = np.clip(high, np.maximum(open_, close), day.high)
    low = np.clip(low, day.low, np.minimum(open_, close))
    high[int(np.argmax(high))] = day.high
    low[int(np.argmin(low))] = day.low
    return bar_rows(starts, open_, high, low, close, _volumes(draw, day.volume, n))


def _starts(day: BarRow, hours: TradingHours) -> npt.NDArray[np.int64]:
    calendar = us_calendar()
    session = calendar.session_of(new_york(day.start_ns).date())
    assert session is not None, day
    first, end = session.open_ns, session.close_ns
    if hours is TradingHours.ALWAYS:
        first, end = calendar.day_start_ns(session.day), session.post_close_ns
    first = max(first, end - MINUTES_MAX * MINUTE_NS)
    return np.arange(first, end, MINUTE_NS, dtype=np.int64)


def _walk(draw: np.random.Generator, day: BarRow, n: int) -> _Floats:
    """Return n closes between the day's low and high, the last of them the day's."""
    steps = draw.normal(0.0, 1.0, n)
    path = np.cumsum(steps)
    share = np.arange(1, n + 1) / n
    bridge = path - share * path[-1]
    room = (day.high - day.low) / max(1e-9, float(np.ptp(bridge)))
    close = day.open + (day.close - day.open) * share + bridge * room * 0.9
    close = np.clip(rounded(close, 0.01), day.low, day.high)
    close[-1] = day.close
    return close


def _volumes(draw: np.random.Generator, volume: float, n: int) -> _Floats:
    """Return n whole volumes that sum up to a day's, more of it at both ends."""
    place = np.linspace(-1.0, 1.0, n)
    weights = (1 + _LIVELY * place**4) * (0.5 + draw.random(n))
    ends = np.rint(np.cumsum(weights) / weights.sum() * volume)
    ends[-1] = volume
    return np.diff(ends, prepend=0.0)
