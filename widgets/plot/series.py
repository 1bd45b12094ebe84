"""Studies in view: their values to strokes, merged by pixel column where there are too many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from widgets.plot.bars import behind
from widgets.plot.content import Plot, PlotKind, StudySeries
from widgets.plot.pyramid import Merge, Pyramid, merge_of
from widgets.plot.scale import Floats, Scale
from widgets.plot.styles import (
    DOWN,
    DOWN_FAINT,
    UP,
    UP_FAINT,
    Paint,
    Shape,
    Stroke,
    body_width,
    fill_between,
    trace,
)

BAND_SHARE: Final = 0.10
POINT_PX: Final = 3
MARK_PX: Final = 4
"""Height of a triangle."""
MARK_GAP_PX: Final = 4
LEG_BARS: Final = 5_000
"""Bars beyond the edges among which the ends of legs are looked for."""


class _Row:
    """One row of values with its extremes."""

    def __init__(self) -> None:
        self.values: Floats = np.empty(0)
        self._high = Pyramid(np.fmax)
        self._low = Pyramid(np.fmin)

    def follow(self, values: Floats, sound: int) -> None:
        """Take values of which the first `sound` are as they were."""
        self.values = values
        self._high.follow(values, sound)
        self._low.follow(values, sound)

    @property
    def levels(self) -> int:
        """Of each pyramid."""
        return len(self._high)

    def highs(self, merge: Merge) -> Floats:
        """Return the highest value of each pixel column."""
        return merge.reduce(self._high, np.fmax)

    def lows(self, merge: Merge) -> Floats:
        """Return the lowest value of each pixel column."""
        return merge.reduce(self._low, np.fmin)


class SeriesTower:
    """A study with the pyramids of its rows."""

    def __init__(self) -> None:
        self.study: StudySeries | None = None
        self._rows: list[list[_Row]] = []

    def follow(self, study: StudySeries, sound: int) -> None:
        """Take a study's values, the first `sound` of which are as they were."""
        shape = [len(plot.values) for plot in study.plots]
        if [len(rows) for rows in self._rows] != shape:
            self._rows = [[_Row() for _ in range(count)] for count in shape]
        self.study = study
        sound = sound if study.is_settled else 0
        for plot, rows in zip(study.plots, self._rows, strict=True):
            for values, row in zip(plot.values, rows, strict=True):
                # One that was shorter or is a new array altogether is looked at from the start.
                row.follow(values, min(sound, max(0, len(row.values) - 1)))

    def strokes(self, scale: Scale, since: int = 0) -> Iterator[Stroke]:
        """Give what to draw of what is in view, from a bar on."""
        if self.study is None:
            return
        for plot, rows in zip(self.study.plots, self._rows, strict=True):
            moved = _moved(scale, plot)
            part = moved.slice_of(len(rows[0].values))
            # A line comes from beyond the edge, where it is merged from whole columns.
            first = max(0, max(part.start, since - plot.shift) - behind(moved))
            part = slice(first, part.stop)
            if part.stop - part.start < 1:
                continue
            merge = merge_of(moved, part, rows[0].levels)
            for stroke in _KINDS[plot.kind](plot, rows, moved, part, merge):
                if len(stroke.rows):
                    yield stroke

    def extremes(self, scale: Scale) -> tuple[float, float] | None:
        """Return the lowest and the highest value in view; None where there is none."""
        if self.study is None:
            return None
        found: list[Floats] = []
        for plot, rows in zip(self.study.plots, self._rows, strict=True):
            moved = _moved(scale, plot)
            # Of legs the rows after the first are no heights, or the first one's.
            for row in rows[: 1 if plot.kind is PlotKind.LEGS else None]:
                part = moved.slice_of(len(row.values))
                merge = merge_of(moved, part, row.levels)
                if merge is None:
                    found.append(row.values[part])
                else:
                    found += [row.highs(merge), row.lows(merge)]
        known = np.concatenate(found) if found else np.empty(0)
        known = known[np.isfinite(known)]
        return (float(known.min()), float(known.max())) if len(known) else None


