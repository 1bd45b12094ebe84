"""The tables of the Risk panel: every limit, and every breach and override."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt

from widgets import text
from widgets.cells import AnyIndex, Column, Face
from widgets.palettes import Role
from widgets.tables import TableModel

if TYPE_CHECKING:
    from app.desk import Breach, LimitRow

NO_ENTRY: Final = "[]"
DIGITS_MAX: Final = 15
"""Numbers with more before the point, or more zeros behind it, are shown as they were typed."""


class LimitsModel(TableModel["LimitRow"]):
    """A row a parameter of a check; a row's tooltip explains it."""

    def __init__(self) -> None:
        super().__init__(_limit_columns(), key=lambda row: (row.check, row.param))

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        """Return a cell's words; as the tooltip, what the limit means."""
        if role == Qt.ItemDataRole.ToolTipRole and index.isValid():
            return limit_words(self.row(index.row()))
        return super().data(index, role)


class BreachesModel(TableModel["Breach"]):
    """A row a breach or override, newest on top; a row's tooltip says all of it."""

    def __init__(self) -> None:
        super().__init__(_breach_columns(), key=lambda breach: breach, newest_first=True)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        """Return a cell's words; as the tooltip, everything that is known."""
        if role == Qt.ItemDataRole.ToolTipRole and index.isValid():
            return breach_words(self.row(index.row()))
        return super().data(index, role)


def limit_words(row: LimitRow) -> str:
    """Return what a limit means: the rule, and what the number is."""
    unit = f", {row.unit}" if row.unit else ""
    changed = f"Changed by {_changed(row)}" if row.changed_ns else "As the settings have it"
    rule = f"{row.rule}.\n" if row.rule else ""
    return f"{rule}{row.param_title}: {row.value}{unit}. {changed}."


def breach_words(row: Breach) -> str:
    """Return everything that is known of a breach or override."""
    reason = f"\nReason: {row.reason}" if row.reason else ""
    order = f"\nOrder {row.cl_ord_id}" if row.cl_ord_id else ""
    return f"{_what(row)}: {row.value}, limit {row.limit}; {row.outcome}{reason}{order}"


def _changed(row: LimitRow) -> str:
    return f"{row.changed_by} {text.moment(row.changed_ns)}" if row.changed_ns else text.DASH


def _unit(row: LimitRow) -> str:
    """Return the unit alone; whether the limit itself is allowed stands in the tooltip."""
    unit = row.unit.partition(",")[0].partition(";")[0]
    return "" if unit in ("inclusive", "exclusive") else unit


def _grouped(value: str) -> str:
    """Return a value with thousands separators, if it is a number that can be written out."""
    if value == NO_ENTRY:
        return "none"
    try:
        number = Decimal(value)
    except ArithmeticError:
        return value
    # What is typed may have any exponent: a million digits would stop the window.
    return f"{number:,f}" if abs(number.adjusted()) <= DIGITS_MAX else value


def _value_role(row: LimitRow) -> Role:
    return Role.TEXT if row.value == row.default else Role.ACCENT


def _what(row: Breach) -> str:
    words = row.what.replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}"


def _what_role(row: Breach) -> Role:
    return Role.CAUTION if row.cl_ord_id else Role.DOWN


def _dim(_row: object) -> Role:
    return Role.DIM


def _limit_columns() -> tuple[Column[LimitRow], ...]:
    figures = Face.FIGURES
    return (
        Column("Rule", lambda r: r.code, 44, figures, _dim, is_right=False),
        Column("Check", lambda r: r.title, 150, Face.BOLD),
        Column("Limit", lambda r: r.param_title, 208, is_elastic=True),
        Column("Value", lambda r: _grouped(r.value), 72, figures, _value_role, fades=True),
        Column("Unit", _unit, 186, role=_dim, is_elastic=True),
        Column("Default", lambda r: _grouped(r.default), 72, figures, _dim),
        Column("Changed", _changed, 156, role=_dim),
    )


def _breach_columns() -> tuple[Column[Breach], ...]:
    figures = Face.FIGURES
    return (
        Column("Time", lambda b: text.moment(b.ts_ns), 118, figures, _dim, is_right=False),
        Column("What", _what, 200, role=_what_role, is_elastic=True),
        Column("Value", lambda b: b.value, 84, figures),
        Column("Limit", lambda b: b.limit, 84, figures, _dim),
        Column("What happened", lambda b: b.outcome, 160, is_elastic=True),
        Column("Reason", lambda b: b.reason or text.DASH, 140, is_elastic=True),
        Column("Order", lambda b: text.short_id(b.cl_ord_id) or text.DASH, 92, figures, _dim),
    )
