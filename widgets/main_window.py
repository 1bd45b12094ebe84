"""The window: top bar, docks, status line. No trading logic.

It is built and painted before there is a session: everything heavy (numpy, charts, the desk) is
imported by `attach`, when the first picture is on the screen. It closes only after the session has
ended, so that closing the window is the orderly stop.
"""

from __future__ import annotations

import base64
import binascii
import gc
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QDialog, QLabel, QMainWindow, QMenu, QVBoxLayout, QWidget

from app.domain.enums import Venue
from widgets import dialogs, theme, workspace
from widgets.about_dialog import AboutDialog
from widgets.actions import ACTIONS, make_actions
from widgets.bell import Bell
from widgets.commands import Commands
from widgets.dock_host import DockHost
from widgets.dock_plan import DEFAULT_DOCKS, DockPlan
from widgets.frame import FrameClock, Refreshable
from widgets.keymap import Keymap
from widgets.keys_dialog import KeysDialog
from widgets.link import LinkGroup
from widgets.palette import RECENT_MAX, Palette
from widgets.palettes import Role
from widgets.panel import PANELS_GROUP, Panel, PanelContext
from widgets.replay_bar import ReplayBar
from widgets.replay_parts import takes_space
from widgets.settings_dialog import SettingsDialog
from widgets.status_line import StatusLine
from widgets.top_bar import TopBar
from widgets.typing_keys import begins_name

if TYPE_CHECKING:
    from app.desk import Desk

DEFAULT_SIZE: Final = QSize(1680, 1020)
NATIVE_TEXT: Final = QKeySequence.SequenceFormat.NativeText
SMALLEST_SIZE: Final = QSize(1000, 640)
MENUS: Final = ("Trade", "Go", "View", "File")
MENUS_OF_A_REPLAY: Final = ("Trade", "Replay", "Go", "View", "File")


