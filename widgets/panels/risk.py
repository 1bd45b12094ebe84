"""What the gate lets through and why, how much of each limit is used, and the limits themselves.

A wide panel shows the account beside the table that is chosen, a narrow one shows one of the three
pages. What a person changes here is a verb of the desk; what became of it is read back from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QWidget,
)

from app.domain.errors import UserError
from app.domain.ids import ClOrdID
from widgets import dialogs, theme
from widgets.palettes import Role
from widgets.panel import Area, Panel, PanelContext, PanelSpec
from widgets.risk_dialogs import ask_arm, ask_limit
from widgets.risk_parts import MeterList, TradingBox
from widgets.risk_tables import BreachesModel, LimitsModel
from widgets.tables import Table

WIDE_FROM_PX: Final = 1240
"""From here on the account stands beside the tables."""
ACCOUNT_PX: Final = 300
METERS_EVERY_NS: Final = 250_000_000
"""Meters are read anew this often: prices move them."""
BREACHES_MAX: Final = 500
"""Newest shown; all of them are in the audit log."""
HALT_REASON: Final = "halted in the risk panel"
LOCK_TITLE: Final = "Lock limits"
LOCK_QUESTION: Final = (
    "Until the next session no limit can be loosened, by nobody and not by a restart either."
    " This cannot be taken back. Tighter values are taken as ever."
)


class Page(StrEnum):
    """One of the three parts."""

    ACCOUNT = "account"
    LIMITS = "limits"
    BREACHES = "breaches"


class RiskPanel(Panel):
    """The account against its limits, the limits, and what went over them."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.trading: Final = TradingBox(self.body)
        self.meters: Final = MeterList(self.body)
        self.limits: Final = LimitsModel()
        self.limits_table: Final = Table(
            self.limits, "No check that is loaded has a limit to set.", self.body
        )
        self.limits_table.setAccessibleName("Limits")
        self.breaches: Final = BreachesModel()
        self.breaches_table: Final = Table(
            self.breaches,
            "No limit was breached, and no order was let through with a reason.",
            self.body,
        )
        self.breaches_table.setAccessibleName("Breaches and overrides")
        self.page = Page.ACCOUNT
        self.pages: Final = {page: self._page_button(page) for page in Page}
        self.lock_sign: Final = QLabel(self.header)
        self.lock_sign.setProperty("caution", True)
        self.lock_sign.setContentsMargins(8, 0, 8, 0)
        self.header_row.addWidget(self.lock_sign)
        self.change: Final = self._link_button("Change…", self.change_selected)
        self.change.setToolTip("Change the selected limit (Enter)")
        self.lock: Final = self._link_button("Lock until next session", self._ask_lock)
        self.lock.setToolTip("Let nobody loosen a limit before the next session")
        self._seen: tuple[object, ...] = ()
        self._limits_seen: tuple[object, ...] = ()
        self._breaches_seen = -1
        self._is_wide = False
        self._lay_out()
        self._connect()
        self._arrange()

    def stale(self) -> bool:
        """Whether the state, a limit or the history changed, or the meters are old."""
        return self._now() != self._seen or self.limits.is_fading

    def refresh(self) -> None:
        """Show what the desk says now."""
        desk = self.desk
        self._seen = self._now()
        self.trading.show_desk(desk)
        self.meters.show_meters(desk.meters())
        if self._limits_seen != (desk.limits_version, desk.limits_locked_until):
            self._limits_seen = (desk.limits_version, desk.limits_locked_until)
            self.limits.put(sorted(desk.limits, key=lambda row: row.code))
        if self.limits.is_fading:
            self.limits.fade()
        if self._breaches_seen != desk.breaches_version:
            self._breaches_seen = desk.breaches_version
            self.breaches.put(reversed(desk.breaches[:BREACHES_MAX]))
            self.breaches.trim(BREACHES_MAX)
        self._show_header()

    def state(self) -> dict[str, object]:
        """Return the page that is shown."""
        return {"page": self.page.value}

    def restore(self, state: Mapping[str, object]) -> None:
        """Show the page that a layout keeps."""
        if state.get("page") in list(Page):
            self.show_page(Page(str(state["page"])))

    def show_page(self, page: Page) -> None:
        """Show one of the parts; beside the account if there is room."""
        self.page = page
        self._arrange()

    # Gestures

    def change_selected(self) -> None:
        """Open the dialog that changes the selected limit."""
        place = self.limits_table.selected_row()
        if place is None:
            self.link.said.emit("Select a limit to change it")
            return
        ask_limit(self.window(), self.desk, self.limits.row(place))

    def _connect(self) -> None:
        self.trading.halt_wanted.connect(lambda: self.desk.halt(HALT_REASON))
        self.trading.arm_wanted.connect(self._ask_arm)
        self.limits_table.activated.connect(lambda _index: self.change_selected())
        self.limits_table.selectionModel().selectionChanged.connect(self._show_header)
        self.breaches_table.row_picked.connect(self._on_breach)

    def _ask_arm(self) -> None:
        ask_arm(self.window(), self.desk, self.link.said.emit)

    def _ask_lock(self) -> None:
        dialogs.ask(self.window(), LOCK_TITLE, LOCK_QUESTION, self._lock)

    def _lock(self) -> None:
        try:
            self.desk.lock_limits()
        except UserError as error:
            self.link.said.emit(str(error))

    def _on_breach(self, place: int) -> None:
        order = self.desk.orders.get(ClOrdID(self.breaches.row(place).cl_ord_id))
        if order is not None:
            self.link.pick_symbol(order.symbol)

    # What is shown

    def _now(self) -> tuple[object, ...]:
        desk = self.desk
        return (
            desk.trading_state,
            desk.trading_state_reason,
            desk.latch,
            desk.kill,
            desk.limits_version,
            desk.limits_locked_until,
            desk.breaches_version,
            desk.now_ns() // METERS_EVERY_NS,
            desk.positions.version,  # In a paused replay the clock stands still.
        )

    def _show_header(self) -> None:
        until = self.desk.limits_locked_until
        self.lock_sign.setText(f"Locked until {until}" if until else "")
        self.lock_sign.setToolTip("No limit can be loosened before that day" if until else "")
        self.lock_sign.setVisible(bool(until))
        self.lock.setVisible(not until)
        has_limit = self.limits_table.selected_row() is not None
        self.change.setVisible(self._is_limits_shown())
        self.change.setEnabled(has_limit)
        count = self.breaches.rowCount()
        words = {Page.ACCOUNT: "Account", Page.LIMITS: "Limits"}
        words[Page.BREACHES] = f"Breaches {count}" if count else "Breaches"
        for page, button in self.pages.items():
            if button.text() != words[page]:
                button.setText(words[page])

    def _is_limits_shown(self) -> bool:
        return self.page is not Page.BREACHES and (self._is_wide or self.page is Page.LIMITS)

    # Form

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name.
        """Show the account beside the tables where there is room."""
        super().resizeEvent(event)
        is_wide = self.width() >= WIDE_FROM_PX
        if is_wide != self._is_wide:
            self._is_wide = is_wide
            self._arrange()

    def _arrange(self) -> None:
        wide, page = self._is_wide, self.page
        self._account.setVisible(wide or page is Page.ACCOUNT)
        self._account.setMaximumWidth(ACCOUNT_PX if wide else 16_777_215)
        directions = QBoxLayout.Direction
        self._account_box.setDirection(directions.TopToBottom if wide else directions.LeftToRight)
        self.trading.setMaximumWidth(ACCOUNT_PX)
        self._rule.setVisible(wide)
        self.limits_table.setVisible(self._is_limits_shown())
        self.breaches_table.setVisible(page is Page.BREACHES)
        shown = Page.LIMITS if wide and page is Page.ACCOUNT else page
        self.pages[Page.ACCOUNT].setVisible(not wide)
        for each, button in self.pages.items():
            button.setChecked(each is shown)
        self._show_header()

    def _lay_out(self) -> None:
        self._account = QWidget(self.body)
        self._account_box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._account)
        self._account_box.setContentsMargins(0, 0, 0, 0)
        self._account_box.setSpacing(0)
        scroll = QScrollArea(self._account)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        self.meters.setObjectName("panelBody")
        self.meters.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        scroll.setWidget(self.meters)
        self._account_box.addWidget(self.trading)
        self._account_box.addWidget(scroll, 1)
        self._rule = QWidget(self.body)
        self._rule.setFixedWidth(1)
        self._rule.setStyleSheet(f"background: {theme.hex_of(Role.LINE)};")
        row = QHBoxLayout(self.body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._account, 1)
        row.addWidget(self._rule)
        row.addWidget(self.limits_table, 3)
        row.addWidget(self.breaches_table, 3)

    def _page_button(self, page: Page) -> QPushButton:
        button = QPushButton(page.value.capitalize(), self.header)
        button.setFlat(True)
        button.setCheckable(True)
        button.clicked.connect(lambda _on=False: self.show_page(page))
        self.header_row.addWidget(button)
        return button

    def _link_button(self, words: str, run: Callable[[], None]) -> QPushButton:
        button = QPushButton(words, self.header)
        button.setProperty("link", True)
        button.clicked.connect(lambda _checked=False: run())
        self.header_row.addWidget(button)
        return button


PANEL: Final = PanelSpec("risk", "Risk", Area.BOTTOM, RiskPanel)
