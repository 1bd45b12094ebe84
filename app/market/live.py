"""A series of bars that is asked for again and again: made once, then fed.

It is seeded with what the store still has, the finest first: trades as far as they go back, before
them bars of a second, before those bars of a minute. What is cut by the clock is exact of either.
What is cut by price is made of a path through each old bar, from open to close by the nearer end
first, with the shares at the close: likely, not certain. `Part` says how far back what was used.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from app.domain.bar_spec import DAY_S, MINUTE_S, BarKind, BarSpec
from app.domain.times import MINUTE_NS, SECOND_NS
from app.market.bars import BarColumns
from app.market.builders.base import Builder
from app.market.builders.make import make_builder
from app.market.builders.renko import atr_brick
from app.market.builders.time_bars import TimeBars
from app.market.ring import Floats, Ints
from app.market.seeds import Kept, cuts, path_of
from app.market.sessions import bar_starts, is_regular, regular_only, rows_where

EVER: Final = 2**31
"""More bars than are ever kept."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """From when on a series is made of what."""

    source: str
    """trades, seconds, minutes or days."""
    since_ns: int
    """UTC, of the first of them."""
    is_exact: bool
    """Whether trades would have made the same bars."""


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """Bars of one kind, as they are now."""

    bars: BarColumns
    """Slices, good until the next event."""
    version: int
    """A number that differs after every change."""
    revision: int
    """A number that differs after a change of bars before the last."""
    first_ns: int | None = None
    """All that is known from here on was looked at: older bars are asked for from here."""
    parts: tuple[Part, ...] = ()
    """What they are made of, oldest first."""
    step: float = 0.0
    """Height of a brick or box in prices; 0 where there is none."""
    lack: str = ""
    """Why there are no bars, in words; empty if there are some, or nothing traded."""


class LiveSeries:
    """Bars of one kind of one symbol."""

    def __init__(self, spec: BarSpec, kept: Kept, capacity: int, *, extended: bool) -> None:
        """Make the bars of what is kept.

        Args:
            spec: not of days, weeks or months.
            kept: of the symbol; everything in it is folded.
            capacity: bars that are kept at least.
            extended: whether trades outside of core sessions count.
        """
        assert not spec.is_daily, spec
        self.spec: Final = spec
        self._kept = kept
        self._capacity: Final = capacity
        self._extended: Final = extended
        self.parts: tuple[Part, ...] = ()
        self.changes = 0
        """A number that grows with what is counted."""
        self.first_ns: int | None = None
        """Start of the oldest bar or trade that was given, whether it counts or not."""
        self.step = self._step()
        self._base = TimeBars(spec.base_s * SECOND_NS, capacity) if self._has_base else None
        self._latest_ns = -(2**63)
        """Newest time of a trade, whether it counts or not."""
        self._fed = 0
        """Bars of the base, or days, that are over and counted."""
        self._builder = self._make()
        self._seed()
        times_ns = kept.trades.times(kept.trades.capacity)
        self._latest_ns = int(times_ns.max()) if len(times_ns) else self._latest_ns

    @property
    def is_by_minutes(self) -> bool:
        """Whether older bars of a minute can be put before it."""
        spec = self.spec
        seconds = int(spec.size) if spec.kind is BarKind.TIME else spec.base_s
        return MINUTE_S <= seconds < DAY_S

    @property
    def lack(self) -> str:
        """Why there can be no bars yet, in words."""
        if self.spec.is_atr and not self.step:
            return f"fewer than {self.spec.size} bars are known to take the mean range of"
        return ""

    @property
    def rows(self) -> int:
        """Bars there is room for."""
        return self._builder.capacity + (0 if self._base is None else self._base.capacity)

    def columns(self, n: int) -> BarColumns:
        """Return the newest n bars, oldest first."""
        self._take_closes()
        return self._builder.columns(n)

    def on_trades(self, times_ns: Ints, prices: Floats, sizes: Floats) -> None:
        """Count what was traded."""
        if self.spec.base_s == DAY_S or self.lack or not len(times_ns):
            return
        # A late trade counts when it came, as it does in the bars that are kept.
        times_ns = np.maximum(np.maximum.accumulate(times_ns), self._latest_ns)
        self._latest_ns = int(times_ns[-1])
        if not self._extended:
            regular = is_regular(times_ns)
            times_ns, prices, sizes = times_ns[regular], prices[regular], sizes[regular]
        if not len(times_ns):
            return
        (self._base or self._builder).extend(times_ns, prices, sizes)
        self._note_first(int(times_ns[0]))
        self.changes += 1

    def on_bar(self, bar: BarColumns, interval_ns: int) -> None:
        """Count one whole bar of a feed that sends bars instead of trades."""
        if self.spec.base_s == DAY_S or self.lack or (interval_ns >= MINUTE_NS and self._is_fine):
            return
        bar = bar if self._extended else regular_only(bar)
        if len(bar):
            self._add_bars(bar)
            self._note_first(int(bar.start_ns[0]))
            self.changes += 1

    def prepend(self, minutes: BarColumns) -> None:
        """Put bars of a minute before all there is; those that are not older are left out."""
        assert self.is_by_minutes, self.spec
        if self.first_ns is not None:
            older = int(np.searchsorted(minutes.start_ns, self.first_ns))
            minutes = rows_where(minutes, slice(0, older))
        if len(minutes):
            self.first_ns = int(minutes.start_ns[0])
        minutes = minutes if self._extended else regular_only(minutes)
        if not len(minutes):
            return
        base = self._times()
        known = base.columns(EVER)
        self._rebuild(len(minutes), minutes, known)
        part = Part(source="minutes", since_ns=int(minutes.start_ns[0]), is_exact=True)
        self.parts = (part, *(p for p in self.parts if p.source != "minutes"))

    def replace(self, first_ns: int, last_ns: int) -> None:
        """Make the bars that touch a stretch of time anew of the minutes that are kept now."""
        if not self.is_by_minutes:
            return
        base = self._times()
        ends = np.array([first_ns, last_ns], dtype=np.int64)
        start_ns, end_ns = (int(at) for at in bar_starts(ends, base.interval_ns))
        known, minutes = base.columns(EVER), self._minutes()
        after = int(np.searchsorted(known.start_ns, end_ns, side="right"))
        next_ns = int(known.start_ns[after]) if after < len(known) else 2**63 - 1
        inner = (minutes.start_ns >= start_ns) & (minutes.start_ns < next_ns)
        before = rows_where(known, known.start_ns < start_ns)
        self._rebuild(0, before, rows_where(minutes, inner), rows_where(known, slice(after, None)))

    def _rebuild(self, more: int, *parts: BarColumns) -> None:
        old = self._times()
        # Views of the old bars are read before they are let go.
        base = TimeBars(old.interval_ns, old.capacity + more)
        for part in parts:
            base.extend_bars(part)
        if self._base is None:
            self._builder = base
        else:
            self._base, self._fed = base, 0
            self._builder = self._make()
        self.changes += 1

    def _times(self) -> TimeBars:
        times = self._base if self._base is not None else self._builder
        assert isinstance(times, TimeBars)
        return times

    @property
    def _has_base(self) -> bool:
        return 0 < self.spec.base_s < DAY_S

    @property
    def _is_fine(self) -> bool:
        """Whether a bar of a minute is too long to be counted in it."""
        kind = self.spec.kind
        if kind is BarKind.TIME:
            return self.spec.size < MINUTE_S
        return kind in (BarKind.TICK, BarKind.VOLUME, BarKind.DOLLAR)

    def _make(self) -> Builder:
        return make_builder(self.spec, self.step, self._capacity)

    def _step(self) -> float:
        """Return the height of a brick or box; 0 where there is none, or none can be told."""
        spec = self.spec
        if spec.kind not in (BarKind.RENKO, BarKind.POINT_FIGURE):
            return 0.0
        if not spec.is_atr:
            return float(spec.size)
        n = int(spec.size)
        if spec.base_s == DAY_S:
            bars = self._kept.days.over(n + 1)
        else:
            times = TimeBars((spec.base_s or MINUTE_S) * SECOND_NS, self._capacity)
            times.extend_bars(self._minutes())
            bars = rows_where(times.columns(n + 2), slice(0, -1))
        return atr_brick(bars, n) if len(bars) >= n else 0.0

    def _seed(self) -> None:
        if self.spec.base_s == DAY_S or self.lack:
            return
        if self.is_by_minutes:
            self._seed_bars(self._minutes(), "minutes", is_exact=True)
            return
        trades_ns, seconds_ns = cuts(self._kept)
        if not self._is_fine:
            minutes = self._minutes()
            before = rows_where(minutes, minutes.start_ns < seconds_ns)
            self._seed_bars(before, "minutes", is_exact=False)
        if self.spec.kind is BarKind.TIME:
            self._seed_bars(self._seconds(), "seconds", is_exact=True)
            return
        if self.spec.kind is not BarKind.TICK:
            seconds = self._seconds()
            within = (seconds.start_ns >= seconds_ns) & (seconds.start_ns < trades_ns)
            self._seed_bars(rows_where(seconds, within), "seconds", is_exact=False)
            self._seed_trades(trades_ns)
        else:
            self._seed_trades(-(2**63))

    def _seed_bars(self, bars: BarColumns, source: str, *, is_exact: bool) -> None:
        if len(bars):
            self._add_bars(bars)
            self._begin_part(source, int(bars.start_ns[0]), is_exact=is_exact)

    def _seed_trades(self, since_ns: int) -> None:
        ring = self._kept.trades
        times = ring.times(ring.capacity)
        usable = times >= since_ns
        first = int(np.argmax(usable)) if usable.any() else len(times)
        n = len(times) - first
        if n:
            self.on_trades(ring.times(n), ring.column(0, n), ring.column(1, n))
            self._begin_part("trades", int(times[first]), is_exact=True)

    def _begin_part(self, source: str, since_ns: int, *, is_exact: bool) -> None:
        self._note_first(since_ns)
        self.parts += (Part(source=source, since_ns=since_ns, is_exact=is_exact),)

    def _add_bars(self, bars: BarColumns) -> None:
        if self._base is not None:
            self._base.extend_bars(bars)
        elif isinstance(self._builder, TimeBars):
            self._builder.extend_bars(bars)
        elif self.spec.kind in (BarKind.VOLUME, BarKind.DOLLAR):
            self._builder.extend(bars.start_ns, bars.close, bars.volume)
        else:
            self._builder.extend(*path_of(bars))

    def _take_closes(self) -> None:
        """Count the bars that are over since the last look, where closes count."""
        if self.spec.base_s == DAY_S:
            days = self._kept.days
            new = days.over_count - self._fed
            closes = days.over(new)
        elif self._base is not None:
            new = self._base.over() - self._fed
            closes = rows_where(self._base.columns(new + 1), slice(0, -1))
        else:
            return
        if new and not self.lack:
            self._fed += new
            self._builder.extend_bars(closes)
            if self.first_ns is None and len(closes):
                self._begin_part("days", int(closes.start_ns[0]), is_exact=True)

    def _note_first(self, ts_ns: int) -> None:
        if self.first_ns is None:
            self.first_ns = ts_ns

    def _minutes(self) -> BarColumns:
        bars = self._kept.minutes.columns(self._kept.minutes.capacity)
        return bars if self._extended else regular_only(bars)

    def _seconds(self) -> BarColumns:
        bars = self._kept.seconds.columns(self._kept.seconds.capacity)
        return bars if self._extended else regular_only(bars)
