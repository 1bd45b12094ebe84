"""What is held, at what price, and what it has brought."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from PySide6.QtWidgets import QVBoxLayout

from app.domain.position import Position
from widgets import text, theme
from widgets.panel import Area, Panel, PanelContext, PanelSpec
from widgets.tables import Column, Face, Table, TableModel
from widgets.theme import Role


@dataclass(frozen=True)
class PositionRow:
    """A position and the price it is valued at."""

    position: Position
    mark: Decimal | None

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
    """A row a symbol that was ever traded."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.model: Final = TableModel[PositionRow](_columns(), key=lambda row: row.position.symbol)
        self.table: Final = Table(self.model, "No positions. The first fill opens one.", self.body)
        self.table.row_picked.connect(self._on_row)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self._version: tuple[int, int] = (-1, -1)

    def stale(self) -> bool:
        """Whether there was a fill, or a held symbol has a new price."""
        return self._now() != self._version or self.model.is_fading

    def refresh(self) -> None:
        """Show positions at their present marks."""
        self._version = self._now()
        positions = self.desk.positions.all()
        self.model.put(PositionRow(p, self.desk.mark(p.symbol)) for p in positions)
        if self.model.is_fading:
            self.model.fade()

    def headline(self) -> str:
        """Return how many symbols are held."""
        held = sum(1 for p in self.desk.positions.all() if p.qty)
        return f"Positions {held}" if held else "Positions"

    def _now(self) -> tuple[int, int]:
        view = self.desk.market
        prices = sum(view.version(p.symbol) for p in self.desk.positions.all())
        return self.desk.positions.version, prices

    def _on_row(self, place: int) -> None:
        self.link.pick_symbol(self.model.row(place).position.symbol)


def _qty_role(row: PositionRow) -> Role:
    return theme.sign_role(row.position.qty) if row.position.qty else Role.DIM


def _columns() -> tuple[Column[PositionRow], ...]:
    figures = Face.FIGURES
    return (
        Column("Symbol", lambda r: r.position.symbol, 70, Face.BOLD),
        Column("Quantity", lambda r: text.signed_quantity(r.position.qty), 90, figures, _qty_role),
        Column("Average", lambda r: text.average(r.position.avg_px), 100, figures),
        Column("Mark", lambda r: text.price(r.mark), 90, figures, fades=True),
        Column("Market value", lambda r: text.money(r.value), 120, figures),
        Column(
            "Unrealised",
            lambda r: text.gain(r.unrealised_pnl),
            120,
            figures,
            lambda r: theme.sign_role(r.unrealised_pnl),
        ),
        Column(
            "Realised",
            lambda r: text.gain(r.position.realised_pnl),
            120,
            figures,
            lambda r: theme.sign_role(r.position.realised_pnl),
        ),
        Column("Fees", lambda r: text.money(r.position.fees), 90, figures, lambda _row: Role.DIM),
    )


PANEL: Final = PanelSpec("positions", "Positions", Area.BOTTOM, PositionsPanel)
