"""Docks behind one small interface, so that the library under it can be replaced.

Over the Advanced Docking System. Its wheels pin one version of Qt each, hence the wall. A panel's
header widget lives in the title bar of whatever dock area shows the panel: it follows when the
panel is moved, tabbed or floated.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import Any, Final

import PySide6QtAds as ads  # noqa: N813  Its own documents call it so.
from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QLabel, QSplitter, QWidget

from widgets import theme
from widgets.dock_plan import DockPlan
from widgets.palettes import Role
from widgets.panel import Area

_FLAGS: Final = {
    "OpaqueSplitterResize": True,
    "FocusHighlighting": False,
    "AlwaysShowTabs": True,
    "DockAreaHasTabsMenuButton": False,
    "DockAreaHasUndockButton": False,
    "DockAreaHasCloseButton": False,
    "ActiveTabHasCloseButton": False,
    "AllTabsHaveCloseButton": False,
    "FloatingContainerHasWidgetTitle": True,
    "EqualSplitOnInsertion": False,
}
SIDES_PX: Final = (262, 286, 206)
"""Width of the left, right and far right areas."""
SIDES_NARROW_PX: Final = (250, 284)
NARROW_BELOW_PX: Final = 1500
TAPE_SHARE: Final = 0.56
"""Of what is at the bottom right, for the first dock."""
_WHERE_NARROW: Final = {Area.FAR_RIGHT: Area.RIGHT, Area.BOTTOM_RIGHT: Area.BOTTOM}
_AREAS: Final = {
    Area.LEFT: ads.LeftDockWidgetArea,
    Area.RIGHT: ads.RightDockWidgetArea,
    Area.BOTTOM: ads.BottomDockWidgetArea,
    Area.CENTER: ads.CenterDockWidgetArea,
    Area.FAR_RIGHT: ads.RightDockWidgetArea,
    Area.BOTTOM_RIGHT: ads.BottomDockWidgetArea,
}


class DockHost(QObject):
    """Make, move, show and save docks."""

    changed = Signal()
    """A dock was closed, opened, moved or floated."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        flags = ads.CDockManager.eConfigFlag
        for name, value in _FLAGS.items():
            ads.CDockManager.setConfigFlag(getattr(flags, name), value)
        self.widget: Final[QWidget] = ads.CDockManager(parent)
        self._manager: Final[Any] = self.widget
        self._manager.setStyleSheet(theme.dock_style())
        self._docks: dict[str, Any] = {}
        self._headers: dict[str, _HeaderKeeper] = {}
        self._areas: dict[Area, Any] = {}
        self._first_state = b""
        self._spread: list[DockPlan] = []
        """Docks that have a place of their own in a wide window only."""
        self._dot = _dot_icon()

    def build(self, plans: Iterable[DockPlan]) -> None:
        """Make the docks of the default layout: left, centre over bottom, right at full height.

        As in a narrow window; `share_sizes` gives some a place of their own in a wide one.
        """
        by_area: dict[Area, list[DockPlan]] = {}
        for plan in plans:
            by_area.setdefault(_WHERE_NARROW.get(plan.area, plan.area), []).append(plan)
            if plan.area in _WHERE_NARROW:
                self._spread.append(plan)
        for area in (Area.CENTER, Area.RIGHT, Area.BOTTOM, Area.LEFT):
            for plan in by_area.get(area, ()):
                self._add(plan, area)
        for shown in (Area.BOTTOM, Area.RIGHT):
            if shown in self._areas:
                self._areas[shown].setCurrentIndex(0)

    def share_sizes(self, width_px: int, height_px: int) -> None:
        """Give the areas of the default layout their places and sizes in a room."""
        bottom = max(190, round(height_px * 0.34))
        is_wide = width_px >= NARROW_BELOW_PX
        left, right, far = SIDES_PX if is_wide else (*SIDES_NARROW_PX, 0)
        if is_wide:
            self._spread_out()
        for area, parts in (
            (Area.BOTTOM, [height_px - bottom, bottom]),
            (Area.LEFT, [left, width_px - right - far - left]),
        ):
            if area in self._areas:
                self._manager.setSplitterSizes(self._areas[area], parts)
        tape = round(bottom * TAPE_SHARE)
        columns, rows = (
            [width_px - right - far, right + far],
            [height_px - bottom, tape, bottom - tape],
        )
        outermost_first = reversed(self._splitters(Area.RIGHT))
        for splitter, parts in zip(outermost_first, (columns, rows, [right, far]), strict=False):
            splitter.setSizes(parts)

    def _spread_out(self) -> None:
        """Take out of their tabs what a wide window has room for."""
        right = self._areas.get(Area.RIGHT)
        below = None
        # What is below first: then it is below what comes to stand beside, too.
        for plan in sorted(self._spread, key=lambda plan: plan.area is Area.FAR_RIGHT):
            dock = self._docks[plan.name]
            if plan.area is Area.BOTTOM_RIGHT:
                below = self._manager.addDockWidget(ads.BottomDockWidgetArea, dock, below or right)
            else:
                self._manager.addDockWidget(ads.RightDockWidgetArea, dock, right)

    def _splitters(self, area: Area) -> list[QSplitter]:
        """Return what an area is in, the innermost first."""
        found: list[QSplitter] = []
        widget = self._areas[area].parentWidget() if area in self._areas else None
        while widget is not None and widget is not self.widget:
            if isinstance(widget, QSplitter):
                found.append(widget)
            widget = widget.parentWidget()
        return found

    def polish(self) -> None:
        """Set the tabs in semi-bold; after the first show, because style sheets reset fonts."""
        for dock in self._docks.values():
            label = dock.tabWidget().findChild(QLabel, "dockWidgetTabLabel")
            if label is not None:
                label.setFont(theme.text_font(weight=theme.SEMIBOLD))

    def keep_as_default(self) -> None:
        """Remember how the docks stand: `reset` goes back to it."""
        self._first_state = bytes(self._manager.saveState(1).data())

    def put(self, name: str, widget: QWidget, header: QWidget | None = None) -> None:
        """Show a widget in a dock, and its header in the dock's title bar."""
        dock = self._docks[name]
        before = dock.takeWidget()
        if before is not None:
            before.deleteLater()
        dock.setWidget(widget, ads.CDockWidget.eInsertMode.ForceNoScrollArea)
        widget.show()  # The layout would do it one turn of the loop later.
        if header is not None:
            self._headers[name] = _HeaderKeeper(dock, header)

    def add(self, plan: DockPlan) -> None:
        """Make a dock that the default layout does not know."""
        if plan.name not in self._docks:
            self._add(plan, _WHERE_NARROW.get(plan.area, plan.area))

    def names(self) -> tuple[str, ...]:
        """Return the names of all docks."""
        return tuple(self._docks)

    def title(self, name: str) -> str:
        """Return the words on a dock's tab."""
        return str(self._docks[name].windowTitle())

    def set_title(self, name: str, title: str) -> None:
        """Change the words on a dock's tab."""
        if self._docks[name].windowTitle() != title:
            self._docks[name].setWindowTitle(title)

    def is_open(self, name: str) -> bool:
        """Whether a dock is not closed."""
        return not self._docks[name].isClosed()

    def show(self, name: str) -> None:
        """Open a dock if it is closed, and bring it to the front."""
        dock = self._docks[name]
        dock.toggleView(True)
        dock.setAsCurrentTab()

    def close(self, name: str) -> None:
        """Close a dock; it can be opened again."""
        self._docks[name].toggleView(False)

    def float(self, name: str) -> None:
        """Take a dock out into a window of its own."""
        self._docks[name].setFloating()

    def is_floating(self, name: str) -> bool:
        """Whether a dock is in a window of its own."""
        return bool(self._docks[name].isInFloatingContainer())

    def toggle_action(self, name: str) -> QAction:
        """Return the checkable action that opens and closes a dock."""
        action: QAction = self._docks[name].toggleViewAction()
        return action

    def state(self) -> str:
        """Return how the docks stand, as text."""
        return base64.b64encode(bytes(self._manager.saveState(1).data())).decode()

    def restore(self, state: str) -> bool:
        """Put the docks as a saved state says; False if it cannot be used."""
        try:
            raw = base64.b64decode(state, validate=True)
        except (binascii.Error, ValueError):
            return False
        return bool(self._manager.restoreState(raw, 1))

    def reset(self) -> None:
        """Put the docks as they were at first."""
        self._manager.restoreState(self._first_state, 1)

    def _add(self, plan: DockPlan, area: Area) -> None:
        dock = ads.CDockWidget(self._manager, plan.title)
        dock.setObjectName(plan.name)
        if plan.follows_link:
            dock.setIcon(self._dot)
        elif plan.area is Area.BOTTOM:
            # The default layout puts these behind each other: the one in front is underlined.
            dock.tabWidget().setProperty("shared", True)
        dock.setMinimumSizeHintMode(ads.CDockWidget.eMinimumSizeHintMode.MinimumSizeHintFromContent)
        # Qt's object is owned by the manager; the name in the map is ours.
        self._docks[plan.name] = dock
        neighbour = self._areas.get(area)
        if neighbour is not None:
            self._manager.addDockWidget(ads.CenterDockWidgetArea, dock, neighbour)
        else:
            has_centre = area in (Area.LEFT, Area.BOTTOM)
            around = self._areas.get(Area.CENTER) if has_centre else None
            self._areas[area] = self._manager.addDockWidget(_AREAS[area], dock, around)
        dock.viewToggled.connect(self.changed)
        dock.topLevelChanged.connect(self.changed)


class _HeaderKeeper(QObject):
    """Keep a panel's header in the title bar of the area that shows the panel.

    The library gives a dock a parent while it is the current one of an area, and none otherwise;
    following the parent therefore follows moves, tabs, floating and restored layouts. The header is
    taken back before its area is deleted.
    """

    def __init__(self, dock: Any, header: QWidget) -> None:  # noqa: ANN401  No types there.
        super().__init__(dock)
        self._dock = dock
        self._header = header
        dock.installEventFilter(self)
        self._follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name.
        """Follow the dock to its new area."""
        if event.type() == QEvent.Type.ParentChange:
            self._follow()
        return False

    def _follow(self) -> None:
        area = self._dock.parentWidget()
        bar = area.titleBar() if isinstance(area, ads.CDockAreaWidget) else None
        if bar is None:
            self._header.hide()
            self._header.setParent(self._dock.widget())
            return
        # Left of the buttons of the area, right of the tabs and the spacer.
        bar.insertWidget(3, self._header)
        self._header.show()


def _dot_icon() -> QIcon:
    pixmap = QPixmap(QSize(32, 32))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(Role.ACCENT))
    painter.drawEllipse(8, 8, 16, 16)
    painter.end()
    return QIcon(pixmap)
