"""Time and sales: every print of the link group's symbol, newest on top."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from widgets import text, theme
from widgets.palettes import Role
from widgets.panel import Area, Panel, PanelContext, PanelSpec
from widgets.theme import ALIGN_CENTER, ALIGN_LEFT, ALIGN_RIGHT
from widgets.top_bar import feed_is_stale

if TYPE_CHECKING:
    from app.desk import Prints
    from app.domain.market import Trade

PRINTS_MAX: Final = 5_000
"""Newest prints that can be scrolled back to."""
ROW_PX: Final = 19
LARGE: Final = 10_000
"""Shares from which a print is set in bold: a block, NYSE Rule 72(d) and Rule 600(b)(12)."""
FILTERS: Final = (0, 100, 500, 1_000, 5_000, 10_000)
"""Fewest shares of a print that is shown."""
_SIDES: Final = {1: ("▲", Role.UP), -1: ("▼", Role.DOWN), 0: ("·", Role.TEXT)}


class TapeView(QWidget):
    """Paints prints; while the mouse is over them they stand still."""

    paused = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.is_paused = False
        self.paint_ms = 0.0
        self.is_stale = False
        self.empty_words = ""
        self._prints: Prints | None = None
        self._back = 0
        """Rows scrolled back from the newest."""
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setMinimumSize(150, 3 * ROW_PX)
        self.setAccessibleName("Time and sales")

    @property
    def rows(self) -> int:
        """How many prints there is room for."""
        return max(1, self.height() // ROW_PX)

    def show_prints(self, prints: Prints) -> None:
        """Draw other prints, oldest first."""
        self._prints = prints
        self._back = min(self._back, self._back_max())
        words = "" if not len(prints.price) else self.words_of(len(prints.price) - 1)
        self.setAccessibleDescription(f"newest: {words}" if words else self.empty_words)
        self.update()

    def follow(self) -> None:
        """Go on, from the newest."""
        self._back = 0
        self._pause(on=False)

    def words_of(self, number: int) -> str:
        """Return a print in words."""
        assert self._prints is not None
        price, size = float(self._prints.price[number]), float(self._prints.size[number])
        at = text.clock(int(self._prints.ts_ns[number]))
        side = {1: "bought", -1: "sold", 0: "side not known"}[int(self._prints.side[number])]
        return f"{at} {text.price(price)} {text.quantity(round(size))} {side}"

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002  Qt's name.
        """Draw what is in sight."""
        began_s = time.perf_counter()
        self._paint_all()
        self.paint_ms = (time.perf_counter() - began_s) * 1e3

    def _paint_all(self) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color(Role.PANEL))
            prints = self._prints
            if prints is None or not len(prints.price):
                painter.setPen(theme.color(Role.DIM))
                painter.setFont(theme.text_font())
                box = self.rect().adjusted(12, 0, -12, 0)
                painter.drawText(box, ALIGN_CENTER | Qt.TextFlag.TextWordWrap, self.empty_words)
                return
            newest = len(prints.price) - 1 - self._back
            for row in range(min(self.rows, newest + 1)):
                self._paint_print(painter, row * ROW_PX, prints, newest - row)

    def _paint_print(self, painter: QPainter, top: int, prints: Prints, number: int) -> None:
        mark, role = _SIDES[int(prints.side[number])]
        size = float(prints.size[number])
        weight = theme.SEMIBOLD if size >= LARGE else theme.REGULAR
        painter.setFont(theme.figure_font(theme.SMALL_PX, weight))
        width, third = self.width(), (self.width() - 108) // 2
        painter.setPen(theme.color(Role.DIM))
        painter.drawText(
            QRect(8, top, 100, ROW_PX), ALIGN_LEFT, text.clock(int(prints.ts_ns[number]))
        )
        painter.setPen(theme.color(Role.DIM if self.is_stale else role))
        price = f"{mark} {text.price(float(prints.price[number]))}"
        painter.drawText(QRect(100, top, third, ROW_PX), ALIGN_RIGHT, price)
        painter.setPen(theme.color(Role.TEXT))
        painter.drawText(
            QRect(width - third - 8, top, third, ROW_PX), ALIGN_RIGHT, f"{round(size):,}"
        )

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802  Qt's name.
        """Stand still, to be read."""
        self._pause(on=True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802  Qt's name.
        """Go on."""
        self.follow()
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  Qt's name.
        """Look back."""
        self._scroll(round(event.angleDelta().y() / 120 * 3))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name.
        """Look back by keys; End goes on from the newest."""
        steps = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -self.rows,
            Qt.Key.Key_PageDown: self.rows,
        }
        key = Qt.Key(event.key())
        if key is Qt.Key.Key_End:
            self.follow()
        elif key in steps:
            self._pause(on=True)
            self._scroll(-steps[key])
        else:
            event.ignore()

    def _scroll(self, newer: int) -> None:
        self._back = max(0, min(self._back_max(), self._back - newer))
        self.update()

    def _back_max(self) -> int:
        return 0 if self._prints is None else max(0, len(self._prints.price) - self.rows)

    def _pause(self, *, on: bool) -> None:
        if on != self.is_paused:
            self.is_paused = on
            self.paused.emit(on)


class TapePanel(Panel):
    """The prints of one symbol."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.setMinimumWidth(190)
        self.view: Final = TapeView(self.body)
        self.view.paused.connect(self._show_state)
        self.least: Final = QComboBox(self.header)
        self.least.setAccessibleName("Fewest shares of a print that is shown")
        self.least.setFont(theme.text_font(theme.SMALL_PX))
        self.least.setFixedHeight(20)
        self.least.setStyleSheet("QComboBox { padding: 0 4px; min-height: 18px; border: none; }")
        for shares in FILTERS:
            self.least.addItem(f"{shares:,}+" if shares else "all sizes", shares)
        self.least.currentIndexChanged.connect(self._look_again)
        self._state = QLabel("", self.header)
        self._state.setProperty("dim", True)
        self.header_row.addWidget(self._state)
        self.header_row.addWidget(self.least)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 2, 0, 0)
        column.addWidget(self.view)
        self._seen: object = None
        self._newest: Trade | None = None
        self.link.symbol_changed.connect(self._pick)

    def stale(self) -> bool:
        """Whether there are prints that are not shown and nobody reads."""
        if self.view.is_paused:
            return False
        # Two prints can be equal: it is the object that counts.
        is_other = self.desk.market.trade(self.link.symbol) is not self._newest
        return is_other or self._now() != self._seen

    @property
    def paint_ms(self) -> float:
        """What painting took the last time, milliseconds; the frame clock leaves room for it."""
        return self.view.paint_ms

    def refresh(self) -> None:
        """Show the newest prints."""
        self._seen = self._now()
        self._newest = self.desk.market.trade(self.link.symbol)
        symbol, least = self.link.symbol, self.least.currentData()
        self.view.is_stale = feed_is_stale(self.desk)
        prints = self.desk.market.prints(symbol, PRINTS_MAX)
        large = f" of {least:,} shares and more" if least else ""
        self.view.empty_words = f"No trade of {symbol or 'any symbol'}{large} yet"
        if least:
            chosen = np.flatnonzero(prints.size >= least)
            prints = type(prints)(
                ts_ns=prints.ts_ns[chosen],
                price=prints.price[chosen],
                size=prints.size[chosen],
                side=prints.side[chosen],
            )
        self.view.show_prints(prints)

    def headline(self) -> str:
        """Return the title with the symbol."""
        return f"Time & sales · {self.link.symbol}" if self.link.symbol else "Time & sales"

    def state(self) -> dict[str, object]:
        """Return the filter."""
        return {"least": self.least.currentData()}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take it back."""
        place = self.least.findData(state.get("least"))
        self.least.setCurrentIndex(max(0, place))

    def _now(self) -> tuple[object, ...]:
        return self.link.symbol, feed_is_stale(self.desk), self.view.rows

    def _look_again(self) -> None:
        self._seen = None

    def _pick(self, symbol: str) -> None:
        assert symbol == self.link.symbol
        self.view.follow()
        self._seen = None

    def _show_state(self, paused: bool) -> None:  # noqa: FBT001  A slot.
        self._state.setText("paused" if paused else "")
        if not paused:
            self._seen = None


PANEL: Final = PanelSpec("tape", "Time & sales", Area.BOTTOM_RIGHT, TapePanel, follows_link=True)
