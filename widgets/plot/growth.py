"""How much of a series of bars is as it was: it grows at its end, and its last bar changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.desk import BarColumns


class Growth:
    """Remembers the ends of a series, not its bars.

    Whoever changes older bars says so by another identity, or by another first bar.
    """

    def __init__(self) -> None:
        self._identity: object = None
        self._first_ns = self._last_ns = 0
        self.count = 0
        """Bars that were there the last time."""

    def see(self, bars: BarColumns, identity: object = None) -> int:
        """Return how many of the first bars are as they were the last time.

        Args:
            bars: all of them.
            identity: equal while they are of one series whose older bars stay as they are.
        """
        count = len(bars)
        is_same = (
            0 < self.count <= count
            and identity == self._identity
            and int(bars.start_ns[0]) == self._first_ns
            and int(bars.start_ns[self.count - 1]) == self._last_ns
        )
        sound = self.count - 1 if is_same else 0
        self._identity, self.count = identity, count
        if count:
            self._first_ns, self._last_ns = int(bars.start_ns[0]), int(bars.start_ns[-1])
        return sound
