"""Ways to draw bars, as rectangles and line segments in numpy: one array and one call a colour.

Each style is a function from what is in view to strokes; none of them looks at one bar alone.
Heikin-Ashi: D. Valcu, "Using the Heikin-Ashi technique", Stocks & Commodities 22:2 (2004).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from widgets.palettes import Role
from widgets.plot.bars import Seen
from widgets.plot.scale import VOLUME_SHARE, Floats, Ints, Scale

Bools = NDArray[np.bool_]

BODY_FROM_PX: Final = 3.0
"""Pixels a bar from which a candle has a body."""
ARM_SHARE: Final = 0.38
"""Length of the arms of an OHLC bar, of the distance of two bars."""
SMOOTH_FROM_PX: Final = 2.0
"""Pixels a bar from which lines have soft edges."""
FAINT_SHARE: Final = 0.28
KAGI_PX: Final = 3
"""Width of a thick line."""
_HALVES: Final = 0.5 ** np.arange(1, 54)
"""Weights of a Heikin-Ashi open: beyond these a double knows no more."""
_TURNS: Final = np.arange(12) * np.pi / 6
_CORNERS: Final = np.column_stack((np.cos(_TURNS), np.sin(_TURNS)))
"""Of a ring: at the size of a box twelve are round."""


class BarStyle(StrEnum):
    """How bars look; the values are kept in layouts."""

    CANDLES = "candles"
    HOLLOW = "hollow"
    OHLC = "ohlc"
    HEIKIN_ASHI = "heikin ashi"
    LINE = "line"
    STEP = "step"
    AREA = "area"
    BASELINE = "baseline"
    COLUMNS = "columns"
    HIGH_LOW = "high-low"
    KAGI = "kagi"
    """Lines of two widths: of such bars only."""
    POINT_FIGURE = "point and figure"
    """Boxes of X and O: of such bars only."""


class Shape(StrEnum):
    """What the rows of a stroke are."""

    RECTS = "rects"
    """x, y, width, height."""
    GROUND = "ground"
    """The same, below everything else: colours are opaque, and an area must hide nothing."""
    FRAMES = "frames"
    """The same, not filled."""
    LINES = "lines"
    """x, y of both ends."""
    SMOOTH = "smooth"
    """The same, with soft edges."""


Paint = tuple[Role, float]
"""A colour by its meaning, and how much of it is blended into the panel's."""


@dataclass(frozen=True)
class Stroke:
    """Shapes of one colour, n x 4, in pixels."""

    shape: Shape
    paint: Paint
    rows: Floats


UP: Final[Paint] = (Role.UP, 1.0)
DOWN: Final[Paint] = (Role.DOWN, 1.0)
UP_FAINT: Final[Paint] = (Role.UP, FAINT_SHARE)
DOWN_FAINT: Final[Paint] = (Role.DOWN, FAINT_SHARE)
ACCENT: Final[Paint] = (Role.ACCENT, 1.0)
ACCENT_FAINT: Final[Paint] = (Role.ACCENT, 0.16)
PANEL: Final[Paint] = (Role.PANEL, 1.0)


def strokes_of(style: BarStyle, seen: Seen, scale: Scale, base: float) -> tuple[Stroke, ...]:
    """Return what to draw, in order.

    Args:
        style: how.
        seen: the bars.
        scale: of their pane.
        base: price that a baseline chart counts from.
    """
    if not len(seen):
        return ()
    return tuple(stroke for stroke in _STYLES[style](seen, scale, base) if len(stroke.rows))


def lead_of(style: BarStyle) -> int:
    """Return how many bars left of the first have a say in how it looks."""
    return len(_HALVES) + 1 if style is BarStyle.HEIKIN_ASHI else 1


