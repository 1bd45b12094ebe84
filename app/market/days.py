"""Daily bars of one symbol: those that are over, and the one under construction.

A day is a trading day of the New York exchanges: it begins where the post-market of the one before
ends, so what trades at night or at a weekend counts to the session that follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from app.calendar import us_calendar
from app.domain.market import BarRow
from app.domain.times import SECOND_NS
from app.market.bars import BarColumns, BarSeries
from app.market.ring import Floats, Ints

DAYS_MAX: Final = 2_600
"""Days kept: ten years."""
DAY_NS: Final = 86_400 * SECOND_NS


class DayBars:
    """Trading days, the last of which goes on."""

    def __init__(self) -> None:
        self._bars = BarSeries(SECOND_NS, DAYS_MAX)
        self._start_ns = 0
        """Open of the session of the day under construction."""
        self._day_start_ns = 0
        """Where that day begins: the end of the one before."""
        self._end_ns = -1
        """When that day is over; before the first trade, never."""
        self.current: tuple[float, float, float, float, float] | None = None
        """Open, high, low, last and volume of the day under construction."""
        self.prior_close: float | None = None
        """Close of the day before; None where it is not known."""

    def load(self, rows: Iterable[BarRow]) -> None:
        """Put days that are over before all others, oldest first."""
        for row in rows:
            self._bars.add_bar(*row)
            self.prior_close = row.close

    def extend(self, times_ns: Ints, prices: Floats, sizes: Floats) -> None:
        """Count several trades in order of time."""
        if int(times_ns[-1]) < self._end_ns:  # The usual case: the day goes on.
            self._count(prices, sizes)
            return
        first = 0
        while first < len(times_ns):
            self._turn(int(times_ns[first]))
            end = max(first + 1, int(np.searchsorted(times_ns, self._end_ns)))
            self._count(prices[first:end], sizes[first:end])
            first = end

    def add(  # noqa: PLR0913  The figures of a bar.
        self, ts_ns: int, open_: float, high: float, low: float, close: float, volume: float
    ) -> None:
        """Count a whole bar that is no longer than a day."""
        self._turn(ts_ns)
        day = self.current or (open_, high, low, close, 0.0)
        self.current = (day[0], max(day[1], high), min(day[2], low), close, day[4] + volume)

    @property
    def over_count(self) -> int:
        """How many days that are over are known or were."""
        return self._bars.count

    def over(self, n: int) -> BarColumns:
        """Return the newest n days that are over, oldest first."""
        return self._bars.columns(n)

    def prepend(self, days: BarColumns) -> None:
        """Put days before all that are known; those that are not older are left out."""
        known = self._bars.columns(self._bars.capacity)
        end_ns = int(known.start_ns[0]) if len(known) else self._first_ns()
        older = int(np.searchsorted(days.start_ns, end_ns))
        bars = BarSeries(SECOND_NS, max(DAYS_MAX, older + len(known)))
        for part, count in ((days, older), (known, len(known))):
            columns = [getattr(part, name)[:count].tolist() for name in part.__struct_fields__]
            for row in zip(*columns, strict=True):
                bars.add_bar(*row)
        self._bars = bars
        if self.prior_close is None and older:
            self.prior_close = float(days.close[older - 1])

    def mend(self, since_ns: int, high: float, low: float, volume: float) -> None:
        """Count what was missed on the day under construction; of an earlier day, nothing."""
        if self.current is not None and self._day_start_ns <= since_ns < self._end_ns:
            open_, highest, lowest, last, shares = self.current
            self.current = (open_, max(highest, high), min(lowest, low), last, shares + volume)

    def columns(self, n: int) -> BarColumns:
        """Return the newest n days, oldest first; the last may be under construction."""
        if self.current is None:
            return self._bars.columns(n)
        over = self._bars.columns(max(0, n - 1))
        open_, high, low, last, volume = self.current
        return BarColumns(
            start_ns=np.append(over.start_ns, self._start_ns),
            open=np.append(over.open, open_),
            high=np.append(over.high, high),
            low=np.append(over.low, low),
            close=np.append(over.close, last),
            volume=np.append(over.volume, volume),
        )

    def _first_ns(self) -> int:
        return self._start_ns if self.current is not None else 2**63 - 1

    def _count(self, prices: Floats, sizes: Floats) -> None:
        high, low, last = float(prices.max()), float(prices.min()), float(prices[-1])
        day = self.current or (float(prices[0]), high, low, last, 0.0)
        volume = day[4] + float(sizes.sum())
        self.current = (day[0], max(day[1], high), min(day[2], low), last, volume)

    def _turn(self, ts_ns: int) -> None:
        """Begin the trading day of a moment if it is a later one."""
        if ts_ns < self._end_ns:
            return
        if self.current is not None:
            self._bars.add_bar(self._start_ns, *self.current)
            self.prior_close = self.current[3]
        self.current = None
        calendar = us_calendar()
        session = calendar.session_of(calendar.trading_day(ts_ns))
        assert session is not None, ts_ns
        self._start_ns, self._end_ns = session.open_ns, session.post_close_ns
        self._day_start_ns = calendar.day_start_ns(session.day)
