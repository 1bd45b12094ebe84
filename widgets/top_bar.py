"""The bar at the top: where one trades, with how much, whether all is well, and the kill switch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from app.domain.enums import FeedState, Phase, TradingState, Venue
from app.domain.times import SECOND_NS
from widgets import text, theme
from widgets.palettes import Role
from widgets.readout import Readout
from widgets.risk_parts import StateButton

if TYPE_CHECKING:
    from app.desk import Desk

HEIGHT_PX: Final = 44
COMPACT_BELOW_PX: Final = 1500
HIDDEN_BELOW_PX: Final = {"leverage": 1340, "audit": 1250, "broker": 1160, "buying_power": 1090}
"""What a narrow window has no room for, the least needed first; panels show all of it."""
BADGE_WORDS_PX_MAX: Final = 144
NEVER_NS: Final = 2**63 - 1
"""End of a session that has none."""
STALE_NS: Final = 5_000_000_000
"""A feed that has said nothing for longer is stale."""
ACCOUNT_EVERY_NS: Final = 100_000_000
SESSION_FROM_PX: Final = 1500
_SESSIONS: Final = {
    Phase.PRE: ("Pre-market", "opens in"),
    Phase.CORE: ("Regular session", "closes in"),
    Phase.POST: ("After hours", "end in"),
    Phase.CLOSED: ("Closed", "pre-market in"),
}
VENUE_WORDS: Final = {Venue.PAPER: "PAPER", Venue.LIVE: "LIVE", Venue.REPLAY: "REPLAY"}


class Light(QWidget):
    """A state as a dot with its name and a figure; the shape differs as well as the colour."""

    def __init__(self, name: str, widest: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.value = text.DASH
        self._name = name
        self._role = Role.FAINT
        small = QFontMetrics(theme.text_font(theme.SMALL_PX))
        self._name_px = 14 + small.horizontalAdvance(name) + 5
        figure = QFontMetrics(theme.figure_font(theme.SMALL_PX))
        self.setFixedWidth(self._name_px + figure.horizontalAdvance(widest) + 5)
        self.setAccessibleName(name)

    def show_value(self, value: str, role: Role, hint: str) -> None:
        """Show a figure; `hint` says in words what the light means."""
        if (value, role) != (self.value, self._role):
            self.value, self._role = value, role
            self.setAccessibleDescription(f"{value}. {hint}")
            self.setToolTip(hint)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002  Qt's name.
        """Draw dot, name and figure on one line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() // 2
        painter.setPen(theme.color(self._role))
        if self._role is Role.UP:
            painter.setBrush(theme.color(self._role))
            painter.drawEllipse(2, middle - 4, 8, 8)
        elif self._role is Role.DOWN:
            painter.setBrush(theme.color(self._role))
            painter.drawRect(2, middle - 4, 8, 8)
        else:
            painter.drawEllipse(2, middle - 4, 8, 8)
        painter.setFont(theme.text_font(theme.SMALL_PX))
        painter.setPen(theme.color(Role.DIM))
        room = QRect(14, 0, self.width() - 14, self.height())
        painter.drawText(room, theme.ALIGN_LEFT, self._name)
        painter.setFont(theme.figure_font(theme.SMALL_PX))
        painter.setPen(theme.color(Role.TEXT if self._role is Role.UP else self._role))
        if self._role is Role.FAINT:
            painter.setPen(theme.color(Role.DIM))
        room.setLeft(self._name_px)
        painter.drawText(room, theme.ALIGN_LEFT, self.value)
        painter.end()


