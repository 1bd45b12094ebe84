"""What the account has in a symbol, for its charts: working orders, fills, the average price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.desk import AlertKind
from app.domain.ids import Symbol
from app.domain.orders import Fill
from widgets import text
from widgets.order_moves import closing_pnl
from widgets.plot.content import FillMark, OrderLine

if TYPE_CHECKING:
    from app.desk import Desk

FILLS_MAX: Final = 500
"""Newest fills of a symbol that are drawn."""


@dataclass(frozen=True)
class Marks:
    """What is drawn over the bars of a symbol."""

    orders: tuple[OrderLine, ...]
    fills: tuple[FillMark, ...]
    average: tuple[float, str] | None
    """Price, and what is said of it."""
    alerts: tuple[tuple[float, str], ...] = ()


class AccountMarks:
    """Reads the desk for all charts of a panel; fills are read once for all of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk
        self._fills: dict[Symbol, list[Fill]] = {}
        self._fills_read = 0
        self._fills_rewritten = 0

    @property
    def version(self) -> tuple[int, int, int]:
        """Another value whenever something may be drawn otherwise."""
        desk = self._desk
        return desk.orders.version, desk.positions.version, desk.alerts.version

    def of(self, symbol: Symbol) -> Marks:
        """Return what there is of a symbol."""
        self._read_fills()
        position = self._desk.positions.get(symbol)
        average = position.avg_px
        words = f"avg {text.average(average)}  {text.signed_quantity(position.qty)}"
        fills = self._fills.get(symbol, ())[-FILLS_MAX:]
        return Marks(
            orders=self._lines(symbol),
            fills=tuple(FillMark(fill.ts_exch_ns, float(fill.px), fill.side) for fill in fills),
            average=None if average is None else (float(average), words),
            alerts=tuple(
                (alert.level, f"alert {alert.sign.value} {alert.level:,.2f}")
                for alert in self._desk.alerts.active()
                if alert.symbol == symbol and alert.kind is AlertKind.PRICE
            ),
        )

    def _lines(self, symbol: Symbol) -> tuple[OrderLine, ...]:
        lines: list[OrderLine] = []
        position = self._desk.positions.get(symbol)
        for order in self._desk.orders.working():
            price = text.level(order)
            if order.symbol == symbol and price is not None:
                gain = closing_pnl(order, position)
                words = text.line_words(order)
                if gain is not None:
                    words += f"  {text.gain(gain)}"
                lines.append(OrderLine(order.cl_ord_id, float(price), words, order.order.side))
        return tuple(lines)

    def _read_fills(self) -> None:
        orders = self._desk.orders
        if orders.fills_rewritten != self._fills_rewritten:
            self._fills_rewritten = orders.fills_rewritten
            self._fills.clear()
            self._fills_read = 0
        for fill in orders.fills_from(self._fills_read):
            self._fills.setdefault(fill.symbol, []).append(fill)
            self._fills_read += 1
