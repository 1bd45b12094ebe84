"""The chart of one symbol: live bars, what works and what was filled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QButtonGroup, QMenu, QPushButton, QVBoxLayout

from app.domain.enums import FeedState
from app.domain.errors import UserError
from app.domain.ids import ClOrdID, Symbol
from app.domain.orders import Fill
from app.domain.times import SECOND_NS
from widgets import text
from widgets.chart_menu import ChartMenu
from widgets.order_moves import closing_pnl, moved_prices
from widgets.order_terms import drafts_at
from widgets.panel import Area, Panel, PanelContext, PanelSpec
from widgets.plot.content import ChartContent, FillMark, LastPrice, OrderLine
from widgets.plot.hours import CoreSessions
from widgets.plot.styles import BarStyle
from widgets.plot.view import ChartView
from widgets.theme import Role
from widgets.top_bar import feed_is_stale

INTERVALS_S: Final = {"1s": 1, "10s": 10, "1m": 60, "5m": 300, "15m": 900, "1h": 3600, "1d": 86400}
INTERVAL_DEFAULT: Final = "1m"
BARS_MAX: Final = 1_000_000
FILLS_MAX: Final = 500
"""Newest fills of a symbol that are drawn."""


class ChartPanel(Panel):
    """Bars of the link group's symbol."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.view: Final = ChartView(self.body)
        self.view.cancel_wanted.connect(self._cancel)
        self.view.move_wanted.connect(self._move)
        self.view.menu_wanted.connect(self._open_orders_menu)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self._interval = INTERVAL_DEFAULT
        self._style = BarStyle.CANDLES
        self._is_core_only = False
        self._core = CoreSessions(self.desk.market.core_hours)
        self._buttons = self._make_buttons()
        self.menu: Final = ChartMenu(
            self.view,
            self,
            choose_style=self.set_style,
            choose_hours=self.set_core_only,
            say=self.link.said.emit,
        )
        self.menu_button: Final = self._make_menu_button()
        self._seen: tuple[object, ...] = ()
        self._fills: dict[Symbol, list[Fill]] = {}
        self._fills_read = 0
        self._fills_rewritten = 0
        self.link.symbol_changed.connect(self._on_symbol)

    def stale(self) -> bool:
        """Whether there is a price, an order, a fill or a gesture that is not drawn."""
        return self._now() != self._seen

    def refresh(self) -> None:
        """Draw what is known now."""
        self._seen = self._now()
        symbol = self.link.symbol
        interval_ns = INTERVALS_S[self._interval] * SECOND_NS
        bars = self.desk.market.bars(symbol, interval_ns, BARS_MAX)
        series = f"{symbol} {self._interval}"
        if self._is_core_only:
            bars, series = self._core.of(bars, interval_ns, series), f"{series} core"
        self._read_fills()
        position = self.desk.positions.get(symbol)
        average = position.avg_px
        label = f"avg {text.average(average)}  {text.signed_quantity(position.qty)}"
        self.view.show_content(
            ChartContent(
                bars=bars,
                interval_ns=interval_ns,
                series=series,
                last=self._last(symbol),
                orders=self._lines(symbol),
                fills=tuple(
                    FillMark(f.ts_exch_ns, float(f.px), f.side)
                    for f in self._fills.get(symbol, ())[-FILLS_MAX:]
                ),
                average=None if average is None else (float(average), label),
                style=self._style,
                core_hours=self.desk.market.core_hours,
                empty_words=f"No prices of {symbol} yet" if symbol else "Pick a symbol",
            )
        )

    def headline(self) -> str:
        """Return the symbol with its name and market."""
        instrument = self.desk.market.instrument(self.link.symbol)
        if instrument is None:
            return self.link.symbol or "Chart"
        return f"{instrument.symbol} · {instrument.name} · {instrument.exchange}"

    def state(self) -> dict[str, object]:
        """Keep the interval and the width of the view."""
        own = {"interval": self._interval, "style": self._style.value, "core": self._is_core_only}
        return {**own, **self.view.state()}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take interval and width back."""
        interval = state.get("interval")
        if isinstance(interval, str) and interval in INTERVALS_S:
            self.set_interval(interval)
        self._is_core_only = state.get("core") is True
        style = state.get("style")
        self._style = next((known for known in BarStyle if known.value == style), self._style)
        self.view.restore(state)

    def set_interval(self, interval: str) -> None:
        """Show bars of another interval; the newest is followed again."""
        self._interval = interval
        self._buttons[interval].setChecked(True)
        self.view.window.is_following = True

    def set_style(self, style: BarStyle) -> None:
        """Let bars look otherwise; what is in view stays."""
        self._style = style

    def set_core_only(self, on: bool) -> None:  # noqa: FBT001  Qt's signal.
        """Leave out the hours before the open and after the close, or show them."""
        self._is_core_only = on

    def _make_menu_button(self) -> QPushButton:
        button = QPushButton("Bars ▾", self.header)
        button.setFlat(True)
        button.setAccessibleName("How bars and prices are drawn")
        button.clicked.connect(self._open_menu)
        self.header_row.addWidget(button)
        return button

    def _open_menu(self) -> None:
        self.menu.prepare(self.link.symbol, self._style, is_core_only=self._is_core_only)
        below = self.menu_button.rect().bottomLeft()
        self.menu.popup(self.menu_button.mapToGlobal(below))

    def _make_buttons(self) -> dict[str, QPushButton]:
        group = QButtonGroup(self)
        buttons: dict[str, QPushButton] = {}
        for interval in INTERVALS_S:
            button = QPushButton(interval, self.header)
            button.setFlat(True)
            button.setCheckable(True)
            button.setAccessibleName(f"Interval {interval}")
            button.clicked.connect(
                lambda _checked=False, interval=interval: self.set_interval(interval)
            )
            group.addButton(button)
            self.header_row.addWidget(button)
            buttons[interval] = button
        buttons[INTERVAL_DEFAULT].setChecked(True)
        return buttons

    def _now(self) -> tuple[object, ...]:
        symbol, desk = self.link.symbol, self.desk
        stale = feed_is_stale(desk)
        age_ns = desk.market.feed_age_ns
        return (
            symbol,
            self._interval,
            self._style,
            self._is_core_only,
            desk.market.version(symbol),
            desk.orders.version,
            desk.positions.version,
            # The age is shown in seconds.
            age_ns // SECOND_NS if stale and age_ns is not None else None,
        )

    def _last(self, symbol: Symbol) -> LastPrice | None:
        day = self.desk.market.day(symbol)
        if day is None:
            return None
        age_ns = self.desk.market.feed_age_ns
        words = ""
        if feed_is_stale(self.desk):
            words = _stale_words(self.desk.market.status.state, age_ns)
        role = Role.UP if (day.change_pct or 0.0) >= 0 else Role.DOWN
        return LastPrice(day.last, role, words)

    def _lines(self, symbol: Symbol) -> tuple[OrderLine, ...]:
        lines: list[OrderLine] = []
        position = self.desk.positions.get(symbol)
        for order in self.desk.orders.working():
            price = text.level(order)
            if order.symbol == symbol and price is not None:
                gain = closing_pnl(order, position)
                words = text.line_words(order)
                if gain is not None:
                    words += f"  {text.gain(gain)}"
                lines.append(OrderLine(order.cl_ord_id, float(price), words, order.order.side))
        return tuple(lines)

    def _read_fills(self) -> None:
        if self.desk.orders.fills_rewritten != self._fills_rewritten:
            self._fills_rewritten = self.desk.orders.fills_rewritten
            self._fills.clear()
            self._fills_read = 0
        for fill in self.desk.orders.fills_from(self._fills_read):
            self._fills.setdefault(fill.symbol, []).append(fill)
            self._fills_read += 1

    def _on_symbol(self) -> None:
        self.view.window.is_following = True

    def _open_orders_menu(self, at: QPoint, price: float) -> None:
        """Offer orders that would rest at the price under the mouse; the ticket takes the draft."""
        instrument = self.desk.market.instrument(self.link.symbol)
        day = self.desk.market.day(self.link.symbol)
        drafts = drafts_at(price, None if day is None else day.last, instrument)
        if not drafts:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for draft in drafts:
            action = menu.addAction(draft.words)
            action.triggered.connect(
                lambda _on=False, draft=draft: self.link.draft_wanted.emit(draft)
            )
        menu.popup(at)

    def _cancel(self, cl_ord_id: str) -> None:
        self.desk.cancel(ClOrdID(cl_ord_id))

    def _move(self, cl_ord_id: str, price: float) -> None:
        """Ask for the price that an order's line was dragged to; the gate decides."""
        order = self.desk.orders.get(ClOrdID(cl_ord_id))
        if order is None:
            return
        moved = moved_prices(order, price, self.desk.market.instrument(order.symbol))
        if isinstance(moved, str):
            self.link.said.emit(moved)
            return
        try:
            self.desk.replace(
                order.cl_ord_id,
                order_qty=order.order_qty,
                limit_px=moved.limit_px,
                stop_px=moved.stop_px,
            )
        except UserError as error:
            self.link.said.emit(str(error))


def _stale_words(state: FeedState, age_ns: int | None) -> str:
    if state is FeedState.ENDED:
        return "the recording has ended"
    if state is FeedState.DOWN or age_ns is None:
        return "no feed"
    return f"stale · {text.span(age_ns)} old"


PANEL: Final = PanelSpec("chart", "Chart", Area.CENTER, ChartPanel, follows_link=True)
