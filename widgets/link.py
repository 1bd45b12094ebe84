"""What panels tell each other: small values over Qt signals, inside the window only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.domain.enums import Side
from app.domain.ids import Symbol


class LinkGroup(QObject):
    """Panels of one colour: they show the same symbol."""

    symbol_changed = Signal(str)
    """A symbol was picked; it is loaded in every panel of the group."""
    side_wanted = Signal(object)
    """A `Side`: put the keyboard into the ticket with this side chosen."""
    draft_wanted = Signal(object)
    """A `Draft`: put it into the ticket; nothing is sent."""
    cancel_selected_wanted = Signal()
    """Cancel what is selected in the list of orders."""
    replace_selected_wanted = Signal()
    """Change what is selected in the list of orders."""
    alert_wanted = Signal(object)
    """An alert at this price of the group's symbol, USD; None: one that is asked for."""
    bars_wanted = Signal(str)
    """Show bars of this kind, by its short name."""
    closing_wanted = Signal(object)
    """A `Closing`: do it with the position in the group's symbol, once it is confirmed."""
    said = Signal(str)
    """A sentence for the status line."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._symbol = Symbol("")

    @property
    def symbol(self) -> Symbol:
        """The group's symbol; empty before one is picked."""
        return self._symbol

    def pick_symbol(self, symbol: Symbol) -> None:
        """Load a symbol in all panels of the group."""
        if symbol and symbol != self._symbol:
            self._symbol = symbol
            self.symbol_changed.emit(symbol)

    def want_side(self, side: Side) -> None:
        """Put the keyboard into the ticket."""
        self.side_wanted.emit(side)
