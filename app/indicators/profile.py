"""Volume by price: how much was traded at which height."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from app.indicators.kernels import Floats

VALUE_AREA: Final = 0.7
"""Share of the volume that makes the value area: about one deviation, in whole per cent."""
_POINT: Final = 1e-6
"""Share of a row's height below which a bar is a point."""


class Profile(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Volume in rows of equal height, lowest first."""

    bottom: float
    """Price of the lowest edge."""
    height: float
    """Of a row, in units of price."""
    volume: Floats
    """A row."""
    poc: int
    """Row of the greatest volume, the point of control; the lowest of equals."""
    area: tuple[int, int]
    """First and last row of the value area."""

    def price(self, row: float) -> float:
        """Return the price of a row's lower edge; of row + 0.5, its middle."""
        return self.bottom + row * self.height


def profile(high: Floats, low: Floats, volume: Floats, rows: int) -> Profile | None:
    """Return the volume of some bars by price; None without volume.

    A bar's volume lies evenly between its low and its high: bars do not say where within. Bars
    without numbers count for nothing. A range of nothing is one row of no height.
    """
    known = np.isfinite(high) & np.isfinite(low) & (high >= low) & (volume > 0)
    known &= np.isfinite(volume)
    if not known.any():
        return None
    high, low, volume = high[known], low[known], volume[known]
    bottom, top = float(low.min()), float(high.max())
    height = (top - bottom) / rows
    if not height > abs(bottom) * 1e-13:
        whole = np.array([float(volume.sum())])
        return Profile(bottom=bottom, height=0.0, volume=whole, poc=0, area=(0, 0))
    # In units of rows from the bottom.
    begin, end = (low - bottom) / height, (high - bottom) / height
    made = _spread(begin, end, volume, rows)
    poc = int(made.argmax())
    return Profile(bottom=bottom, height=height, volume=made, poc=poc, area=_value_area(made, poc))


def _spread(begin: Floats, end: Floats, volume: Floats, rows: int) -> Floats:
    """Return the volume of each row.

    Up to the edge e lies the sum of v / (end - begin) * (min(e, end) - begin): two ramps a bar, and
    so of all bars four sums a row instead of one a bar and row.
    """
    size = end - begin
    is_point = size < _POINT
    at = np.minimum(begin[is_point].astype(np.int64), rows - 1)
    points = np.bincount(at, weights=volume[is_point], minlength=rows)
    begin, end = begin[~is_point], end[~is_point]
    density = volume[~is_point] / size[~is_point]
    below = _ramps(begin, density, rows) - _ramps(end, density, rows)
    return np.maximum(np.diff(below), 0.0) + points


def _ramps(start: Floats, slope: Floats, rows: int) -> Floats:
    """Return at each edge what ramps have gained that begin at `start` and rise by `slope`."""
    row = np.minimum(start.astype(np.int64), rows - 1)
    slopes = np.bincount(row, weights=slope, minlength=rows)
    # Within its first row a ramp gains from its start to the row's end.
    first = np.bincount(row, weights=slope * (row + 1 - start), minlength=rows)
    steep = np.concatenate(([0.0], np.cumsum(slopes)[:-1]))
    return np.concatenate(([0.0], np.cumsum(first + steep)))


def _value_area(volume: Floats, poc: int) -> tuple[int, int]:
    """Return the rows around the point of control that hold 70 % of the volume.

    Two rows at a time, above or below, whichever hold more, as J. P. Steidlmayer's handbook has it;
    above where they hold the same.
    """
    first = last = poc
    held, wanted = float(volume[poc]), VALUE_AREA * float(volume.sum())
    while held < wanted and (first > 0 or last < len(volume) - 1):
        above = float(volume[last + 1 : last + 3].sum())
        below = float(volume[max(0, first - 2) : first].sum())
        if last < len(volume) - 1 and (above >= below or first == 0):
            last, held = min(last + 2, len(volume) - 1), held + above
        else:
            first, held = max(first - 2, 0), held + below
    return first, last
