"""What is held, at what price, what it has brought, and how it is closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QVBoxLayout

from app.domain.enums import Closing
from app.domain.ids import Symbol
from app.domain.position import Position
from widgets import dialogs, text, theme
from widgets.cells import Column, Face
from widgets.palettes import Role
from widgets.panel import Area, Panel, PanelContext, PanelSpec
from widgets.table_tools import TableTools
from widgets.tables import Table, TableModel

TITLES: Final = {
    Closing.FLATTEN: "Flatten",
    Closing.HALF: "Half",
    Closing.REVERSE: "Reverse",
}


@dataclass(frozen=True)
class PositionRow:
    """A position, the price it is valued at, and why it may only be reduced."""

    position: Position
    mark: Decimal | None
    reduced: str = ""

    @property
    def unrealised_pnl(self) -> Decimal | None:
        """Gain of what is open at the mark; None without one."""
        if not self.position.qty:
            return Decimal(0)
        return None if self.mark is None else self.position.unrealised_pnl(self.mark)

    @property
    def value(self) -> Decimal | None:
        """Market value, negative when short."""
        if not self.position.qty:
            return Decimal(0)
        return None if self.mark is None else self.position.qty * self.mark


class PositionsPanel(Panel):
    """A row a symbol that was ever traded, or that may only be reduced."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.model: Final = TableModel[PositionRow](_columns(), key=lambda row: row.position.symbol)
        self.table: Final = Table(self.model, "No positions. The first fill opens one.", self.body)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self.table.row_picked.connect(self._on_row)
        self.table.selectionModel().selectionChanged.connect(self._show_buttons)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self.differences: Final = QLabel(self.header)
        self.differences.setProperty("caution", True)
        self.header_row.addWidget(self.differences)
        self.tools: Final = TableTools(self, self.table, "positions", "qty>0 symbol:AAPL")
        self.acknowledge = self._button("Acknowledge", self._acknowledge_selected)
        self.acknowledge.setToolTip("Let orders of the symbol through again")
        self.buttons: Final = {
            what: self._button(words, partial(self._close_selected, what))
            for what, words in TITLES.items()
        }
        self.link.closing_wanted.connect(self._close_linked)
        self._version: tuple[object, ...] = ()
        self._show_buttons()
        self._show_differences()

    def stale(self) -> bool:
        """Whether there was a fill, a held symbol has a new price, or one is reduced."""
        return self._now() != self._version or self.model.is_fading or self.tools.is_busy

    def refresh(self) -> None:
        """Show positions at their present marks."""
        self._version = self._now()
        reduced = self.desk.reduced_symbols
        self.model.put(
            PositionRow(
                self.desk.positions.get(symbol), self.desk.mark(symbol), reduced.get(symbol, "")
            )
            for symbol in self._symbols()
        )
        if self.model.is_fading:
            self.model.fade()
        self.tools.work()
        self._show_buttons()
        self._show_differences()

    def headline(self) -> str:
        """Return how many symbols are held."""
        held = sum(1 for p in self.desk.positions.all() if p.qty)
        return f"Positions {held}" if held else "Positions"

    def state(self) -> dict[str, object]:
        """Return how the table is set."""
        return {"table": self.tools.state()}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take it back."""
        self.tools.restore(state.get("table"))

    # Gestures

    def ask_close(self, symbol: Symbol, what: Closing) -> None:
        """Ask whether a position is to be closed so; the desk is told if the answer is yes."""
        qty = self.desk.positions.get(symbol).qty
        if not qty:
            name = f"in {symbol}" if symbol else "selected"
            self.link.said.emit(f"There is no position {name} to {what.value}")
            return
        working = sum(order.symbol == symbol for order in self.desk.orders.working())
        dialogs.ask(
            self.window(),
            f"{TITLES[what]} {symbol}",
            closing_words(symbol, qty, working, what),
            lambda: self.desk.close_position(symbol, what),
        )

    def ask_acknowledge(self, symbol: Symbol) -> None:
        """Ask whether orders of a symbol may go again."""
        reason = self.desk.reduced_symbols.get(symbol)
        if reason is None:
            self.link.said.emit(f"Orders of {symbol or 'no symbol'} are not held back")
            return
        dialogs.ask(
            self.window(),
            f"Acknowledge {symbol}",
            f"{symbol} may only be reduced: {reason}. Orders that open it go again after this.",
            lambda: self.desk.acknowledge(symbol),
        )

    def _close_linked(self, what: Closing) -> None:
        self.ask_close(self.link.symbol, what)

    def _close_selected(self, what: Closing) -> None:
        self.ask_close(self._selected(), what)

    def _acknowledge_selected(self) -> None:
        self.ask_acknowledge(self._selected())

    def _selected(self) -> Symbol:
        """Return the symbol of the selected row; empty without one."""
        place = self.table.selected_row()
        return Symbol("") if place is None else self.model.row(place).position.symbol

    def _open_menu(self, at: QPoint) -> None:
        symbol = self._selected()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for what, words in TITLES.items():
            action = menu.addAction(f"{words} {symbol}…", partial(self._close_selected, what))
            action.setEnabled(self._can_close(symbol))
        menu.addSeparator()
        action = menu.addAction("Acknowledge…", self._acknowledge_selected)
        action.setEnabled(symbol in self.desk.reduced_symbols)
        menu.addSeparator()
        self.tools.add_to(menu)
        menu.popup(self.table.viewport().mapToGlobal(at))

    # What is shown

    def _symbols(self) -> tuple[Symbol, ...]:
        """Return the symbols that are shown or are to be, each once."""
        shown = [Symbol(str(key)) for key in self.model.candidates()]
        traded = [position.symbol for position in self.desk.positions.all()]
        return tuple(dict.fromkeys((*shown, *traded, *self.desk.reduced_symbols)))

    def _now(self) -> tuple[object, ...]:
        view = self.desk.market
        prices = sum(view.version(p.symbol) for p in self.desk.positions.all())
        return (
            self.desk.positions.version,
            prices,
            self.desk.reduced_symbols,
            self.desk.differences,
            self.desk.is_closing(self._selected()),
        )

    def _button(self, words: str, run: Callable[[], None]) -> QPushButton:
        button = QPushButton(words, self.header)
        button.setProperty("link", True)
        button.clicked.connect(lambda _checked=False: run())
        self.header_row.addWidget(button)
        return button

    def _show_buttons(self) -> None:
        symbol = self._selected()
        for button in self.buttons.values():
            button.setEnabled(self._can_close(symbol))
        self.acknowledge.setVisible(bool(self.desk.reduced_symbols))
        self.acknowledge.setEnabled(symbol in self.desk.reduced_symbols)

    def _can_close(self, symbol: Symbol) -> bool:
        return bool(self.desk.positions.get(symbol).qty) and not self.desk.is_closing(symbol)

    def _show_differences(self) -> None:
        found = self.desk.differences
        self.differences.setVisible(bool(found))
        self.differences.setText(difference_words(found))
        self.differences.setToolTip("\n".join(found))

    def _on_row(self, place: int) -> None:
        self.link.pick_symbol(self.model.row(place).position.symbol)


def difference_words(found: tuple[str, ...]) -> str:
    """Return how much the broker says otherwise; empty if nothing."""
    if not found:
        return ""
    things = "1 difference" if len(found) == 1 else f"{len(found)} differences"
    return f"{things} with the broker"


def closing_words(symbol: Symbol, qty: Decimal, working: int, what: Closing) -> str:
    """Return what a closing will do: Cancel 2 orders of AAPL, then sell 100 at the market."""
    verb = "sell" if qty > 0 else "buy"
    held = text.quantity(abs(qty))
    then = {
        Closing.FLATTEN: f"{verb} {held} at the market",
        Closing.HALF: f"{verb} half of {held} at the market",
        Closing.REVERSE: f"{verb} {held} at the market, and once flat {verb} {held} more",
    }[what]
    orders = f"the working order of {symbol}" if working == 1 else f"{working} orders of {symbol}"
    return f"Cancel {orders}, then {then}." if working else f"{then.capitalize()}: {symbol}."


def _qty_role(row: PositionRow) -> Role:
    return theme.sign_role(row.position.qty) if row.position.qty else Role.DIM


def _note(row: PositionRow) -> str:
    return f"Reducing only · {row.reduced}" if row.reduced else ""


def _columns() -> tuple[Column[PositionRow], ...]:
    figures = Face.FIGURES
    return (
        Column("Symbol", lambda r: r.position.symbol, 64, Face.BOLD),
        Column("Quantity", lambda r: text.signed_quantity(r.position.qty), 72, figures, _qty_role),
        Column("Average", lambda r: text.average(r.position.avg_px), 84, figures),
        Column("Mark", lambda r: text.price(r.mark), 76, figures, fades=True),
        Column("Market value", lambda r: text.money(r.value), 104, figures),
        Column(
            "Unrealised",
            lambda r: text.gain(r.unrealised_pnl),
            98,
            figures,
            lambda r: theme.sign_role(r.unrealised_pnl),
        ),
        Column(
            "Realised",
            lambda r: text.gain(r.position.realised_pnl),
            98,
            figures,
            lambda r: theme.sign_role(r.position.realised_pnl),
        ),
        Column(
            "After fees",
            lambda r: text.gain(r.position.realised_pnl_after_fees),
            98,
            figures,
            lambda r: theme.sign_role(r.position.realised_pnl_after_fees),
        ),
        Column("Fees", lambda r: text.money(r.position.fees), 70, figures, lambda _row: Role.DIM),
        Column("Note", _note, 150, role=lambda _row: Role.CAUTION, is_elastic=True),
    )


PANEL: Final = PanelSpec("positions", "Positions", Area.BOTTOM, PositionsPanel)
