"""What the actions of the window do: one handler for each row of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication

from app.domain.bar_spec import BarSpec, parse_spec
from app.domain.enums import Closing, Side
from app.domain.errors import UserError
from app.domain.ids import Symbol
from widgets import dialogs, text
from widgets.actions import ACTIONS
from widgets.dock_plan import DEFAULT_DOCKS
from widgets.drill_dialog import open_drills
from widgets.palette import Entry
from widgets.replay_bar import ReplayBar
from widgets.risk_dialogs import ask_arm
from widgets.table_tools import TableTools

if TYPE_CHECKING:
    from app.desk import Desk
    from widgets.main_window import MainWindow

BOOKMARK_CHARS_MAX: Final = 60


class Commands(QObject):
    """Hands what was asked for on to the desk, the docks and the panels."""

    palette_wanted = Signal()
    symbol_wanted = Signal(str)
    """The palette for symbols and bars only, with what was typed already."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window: Final = window
        self._desk: Desk | None = None

    def attach(self, desk: Desk) -> None:
        """Act on a session from now on."""
        self._desk = desk

    def handlers(self) -> dict[str, Callable[[], None]]:
        """Return what each action does, by its name."""
        window, link = self._window, self._window.link
        return {
            "ticket.buy": lambda: self._want_side(Side.BUY),
            "ticket.sell": lambda: self._want_side(Side.SELL),
            "orders.cancel_selected": link.cancel_selected_wanted.emit,
            "orders.replace_selected": self._want_replace,
            "orders.cancel_symbol": self._cancel_symbol,
            "orders.cancel_buys": lambda: self._cancel_all(side=Side.BUY),
            "orders.cancel_sells": lambda: self._cancel_all(side=Side.SELL),
            "orders.cancel_all": lambda: self._cancel_all(),
            "position.flatten": lambda: self._want_closing(Closing.FLATTEN),
            "position.half": lambda: self._want_closing(Closing.HALF),
            "position.reverse": lambda: self._want_closing(Closing.REVERSE),
            "desk.halt": self.halt,
            "palette.open": self.palette_wanted.emit,
            "table.filter": self._filter_table,
            "symbol.pick": lambda: self.symbol_wanted.emit(""),
            "symbol.next": lambda: self._step_symbol(1),
            "symbol.previous": lambda: self._step_symbol(-1),
            **{f"panel.{plan.name}": partial(self.go_to, plan.name) for plan in DEFAULT_DOCKS},
            **self._replay_handlers(),
            "export.trades": lambda: self._export("trades"),
            "export.orders": lambda: self._export("orders"),
            "export.cash": lambda: self._export("cash"),
            "market.record": self._toggle_recording,
            "replay.open": self._open_replay,
            "drills.open": self._open_drills,
            "window.close": lambda: self._close(),
            "layout.reset": window.reset_layout,
            "alerts.new": self._new_alert,
            "settings.open": window.open_settings,
            "about.open": window.open_about,
            "keys.open": window.open_keys,
        }

    def go_to(self, name: str) -> None:
        """Bring a panel to the front and put the keyboard into it."""
        self._window.docks.show(name)
        panel = self._window.panels.get(name)
        if panel is not None:
            panel.take_keyboard()

    def entries(self, typed: str, *, symbols_only: bool) -> list[Entry]:
        """Return what the palette offers for what is typed."""
        window, desk = self._window, self._desk
        found = [] if symbols_only else list(self._action_entries())
        for spec in _specs_in(typed):
            show = partial(window.link.bars_wanted.emit, spec.text)
            found.append(Entry(f"bars.{spec.text}", f"Bars of {spec}", show, "chart", also=typed))
        for instrument in () if desk is None else desk.instruments:
            symbol = instrument.symbol
            words = f"{symbol} · {instrument.name}"
            pick = partial(window.link.pick_symbol, symbol)
            found.append(Entry(f"symbol.{symbol}", words, pick, instrument.exchange, also=symbol))
        return found

    def _action_entries(self) -> Iterator[Entry]:
        window = self._window
        for spec in ACTIONS:
            action = window.actions_by_name[spec.name]
            if spec.name == "palette.open" or (spec.menu == "Replay" and not action.isEnabled()):
                continue
            yield Entry(
                spec.name,
                action.text().removesuffix("…"),
                action.trigger,
                action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
                is_enabled=action.isEnabled(),
                also=spec.menu,
            )
        for name in window.docks.names():
            if f"panel.{name}" not in window.actions_by_name:
                title = f"Go to {window.docks.title(name)}"
                yield Entry(f"panel.{name}", title, partial(self.go_to, name), "panel")

    def halt(self) -> None:
        """Pull the kill switch."""
        if self._desk is not None:  # HALTED or not: what halted it may have canceled nothing.
            self._desk.halt("kill switch")
            self._say("Kill switch: orders are cancelled, nothing more is sent")

    def ask_arm(self) -> None:
        """Ask for the word that lets orders through again."""
        if self._desk is not None:
            ask_arm(self._window, self._desk, self._say)

    def ask_bookmark(self, ts_ns: int) -> None:
        """Ask for the name of a moment of a replay."""
        transport = None if self._desk is None else self._desk.transport
        if transport is None:
            return

        def add(name: str) -> None:
            try:
                transport.bookmarks.add(ts_ns, name)
            except UserError as error:
                self._warn(str(error))

        at = text.moment(ts_ns)
        question = f"Name of {at}:"
        dialogs.ask_name(self._window, "Bookmark", question, at, add, chars_max=BOOKMARK_CHARS_MAX)

    def ask_again(self, ts_ns: int) -> None:
        """Ask before a run ends: what was done in it stays there."""
        desk = self._desk
        if desk is None or desk.transport is None:
            return
        transport, at = desk.transport, text.moment(ts_ns)

        def begin() -> None:
            transport.begin_again(ts_ns)
            self._window.close()  # Stops the session; who runs it begins the next.
            self._say(f"A new run begins, and goes to {at}…")

        question = (
            f"{at} has been played, and what was played cannot be unmade. This run ends here with "
            f"its record as it is, {text.count(len(desk.orders.all()), 'order')} in it. A new run, "
            f"with a record of its own, plays from the beginning to {at}: no order, fill or "
            "position of this one is carried over."
        )
        dialogs.ask(self._window, "Begin a new run", question, begin)

    def _replay_handlers(self) -> dict[str, Callable[[], None]]:
        bar = self._window.replay_bar

        def tell(what: Callable[[ReplayBar], None]) -> Callable[[], None]:
            return lambda: None if bar is None else what(bar)

        return {
            "replay.toggle": tell(ReplayBar.toggle),
            "replay.step": tell(ReplayBar.step_on),
            "replay.minute": tell(ReplayBar.step_minute),
            "replay.faster": tell(lambda bar: bar.change_speed(1)),
            "replay.slower": tell(lambda bar: bar.change_speed(-1)),
            "replay.goto": tell(ReplayBar.want_time),
            "replay.bookmark": tell(ReplayBar.want_bookmark),
        }

    def _say(self, words: str) -> None:
        self._window.status_line.say(words)

    def _warn(self, words: str) -> None:
        self._window.status_line.say(words, is_warning=True)

    def _close(self) -> None:
        self._window.close()

    def _want_side(self, side: Side) -> None:
        self._window.docks.show("ticket")
        self._window.link.want_side(side)

    def _new_alert(self) -> None:
        self._window.docks.show("alerts")
        self._window.link.alert_wanted.emit(None)

    def _filter_table(self) -> None:
        """Put the keyboard into the filter of the panel it is in, else of one in sight."""
        focus = QApplication.focusWidget()
        panels = sorted(
            (panel for panel in self._window.panels.values() if panel.isVisible()),
            key=lambda panel: focus is None or not panel.isAncestorOf(focus),
        )
        fields = (getattr(panel, "tools", None) for panel in panels)
        tools = next((found for found in fields if isinstance(found, TableTools)), None)
        if tools is None:
            self._say("No table that can be filtered is in sight")
            return
        tools.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        tools.field.selectAll()

    def _step_symbol(self, by: int) -> None:
        if self._desk is None:
            return
        symbols = [instrument.symbol for instrument in self._desk.instruments]
        now = self._window.link.symbol
        if now in symbols:
            self._window.link.pick_symbol(symbols[(symbols.index(now) + by) % len(symbols)])

    def _cancel_all(self, symbol: Symbol | None = None, side: Side | None = None) -> None:
        if self._desk is not None:
            count = self._desk.cancel_all(symbol, side)
            what = f"{count} order{'' if count == 1 else 's'}"
            whose = "" if symbol is None else f" of {symbol}"
            whose += "" if side is None else f" to {side.name.lower()}"
            said = f"Cancel asked for {what}{whose}" if count else f"No order{whose} is working"
            self._say(said)

    def _cancel_symbol(self) -> None:
        if self._window.link.symbol:
            self._cancel_all(self._window.link.symbol)

    def _want_replace(self) -> None:
        self._window.docks.show("orders")
        self._window.link.replace_selected_wanted.emit()

    def _want_closing(self, what: Closing) -> None:
        self._window.docks.show("positions")  # What is to be closed is in sight.
        self._window.link.closing_wanted.emit(what)

    def _toggle_recording(self) -> None:
        if self._desk is not None:
            try:
                self._desk.toggle_recording()
            except UserError as error:
                self._warn(str(error))

    def _open_replay(self) -> None:
        window = self._window
        dialogs.ask_existing_file(window, "Open a replay", window.replay_wanted.emit)

    def _open_drills(self) -> None:
        if self._desk is not None:
            open_drills(self._window, self._desk, self._window.frames, self._say)

    def _export(self, what: str) -> None:
        desk = self._desk
        if desk is not None:
            dialogs.ask_file(
                self._window,
                f"Export {what}",
                f"{what}.csv",
                lambda name: desk.export(
                    what, "json" if name.lower().endswith(".json") else "csv", Path(name)
                ),
            )


def _specs_in(typed: str) -> list[BarSpec]:
    """Return the kind of bars that was typed; capitals count: m is minutes, M is months."""
    try:
        return [parse_spec(typed)] if typed[:1].isdecimal() else []
    except UserError:
        return []
