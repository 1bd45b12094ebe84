"""One chart: what it is set to, and what it shows of a symbol, pulled once a frame."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from app.domain.bar_spec import BarSpec, parse_spec
from app.domain.enums import FeedState, Venue
from app.domain.errors import BadInput
from app.domain.ids import Symbol
from app.domain.times import SECOND_NS, new_york
from widgets import text
from widgets.chart.account_marks import AccountMarks
from widgets.chart.cells import Footprints
from widgets.chart.compare import Comparisons
from widgets.chart.intervals import DEFAULT, spacing_ns, style_of
from widgets.chart.legend import LegendLayer
from widgets.chart.studies import BarFacts, Catalogue, Studies
from widgets.chart.trade_bar import TradeBar
from widgets.chart.trader import ChartTrader
from widgets.drawings.bar import DrawingMenu, ask_text
from widgets.drawings.book import DrawingBook
from widgets.drawings.layer import DrawingLayer, Hands
from widgets.drawings.model import Drawing
from widgets.link import LinkGroup
from widgets.palettes import Role
from widgets.plot.content import ChartContent, GapMark, LastPrice
from widgets.plot.marks import EDGE_SHARE
from widgets.plot.styles import BarStyle
from widgets.plot.view import ChartView
from widgets.top_bar import feed_is_stale

if TYPE_CHECKING:
    from app.desk import BarColumns, Cells, Desk, Gap, Series

BARS_MAX: Final = 1_000_000
ANCHORED: Final = {
    "avwap": "Anchored VWAP from here",
    "volume_profile": "Volume profile from here",
}
"""Studies that can begin at a bar: name, and how they are offered."""
GAPS_MAX: Final = 200
"""Newest gaps that are drawn."""


@dataclass(frozen=True)
class CellContext:
    """What every chart of a panel is made with."""

    desk: Desk
    link: LinkGroup
    marks: AccountMarks
    book: DrawingBook
    catalogue: Catalogue
    """Gives all studies there are."""
    fail: Callable[[Exception], None]
    """Takes what a chart could not draw for."""


class ChartCell(QWidget):
    """A chart of the link group's symbol, or of one of its own."""

    picked = Signal()
    """Somebody pressed a button in it, or turned to it by the keyboard."""
    drawing_changed = Signal()
    """Another tool is armed, or the drawings are others."""
    study_menu_wanted = Signal(str)
    """The right button was pressed on the name of a study: its key."""
    study_form_wanted = Signal(str)
    """The name of a study was pressed twice: its key."""
    trading_changed = Signal()
    """The strip that arms it came or went."""

    def __init__(self, context: CellContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk: Final = context.desk
        self._link: Final = context.link
        self._marks: Final = context.marks
        self._book: Final = context.book
        self.view: Final = ChartView(self)
        self.view.changed.connect(self._on_gesture)
        self.view.installEventFilter(self)
        self.trader: Final = ChartTrader(self.desk, self._link, self.view, lambda: self.symbol)
        self.trader.menu_opens.connect(self._offer_anchored)
        hands = Hands(
            changed=self._on_drawn,
            say=self._link.said.emit,
            ask_text=self._ask_text,
            open_menu=self._open_drawing_menu,
        )
        self.drawings: Final = DrawingLayer(self._book, lambda: self.symbol, hands)
        self.view.layers.insert(0, self.drawings)
        self.view.layers.append(
            LegendLayer(
                lambda: self.view.legends, self.study_menu_wanted.emit, self.study_form_wanted.emit
            )
        )
        is_live = self.desk.identity.venue is Venue.LIVE
        self.trade_bar: Final = TradeBar(self.trader, self, is_live=is_live)
        self.trade_bar.hide()
        self.trade_bar.closed.connect(lambda: self.set_trading(on=False))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.trade_bar)
        column.addWidget(self.view, 1)
        self.studies: Final = Studies(context.catalogue)
        self.compared: Final = Comparisons(self.desk.market)
        self.spec: BarSpec = DEFAULT
        self.style_chosen = BarStyle.CANDLES
        self.is_core_only = False
        self.own_symbol = Symbol("")
        """Shown whatever the group's symbol is; empty: the group's is shown."""
        self.has_cells = False
        """Whether bars are drawn as footprints."""
        self.has_depth = False
        """Whether displayed depth is drawn under them."""
        self._footprints: Final = Footprints(self.desk.market)
        self.has_title = False
        """Whether the chart tells its symbol and interval itself."""
        self._gestures = 0
        self._asked_at = -1
        """Number of the gesture after which older bars were last asked for."""
        self._gaps: tuple[object, tuple[GapMark, ...]] = (None, ())
        self._seen: tuple[object, ...] = ()
        self.is_failed = False
        self._fail: Final = context.fail

    @property
    def symbol(self) -> Symbol:
        """What it shows; empty before a symbol was picked."""
        return self.own_symbol or self._link.symbol

    @property
    def paint_ms(self) -> float:
        """What painting took the last time."""
        return self.view.paint_ms

    def stale(self) -> bool:
        """Whether there is a price, an order, a fill or a setting that is not drawn."""
        self.trader.look()
        return self._now() != self._seen

    def refresh(self) -> None:
        """Draw what is known now."""
        self._seen = self._now()
        symbol, is_extended = self.symbol, not self.is_core_only
        series = self.desk.market.series(symbol, self.spec, BARS_MAX, extended=is_extended)
        bars, marks = series.bars, self._marks.of(symbol)
        identity = f"{symbol} {self.spec} {'' if is_extended else 'core'}"
        history = (identity, series.revision)
        studies = self.studies.series(bars, self._facts(symbol), history, self._seen_bars(bars))
        compared = self.compared.series(bars, self.spec, history, extended=is_extended)
        self.view.show_content(
            ChartContent(
                bars=bars,
                interval_ns=spacing_ns(self.spec, bars),
                series=identity,
                history=series.revision,
                last=self._last(symbol),
                orders=marks.orders,
                fills=marks.fills,
                average=marks.average,
                alerts=marks.alerts,
                studies=(*studies, *compared),
                style=style_of(self.spec, self.style_chosen),
                core_hours=self.desk.market.core_hours if self.spec.is_intraday else None,
                gaps=self._gap_marks(symbol, series),
                edge_words=self._edge_words(symbol),
                cells=self._cells(symbol, identity, bars),
                depth=self.desk.market.depth_history(symbol) if self.has_depth else None,
                title=f"{symbol} · {self.spec}" if self.has_title else "",
                note=_note(series),
                empty_words=self._empty_words(symbol, series),
            )
        )
        self._ask_older(symbol)
        if self._book.notice:
            self._link.said.emit(self._book.notice)
            self._book.notice = ""

    def fail(self, error: Exception) -> None:
        """Show an error in place of all charts of the panel."""
        self.is_failed = True
        self._fail(error)

    def state(self) -> dict[str, object]:
        """Return what a layout keeps."""
        return {
            "interval": self.spec.text,
            "style": self.style_chosen.value,
            "core": self.is_core_only,
            "footprint": self.has_cells,
            "depth": self.has_depth,
            "symbol": self.own_symbol,
            "studies": self.studies.state(),
            "compare": list(self.compared.symbols),
            **self.view.state(),
        }

    def restore(self, state: Mapping[str, object]) -> None:
        """Take it back; what is unknown or broken in it is left out."""
        with contextlib.suppress(BadInput):
            self.spec = parse_spec(str(state.get("interval")))
        style = state.get("style")
        self.style_chosen = next((it for it in BarStyle if it.value == style), self.style_chosen)
        self.is_core_only = state.get("core") is True
        self.has_cells = state.get("footprint") is True
        self.has_depth = state.get("depth") is True
        symbol = state.get("symbol")
        self.own_symbol = Symbol(symbol) if isinstance(symbol, str) else Symbol("")
        self.studies.restore(state.get("studies"))
        self.compared.restore(state.get("compare"))
        self.view.restore(state)

    def set_spec(self, spec: BarSpec) -> None:
        """Show bars of another kind; the newest is followed again."""
        self.spec = spec
        self.follow()

    def set_style(self, style: BarStyle) -> None:
        """Let bars look otherwise; what is in view stays."""
        self.style_chosen = style

    def set_core_only(self, on: bool) -> None:  # noqa: FBT001  Qt's signal.
        """Leave out the hours before the open and after the close, or show them."""
        self.is_core_only = on

    def set_cells(self, on: bool) -> None:  # noqa: FBT001  Qt's signal.
        """Draw bars as footprints, or as bars."""
        self.has_cells = on

    def set_depth(self, on: bool) -> None:  # noqa: FBT001  Qt's signal.
        """Draw displayed depth under the bars; it is looked at from now on."""
        self.has_depth = on

    def set_trading(self, *, on: bool) -> None:
        """Show the strip that arms the chart, or disarm it and take the strip away."""
        if not on:
            self.trader.disarm()
        self.trade_bar.setVisible(on)
        self.trading_changed.emit()

    def follow(self) -> None:
        """Follow the newest bar at prices that fit: the bars are others."""
        self.trader.disarm()
        self.view.stretch.is_following = True
        self.view.axis.fixed = None

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  Qt's name.
        """Disarm on Esc; draw by keys."""
        if self.drawings.key(Qt.Key(event.key()), event.modifiers()):
            return
        if event.key() == Qt.Key.Key_Escape and self.trader.placing is not None:
            self.trader.disarm()
            return
        super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name.
        """Tell that somebody turned to this chart."""
        if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.FocusIn):
            self.picked.emit()
        return super().eventFilter(watched, event)

    def _offer_anchored(self, menu: QMenu, at: QPoint) -> None:
        """Put studies in a menu that begin at the time under the mouse."""
        ts_ns = self.view.time_at(self.view.mapFromGlobal(at))
        if ts_ns is None:
            return
        menu.addSeparator()
        for name, words in ANCHORED.items():
            action = menu.addAction(words)
            action.triggered.connect(lambda _on=False, name=name: self._add_anchored(name, ts_ns))

    def _add_anchored(self, name: str, ts_ns: int) -> None:
        try:
            chosen = self.studies.add(name)
            changed: dict[str, object] = {"anchor_ns": ts_ns}
            if "range" in chosen.params.__struct_fields__:
                changed["range"] = "anchored"
            params = {**msgspec.to_builtins(chosen.params), **changed}
            self.studies.change(chosen.key, params=msgspec.convert(params, chosen.spec.params))
        except BadInput as error:
            self._link.said.emit(str(error))

    def _on_drawn(self) -> None:
        self.view.update()
        self.drawing_changed.emit()

    def _ask_text(self, drawing: Drawing) -> None:
        ask_text(self, drawing, self.drawings.put)

    def _open_drawing_menu(self, drawing: Drawing, at: QPoint) -> None:
        menu = DrawingMenu(self, drawing, self._put_drawing, self._act_on_drawing)
        menu.popup(at)

    def _put_drawing(self, drawing: Drawing) -> None:
        self.drawings.color = drawing.color
        self.drawings.put(drawing)

    def _act_on_drawing(self, key: Qt.Key) -> None:
        held = Qt.KeyboardModifier.ControlModifier
        if key == Qt.Key.Key_Delete:
            held = Qt.KeyboardModifier.NoModifier
        self.drawings.key(key, held)

    def _now(self) -> tuple[object, ...]:
        symbol, desk = self.symbol, self.desk
        age_ns = desk.market.feed_age_ns
        return (
            symbol,
            self.spec,
            self.style_chosen,
            self.is_core_only,
            self.has_title,
            self.has_cells,
            self.has_depth,
            self._gestures,
            self.studies.version,
            self.compared.versions(),
            self._marks.version,
            self._book.version,
            desk.market.version(symbol),
            desk.market.gaps_version,
            desk.paging_version,
            # The age is shown in seconds.
            age_ns // SECOND_NS if feed_is_stale(desk) and age_ns is not None else None,
        )

    def _on_gesture(self) -> None:
        self._gestures += 1

    def _last(self, symbol: Symbol) -> LastPrice | None:
        day = self.desk.market.day(symbol)
        if day is None:
            return None
        words = ""
        if feed_is_stale(self.desk):
            words = _stale_words(self.desk.market.status.state, self.desk.market.feed_age_ns)
        role = Role.UP if (day.change_pct or 0.0) >= 0 else Role.DOWN
        return LastPrice(day.last, role, words)

    def _is_oldest_near(self) -> bool:
        frame = self.view.frame_now
        return frame is not None and frame.scale.left <= frame.scale.bars * EDGE_SHARE

    def _edge_words(self, symbol: Symbol) -> str:
        """Return how it stands with older bars, while the oldest is near."""
        if not symbol or not self._is_oldest_near():
            return ""
        paging = self.desk.paging(symbol, self.spec, extended=not self.is_core_only)
        if paging.state == "loading":
            return f"loading older bars… {paging.share * 100:.0f} %"
        return paging.words

    def _ask_older(self, symbol: Symbol) -> None:
        """Ask for older bars while the oldest is near.

        What failed is tried again when somebody moves the chart again, not by itself.
        """
        if not symbol or not self._is_oldest_near():
            return
        is_extended = not self.is_core_only
        state = self.desk.paging(symbol, self.spec, extended=is_extended).state
        if state == "idle" or (state == "failed" and self._asked_at != self._gestures):
            self._asked_at = self._gestures
            self.desk.request_older(symbol, self.spec, extended=is_extended)

    def _facts(self, symbol: Symbol) -> BarFacts:
        market = self.desk.market
        # Of bars that trades cut several begin in one second, for which sides are known.
        flow = functools.partial(market.flow, symbol) if self.spec.is_by_time else None
        return BarFacts(market.day_numbers, flow)

    def _seen_bars(self, bars: BarColumns) -> tuple[int, int]:
        right = self.view.stretch.right_edge(bars.start_ns)
        first, last = int(right - self.view.stretch.bars), int(right)
        return max(0, first), max(0, min(last, len(bars) - 1))

    def _cells(self, symbol: Symbol, series: str, bars: BarColumns) -> Mapping[int, Cells] | None:
        if not self.has_cells:
            return None
        frame = self.view.frame_now
        return self._footprints.of(symbol, series, bars, None if frame is None else frame.scale)

    def _gap_marks(self, symbol: Symbol, series: Series) -> tuple[GapMark, ...]:
        bars = series.bars
        if not len(bars) or not self.spec.is_intraday:
            return ()
        asked = (symbol, self.desk.market.gaps_version, series.revision, len(bars))
        if asked != self._gaps[0]:
            found = self.desk.market.gaps(symbol, int(bars.start_ns[0]), int(bars.start_ns[-1]))
            self._gaps = asked, tuple(_gap_mark(gap) for gap in found[-GAPS_MAX:])
        return self._gaps[1]

    def _empty_words(self, symbol: Symbol, series: Series) -> str:
        if not symbol:
            return "Pick a symbol"
        return series.lack or f"No prices of {symbol} yet"


