"""Weeks and months out of trading days.

A week is the trading days from Monday to Sunday, a month those of the calendar month. A bar begins
at the open of the first session that the calendar has in it, whether or not that day has a bar.
Several weeks or months are counted from a fixed one, so that they are the same at every look.
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import Final

import numpy as np

from app.calendar import us_calendar
from app.domain.bar_spec import BarKind
from app.market.bars import BarColumns, group_bars
from app.market.days import DAY_NS
from app.market.ring import Ints

_EPOCH: Final = dt.date(1970, 1, 1)
_MONDAY_OFFSET: Final = 3
"""1970 began on a Thursday."""


def fold_days(days: BarColumns, kind: BarKind, count: int) -> BarColumns:
    """Return bars of so many weeks or months.

    Args:
        days: daily bars, each starting at the open of its session, oldest first.
        kind: WEEK or MONTH.
        count: of them in a bar.
    """
    assert kind in (BarKind.WEEK, BarKind.MONTH), kind
    # The open is on the same date in New York and in Greenwich.
    dates = days.start_ns // DAY_NS
    if kind is BarKind.WEEK:
        groups = (dates + _MONDAY_OFFSET) // 7 // count
    else:
        groups = dates.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) // count
    return group_bars(days, _starts(groups, kind, count))


def _starts(groups: Ints, kind: BarKind, count: int) -> Ints:
    wanted, place = np.unique(groups, return_inverse=True)
    starts = [_start_ns(kind, int(group) * count) for group in wanted]
    return np.array(starts, dtype=np.int64)[place]


@functools.lru_cache(maxsize=4_096)
def _start_ns(kind: BarKind, number: int) -> int:
    if kind is BarKind.WEEK:
        first = _EPOCH + dt.timedelta(days=7 * number - _MONDAY_OFFSET)
    else:
        first = dt.date(1970 + number // 12, number % 12 + 1, 1)
    return us_calendar().next_session(first - dt.timedelta(days=1)).open_ns