def _moved(scale: Scale, plot: Plot) -> Scale:
    """Return the scale on which a plot's values stand over their own bars."""
    return replace(scale, left=scale.left - plot.shift) if plot.shift else scale


Drawn = Iterator[Stroke]


def _line(plot: Plot, rows: list[_Row], scale: Scale, part: slice, merge: Merge | None) -> Drawn:
    yield from (_trace(row, (plot.role, 1.0), scale, part, merge) for row in rows)


def _trace(row: _Row, paint: Paint, scale: Scale, part: slice, merge: Merge | None) -> Stroke:
    """Return a line; merged, each pixel column is filled from its lowest to its highest value."""
    if merge is None:
        x = scale.xs(np.arange(part.start, part.stop))
        return trace(x, scale.ys(row.values[part]), scale.step, paint)
    highs, lows = scale.ys(row.highs(merge)), scale.ys(row.lows(merge))
    good = np.isfinite(highs)
    x, one, other = merge.x[good], highs[good], lows[good]
    top, bottom = np.minimum(one, other), np.maximum(one, other)
    # Columns beside each other meet, as the line through them does.
    above, below = top.copy(), bottom.copy()
    top[1:] = np.minimum(top[1:], below[:-1])
    bottom[1:] = np.maximum(bottom[1:], above[:-1])
    rects = np.column_stack((x, top, np.ones(len(x)), np.maximum(1.0, bottom - top)))
    return Stroke(Shape.RECTS, paint, rects)


def _step(plot: Plot, rows: list[_Row], scale: Scale, part: slice, merge: Merge | None) -> Drawn:
    if merge is not None:
        yield from _line(plot, rows, scale, part, merge)
        return
    x, half = scale.xs(np.arange(part.start, part.stop)), scale.step / 2
    for row in rows:
        y = scale.ys(row.values[part])
        flat = np.column_stack((x - half, y, x + half, y))
        rise = np.column_stack((x[1:] - half, y[:-1], x[1:] - half, y[1:]))
        lines = np.concatenate((flat, rise))
        yield Stroke(Shape.LINES, (plot.role, 1.0), np.floor(lines[np.isfinite(lines).all(axis=1)]))


