"""Parts of the order ticket: fields that step, the button that says the order, quote and facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from app.domain.enums import Side
from app.domain.market import Quote
from widgets import text, theme
from widgets.palettes import Role

FACT_HEIGHT_PX: Final = 18
QUOTE_HEIGHT_PX: Final = 44


class StepField(QLineEdit):
    """A line for a number: arrows step it, Enter moves on, Escape leaves."""

    stepped = Signal(int)
    """Steps up or down; ten with Shift."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFont(theme.figure_font())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name.
        """Step with the arrows."""
        direction = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if direction is not None:
            many = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.stepped.emit(direction * (10 if many else 1))
            event.accept()
        elif event.key() == Qt.Key.Key_Escape:
            self.clearFocus()
            event.accept()
        else:
            super().keyPressEvent(event)


class LabelledField(QWidget):
    """A caption, which turns into the sentence that says what to mend, over a line."""

    def __init__(self, caption: str, buttons: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._caption = caption
        self.caption = QLabel(caption, self)
        self.caption.setProperty("dim", True)
        self.caption.setWordWrap(True)
        self.line = StepField(self)
        self.line.setAccessibleName(caption)
        self.buttons: dict[str, QPushButton] = {}
        inside = QHBoxLayout(self.line)
        inside.setContentsMargins(0, 0, 4, 0)
        inside.setSpacing(0)
        inside.addStretch()
        for words in buttons:
            button = QPushButton(words, self.line)
            button.setFlat(True)
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setAccessibleName(f"{caption} {words}")
            inside.addWidget(button)
            self.buttons[words] = button
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.caption)
        column.addWidget(self.line)

    def show_problem(self, problem: str) -> None:
        """Show what to mend; nothing with an empty sentence."""
        words = problem or self._caption
        if self.caption.text() == words:
            return
        self.caption.setText(words)
        for widget, name in ((self.caption, "problem"), (self.line, "invalid")):
            widget.setProperty(name, bool(problem))
            widget.style().unpolish(widget)
            widget.style().polish(widget)


