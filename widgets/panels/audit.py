"""The audit log as it is written: durable records, newest on top, a bounded page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QVBoxLayout

from widgets import text
from widgets.cells import Column, Face
from widgets.palettes import Role
from widgets.panel import Area, Panel, PanelContext, PanelSpec
from widgets.table_tools import TableTools
from widgets.tables import Table, TableModel

if TYPE_CHECKING:
    from app.desk import JournalRow

ROWS_MAX: Final = 2_000
"""Newest records shown; all of them are in the file."""


class AuditPanel(Panel):
    """A row a record."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.model: Final = TableModel["JournalRow"](
            _columns(), key=lambda row: row.seq, newest_first=True
        )
        self.table: Final = Table(self.model, "Nothing was recorded yet.", self.body)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self.tools: Final = TableTools(self, self.table, "audit", "record:order seq>100")
        self._seq = 0

    def stale(self) -> bool:
        """Whether there are newer durable records."""
        return self.desk.journal.head_seq != self._seq or self.tools.is_busy

    def refresh(self) -> None:
        """Show the newer records; after a pause only the newest page of them."""
        rows = self.desk.journal.rows_after(self._seq, ROWS_MAX)
        self.model.put(rows[-ROWS_MAX:])
        self.model.trim(ROWS_MAX)
        self._seq = self.desk.journal.head_seq
        self.tools.work()

    def state(self) -> dict[str, object]:
        """Return how the table is set."""
        return {"table": self.tools.state()}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take it back."""
        self.tools.restore(state.get("table"))


def _dim(_row: JournalRow) -> Role:
    return Role.DIM


def _columns() -> tuple[Column[JournalRow], ...]:
    figures = Face.FIGURES
    return (
        Column("Seq", lambda r: f"{r.seq:,}", 70, figures),
        Column("Time", lambda r: text.clock(r.utc_ns), 108, figures, _dim, is_right=False),
        Column("Record", lambda r: r.kind, 140, Face.BOLD),
        Column("Order", lambda r: text.short_id(r.cl_ord_id), 96, figures, _dim, is_right=False),
        Column("By", lambda r: r.actor, 90),
        Column("Hash", lambda r: r.hash[:12], 110, figures, _dim, is_right=False),
        Column("Content", lambda r: r.body, 420, figures, _dim, is_right=False, is_elastic=True),
    )


PANEL: Final = PanelSpec("audit", "Audit log", Area.BOTTOM, AuditPanel)