def _histogram(
    plot: Plot, rows: list[_Row], scale: Scale, part: slice, merge: Merge | None
) -> Drawn:
    row, zero = rows[0], float(np.rint(scale.y(0.0)))
    if merge is None:
        values, x = row.values[part], scale.xs(np.arange(part.start, part.stop))
    else:
        highs, lows, x = row.highs(merge), row.lows(merge), merge.x
        values = np.where(np.abs(highs) >= np.abs(lows), highs, lows)
    good = np.isfinite(values)
    x, values = x[good], values[good]
    y, width = scale.ys(values), body_width(scale.step)
    top = np.minimum(y, zero)
    rects = np.column_stack(
        (x - width // 2, top, np.full(len(x), float(width)), np.maximum(1.0, np.abs(y - zero)))
    )
    if plot.role is not UP[0]:
        yield Stroke(Shape.RECTS, (plot.role, 0.6), rects)
        return
    yield Stroke(Shape.RECTS, (UP[0], 0.6), rects[values >= 0])
    yield Stroke(Shape.RECTS, (DOWN[0], 0.6), rects[values < 0])


def _band(plot: Plot, rows: list[_Row], scale: Scale, part: slice, merge: Merge | None) -> Drawn:
    x, upper, lower = _edges(rows, scale, part, merge)
    yield Stroke(Shape.GROUND, (plot.role, BAND_SHARE), fill_between(x, upper, lower))
    yield from (_trace(row, (plot.role, 0.7), scale, part, merge) for row in rows)


def _cloud(plot: Plot, rows: list[_Row], scale: Scale, part: slice, merge: Merge | None) -> Drawn:
    del plot
    x, one, other = _edges(rows, scale, part, merge)
    # On the screen the upper has the smaller y.
    sides = (UP_FAINT, np.minimum(one, other)), (DOWN_FAINT, np.maximum(one, other))
    for paint, edge in sides:
        yield Stroke(Shape.GROUND, (paint[0], BAND_SHARE * 1.6), fill_between(x, edge, other))
    yield _trace(rows[0], (UP[0], 0.6), scale, part, merge)
    yield _trace(rows[1], (DOWN[0], 0.6), scale, part, merge)


def _edges(
    rows: list[_Row], scale: Scale, part: slice, merge: Merge | None
) -> tuple[Floats, Floats, Floats]:
    """Return pixels and both edges of an area."""
    one, other = rows
    if merge is None:
        x = scale.xs(np.arange(part.start, part.stop))
        return x, scale.ys(one.values[part]), scale.ys(other.values[part])
    return merge.x, scale.ys(one.highs(merge)), scale.ys(other.lows(merge))


def _points(plot: Plot, rows: list[_Row], scale: Scale, part: slice, merge: Merge | None) -> Drawn:
    size = POINT_PX if scale.step >= POINT_PX else 1
    for row in rows:
        if merge is None:
            x, y = scale.xs(np.arange(part.start, part.stop)), scale.ys(row.values[part])
        else:
            x, y = merge.x, scale.ys(row.highs(merge))
        good = np.isfinite(y)
        x, y = x[good], y[good]
        side = np.full(len(x), float(size))
        yield Stroke(
            Shape.RECTS,
            (plot.role, 1.0),
            np.column_stack((x - size // 2, y - size // 2, side, side)),
        )


def _marks(plot: Plot, rows: list[_Row], scale: Scale, part: slice, merge: Merge | None) -> Drawn:
    if merge is None:
        x, y = scale.xs(np.arange(part.start, part.stop)), scale.ys(rows[0].values[part])
    else:
        x, y = merge.x, scale.ys(rows[0].highs(merge))
    good = np.isfinite(y)
    x, y = x[good], y[good]
    # The point of the triangle is at the value; it opens away from the bars.
    away = 1 if plot.role is UP[0] else -1
    for row in range(MARK_PX):
        width = np.full(len(x), 2.0 * row + 1)
        one = np.ones(len(x))
        at = y + away * (MARK_GAP_PX + row)
        yield Stroke(Shape.RECTS, (plot.role, 1.0), np.column_stack((x - row, at, width, one)))


def _legs(plot: Plot, rows: list[_Row], scale: Scale, part: slice, merge: Merge | None) -> Drawn:
    del merge
    points, back, tip, tip_back = (row.values for row in rows)
    # A leg may begin and end beyond the edges.
    first, end = max(0, part.start - LEG_BARS), min(len(points), part.stop + LEG_BARS)
    at = np.flatnonzero(np.isfinite(points[first:end])) + first
    numbers, values = at - back[at], points[at]
    if len(tip) and end == len(points) and np.isfinite(tip[-1]):
        numbers = np.append(numbers, len(tip) - 1 - tip_back[-1])
        values = np.append(values, tip[-1])
    x, y = scale.xs(numbers), scale.ys(values)
    lines = np.column_stack((x[:-1], y[:-1], x[1:], y[1:]))
    yield Stroke(Shape.SMOOTH, (plot.role, 1.0), lines[np.isfinite(lines).all(axis=1)])


_KINDS: Final[dict[PlotKind, Callable[[Plot, list[_Row], Scale, slice, Merge | None], Drawn]]] = {
    PlotKind.LINE: _line,
    PlotKind.STEP: _step,
    PlotKind.HISTOGRAM: _histogram,
    PlotKind.BAND: _band,
    PlotKind.CLOUD: _cloud,
    PlotKind.POINTS: _points,
    PlotKind.MARKS: _marks,
    PlotKind.LEGS: _legs,
}
