"""From what is shown, and what of it, to where everything is: ranges, panes and axes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from widgets import text
from widgets.plot.axis import TimeLabel, axis_width_px, looked_at, price_labels, time_labels
from widgets.plot.bars import BarTower, Seen
from widgets.plot.content import MAIN_PANE, ChartContent
from widgets.plot.layer import Geometry, Pane
from widgets.plot.panes import Box, Panes
from widgets.plot.scale import (
    AXIS_HEIGHT_PX,
    AxisKind,
    PriceScale,
    Scale,
    calm_most,
    calm_range,
    main_prices,
    price_range,
)
from widgets.plot.series import SeriesTower
from widgets.plot.styles import BarStyle
from widgets.plot.window import TimeWindow

WIDTH_MIN_PX: Final = 40
HEIGHT_MIN_PX: Final = 120
_PANE_ROOM_PX: Final = 6
"""Free above and below the values of a study's pane."""
_PANE_LEGEND_PX: Final = 18


@dataclass
class PriceAxis:
    """How a person wants the price axis of the bars."""

    kind: AxisKind = AxisKind.LINEAR
    is_inverted: bool = False
    fixed: tuple[float, float] | None = None
    """Lowest and highest price, chosen by hand; None: what is in view decides."""

    def state(self) -> dict[str, object]:
        """Return what to keep in a layout: how, not where."""
        return {"kind": self.kind.value, "inverted": self.is_inverted}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take it back; what is none is left out."""
        kind = state.get("kind")
        self.kind = next((known for known in AxisKind if known.value == kind), self.kind)
        self.is_inverted = state.get("inverted") is True


@dataclass(frozen=True)
class Sources:
    """What a picture is made of."""

    content: ChartContent
    bars: BarTower
    studies: tuple[SeriesTower, ...]
    window: TimeWindow
    panes: Panes
    axis: PriceAxis
    times: TimeAxis


class TimeAxis:
    """Labels of the time axis, found anew when other bars are looked at for them."""

    def __init__(self) -> None:
        self._asked: tuple[object, ...] = ()
        self._labels: tuple[TimeLabel, ...] = ()

    def labels(self, scale: Scale, content: ChartContent) -> tuple[TimeLabel, ...]:
        """Return the labels of what is in view."""
        interval_ns, identity = content.interval_ns, (content.series, content.history)
        first, stride, seen = looked_at(scale, content.bars.start_ns)
        ends = (int(seen[0]), int(seen[-1])) if len(seen) else ()
        view = (scale.width, scale.left, scale.bars)
        asked = (view, interval_ns, identity, first, stride, len(seen), ends)
        if asked != self._asked:
            self._asked = asked
            self._labels = time_labels(scale, first, stride, seen, interval_ns)
        return self._labels


def arrange(sources: Sources, width: int, height: int, axis_width: int) -> Geometry:
    """Return where everything is in a widget of a size.

    Args:
        sources: what is shown.
        width: of the widget, axes included.
        height: the same.
        axis_width: of the price axes as they were; it is found anew.
    """
    for _ in range(2):
        made = _arrange(sources, width, height, axis_width)
        if made.axis_width == axis_width:
            break
        axis_width = made.axis_width
    return made


def _arrange(sources: Sources, full_width: int, full_height: int, axis_width: int) -> Geometry:
    content, window = sources.content, sources.window
    width = max(WIDTH_MIN_PX, full_width - axis_width)
    height = max(HEIGHT_MIN_PX, full_height - AXIS_HEIGHT_PX)
    boxes = sources.panes.boxes((study.pane for study in content.studies), height)
    left = window.right_edge(content.bars.start_ns) - window.bars
    step = width / window.bars
    # Whole pixels: when time goes on, the picture of before only has to be moved.
    left = math.floor(left * step + 0.5) / step
    main = boxes[0]
    probe = Scale(width, main.height, left, window.bars, main_prices(0, main.height, 0.0, 1.0))
    seen = sources.bars.seen(probe)
    has_base = content.style is BarStyle.BASELINE or sources.axis.kind is AxisKind.PERCENT
    base = float(seen.close[0]) if len(seen) and has_base else 0.0
    prices = _main_scale(sources, main, seen, base)
    panes = [_pane(main, Scale(width, main.height, left, window.bars, prices, main.top))]
    for box in boxes[1:]:
        scale = Scale(width, box.height, left, window.bars, _own_scale(sources, box, probe))
        panes.append(_pane(box, _moved(scale, box.top)))
    words = [label.words for pane in panes for label in pane.labels]
    if len(seen):
        words.append(text.price(prices.high))
    return Geometry(
        panes=tuple(panes),
        times=sources.times.labels(panes[0].scale, content),
        width=width,
        height=boxes[-1].bottom,
        axis_width=axis_width_px(words),
        volume_max=calm_most(float(seen.volume.max())) if len(seen) else 0.0,
        extremes=(float(seen.low.min()), float(seen.high.max())) if len(seen) else (0.0, 0.0),
        base=base,
        overlays=_overlays(sources, main, probe),
    )


def _pane(box: Box, scale: Scale) -> Pane:
    is_main = box.key == MAIN_PANE
    return Pane(box, scale, price_labels(scale.prices, box, is_main=is_main))


def _moved(scale: Scale, top: int) -> Scale:
    return Scale(scale.width, scale.height, scale.left, scale.bars, scale.prices, top)


def _main_scale(sources: Sources, box: Box, seen: Seen, base: float) -> PriceScale:
    content, axis = sources.content, sources.axis
    extra = [line.price for line in content.orders]
    if content.average is not None:
        extra.append(content.average[0])
    low, high = axis.fixed or price_range(seen.low, seen.high, tuple(extra))
    kind = axis.kind
    if kind is AxisKind.LOG and not low > 0:
        positive = seen.low[seen.low > 0]
        # A price of 0 and below has no logarithm; without any above, the axis stays linear.
        low = float(positive.min()) if len(positive) else low
        kind = kind if 0 < low < high else AxisKind.LINEAR
    if kind is AxisKind.PERCENT and not base > 0:
        kind = AxisKind.LINEAR
    plain = main_prices(box.top, box.height, low, high)
    return PriceScale(plain.top, plain.room, low, high, kind, axis.is_inverted, base)


def _overlays(sources: Sources, box: Box, probe: Scale) -> tuple[tuple[str, PriceScale], ...]:
    """Return the scales of studies over the bars that have one of their own."""
    found: list[tuple[str, PriceScale]] = []
    for tower in sources.studies:
        study = tower.study
        if study is not None and study.has_own_scale and study.pane == MAIN_PANE:
            values = np.asarray(tower.extremes(probe) or (0.0, 1.0))
            low, high = price_range(values, values)
            found.append((study.key, main_prices(box.top, box.height, low, high)))
    return tuple(found)


def _own_scale(sources: Sources, box: Box, probe: Scale) -> PriceScale:
    """Return the scale of a pane of studies: all values and levels in view."""
    found: list[float] = []
    for tower in sources.studies:
        study = tower.study
        if study is not None and study.pane == box.key:
            found += [*(tower.extremes(probe) or ()), *study.levels]
    values = np.asarray(found)
    low, high = calm_range(*price_range(values, values)) if found else (0.0, 1.0)
    top = box.top + _PANE_LEGEND_PX
    return PriceScale(top, max(1.0, box.bottom - _PANE_ROOM_PX - top), low, high)