class SendButton(QPushButton):
    """Says the whole order in words; grey with the reason on it while it cannot be sent."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAutoDefault(True)  # Enter presses it.
        self._style_key: tuple[Side, bool, bool] | None = None
        self.setMinimumHeight(38)

    def show_order(self, words: str, side: Side) -> None:
        """Offer an order."""
        self._show(words, side, is_open=True)

    def show_question(self, words: str, side: Side) -> None:
        """Offer an order that goes with a typed reason only."""
        self._show(f"Confirm: {words}", side, is_open=True, is_asked=True)

    def show_reason(self, reason: str, side: Side) -> None:
        """Say why nothing can be sent."""
        self._show(reason, side, is_open=False)

    def sizeHint(self) -> QSize:  # noqa: N802  Qt's name.
        """Leave room for the whole sentence, up to four lines of it."""
        return QSize(120, max(38, min(84, self.words_height() + 10)))

    def words_height(self) -> int:
        """Return how high the wrapped sentence is, in pixels."""
        lines = QRect(0, 0, max(80, self.width() - 20), 200)
        metrics = QFontMetrics(self._font())
        return metrics.boundingRect(lines, int(_WRAPPED), self.text()).height()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name.
        """Wrap anew."""
        super().resizeEvent(event)
        self.setFixedHeight(self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name.
        """Ignore a key that is held down: one press is one order."""
        if event.isAutoRepeat():
            event.accept()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002  Qt's name.
        """Draw the button with wrapped words."""
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        words, option.text = option.text, ""
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        painter.setPen(theme.color(Role.BACKGROUND if self.isEnabled() else Role.TEXT))
        painter.setFont(self._font())
        painter.drawText(self.rect().adjusted(10, 2, -10, -2), int(_WRAPPED), words)
        painter.end()

    def _show(self, words: str, side: Side, *, is_open: bool, is_asked: bool = False) -> None:
        if self._style_key != (side, is_open, is_asked):
            self._style_key = (side, is_open, is_asked)
            self.setEnabled(is_open)
            style = theme.caution_style() if is_asked else theme.side_style(side, is_solid=True)
            self.setStyleSheet(style)
        if self.text() != words:
            self.setText(words)
            self.setToolTip(words)
            self.setAccessibleName(words)
            self.setFixedHeight(self.sizeHint().height())

    def _font(self) -> QFont:
        if self.isEnabled():
            return theme.text_font(13, QFont.Weight.DemiBold)
        return theme.text_font(theme.SMALL_PX)


class QuoteBox(QWidget):
    """Best bid and ask with their sizes; grey when they are old."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._shown: tuple[str, str, str, str, bool] = ("", "", "", "", False)
        self.setFixedHeight(QUOTE_HEIGHT_PX)
        self.setAccessibleName("Best bid and ask")

    def show_quote(self, quote: Quote | None, *, is_stale: bool) -> None:
        """Show a quote; a side that is not there is a dash."""
        bid, ask = (quote.bid, quote.ask) if quote is not None else (None, None)
        sizes = (quote.bid_size, quote.ask_size) if quote is not None else (0, 0)
        shown = (
            text.price(bid),
            text.quantity(sizes[0]) if bid is not None else "",
            text.price(ask),
            text.quantity(sizes[1]) if ask is not None else "",
            is_stale,
        )
        if shown != self._shown:
            self._shown = shown
            self.setAccessibleDescription(f"bid {shown[0]}, ask {shown[2]}")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002  Qt's name.
        """Draw both sides."""
        painter = QPainter(self)
        bid, bid_size, ask, ask_size, is_stale = self._shown
        half = (self.width() - 4) // 2
        left = QRect(0, 0, half, self.height())
        right = QRect(half + 4, 0, half, self.height())
        self._paint_side(painter, left, ("Bid", bid, bid_size), Role.DIM if is_stale else Role.UP)
        self._paint_side(
            painter, right, ("Ask", ask, ask_size), Role.DIM if is_stale else Role.DOWN
        )
        painter.end()

    def _paint_side(
        self, painter: QPainter, box: QRect, words: tuple[str, str, str], role: Role
    ) -> None:
        painter.fillRect(box, theme.color(Role.BACKGROUND))
        painter.fillRect(box.left(), box.top(), 2, box.height(), theme.color(role))
        name, price, size = words
        inner = box.adjusted(10, 5, -8, -5)
        painter.setFont(theme.text_font(theme.SMALL_PX))
        painter.setPen(theme.color(Role.DIM))
        painter.drawText(inner, int(_TOP_LEFT), name)
        painter.setFont(theme.figure_font(theme.SMALL_PX))
        painter.drawText(inner, int(_TOP_RIGHT), size)
        painter.setFont(theme.figure_font(15, QFont.Weight.Medium))
        painter.setPen(theme.color(role))
        painter.drawText(inner, int(_BOTTOM_LEFT), price)


class Facts(QWidget):
    """Names at the left, values at the right, painted here."""

    def __init__(self, names: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.values: dict[str, str] = dict.fromkeys(names, text.DASH)
        self.setFixedHeight(FACT_HEIGHT_PX * len(names))

    def show_values(self, values: Sequence[str | None]) -> None:
        """Show values in the order of the names; None is a dash."""
        shown = {
            name: text.DASH if value is None else value
            for name, value in zip(self.values, values, strict=True)
        }
        if shown != self.values:
            self.values = shown
            self.setAccessibleDescription(", ".join(f"{n} {v}" for n, v in shown.items()))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002  Qt's name.
        """Draw the rows."""
        painter = QPainter(self)
        for number, (name, value) in enumerate(self.values.items()):
            row = QRect(0, number * FACT_HEIGHT_PX, self.width(), FACT_HEIGHT_PX)
            painter.setFont(theme.text_font(theme.SMALL_PX))
            painter.setPen(theme.color(Role.DIM))
            painter.drawText(row, theme.ALIGN_LEFT, name)
            painter.setFont(theme.figure_font(theme.SMALL_PX))
            painter.setPen(theme.color(Role.TEXT))
            painter.drawText(row, theme.ALIGN_RIGHT, value)
        painter.end()


_WRAPPED: Final = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
_TOP_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
_TOP_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
_BOTTOM_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
