"""Stretches of time of which nothing is known: a chart marks them, history may fill them.

A gap of the feed is certain: the feed said that it was away, or that it skipped something. A quiet
stretch is only likely: no bar of a minute in a core session for far longer than is usual for the
symbol; a stock that seldom trades has none of these.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec
import numpy as np

from app.domain.enums import FeedState
from app.domain.market import FeedStatus
from app.domain.times import MINUTE_NS, SECOND_NS
from app.market.ring import Ints
from app.market.sessions import core_sessions

GAPS_MAX: Final = 1_000
"""Of the feed; the oldest are forgotten."""
GAP_NS_MIN: Final = SECOND_NS
"""A shorter silence is none."""
QUIET_MINUTES_MIN: Final = 5
QUIET_TIMES_USUAL: Final = 10
"""A stretch without a bar counts from so many times the usual one."""


class GapKind(StrEnum):
    """How it is known that something is missing."""

    FEED = "feed"
    QUIET = "quiet"


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time of which a symbol has no trades here."""

    start_ns: int
    """UTC, of the last that was known."""
    end_ns: int
    """Of the first that is known again."""
    kind: GapKind
    is_filled: bool = False
    """Whether bars of a minute were fetched for it since; single trades stay unknown."""


class FeedGaps:
    """What one feed missed, of all its symbols alike."""

    def __init__(self) -> None:
        self._gaps: list[Gap] = []
        self._since_ns: int | None = None
        """End of what is known while the feed is away."""
        self._was_live = False
        self.version = 0
        """A number that grows with every gap that begins or ends."""

    def on_status(self, status: FeedStatus, last_ns: int | None) -> Gap | None:
        """Take in what a feed says of itself; return the gap that ends with it.

        Args:
            status: its health.
            last_ns: when the feed last brought anything; None if it never did.
        """
        now_ns, known_ns = status.ts_recv_ns, self._since_ns
        if known_ns is None and self._was_live:
            known_ns = last_ns
        if status.state is FeedState.LIVE or status.state is FeedState.DEGRADED:
            # It runs, or says that it skipped something up to now and goes on.
            is_back = self._since_ns is not None or status.state is FeedState.DEGRADED
            self._was_live, self._since_ns = True, None
            return self._keep(known_ns, now_ns) if is_back else None
        if status.state is FeedState.DOWN or status.state is FeedState.CONNECTING:
            self.version += known_ns != self._since_ns
            self._since_ns = known_ns
        return None

    def between(self, first_ns: int, last_ns: int, now_ns: int) -> tuple[Gap, ...]:
        """Return the gaps that touch a stretch, oldest first; one that goes on ends now."""
        gaps = self._gaps
        if self._since_ns is not None and now_ns - self._since_ns >= GAP_NS_MIN:
            gaps = [*gaps, Gap(start_ns=self._since_ns, end_ns=now_ns, kind=GapKind.FEED)]
        return tuple(gap for gap in gaps if gap.start_ns <= last_ns and gap.end_ns >= first_ns)

    def _keep(self, start_ns: int | None, end_ns: int) -> Gap | None:
        if start_ns is None or not (end_ns - start_ns >= GAP_NS_MIN):
            return None
        gap = Gap(start_ns=start_ns, end_ns=end_ns, kind=GapKind.FEED)
        self._gaps = [*self._gaps[1 - GAPS_MAX :], gap]
        self.version += 1
        return gap


def quiet_gaps(minutes_ns: Ints) -> tuple[Gap, ...]:
    """Return stretches of core sessions without a bar, between bars, oldest first.

    Args:
        minutes_ns: starts of bars of a minute, oldest first.
    """
    if len(minutes_ns) < 2:
        return ()
    steps = np.diff(minutes_ns)
    usual_ns = max(MINUTE_NS, int(np.median(steps)))
    least_ns = max(QUIET_MINUTES_MIN * MINUTE_NS, QUIET_TIMES_USUAL * usual_ns)
    found = []
    for place in np.flatnonzero(steps > least_ns).tolist():
        start_ns, end_ns = int(minutes_ns[place]) + MINUTE_NS, int(minutes_ns[place + 1])
        for open_ns, close_ns in core_sessions(start_ns, end_ns - 1).tolist():
            first, last = max(start_ns, open_ns), min(end_ns, close_ns)
            if last - first >= least_ns:
                found.append(Gap(start_ns=first, end_ns=last, kind=GapKind.QUIET))
    return tuple(found)
