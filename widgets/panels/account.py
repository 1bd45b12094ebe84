"""The account as a broker sees it: what it owns and owes, and cash that moved without a trade."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.domain.cash import CashKind, CashPosting
from app.domain.margin import Margin
from widgets import text, theme
from widgets.cells import Column, Face
from widgets.palettes import Role
from widgets.panel import Area, Panel, PanelContext, PanelSpec
from widgets.readout import Readout
from widgets.table_tools import TableTools
from widgets.tables import Table, TableModel

FIGURES_PX: Final = 48
EVERY_NS: Final = 500_000_000
"""Between two looks at the figures, which move with every price."""
_WIDTH_PX: Final = 116
_KIND_WORDS: Final = {
    CashKind.DEPOSIT: "deposit",
    CashKind.WITHDRAWAL: "withdrawal",
    CashKind.FEE: "fee",
    CashKind.INTEREST: "interest",
    CashKind.BORROW: "borrowed shares",
    CashKind.DIVIDEND: "dividend",
    CashKind.CASH_IN_LIEU: "cash for a fraction",
    CashKind.UNEXPLAINED: "unexplained",
}
_CAPTIONS: Final = (
    ("cash", "Cash", "Proceeds of short sales included; below 0 it is borrowed"),
    ("long_value", "Long", "What is held, at what it could be sold for now"),
    ("short_value", "Short", "What is short, at what it could be bought back for now"),
    ("lent", "Borrowed", "Cash that is lent: the proceeds of short sales pay for nothing"),
    ("maintenance", "Maintenance", "What the equity may not fall below (FINRA Rule 4210)"),
    ("excess", "Excess", "What the equity may lose before a margin call"),
)


class AccountPanel(Panel):
    """Figures over a row for each entry of cash, newest on top."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        strip = QWidget(self.body)
        strip.setFixedHeight(FIGURES_PX)
        row = QHBoxLayout(strip)
        row.setContentsMargins(12, 2, 12, 2)
        row.setSpacing(10)
        self.figures: Final[dict[str, Readout]] = {}
        for name, caption, hint in _CAPTIONS:
            readout = self.figures[name] = Readout(caption, _WIDTH_PX, strip)
            readout.setToolTip(hint)
            row.addWidget(readout)
        row.addStretch(1)
        self.model: Final = TableModel[CashPosting](
            _columns(), key=lambda posting: posting.posting_id, newest_first=True
        )
        self.table: Final = Table(
            self.model,
            "No cash has moved without a trade. Interest, dividends and what short shares cost "
            "appear here.",
            self.body,
        )
        self.tools: Final = TableTools(self, self.table, "cash", "dividend amount>0")
        self.table.row_picked.connect(self._on_row)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(strip)
        column.addWidget(self.table)
        self._at_ns = 0
        self._version = -1

    def stale(self) -> bool:
        """Whether the ledger has changed, or prices may have."""
        is_due = abs(self.desk.now_ns() - self._at_ns) >= EVERY_NS
        return is_due or self.tools.is_busy or self.desk.positions.version != self._version

    def refresh(self) -> None:
        """Show the figures at the present marks, and entries that are new."""
        self._at_ns = self.desk.now_ns()
        margin = self.desk.margin()
        for name, readout in self.figures.items():
            readout.show_value(*_shown(margin, name))
        if self.desk.positions.version != self._version:
            self._version = self.desk.positions.version
            self.model.put(self.desk.positions.postings())
        self.tools.work()

    def state(self) -> dict[str, object]:
        """Return how the table is set."""
        return {"table": self.tools.state()}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take it back."""
        self.tools.restore(state.get("table"))

    def headline(self) -> str:
        """Return how many entries there are."""
        count = len(self.desk.positions.postings())
        return f"Account {count}" if count else "Account"

    def _on_row(self, place: int) -> None:
        symbol = self.model.row(place).symbol
        if symbol:
            self.link.pick_symbol(symbol)


def _shown(margin: Margin | None, name: str) -> tuple[str, Role]:
    """Return a figure's text and colour; a margin call is red."""
    if margin is None:
        return text.DASH, Role.DIM
    value: Decimal = getattr(margin, name)
    return text.money(value), Role.DOWN if name == "excess" and value < 0 else Role.TEXT


def _dim(_posting: CashPosting) -> Role:
    return Role.DIM


def _columns() -> tuple[Column[CashPosting], ...]:
    figures = Face.FIGURES
    return (
        Column("Time", lambda p: text.moment(p.ts_ns), 132, figures, _dim, is_right=False),
        Column("Entry", lambda p: _KIND_WORDS[p.kind], 130),
        Column("Symbol", lambda p: p.symbol or text.DASH, 64, Face.BOLD),
        Column(
            "Amount",
            lambda p: text.gain(p.amount),
            100,
            figures,
            lambda p: theme.sign_role(p.amount),
        ),
        Column("Note", lambda p: p.text, 260, role=_dim, is_elastic=True),
    )


PANEL: Final = PanelSpec("account", "Account", Area.BOTTOM, AccountPanel)
