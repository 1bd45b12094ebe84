"""Every fill of this account, newest on top: the trade log as it will be exported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtWidgets import QVBoxLayout

from app.domain.enums import Liquidity
from app.domain.orders import Fill
from widgets import text, theme
from widgets.cells import Column, Face
from widgets.palettes import Role
from widgets.panel import Area, Panel, PanelContext, PanelSpec
from widgets.table_tools import TableTools
from widgets.tables import Table, TableModel

_LIQUIDITY_WORDS: Final = {
    Liquidity.UNKNOWN: text.DASH,
    Liquidity.ADDED: "added",
    Liquidity.REMOVED: "removed",
}


class FillsPanel(Panel):
    """A row a fill."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.model: Final = TableModel[Fill](
            _columns(), key=lambda fill: (fill.cl_ord_id, fill.exec_id), newest_first=True
        )
        self.table: Final = Table(
            self.model, "No fills yet. They appear here as soon as they are on disk.", self.body
        )
        self.table.row_picked.connect(self._on_row)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self.tools: Final = TableTools(self, self.table, "fills", "symbol:AAPL qty>=100")
        self._shown = 0
        self._rewritten = 0

    def stale(self) -> bool:
        """Whether there are fills that are not shown, or one that is was corrected or broken."""
        view = self.desk.orders
        now = view.fill_count, view.fills_rewritten
        return now != (self._shown, self._rewritten) or self.tools.is_busy

    def refresh(self) -> None:
        """Show the new fills; all of them anew where one has changed or gone."""
        if self.desk.orders.fills_rewritten != self._rewritten:
            self._rewritten = self.desk.orders.fills_rewritten
            self._shown = 0
            self.model.clear()
        fills = self.desk.orders.fills_from(self._shown)
        self.model.put(fills)
        self._shown += len(fills)
        self.tools.work()

    def state(self) -> dict[str, object]:
        """Return how the table is set."""
        return {"table": self.tools.state()}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take it back."""
        self.tools.restore(state.get("table"))

    def headline(self) -> str:
        """Return how many fills there are."""
        count = self.desk.orders.fill_count
        return f"Fills {count}" if count else "Fills"

    def _on_row(self, place: int) -> None:
        self.link.pick_symbol(self.model.row(place).symbol)


def _dim(_fill: Fill) -> Role:
    return Role.DIM


def _note(fill: Fill) -> str:
    marks = ((fill.is_late, "late"), (fill.is_synthetic, "from totals"), (fill.key, "corrected"))
    return ", ".join([*(words for is_so, words in marks if is_so), *filter(None, [fill.text])])


def _note_role(fill: Fill) -> Role:
    """Return a caution for what is unusual about a fill; an assumption is only said."""
    return Role.CAUTION if fill.is_late or fill.is_synthetic or fill.key else Role.DIM


def _columns() -> tuple[Column[Fill], ...]:
    figures = Face.FIGURES
    return (
        Column("Time", lambda f: text.clock(f.ts_exch_ns), 108, figures, _dim, is_right=False),
        Column("Symbol", lambda f: f.symbol, 60, Face.BOLD),
        Column(
            "Side",
            lambda f: text.SIDE_WORDS[f.side],
            52,
            role=lambda f: theme.side_role(f.side),
        ),
        Column("Qty", lambda f: text.quantity(f.qty), 60, figures),
        Column("Price", lambda f: text.average(f.px), 80, figures),
        Column("Value", lambda f: text.money(f.qty * f.px), 100, figures),
        Column("Fees", lambda f: text.money(f.fee), 70, figures, _dim),
        Column("Liquidity", lambda f: _LIQUIDITY_WORDS[f.liquidity], 84, role=_dim, is_right=True),
        Column("Venue", lambda f: f.last_mkt or text.DASH, 84, role=_dim),
        Column("Note", _note, 150, role=_note_role, is_elastic=True),
        Column("Fill id", lambda f: f.exec_id, 150, figures, _dim, drops=True),
        Column("Order id", lambda f: text.short_id(f.cl_ord_id), 96, figures, _dim),
    )


PANEL: Final = PanelSpec("fills", "Fills", Area.BOTTOM, FillsPanel)
