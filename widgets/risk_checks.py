"""What the gate says of an order: each check with how much of its limit is used."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.domain.decision import CheckResult
from widgets import theme
from widgets.palettes import Role

CHECK_HEIGHT_PX: Final = 18
CHECK_TITLE_PX: Final = 104
HEADING_PX: Final = CHECK_HEIGHT_PX + 2
CHECKS_MAX: Final = 8
"""Checks shown at once, if no more than these refuse or ask."""
CHECKS_MIN: Final = 2
"""Checks shown where there is no room."""


class CheckList(QWidget):
    """What refuses, what asks, and whose limits are used most; a click or Space shows all checks.

    Folded, it gives way: as many rows are shown as there is room for, what does not pass always.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.checks: tuple[CheckResult, ...] = ()
        self.is_open = False
        """Whether every check is shown."""
        self._ordered: tuple[CheckResult, ...] = ()
        """The gravest first."""
        self._failed = 0
        self.setMouseTracking(True)
        self.setAccessibleName("Risk checks")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)

    @property
    def rows(self) -> tuple[CheckResult, ...]:
        """The checks that are shown, the gravest first."""
        room = (self.height() - HEADING_PX) // CHECK_HEIGHT_PX
        count = len(self._ordered)
        if count + self.is_open > room:
            count = room - 1
        return self._ordered[: max(self._failed, count, 0)]

    @property
    def heading(self) -> str:
        """How the checks stand, in words."""
        refused = sum(1 for c in self.checks if not c.passed and not c.can_confirm)
        asked = sum(1 for c in self.checks if c.can_confirm)
        said = [f"{len(self.checks) - refused - asked} of {len(self.checks)} pass"]
        if asked:
            said.append("1 asks" if asked == 1 else f"{asked} ask")
        if refused:
            said.append("1 refuses" if refused == 1 else f"{refused} refuse")
        return "Risk  " + ", ".join(said)

    @property
    def rest(self) -> str:
        """The words of the last line: how many checks are not shown; empty if all are, folded."""
        hidden = len(self._ordered) - len(self.rows)
        if hidden:
            return f"… {hidden} more pass"
        return "Show fewer" if self.is_open and self._ordered else ""

    def show_checks(self, checks: tuple[CheckResult, ...]) -> None:
        """Show results; nothing is painted if they are the same."""
        if checks == self.checks:
            return
        self.checks = checks
        self._ordered = tuple(sorted(checks, key=_gravity))
        self._failed = sum(1 for check in checks if not check.passed)
        self.setAccessibleDescription(
            ". ".join((self.heading, *(_words(c) for c in self._ordered[: self._failed])))
        )
        self._fit()

    def fold(self, *, is_open: bool) -> None:
        """Show every check, or the gravest only."""
        self.is_open = is_open
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name.
        """Take keys and clicks where room for a check is lacking."""
        super().resizeEvent(event)
        self._offer_fold()

    def sizeHint(self) -> QSize:  # noqa: N802  Qt's name.
        """Ask for room for every check, or for the gravest."""
        return QSize(0, self._height(len(self._ordered) if self.is_open else self._folded()))

    def minimumSizeHint(self) -> QSize:  # noqa: N802  Qt's name.
        """Need room for what does not pass; open, for every check."""
        if self.is_open:
            return self.sizeHint()
        return QSize(0, self._height(min(self._folded(), max(self._failed, CHECKS_MIN))))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, ARG002  Qt's name.
        """Show every check, or the gravest only."""
        self._turn()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name.
        """Do as a click with Space and Enter."""
        if Qt.Key(event.key()) in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._turn()
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  Qt's name.
        """Explain the check under the mouse."""
        place = (round(event.position().y()) - HEADING_PX) // CHECK_HEIGHT_PX
        rows = self.rows
        self.setToolTip(_words(rows[place]) if 0 <= place < len(rows) else self.rest)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002  Qt's name.
        """Draw a heading, a row a check, and how many are not shown."""
        if not self.checks:
            return
        painter = QPainter(self)
        rows = self.rows
        painter.setFont(theme.text_font(theme.SMALL_PX, QFont.Weight.DemiBold))
        painter.setPen(theme.color(_role(self._ordered[0])))
        box = QRect(0, 0, self.width(), CHECK_HEIGHT_PX)
        painter.drawText(box, theme.ALIGN_LEFT, self.heading)
        box.moveTop(HEADING_PX)
        for check in rows:
            self._paint_check(painter, box, check)
            box.translate(0, CHECK_HEIGHT_PX)
        painter.setFont(theme.text_font(theme.SMALL_PX))
        painter.setPen(theme.color(Role.ACCENT if self.hasFocus() else Role.DIM))
        painter.drawText(box, theme.ALIGN_LEFT, self.rest)
        painter.end()

    def _paint_check(self, painter: QPainter, row: QRect, check: CheckResult) -> None:
        painter.setFont(theme.text_font(theme.SMALL_PX))
        painter.setPen(theme.color(Role.DIM if check.passed else _role(check)))
        painter.drawText(row, theme.ALIGN_LEFT, _title(check))
        room = row.adjusted(CHECK_TITLE_PX, 0, 0, 0)
        if not check.passed:
            _paint_words(painter, room.adjusted(0, -2, 0, -2), _figures(check))
            _paint_bar(painter, QRect(room.left(), row.bottom() - 3, room.width(), 2), 1.0, check)
        elif check.use is None:
            painter.setPen(theme.color(Role.TEXT))
            _paint_words(painter, room, f"{check.value} ✓")
        else:
            bar = QRect(room.left(), row.center().y() - 2, room.width(), 6)
            _paint_bar(painter, bar, check.use, check)

    def _folded(self) -> int:
        """Return how many rows are shown at most while it is folded."""
        return min(len(self._ordered), max(CHECKS_MAX, self._failed))

    def _height(self, count: int) -> int:
        """Return what a number of rows takes, with the heading and, if need be, the last line."""
        if not self._ordered:
            return 0
        has_rest = count < len(self._ordered) or self.is_open
        return HEADING_PX + CHECK_HEIGHT_PX * (count + has_rest)

    def _turn(self) -> None:
        if self.rest:  # Else every check is shown, and to open it changed nothing but its height.
            self.fold(is_open=not self.is_open)

    def _fit(self) -> None:
        self._offer_fold()
        self.updateGeometry()
        self.update()

    def _offer_fold(self) -> None:
        can_fold = bool(self.rest)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if can_fold else Qt.FocusPolicy.NoFocus)
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if can_fold else Qt.CursorShape.ArrowCursor
        )


