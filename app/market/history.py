"""Older bars, fetched when somebody scrolls to them, and bars for the gaps of the feed.

A page is put together of what the vendor gives at a time, then put before the bars that are there.
What was fetched is kept for a while, so that a second chart of the symbol does not ask again.
Not guaranteed: that a vendor's minutes agree with the prints of the tape; inside a gap the fetched
ones count, outside of it those that were seen here.
"""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec
import numpy as np

from app.domain.bar_spec import DAY_S, MINUTE_S, BarKind, BarSpec
from app.domain.ids import Symbol
from app.domain.market import BarRow, FeedStatus
from app.domain.times import MINUTE_NS, SECOND_NS
from app.hub import Hub
from app.market.bars import BarColumns
from app.market.gaps import Gap
from app.market.live import EVER
from app.market.store import MarketStore
from app.tasks import attempt

DAY_NS: Final = DAY_S * SECOND_NS
PAGE_ROWS: Final = 2_000
"""Bars of a minute or a day that a page has at least, where there are as many."""
SERIES_ROWS_MAX: Final = 1_000_000
"""A series with more bars takes no older ones."""
KEPT_ROWS_MAX: Final = 500_000
"""Fetched bars that are kept for the next who asks: some 25 MB."""
ENDS_MAX: Final = 1_000
"""Series of which it is remembered that there is nothing before them."""
DEADLINE_S: Final = 15.0
"""Of one answer."""

Fetch = Callable[[Symbol, int, int, int], Awaitable[Sequence[BarRow]]]
"""Symbol, interval in ns, before when in UTC ns, about how many -> the newest of them."""
Key = tuple[Symbol, BarSpec, bool]
"""Of a series: the last says whether extended hours count."""
Spawn = Callable[[str, Coroutine[Any, Any, None]], None]


class PageState(StrEnum):
    """How it stands with older bars."""

    IDLE = "idle"
    """There may be some: ask."""
    LOADING = "loading"
    ENDED = "ended"
    """There are none."""
    FAILED = "failed"
    """They could not be had; asking again tries again."""


class Paging(msgspec.Struct, frozen=True, kw_only=True):
    """What a chart shows at its left end."""

    state: PageState
    share: float = 0.0
    """Of the page that is under way, 0 to 1."""
    words: str = ""
    """Why there are no more, or what failed."""


