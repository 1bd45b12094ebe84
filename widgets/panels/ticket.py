"""The order ticket: terms, what they would cost, what the gate would say, and one button.

The ticket decides nothing: it parses what was typed, shows the gate's verdict of a preview and
hands the order to the desk. What is refused says why, beside the control that can mend it.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.domain.enums import OrdType, Side, TimeInForce
from app.domain.errors import UserError
from app.domain.ids import Symbol
from app.domain.terms import NewOrder
from widgets import text, theme
from widgets.order_terms import (
    Field,
    Problem,
    Typed,
    parse_terms,
    quoted_price,
    spread_words,
    step_price,
)
from widgets.panel import Area, Panel, PanelContext, PanelSpec
from widgets.theme import Role
from widgets.ticket_parts import CheckList, Facts, LabelledField, QuoteBox, SendButton
from widgets.top_bar import feed_is_stale

PRESETS: Final = ("25", "50", "100")
TYPES: Final = (OrdType.LIMIT, OrdType.MARKET)
TIFS: Final = (TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)
PREVIEW_EVERY_NS: Final = 250_000_000
"""A preview is made anew this often though nothing changed: quotes grow old."""


class TicketPanel(Panel):
    """One order at a time."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.setMinimumWidth(272)
        self.side = Side.BUY
        self.buy = QPushButton("BUY", self.body)
        self.sell = QPushButton("SELL", self.body)
        self.qty = LabelledField("Quantity", PRESETS, self.body)
        self.qty.line.setText("100")
        self.type = QComboBox(self.body)
        self.limit = LabelledField("Limit price", ("bid", "mid", "ask"), self.body)
        self.tif = QComboBox(self.body)
        self.quote_box = QuoteBox(self.body)
        self.facts = Facts(
            ("Est. value", "Est. fees", "Buying power after", "Spread now"), self.body
        )
        self.checks = CheckList(self.body)
        self.send = SendButton(self.body)
        self._symbol_label = QLabel(self.header)
        self._symbol_label.setProperty("dim", True)
        self.header_row.addWidget(self._symbol_label)
        self.order: NewOrder | None = None
        """What the button would send; None while something is to be mended."""
        self._needs_price = True
        self._edits = 0
        self._refusal = ""
        self._seen: tuple[object, ...] = ()
        self._fill_choices()
        self._lay_out()
        self._connect()
        self.choose_side(Side.BUY)

    def stale(self) -> bool:
        """Whether terms, prices, the account or the gate changed, or the preview is old."""
        return self._now() != self._seen

    def refresh(self) -> None:
        """Parse the terms, ask the gate, and show both."""
        symbol = self.link.symbol
        self._offer_price(symbol)
        self._seen = self._now()
        quote = self.desk.market.quote(symbol)
        self.quote_box.show_quote(quote, is_stale=feed_is_stale(self.desk))
        terms = parse_terms(self._typed(), self.desk.market.instrument(symbol))
        self._show_problem(terms if isinstance(terms, Problem) else None)
        if isinstance(terms, Problem):
            self.order = None
            self.facts.show_values((None, None, None, spread_words(quote)))
            self.checks.show_checks(())
            self.send.show_reason(terms.text, self.side)
            return
        preview = self.desk.preview(terms)
        self.facts.show_values(
            (
                text.money(preview.value),
                text.money(preview.fees),
                text.money(preview.buying_power_after),
                spread_words(quote),
            )
        )
        self.checks.show_checks(preview.checks)
        reason = self._refusal or preview.refusal
        self.order = None if reason else terms
        if reason:
            self.send.show_reason(reason, self.side)
        else:
            self.send.show_order(text.order_words(terms), self.side)

    def choose_side(self, side: Side) -> None:
        """Buy or sell."""
        self.side = side
        for button, own in ((self.buy, Side.BUY), (self.sell, Side.SELL)):
            button.setChecked(own is side)
            button.setStyleSheet(theme.side_style(own, is_solid=own is side))
        self._edited()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name.
        """Step the price with the wheel over its field."""
        if watched is self.limit.line and event.type() == QEvent.Type.Wheel:
            delta = event.angleDelta().y()  # type: ignore[attr-defined]  # A QWheelEvent.
            if delta:
                self._step_limit(1 if delta > 0 else -1)
            return True
        return super().eventFilter(watched, event)

    # Gestures

    def _connect(self) -> None:
        self.buy.clicked.connect(lambda: self.choose_side(Side.BUY))
        self.sell.clicked.connect(lambda: self.choose_side(Side.SELL))
        self.qty.line.textChanged.connect(self._edited)
        self.limit.line.textChanged.connect(self._edited)
        self.limit.line.textEdited.connect(self._price_was_typed)
        self.qty.line.stepped.connect(self._step_qty)
        self.limit.line.stepped.connect(self._step_limit)
        self.limit.line.installEventFilter(self)
        self.type.currentIndexChanged.connect(self._on_type)
        self.tif.currentIndexChanged.connect(self._edited)
        for words, button in self.qty.buttons.items():
            button.clicked.connect(lambda _on=False, words=words: self.qty.line.setText(words))
        for words, button in self.limit.buttons.items():
            button.clicked.connect(lambda _on=False, words=words: self._take_quote(words))
        for line in (self.qty.line, self.limit.line):
            line.returnPressed.connect(self._focus_button)
        self.send.clicked.connect(self._submit)
        self.link.symbol_changed.connect(self._on_symbol)
        self.link.side_wanted.connect(self._on_side_wanted)

    def _submit(self) -> None:
        order = self.order
        if order is None:
            return
        self.qty.line.setFocus()  # A second order needs a second gesture.
        try:
            self.desk.submit(order)
        except UserError as error:
            self._refusal = str(error)
            self._seen = ()
            self.refresh()
            self.link.said.emit(str(error))

    def _on_symbol(self, symbol: str) -> None:
        self._symbol_label.setText(symbol)
        self._needs_price = True
        self.limit.line.clear()
        self._edited()

    def _on_side_wanted(self, side: Side) -> None:
        self.choose_side(side)
        self.qty.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.qty.line.selectAll()

    def _on_type(self) -> None:
        self.limit.setEnabled(TYPES[self.type.currentIndex()] is OrdType.LIMIT)
        self._edited()

    def _focus_button(self) -> None:
        self.refresh()
        if self.send.isEnabled():
            self.send.setFocus(Qt.FocusReason.TabFocusReason)

    def _price_was_typed(self) -> None:
        self._needs_price = False

    def _take_quote(self, which: str) -> None:
        symbol = self.link.symbol
        instrument = self.desk.market.instrument(symbol)
        if instrument is None:
            return
        price = quoted_price(self.desk.market.quote(symbol), which, self.side, instrument)
        if price is None:
            self.link.said.emit(f"There is no {which} of {symbol} now")
            return
        self._needs_price = False
        self.limit.line.setText(price)

    def _step_limit(self, steps: int) -> None:
        instrument = self.desk.market.instrument(self.link.symbol)
        moved = step_price(self.limit.line.text(), steps, instrument) if instrument else None
        if moved is not None:
            self._needs_price = False
            self.limit.line.setText(moved)

    def _step_qty(self, steps: int) -> None:
        instrument = self.desk.market.instrument(self.link.symbol)
        terms = parse_terms(self._typed(), instrument)
        if isinstance(terms, NewOrder) and instrument is not None:
            moved = terms.order_qty + steps * instrument.lot
            if moved > 0:
                self.qty.line.setText(f"{moved:f}")

    def _edited(self) -> None:
        """Parse at once, not at the next frame: a fast hand must not send what was there before."""
        self._edits += 1
        self._refusal = ""
        self.refresh()

    # What is shown

    def _now(self) -> tuple[object, ...]:
        desk, symbol = self.desk, self.link.symbol
        return (
            symbol,
            self._edits,
            self._refusal,
            desk.market.version(symbol),
            desk.orders.version,
            desk.positions.version,
            desk.trading_state,
            feed_is_stale(desk),
            desk.now_ns() // PREVIEW_EVERY_NS,
        )

    def _typed(self) -> Typed:
        return Typed(
            symbol=self.link.symbol,
            side=self.side,
            qty=self.qty.line.text(),
            ord_type=TYPES[self.type.currentIndex()],
            limit=self.limit.line.text(),
            time_in_force=TIFS[self.tif.currentIndex()],
        )

    def _offer_price(self, symbol: Symbol) -> None:
        """Put the near side of the first quote into an untouched price: joining, not crossing."""
        if not self._needs_price:
            return
        instrument = self.desk.market.instrument(symbol)
        near = "bid" if self.side is Side.BUY else "ask"
        if instrument is not None:
            price = quoted_price(self.desk.market.quote(symbol), near, self.side, instrument)
            if price is not None:
                self._needs_price = False
                self.limit.line.setText(price)

    def _show_problem(self, problem: Problem | None) -> None:
        for field, widget in ((Field.QTY, self.qty), (Field.LIMIT, self.limit)):
            own = problem is not None and problem.field is field
            widget.show_problem(problem.text if own and problem is not None else "")

    # Form

    def _fill_choices(self) -> None:
        for ord_type in TYPES:
            self.type.addItem(text.TYPE_WORDS[ord_type])
        for tif in TIFS:
            self.tif.addItem(text.TIF_WORDS[tif])
        self.type.setAccessibleName("Order type")
        self.tif.setAccessibleName("Time in force")
        for button in (self.buy, self.sell):
            button.setCheckable(True)
            button.setFixedHeight(34)
            button.setFont(theme.text_font(weight=theme.SEMIBOLD))
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _lay_out(self) -> None:
        form = QWidget(self.body)
        form.setObjectName("ticketForm")
        form.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(form)
        column.setContentsMargins(12, 10, 12, 6)
        column.setSpacing(6)
        column.addWidget(self.quote_box)
        sides = QHBoxLayout()
        sides.setSpacing(4)
        sides.addWidget(self.buy)
        sides.addWidget(self.sell)
        column.addLayout(sides)
        column.addWidget(self.qty)
        column.addLayout(_captioned("Type", self.type))
        column.addWidget(self.limit)
        column.addLayout(_captioned("Time in force", self.tif))
        column.addWidget(_rule(form))
        heading = QLabel("Before you send", form)
        heading.setFont(theme.text_font(theme.SMALL_PX, QFont.Weight.DemiBold))
        column.addWidget(heading)
        column.addWidget(self.facts)
        column.addWidget(self.checks)
        column.addStretch(1)
        scroll = QScrollArea(self.body)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(form)
        outer = QVBoxLayout(self.body)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scroll, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(12, 6, 12, 12)
        foot.addWidget(self.send)
        outer.addLayout(foot)


def _captioned(caption: str, widget: QWidget) -> QVBoxLayout:
    label = QLabel(caption)
    label.setProperty("dim", True)
    column = QVBoxLayout()
    column.setSpacing(2)
    column.addWidget(label)
    column.addWidget(widget)
    return column


def _rule(parent: QWidget) -> QWidget:
    rule = QWidget(parent)
    rule.setFixedHeight(1)
    rule.setStyleSheet(f"background: {Role.LINE.value};")
    return rule


PANEL: Final = PanelSpec("ticket", "Order ticket", Area.RIGHT, TicketPanel, follows_link=True)