class MainWindow(QMainWindow):
    """The one window of the station."""

    closed = Signal()
    """It has really closed: after the session, or before there was one."""
    replay_wanted = Signal(str)
    """The path of a file that is to be replayed, beside this window."""
    heard = Signal(str)
    """A warning from outside the session; may be emitted on any thread."""

    def __init__(
        self,
        *,
        layout_path: Path | None = None,
        venue: Venue = Venue.PAPER,
        venue_title: str = "built-in exchange",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._layout_path = layout_path
        self._desk: Desk | None = None
        self._has_ended = False
        self._panels: dict[str, Panel] = {}
        self.notices: Final[list[str]] = []
        """Warnings from before there was a session, said once there is one."""
        self.link: Final = LinkGroup(self)
        self.frames: Final = FrameClock(self)
        is_replay = venue is Venue.REPLAY
        self.setWindowTitle(f"REPLAY {venue_title} – Tradedeck" if is_replay else "Tradedeck")
        self.setMinimumSize(SMALLEST_SIZE)
        self.resize(DEFAULT_SIZE.boundedTo(self.screen().availableSize()))
        frame = QWidget(self)
        frame.setObjectName("frame")
        frame.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        frame.setStyleSheet(theme.venue_style(venue))
        self.top_bar: Final = TopBar(venue, venue_title, frame)
        self.status_line: Final = StatusLine(lambda: self.frames.frames_per_s, frame)
        self.replay_bar: Final = ReplayBar(frame) if is_replay else None
        self.docks: Final = DockHost(frame)
        column = QVBoxLayout(frame)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(0)
        column.addWidget(self.top_bar)
        if self.replay_bar is not None:
            column.addWidget(self.replay_bar)
        column.addWidget(self.docks.widget, 1)
        column.addWidget(self.status_line)
        self.setCentralWidget(frame)
        self._titles: Final = _Titles(self.docks, self._panels)
        self.docks.build(DEFAULT_DOCKS)
        for plan in DEFAULT_DOCKS:
            self.docks.put(plan.name, _starting_label(plan.title))
        self._was_shown = False
        keys_path = None if layout_path is None else layout_path.with_name("keys.json")
        self.keymap: Final = Keymap(keys_path)
        self.commands: Final = Commands(self)
        self.actions_by_name: Final = make_actions(self, self.commands.handlers(), self.keymap)
        self.palette_box: Final = Palette(
            self, lambda typed, only: self.commands.entries(typed, symbols_only=only)
        )
        self.commands.palette_wanted.connect(self.palette_box.open)
        self.commands.symbol_wanted.connect(
            lambda typed: self.palette_box.open(typed, symbols_only=True)
        )
        self.docks.keep_as_default()
        self._saved = workspace.Restored(workspace.FIRST)
        self._restore_docks()
        self.palette_box.recent = self._saved.layout.recent[:RECENT_MAX]
        self.top_bar.menu_button.setMenu(self._make_menu())
        self.top_bar.halt_wanted.connect(self.commands.halt)
        self.top_bar.arm_wanted.connect(self.commands.ask_arm)
        self.top_bar.state.clicked.connect(lambda: self.docks.show("risk"))
        self.link.said.connect(self.status_line.say)
        self.heard.connect(self._on_heard)
        if self.replay_bar is not None:
            self.replay_bar.said.connect(self._on_heard)
            self.replay_bar.again_wanted.connect(self.commands.ask_again)
            self.replay_bar.name_wanted.connect(self.commands.ask_bookmark)
        self._apply_keys()
        self._enable_trading(on=False)

    # Life

    def attach(self, desk: Desk) -> None:
        """Fill the docks with panels of a session and begin to draw.

        Imports the panels: half a second when numpy and the chart library come from the disk.
        """
        from app import plugins  # After the first paint.

        self._desk = desk
        self.commands.attach(desk)
        loaded = plugins.load(PANELS_GROUP)
        folder = None if self._layout_path is None else self._layout_path.parent
        context = PanelContext(desk, self.link, folder)
        for spec in loaded.specs:
            self.docks.add(DockPlan(spec.name, spec.title, spec.area, spec.follows_link))
            panel = spec.make(context)
            self._panels[spec.name] = panel
            self.docks.put(spec.name, panel, panel.header)
            panel.restore(self._saved.layout.panels.get(spec.name, {}))
        self.top_bar.attach(desk)
        self.status_line.attach(desk)
        if self.replay_bar is not None and desk.transport is not None:
            self.replay_bar.attach(desk)
            self._on_heard(desk.transport.bookmarks.notice)
        notices = self._saved.notice, self.keymap.notice, *self.notices
        for failure in (*loaded.failures, *notices):
            if failure:
                self.status_line.say(failure, is_warning=True)
        self._pick_first_symbol(desk)
        self._enable_trading(on=True)
        for bar in self._bars():
            self.frames.add_first(bar)
        for panel in self._panels.values():
            self.frames.add(panel)
        self.frames.add(Bell(desk, self))
        self.frames.second_passed.connect(self._on_second)
        # What is there now stays: to look through all of it again and again takes 80 ms a time.
        gc.collect()
        gc.freeze()
        self.frames.is_hurried = lambda: desk.is_busy
        self.frames.start()

    @property
    def panels(self) -> dict[str, Panel]:
        """Panels by name; empty before a session is attached."""
        return self._panels

    def session_ended(self, problem: str = "") -> None:
        """Close the window for good; with a problem, say it first and close after it is read."""
        self.frames.stop()
        self._has_ended = True
        if problem:
            self.status_line.say(problem, is_warning=True)
            self._set_stopping()
            message = dialogs.show_message(self, "The session has ended", problem)
            message.finished.connect(self.close)
            return
        self.close()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  Qt's name.
        """Share the room out when its size is known for the first time."""
        super().showEvent(event)
        if self._was_shown:
            return
        self._was_shown = True
        self.docks.polish()
        docks = self._saved.layout.docks
        if not docks:
            self._share_room()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  Qt's name.
        """Stop the session first; the window closes when it has ended."""
        if self._desk is not None and not self._has_ended:
            event.ignore()
            self._set_stopping()
            self.status_line.say("Stopping…")
            self._desk.request_stop()
            return
        self._save_layout()
        self.frames.stop()
        event.accept()
        self.closed.emit()

    def refresh_now(self) -> None:
        """Bring everything visible up to date at once: for a picture of the window."""
        for panel in (*self._panels.values(), *self._bars()):
            if panel.isVisible() and not panel.is_failed and panel.stale():
                panel.refresh()

    def _bars(self) -> tuple[Refreshable, ...]:
        top = (self.top_bar,) if self.replay_bar is None else (self.top_bar, self.replay_bar)
        return (*top, self._titles, self.status_line)

    def _set_stopping(self) -> None:
        self._enable_trading(on=False)
        self.docks.widget.setEnabled(False)
        self.top_bar.set_stopping()
        if self.replay_bar is not None:
            self.replay_bar.setEnabled(False)

    def _pick_first_symbol(self, desk: Desk) -> None:
        symbols = [instrument.symbol for instrument in desk.instruments]
        wanted = self._saved.layout.symbol
        first = next((s for s in symbols if s == wanted), symbols[0] if symbols else None)
        if first is not None:
            self.link.pick_symbol(first)

    # Layout

    def _share_room(self) -> None:
        area = self.docks.widget.size()
        self.docks.share_sizes(area.width() - 12, area.height() - 12)

    def reset_layout(self) -> None:
        """Put the docks as they are at first."""
        self.docks.reset()
        self._share_room()

    def _restore_docks(self) -> None:
        if self._layout_path is None:
            return
        self._saved = workspace.read_layout(self._layout_path)
        layout = self._saved.layout
        if layout.docks and not self.docks.restore(layout.docks):
            notice = workspace.put_aside(self._layout_path, "its docks are not readable")
            self._saved = workspace.Restored(workspace.FIRST, notice)
            return
        try:
            self.restoreGeometry(QByteArray(base64.b64decode(layout.geometry, validate=True)))
        except (binascii.Error, ValueError):
            self.resize(DEFAULT_SIZE.boundedTo(self.screen().availableSize()))

    def _save_layout(self) -> None:
        if self._layout_path is None:
            return
        problem = workspace.write_layout(self._layout_path, self._layout())
        if problem:
            self.status_line.say(problem, is_warning=True)

    def _layout(self) -> workspace.Layout:
        kept = {**self._saved.layout.panels}
        kept |= {name: panel.state() for name, panel in self._panels.items()}
        return workspace.Layout(
            geometry=base64.b64encode(bytes(self.saveGeometry().data())).decode(),
            docks=self.docks.state(),
            symbol=self.link.symbol or self._saved.layout.symbol,
            panels=kept,
            recent=list(self.palette_box.recent),
        )

    def _on_second(self) -> None:
        """Save the layout if it is another one: it survives a crash."""
        for panel in self._panels.values():
            panel.every_second()
        layout = self._layout()
        if layout != self._saved.layout:
            self._saved = workspace.Restored(layout)
            self._save_layout()

    # Actions

    def _enable_trading(self, *, on: bool) -> None:
        has_transport = on and self._desk is not None and self._desk.transport is not None
        for spec in ACTIONS:
            if spec.menu == "Replay":
                self.actions_by_name[spec.name].setEnabled(has_transport)
            if spec.menu == "Trade" or spec.name.startswith("export"):
                self.actions_by_name[spec.name].setEnabled(on)
        has_drills = on and self._desk is not None and self._desk.drills is not None
        self.actions_by_name["drills.open"].setEnabled(has_drills)

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        titles = MENUS if self.replay_bar is None else MENUS_OF_A_REPLAY
        for title in titles:
            part = menu.addMenu(title)
            for spec in ACTIONS:
                if spec.menu == title:
                    part.addAction(self.actions_by_name[spec.name])
            if title == "View":
                part.addSeparator()
                part.aboutToShow.connect(lambda part=part: self._fill_view_menu(part))
        return menu

    def _fill_view_menu(self, menu: QMenu) -> None:
        known: list[QAction] = menu.actions()
        for name in self.docks.names():
            action = self.docks.toggle_action(name)
            if action not in known:
                menu.addAction(action)

    def _on_heard(self, words: str) -> None:
        if words:
            self.status_line.say(words, is_warning=True)

    def open_keys(self) -> None:
        """Show every key, to look at, to change, to print."""
        self._open(KeysDialog(self, self.keymap, self._apply_keys))

    def open_settings(self) -> None:
        """Show every setting, to look at and to change."""
        settings = None if self._desk is None else self._desk.settings
        screen = None
        if self._layout_path is not None:
            screen = self._layout_path.with_name("screen.json")
        self._open(SettingsDialog(self, settings, screen))

    def open_about(self) -> None:
        """Show versions and licences."""
        self._open(AboutDialog(self))

    def _open(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _apply_keys(self) -> None:
        for name, action in self.actions_by_name.items():
            action.setShortcut(QKeySequence(self.keymap.shortcut(name)))
        keys = self.actions_by_name["palette.open"].shortcut().toString(NATIVE_TEXT)
        self.status_line.hint = f" · {keys} commands" if keys else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name.
        """Begin a symbol, or a kind of bars, with a key that nobody wanted."""
        typed = begins_name(event)
        if typed and self._desk is not None:
            self.palette_box.open(typed, symbols_only=True)
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Leave Space to a button or field that has the focus; elsewhere it plays and pauses."""
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
            and takes_space(self.focusWidget())
        ):
            event.accept()
            return True
        return super().event(event)


class _Titles:
    """Keeps the tabs' words right, those of hidden panels too."""

    def __init__(self, docks: DockHost, panels: Mapping[str, Panel]) -> None:
        self.is_failed = False
        self._docks, self._panels = docks, panels
        self._shown: tuple[str, ...] = ()

    def isVisible(self) -> bool:  # noqa: N802  Qt's name.
        """Some tab always is."""
        return True

    def stale(self) -> bool:
        """Whether a title changed."""
        return self._now() != self._shown

    def refresh(self) -> None:
        """Set what changed."""
        self._shown = self._now()
        for name, title in zip(self._panels, self._shown, strict=True):
            if title:
                self._docks.set_title(name, title)

    def fail(self, error: Exception) -> None:  # noqa: ARG002  The clock's contract.
        """Leave the titles as they are."""
        self.is_failed = True

    def _now(self) -> tuple[str, ...]:
        return tuple(panel.headline() for panel in self._panels.values())


def _starting_label(title: str) -> QLabel:
    label = QLabel(f"{title} — starting…")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setStyleSheet(f"color: {theme.hex_of(Role.DIM)}; background: {theme.hex_of(Role.PANEL)};")
    return label
