"""Bars in view, one a bar or one a pixel column, and which of them have changed; no Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from widgets.plot.growth import Growth
from widgets.plot.pyramid import MERGE_FROM, Pyramid, finite_or_zero, merge_of
from widgets.plot.scale import Floats, Scale

if TYPE_CHECKING:
    from app.desk import BarColumns

_NOTHING: Final = np.empty(0)
_EXTRA: Final = ("is_yang", "turn_px", "is_x", "boxes")
"""Of Kagi, and of point and figure."""


@dataclass(frozen=True)
class Seen:
    """What is drawn of bars: columns of equal length, from left to right."""

    x: Floats
    """Middles, in whole pixels."""
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    """0 where it is not known."""
    before: float
    """Close of the bar before the first; NaN if there is none."""
    step: float
    """Pixels from one to the next: those of a bar, or 1 where bars are merged."""
    is_merged: bool = False
    """Whether each is a pixel column of several bars; the columns are then nobody else's."""
    extra: Mapping[str, Floats] = field(default_factory=dict)
    """Columns that only bars of their kind have, by their names; none where bars are merged."""

    def __len__(self) -> int:
        return len(self.x)


_NO_BARS: Final = Seen(
    _NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING, before=math.nan, step=1.0
)


class BarTower:
    """Bars with their pyramids."""

    def __init__(self) -> None:
        self.bars: BarColumns | None = None
        self._growth = Growth()
        self._count = 0
        self._high = Pyramid(np.fmax)
        self._low = Pyramid(np.fmin)
        self._volume = Pyramid(np.add)
        self._asked: tuple[object, ...] = ()
        self._seen = _NO_BARS
        """The answer to what was asked last: ranges and strokes are made of the same."""
        self._sound = 0
        """Bars that are as they were when it was given."""

    def follow(self, bars: BarColumns, identity: object = None) -> int:
        """Take bars; return how many of the first are as they were, as `Growth.see` does."""
        sound = self._growth.see(bars, identity)
        self.bars, self._count = bars, len(bars)
        self._high.follow(bars.high, sound)
        self._low.follow(bars.low, sound)
        self._volume.follow(bars.volume, sound)
        self._sound = min(sound, self._sound) if self._asked and sound else 0
        if not sound:
            self._asked = ()
        return sound

    def seen(self, scale: Scale, since: int = 0, lead: int = 0) -> Seen:
        """Return what is to be drawn. Bars with a price that is not finite are left out.

        Args:
            scale: what is in view.
            since: the first bar wanted.
            lead: how many bars left of it are given as well, where they are not merged.
        """
        if since:
            return self._look(scale, since, lead)
        if 1.0 / scale.step > MERGE_FROM:
            lead = 0  # Merged bars have none: they are asked for ranges and strokes alike.
        asked = (scale.width, scale.left, scale.bars, lead)
        if asked != self._asked:
            self._asked, self._seen = asked, self._look(scale, 0, lead)
        elif self._sound < self._count:
            self._seen = self._mended(scale, lead)
        self._sound = self._count
        return self._seen

    def _mended(self, scale: Scale, lead: int) -> Seen:
        """Return the last answer with the bars that have changed looked at anew."""
        old, since = self._seen, max(0, self._sound - behind(scale))
        if not since or not old.is_merged:
            return self._look(scale, 0, lead)
        tail = self._look(scale, since, lead=0)
        if len(tail) < 2 or not tail.is_merged:
            return self._look(scale, 0, lead)
        # The first pixel column of the tail may be a part of one.
        at, new = int(old.x.searchsorted(tail.x[0], side="right")), slice(1, None)
        if len(old) - at == len(tail) - 1:  # No new ones: those that are there are ours.
            for name in ("open", "high", "low", "close", "volume"):
                getattr(old, name)[at:] = getattr(tail, name)[new]
            return old
        return Seen(
            np.concatenate((old.x[:at], tail.x[new])),
            np.concatenate((old.open[:at], tail.open[new])),
            np.concatenate((old.high[:at], tail.high[new])),
            np.concatenate((old.low[:at], tail.low[new])),
            np.concatenate((old.close[:at], tail.close[new])),
            np.concatenate((old.volume[:at], tail.volume[new])),
            old.before,
            old.step,
            is_merged=True,
        )

    def _look(self, scale: Scale, since: int, lead: int) -> Seen:
        bars = self.bars
        if bars is None or not len(bars):
            return _NO_BARS
        part = scale.slice_of(len(bars))
        merge = merge_of(scale, slice(max(part.start, since), part.stop), len(self._high))
        if merge is not None:
            first = merge.first_block * merge.size
            columns = (
                merge.x,
                merge.opens(bars.open),
                merge.reduce(self._high, np.fmax),
                merge.reduce(self._low, np.fmin),
                merge.closes(bars.close),
                merge.reduce(self._volume, np.add),
            )
            return _sound(columns, _close_before(bars, first), 1.0, is_merged=True)
        part = slice(max(0, max(part.start, since) - lead), part.stop)
        numbers = np.arange(part.start, part.stop)
        prices = (bars.open[part], bars.high[part], bars.low[part], bars.close[part])
        columns = (scale.xs(numbers), *prices, bars.volume[part])
        sound = _sound(columns, _close_before(bars, part.start), scale.step, is_merged=False)
        extra = {name: getattr(bars, name)[part] for name in _EXTRA if hasattr(bars, name)}
        # Such bars are made here, of sound prices: none is left out.
        return replace(sound, extra=extra) if extra else sound


def behind(scale: Scale) -> int:
    """Return how many bars before one have to be looked at for its pixel column to be whole."""
    return 4 + int(4.0 / scale.step)


def _close_before(bars: BarColumns, number: int) -> float:
    return float(bars.close[number - 1]) if number else math.nan


def _sound(columns: tuple[Floats, ...], before: float, step: float, *, is_merged: bool) -> Seen:
    x, open_, high, low, close, volume = columns
    volume = finite_or_zero(volume)
    good = np.isfinite(open_ + high + low + close)
    if not good.all():
        x, open_, high, low, close, volume = (
            column[good] for column in (x, open_, high, low, close, volume)
        )
    return Seen(x, open_, high, low, close, volume, before, step, is_merged)
