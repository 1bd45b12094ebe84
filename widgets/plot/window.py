"""Which bars are in view; no Qt."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

BARS_DEFAULT: Final = 120.0
BARS_MIN: Final = 5.0
BARS_MAX: Final = 1_000_000.0
MARGIN_SHARE: Final = 0.05
"""Room right of the newest bar while following it, of the width."""


class TimeWindow:
    """A stretch of bars: follows the newest one until it is dragged away.

    Positions are bar numbers, so that hours without trade take no room. When it does not follow, it
    holds on to the time of a bar: the numbers change when old bars fall out.
    """

    def __init__(self) -> None:
        self.bars = BARS_DEFAULT
        """How many bars fit into the width."""
        self.is_following = True
        self._anchor_ns = 0
        self._anchor_offset = 0.0

    def reset(self) -> None:
        """Follow the newest bar at the default width."""
        self.bars = BARS_DEFAULT
        self.is_following = True

    def set_bars(self, bars: float) -> None:
        """Show so many bars; a number that is out of bounds, or none, changes nothing."""
        if BARS_MIN <= bars <= BARS_MAX:
            self.bars = bars

    def restore(self, other: TimeWindow) -> None:
        """Show what another window shows."""
        self.bars, self.is_following = other.bars, other.is_following
        self._anchor_ns, self._anchor_offset = other._anchor_ns, other._anchor_offset

    def follow(self) -> None:
        """Follow the newest bar."""
        self.is_following = True

    def show_until(self, starts_ns: NDArray[np.int64], ts_ns: int | None) -> None:
        """Let the bar of a time be at the right edge; None: follow the newest."""
        if ts_ns is None:
            self.is_following = True
        elif len(starts_ns):
            self._hold(starts_ns, float(starts_ns.searchsorted(ts_ns, side="right")))

    def right_edge(self, starts_ns: NDArray[np.int64]) -> float:
        """Return the bar number at the right edge of the view."""
        count = len(starts_ns)
        if self.is_following or not count:
            return count + self.bars * MARGIN_SHARE
        at = int(np.searchsorted(starts_ns, self._anchor_ns, side="left"))
        return at + self._anchor_offset

    def move(self, starts_ns: NDArray[np.int64], bars: float) -> None:
        """Shift the view by a number of bars; to the past with a negative number."""
        self._hold(starts_ns, self.right_edge(starts_ns) + bars)

    def zoom(self, starts_ns: NDArray[np.int64], factor: float, share: float) -> None:
        """Show `factor` times as many bars; the bar at `share` of the width stays where it is."""
        right = self.right_edge(starts_ns)
        wanted = max(BARS_MIN, min(BARS_MAX, self.bars * factor))
        # Beyond twice what there is, zooming out shows nothing new.
        wanted = min(wanted, max(BARS_DEFAULT, 2.0 * len(starts_ns)))
        at = right - self.bars * (1 - share)
        self.bars = wanted
        if self.is_following and share > 0.98:
            return
        self._hold(starts_ns, at + wanted * (1 - share))

    def _hold(self, starts_ns: NDArray[np.int64], right: float) -> None:
        count = len(starts_ns)
        if not count:
            return
        # At least a few bars stay in view on either side.
        right = max(min(3.0, count), min(right, count + self.bars - 3))
        follow_at = count + self.bars * MARGIN_SHARE
        self.is_following = abs(right - follow_at) < 0.5
        at = max(0, min(count - 1, int(right)))
        self._anchor_ns = int(starts_ns[at])
        self._anchor_offset = right - at
