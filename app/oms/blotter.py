"""The book of orders: sole holder of order state, written by the engine only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from app.audit.fold import Orders
from app.domain.fills import FillChange, fill_changes
from app.domain.ids import ClOrdID, ExecID, Symbol
from app.domain.orders import Fill, Order
from app.domain.terms import Links

_NO_LINKS: Final = Links()


class Blotter:
    """Orders by ClOrdID and their fills, each change with a version."""

    def __init__(self) -> None:
        self.orders: Final = Orders()
        """Written by `put` only."""
        self._changed_at: dict[ClOrdID, int] = {}
        """ClOrdID -> version of its last change, in order of change."""
        self._working: dict[ClOrdID, Order] = {}
        """ClOrdID -> order, those that may still trade."""
        self._working_in: dict[Symbol, dict[ClOrdID, Order]] = {}
        self._owed_in: dict[Symbol, dict[ClOrdID, Order]] = {}
        """The same by symbol; symbols without any are left out."""
        self._symbol_version: dict[Symbol, int] = {}
        """Symbol -> version of the last change of an order of it."""
        self._children: dict[ClOrdID, list[ClOrdID]] = {}
        """ClOrdID -> those that hang on it, in order of entry."""
        self._groups: dict[str, list[ClOrdID]] = {}
        """OCO group -> its orders, in order of entry."""
        self._fills: list[Fill] = []
        """As they count, in order of booking."""
        self._fill_at: dict[tuple[ClOrdID, ExecID], int] = {}
        """Order and first exec_id -> place in the list."""
        self._rewritten = 0
        self.version = 0
        self.view: Final = OrdersView(self)

    def get(self, cl_ord_id: ClOrdID) -> Order | None:
        """Return the order that an identity belongs to, or None."""
        return self.orders.get(cl_ord_id)

    def put(self, order: Order) -> tuple[FillChange, ...]:
        """Store the new facts of an order; return what that means for its fills."""
        known = self.orders.by_id.get(order.cl_ord_id)
        if known is None:
            self._link(order)
        changes = fill_changes(known, order)
        self.orders.put(order)
        self._sort_in(order)
        for change in changes:
            self._book(change)
        self.version += 1
        self._symbol_version[order.symbol] = self.version
        self._changed_at.pop(order.cl_ord_id, None)
        self._changed_at[order.cl_ord_id] = self.version
        return changes

    def working(self) -> tuple[Order, ...]:
        """Return the orders that may still trade, those held here included, oldest first."""
        return tuple(self._working.values())

    def children_of(self, cl_ord_id: ClOrdID) -> tuple[Order, ...]:
        """Return the orders that hang on an order, in order of entry."""
        return self._all(self._children.get(cl_ord_id, ()))

    def group(self, oco: str) -> tuple[Order, ...]:
        """Return the orders of an OCO group, in order of entry."""
        return self._all(self._groups.get(oco, ()))

    def has_kin(self, order: Order) -> bool:
        """Whether an order hangs together with any other."""
        return order.links != _NO_LINKS or order.cl_ord_id in self._children

    def working_in(self, symbol: Symbol) -> tuple[Order, ...]:
        """Return the orders of a symbol that may still trade."""
        return tuple(self._working_in.get(symbol, {}).values())

    def owed_in(self, symbol: Symbol) -> tuple[Order, ...]:
        """Return the ended orders of a symbol of which executions are still to be heard of."""
        return tuple(self._owed_in.get(symbol, {}).values())

    def open_symbols(self) -> tuple[Symbol, ...]:
        """Return the symbols of orders that may still trade, or of which executions are missing."""
        return tuple(dict.fromkeys((*self._working_in, *self._owed_in)))

    def symbol_version(self, symbol: Symbol) -> int:
        """Return a number that grows with every change of an order of a symbol."""
        return self._symbol_version.get(symbol, 0)

    def _all(self, ids: Iterable[ClOrdID]) -> tuple[Order, ...]:
        return tuple(self.orders.by_id[cl_ord_id] for cl_ord_id in ids)

    def _sort_in(self, order: Order) -> None:
        """Keep an order among those that work, or take it out."""
        if order.is_working:
            self._working[order.cl_ord_id] = order
        else:
            self._working.pop(order.cl_ord_id, None)
        _keep(self._working_in, order, is_kept=order.is_working)
        _keep(self._owed_in, order, is_kept=not order.is_working and bool(order.missing_qty))

    def _link(self, order: Order) -> None:
        for parent in (order.links.parent, order.links.replaces):
            if parent:
                self._children.setdefault(parent, []).append(order.cl_ord_id)
        if order.links.oco:
            self._groups.setdefault(order.links.oco, []).append(order.cl_ord_id)

    def _book(self, change: FillChange) -> None:
        fill = change.new or change.old
        assert fill is not None
        key = _fill_key(fill)
        if change.old is None:
            assert change.new is not None
            self._fill_at[key] = len(self._fills)
            self._fills.append(change.new)
            return
        self._rewritten += 1
        if change.new is not None:
            self._fills[self._fill_at[key]] = change.new
            return
        del self._fills[self._fill_at[key]]
        self._fill_at = {_fill_key(fill): at for at, fill in enumerate(self._fills)}


def _fill_key(fill: Fill) -> tuple[ClOrdID, ExecID]:
    return fill.cl_ord_id, fill.key or fill.exec_id


def _keep(by_symbol: dict[Symbol, dict[ClOrdID, Order]], order: Order, *, is_kept: bool) -> None:
    """Put an order among those of its symbol, or take it out."""
    if is_kept:
        by_symbol.setdefault(order.symbol, {})[order.cl_ord_id] = order
        return
    of_symbol = by_symbol.get(order.symbol)
    if of_symbol is not None and of_symbol.pop(order.cl_ord_id, None) is not None and not of_symbol:
        del by_symbol[order.symbol]


class OrdersView:
    """Reading of orders and fills."""

    def __init__(self, blotter: Blotter) -> None:
        self._blotter = blotter

    @property
    def version(self) -> int:
        """A number that grows with every change of any order."""
        return self._blotter.version

    def get(self, cl_ord_id: ClOrdID) -> Order | None:
        """Return the order that an identity belongs to, or None."""
        return self._blotter.get(cl_ord_id)

    def all(self) -> tuple[Order, ...]:
        """Return every order, in order of entry."""
        return tuple(self._blotter.orders)

    def working(self) -> tuple[Order, ...]:
        """Return the orders that may still trade, those held here included."""
        return self._blotter.working()

    def children_of(self, cl_ord_id: ClOrdID) -> tuple[Order, ...]:
        """Return the orders that hang on an order: its exits, and what replaced it."""
        return self._blotter.children_of(cl_ord_id)

    def group(self, oco: str) -> tuple[Order, ...]:
        """Return the orders of an OCO group."""
        return self._blotter.group(oco)

    def changed_since(self, version: int) -> list[Order]:
        """Return the orders that changed after a version, newest change last."""
        changed: list[Order] = []
        for cl_ord_id, at in reversed(self._blotter._changed_at.items()):
            if at <= version:
                break
            changed.append(self._blotter.orders.by_id[cl_ord_id])
        changed.reverse()
        return changed

    def fills_from(self, index: int) -> list[Fill]:
        """Return the fills that count from a position in the list on, in order of booking.

        A broken fill leaves the list and a corrected one changes in place: see `fills_rewritten`.
        """
        return self._blotter._fills[index:]

    @property
    def fill_count(self) -> int:
        """How many fills count."""
        return len(self._blotter._fills)

    @property
    def fills_rewritten(self) -> int:
        """A number that grows when a fill that was read before is broken or corrected."""
        return self._blotter._rewritten
