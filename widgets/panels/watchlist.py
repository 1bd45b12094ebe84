"""The watch list: last price, change and trend of every symbol; a click loads it everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QLabel, QVBoxLayout

from app.domain.ids import Symbol
from app.domain.times import MINUTE_NS
from widgets import text, theme
from widgets.cells import Column, Face
from widgets.palettes import Role
from widgets.panel import Area, Panel, PanelContext, PanelSpec
from widgets.tables import Table, TableModel
from widgets.top_bar import feed_is_stale

if TYPE_CHECKING:
    from app.desk import Desk

TREND_BARS: Final = 60
TREND_POINTS: Final = 30


@dataclass(frozen=True)
class WatchRow:
    """What one row shows."""

    symbol: Symbol
    name: str
    last: float | None
    change_pct: float | None
    trend: tuple[float, ...]
    """Closes of the newest minutes, oldest first."""
    is_stale: bool


class WatchlistPanel(Panel):
    """All instruments of the desk."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.setMinimumWidth(248)
        self.model: Final = TableModel[WatchRow](_columns(), key=lambda row: row.symbol)
        self.table: Final = Table(self.model, "No symbols: the feed lists none yet", self.body)
        self.table.allow_sorting()
        self.table.row_picked.connect(self._on_row)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        self._count = QLabel(self.header)
        self._count.setProperty("dim", True)
        self.header_row.addWidget(self._count)
        self._versions: dict[Symbol, int] = {}
        self._was_stale = False
        self.link.symbol_changed.connect(self._show_picked)

    def stale(self) -> bool:
        """Whether any symbol has news, the feed has fallen silent, or a change is fading."""
        is_busy = self.model.is_fading or self.table.arranger.is_busy
        return is_busy or bool(self._changed(feed_is_stale(self.desk)))

    def refresh(self) -> None:
        """Show the symbols that have news."""
        view, is_stale = self.desk.market, feed_is_stale(self.desk)
        changed = self._changed(is_stale)
        if changed:
            is_first = not self.model.count
            self._versions |= {symbol: view.version(symbol) for symbol in changed}
            self._was_stale = is_stale
            self.model.put([_row_of(self.desk, symbol, is_stale) for symbol in changed])
            if is_first:
                count = self.model.count
                self._count.setText(f"{count} symbol{'' if count == 1 else 's'}")
                self._show_picked(self.link.symbol)
        self.table.arranger.work()
        if self.model.is_fading:
            self.model.fade()

    def _changed(self, is_stale: bool) -> list[Symbol]:
        instruments, versions = self.desk.market.instruments, self._versions
        if is_stale != self._was_stale:
            return [instrument.symbol for instrument in instruments]
        version = self.desk.market.version
        return [
            instrument.symbol
            for instrument in instruments
            if version(instrument.symbol) != versions.get(instrument.symbol, -1)
        ]

    def _on_row(self, place: int) -> None:
        self.link.pick_symbol(self.model.row(place).symbol)

    def _show_picked(self, symbol: str) -> None:
        place = self.model.find(symbol)
        if place is not None and self.table.selected_row() != place:
            self.table.select_row(place)


def _row_of(desk: Desk, symbol: Symbol, is_stale: bool) -> WatchRow:
    view = desk.market
    day, instrument = view.day(symbol), view.instrument(symbol)
    closes = view.bars(symbol, MINUTE_NS, TREND_BARS).close
    # Every other close is enough for 60 pixels.
    thinned = closes[:: max(1, len(closes) // TREND_POINTS)]
    return WatchRow(
        symbol=symbol,
        name=instrument.name if instrument is not None else "",
        last=None if day is None else day.last,
        change_pct=None if day is None else day.change_pct,
        trend=tuple(thinned.tolist()),
        is_stale=is_stale,
    )


def _last_role(row: WatchRow) -> Role:
    return Role.DIM if row.is_stale or row.last is None else Role.TEXT


def _change_role(row: WatchRow) -> Role:
    if row.is_stale or row.change_pct is None:
        return Role.DIM
    return Role.UP if row.change_pct >= 0 else Role.DOWN


def _paint_trend(painter: QPainter, rect: QRect, row: WatchRow) -> None:
    values = np.asarray(row.trend)
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return
    low, high = float(values.min()), float(values.max())
    height, top = rect.height() - 14, rect.top() + 7
    xs = np.linspace(rect.left() + 8, rect.right() - 8, len(values))
    share = (high - values) / (high - low) if high > low else np.full(len(values), 0.5)
    points = [QPointF(x, y) for x, y in zip(xs, top + share * height, strict=True)]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    role = Role.UP if values[-1] >= values[0] else Role.DOWN
    painter.setPen(QPen(theme.color(Role.FAINT if row.is_stale else role), 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(points)


def _columns() -> tuple[Column[WatchRow], ...]:
    return (
        Column("Symbol", lambda r: r.symbol, 60, Face.BOLD),
        Column("Last", lambda r: text.price(r.last), 66, Face.FIGURES, _last_role, fades=True),
        Column(
            "Chg %",
            lambda r: text.percent(r.change_pct, unit=False),
            58,
            Face.FIGURES,
            _change_role,
        ),
        Column(
            "Trend",
            _trend_words,
            56,
            role=_change_role,
            is_right=True,
            paint=_paint_trend,
        ),
    )


def _trend_words(row: WatchRow) -> str:
    if len(row.trend) < 2:
        return "no trend yet"
    return f"{text.price(row.trend[0])} to {text.price(row.trend[-1])} over {len(row.trend)} points"


PANEL: Final = PanelSpec("watchlist", "Watchlist", Area.LEFT, WatchlistPanel, follows_link=True)
