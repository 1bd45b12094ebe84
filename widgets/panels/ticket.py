"""The order ticket: terms, what they would cost, what the gate would say, and one button.

The ticket decides nothing: it parses what was typed, shows the gate's verdict of a preview and
hands the order to the desk. What is refused says why, beside the control that can mend it.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.domain.enums import OrderClass, Side
from app.domain.errors import UserError
from app.domain.ids import Symbol
from app.domain.terms import NewOrder
from widgets import dialogs, text, theme
from widgets.order_terms import Draft, Problem, parse_ticket, quoted_price, spread_words
from widgets.palettes import Role
from widgets.panel import Area, Panel, PanelContext, PanelSpec
from widgets.risk_checks import CheckList
from widgets.ticket_form import TicketForm
from widgets.ticket_parts import Facts, QuoteBox, SendButton
from widgets.top_bar import feed_is_stale

PREVIEW_EVERY_NS: Final = 250_000_000
"""A preview is made anew this often though nothing changed: quotes grow old."""
STAGE_HINT: Final = "Record the order and keep it here until you send it from the list of orders"
STAGE_FAULT: Final = "Orders with exits cannot be staged: one order at a time"


class TicketPanel(Panel):
    """One order at a time, with its exits if there are any."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.setMinimumWidth(272)
        self.form = TicketForm(self.desk, self.body)
        self.qty, self.limit = self.form.qty, self.form.limit
        self.type, self.tif = self.form.type, self.form.tif
        self.quote_box = QuoteBox(self.body)
        self.facts = Facts(
            ("Est. value", "Est. fees", "Buying power after", "Spread now"), self.body
        )
        self.checks = CheckList(self.body)
        self.stage = QPushButton("Stage", self.body)
        self.stage.setAutoDefault(True)
        self.send = SendButton(self.body)
        self._symbol_label = QLabel(self.header)
        self._symbol_label.setProperty("dim", True)
        self.header_row.addWidget(self._symbol_label)
        self.orders: tuple[NewOrder, ...] = ()
        """What the button would send, the entry first; empty while something is to be mended."""
        self._terms: tuple[NewOrder, ...] = ()
        """What was typed, whatever the gate says of it."""
        self._needs_price = True
        self._edits = 0
        self._refusal = ""
        self.asked: tuple[str, ...] = ()
        """What the gate asks about the orders, if it refuses nothing."""
        self._seen: tuple[object, ...] = ()
        self._lay_out()
        self._connect()
        self.choose_side(Side.BUY)

    @property
    def side(self) -> Side:
        """The side chosen."""
        return self.form.side

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
        instrument = self.desk.market.instrument(symbol)
        parsed = parse_ticket(self.form.typed(), instrument, self.desk.now_ns())
        is_bad = isinstance(parsed, Problem)
        self._terms = () if isinstance(parsed, Problem) else parsed
        self.form.show_problem(parsed if isinstance(parsed, Problem) else None)
        self.form.show_held(None if is_bad else self._terms[0])
        self._show_stage()
        if isinstance(parsed, Problem):
            self.orders = ()
            self.facts.show_values((None, None, None, spread_words(quote)))
            self.checks.show_checks(())
            self.send.show_reason(parsed.text, self.side)
            return
        preview = self.desk.preview(parsed[0])
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
        self.asked = () if self._refusal else preview.asked
        self.orders = () if reason and not self.asked else parsed
        if self.asked:
            self.send.show_question(_words(parsed), self.side)
        elif reason:
            self.send.show_reason(reason, self.side)
        else:
            self.send.show_order(_words(parsed), self.side)

    def choose_side(self, side: Side) -> None:
        """Buy or sell."""
        self.form.choose_side(side)

    # Gestures

    def _connect(self) -> None:
        self.form.edited.connect(self._edited)
        self.form.price_typed.connect(self._price_was_typed)
        self.form.entered.connect(self._focus_button)
        for words, button in self.limit.buttons.items():
            button.clicked.connect(lambda _on=False, words=words: self._take_quote(words))
        self.send.clicked.connect(self._submit)
        self.stage.clicked.connect(self._stage)
        self.link.symbol_changed.connect(self._on_symbol)
        self.link.side_wanted.connect(self._on_side_wanted)
        self.link.draft_wanted.connect(self._on_draft)

    def _submit(self) -> None:
        orders = self.orders
        if not orders:
            return
        self.qty.line.setFocus()  # A second order needs a second gesture.
        if self.asked:
            said = "\n".join(text.removesuffix("; order not sent") for text in self.asked)
            dialogs.ask_reason(
                self.window(),
                "Send anyway",
                f"{_words(orders)}\n\n{said}",
                lambda reason: self._send(orders, reason),
            )
        else:
            self._send(orders, "")

    def _send(self, orders: tuple[NewOrder, ...], override: str) -> None:
        try:
            if len(orders) == 1:
                self.desk.submit(orders[0], override)
            else:
                self.desk.submit_list(orders, OrderClass.BRACKET, override)
        except UserError as error:
            self._refuse(error)

    def _stage(self) -> None:
        if len(self._terms) != 1:
            return
        self.qty.line.setFocus()
        try:
            self.desk.stage(self._terms[0])
        except UserError as error:
            self._refuse(error)

    def _refuse(self, error: UserError) -> None:
        self._refusal = str(error)
        self._seen = ()
        self.refresh()
        self.link.said.emit(str(error))

    def _on_symbol(self, symbol: str) -> None:
        self._symbol_label.setText(symbol)
        self._needs_price = True
        self.form.choose_symbol(Symbol(symbol))

    def _on_side_wanted(self, side: Side) -> None:
        self.choose_side(side)
        self.qty.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.qty.line.selectAll()

    def _on_draft(self, draft: Draft) -> None:
        self.form.take(draft)
        self.qty.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.qty.line.selectAll()

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
            desk.reduced_symbols.get(symbol),
            feed_is_stale(desk),
            desk.now_ns() // PREVIEW_EVERY_NS,
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

    def _show_stage(self) -> None:
        self.stage.setEnabled(len(self._terms) == 1)
        self.stage.setToolTip(STAGE_FAULT if len(self._terms) > 1 else STAGE_HINT)

    def _lay_out(self) -> None:
        page = QWidget(self.body)
        page.setObjectName("ticketForm")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 10, 12, 6)
        column.setSpacing(6)
        column.addWidget(self.quote_box)
        column.addWidget(self.form)
        column.addWidget(_rule(page))
        heading = QLabel("Before you send", page)
        heading.setFont(theme.text_font(theme.SMALL_PX, QFont.Weight.DemiBold))
        column.addWidget(heading)
        column.addWidget(self.facts)
        column.addWidget(self.checks)
        column.addStretch(1)
        self.page = page
        scroll = QScrollArea(self.body)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        outer = QVBoxLayout(self.body)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scroll, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 6, 12, 12)
        foot.setSpacing(6)
        self.stage.setMinimumHeight(38)
        foot.addWidget(self.stage)
        foot.addWidget(self.send, 1)
        outer.addLayout(foot)


def _words(orders: tuple[NewOrder, ...]) -> str:
    if len(orders) == 1:
        return text.order_words(orders[0])
    entry, target, stop = orders
    return text.bracket_words(entry, target, stop)


def _rule(parent: QWidget) -> QWidget:
    rule = QWidget(parent)
    rule.setFixedHeight(1)
    rule.setStyleSheet(f"background: {theme.hex_of(Role.LINE)};")
    return rule


PANEL: Final = PanelSpec("ticket", "Order ticket", Area.RIGHT, TicketPanel, follows_link=True)
