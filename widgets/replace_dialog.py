"""Change a working order: quantity and prices as they stand, and why a change was not taken."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from app.domain.errors import UserError
from app.domain.orders import Order
from widgets import text
from widgets.order_terms import Field, Problem, parse_price, parse_qty, step_price
from widgets.ticket_parts import LabelledField

if TYPE_CHECKING:
    from app.desk import Desk

TITLE = "Change order"


class ReplaceDialog(QDialog):
    """One change of one order; it stays open with the reason while it is refused."""

    def __init__(self, parent: QWidget, desk: Desk, order: Order) -> None:
        super().__init__(parent)
        self._desk = desk
        self._id = order.cl_ord_id
        self.setWindowTitle(TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.words = QLabel(text.order_words(order.terms), self)
        self.words.setWordWrap(True)
        self.hint = QLabel(_hint(order), self)
        self.hint.setProperty("dim", True)
        self.fields: dict[Field, LabelledField] = {}
        self._add(Field.QTY, order.order_qty)
        self._add(Field.LIMIT, order.terms.limit_px)
        self._add(Field.STOP, order.terms.stop_px)
        self.problem = QLabel(self)
        self.problem.setWordWrap(True)
        self.problem.setProperty("problem", True)
        self.problem.hide()
        buttons = QDialogButtonBox(self)
        self.confirm = buttons.addButton(TITLE, QDialogButtonBox.ButtonRole.AcceptRole)
        self.confirm.setDefault(True)
        # Not "Cancel": that is what one does to orders.
        buttons.addButton("Leave it", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._send)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        for part in (self.words, *self.fields.values(), self.hint, self.problem, buttons):
            column.addWidget(part)
        self.setMinimumWidth(360)

    def _add(self, field: Field, value: Decimal | None) -> None:
        if value is None:
            return
        part = LabelledField(field.value, (), self)
        part.line.setText(f"{value:f}")
        part.line.textEdited.connect(lambda: part.show_problem(""))
        part.line.stepped.connect(lambda steps: self._step(field, steps))
        self.fields[field] = part

    def _step(self, field: Field, steps: int) -> None:
        order = self._desk.orders.get(self._id)
        instrument = None if order is None else self._desk.market.instrument(order.symbol)
        line = self.fields[field].line
        if instrument is None:
            return
        if field is not Field.QTY:
            line.setText(step_price(line.text(), steps, instrument) or line.text())
            return
        qty = parse_qty(line.text(), instrument)
        if isinstance(qty, Decimal) and (moved := qty + steps * instrument.lot) > 0:
            line.setText(f"{moved:f}")

    def _parse(self) -> dict[Field, Decimal] | None:
        """Return what was typed; None, with the field saying why, if it is no number."""
        order = self._desk.orders.get(self._id)
        instrument = None if order is None else self._desk.market.instrument(order.symbol)
        if order is None or instrument is None:
            self._refuse(f"order {self._id} is of a symbol that the feed does not list")
            return None
        values: dict[Field, Decimal] = {}
        for field, part in self.fields.items():
            typed = part.line.text()
            found = (
                parse_qty(typed, instrument)
                if field is Field.QTY
                else parse_price(typed, field, order.terms.side, instrument)
            )
            if isinstance(found, Problem):
                part.show_problem(found.text)
                part.line.setFocus()
                return None
            values[field] = found
        return values

    def _send(self) -> None:
        values = self._parse()
        if values is None:
            return
        try:
            self._desk.replace(
                self._id,
                order_qty=values[Field.QTY],
                limit_px=values.get(Field.LIMIT),
                stop_px=values.get(Field.STOP),
            )
        except UserError as error:
            self._refuse(str(error))
            return
        self.accept()

    def _refuse(self, reason: str) -> None:
        self.problem.setText(reason)
        self.problem.show()


def ask_replace(parent: QWidget, desk: Desk, order: Order) -> ReplaceDialog:
    """Open the dialog that changes an order."""
    dialog = ReplaceDialog(parent, desk, order)
    dialog.open()
    line = dialog.fields[Field.QTY].line
    line.setFocus()
    line.selectAll()
    return dialog


def _hint(order: Order) -> str:
    filled = order.cum_qty
    done = f", the {text.quantity(filled)} filled included" if filled else ""
    return f"The quantity is the total{done}."
