"""The line at the bottom: the last thing that happened in words, and the pace of the station."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.domain.enums import OrderState
from widgets import text, theme
from widgets.palettes import Role

if TYPE_CHECKING:
    from app.desk import Desk
    from app.domain.ids import ClOrdID
    from app.domain.orders import Order

HEIGHT_PX: Final = 24
PACE_EVERY_S: Final = 1.0


class StatusLine(QWidget):
    """Words at the left, figures at the right."""

    def __init__(self, frames_per_s: Callable[[], int], parent: QWidget) -> None:
        super().__init__(parent)
        self.is_failed = False
        self.hint = ""
        """Words after the figures: how to do anything."""
        self._frames_per_s = frames_per_s
        self._desk: Desk | None = None
        self._notice_version = 0
        self._orders_version = 0
        self._said: dict[ClOrdID, tuple[object, ...]] = {}
        """Working orders -> what was new of each last."""
        self._events = 0
        self._paced_s = 0.0
        self.setObjectName("statusLine")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT_PX)
        self.words = QLabel("Starting…", self)
        self.words.setFont(theme.text_font(theme.SMALL_PX))
        self.words.setMinimumWidth(0)
        self.words.setAccessibleName("Last action")
        self.pace = QLabel(self)
        self.pace.setFont(theme.text_font(theme.SMALL_PX))
        self.pace.setStyleSheet(f"color: {theme.hex_of(Role.DIM)};")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.addWidget(self.words, 1)
        row.addWidget(self.pace)

    def attach(self, desk: Desk) -> None:
        """Follow a session from now on."""
        self._desk = desk
        self._notice_version = -1
        self._orders_version = desk.orders.version
        self._events = desk.market.events
        self._paced_s = time.perf_counter()
        self.say("Ready" if not desk.notice.text else desk.notice.text)

    def say(self, words: str, *, is_warning: bool = False) -> None:
        """Show a sentence."""
        self.words.setText(words)
        self.words.setToolTip(words)
        role = Role.CAUTION if is_warning else Role.TEXT
        self.words.setStyleSheet(f"color: {theme.hex_of(role)};")

    def stale(self) -> bool:
        """Whether something happened, or a second has passed."""
        desk = self._desk
        return desk is not None and (
            desk.orders.version != self._orders_version
            or desk.notice_version != self._notice_version
            or time.perf_counter() - self._paced_s >= PACE_EVERY_S
        )

    def refresh(self) -> None:
        """Say what is new."""
        desk = self._desk
        assert desk is not None
        if desk.orders.version != self._orders_version:
            changed = desk.orders.changed_since(self._orders_version)
            self._orders_version = desk.orders.version
            news = [order for order in changed if self._is_news(order)]
            if news:
                self._say_order(news[-1])
        if desk.notice_version != self._notice_version:
            self._notice_version = desk.notice_version
            if desk.notice.text:
                self.say(desk.notice.text, is_warning=desk.notice.is_warning)
        if time.perf_counter() - self._paced_s >= PACE_EVERY_S:
            self._show_pace(desk)

    def fail(self, error: Exception) -> None:
        """Say that this line stopped."""
        self.is_failed = True
        self.say(f"The status line stopped: {error!r}", is_warning=True)

    def _show_pace(self, desk: Desk) -> None:
        now_s = time.perf_counter()
        rate = (desk.market.events - self._events) / (now_s - self._paced_s)
        self._events, self._paced_s = desk.market.events, now_s
        words = (
            f"{rate:,.0f} msg/s · {self._frames_per_s()} fps · audit seq {desk.journal.head_seq:,}"
            f"{self.hint}"
        )
        drills = desk.drills
        if drills is not None and drills.running is not None:
            words = f"fire drill runs: {drills.running.title} · {words}"
        recording = desk.recording
        if recording is not None:
            lost = f", {recording.lost:,} lost" if recording.lost else ""
            words = f"recording {recording.events:,} events{lost} · {words}"
            self.pace.setToolTip(str(recording.path))
        else:
            self.pace.setToolTip("")
        self.pace.setText(words)

    def _is_news(self, order: Order) -> bool:
        """Whether an order is worth a sentence: the level of a trail that follows is not."""
        now = (order.state, order.cum_qty, order.order_qty, order.terms, order.text)
        is_new = self._said.get(order.cl_ord_id) != now
        if order.is_working:
            self._said[order.cl_ord_id] = now
        else:
            self._said.pop(order.cl_ord_id, None)
        return is_new

    def _say_order(self, order: Order) -> None:
        words, state = text.order_words(order.terms), order.state
        if state is OrderState.IN_DOUBT:
            self.say(f"{words} — outcome unknown, asking the broker", is_warning=True)
        elif state in (OrderState.REJECTED, OrderState.DENIED):
            self.say(f"{words} — {state.value}: {order.text}", is_warning=True)
        elif state is OrderState.NEW:
            took = order.ts_ack_ns - order.ts_intent_ns
            self.say(f"Sent {words} — accepted in {text.span(took)}")
        elif order.cum_qty and state in (OrderState.FILLED, OrderState.PARTIALLY_FILLED):
            done = f"{text.quantity(order.cum_qty)} of {text.quantity(order.order_qty)}"
            self.say(f"{words} — filled {done} at {text.average(order.avg_px)}")
        elif state is OrderState.HELD_HERE:
            self.say(f"{words} — held on this PC: it dies with the station")
        else:
            self.say(f"{words} — {text.status_words(order)}")
