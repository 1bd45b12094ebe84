"""The depth ladder of the link group's symbol: see the book, place, move and cancel in it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout

from app.domain.enums import Side, Venue
from app.domain.ids import ClOrdID
from app.domain.orders import Order
from widgets.ladder.queue import QueueAhead
from widgets.ladder.rungs import (
    Market,
    by_rung,
    centred_top,
    is_off_centre,
    middle_of,
    own_by_rung,
    rungs,
)
from widgets.ladder.view import LadderView
from widgets.order_terms import Draft, Kind, Typed
from widgets.palettes import Role
from widgets.panel import Area, Panel, PanelContext, PanelSpec
from widgets.quick_orders import ARMED_NS, QuickOrders
from widgets.top_bar import feed_is_stale

LEVELS: Final = 200
"""Prices of a side that are looked at."""
PRINTS: Final = 20_000
"""Newest prints whose volume stands beside the prices."""
QTY_DEFAULT: Final = "100"
_QTY_CHARS_MAX: Final = 12


class LadderPanel(Panel):
    """Bids and asks by price with own orders among them; armed, a click sends at once."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.setMinimumWidth(150)
        self.view: Final = LadderView(self.body)
        self.qty: Final = QLineEdit(QTY_DEFAULT, self.body)
        self.qty.setAccessibleName("Quantity of a click")
        self.qty.setMaxLength(_QTY_CHARS_MAX)
        self.arm: Final = QPushButton("Arm", self.body)
        self.arm.setCheckable(True)
        self.arm.setToolTip("Armed, a click sends at once; else it goes to the ticket")
        self.centre: Final = QPushButton("Centre", self.body)
        self.centre.setToolTip("Keep the market in the middle (C)")
        self.centre.setCheckable(True)
        self.centre.setChecked(True)
        self._level = QLabel("", self.header)
        self._level.setProperty("dim", True)
        self.header_row.addWidget(self._level)
        strip = QHBoxLayout()
        strip.setContentsMargins(4, 4, 4, 4)
        strip.setSpacing(4)
        for widget in (self.qty, self.arm, self.centre):
            widget.setFixedHeight(26)
            strip.addWidget(widget, 1)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        column.addLayout(strip)
        self._orders: Final = QuickOrders(self.desk, self.link)
        self._queue = QueueAhead()
        self._symbol = self.link.symbol
        self._top: Decimal | None = None
        self._traded: Mapping[Decimal, float] = {}
        self._seen: object = None
        self._used_ns = 0
        self.view.order_wanted.connect(self._order)
        self.view.move_wanted.connect(self._move)
        self.view.cancel_wanted.connect(self._cancel)
        self.view.scroll_wanted.connect(self._scroll)
        self.view.centre_wanted.connect(lambda: self.centre.setChecked(True))
        self.view.disarm_wanted.connect(lambda: self.arm.setChecked(False))
        self.view.resized.connect(self._look_again)
        self.arm.toggled.connect(self._arm)
        self.centre.toggled.connect(self._look_again)
        self.link.symbol_changed.connect(self._pick)

    def stale(self) -> bool:
        """Whether book, prints, orders or the position are other than shown."""
        if self.arm.isChecked() and self.desk.now_ns() - self._used_ns > ARMED_NS:
            self.arm.setChecked(False)
        return self._now() != self._seen

    @property
    def paint_ms(self) -> float:
        """What painting took the last time, milliseconds; the frame clock leaves room for it."""
        return self.view.paint_ms

    def refresh(self) -> None:
        """Make the rows anew."""
        self._seen = self._now()
        self.view.is_stale = feed_is_stale(self.desk)
        is_deep = bool(self.desk.market.depth_version(self._symbol))
        self._level.setText("L2" if is_deep else "L1")
        self._level.setToolTip("all displayed prices" if is_deep else "best bid and ask only")
        tick = self._tick()
        market = None if tick is None else self._market(tick)
        middle = None if market is None else middle_of(market)
        if tick is None or market is None or middle is None:
            self.view.empty_words = f"No price of {self._symbol or 'any symbol'} yet"
            self.view.show_rungs(())
            return
        if self._top is None or (
            self.centre.isChecked() and is_off_centre(middle, self._top, tick, self.view.rows)
        ):
            self._top = centred_top(middle, tick, self.view.rows)
        self.view.show_rungs(rungs(market, self._top, tick, self.view.rows))

    def every_second(self) -> None:
        """Count what was traded at each price."""
        tick = self._tick()
        if tick is None or not self.isVisible():
            return
        prints = self.desk.market.prints(self._symbol, PRINTS)
        steps, places = np.unique(
            np.rint(prints.price / float(tick)).astype(np.int64), return_inverse=True
        )
        sums = np.bincount(places, weights=prints.size, minlength=len(steps))
        self._traded = {
            tick * step: shares for step, shares in zip(steps.tolist(), sums.tolist(), strict=True)
        }

    def headline(self) -> str:
        """Return the title; of an armed ladder it says so."""
        return "Ladder · ARMED" if self.arm.isChecked() else "Ladder"

    def state(self) -> dict[str, object]:
        """Return what a layout keeps; never that it was armed."""
        return {"qty": self.qty.text(), "centre": self.centre.isChecked()}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take it back."""
        qty = state.get("qty")
        if isinstance(qty, str) and len(qty) <= _QTY_CHARS_MAX:
            self.qty.setText(qty)
        self.centre.setChecked(state.get("centre", True) is True)

    # Inside

    def _now(self) -> tuple[object, ...]:
        view = self.desk.market
        return (
            self._symbol,
            view.version(self._symbol),
            view.depth_version(self._symbol),
            self.desk.orders.version,
            self.desk.positions.version,
            feed_is_stale(self.desk),
            self.view.rows,
            self._top,
            self.centre.isChecked(),
            id(self._traded),
        )

    def _tick(self) -> Decimal | None:
        instrument = self.desk.market.instrument(self._symbol)
        last = self.desk.market.last_px(self._symbol)
        quote = self.desk.market.quote(self._symbol)
        near = last or (None if quote is None else quote.bid or quote.ask)
        return None if instrument is None or near is None else instrument.tick_at(near)

    def _market(self, tick: Decimal) -> Market:
        view, symbol = self.desk.market, self._symbol
        levels = {side: view.depth(symbol, side, LEVELS) for side in Side}
        quote = view.quote(symbol)
        if quote is not None and not any(levels.values()):
            pairs = ((Side.BUY, quote.bid, quote.bid_size), (Side.SELL, quote.ask, quote.ask_size))
            levels = {side: () if px is None else ((px, size),) for side, px, size in pairs}
        shown = {side: by_rung(levels[side], side, tick) for side in Side}
        mine = self._own_orders()
        return Market(
            bids=shown[Side.BUY],
            asks=shown[Side.SELL],
            last=view.last_px(symbol),
            traded=self._traded,
            own=own_by_rung(mine, self._queue.look(mine, shown), tick),
            position=self.desk.positions.get(symbol),
        )

    def _own_orders(self) -> list[Order]:
        return [order for order in self.desk.orders.working() if order.symbol == self._symbol]

    def _pick(self, symbol: str) -> None:
        self._symbol = self.link.symbol
        assert symbol == self._symbol
        self._top, self._traded, self._seen = None, {}, None
        self._queue = QueueAhead()
        self.arm.setChecked(False)  # Clicks that were meant for another symbol send nothing.
        self.view.cursor_px = None
        self.every_second()

    def _look_again(self) -> None:
        if self.centre.isChecked():
            self._top = None
        self._seen = None

    def _scroll(self, rows: int) -> None:
        tick = self._tick()
        if tick is not None and self._top is not None:
            self.centre.setChecked(False)
            self._top = max(tick, self._top + tick * rows)

    def _arm(self, on: bool) -> None:  # noqa: FBT001  A slot.
        self._used_ns = self.desk.now_ns()
        is_live = self.desk.identity.venue is Venue.LIVE
        role = Role.DOWN if is_live else Role.CAUTION
        self.view.armed_role = role if on else None
        self.arm.setText("ARMED" if on else "Arm")
        self.view.update()

    def _order(self, side: Side, price: Decimal, is_stop: bool) -> None:  # noqa: FBT001  A slot.
        draft = Draft(side, Kind.STOP if is_stop else Kind.LIMIT, f"{price}")
        if not self.arm.isChecked():
            self.link.draft_wanted.emit(draft)
            self.link.said.emit(f"{draft.words} waits in the ticket; arm the ladder to send clicks")
            return
        self._used_ns = self.desk.now_ns()
        typed = Typed(
            symbol=self._symbol,
            side=side,
            qty=self.qty.text().strip(),
            kind=draft.kind,
            limit="" if is_stop else draft.price,
            stop=draft.price if is_stop else "",
        )
        self._orders.place(typed, draft)

    def _move(self, cl_ord_id: ClOrdID, price: Decimal) -> None:
        self._used_ns = self.desk.now_ns()
        self._orders.move(cl_ord_id, float(price))

    def _cancel(self, cl_ord_id: ClOrdID) -> None:
        self._orders.cancel(cl_ord_id)


PANEL: Final = PanelSpec("ladder", "Ladder", Area.FAR_RIGHT, LadderPanel, follows_link=True)
