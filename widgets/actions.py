"""Every action of the window with its text and shortcut: one table.

Menus, the palette, rebinding and the sheet of keys are made from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from widgets.dock_plan import DEFAULT_DOCKS

if TYPE_CHECKING:
    from widgets.keymap import Keymap


@dataclass(frozen=True)
class ActionSpec:
    """One action."""

    name: str
    """Stable id; rebound shortcuts are stored under it."""
    text: str
    shortcut: str
    """As Qt writes key sequences; empty for none."""
    menu: str


_GO_KEYS: Final = {
    "watchlist": "Alt+W",
    "chart": "Alt+C",
    "ticket": "Alt+T",
    "ladder": "Alt+L",
    "orders": "Alt+1",
    "fills": "Alt+2",
    "positions": "Alt+3",
    "account": "Alt+4",
    "risk": "Alt+5",
    "alerts": "Alt+6",
    "audit": "Alt+7",
}
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
    ActionSpec("palette.open", "Do anything…", "Ctrl+K", "Go"),
    ActionSpec("table.filter", "Filter the table", "Ctrl+F", "Go"),
    ActionSpec("symbol.pick", "Pick a symbol…", "/", "Go"),
    ActionSpec("symbol.next", "Next symbol of the watch list", "Ctrl+Down", "Go"),
    ActionSpec("symbol.previous", "Previous symbol of the watch list", "Ctrl+Up", "Go"),
    *(
        ActionSpec(f"panel.{plan.name}", f"Go to {plan.title}", _GO_KEYS.get(plan.name, ""), "Go")
        for plan in DEFAULT_DOCKS
    ),
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
    ActionSpec("alerts.new", "New alert…", "Ctrl+Shift+A", "Trade"),
    ActionSpec("settings.open", "Settings…", "Ctrl+,", "View"),
    ActionSpec("about.open", "About Tradedeck…", "", "View"),
    ActionSpec("keys.open", "Keys…", "F1", "View"),
)
PANEL_KEYS: Final = (
    ("the order ticket", ("Up", "Down", "Shift+Up", "Shift+Down"), "a price by a tick, by ten"),
    ("the order ticket", ("Return",), "preview, then send"),
    ("orders", ("Right", "Left"), "open and close an order: its exits, changes and events"),
    ("the ladder", ("Up", "Down"), "choose a price"),
    ("the ladder", ("B", "S", "Shift+B", "Shift+S"), "buy, sell at the chosen price; a stop"),
    ("the ladder", ("Del",), "cancel own orders at the chosen price"),
    ("the ladder", ("C",), "bring the market to the middle"),
    ("a chart", ("+", "-"), "zoom about the newest bar"),
    ("a chart", ("Left", "Right", "Home", "End"), "move through time"),
    ("a chart", ("0",), "show all bars"),
    ("a chart", ("Del", "Ctrl+C", "Ctrl+V", "Ctrl+L"), "delete, copy, paste, lock a drawing"),
    ("a chart", ("Ctrl+Z", "Ctrl+Shift+Z"), "undo and redo what was drawn"),
    ("time & sales", ("Up", "Down", "PgUp", "PgDown", "End"), "read back, follow again"),
    ("every panel", ("Esc",), "let go of what is dragged, placed or armed"),
    ("every panel", ("a letter", "a digit"), "begin a symbol: MSFT; a kind of bars: 5m, 500T"),
)
"""What panels do with keys while they have the focus: where, which, what."""


def make_actions(
    parent: QWidget, handlers: Mapping[str, Callable[[], None]], keys: Keymap
) -> dict[str, QAction]:
    """Return the actions by name, connected and with their shortcuts alive in the window.

    Every action of the table must have a handler and every handler an action.
    """
    assert {spec.name for spec in ACTIONS} == set(handlers), "actions and handlers differ"
    made: dict[str, QAction] = {}
    for spec in ACTIONS:
        action = QAction(spec.text, parent)
        action.setObjectName(spec.name)
        action.setShortcut(QKeySequence(keys.shortcut(spec.name)))
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        # Qt passes whether the action is checked; none of these is.
        action.triggered.connect(lambda _checked=False, run=handlers[spec.name]: run())
        parent.addAction(action)
        made[spec.name] = action
    return made