def volume_strokes(seen: Seen, scale: Scale, most: float) -> tuple[Stroke, ...]:
    """Return volume at the bottom of the pane, `most` shares as its full height."""
    if not len(seen) or not most > 0:
        return ()
    heights = np.rint(np.minimum(seen.volume / most, 1.0) * scale.height * VOLUME_SHARE)
    width = body_width(seen.step)
    rects = _boxes(seen.x - width // 2, scale.bottom - heights, width, heights)
    rising = (seen.close >= seen.open) & (heights > 0)
    falling = (seen.close < seen.open) & (heights > 0)
    return (
        Stroke(Shape.RECTS, UP_FAINT, rects[rising]),
        Stroke(Shape.RECTS, DOWN_FAINT, rects[falling]),
    )


@dataclass(frozen=True)
class Skyline:
    """Columns a pixel wide that stand on one line."""

    left: int
    bottom: int
    heights: Ints
    """Of each pixel from `left` on; 0 where nothing stands."""
    rising: Bools


def volume_skyline(seen: Seen, scale: Scale, most: float) -> Skyline | None:
    """Return volume of merged bars: far cheaper as one picture than as a column a pixel."""
    if not len(seen) or not most > 0:
        return None
    x = seen.x.astype(np.int64)
    left, count = int(x[0]), int(x[-1] - x[0]) + 1
    heights = np.zeros(count, dtype=np.int64)
    rising = np.zeros(count, dtype=np.bool_)
    heights[x - left] = np.rint(np.minimum(seen.volume / most, 1.0) * scale.height * VOLUME_SHARE)
    rising[x - left] = seen.close >= seen.open
    return Skyline(left, scale.bottom, heights, rising)


def body_width(step: float) -> int:
    """Return the width of a body in pixels: odd, so that the wick is in the middle."""
    if step < BODY_FROM_PX:
        return 1
    width = int(step * 0.72)
    return max(1, width - (width + 1) % 2)


def trace(x: Floats, y: Floats, step: float, paint: Paint) -> Stroke:
    """Return the line through points; of many short segments no soft edge would show."""
    return Stroke(Shape.SMOOTH if step >= SMOOTH_FROM_PX else Shape.LINES, paint, segments(x, y))


def segments(x: Floats, y: Floats) -> Floats:
    """Return the line through points; what is not finite breaks it."""
    rows = np.column_stack((x[:-1], y[:-1], x[1:], y[1:]))
    good = np.isfinite(rows).all(axis=1)
    return rows if good.all() else rows[good]


def fill_between(x: Floats, upper: Floats, lower: Floats) -> Floats:
    """Return the area between two lines as rectangles a pixel wide; gaps stay open."""
    good = np.isfinite(upper) & np.isfinite(lower)
    if good.sum() < 2:
        return np.empty((0, 4))
    pixels = np.arange(x[good][0], x[good][-1] + 1.0)
    one, other = (np.interp(pixels, x[good], line[good]) for line in (upper, lower))
    top, height = np.minimum(one, other), np.abs(other - one)
    rects = _boxes(pixels, np.rint(top), 1, np.rint(height))
    keep = rects[:, 3] > 0
    if not good.all():  # No pixel between two points of which one is missing.
        at = np.clip(np.searchsorted(x, pixels, side="right") - 1, 0, len(x) - 1)
        keep &= good[at] & good[np.minimum(at + 1, len(x) - 1)]
    return rects[keep]


# Styles


def _candles(seen: Seen, scale: Scale, base: float) -> Iterator[Stroke]:
    del base
    rising = seen.close >= seen.open
    yield from _by_side(rising, _wicks(seen, scale))
    if seen.step >= BODY_FROM_PX:
        yield from _by_side(rising, _bodies(seen, scale))


def _hollow(seen: Seen, scale: Scale, base: float) -> Iterator[Stroke]:
    """Full where it fell since its open, coloured by the close before."""
    del base
    prior = np.concatenate(([seen.before], seen.close[:-1]))
    rising = np.where(np.isfinite(prior), seen.close >= prior, seen.close >= seen.open)
    yield from _by_side(rising, _wicks(seen, scale))
    if seen.step < BODY_FROM_PX:
        return
    bodies, is_full = _bodies(seen, scale), seen.close < seen.open
    for paint, side in ((UP, rising), (DOWN, ~rising)):
        yield Stroke(Shape.RECTS, paint, bodies[side & is_full])
        hollow = bodies[side & ~is_full]
        yield Stroke(Shape.RECTS, PANEL, hollow)  # The wick does not show through.
        frames = hollow.copy()
        frames[:, 2:] = np.maximum(0.0, frames[:, 2:] - 1.0)  # A frame is a pixel larger.
        yield Stroke(Shape.FRAMES, paint, frames)


def _ohlc(seen: Seen, scale: Scale, base: float) -> Iterator[Stroke]:
    del base
    rising = seen.close >= seen.open
    yield from _by_side(rising, _wicks(seen, scale))
    arm = int(seen.step * ARM_SHARE)
    if arm and not seen.is_merged:
        opens, closes = scale.ys(seen.open), scale.ys(seen.close)
        yield from _by_side(rising, _boxes(seen.x - arm, opens, arm, 1.0))
        yield from _by_side(rising, _boxes(seen.x + 1, closes, arm, 1.0))


def _heikin_ashi(seen: Seen, scale: Scale, base: float) -> Iterator[Stroke]:
    if seen.is_merged:  # Of a pixel column of many bars only its height is to be seen.
        yield from _candles(seen, scale, base)
        return
    close = (seen.open + seen.high + seen.low + seen.close) / 4
    # open = (open + close) / 2 of the bar before: a sum of closes with halved weights.
    first = (seen.open[0] + seen.close[0]) / 2
    weights = np.convolve(close, _HALVES)[: len(close)]
    weights = np.concatenate(([0.0], weights[:-1]))
    rest = 0.5 ** np.minimum(np.arange(len(close)), 1_000.0)
    open_ = weights + rest * first
    high = np.maximum(seen.high, np.maximum(open_, close))
    low = np.minimum(seen.low, np.minimum(open_, close))
    smooth = Seen(seen.x, open_, high, low, close, seen.volume, seen.before, seen.step)
    yield from _candles(smooth, scale, base)


def _line(seen: Seen, scale: Scale, base: float) -> Iterator[Stroke]:
    del base
    if seen.is_merged:  # A line through a pixel goes from low to high.
        yield Stroke(Shape.RECTS, ACCENT, _wicks(seen, scale))
        return
    yield trace(seen.x, scale.ys(seen.close), seen.step, ACCENT)


def _step(seen: Seen, scale: Scale, base: float) -> Iterator[Stroke]:
    if seen.is_merged:
        yield from _line(seen, scale, base)
        return
    y, half = scale.ys(seen.close), seen.step / 2
    ends = np.concatenate((seen.x[1:], seen.x[-1:] + seen.step)) - half
    flat = np.column_stack((seen.x - half, y, ends, y))
    rise = np.column_stack((ends[:-1], y[:-1], ends[:-1], y[1:]))
    yield Stroke(Shape.LINES, ACCENT, np.floor(np.concatenate((flat, rise))))


def _area(seen: Seen, scale: Scale, base: float) -> Iterator[Stroke]:
    y = scale.ys(seen.close)
    floor = np.full(len(y), float(scale.bottom))
    yield Stroke(Shape.GROUND, ACCENT_FAINT, fill_between(seen.x, y, floor))
    yield from _line(seen, scale, base)


def _baseline(seen: Seen, scale: Scale, base: float) -> Iterator[Stroke]:
    y, middle = scale.ys(seen.close), float(np.rint(scale.y(base)))
    level = np.full(len(y), middle)
    is_up = UP, UP_FAINT
    is_down = DOWN, DOWN_FAINT
    sides = (is_up, is_down) if not scale.prices.is_inverted else (is_down, is_up)
    for (paint, faint), side in zip(sides, (np.minimum, np.maximum), strict=True):
        part = side(y, level)
        yield Stroke(Shape.GROUND, faint, fill_between(seen.x, part, level))
        line = trace(seen.x, part, seen.step, paint)
        off = (line.rows[:, 1] != middle) | (line.rows[:, 3] != middle)
        yield Stroke(line.shape, paint, line.rows[off])


def _columns(seen: Seen, scale: Scale, base: float) -> Iterator[Stroke]:
    del base
    y, width = scale.ys(seen.close), body_width(seen.step)
    rects = _boxes(seen.x - width // 2, y, width, np.maximum(1.0, scale.bottom - y))
    yield from _by_side(seen.close >= seen.open, rects)


def _high_low(seen: Seen, scale: Scale, base: float) -> Iterator[Stroke]:
    del base
    width = body_width(seen.step)
    highs, lows = scale.ys(seen.high), scale.ys(seen.low)
    top = np.minimum(highs, lows)
    rects = _boxes(seen.x - width // 2, top, width, np.maximum(1.0, np.abs(lows - highs)))
    yield from _by_side(seen.close >= seen.open, rects)


def _kagi(seen: Seen, scale: Scale, base: float) -> Iterator[Stroke]:
    """A line up or down each, thick while it is yang, joined at the turns."""
    if "is_yang" not in seen.extra:
        yield from _high_low(seen, scale, base)
        return
    x, opens, closes = seen.x, scale.ys(seen.open), scale.ys(seen.close)
    ends_thick, turns = seen.extra["is_yang"] > 0, scale.ys(seen.extra["turn_px"])
    is_turned = np.isfinite(turns)
    begins_thick = ends_thick != is_turned
    middles = np.where(is_turned, turns, closes)
    wide = max(1, min(KAGI_PX, int(seen.step) - 1))
    first = _spans(x, opens, middles, 1), begins_thick
    rest = _spans(x, middles, closes, 1)[is_turned], ends_thick[is_turned]
    for rects, is_thick in (first, rest):
        yield Stroke(Shape.RECTS, DOWN, rects[~is_thick])
        thick = rects[is_thick]
        thick[:, 0] -= wide // 2
        thick[:, 2] = wide
        yield Stroke(Shape.RECTS, UP, thick)
    joints = _boxes(x[:-1], opens[1:], 1.0, 1.0)
    joints[:, 2] = x[1:] - x[:-1] + 1
    yield Stroke(Shape.RECTS, (Role.DIM, 1.0), joints)


def _point_figure(seen: Seen, scale: Scale, base: float) -> Iterator[Stroke]:
    """A column of crosses or rings each, a box a line of the grid that was reached."""
    if "boxes" not in seen.extra:
        yield from _high_low(seen, scale, base)
        return
    boxes = seen.extra["boxes"].astype(np.int64)
    is_x = np.repeat(seen.extra["is_x"] > 0, boxes)
    x = np.repeat(seen.x, boxes)
    # Of a column of one box the height is that of the others.
    gaps = np.maximum(1, boxes - 1)
    box = np.where(boxes > 1, (seen.close - seen.open) / gaps, 0.0)
    place = np.arange(len(x)) - np.repeat(np.cumsum(boxes) - boxes, boxes)
    prices = np.repeat(seen.open, boxes) + place * np.repeat(box, boxes)
    y = scale.ys(prices)
    heights = np.abs(scale.ys(seen.open + np.abs(box)) - scale.ys(seen.open))
    size = max(1.0, min(float(heights.max(initial=0.0)) or seen.step, seen.step) - 2)
    left, top = x - size // 2, y - size // 2
    if size < BODY_FROM_PX + 1:
        yield from _by_side(is_x, _boxes(left, top, size, size))
        return
    crosses = np.concatenate(
        [
            np.column_stack((left, top, left + size, top + size))[is_x],
            np.column_stack((left, top + size, left + size, top))[is_x],
        ]
    )
    yield Stroke(Shape.SMOOTH, UP, crosses)
    middle = np.column_stack((left + size / 2, top + size / 2))[~is_x]
    corners = middle[:, None, :] + _CORNERS * (size / 2)
    rings = np.concatenate((corners, np.roll(corners, -1, axis=1)), axis=2)
    yield Stroke(Shape.SMOOTH, DOWN, rings.reshape(-1, 4))


_STYLES: Final[dict[BarStyle, Callable[[Seen, Scale, float], Iterator[Stroke]]]] = {
    BarStyle.CANDLES: _candles,
    BarStyle.HOLLOW: _hollow,
    BarStyle.OHLC: _ohlc,
    BarStyle.HEIKIN_ASHI: _heikin_ashi,
    BarStyle.LINE: _line,
    BarStyle.STEP: _step,
    BarStyle.AREA: _area,
    BarStyle.BASELINE: _baseline,
    BarStyle.COLUMNS: _columns,
    BarStyle.HIGH_LOW: _high_low,
    BarStyle.KAGI: _kagi,
    BarStyle.POINT_FIGURE: _point_figure,
}


# Parts


def _by_side(rising: Bools, rects: Floats) -> Iterator[Stroke]:
    yield Stroke(Shape.RECTS, UP, rects[rising])
    yield Stroke(Shape.RECTS, DOWN, rects[~rising])


def _wicks(seen: Seen, scale: Scale) -> Floats:
    return _spans(seen.x, scale.ys(seen.high), scale.ys(seen.low), 1)


def _bodies(seen: Seen, scale: Scale) -> Floats:
    width = body_width(seen.step)
    return _spans(seen.x - width // 2, scale.ys(seen.open), scale.ys(seen.close), width)


def _spans(x: Floats, one: Floats, other: Floats, width: int) -> Floats:
    """Return rectangles from one height to another, whichever is the upper; at least a pixel."""
    return _boxes(x, np.minimum(one, other), width, np.maximum(1.0, np.abs(other - one)))


def _boxes(x: Floats, y: Floats, width: float, height: Floats | float) -> Floats:
    rects = np.empty((len(x), 4))
    rects[:, 0], rects[:, 1], rects[:, 2], rects[:, 3] = x, y, width, height
    return rects
