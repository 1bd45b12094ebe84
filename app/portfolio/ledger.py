"""Positions and cash from fills: written by the engine only, exact to the last digit."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from app.domain.enums import Side
from app.domain.ids import Symbol
from app.domain.orders import Fill
from app.domain.position import Position, apply_fill


class Ledger:
    """Sole writer of positions and cash of one account."""

    def __init__(self, cash: Decimal) -> None:
        self.opening_cash: Final = cash
        self.cash = cash
        """Account currency, after every booked fill and its fees."""
        self._positions: dict[Symbol, Position] = {}
        self.version = 0
        self.view: Final = PositionsView(self)

    def book(self, fill: Fill) -> None:
        """Book one fill. The caller answers for booking each fill once."""
        position = self._positions.get(fill.symbol) or Position(symbol=fill.symbol)
        self._positions[fill.symbol] = apply_fill(position, fill)
        paid = fill.qty * fill.px
        self.cash += -paid if fill.side is Side.BUY else paid
        self.cash -= fill.fee
        self.version += 1


class PositionsView:
    """Reading of positions and cash."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @property
    def version(self) -> int:
        """A number that grows with every fill."""
        return self._ledger.version

    @property
    def cash(self) -> Decimal:
        """Account currency."""
        return self._ledger.cash

    @property
    def opening_cash(self) -> Decimal:
        """Cash before the first fill."""
        return self._ledger.opening_cash

    def get(self, symbol: Symbol) -> Position:
        """Return the position of a symbol; a flat one if there never was one."""
        return self._ledger._positions.get(symbol) or Position(symbol=symbol)

    def all(self) -> tuple[Position, ...]:
        """Return every position that was ever opened, flat ones included, oldest first."""
        return tuple(self._ledger._positions.values())