def _paint_words(painter: QPainter, room: QRect, words: str) -> None:
    painter.setFont(theme.figure_font(theme.SMALL_PX))
    shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, theme.ALIGN_RIGHT, shown)


def _paint_bar(painter: QPainter, bar: QRect, use: float, check: CheckResult) -> None:
    half = bar.height() / 2
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(Role.LINE))
    painter.drawRoundedRect(bar, half, half)
    painter.setBrush(theme.color(theme.use_role(use) if check.passed else _role(check)))
    filled = QRect(bar)
    filled.setWidth(max(bar.height(), round(bar.width() * min(1.0, max(0.0, use)))))
    painter.drawRoundedRect(filled, half, half)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def _figures(check: CheckResult) -> str:
    """Return what a check found, and what it allows."""
    return f"{check.value} / {check.limit}" if check.limit else check.value


def _words(check: CheckResult) -> str:
    """Return a check in one sentence."""
    if check.text:
        return f"{_title(check)}: {check.text}"
    return f"{_title(check)}: {check.value}" + (f", limit {check.limit}" if check.limit else "")


def _gravity(check: CheckResult) -> tuple[int, float]:
    """Return what sorts checks: refusals, questions, then the fullest limits."""
    if not check.passed:
        return (1 if check.can_confirm else 0), 0.0
    return 2, -1.0 if check.use is None else -1.0 - check.use


def _role(check: CheckResult) -> Role:
    if check.passed:
        return Role.UP
    return Role.CAUTION if check.can_confirm else Role.DOWN


def _title(check: CheckResult) -> str:
    return check.name.replace("_", " ").capitalize()
