"""Parts that show risk: the trading state, and how much of each limit the account uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QIcon, QPainter, QPaintEvent, QPixmap, QPolygon, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.domain.enums import TradingState
from widgets import theme
from widgets.palettes import Role

if TYPE_CHECKING:
    from app.desk import Desk, Meter

METER_HEIGHT_PX: Final = 24
METERS_TOP_PX: Final = 6
METER_PX_MIN: Final = 280
"""Two columns of meters from twice that width on."""
STATE_WORDS: Final = {
    TradingState.ACTIVE: "Orders are sent.",
    TradingState.REDUCING: "Only what reduces a position is sent.",
    TradingState.HALTED: "Nothing is sent.",
}


class StateButton(QPushButton):
    """The trading state as a sign and a word, with its reason as the tooltip."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._shown: tuple[TradingState, str] | None = None
        self.setFont(theme.text_font(theme.SMALL_PX, theme.SEMIBOLD))
        self.setIconSize(QSize(13, 10))
        self.setFixedSize(QSize(92, 26))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Trading state")

    def show_state(self, state: TradingState, reason: str) -> None:
        """Show a state; nothing is painted if it is the same."""
        if (state, reason) == self._shown:
            return
        self._shown = (state, reason)
        self.setText(state.name)
        self.setIcon(state_icon(state))
        self.setStyleSheet(theme.state_style(theme.trading_role(state)))
        why = f" Why: {reason}." if reason else ""
        self.setToolTip(f"{STATE_WORDS[state]}{why} Press for limits and breaches.")
        self.setAccessibleDescription(f"{state.name}. {self.toolTip()}")


class TradingBox(QWidget):
    """What trading is at, why, what holds it there, and the two buttons that change it."""

    halt_wanted = Signal()
    arm_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.sign = QLabel(self)
        self.sign.setFixedWidth(16)
        self.word = QLabel(self)
        self.word.setFont(theme.text_font(15, QFont.Weight.Bold))
        self.word.setAccessibleName("Trading state")
        self.halt = _button("Halt", "Cancel everything and let nothing through", self)
        self.halt.setStyleSheet(theme.alarm_style(Role.DOWN))
        self.halt.clicked.connect(self.halt_wanted)
        self.arm = _button("Arm…", "Let orders through again, once the word is typed", self)
        self.arm.clicked.connect(self.arm_wanted)
        self.reason = _sentences(self)
        self.latch = _sentences(self)
        self.latch.setProperty("caution", True)
        self._shown: tuple[object, ...] = ()
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.sign)
        top.addWidget(self.word)
        top.addStretch()
        top.addWidget(self.arm)
        top.addWidget(self.halt)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.reason)
        column.addWidget(self.latch)
        column.addStretch()

    def show_desk(self, desk: Desk) -> None:
        """Show what the desk says of trading now."""
        state, reason, latch = desk.trading_state, desk.trading_state_reason, desk.latch
        cancels = desk.kill.text if desk.kill.halt is not None else ""
        if (state, reason, latch, cancels) == self._shown:
            return
        self._shown = (state, reason, latch, cancels)
        self.sign.setPixmap(state_icon(state).pixmap(QSize(16, 12)))
        self.word.setText(state.name)
        self.word.setStyleSheet(f"color: {theme.hex_of(theme.trading_role(state))};")
        self.reason.setText(
            " ".join(words for words in (STATE_WORDS[state], _sentence(reason)) if words)
        )
        self.word.setAccessibleDescription(f"{state.name}. {self.reason.text()}")
        held = []
        if latch is not None:
            held.append(latch_words(latch.until))
        if cancels and state is TradingState.HALTED:
            held.append(f"Kill switch: {cancels}.")
        self.latch.setText("\n".join(held))
        self.latch.setVisible(bool(held))
        self.arm.setEnabled(state is not TradingState.ACTIVE)


