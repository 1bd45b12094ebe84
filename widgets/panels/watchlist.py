"""The watch list: last price, change and trend of every symbol; a click loads it everywhere."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

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

TREND_BARS: Final = 60
TREND_POINTS: Final = 30
TREND_EVERY_S: Final = 1.0
"""A trend is not taken more often: a minute moves it by a pixel."""
TRENDS_A_FRAME: Final = 3


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
        self._trends: dict[Symbol, tuple[float, ...]] = {}
        self._trend_s: dict[Symbol, float] = {}
        """When each trend was taken."""
        self._due: dict[Symbol, None] = {}
        """Symbols that have had news since, the one that waits longest first."""
        self._was_stale = False
        self.link.symbol_changed.connect(self._show_picked)

    def stale(self) -> bool:
        """Whether any symbol has news, the feed has fallen silent, or a change is fading."""
        is_busy = self.model.is_fading or self.table.arranger.is_busy
        return is_busy or self._is_trend_due() or bool(self._changed(feed_is_stale(self.desk)))

    @property
    def paint_ms(self) -> float:
        """What painting took the last time, milliseconds; the frame clock leaves room for it."""
        return self.table.paint_ms

    def refresh(self) -> None:
        """Show the symbols that have news."""
        view, is_stale = self.desk.market, feed_is_stale(self.desk)
        changed = self._changed(is_stale)
        self._due |= dict.fromkeys(changed)
        changed += [symbol for symbol in self._take_trends() if symbol not in changed]
        if changed:
            is_first = not self.model.count
            self._versions |= {symbol: view.version(symbol) for symbol in changed}
            self._was_stale = is_stale
            self.model.put([self._row_of(symbol, is_stale) for symbol in changed])
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

    def _is_trend_due(self) -> bool:
        first = next(iter(self._due), None)
        return first is not None and self._is_old(first)

    def _is_old(self, symbol: Symbol) -> bool:
        taken_s = self._trend_s.get(symbol)
        return taken_s is None or time.perf_counter() - taken_s >= TREND_EVERY_S

    def _take_trends(self) -> list[Symbol]:
        """Take some trends anew: to put prints into bars is the dear part of a row."""
        taken: list[Symbol] = []
        for symbol in list(self._due):
            if len(taken) == TRENDS_A_FRAME and symbol in self._trends:
                break
            if self._is_old(symbol):
                closes = self.desk.market.bars(symbol, MINUTE_NS, TREND_BARS).close
                # Every other close is enough for 60 pixels.
                thinned = closes[:: max(1, len(closes) // TREND_POINTS)]
                self._trends[symbol] = tuple(thinned.tolist())
                self._trend_s[symbol] = time.perf_counter()
                del self._due[symbol]
                taken.append(symbol)
        return taken

    def _row_of(self, symbol: Symbol, is_stale: bool) -> WatchRow:
        view = self.desk.market
        instrument, px, prior = (
            view.instrument(symbol), view.last_px(symbol), view.prior_close(symbol),
        )  # fmt: skip
        last = None if px is None else float(px)
        return WatchRow(
            symbol=symbol,
            name=instrument.name if instrument is not None else "",
            last=last,
            change_pct=None if last is None or not prior else (last / prior - 1) * 100,
            trend=self._trends.get(symbol, ()),
            is_stale=is_stale,
        )

    def _on_row(self, place: int) -> None:
        self.link.pick_symbol(self.model.row(place).symbol)

    def _show_picked(self, symbol: str) -> None:
        place = self.model.find(symbol)
        if place is not None and self.table.selected_row() != place:
            self.table.select_row(place)


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
