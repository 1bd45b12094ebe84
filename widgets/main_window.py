"""The window: top bar, docks, status line. No trading logic.

It is built and painted before there is a session: everything heavy (numpy, charts, the desk) is
imported by `attach`, when the first picture is on the screen. It closes only after the session has
ended, so that closing the window is the orderly stop.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QMenu, QVBoxLayout, QWidget

from app.domain.enums import Closing, Side, Venue
from app.domain.errors import UserError
from app.domain.ids import Symbol
from widgets import dialogs, text, theme, workspace
from widgets.actions import ACTIONS, make_actions
from widgets.dock_host import DockHost, DockPlan
from widgets.drill_dialog import open_drills
from widgets.frame import FrameClock, Refreshable
from widgets.link import LinkGroup
from widgets.panel import PANELS_GROUP, Area, Panel, PanelContext
from widgets.replay_bar import ReplayBar
from widgets.replay_parts import takes_space
from widgets.risk_dialogs import ask_arm
from widgets.status_line import StatusLine
from widgets.top_bar import TopBar

if TYPE_CHECKING:
    from app.desk import Desk

DEFAULT_SIZE: Final = QSize(1680, 1020)
SMALLEST_SIZE: Final = QSize(1000, 640)
MENUS_OF_A_REPLAY: Final = ("Trade", "Replay", "View", "File")
BOOKMARK_CHARS_MAX: Final = 60
DEFAULT_DOCKS: Final = (
    DockPlan("watchlist", "Watchlist", Area.LEFT, follows_link=True),
    DockPlan("chart", "Chart", Area.CENTER, follows_link=True),
    DockPlan("ticket", "Order ticket", Area.RIGHT, follows_link=True),
    DockPlan("ladder", "Ladder", Area.FAR_RIGHT, follows_link=True),
    DockPlan("orders", "Orders", Area.BOTTOM),
    DockPlan("fills", "Fills", Area.BOTTOM),
    DockPlan("positions", "Positions", Area.BOTTOM),
    DockPlan("account", "Account", Area.BOTTOM),
    DockPlan("risk", "Risk", Area.BOTTOM),
    DockPlan("audit", "Audit log", Area.BOTTOM),
    DockPlan("tape", "Time & sales", Area.BOTTOM_RIGHT, follows_link=True),
    DockPlan("day_pnl", "Day P&L", Area.BOTTOM_RIGHT),
)


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
        self.actions_by_name: Final = make_actions(self, self._handlers())
        self.docks.keep_as_default()
        self._saved = workspace.Restored(workspace.FIRST)
        self._restore_docks()
        self.top_bar.menu_button.setMenu(self._make_menu())
        self.top_bar.halt_wanted.connect(self._halt)
        self.top_bar.arm_wanted.connect(self._ask_arm)
        self.top_bar.state.clicked.connect(lambda: self.docks.show("risk"))
        self.link.said.connect(self.status_line.say)
        self.heard.connect(self._on_heard)
        if self.replay_bar is not None:
            self.replay_bar.said.connect(self._on_heard)
            self.replay_bar.again_wanted.connect(self._ask_again)
            self.replay_bar.name_wanted.connect(self._ask_bookmark)
        self._enable_trading(on=False)

    # Life

    def attach(self, desk: Desk) -> None:
        """Fill the docks with panels of a session and begin to draw.

        Imports the panels: half a second when numpy and the chart library come from the disk.
        """
        from app import plugins  # After the first paint.

        self._desk = desk
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
        for failure in (*loaded.failures, self._saved.notice):
            if failure:
                self.status_line.say(failure, is_warning=True)
        self._pick_first_symbol(desk)
        self._enable_trading(on=True)
        for bar in self._bars():
            self.frames.add_first(bar)
        for panel in self._panels.values():
            self.frames.add(panel)
        self.frames.second_passed.connect(self._on_second)
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

    def _reset_layout(self) -> None:
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

    def _handlers(self) -> dict[str, Callable[[], None]]:
        return {
            "ticket.buy": lambda: self._want_side(Side.BUY),
            "ticket.sell": lambda: self._want_side(Side.SELL),
            "orders.cancel_selected": self.link.cancel_selected_wanted.emit,
            "orders.replace_selected": self._want_replace,
            "orders.cancel_symbol": self._cancel_symbol,
            "orders.cancel_buys": lambda: self._cancel_all(side=Side.BUY),
            "orders.cancel_sells": lambda: self._cancel_all(side=Side.SELL),
            "orders.cancel_all": lambda: self._cancel_all(),
            "position.flatten": lambda: self._want_closing(Closing.FLATTEN),
            "position.half": lambda: self._want_closing(Closing.HALF),
            "position.reverse": lambda: self._want_closing(Closing.REVERSE),
            "desk.halt": self._halt,
            "export.trades": lambda: self._export("trades"),
            "export.orders": lambda: self._export("orders"),
            "export.cash": lambda: self._export("cash"),
            "market.record": self._toggle_recording,
            **self._replay_handlers(),
            "drills.open": self._open_drills,
            "window.close": lambda: self._close(),
            "layout.reset": self._reset_layout,
        }

    def _replay_handlers(self) -> dict[str, Callable[[], None]]:
        def tell(what: Callable[[ReplayBar], None]) -> Callable[[], None]:
            return lambda: None if self.replay_bar is None else what(self.replay_bar)

        return {
            "replay.open": self._open_replay,
            "replay.toggle": tell(ReplayBar.toggle),
            "replay.step": tell(ReplayBar.step_on),
            "replay.minute": tell(ReplayBar.step_minute),
            "replay.faster": tell(lambda bar: bar.change_speed(1)),
            "replay.slower": tell(lambda bar: bar.change_speed(-1)),
            "replay.goto": tell(ReplayBar.want_time),
            "replay.bookmark": tell(ReplayBar.want_bookmark),
        }

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
        titles = ("Trade", "View", "File") if self.replay_bar is None else MENUS_OF_A_REPLAY
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

    def _want_side(self, side: Side) -> None:
        if "ticket" in self._panels:
            self.docks.show("ticket")
        self.link.want_side(side)

    def _close(self) -> None:
        self.close()

    def _halt(self) -> None:
        if self._desk is not None:  # HALTED or not: what halted it may have canceled nothing.
            self._desk.halt("kill switch")
            self.status_line.say("Kill switch: orders are cancelled, nothing more is sent")

    def _ask_arm(self) -> None:
        if self._desk is not None:
            ask_arm(self, self._desk, self.status_line.say)

    def _cancel_all(self, symbol: Symbol | None = None, side: Side | None = None) -> None:
        if self._desk is not None:
            count = self._desk.cancel_all(symbol, side)
            what = f"{count} order{'' if count == 1 else 's'}"
            whose = "" if symbol is None else f" of {symbol}"
            whose += "" if side is None else f" to {side.name.lower()}"
            said = f"Cancel asked for {what}{whose}" if count else f"No order{whose} is working"
            self.status_line.say(said)

    def _cancel_symbol(self) -> None:
        if self.link.symbol:
            self._cancel_all(self.link.symbol)

    def _want_replace(self) -> None:
        self.docks.show("orders")
        self.link.replace_selected_wanted.emit()

    def _want_closing(self, what: Closing) -> None:
        self.docks.show("positions")  # What is to be closed is in sight.
        self.link.closing_wanted.emit(what)

    def _toggle_recording(self) -> None:
        if self._desk is not None:
            try:
                self._desk.toggle_recording()
            except UserError as error:
                self.status_line.say(str(error), is_warning=True)

    def _open_drills(self) -> None:
        if self._desk is not None:
            open_drills(self, self._desk, self.frames, self.status_line.say)

    def _on_heard(self, words: str) -> None:
        if words:
            self.status_line.say(words, is_warning=True)

    def _open_replay(self) -> None:
        dialogs.ask_existing_file(self, "Open a replay", self.replay_wanted.emit)

    def _ask_bookmark(self, ts_ns: int) -> None:
        transport = None if self._desk is None else self._desk.transport
        if transport is None:
            return

        def add(name: str) -> None:
            try:
                transport.bookmarks.add(ts_ns, name)
            except UserError as error:
                self._on_heard(str(error))

        at = text.moment(ts_ns)
        dialogs.ask_name(self, "Bookmark", f"Name of {at}:", at, add, chars_max=BOOKMARK_CHARS_MAX)

    def _ask_again(self, ts_ns: int) -> None:
        """Ask before a run ends: what was done in it stays there."""
        desk = self._desk
        if desk is None or desk.transport is None:
            return
        transport, at = desk.transport, text.moment(ts_ns)

        def begin() -> None:
            transport.begin_again(ts_ns)
            self.close()  # Stops the session; who runs it begins the next.
            self.status_line.say(f"A new run begins, and goes to {at}…")

        question = (
            f"{at} has been played, and what was played cannot be unmade. This run ends here with "
            f"its record as it is, {text.count(len(desk.orders.all()), 'order')} in it. A new run, "
            f"with a record of its own, plays from the beginning to {at}: no order, fill or "
            "position of this one is carried over."
        )
        dialogs.ask(self, "Begin a new run", question, begin)

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

    def _export(self, what: str) -> None:
        desk = self._desk
        if desk is not None:
            dialogs.ask_file(
                self,
                f"Export {what}",
                f"{what}.csv",
                lambda name: desk.export(
                    what, "json" if name.lower().endswith(".json") else "csv", Path(name)
                ),
            )


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
    label.setStyleSheet(f"color: {theme.Role.DIM.value}; background: {theme.Role.PANEL.value};")
    return label