class MeterList(QWidget):
    """Each limit on the account: value, limit, and a bar of how much is used."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.meters: tuple[Meter, ...] = ()
        self.setAccessibleName("Limits on the account")

    def show_meters(self, meters: tuple[Meter, ...]) -> None:
        """Show meters; nothing is painted if they are the same."""
        if meters == self.meters:
            return
        self.meters = meters
        self.setAccessibleDescription("; ".join(_spoken(meter) for meter in meters))
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name.
        """Stand in one or two columns."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002  Qt's name.
        """Draw the meters, or that there are none."""
        painter = QPainter(self)
        if not self.meters:
            painter.setPen(theme.color(Role.DIM))
            painter.setFont(theme.text_font())
            painter.drawText(self.rect(), theme.ALIGN_CENTER, "No check measures the account.")
        rows, width = self._rows(), self.width() // self._columns()
        for number, meter in enumerate(self.meters):
            column, row = divmod(number, rows)
            box = QRect(
                column * width, METERS_TOP_PX + row * METER_HEIGHT_PX, width, METER_HEIGHT_PX
            )
            self._paint_meter(painter, box.adjusted(12, 0, -12, 0), meter)
        painter.end()

    def _paint_meter(self, painter: QPainter, box: QRect, meter: Meter) -> None:
        words = f"{meter.value} / {meter.limit}" if meter.limit else meter.value
        line = box.adjusted(0, 0, 0, -6)
        painter.setFont(theme.text_font(theme.SMALL_PX))
        painter.setPen(theme.color(Role.DOWN if meter.is_breached else Role.DIM))
        painter.drawText(line, theme.ALIGN_LEFT, meter.title)
        painter.setFont(theme.figure_font(theme.SMALL_PX))
        painter.setPen(theme.color(Role.DOWN if meter.is_breached else Role.TEXT))
        painter.drawText(line, theme.ALIGN_RIGHT, words)
        use = 1.0 if meter.is_breached else meter.use
        bar = QRect(box.left(), box.bottom() - 6, box.width(), 4)
        painter.fillRect(bar, theme.color(Role.LINE))
        if use:
            bar.setWidth(max(3, round(bar.width() * min(1.0, max(0.0, use)))))
            role = Role.DOWN if meter.is_breached else theme.use_role(use)
            painter.fillRect(bar, theme.color(role))

    def _columns(self) -> int:
        return 2 if self.width() >= 2 * METER_PX_MIN else 1

    def _rows(self) -> int:
        return max(1, -(-len(self.meters) // self._columns()))

    def _fit(self) -> None:
        self.setMinimumHeight(METERS_TOP_PX + self._rows() * METER_HEIGHT_PX)


def latch_words(until: str) -> str:
    """Return what lifts a latch."""
    return f"Latched: cannot be armed before {until}." if until else "Latched: armed by hand only."


def state_icon(state: TradingState) -> QIcon:
    """Return the sign of a state: a disc, a triangle that points down, a square."""
    pixmap = QPixmap(QSize(64, 48))  # Room at the right: words follow.
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(theme.trading_role(state)))
    if state is TradingState.ACTIVE:
        painter.drawEllipse(4, 4, 40, 40)
    elif state is TradingState.REDUCING:
        painter.drawPolygon(QPolygon([QPoint(2, 6), QPoint(46, 6), QPoint(24, 44)]))
    else:
        painter.drawRect(6, 6, 36, 36)
    painter.end()
    return QIcon(pixmap)


def _spoken(meter: Meter) -> str:
    limit = f" of {meter.limit}" if meter.limit else ""
    return f"{meter.title} {meter.value}{limit}{', breached' if meter.is_breached else ''}"


def _sentences(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)  # A broker's words are no markup.
    label.setWordWrap(True)
    return label


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _button(words: str, hint: str, parent: QWidget) -> QPushButton:
    button = QPushButton(words, parent)
    button.setFixedHeight(26)
    button.setMinimumWidth(58)
    button.setToolTip(hint)
    button.setAccessibleDescription(hint)
    return button
