"""The chart's surface: one widget that draws everything, and the mouse.

One widget without a scene, because crossing from Qt into Python is what a layer costs, and a scene
with one item still costs its walk. What stands still between two bars is a picture
(`widgets.plot.still`); over it go orders, marks, legends and the crosshair.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.domain.ids import ClOrdID
from widgets import theme
from widgets.palettes import Role
from widgets.plot.arrange import PriceAxis, Sources, TimeAxis, arrange
from widgets.plot.axis import TAG_PX
from widgets.plot.bars import BarTower
from widgets.plot.content import MAIN_PANE, ChartContent, StudySeries
from widgets.plot.crosshair import (
    number_under,
    paint_crosshair,
    paint_legends,
    paint_time_mark,
)
from widgets.plot.footprint import paint_footprint
from widgets.plot.grips import PaneGrip, PanGrip, PriceAxisGrip, TimeAxisGrip
from widgets.plot.layer import Frame, Geometry, Grip, Layer, Pane
from widgets.plot.marks import (
    paint_edge,
    paint_fills,
    paint_gaps,
    paint_last,
    paint_level,
)
from widgets.plot.order_lines import OrdersLayer
from widgets.plot.panes import Panes
from widgets.plot.scale import LEGEND_HEIGHT_PX
from widgets.plot.series import SeriesTower
from widgets.plot.still import Still
from widgets.plot.window import TimeWindow

if TYPE_CHECKING:
    from app.desk import BarColumns

ZOOM_STEP: Final = 1.18
KEY_SHARE: Final = 0.1
"""Of the width, that an arrow key moves."""


class ChartView(QWidget):
    """Bars with axes, studies, orders, fills and a crosshair."""

    cancel_wanted = Signal(str)
    """Somebody pressed the cross of an order's line: its ClOrdID."""
    move_wanted = Signal(str, float)
    """Somebody dragged an order's line: its ClOrdID, and the price it was let go at."""
    menu_wanted = Signal(QPoint, float)
    """The right button in the plot: where on the screen, and the price there."""
    hovered = Signal(object)
    """When the mouse points at, in UTC ns; None: it has left."""
    changed = Signal()
    """Window, panes or axis are other than before: worth keeping in the layout."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.stretch: Final = TimeWindow()
        self.panes: Final = Panes()
        self.axis: Final = PriceAxis()
        self.content: ChartContent | None = None
        self.frame_now: Frame | None = None
        """As last arranged; None before."""
        self.paints = 0
        self.paint_ms = 0.0
        """What the last of them took."""
        self.legends: dict[str, QRect] = {}
        """Where each study is told, by its key; as last painted."""
        self.stills = 0
        """How often everything was drawn anew."""
        self._bars = BarTower()
        self._studies: list[SeriesTower] = []
        self._still = Still()
        self._is_still_good = False
        self._is_moving = False
        """Whether a gesture has changed what is in view: the next is soon to come."""
        self._last_bar = _NO_FIGURES
        self._times = TimeAxis()
        self._depth_seen = 0
        self._axis_width = 64
        self._hover: QPoint | None = None
        self._marked_ns: int | None = None
        self._grip: Grip | None = None
        self._orders = OrdersLayer(self.cancel_wanted.emit, self.move_wanted.emit)
        self.layers: Final[list[Layer]] = [self._orders]
        """From the bottom to the top."""
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setMinimumSize(120, 90)
        self.setAccessibleName("Price chart")

    # What is shown

    def show_content(self, content: ChartContent) -> None:
        """Draw something else; of the same bars with a new last one, no more than has changed."""
        before, old = self.content, self.frame_now
        self.content = content
        sound = self._bars.follow(content.bars, (content.series, content.history))
        is_same = before is not None and _looks_alike(before, content) and sound > 0
        self._follow_studies(content.studies, sound if is_same else 0)
        if is_same and old is not None and self._still_fits(old, content):
            self.frame_now = frame = Frame(content, old.geometry)
        else:
            frame = self._arrange()
        by = None
        # With parts of device pixels neither a strip nor a move would be exact.
        is_exact = self.devicePixelRatioF().is_integer()
        is_local = not any(study.reaches_back for study in content.studies)
        # Depth is drawn anew with every look, a second apart.
        is_local = is_local and self._depth_seen == _depth_of(content)
        self._depth_seen = _depth_of(content)
        if is_same and self._is_still_good and is_exact and is_local and old is not None:
            by = frame.geometry.shift_from(old.geometry)
        if by is None or old is None:
            self._is_still_good = False
            self.update()
        elif by:
            self._still.scroll(frame, old.geometry, by)
            self._still.renew_from(frame, self._bars, self._studies, sound)
            self.update()
        else:
            self._update_last(old, frame, sound)

    def redraw(self) -> None:
        """Draw everything anew: what is in view has changed."""
        self._is_still_good = False
        self._is_moving = True
        self._arrange()
        self.update()

    def mark_time(self, ts_ns: int | None) -> None:
        """Draw the line down at a time that another chart points at; None: at none."""
        if ts_ns != self._marked_ns:
            self._marked_ns = ts_ns
            self.update()

    def show_until(self, ts_ns: int | None) -> None:
        """Let a time be at the right edge; None: follow the newest bar."""
        if self.content is None:
            return
        before = self.stretch.right_edge(self.content.bars.start_ns)
        self.stretch.show_until(self.content.bars.start_ns, ts_ns)
        if self.stretch.right_edge(self.content.bars.start_ns) != before:
            self.redraw()

    def right_ns(self) -> int | None:
        """Return the time at the right edge; None while the newest bar is followed."""
        if self.content is None or self.stretch.is_following:
            return None
        starts = self.content.bars.start_ns
        number = min(len(starts), max(1, math.ceil(self.stretch.right_edge(starts)))) - 1
        return int(starts[number]) if len(starts) else None

    @property
    def hover(self) -> QPoint | None:
        """Where the mouse is; None while it is elsewhere or has hold of something."""
        return self._hover if self._grip is None else None

    def cross_of(self, cl_ord_id: str) -> QRect | None:
        """Return where the cross of an order's line is."""
        return self._orders.cross_of(ClOrdID(cl_ord_id))

    def state(self) -> dict[str, object]:
        """Return what to keep in a layout."""
        return {"bars": self.stretch.bars, "panes": self.panes.state(), **self.axis.state()}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take it back; what is none is left out."""
        bars, panes = state.get("bars"), state.get("panes")
        if isinstance(bars, int | float):
            self.stretch.set_bars(float(bars))
        if isinstance(panes, Mapping):
            self.panes.restore(panes)
        self.axis.restore(state)
        if self.content is not None:
            self.redraw()

    def fit(self) -> None:
        """Show all bars there are, at prices that fit."""
        if self.content is not None and len(self.content.bars):
            self.stretch.set_bars(len(self.content.bars) / (1 - 0.05))
            self.stretch.is_following = True
            self.axis.fixed = None
            self._gestured()

    def reset(self) -> None:
        """Follow the newest bar at the usual width, at prices that fit."""
        self.stretch.reset()
        self.axis.fixed = None
        self._gestured()

    def axis_chosen(self) -> None:
        """Draw after a change of `axis`."""
        if self.content is not None:
            self._gestured()

    def draw(self, painter: QPainter) -> None:
        """Draw all of it by another painter, into a file for instance."""
        if self.frame_now is not None:
            self._paint_all(painter, None)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  Qt's name.
        """Draw."""
        started_s = time.perf_counter()
        # Qt does not survive a painter that is left open.
        with QPainter(self) as painter:
            self._paint_all(painter, event.region())
        self.paint_ms = (time.perf_counter() - started_s) * 1000

    def _paint_all(self, painter: QPainter, dirty: QRegion | None) -> None:
        """Draw all layers; what is not dirty is as it was. None: into a file, say."""
        self.paints += 1
        frame = self.frame_now
        if frame is None:
            painter.fillRect(0, 0, self.width(), self.height(), theme.color(Role.PANEL))
            return
        if not len(frame.content.bars):
            painter.fillRect(0, 0, self.width(), self.height(), theme.color(Role.PANEL))
            painter.setPen(theme.color(Role.DIM))
            painter.setFont(theme.text_font())
            box = QRect(0, 0, self.width(), self.height())
            painter.drawText(box, theme.ALIGN_CENTER, frame.content.empty_words)
            return
        if dirty is not None:
            self._paint_still(painter, frame, dirty)
        else:
            self._still.draw(painter, frame, self._bars, self._studies)
        self._paint_account(painter, frame)
        if self._hover is not None and self._grip is None:
            pane = frame.geometry.pane_at(self._hover.y())
            if pane is not None:
                _clear_labels(painter, frame.geometry, pane, [float(self._hover.y())])
            paint_crosshair(painter, frame, self._hover)
        for layer in self.layers:
            layer.paint(painter, frame)
        number = number_under(frame, self._hover)
        if self._hover is None and self._marked_ns is not None:
            number = paint_time_mark(painter, frame, self._marked_ns)
        self.legends = paint_legends(painter, frame, number)

    def _paint_still(self, painter: QPainter, frame: Frame, dirty: QRegion) -> None:
        # On another screen a pixel may be another number of device pixels.
        ratio = self.devicePixelRatioF()
        if not self._is_still_good or self._still.pixmap.devicePixelRatio() != ratio:
            self.stills += 1
            if self._is_moving:
                self._is_moving = False  # The next frame, if it is the same, is worth keeping.
                self._still.draw(painter, frame, self._bars, self._studies)
                return
            self._still.renew(frame, self._bars, self._studies, ratio)
            self._is_still_good = True
        # Within one rectangle Qt copies rows; within several it goes through them as spans, which
        # takes six times as long.
        for rect in dirty:  # type: ignore[attr-defined]  # Missing in the stubs.
            painter.setClipRect(rect)
            painter.drawPixmap(0, 0, self._still.pixmap)
        painter.setClipping(False)

    # Mouse and keys

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  Qt's name.
        """Zoom about the cursor."""
        frame = self.frame_now
        if frame is not None:
            steps = event.angleDelta().y() / 120
            share = min(1.0, max(0.0, event.position().x() / max(1, frame.geometry.width)))
            self.stretch.zoom(frame.content.bars.start_ns, ZOOM_STEP**-steps, share)
            self._gestured()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name.
        """Take hold of what is under the mouse."""
        at = event.position().toPoint()
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() is Qt.MouseButton.LeftButton and self.frame_now is not None:
            layer, self._grip = self._held_at(at)
            for other in self.layers:
                if other is not layer:
                    other.let_off()
            if self._grip is not None:
                self._grip.press(at, self.frame_now)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name.
        """Drag what was taken; else move the crosshair."""
        at, frame = event.position().toPoint(), self.frame_now
        if frame is not None and self._grip is not None:
            self._grip.drag(at, frame)
        grip = self._grip or self._held_at(at)[1]
        shape = grip.cursor if grip is not None else Qt.CursorShape.CrossCursor
        if self.cursor().shape() is not shape:
            self.setCursor(shape)
        self._hover = at
        self.hovered.emit(self.time_at(at))
        self.update()
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name.
        """Let go."""
        grip, self._grip = self._grip, None
        if event.button() is Qt.MouseButton.LeftButton and grip is not None:
            if self.frame_now is not None:
                grip.drop(event.position().toPoint(), self.frame_now)
            self.update()
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name.
        """Follow the newest bar again; on the price axis: let what is in view decide."""
        frame, at = self.frame_now, event.position().toPoint()
        event.accept()
        if frame is None or any(it.double_click(at, frame) for it in reversed(self.layers)):
            return
        if at.x() >= frame.geometry.width:
            self.axis.fixed = None
            self._gestured()
        else:
            self.reset()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802  Qt's name.
        """Ask for the menu of a price, where there is one."""
        frame, at = self.frame_now, event.pos()
        event.accept()
        if frame is None:
            return
        if any(it.context(at, event.globalPos(), frame) for it in reversed(self.layers)):
            return
        if len(frame.content.bars):
            box = frame.geometry.panes[0].box
            if at.x() < frame.geometry.width and box.top <= at.y() < box.bottom:
                self.menu_wanted.emit(event.globalPos(), frame.scale.price_at(at.y()))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name.
        """Move and zoom by keys; Esc lets go of what is dragged."""
        if event.key() == Qt.Key.Key_Escape and self._grip is not None:
            self._grip.cancel()
            self._grip = None
            self.update()
            return
        act = self._keys().get(Qt.Key(event.key()))
        if act is None or self.content is None or event.modifiers():
            event.ignore()
            return
        act()
        self._gestured()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802  Qt's name.
        """Take the crosshair away."""
        self._hover = None
        self.hovered.emit(None)
        self.update()
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name.
        """Fit everything to the new size."""
        super().resizeEvent(event)
        if self.content is not None:
            self.redraw()

    def _keys(self) -> dict[Qt.Key, Callable[[], None]]:
        window = self.stretch
        starts = self.content.bars.start_ns if self.content is not None else None
        assert starts is not None
        return {
            Qt.Key.Key_Left: lambda: window.move(starts, -window.bars * KEY_SHARE),
            Qt.Key.Key_Right: lambda: window.move(starts, window.bars * KEY_SHARE),
            Qt.Key.Key_Home: lambda: window.move(starts, -float(len(starts))),
            Qt.Key.Key_End: lambda: window.follow(),
            Qt.Key.Key_Plus: lambda: window.zoom(starts, 1 / ZOOM_STEP, 1.0),
            Qt.Key.Key_Minus: lambda: window.zoom(starts, ZOOM_STEP, 1.0),
            Qt.Key.Key_0: self.fit,
        }

    def _held_at(self, at: QPoint) -> tuple[Layer | None, Grip | None]:
        """Return what a press at a point would take hold of: layers first, then panes and axes."""
        frame = self.frame_now
        if frame is None:
            return None, None
        for layer in reversed(self.layers):
            grip = layer.grip_at(at, frame)
            if grip is not None:
                return layer, grip
        return None, self._own_grip_at(at, frame)

    def _own_grip_at(self, at: QPoint, frame: Frame) -> Grip | None:
        geometry = frame.geometry
        boxes = tuple(pane.box for pane in geometry.panes)
        split = self.panes.grip_at(boxes, at.y())
        if split is not None:
            return PaneGrip(self.panes, split, self._gestured)
        if at.y() >= geometry.height:
            return TimeAxisGrip(self.stretch, at, self._gestured)
        if at.x() >= geometry.width:
            is_main = boxes[0].top <= at.y() < boxes[0].bottom
            return PriceAxisGrip(self.axis, at, self._gestured) if is_main else None
        return PanGrip(self.stretch, self.axis, at, self._gestured)

    def time_at(self, at: QPoint) -> int | None:
        """Return when the bar under a point begins, UTC ns; None beside the plot."""
        frame = self.frame_now
        if frame is None or not len(frame.content.bars) or at.x() >= frame.geometry.width:
            return None
        return int(frame.content.bars.start_ns[number_under(frame, at)])

    def _gestured(self) -> None:
        self.redraw()
        self.changed.emit()

    # Inside

    def _still_fits(self, old: Frame, content: ChartContent) -> bool:
        """Whether everything is where it was, though the last bar is another."""
        before, bars = old.content, content.bars
        number = len(bars) - 1
        if (
            len(before.bars) != len(bars)
            or before.orders != content.orders
            or before.average != content.average
            or before.alerts != content.alerts
            or any(study.pane != MAIN_PANE or study.has_own_scale for study in content.studies)
            or not math.isfinite(bars.close[number])
        ):
            return False
        geometry, was = old.geometry, self._last_bar
        now = self._last_bar = _figures(bars)
        # What sets a range may be another bar, or this one as it was and is.
        low, high = geometry.extremes
        return (
            (now[1] == was[1] or (was[1] < high and now[1] < high))
            and (now[2] == was[2] or (was[2] > low and now[2] > low))
            and (now[3] == was[3] or (was[3] < geometry.volume_max > now[3]))
        )

    def _follow_studies(self, studies: tuple[StudySeries, ...], sound: int) -> None:
        known = {tower.study.key: tower for tower in self._studies if tower.study is not None}
        self._studies = [known.get(study.key, SeriesTower()) for study in studies]
        for tower, study in zip(self._studies, studies, strict=True):
            tower.follow(study, sound)

    def _arrange(self) -> Frame:
        content = self.content
        assert content is not None, "nothing is shown yet"
        studies = tuple(self._studies)
        sources = Sources(
            content, self._bars, studies, self.stretch, self.panes, self.axis, self._times
        )
        geometry = arrange(sources, self.width(), self.height(), self._axis_width)
        self._axis_width = geometry.axis_width
        self.frame_now = frame = Frame(content, geometry)
        self._last_bar = _figures(content.bars)
        return frame

    def _update_last(self, old: Frame, frame: Frame, sound: int) -> None:
        """Draw the bars from the first that changed anew, and what is said of the last."""
        strip = self._still.renew_from(frame, self._bars, self._studies, sound)
        if old.content.orders != frame.content.orders or self._hover is not None:
            self.update()
            return
        if any(getattr(old.content, it) != getattr(frame.content, it) for it in _TOLD):
            self.update()
            return
        geometry = frame.geometry
        dirty = [strip, *(_legend_box(pane.box.top, geometry) for pane in geometry.panes)]
        for last in (old.content.last, frame.content.last):
            if last is not None and math.isfinite(last.price):
                y = round(frame.scale.y(last.price))
                full = geometry.width + geometry.axis_width
                dirty.append(QRect(0, y - TAG_PX, full, 2 * TAG_PX))
        for rect in dirty:
            self.update(rect)

    def _paint_account(self, painter: QPainter, frame: Frame) -> None:
        content, geometry, scale = frame.content, frame.geometry, frame.scale
        tags = [line.price for line in content.orders]
        tags += [content.last.price] if content.last is not None else []
        pane = geometry.panes[0]
        covered = [scale.y(price) for price in tags if scale.has(price)]
        _clear_labels(painter, geometry, pane, covered)
        if content.cells is not None:
            paint_footprint(painter, scale, content.cells)
        paint_gaps(painter, scale, content.bars.start_ns, content.gaps)
        paint_edge(painter, scale, content.edge_words)
        if content.last is not None:
            paint_last(painter, scale, geometry.axis_width, content.last)
        if content.average is not None:
            paint_level(painter, scale, *content.average)
        for price, words in content.alerts:
            paint_level(painter, scale, price, words, Role.ACCENT)
        paint_fills(painter, scale, content.bars.start_ns, content.fills)


_TOLD: Final = ("fills", "average", "alerts", "gaps", "edge_words", "title", "note", "cells")
"""What is drawn over the bars and is no part of the strip of the last ones."""
_NO_FIGURES: Final = (math.nan, math.nan, math.nan, math.nan)


def _depth_of(content: ChartContent) -> int:
    return 0 if content.depth is None else content.depth.version


def _figures(bars: BarColumns) -> tuple[float, float, float, float]:
    """Return open, high, low and volume of the last bar."""
    if not len(bars):
        return _NO_FIGURES
    return float(bars.open[-1]), float(bars.high[-1]), float(bars.low[-1]), float(bars.volume[-1])


def _clear_labels(painter: QPainter, geometry: Geometry, pane: Pane, covered: list[float]) -> None:
    """Take away the values of an axis that tags at some heights would half cover."""
    for label in pane.labels:
        if any(abs(label.y - y) < 15 for y in covered):
            box = QRect(geometry.width + 2, label.y - 8, geometry.axis_width - 2, 16)
            painter.fillRect(box, theme.color(Role.PANEL))


def _looks_alike(before: ChartContent, now: ChartContent) -> bool:
    """Whether what stands still is of the same kind, so that only newer bars can differ."""
    return (
        before.style is now.style
        and (before.cells is None) == (now.cells is None)
        and before.depth is now.depth
        and before.interval_ns == now.interval_ns
        and before.core_hours == now.core_hours
        and [(s.key, s.pane, s.fault) for s in before.studies]
        == [(s.key, s.pane, s.fault) for s in now.studies]
    )


def _legend_box(top: int, geometry: Geometry) -> QRect:
    return QRect(0, top, geometry.width, 2 * LEGEND_HEIGHT_PX)
