"""The part of a chart that stands still between two bars, kept as a picture.

Grid, bars and studies are drawn once and copied to the screen; when only the last bar changes, only
the strip from it to the right edge is drawn again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPixmap

from app.domain.times import SECOND_NS
from widgets import theme
from widgets.palettes import Role
from widgets.plot.axis import LABEL_MARGIN_PX, paint_grid, paint_prices, paint_times
from widgets.plot.bars import BarTower, Seen, behind
from widgets.plot.heat import HeatMap
from widgets.plot.ink import Ink
from widgets.plot.layer import Frame, Geometry, Pane
from widgets.plot.profile import profile_strokes
from widgets.plot.scale import AXIS_HEIGHT_PX
from widgets.plot.series import SeriesTower
from widgets.plot.styles import (
    Shape,
    Stroke,
    lead_of,
    strokes_of,
    volume_skyline,
    volume_strokes,
)

SHADE_SHARE: Final = 0.55
DAY_PX_MIN: Final = 12
"""Pixels a day under which hours are not told apart."""
_DAY_NS: Final = 86_400 * SECOND_NS


class Still:
    """A picture of bars, studies, grid and axes."""

    def __init__(self) -> None:
        self.pixmap = QPixmap()
        self._ink = Ink()
        self._heat = HeatMap()

    def renew(
        self, frame: Frame, bars: BarTower, studies: Sequence[SeriesTower], ratio: float
    ) -> None:
        """Draw all of it anew.

        Args:
            frame: what and where.
            bars: the bars.
            studies: the studies.
            ratio: device pixels a pixel.
        """
        geometry = frame.geometry
        size = QSize(geometry.width + geometry.axis_width, geometry.height + AXIS_HEIGHT_PX)
        device = size * ratio
        if self.pixmap.size() != device:
            self.pixmap = QPixmap(device)
            self.pixmap.setDevicePixelRatio(ratio)
        with QPainter(self.pixmap) as painter:
            self.draw(painter, frame, bars, studies)

    def draw(
        self, painter: QPainter, frame: Frame, bars: BarTower, studies: Sequence[SeriesTower]
    ) -> None:
        """Draw all of it without keeping it: the next frame will be another, as on a pan."""
        geometry = frame.geometry
        full = geometry.width + geometry.axis_width
        ground = QRect(0, 0, full, geometry.height + AXIS_HEIGHT_PX)
        painter.fillRect(ground, theme.color(Role.PANEL))
        self._paint_panes(painter, frame, bars, studies, 0)
        for pane in geometry.panes:
            paint_prices(painter, pane.scale, pane.labels)
        _paint_splits(painter, geometry)
        paint_times(painter, geometry.height, full, geometry.times)

    def renew_from(
        self, frame: Frame, bars: BarTower, studies: Sequence[SeriesTower], number: int
    ) -> QRect:
        """Draw from a bar on anew, everything else being as it was; return where."""
        geometry, scale = frame.geometry, frame.scale
        # The line to it begins at the bar before; half a bar more for its body.
        left = max(0, scale.x(number - 1) - round(scale.step / 2) - 1)
        strip = QRect(left, 0, geometry.width - left, geometry.height)
        if strip.width() <= 0:
            return QRect()
        with QPainter(self.pixmap) as painter:
            painter.setClipRect(strip)
            painter.fillRect(strip, theme.color(Role.PANEL))
            self._paint_panes(painter, frame, bars, studies, max(1, number - behind(scale)))
            _paint_splits(painter, geometry)
        return strip

    def scroll(self, frame: Frame, old: Geometry, by: int) -> None:
        """Move what is in all panes to the left, and the times with it.

        Where a time comes, goes or reaches over the edge, all of them are told anew.
        """
        geometry = frame.geometry
        moved, told = (
            [it.x for it in times if it.x >= LABEL_MARGIN_PX]
            for times in (old.times, geometry.times)
        )
        is_row_moved = [x - by for x in moved] == told and (
            not moved or moved[-1] < geometry.width - LABEL_MARGIN_PX
        )
        ratio = self.pixmap.devicePixelRatio()
        height = geometry.height + (AXIS_HEIGHT_PX if is_row_moved else 0)
        device = QRect(0, 0, round(geometry.width * ratio), round(height * ratio))
        self.pixmap.scroll(-round(by * ratio), 0, device)
        if is_row_moved:
            return
        full = geometry.width + geometry.axis_width
        row = QRect(0, geometry.height, full, AXIS_HEIGHT_PX)
        with QPainter(self.pixmap) as painter:
            painter.fillRect(row, theme.color(Role.PANEL))
            paint_times(painter, geometry.height, full, geometry.times)

    def _paint_panes(
        self,
        painter: QPainter,
        frame: Frame,
        bars: BarTower,
        studies: Sequence[SeriesTower],
        since: int,
    ) -> None:
        geometry = frame.geometry
        seen = bars.seen(frame.scale, since, lead_of(frame.content.style))
        shades, shade = _shades(frame), theme.tint(Role.BACKGROUND, SHADE_SHARE)
        for pane in geometry.panes:
            box = QRect(0, pane.box.top, geometry.width, pane.box.height)
            clip = painter.clipBoundingRect().toRect() if painter.hasClipping() else box
            painter.save()
            painter.setClipRect(box.intersected(clip))
            strokes = self._strokes(frame, pane, seen, studies, since)
            if pane.is_main and frame.content.depth is not None:
                self._paint_depth(painter, frame)
            for left, right in shades:
                painter.fillRect(left, pane.box.top, right - left, pane.box.height, shade)
            self._ink.draw(painter, (it for it in strokes if it.shape is Shape.GROUND))
            paint_grid(painter, pane.scale, pane.labels, geometry.times, max(0, clip.left()))
            if pane.is_main:
                self._paint_volume(painter, frame, seen)
            else:
                self._paint_levels(painter, frame, pane)
            self._ink.draw(painter, (it for it in strokes if it.shape is not Shape.GROUND))
            painter.restore()

    @staticmethod
    def _strokes(
        frame: Frame, pane: Pane, seen: Seen, studies: Sequence[SeriesTower], since: int
    ) -> list[Stroke]:
        """Return what is drawn in a pane: the bars, and over them the studies."""
        found: list[Stroke] = []
        if pane.is_main and frame.content.cells is None:
            found += strokes_of(frame.content.style, seen, pane.scale, frame.geometry.base)
        for tower in studies:
            study = tower.study
            if study is not None and study.pane == pane.box.key:
                if study.profile is not None:
                    found += profile_strokes(study.profile, pane.scale, study.role)
                found += tower.strokes(frame.geometry.scale_of(study, pane), since)
        return found

    def _paint_depth(self, painter: QPainter, frame: Frame) -> None:
        content = frame.content
        assert content.depth is not None
        starts_ns, interval_ns = content.bars.start_ns, content.interval_ns
        self._heat.paint(painter, frame.scale, starts_ns, interval_ns, content.depth)

    def _paint_volume(self, painter: QPainter, frame: Frame, seen: Seen) -> None:
        scale, most = frame.scale, frame.geometry.volume_max
        if seen.is_merged:
            self._ink.draw_skyline(painter, volume_skyline(seen, scale, most))
        else:
            self._ink.draw(painter, volume_strokes(seen, scale, most))

    @staticmethod
    def _paint_levels(painter: QPainter, frame: Frame, pane: Pane) -> None:
        levels = {
            level
            for study in frame.content.studies
            if study.pane == pane.box.key
            for level in study.levels
        }
        for level in levels:
            y = round(pane.scale.y(level))
            painter.fillRect(0, y, pane.scale.width, 1, theme.color(Role.LINE))


def _shades(frame: Frame) -> list[tuple[int, int]]:
    """Return from where to where lies what is outside the core sessions.

    Days that are too narrow are not told apart.
    """
    content, scale = frame.content, frame.scale
    starts_ns = content.bars.start_ns
    part = scale.slice_of(len(starts_ns))
    if content.core_hours is None or content.interval_ns >= _DAY_NS or part.stop <= part.start:
        return []
    first_ns, last_ns = int(starts_ns[part.start]), int(starts_ns[part.stop - 1])
    if last_ns - first_ns > scale.width // DAY_PX_MIN * _DAY_NS:
        return []
    core = content.core_hours(first_ns, last_ns)
    # A bar that reaches into a session belongs to it.
    opens = starts_ns.searchsorted(core[:, 0] - content.interval_ns, side="right")
    closes = starts_ns.searchsorted(core[:, 1])
    begins = [part.start, *closes.tolist()]
    ends = [*opens.tolist(), part.stop]
    half = scale.step / 2
    # Beyond the newest bar nothing is known of the hour.
    return [
        (math.floor(scale.x(begin) - half), math.floor(scale.x(end) - half))
        for begin, end in zip(begins, ends, strict=True)
        if end > begin
    ]


def _paint_splits(painter: QPainter, geometry: Geometry) -> None:
    """Draw the lines between panes."""
    full = geometry.width + geometry.axis_width
    for pane in geometry.panes[1:]:
        painter.fillRect(0, pane.box.top - 1, full, 1, theme.color(Role.LINE))
