"""Trading on one chart: lines that cancel and amend, a menu at a price, and clicks while armed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu

from app.domain.ids import ClOrdID, Symbol
from app.domain.instrument import Instrument
from widgets.chart.place_layer import PlaceLayer
from widgets.chart.placing import Exits, Placing, typed_of
from widgets.link import LinkGroup
from widgets.order_terms import Draft, drafts_at
from widgets.quick_orders import ARMED_NS, QuickOrders

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.desk import Desk
    from widgets.plot.view import ChartView


class ChartTrader(QObject):
    """Turns gestures of a chart into orders."""

    armed_changed = Signal()
    """It was armed, armed otherwise, or disarmed."""

    menu_opens = Signal(QMenu, QPoint)
    """The menu of a price is about to be shown at a place of the screen: more may be put in."""

    def __init__(
        self, desk: Desk, link: LinkGroup, view: ChartView, symbol: Callable[[], Symbol]
    ) -> None:
        """Listen to a view.

        Args:
            desk: takes the orders.
            link: takes drafts and sentences.
            view: whose gestures they are.
            symbol: what the chart shows.
        """
        super().__init__(view)
        self._desk: Final = desk
        self._link: Final = link
        self._view: Final = view
        self._symbol: Final = symbol
        self._orders: Final = QuickOrders(desk, link)
        self._layer: Final = PlaceLayer(lambda: view.hover, self._facts, self._place)
        view.layers.insert(0, self._layer)  # Lines of orders can be taken while it is armed.
        view.cancel_wanted.connect(lambda name: self._orders.cancel(ClOrdID(name)))
        view.move_wanted.connect(lambda name, px: self._orders.move(ClOrdID(name), px))
        view.menu_wanted.connect(self._open_menu)
        self._used_ns = 0
        """When it was armed, or last used."""

    @property
    def placing(self) -> Placing | None:
        """What is armed; None: a click places nothing."""
        return self._layer.placing

    def arm(self, placing: Placing) -> None:
        """Let every click be an order, until somebody disarms it or a while has gone by."""
        self._layer.placing = placing
        self._used_ns = self._desk.now_ns()
        self._view.update()
        self.armed_changed.emit()

    def disarm(self) -> None:
        """Let clicks be clicks."""
        self._layer.dragged = None
        if self._layer.placing is not None:
            self._layer.placing = None
            self._view.update()
            self.armed_changed.emit()

    def look(self) -> None:
        """Disarm what nobody has used for a while; asked every frame."""
        if self.placing is not None and self._desk.now_ns() - self._used_ns > ARMED_NS:
            self.disarm()

    def _facts(self) -> tuple[Instrument | None, float | None]:
        symbol = self._symbol()
        day = self._desk.market.day(symbol)
        return self._desk.market.instrument(symbol), None if day is None else day.last

    def _place(self, entry: Draft, exits: Exits | None) -> None:
        """Send what a click or drag means."""
        placing = self._layer.placing
        if placing is not None:
            self._used_ns = self._desk.now_ns()
            self._orders.place(typed_of(self._symbol(), placing, entry, exits), entry)

    def _open_menu(self, at: QPoint, price: float) -> None:
        """Offer orders that would rest at the price under the mouse; the ticket takes the draft."""
        instrument, last = self._facts()
        drafts = drafts_at(price, last, instrument)
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # The ticket's symbol is the group's.
        for draft in drafts if self._symbol() == self._link.symbol else ():
            action = menu.addAction(draft.words)
            action.triggered.connect(
                lambda _on=False, draft=draft: self._link.draft_wanted.emit(draft)
            )
        if self._symbol() == self._link.symbol:
            level = round(price, 2)
            alert = menu.addAction(f"Alert at {level:,.2f}")
            alert.triggered.connect(lambda _on=False: self._link.alert_wanted.emit(level))
        self.menu_opens.emit(menu, at)
        menu.popup(at)