def bars_of(cell: ChartCell) -> BarColumns | None:
    """Return the bars that a chart shows; None before it was drawn."""
    return None if cell.view.content is None else cell.view.content.bars


def _gap_mark(gap: Gap) -> GapMark:
    start, end = new_york(gap.start_ns), new_york(gap.end_ns)
    span = f"from {start:%H:%M:%S} to {end:%H:%M:%S}"
    if gap.kind == "quiet":
        return GapMark(gap.start_ns, gap.end_ns, f"no trades {span}", Role.FAINT)
    role = Role.FAINT if gap.is_filled else Role.CAUTION
    return GapMark(gap.start_ns, gap.end_ns, f"nothing known {span}", role, gap.is_filled)


def _note(series: Series) -> str:
    """Say what the older bars are made of, where trades might have made others."""
    rough = [part for part in series.parts if not part.is_exact]
    if not rough:
        return ""
    after = [part for part in series.parts if part.since_ns > rough[-1].since_ns]
    until = f" before {new_york(after[0].since_ns):%H:%M}" if after else ""
    return f"made of {rough[-1].source}{until}"


def _stale_words(state: FeedState, age_ns: int | None) -> str:
    if state is FeedState.ENDED:
        return "the recording has ended"
    if state is FeedState.DOWN or age_ns is None:
        return "no feed"
    return f"stale · {text.span(age_ns)} old"