class HistoryPages:
    """Fetches bars and hands them to the store."""

    def __init__(self, *, store: MarketStore, hub: Hub, fetch: Fetch | None, spawn: Spawn) -> None:
        """Begin with nothing fetched.

        Args:
            store: takes what is fetched.
            hub: tells when the feed is back.
            fetch: asks the vendor; None where there is nobody to ask.
            spawn: starts a task that has a name.
        """
        self._store = store
        self._fetch = fetch
        self._spawn = spawn
        self._states: dict[tuple[Symbol, int], Paging] = {}
        self._ends: OrderedDict[Key, int] = OrderedDict()
        """Where series begin that have all there is."""
        self._kept: OrderedDict[tuple[Symbol, int, int], BarColumns] = OrderedDict()
        self._kept_rows = 0
        self._gap: Gap | None = None
        self.version = 0
        """A number that grows with every step of any page."""
        hub.subscribe(FeedStatus, self._on_status)

    def paging(self, symbol: Symbol, spec: BarSpec, *, extended: bool = True) -> Paging:
        """Return how it stands with the bars before a series."""
        lack = self._lack(symbol, spec, extended=extended)
        if lack:
            return Paging(state=PageState.ENDED, words=lack)
        return self._states.get((symbol, _base_ns(spec)), Paging(state=PageState.IDLE))

    def older(self, symbol: Symbol, spec: BarSpec, *, extended: bool = True) -> None:
        """Ask for the page before a series, unless one is under way or there is none."""
        state = self.paging(symbol, spec, extended=extended).state
        if state in (PageState.LOADING, PageState.ENDED):
            return
        self._say((symbol, _base_ns(spec)), PageState.LOADING)
        self._spawn(f"history {symbol}", self._page((symbol, spec, extended)))

    async def _page(self, series: Key) -> None:
        key, before_ns = (series[0], _base_ns(series[1])), self._first_ns(*series)
        parts: list[BarColumns] = []
        rows, words, is_end = 0, "", False
        while rows < PAGE_ROWS:
            at_ns = int(parts[0].start_ns[0]) if parts else before_ns
            answer = await self._ask(key, at_ns, PAGE_ROWS - rows)
            if isinstance(answer, str):
                words = answer
                break
            if not len(answer):
                is_end = True
                break
            parts.insert(0, answer)
            rows += len(answer)
            self._say(key, PageState.LOADING, share=min(1.0, rows / PAGE_ROWS))
        if parts:
            self._store.load_older(key[0], key[1], _joined(parts), before_ns)
        if is_end:
            self._ends[series] = self._first_ns(*series)
            while len(self._ends) > ENDS_MAX:
                self._ends.popitem(last=False)
        self._say(key, PageState.FAILED if words else PageState.IDLE, words=words)

    async def _ask(self, key: tuple[Symbol, int], before_ns: int, n: int) -> BarColumns | str:
        """Return bars before a moment, or in words why there are none."""
        assert self._fetch is not None
        symbol, interval_ns = key
        kept = self._kept.get((symbol, interval_ns, before_ns))
        if kept is not None:
            self._kept.move_to_end((symbol, interval_ns, before_ns))
            return kept
        answer = await attempt(
            self._fetch(symbol, interval_ns, before_ns, n), deadline_s=DEADLINE_S
        )
        if isinstance(answer, Exception):
            reason = str(answer) or type(answer).__name__
            return f"older bars of {symbol} could not be fetched: {reason}"
        bars = _sound(answer, before_ns)
        if len(bars):
            self._keep((symbol, interval_ns, before_ns), bars)
        return bars

    def _on_status(self, status: FeedStatus) -> None:
        """Fill the gap that ended with this, of the symbols that somebody looks at."""
        del status
        gap = self._store.last_gap
        if gap is self._gap or gap is None or self._fetch is None:
            return
        self._gap = gap
        for symbol in self._store.symbols_with_series():
            self._spawn(f"backfill {symbol}", self._fill(symbol, gap))

    async def _fill(self, symbol: Symbol, gap: Gap) -> None:
        assert self._fetch is not None
        before_ns = gap.end_ns - gap.end_ns % MINUTE_NS + MINUTE_NS
        parts: list[BarColumns] = []
        while before_ns > gap.start_ns:
            # Not kept: what a gap has now may be mended by the vendor later.
            call = self._fetch(symbol, MINUTE_NS, before_ns, PAGE_ROWS)
            answer = await attempt(call, deadline_s=DEADLINE_S)
            bars = None if isinstance(answer, Exception) else _sound(answer, before_ns)
            if bars is None or not len(bars):
                break
            parts.insert(0, bars)
            before_ns = int(bars.start_ns[0])
        if parts:
            self._store.fill_gap(symbol, gap, _joined(parts))
            self.version += 1

    def _keep(self, key: tuple[Symbol, int, int], bars: BarColumns) -> None:
        self._kept[key] = bars
        self._kept_rows += len(bars)
        while self._kept_rows > KEPT_ROWS_MAX:
            _, forgotten = self._kept.popitem(last=False)
            self._kept_rows -= len(forgotten)

    def _lack(self, symbol: Symbol, spec: BarSpec, *, extended: bool) -> str:
        """Return why there is nothing to ask for, in words; empty if there may be something."""
        interval_ns = _base_ns(spec)
        if self._fetch is None:
            return "nothing is known from before"
        if not interval_ns:
            return "bars of seconds and of single trades begin here"
        if self._store.view.version(symbol) == 0:
            return "nothing is known of it yet"
        key = (symbol, spec, extended)
        if self._ends.get(key) == self._first_ns(*key):
            return "there are no older bars"
        known = self._store.view.series(symbol, spec, EVER, extended=extended)
        if len(known.bars) >= SERIES_ROWS_MAX:
            return f"{SERIES_ROWS_MAX:,} bars are all that is kept"
        return ""

    def _first_ns(self, symbol: Symbol, spec: BarSpec, extended: bool) -> int:
        """Return when a series begins; now where it has not begun."""
        first_ns = self._store.view.series(symbol, spec, 1, extended=extended).first_ns
        return self._store.now_ns() if first_ns is None else first_ns

    def _say(
        self, key: tuple[Symbol, int], state: PageState, *, share: float = 0.0, words: str = ""
    ) -> None:
        self._states[key] = Paging(state=state, share=share, words=words)
        self.version += 1


@functools.lru_cache(maxsize=256)
def _base_ns(spec: BarSpec) -> int:
    """Return which bars an older part is made of: of a minute, a day, or 0 for none."""
    if spec.is_daily or spec.base_s == DAY_S:
        return DAY_NS
    seconds = int(spec.size) if spec.kind is BarKind.TIME else spec.base_s
    return MINUTE_NS if seconds >= MINUTE_S else 0


def _sound(rows: Sequence[BarRow], before_ns: int) -> BarColumns:
    """Return fetched bars in order of time, without what is no bar and what was not asked for."""
    table = np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, 5)
    starts = np.array([row[0] for row in rows], dtype=np.int64)
    open_, high, low, close, volume = table.T
    good = np.isfinite(table).all(axis=1) & (starts < before_ns) & (volume >= 0) & (low > 0)
    good &= (low <= np.minimum(open_, close)) & (high >= np.maximum(open_, close))
    # Of bars with the same start the last one said counts.
    _, last = np.unique(starts[good][::-1], return_index=True)
    places = np.flatnonzero(good)[::-1][last]
    return BarColumns(
        start_ns=starts[places],
        open=open_[places],
        high=high[places],
        low=low[places],
        close=close[places],
        volume=volume[places],
    )


def _joined(parts: list[BarColumns]) -> BarColumns:
    names = BarColumns.__struct_fields__
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return BarColumns(**whole)
