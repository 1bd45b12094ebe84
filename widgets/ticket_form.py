"""The fields of the order ticket: what can be chosen, what is greyed and why, what was typed.

Only the fields that the type needs are there. What the broker does not take is grey, with the
reason as its tooltip; stops are never grey: they wait on this machine.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.domain.enums import PegOffsetType, Side, TimeInForce, TriggerMethod
from app.domain.ids import Symbol
from app.domain.instrument import Instrument
from app.domain.terms import NewOrder
from app.domain.times import new_york
from widgets import text, theme
from widgets.order_terms import (
    Draft,
    Field,
    Kind,
    Problem,
    Typed,
    hours_fault,
    kind_fault,
    parse_qty,
    reserve_fault,
    step_date,
    step_price,
    tif_fault,
)
from widgets.palettes import Role
from widgets.ticket_parts import LabelledField

if TYPE_CHECKING:
    from app.desk import Desk

PRESETS: Final = ("25", "50", "100")
KINDS: Final = tuple(Kind)
TIFS: Final = (
    TimeInForce.DAY,
    TimeInForce.GTC,
    TimeInForce.IOC,
    TimeInForce.FOK,
    TimeInForce.GTD,
    TimeInForce.OPG,
    TimeInForce.CLS,
)
UNITS: Final = {
    PegOffsetType.PRICE: "$",
    PegOffsetType.PERCENTAGE: "%",
    PegOffsetType.TICKS: "ticks",
}
TRIGGERS: Final = {
    TriggerMethod.LAST: "Last",
    TriggerMethod.BID_ASK: "Bid/ask",
    TriggerMethod.MID: "Mid",
    TriggerMethod.DOUBLE_LAST: "Double last",
}
OFFSET_STEPS: Final = {
    PegOffsetType.PRICE: Decimal("0.01"),
    PegOffsetType.PERCENTAGE: Decimal("0.1"),
    PegOffsetType.TICKS: Decimal(1),
}
HELD_WORDS: Final = "Held on this PC: it dies with the station"
_PRICES: Final = (Field.LIMIT, Field.STOP, Field.TARGET, Field.STOP_LOSS)


class TicketForm(QWidget):
    """Everything that is typed and chosen of one order."""

    edited = Signal()
    """Anything was typed, chosen or stepped."""
    price_typed = Signal()
    """The limit price is a person's now."""
    entered = Signal()
    """Enter was pressed in a field."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._symbol = Symbol("")
        self.side = Side.BUY
        self.buy = QPushButton("BUY", self)
        self.sell = QPushButton("SELL", self)
        self.qty = LabelledField(Field.QTY, PRESETS, self)
        self.qty.line.setText("100")
        self.type = _combo("Order type", [kind.value for kind in KINDS], self)
        self.tif = _combo("Time in force", [text.TIF_WORDS[tif] for tif in TIFS], self)
        self.limit = LabelledField(Field.LIMIT, ("bid", "mid", "ask"), self)
        self.stop = LabelledField(Field.STOP, (), self)
        self.offset = LabelledField(Field.OFFSET, (), self)
        self.unit = _combo("Unit of the offset", list(UNITS.values()), self)
        self.trigger = _combo("Price that sets off the stop", list(TRIGGERS.values()), self)
        self.limit_offset = LabelledField(Field.LIMIT_OFFSET, (), self)
        self.expiry = LabelledField(Field.EXPIRY, (), self)
        self.exits = QCheckBox("Attach exits", self)
        self.exits.setToolTip("A target and a stop of what fills; one takes the other back")
        self.hours = QCheckBox("Extended hours", self)
        self.reserve = QCheckBox("Hide a reserve", self)
        self.display = LabelledField(Field.DISPLAY, (), self)
        self.target = LabelledField(Field.TARGET, (), self)
        self.stop_loss = LabelledField(Field.STOP_LOSS, (), self)
        self.held = QLabel(HELD_WORDS, self)
        self.held.setWordWrap(True)
        self.held.setStyleSheet(f"color: {theme.hex_of(Role.HERE)}; font-size: 11px;")
        self.fields: Final = {
            Field.QTY: self.qty,
            Field.LIMIT: self.limit,
            Field.STOP: self.stop,
            Field.OFFSET: self.offset,
            Field.LIMIT_OFFSET: self.limit_offset,
            Field.EXPIRY: self.expiry,
            Field.DISPLAY: self.display,
            Field.TARGET: self.target,
            Field.STOP_LOSS: self.stop_loss,
        }
        self._lay_out()
        self._connect()
        self._show_fields()

    # What was typed

    @property
    def kind(self) -> Kind:
        """The type chosen."""
        return KINDS[self.type.currentIndex()]

    def typed(self) -> Typed:
        """Return the form as it stands."""
        exits = (self.target.line.text(), self.stop_loss.line.text())
        return Typed(
            symbol=self._symbol,
            side=self.side,
            qty=self.qty.line.text(),
            kind=self.kind,
            limit=self.limit.line.text(),
            stop=self.stop.line.text(),
            offset=self.offset.line.text(),
            offset_type=self._unit(),
            limit_offset=self.limit_offset.line.text(),
            time_in_force=TIFS[self.tif.currentIndex()],
            expiry=self.expiry.line.text(),
            trigger=list(TRIGGERS)[self.trigger.currentIndex()],
            extended_hours=self.hours.isChecked() and self.hours.isEnabled(),
            display=self.display.line.text() if self._is_reserve() else None,
            exits=exits if self.exits.isChecked() else None,
        )

    def choose_side(self, side: Side) -> None:
        """Buy or sell."""
        self.side = side
        for button, own in ((self.buy, Side.BUY), (self.sell, Side.SELL)):
            button.setChecked(own is side)
            button.setStyleSheet(theme.side_style(own, is_solid=own is side))
        self.edited.emit()

    def choose_symbol(self, symbol: Symbol) -> None:
        """Take another symbol: prices of the one before must not stay."""
        self._symbol = symbol
        for field in _PRICES:
            self.fields[field].line.clear()
        self.edited.emit()

    def take(self, draft: Draft) -> None:
        """Begin the order that somebody pointed at; the quantity stays."""
        self.type.setCurrentIndex(KINDS.index(draft.kind))
        field = Field.LIMIT if draft.kind is Kind.LIMIT else Field.STOP
        if field is Field.LIMIT:
            self.price_typed.emit()
        self.fields[field].line.setText(draft.price)
        self.choose_side(draft.side)

    def show_problem(self, problem: Problem | None) -> None:
        """Say at its field what is to be mended; None clears it."""
        for field, part in self.fields.items():
            own = problem is not None and problem.field is field
            part.show_problem(problem.text if own and problem is not None else "")

    def show_held(self, order: NewOrder | None) -> None:
        """Say whether an order would wait on this machine."""
        self.held.setVisible(order is not None and not self._desk.capabilities.is_native(order))

    # Gestures

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name.
        """Step a price with the wheel over its field."""
        if event.type() == QEvent.Type.Wheel:
            field = next(f for f, part in self.fields.items() if part.line is watched)
            delta = event.angleDelta().y()  # type: ignore[attr-defined]  # A QWheelEvent.
            if delta:
                self._step(field, 1 if delta > 0 else -1)
            return True
        return super().eventFilter(watched, event)

    def _connect(self) -> None:
        self.buy.clicked.connect(lambda: self.choose_side(Side.BUY))
        self.sell.clicked.connect(lambda: self.choose_side(Side.SELL))
        for field, part in self.fields.items():
            part.line.textChanged.connect(self.edited)
            part.line.returnPressed.connect(self.entered)
            part.line.stepped.connect(lambda steps, field=field: self._step(field, steps))
            if field in _PRICES:
                part.line.installEventFilter(self)
        self.limit.line.textEdited.connect(self.price_typed)
        for combo in (self.type, self.tif):
            combo.currentIndexChanged.connect(self._show_fields)
        for combo in (self.unit, self.trigger):
            combo.currentIndexChanged.connect(self.edited)
        for box in (self.exits, self.reserve):
            box.toggled.connect(self._show_fields)
        self.hours.toggled.connect(self.edited)
        for words, button in self.qty.buttons.items():
            button.clicked.connect(lambda _on=False, words=words: self.qty.line.setText(words))

    def _step(self, field: Field, steps: int) -> None:
        line = self.fields[field].line
        instrument = self._desk.market.instrument(self._symbol)
        moved = self._moved(field, line.text(), steps, instrument)
        if moved is None:
            return
        if field is Field.LIMIT:
            self.price_typed.emit()
        line.setText(moved)

    def _moved(
        self, field: Field, typed: str, steps: int, instrument: Instrument | None
    ) -> str | None:
        """Return what a field says some steps further; None if it cannot step from there."""
        if field is Field.EXPIRY:
            return step_date(typed, steps)
        if field in (Field.OFFSET, Field.LIMIT_OFFSET):
            unit = self._unit() if field is Field.OFFSET else PegOffsetType.PRICE
            return _stepped(typed, steps * OFFSET_STEPS[unit])
        if instrument is None:
            return None
        if field in (Field.QTY, Field.DISPLAY):
            qty = parse_qty(typed, instrument)
            return None if isinstance(qty, Problem) else _stepped(typed, steps * instrument.lot)
        return step_price(typed, steps, instrument)

    def _unit(self) -> PegOffsetType:
        return list(UNITS)[self.unit.currentIndex()]

    def _is_reserve(self) -> bool:
        return self.reserve.isChecked() and self.reserve.isEnabled()

    # What can be chosen

    def _show_fields(self) -> None:
        """Show the fields that the type needs, and grey what the broker does not take."""
        kind, able, broker = self.kind, self._desk.capabilities, self._desk.identity.broker_title
        _offer(self.type, lambda place: kind_fault(KINDS[place], able, broker))
        _offer(self.tif, lambda place: tif_fault(TIFS[place], kind, able, broker))
        fault = hours_fault(kind, able, broker)
        self.hours.setEnabled(not fault)
        self.hours.setToolTip(fault or "May trade before the open and after the close")
        fault = reserve_fault(kind, TIFS[self.tif.currentIndex()], able, broker)
        self.reserve.setEnabled(not fault)
        self.reserve.setToolTip(fault or "Show a part of the order at a time, the rest behind it")
        self.display.setVisible(self._is_reserve())
        needs = kind.fields
        for field in (Field.LIMIT, Field.STOP, Field.OFFSET, Field.LIMIT_OFFSET):
            self.fields[field].setVisible(field in needs)
        self._unit_box.setVisible(Field.OFFSET in needs)
        self._trigger_box.setVisible(kind.is_stop)
        is_dated = TIFS[self.tif.currentIndex()] is TimeInForce.GTD
        if is_dated and not self.expiry.line.text():
            self.expiry.line.setText(new_york(self._desk.now_ns()).date().isoformat())
        self.expiry.setVisible(is_dated)
        for part in (self.target, self.stop_loss):
            part.setVisible(self.exits.isChecked())
        self.edited.emit()

    # Form

    def _lay_out(self) -> None:
        for button in (self.buy, self.sell):
            button.setCheckable(True)
            button.setFixedHeight(34)
            button.setFont(theme.text_font(weight=theme.SEMIBOLD))
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._unit_box = _captioned("Unit", self.unit, self)
        self._trigger_box = _captioned("Set off by", self.trigger, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(_row((self.buy, 1), (self.sell, 1)))
        column.addWidget(self.qty)
        column.addLayout(
            _row(
                (_captioned("Type", self.type, self), 3),
                (_captioned("Time in force", self.tif, self), 2),
            )
        )
        column.addLayout(
            _row((self.stop, 5), (self.offset, 5), (self._unit_box, 4), (self._trigger_box, 6))
        )
        column.addLayout(_row((self.limit_offset, 1), (self.expiry, 1)))
        column.addWidget(self.limit)
        column.addLayout(_row((self.exits, 1), (self.hours, 1)))
        column.addLayout(_row((self.reserve, 1), (self.display, 1)))
        column.addLayout(_row((self.target, 1), (self.stop_loss, 1)))
        column.addWidget(self.held)
        self.held.hide()


def _offer(combo: QComboBox, fault_of: Callable[[int], str]) -> None:
    """Grey the choices that have a fault, with it as their tooltip; never leave one chosen."""
    model = combo.model()
    assert isinstance(model, QStandardItemModel)
    for place in range(combo.count()):
        fault = fault_of(place)
        item = model.item(place)
        item.setEnabled(not fault)
        item.setToolTip(fault)
    if not model.item(combo.currentIndex()).isEnabled():
        open_places = [place for place in range(combo.count()) if model.item(place).isEnabled()]
        combo.setCurrentIndex(open_places[0] if open_places else combo.currentIndex())


def _stepped(typed: str, by: Decimal) -> str | None:
    try:
        moved = Decimal(typed.strip().replace(",", "")) + by
    except ArithmeticError:
        return None
    return f"{moved:f}" if moved > 0 else None


def _combo(name: str, words: list[str], parent: QWidget) -> QComboBox:
    combo = QComboBox(parent)
    combo.setAccessibleName(name)
    combo.addItems(words)
    combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    combo.view().setTextElideMode(Qt.TextElideMode.ElideNone)
    return combo


def _captioned(caption: str, widget: QWidget, parent: QWidget) -> QWidget:
    box = QWidget(parent)
    label = QLabel(caption, box)
    label.setProperty("dim", True)
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.addWidget(label)
    column.addWidget(widget)
    column.addStretch()
    return box


def _row(*parts: tuple[QWidget, int]) -> QLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    for widget, share in parts:
        row.addWidget(widget, share, Qt.AlignmentFlag.AlignBottom)
    return row
