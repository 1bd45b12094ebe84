"""When bars of the day begin: counted from the start of each phase of a trading day.

Four phases make a trading day: the night before it, pre-market, core session and post-market. A bar
never reaches over the open or the close, so that leaving out extended hours leaves out whole bars;
the last bar of a phase is short where the interval does not fit:

    04:00   05:00  ...  09:00 09:30   10:30  ...  15:30 16:00   17:00     New York, bars of an hour
      |--pre--|--  ...  --|-|---core----|--  ...  ---|-|--post----|--

Clocks that change are no matter: phases are moments of the calendar, and the open is at half past
nine before and after.
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.calendar import us_calendar
from app.domain.times import new_york
from app.market.bars import BarColumns
from app.market.ring import Ints

Bools = NDArray[np.bool_]

_PHASES: Final = 4
_CORE: Final = 2
_ONE_DAY: Final = dt.timedelta(days=1)


def bar_starts(times_ns: Ints, interval_ns: int) -> Ints:
    """Return the start of the bar that each moment lies in.

    Args:
        times_ns: UTC, in any order.
        interval_ns: less than a day.
    """
    if not len(times_ns):
        return times_ns
    anchors = _anchors_over(times_ns)
    place = np.searchsorted(anchors, times_ns, side="right") - 1
    since = anchors[place]
    starts: Ints = since + (times_ns - since) // interval_ns * interval_ns
    return starts


def is_regular(times_ns: Ints) -> Bools:
    """Return which moments lie in a core session: from the open up to, not including, the close."""
    if not len(times_ns):
        return np.zeros(0, dtype=np.bool_)
    place = np.searchsorted(_anchors_over(times_ns), times_ns, side="right") - 1
    regular: Bools = place % _PHASES == _CORE
    return regular


def day_numbers(times_ns: Ints) -> Ints:
    """Return of each moment a number of its trading day: when that begins, in UTC ns."""
    if not len(times_ns):
        return times_ns
    anchors = _anchors_over(times_ns)
    place = np.searchsorted(anchors, times_ns, side="right") - 1
    days: Ints = anchors[place - place % _PHASES]
    return days


def regular_only(bars: BarColumns) -> BarColumns:
    """Return the bars that begin in a core session."""
    return rows_where(bars, is_regular(bars.start_ns))


def rows_where(bars: BarColumns, which: Bools | slice) -> BarColumns:
    """Return some of the bars."""
    return type(bars)(**{name: getattr(bars, name)[which] for name in bars.__struct_fields__})


def core_sessions(first_ns: int, last_ns: int) -> Ints:
    """Return open and close of every core session that a stretch of time touches, a row each."""
    anchors = _anchors_over(np.array([first_ns, last_ns])).reshape(-1, _PHASES)
    found: Ints = anchors[:, _CORE : _CORE + 2]
    touched: Ints = found[(found[:, 1] > first_ns) & (found[:, 0] <= last_ns)]
    return touched


def _anchors_over(times_ns: Ints) -> Ints:
    """Return the starts of the phases of every trading day that holds one of the moments."""
    first, last = int(times_ns.min()), int(times_ns.max())
    # The trading day of a moment in late December may be in January.
    return _anchors(new_york(first).year, (new_york(last) + 7 * _ONE_DAY).year)


@functools.lru_cache(maxsize=8)
def _anchors(first_year: int, last_year: int) -> Ints:
    years = [_anchors_of_year(year) for year in range(first_year, last_year + 1)]
    return np.concatenate(years)


@functools.lru_cache(maxsize=80)
def _anchors_of_year(year: int) -> Ints:
    """Return the starts of the phases of a year's trading days; the first may be in December."""
    calendar = us_calendar()
    session = calendar.next_session(dt.date(year, 1, 1) - _ONE_DAY)
    found = []
    while session.day.year == year:
        start_ns = calendar.day_start_ns(session.day)
        found += [start_ns, session.pre_open_ns, session.open_ns, session.close_ns]
        session = calendar.next_session(session.day)
    return np.array(found, dtype=np.int64)
