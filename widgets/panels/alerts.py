"""What is watched, and what became of what was watched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout

from app.desk import Alert, AlertKind, AlertSign, AlertState
from app.domain.errors import UserError
from app.domain.ids import Symbol
from widgets import text
from widgets.alert_dialog import AlertDialog
from widgets.cells import Column, Face
from widgets.palettes import Role
from widgets.panel import Area, Panel, PanelContext, PanelSpec
from widgets.table_tools import TableTools
from widgets.tables import Table, TableModel

_ROLES: Final = {
    AlertState.WAITING: Role.ACCENT,
    AlertState.WENT_OFF: Role.CAUTION,
    AlertState.EXPIRED: Role.DIM,
    AlertState.MISSED: Role.DOWN,
}


@dataclass(frozen=True)
class AlertRow:
    """An alert that waits, or something that became of one."""

    key: tuple[str, int]
    alert: Alert
    state: AlertState
    ts_ns: int | None
    text: str


class AlertsPanel(Panel):
    """Those that wait on top, what became of others below, the newest first."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.model: Final = TableModel[AlertRow](_columns(), key=lambda row: row.key)
        self.table: Final = Table(
            self.model,
            "No alerts. “New…” sets one; so does the right mouse button on a chart.",
            self.body,
        )
        self.table.row_picked.connect(self._on_row)
        self.table.selectionModel().selectionChanged.connect(self._show_buttons)
        self.tools: Final = TableTools(self, self.table, "alerts", "waiting symbol:AAPL")
        self.new = self._button("New…", "Set an alert", self.ask_new)
        self.delete = self._button("Delete", "Watch no more", self.delete_selected)
        self.clear = self._button("Clear", "Forget what became of alerts", self._clear)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self.link.alert_wanted.connect(self._on_wanted)
        self._version = -1
        self._show_buttons()

    def stale(self) -> bool:
        """Whether an alert was set, told or deleted."""
        return self.desk.alerts.version != self._version or self.tools.is_busy

    def refresh(self) -> None:
        """Show all of them: there are few."""
        if self.desk.alerts.version != self._version:
            self._version = self.desk.alerts.version
            self.model.clear()
            self.model.put(self._rows())
        self.tools.work()
        self._show_buttons()

    def headline(self) -> str:
        """Return how many wait."""
        count = len(self.desk.alerts.active())
        return f"Alerts {count}" if count else "Alerts"

    def state(self) -> dict[str, object]:
        """Return how the table is set."""
        return {"table": self.tools.state()}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take it back."""
        self.tools.restore(state.get("table"))

    def ask_new(self) -> None:
        """Open the form for an alert on the symbol of the group."""
        dialog = AlertDialog(self.window(), self.desk, self.link.symbol)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(
            lambda: self.link.said.emit(f"Alert set: {dialog.property('alert')}")
        )
        dialog.open()

    def delete_selected(self) -> None:
        """Watch the selected one no more."""
        row = self._selected()
        if row is not None and row.state is AlertState.WAITING:
            self.desk.alerts.remove(row.alert.alert_id)
            self.link.said.emit(f"Alert deleted: {row.alert.words}")

    def _on_wanted(self, price: float | None) -> None:
        if price is None:
            self.ask_new()
            return
        last = self.desk.market.last_px(self.link.symbol)
        is_below = last is not None and price < float(last)
        alert = Alert(
            alert_id=0,
            kind=AlertKind.PRICE,
            symbol=self.link.symbol,
            sign=AlertSign.BELOW if is_below else AlertSign.ABOVE,
            level=round(price, 4),
        )
        try:
            self.link.said.emit(f"Alert set: {self.desk.alerts.add(alert).words}")
        except UserError as error:
            self.link.said.emit(str(error))

    def _clear(self) -> None:
        self.desk.alerts.clear_events()

    def _rows(self) -> list[AlertRow]:
        alerts = self.desk.alerts
        waiting = [
            AlertRow(("alert", alert.alert_id), alert, AlertState.WAITING, None, alert.note)
            for alert in reversed(alerts.active())
        ]
        ended = [
            AlertRow(("event", number), event.alert, event.state, event.ts_ns, event.text)
            for number, event in enumerate(alerts.events)
        ]
        return waiting + ended[::-1]

    def _selected(self) -> AlertRow | None:
        place = self.table.selected_row()
        return None if place is None else self.model.row(place)

    def _show_buttons(self) -> None:
        row = self._selected()
        self.delete.setEnabled(row is not None and row.state is AlertState.WAITING)
        self.clear.setEnabled(bool(self.desk.alerts.events))

    def _on_row(self, place: int) -> None:
        symbol = self.model.row(place).alert.symbol
        if symbol:
            self.link.pick_symbol(Symbol(symbol))

    def _button(self, words: str, hint: str, run: Callable[[], None]) -> QPushButton:
        button = QPushButton(words, self.header)
        button.setToolTip(hint)
        button.setProperty("link", True)
        button.clicked.connect(lambda _checked=False: run())
        self.header_row.addWidget(button)
        return button


def _dim(_row: AlertRow) -> Role:
    return Role.DIM


def _columns() -> tuple[Column[AlertRow], ...]:
    return (
        Column("Status", lambda r: r.state.value, 80, role=lambda r: _ROLES[r.state]),
        Column("Time", lambda r: text.moment(r.ts_ns), 128, Face.FIGURES, _dim, is_right=False),
        Column("Symbol", lambda r: r.alert.symbol or text.DASH, 64, Face.BOLD),
        Column("When", lambda r: r.alert.words, 220),
        Column("How often", lambda r: r.alert.repeat.value, 74, role=_dim),
        Column("Until", lambda r: text.moment(r.alert.until_ns), 128, Face.FIGURES, _dim),
        Column("Then", lambda r: r.alert.action.value, 90),
        Column("Note", lambda r: r.text, 260, role=_dim, is_elastic=True),
    )


PANEL: Final = PanelSpec("alerts", "Alerts", Area.BOTTOM, AlertsPanel)