class TopBar(QWidget):
    """Name, badge, account, lights, time and the kill switch."""

    halt_wanted = Signal()
    arm_wanted = Signal()

    def __init__(self, venue: Venue, venue_title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.is_failed = False
        self._desk: Desk | None = None
        self._account_at_ns = 0
        self._account_seen = (0, 0)
        """Versions of what moves the account while time stands still, as in a paused replay."""
        self._is_halted = False
        self._is_stopping = False
        self._reason = ""
        self._is_compact = False
        self._is_replay = venue is Venue.REPLAY
        self._session_s = 0
        """Second that the session is shown of."""
        self.setObjectName("topBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT_PX)
        self.menu_button = QToolButton(self)
        self.menu_button.setText("Tradedeck")
        self.menu_button.setFont(theme.text_font(15, QFont.Weight.Bold))
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setToolTip("Menu")
        self.menu_button.setStyleSheet("QToolButton { border: none; padding: 4px 18px 4px 2px; }")
        badge_words = f"{VENUE_WORDS[venue]} · {venue_title}"
        self.badge = QLabel(self)
        self.badge.setObjectName("badge")
        self.badge.setFont(theme.text_font(theme.SMALL_PX, theme.SEMIBOLD))
        # A long file name must not run into the figures; the beginning says whether it is paper.
        room = self.badge.fontMetrics()
        self.badge.setText(
            room.elidedText(badge_words, Qt.TextElideMode.ElideRight, BADGE_WORDS_PX_MAX)
        )
        self.badge.setToolTip(badge_words)
        self.badge.setAccessibleName(badge_words)
        self.badge.setFixedHeight(22)
        self.badge.ensurePolished()  # Its style decides its width.
        self.badge.setMinimumWidth(self.badge.sizeHint().width())
        self.badge.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.equity = Readout("Equity", 104, self)
        self.day_pnl = Readout("Day P&L", 160, self)
        self.buying_power = Readout("Buying power", 104, self)
        self.leverage = Readout("Gross leverage", 92, self)
        self.feed = Light("Feed", "999 ms", self)
        self.broker = Light("Broker", "9.99 ms", self)
        self.audit = Light("Audit", "9.99 ms", self)
        self.time = Readout("", 128, self)
        self.state = StateButton(self)
        """What trading is at; pressed, it asks for the panel that says more."""
        self.kill = QPushButton(self)
        self.kill.setFixedSize(QSize(132, 26))
        self.kill.setFont(theme.text_font(theme.SMALL_PX, theme.SEMIBOLD))
        self.kill.clicked.connect(self._on_kill)
        self._readouts = (self.equity, self.day_pnl, self.buying_power, self.leverage, self.time)
        self._lay_out()
        self._show_kill(halted=False)
        self.state.hide()
        self.kill.setEnabled(False)

    def attach(self, desk: Desk) -> None:
        """Show a session from now on."""
        self._desk = desk
        self._show_state(desk)
        self.state.show()
        self.kill.setEnabled(True)

    def set_stopping(self) -> None:
        """Show that the session ends: nothing can be pressed any more."""
        self._is_stopping = True
        self.kill.setEnabled(False)
        self.kill.setText("Stopping…")

    def stale(self) -> bool:
        """The time changes every frame."""
        return self._desk is not None

    def refresh(self) -> None:
        """Show time and lights now, and the account ten times a second."""
        desk = self._desk
        assert desk is not None
        now_ns = desk.now_ns()
        self.time.show_value(f"{text.clock(now_ns)} ET")
        if now_ns // SECOND_NS != self._session_s:
            self._session_s = now_ns // SECOND_NS
            self._show_session(desk, now_ns)
        self._show_feed(desk)
        self._show_state(desk)
        seen = desk.orders.version, desk.positions.version
        if abs(now_ns - self._account_at_ns) >= ACCOUNT_EVERY_NS or seen != self._account_seen:
            self._account_at_ns, self._account_seen = now_ns, seen
            self._show_account(desk)

    def fail(self, error: Exception) -> None:
        """Show dashes rather than figures that may be wrong."""
        self.is_failed = True
        for readout in self._readouts:
            readout.show_value(text.DASH, Role.DIM)
            readout.setToolTip(f"This bar stopped: {error!r}")

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 14, 0)
        row.setSpacing(0)
        row.addWidget(self.menu_button)
        row.addSpacing(8)
        row.addWidget(self.badge)
        row.addSpacing(14)
        row.addStretch(1)
        for readout in self._readouts[:-1]:
            readout.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
            row.addWidget(readout)
            row.addStretch(2)
        for light in (self.feed, self.broker, self.audit):
            row.addWidget(light)
        row.addSpacing(6)
        self.time.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        row.addWidget(self.time)
        row.addStretch(2)
        row.addWidget(self.state)
        row.addSpacing(8)
        row.addWidget(self.kill)

    def _show_session(self, desk: Desk, now_ns: int) -> None:
        span = desk.session_span()
        name, end = _SESSIONS[span.phase]
        ends = "never closes"
        if span.end_ns < NEVER_NS:
            ends = f"{end} {text.countdown(span.end_ns - now_ns)}"
        self.time.setToolTip(f"{text.date(now_ns)} · {name} · {ends}")
        if self._is_replay:  # Which day it is matters most.
            ends = text.date(now_ns)
        is_wide = self.width() >= SESSION_FROM_PX and not self._is_replay
        self.time.show_caption(f"{name} · {ends}" if is_wide else ends)

    def _show_account(self, desk: Desk) -> None:
        account = desk.account()
        self.equity.show_value(text.money(account.equity))
        pnl, equity = desk.day_pnl, account.equity
        if pnl is None or equity is None:
            self.day_pnl.show_value(text.DASH, Role.DIM)
        else:
            start = equity - pnl
            share = text.percent(pnl / start * 100) if start else text.DASH
            self.day_pnl.show_value(f"{text.gain(pnl)} {share}", theme.sign_role(pnl))
        self.buying_power.show_value(text.money(account.buying_power))
        self.leverage.show_value(text.ratio(account.gross_leverage))
        self._show_links(desk)

    def _show_state(self, desk: Desk) -> None:
        state, reason = desk.trading_state, desk.trading_state_reason
        self.state.show_state(state, reason)
        shown = state is TradingState.HALTED, reason
        if shown != (self._is_halted, self._reason):
            self._reason = reason
            self._show_kill(halted=shown[0])

    def _show_links(self, desk: Desk) -> None:
        trip_ns = desk.round_trip_ns
        if trip_ns is None:
            self.broker.show_value(
                text.DASH, Role.FAINT, f"{desk.identity.broker_title}: no order yet to time"
            )
        else:
            hint = f"{desk.identity.broker_title}: last time from send to acknowledgement"
            self.broker.show_value(text.span(trip_ns), Role.UP, hint)
        commit_ns = desk.journal.last_commit_ns
        if commit_ns is None:
            self.audit.show_value(text.DASH, Role.FAINT, "Nothing was written in this run yet")
        else:
            hint = "Everything is on disk before it is sent or shown; the time is the last write's"
            self.audit.show_value(text.span(commit_ns), Role.UP, hint)

    def _show_feed(self, desk: Desk) -> None:
        status, age_ns = desk.market.status, desk.market.feed_age_ns
        hint = f"{desk.identity.feed_title}: {status.text or status.state.value}"
        if status.state is FeedState.LIVE and age_ns is not None and age_ns <= STALE_NS:
            # Tenths of milliseconds would only flicker.
            self.feed.show_value(f"{age_ns // 1_000_000} ms", Role.UP, hint)
        elif status.state is FeedState.LIVE:
            self.feed.show_value(
                f"{text.span(age_ns)}", Role.CAUTION, f"{hint}; nothing new for that long"
            )
        elif status.state is FeedState.DOWN:
            self.feed.show_value("down", Role.DOWN, hint)
        elif status.state is FeedState.ENDED:
            self.feed.show_value("ended", Role.CAUTION, hint)
        else:
            self.feed.show_value("…", Role.CAUTION, hint)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name.
        """Take less room for each figure in a narrow window."""
        super().resizeEvent(event)
        self._session_s = 0
        self.time.setFixedWidth(200 if self.width() >= SESSION_FROM_PX else 128)
        for name, below_px in HIDDEN_BELOW_PX.items():
            getattr(self, name).setVisible(self.width() >= below_px)
        compact = self.width() < COMPACT_BELOW_PX
        if compact != self._is_compact:
            self._is_compact = compact
            for readout in self._readouts:
                readout.set_compact(compact=compact)
            self.kill.setFixedSize(QSize(92 if compact else 132, 26))
            self._show_kill(halted=self._is_halted)

    def _show_kill(self, *, halted: bool) -> None:
        self._is_halted = halted
        if self._is_stopping:
            return
        if halted:
            self.kill.setText("Re-arm…")
            why = f": {self._reason}" if self._reason else ""
            self.kill.setToolTip(f"Nothing is sent{why}. Press to let orders through again.")
            self.kill.setStyleSheet(theme.alarm_style(Role.CAUTION))
        else:
            self.kill.setText("Kill switch" if self._is_compact else "Kill switch  ⌃⇧K")
            self.kill.setToolTip("Cancel everything and let nothing through (Ctrl+Shift+K)")
            self.kill.setStyleSheet(theme.alarm_style(Role.DOWN))

    def _on_kill(self) -> None:
        if self._is_halted:
            self.arm_wanted.emit()
        else:
            self.halt_wanted.emit()


def feed_is_stale(desk: Desk) -> bool:
    """Whether prices are older than their limit or the feed is not live."""
    age_ns = desk.market.feed_age_ns
    return desk.market.status.state is not FeedState.LIVE or age_ns is None or age_ns > STALE_NS
