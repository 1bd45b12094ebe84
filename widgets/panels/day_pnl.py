"""The gain or loss of the day as a line: one look a second since the window opened."""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.domain.times import SECOND_NS
from widgets import text, theme
from widgets.palettes import Role
from widgets.panel import Area, Panel, PanelContext, PanelSpec
from widgets.theme import ALIGN_CENTER, ALIGN_RIGHT

LOOKS_MAX: Final = 8 * 3_600
"""Seconds that are kept."""
_MARGIN_PX: Final = 10
_LABEL_PX: Final = 76


class PnlView(QWidget):
    """Paints the line, filled to zero."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.looks: deque[tuple[int, float]] = deque(maxlen=LOOKS_MAX)
        """When, UTC ns, and USD; the oldest first."""
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(150, 60)
        self.setAccessibleName("Gain of the day over time")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002  Qt's name.
        """Draw."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color(Role.PANEL))
            if len(self.looks) < 2:
                painter.setPen(theme.color(Role.DIM))
                painter.setFont(theme.text_font())
                words = "The gain of the day is drawn here, a point a second"
                painter.drawText(self.rect(), ALIGN_CENTER | Qt.TextFlag.TextWordWrap, words)
                return
            self._paint_line(painter)

    def _paint_line(self, painter: QPainter) -> None:
        times, values = np.array(self.looks).T
        width, height = self.width() - _LABEL_PX - _MARGIN_PX, self.height() - 2 * _MARGIN_PX
        low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
        span = max(high - low, 1.0)
        if len(values) > 2 * width:  # Two points a pixel are all that can be seen.
            chosen = np.linspace(0, len(values) - 1, 2 * width).astype(int)
            times, values = times[chosen], values[chosen]
        long_ns = max(float(times[-1] - times[0]), float(SECOND_NS))
        xs = _MARGIN_PX + (times - times[0]) / long_ns * width
        ys = _MARGIN_PX + (high - values) / span * height
        zero = _MARGIN_PX + high / span * height
        role = Role.UP if values[-1] >= 0 else Role.DOWN
        line = [QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
        area = [QPointF(line[0].x(), zero), *line, QPointF(line[-1].x(), zero)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.tint(role, 0.14))
        painter.drawPolygon(QPolygonF(area))
        painter.setPen(QPen(theme.color(Role.LINE), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(_MARGIN_PX, zero), QPointF(_MARGIN_PX + width, zero))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color(role), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(line)
        painter.setFont(theme.figure_font(theme.SMALL_PX))
        right = self.width() - _LABEL_PX
        y = round(max(8, min(self.height() - 8, float(ys[-1]))))
        painter.drawText(
            QRect(right, y - 8, _LABEL_PX - 6, 16), ALIGN_RIGHT, text.gain(round(values[-1], 2))
        )


class DayPnlPanel(Panel):
    """The gain of the day, its realised part and what is open."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.setMinimumWidth(180)
        self.view: Final = PnlView(self.body)
        self._parts = QLabel("", self.header)
        self._parts.setProperty("dim", True)
        self.header_row.addWidget(self._parts)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self._day: object = None
        self._shown = 0

    def stale(self) -> bool:
        """Whether there is a look that is not drawn."""
        return bool(self.view.looks) and self.view.looks[-1][0] != self._shown

    def refresh(self) -> None:
        """Draw the newest look."""
        self._shown = self.view.looks[-1][0]
        account, realised = self.desk.account(), self.desk.positions.day_totals.realised_pnl
        self._parts.setText(
            f"realised {text.gain(realised)} · open {text.gain(account.unrealised_pnl)}"
        )
        self.view.setAccessibleDescription(f"now {text.gain(self.desk.day_pnl)}")
        self.view.update()

    def every_second(self) -> None:
        """Look; a new trading day begins with an empty line."""
        if self.desk.positions.day != self._day:
            self._day = self.desk.positions.day
            self.view.looks.clear()
        pnl: Decimal | None = self.desk.day_pnl
        now_ns = self.desk.now_ns()
        looks = self.view.looks
        # What is not known is not drawn; time stands still in a paused replay.
        if pnl is not None and (not looks or looks[-1][0] < now_ns):
            looks.append((now_ns, float(pnl)))

    def headline(self) -> str:
        """Return the title."""
        return "Day P&L"


PANEL: Final = PanelSpec("day_pnl", "Day P&L", Area.BOTTOM_RIGHT, DayPnlPanel)
