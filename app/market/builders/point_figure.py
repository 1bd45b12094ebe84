"""Point and figure: columns of boxes, X while the price rises and O while it falls.

Definition: A. W. Cohen, "How to Use the Three-Point Reversal Method of Point & Figure Stock Market
Trading", 1947. Boxes lie on whole multiples of their height. A column of X gets a box for every
line that the price reaches above it. When the price reaches the line so many boxes (usually three)
below its top, a column of O begins one box below the top; of O to X likewise.

By closes, every price that is counted is one. By high and low, of a bar that is counted the end in
the direction of the column counts first, and the other end only if that gave no box.
The first column begins when a line beside the first price is reached. Unlike the one-box charts of
old, a column is always of one sign.

A bar is a column: open its first box, close its last, each by the line that had to be reached.
"""

from __future__ import annotations

from typing import Final

from app.market.bars import BarColumns
from app.market.builders.base import StepBuilder, line_px, steps_above, steps_below
from app.market.ring import Floats


class PointFigureColumns(BarColumns, frozen=True, kw_only=True):
    """Columns of boxes as bars."""

    is_x: Floats
    """1 for a column of X, 0 for one of O."""
    boxes: Floats
    """In each column: at least 1."""


class PointFigureBars(StepBuilder):
    """Columns of boxes of a height in prices."""

    def __init__(
        self, box: float, reversal: int, capacity: int, *, by_extremes: bool = False
    ) -> None:
        """Begin with no columns.

        Args:
            box: height.
            reversal: boxes against its direction that end a column.
            capacity: columns that are kept.
            by_extremes: whether `extend_bars` counts highs and lows, not closes.
        """
        assert box > 0, box
        assert reversal > 0, reversal
        super().__init__(capacity, extra=2)
        self._box: Final = box
        self._reversal: Final = reversal
        self._by_extremes: Final = by_extremes
        self._way = 0
        """1 in a column of X, -1 in one of O, 0 before the first."""
        self._first: int | None = None
        """Line of the column's first box; before the first column, of the first price."""
        self._last = 0

    def extend_bars(self, bars: BarColumns) -> None:
        """Count bars that are over, by their closes or by their highs and lows."""
        if not self._by_extremes:
            super().extend_bars(bars)
            return
        columns = (bars.start_ns, bars.high, bars.low, bars.volume)
        for ts_ns, high, low, volume in zip(*(c.tolist() for c in columns), strict=True):
            if 0 < low <= high and volume >= 0:
                self._add_extremes(ts_ns, high, low, volume)

    def columns(self, n: int) -> PointFigureColumns:
        """Return the newest n columns, oldest first; slices, good until the next trade."""
        bars = super().columns(n)
        return PointFigureColumns(
            start_ns=bars.start_ns,
            open=bars.open,
            high=bars.high,
            low=bars.low,
            close=bars.close,
            volume=bars.volume,
            is_x=self._ring.column(5, n),
            boxes=self._ring.column(6, n),
        )

    def _add_extremes(self, ts_ns: int, high: float, low: float, volume: float) -> None:
        self._last_ns = ts_ns = max(ts_ns, self._last_ns)
        if self._start_ns is None:
            self._start_ns = ts_ns
        if self._first is None:
            self._first = self._last = steps_below(high, self._box)
        before = self._way, self._last
        near, far = (low, high) if self._way < 0 else (high, low)
        self._step(ts_ns, near, volume)
        self._price = near
        if (self._way, self._last) == before:
            self._step(ts_ns, far, 0.0)
            self._price = far

    def _step(self, ts_ns: int, price: float, size: float) -> None:
        up, down = steps_below(price, self._box), steps_above(price, self._box)
        if self._first is None:
            self._first = self._last = up
        way = self._way
        if not way:
            self._begin(up, down)
        elif way > 0 and up > self._last:
            self._last = up
        elif way < 0 and down < self._last:
            self._last = down
        elif way > 0 and down <= self._last - self._reversal:
            self._turn(ts_ns, self._last - 1, down)
        elif way < 0 and up >= self._last + self._reversal:
            self._turn(ts_ns, self._last + 1, up)
        self._volume += size

    def _begin(self, up: int, down: int) -> None:
        assert self._first is not None
        if up > self._first:
            self._way, self._first, self._last = 1, self._first + 1, up
        elif down < self._first:
            self._way, self._first, self._last = -1, self._first - 1, down

    def _turn(self, ts_ns: int, first: int, last: int) -> None:
        prices, extra = self._figures()
        self._end_bar(ts_ns, *prices, extra=extra)
        self._start_ns = ts_ns
        self._way, self._first, self._last = -self._way, first, last

    def _figures(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        assert self._first is not None
        open_, close = line_px(self._first, self._box), line_px(self._last, self._box)
        boxes = abs(self._last - self._first) + 1
        return (open_, max(open_, close), min(open_, close), close), (
            float(self._way > 0),
            float(boxes),
        )

    def _show_open(self) -> None:
        if self._way and self._start_ns is not None:
            prices, extra = self._figures()
            self._put(self._start_ns, *prices, self._volume, *extra, is_over=False)
