"""Parts of the replay's bar: buttons with drawn signs, and the track with the bookmarks."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolTip,
    QWidget,
)

from app.domain.times import MINUTE_NS, SECOND_NS
from widgets import text, theme
from widgets.palettes import Role

if TYPE_CHECKING:
    from app.desk import Bookmark

KEY_STEP_NS: Final = 10 * SECOND_NS
PAGE_STEP_NS: Final = 5 * MINUTE_NS
TRACK_MARGIN_PX: Final = 8


class Sign(StrEnum):
    """What a button shows."""

    PLAY = "Play"
    PAUSE = "Pause"
    STEP = "Next event"


class SignButton(QPushButton):
    """A button with a drawn sign: no font has to have it."""

    def __init__(self, sign: Sign, hint: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.sign = sign
        self.setFixedSize(QSize(34, 26))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(hint)
        self.setAccessibleName(sign.value)

    def show_sign(self, sign: Sign) -> None:
        """Show another sign."""
        if sign is not self.sign:
            self.sign = sign
            self.setAccessibleName(sign.value)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  Qt's name.
        """Draw the button, and the sign on it."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(Role.TEXT if self.isEnabled() else Role.FAINT))
        x, y = self.width() / 2, self.height() / 2
        if self.sign is Sign.PAUSE:
            painter.drawRect(QRectF(x - 5, y - 5.5, 3.5, 11))
            painter.drawRect(QRectF(x + 1.5, y - 5.5, 3.5, 11))
        else:
            left = x - 4 if self.sign is Sign.PLAY else x - 6
            tip = QPointF(left + 9.5, y)
            painter.drawPolygon(QPolygonF([QPointF(left, y - 6), tip, QPointF(left, y + 6)]))
            if self.sign is Sign.STEP:
                painter.drawRect(QRectF(x + 4, y - 6, 2.5, 12))
        painter.end()


class Position(QWidget):
    """Where in the recording it is, from its first event to its last, with the bookmarks."""

    wanted = Signal(object)
    """A moment was chosen: UTC nanoseconds, too large for Qt's own number."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.start_ns = self.now_ns = 0
        self.end_ns: int | None = None
        self.goal_ns: int | None = None
        self.marks: tuple[Bookmark, ...] = ()
        self.chosen_ns: int | None = None
        """Where the mouse has it while it is pressed."""
        self.setMinimumWidth(90)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Position in the recording")

    def show_position(
        self, now_ns: int, end_ns: int | None, goal_ns: int | None, marks: tuple[Bookmark, ...]
    ) -> None:
        """Show where it is, and where it is going."""
        self.now_ns, self.end_ns, self.goal_ns, self.marks = now_ns, end_ns, goal_ns, marks
        self.setAccessibleDescription(text.moment(now_ns))
        self.update()

    def x_of(self, ts_ns: int) -> float:
        """Return where a moment is drawn."""
        span_ns = max(1, (self.end_ns or self.now_ns) - self.start_ns)
        share = min(1.0, max(0.0, (ts_ns - self.start_ns) / span_ns))
        return TRACK_MARGIN_PX + share * (self.width() - 2 * TRACK_MARGIN_PX)

    def moment_at(self, x: float) -> int:
        """Return the moment that is drawn at a place, to the second; the ends exactly."""
        assert self.end_ns is not None
        room = max(1, self.width() - 2 * TRACK_MARGIN_PX)
        share = (x - TRACK_MARGIN_PX) / room
        if share <= 0 or share >= 1:
            return self.start_ns if share <= 0 else self.end_ns
        ts_ns = self.start_ns + int(share * (self.end_ns - self.start_ns))
        return max(self.start_ns, ts_ns // SECOND_NS * SECOND_NS)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002  Qt's name.
        """Draw the track, what was played, the bookmarks and the place."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle, left = self.height() / 2, float(TRACK_MARGIN_PX)
        is_known = self.end_ns is not None
        place = self.x_of(self.now_ns) if is_known else left
        painter.setBrush(theme.color(Role.LINE))
        painter.drawRoundedRect(QRectF(left, middle - 2, self.width() - 2 * left, 4), 2, 2)
        painter.setBrush(theme.color(Role.ACCENT))
        painter.drawRoundedRect(QRectF(left, middle - 2, place - left, 4), 2, 2)
        if is_known:
            painter.setBrush(theme.color(Role.CAUTION))
            for mark in self.marks:
                painter.drawRect(QRectF(self.x_of(mark.ts_ns) - 1, middle - 8, 2, 16))
        wanted_ns = self.goal_ns if self.chosen_ns is None else self.chosen_ns
        if is_known and wanted_ns is not None:
            painter.setBrush(theme.tint(Role.ACCENT, 0.55))
            painter.drawEllipse(QPointF(self.x_of(wanted_ns), middle), 5, 5)
        painter.setBrush(theme.color(Role.TEXT if self.isEnabled() else Role.FAINT))
        painter.drawEllipse(QPointF(place, middle), 6, 6)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.color(Role.ACCENT))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 4.5, -0.5, -4.5), 4, 4)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name.
        """Choose a moment; it is wanted when the button is let go."""
        if event.button() is Qt.MouseButton.LeftButton and self.end_ns is not None:
            self._choose(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name.
        """Say which moment is under the mouse."""
        if self.end_ns is None:
            return
        if self.chosen_ns is not None:
            self._choose(event)
        at = self.moment_at(event.position().x())
        near = [m for m in self.marks if abs(self.x_of(m.ts_ns) - event.position().x()) < 4]
        names = "".join(f"\n{text.moment(mark.ts_ns)}  {mark.name}" for mark in near)
        QToolTip.showText(event.globalPosition().toPoint(), f"{text.moment(at)}{names}", self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name.
        """Want the moment."""
        chosen_ns = self.chosen_ns
        if event.button() is Qt.MouseButton.LeftButton and chosen_ns is not None:
            self.chosen_ns = None
            self.update()
            self.wanted.emit(chosen_ns)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name.
        """Arrows want ten seconds on and back, the page keys five minutes, the ends the ends."""
        if self.end_ns is None:
            super().keyPressEvent(event)
            return
        steps = {
            Qt.Key.Key_Right: KEY_STEP_NS,
            Qt.Key.Key_Left: -KEY_STEP_NS,
            Qt.Key.Key_PageUp: PAGE_STEP_NS,
            Qt.Key.Key_PageDown: -PAGE_STEP_NS,
            Qt.Key.Key_Home: self.start_ns - self.now_ns,
            Qt.Key.Key_End: self.end_ns - self.now_ns,
        }
        step_ns = steps.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self.chosen_ns is not None:
            self.chosen_ns = None
            self.update()
        elif step_ns is None:
            super().keyPressEvent(event)
        else:
            from_ns = self.now_ns if self.goal_ns is None else self.goal_ns
            self.wanted.emit(min(self.end_ns, max(self.start_ns, from_ns + step_ns)))

    def _choose(self, event: QMouseEvent) -> None:
        self.chosen_ns = self.moment_at(event.position().x())
        self.update()


def takes_space(widget: QWidget | None) -> bool:
    """Whether a widget does something of its own when Space is pressed in it."""
    return isinstance(widget, QAbstractButton | QComboBox | QLineEdit | QAbstractSpinBox)
