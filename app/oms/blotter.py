"""The book of orders: sole holder of order state, written by the engine only."""

from __future__ import annotations

from typing import Final

from app.domain.ids import ClOrdID
from app.domain.orders import Fill, Order, fill_of


class Blotter:
    """Orders by ClOrdID and their fills, each change with a version."""

    def __init__(self) -> None:
        self.orders: dict[ClOrdID, Order] = {}
        """ClOrdID -> order, in order of entry. Written by `put` only."""
        self._changed_at: dict[ClOrdID, int] = {}
        """ClOrdID -> version of its last change, in order of change."""
        self._working: dict[ClOrdID, Order] = {}
        """ClOrdID -> order, those that may still trade."""
        self._fills: list[Fill] = []
        self.version = 0
        self.view: Final = OrdersView(self)

    def get(self, cl_ord_id: ClOrdID) -> Order | None:
        """Return an order, or None."""
        return self.orders.get(cl_ord_id)

    def put(self, order: Order) -> tuple[Fill, ...]:
        """Store the new facts of an order; return the fills it did not have before."""
        known = self.orders.get(order.cl_ord_id)
        executions = order.executions[len(known.executions) if known else 0 :]
        fills = tuple(fill_of(order, execution) for execution in executions)
        self.orders[order.cl_ord_id] = order
        if order.is_working:
            self._working[order.cl_ord_id] = order
        else:
            self._working.pop(order.cl_ord_id, None)
        self._fills.extend(fills)
        self.version += 1
        self._changed_at.pop(order.cl_ord_id, None)
        self._changed_at[order.cl_ord_id] = self.version
        return fills

    def working(self) -> tuple[Order, ...]:
        """Return the orders that may still trade, oldest change first."""
        return tuple(self._working.values())


class OrdersView:
    """Reading of orders and fills."""

    def __init__(self, blotter: Blotter) -> None:
        self._blotter = blotter

    @property
    def version(self) -> int:
        """A number that grows with every change of any order."""
        return self._blotter.version

    def get(self, cl_ord_id: ClOrdID) -> Order | None:
        """Return an order, or None."""
        return self._blotter.get(cl_ord_id)

    def all(self) -> tuple[Order, ...]:
        """Return every order, in order of entry."""
        return tuple(self._blotter.orders.values())

    def working(self) -> tuple[Order, ...]:
        """Return the orders that may still trade."""
        return self._blotter.working()

    def changed_since(self, version: int) -> list[Order]:
        """Return the orders that changed after a version, newest change last."""
        changed: list[Order] = []
        for cl_ord_id, at in reversed(self._blotter._changed_at.items()):
            if at <= version:
                break
            changed.append(self._blotter.orders[cl_ord_id])
        changed.reverse()
        return changed

    def fills_from(self, index: int) -> list[Fill]:
        """Return the fills from a position in the list on, in order of booking."""
        return self._blotter._fills[index:]

    @property
    def fill_count(self) -> int:
        """How many fills there are."""
        return len(self._blotter._fills)
