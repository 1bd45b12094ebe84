"""Kinds of bars that a chart offers, how far apart they are and how they look; no Qt."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from app.domain.bar_spec import BarKind, BarSpec, parse_spec
from app.domain.times import SECOND_NS
from widgets.plot.styles import BarStyle

if TYPE_CHECKING:
    from app.desk import BarColumns

CHIPS: Final = ("1s", "10s", "1m", "5m", "15m", "1h", "1d")
"""Always in sight."""
CHIP_DEFAULT: Final = "1m"
PRESETS: Final = {
    "Seconds": ("1s", "5s", "10s", "15s", "30s"),
    "Minutes": ("1m", "2m", "3m", "5m", "10m", "15m", "30m"),
    "Hours": ("1h", "2h", "4h"),
    "Days": ("1d", "1w", "1M"),
    "Trades": ("100T", "500T", "1kT"),
    "Shares": ("1kV", "10kV", "100kV"),
    "Dollars": ("100k$", "1M$", "10M$"),
    "Range": ("R0.05", "R0.1", "R0.5"),
    "Renko": ("RENKO ATR14", "RENKO 0.1", "RENKO 0.5"),
    "Kagi": ("KAGI 0.1%", "KAGI 0.5%", "KAGI 1%"),
    "Point and figure": ("PF 0.1x3", "PF 0.5x3", "PF 1x3"),
    "Line break": ("LB3", "LB3 5m"),
}
_WEEK_NS: Final = 7 * 86_400 * SECOND_NS
_MONTH_NS: Final = 30 * 86_400 * SECOND_NS
_LOOKED_AT: Final = 500
"""Newest bars whose distance is taken for that of all."""
_STYLES: Final = {
    BarKind.KAGI: BarStyle.KAGI,
    BarKind.POINT_FIGURE: BarStyle.POINT_FIGURE,
}

DEFAULT: Final = parse_spec(CHIP_DEFAULT)


def style_of(spec: BarSpec, chosen: BarStyle) -> BarStyle:
    """Return how bars of a kind look: as chosen, unless their kind has a look of its own."""
    return _STYLES.get(spec.kind, chosen)


def spacing_ns(spec: BarSpec, bars: BarColumns) -> int:
    """Return how far bars are apart: exactly where the clock cuts them, else about so.

    About so is a power of two of seconds, so that it stays the same while bars are added.
    """
    if spec.kind is BarKind.TIME:
        return int(spec.size) * SECOND_NS
    if spec.kind is BarKind.WEEK:
        return int(spec.size) * _WEEK_NS
    if spec.kind is BarKind.MONTH:
        return int(spec.size) * _MONTH_NS
    starts = bars.start_ns[-_LOOKED_AT:]
    if len(starts) < 2:
        return SECOND_NS
    seconds = max(1.0, float(np.median(np.diff(starts))) / SECOND_NS)
    return (1 << math.ceil(math.log2(seconds))) * SECOND_NS
