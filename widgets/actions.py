"""Every action of the window with its text and shortcut: one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class ActionSpec:
    """One action."""

    name: str
    """Stable id; rebound shortcuts are stored under it."""
    text: str
    shortcut: str
    """As Qt writes key sequences; empty for none."""
    menu: str


ACTIONS: Final = (
    ActionSpec("ticket.buy", "Buy: go to the ticket", "B", "Trade"),
    ActionSpec("ticket.sell", "Sell: go to the ticket", "S", "Trade"),
    ActionSpec("orders.cancel_selected", "Cancel selected order", "Del", "Trade"),
    ActionSpec("orders.replace_selected", "Change selected order…", "Ctrl+R", "Trade"),
    ActionSpec("orders.cancel_symbol", "Cancel orders of the symbol", "Ctrl+Del", "Trade"),
    ActionSpec("orders.cancel_buys", "Cancel all buys", "", "Trade"),
    ActionSpec("orders.cancel_sells", "Cancel all sells", "", "Trade"),
    ActionSpec("orders.cancel_all", "Cancel all orders", "Ctrl+Shift+X", "Trade"),
    ActionSpec("position.flatten", "Flatten the position…", "Ctrl+Shift+F", "Trade"),
    ActionSpec("position.half", "Close half of the position…", "Ctrl+Shift+H", "Trade"),
    ActionSpec("position.reverse", "Reverse the position…", "Ctrl+Shift+R", "Trade"),
    ActionSpec("desk.halt", "Kill switch", "Ctrl+Shift+K", "Trade"),
    ActionSpec("replay.toggle", "Play or pause", "Space", "Replay"),
    ActionSpec("replay.step", "Next event", ".", "Replay"),
    ActionSpec("replay.minute", "A minute on", "Ctrl+.", "Replay"),
    ActionSpec("replay.faster", "Faster", "]", "Replay"),
    ActionSpec("replay.slower", "Slower", "[", "Replay"),
    ActionSpec("replay.goto", "Go to a time", "Ctrl+G", "Replay"),
    ActionSpec("replay.bookmark", "Name this moment…", "Ctrl+D", "Replay"),
    ActionSpec("export.trades", "Export trades…", "Ctrl+E", "File"),
    ActionSpec("export.orders", "Export orders…", "Ctrl+Shift+E", "File"),
    ActionSpec("export.cash", "Export cash entries…", "", "File"),
    ActionSpec("market.record", "Record market data, on or off", "", "File"),
    ActionSpec("replay.open", "Open a replay…", "", "File"),
    ActionSpec("drills.open", "Fire drills…", "", "File"),
    ActionSpec("window.close", "Quit", "Ctrl+Q", "File"),
    ActionSpec("layout.reset", "Default layout", "", "View"),
)


def make_actions(parent: QWidget, handlers: Mapping[str, Callable[[], None]]) -> dict[str, QAction]:
    """Return the actions by name, connected and with their shortcuts alive in the window.

    Every action of the table must have a handler and every handler an action.
    """
    assert {spec.name for spec in ACTIONS} == set(handlers), "actions and handlers differ"
    made: dict[str, QAction] = {}
    for spec in ACTIONS:
        action = QAction(spec.text, parent)
        action.setObjectName(spec.name)
        if spec.shortcut:
            action.setShortcut(QKeySequence(spec.shortcut))
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        # Qt passes whether the action is checked; none of these is.
        action.triggered.connect(lambda _checked=False, run=handlers[spec.name]: run())
        parent.addAction(action)
        made[spec.name] = action
    return made
