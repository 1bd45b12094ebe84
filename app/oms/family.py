"""How much an order may come to, given its entry and the legs that it excludes.

The danger: exits larger than what their entry has filled, or two legs that both fill, turn the
position around. Entry filled 60 of 100, the rest canceled; an exit of 100 sells 40 too many.
Target filled 40 of 100; a stop of 100 sells 40 too many.
How this prevents it: an exit comes to at most what its entry's line has filled, less what every leg
that it excludes has filled or may still fill at the broker. A line is an order and what replaced
it: a replace that is carried out as a new order forgets nothing.
Not guaranteed: what the broker fills beyond an order, or after its confirmed end. It is taken off
as soon as it is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

import msgspec

from app.domain.enums import AmendmentWay
from app.domain.ids import ClOrdID
from app.domain.orders import Order
from app.domain.terms import ZERO, Links
from app.oms.blotter import Blotter


class Line(msgspec.Struct, frozen=True):
    """One intent: an order, and the orders that replaced it."""

    orders: tuple[Order, ...]
    """Oldest first; never empty."""

    @property
    def links(self) -> Links:
        """How the intent hangs together with others."""
        return self.orders[0].links

    @property
    def cum_qty(self) -> Decimal:
        """What all of them have executed."""
        return sum((order.cum_qty for order in self.orders), ZERO)

    @property
    def first_fill_ns(self) -> int | None:
        """When the first execution came, by our clock; None before it."""
        return min((e.ts_recv_ns for o in self.orders for e in o.executions), default=None)

    @property
    def is_working(self) -> bool:
        """Whether any of them, or what is to replace it, may still trade."""
        return any(order.is_working for order in self.orders)

    @property
    def at_broker(self) -> tuple[Order, ...]:
        """Those that may trade without our doing: decided, sent, working or in doubt."""
        return tuple(o for o in self.orders if o.is_working and not o.is_here)

    @property
    def live_qty(self) -> Decimal:
        """What those may still execute."""
        *replaced, newest = self.orders
        live = ZERO if newest.is_here else newest.exposed_qty
        # A replacement that is on record is counted itself, not once more as a request.
        return live + sum((order.leaves_qty for order in replaced), ZERO)

    @property
    def asked_qty(self) -> Decimal:
        """The most that was asked for, executions included; what was cut on release counts full."""
        before = most = ZERO
        for order in self.orders:
            most = max(most, before + _asked_qty(order))
            before += order.cum_qty
        return most


class Families:
    """Orders that hang together, as the blotter has them now."""

    def __init__(self, blotter: Blotter) -> None:
        self._blotter: Final = blotter

    def line(self, order: Order) -> Line:
        """Return the intent that an order belongs to."""
        first = order
        while (before := self._blotter.get(first.links.replaces)) is not None:
            first = before
        orders = [first]
        while (after := self._replacement(orders[-1])) is not None:
            orders.append(after)
        return Line(tuple(orders))

    def parent(self, line: Line) -> Line | None:
        """Return the entry that an intent follows."""
        parent = self._blotter.get(line.links.parent)
        return None if parent is None else self.line(parent)

    def siblings(self, line: Line) -> tuple[Line, ...]:
        """Return the intents that an intent excludes, in order of entry."""
        group = self._lines(self._blotter.group(line.links.oco))
        return tuple(leg for leg in group if leg.orders[0] is not line.orders[0])

    def children(self, line: Line) -> tuple[Line, ...]:
        """Return the intents that follow an intent's fills, in order of entry."""
        return self._lines(
            child
            for order in line.orders
            for child in self._blotter.children_of(order.cl_ord_id)
            if child.links.parent == order.cl_ord_id
        )

    def around(self, order: Order) -> tuple[Order, ...]:
        """Return the orders on which a change of an order may bear, itself first."""
        if not self._blotter.has_kin(order):
            return (order,)
        line = self.line(order)
        lines = (line, *self.siblings(line), *self.children(line))
        return tuple(kin for one in lines for kin in one.orders)

    def allowed_qty(self, order: Order) -> Decimal:
        """Return the shares that an order may come to now, its own executions included."""
        line = self.line(order)
        taken = ZERO
        for leg in self._excluded_by_now(order, line):
            taken += leg.live_qty
        return max(ZERO, min(order.order_qty, self._room(order, line, self.parent(line)) - taken))

    def is_spent(self, order: Order) -> bool:
        """Whether nothing is left for an order, whatever comes: other legs have executed it all."""
        line = self.line(order)
        parent = self.parent(line)
        if parent is not None and parent.is_working:
            parent = None  # It may fill more yet.
        return self._room(order, line, parent) <= 0

    def unprotected_qty(self, entry: Order, is_armed: Callable[[Order], bool]) -> Decimal:
        """Return the executed shares of an entry that no live exit covers; 0 if it has no exits.

        Args:
            entry: any order of the entry's line.
            is_armed: whether a stop that waits here is being watched.
        """
        line = self.line(entry)
        covers: dict[str, Decimal] = {}
        executed = ZERO
        for leg in self.children(line):
            if not is_exit(leg.orders[0], line.orders[0]):
                continue
            executed += leg.cum_qty
            # Legs that exclude each other cover the same shares.
            name = leg.links.oco or leg.orders[0].cl_ord_id
            covers[name] = max(covers.get(name, ZERO), self._cover(leg, is_armed))
        if not covers:
            return ZERO
        return max(ZERO, line.cum_qty - executed - sum(covers.values(), ZERO))

    def _cover(self, leg: Line, is_armed: Callable[[Order], bool]) -> Decimal:
        newest = leg.orders[-1]
        if newest.is_here:
            if not is_armed(newest):
                return ZERO
            room = self._room(newest, leg, self.parent(leg))
            return max(ZERO, min(newest.order_qty, room))
        return sum((order.leaves_qty for order in leg.at_broker), ZERO)

    def _room(self, order: Order, line: Line, parent: Line | None) -> Decimal:
        room = line.asked_qty if parent is None else min(line.asked_qty, parent.cum_qty)
        executed = sum((leg.cum_qty for leg in self.siblings(line)), ZERO)
        return room - executed - (line.cum_qty - order.cum_qty)

    def _excluded_by_now(self, order: Order, line: Line) -> tuple[Line, ...]:
        """Return the legs that come before an order: all if it waits, else those entered before.

        Of two legs that are both at the broker one has to give way, not both.
        """
        legs = self.siblings(line)
        if order.is_here:
            return legs
        group = [member.cl_ord_id for member in self._blotter.group(line.links.oco)]
        own = group.index(line.orders[0].cl_ord_id) if legs else 0
        return tuple(leg for leg in legs if group.index(leg.orders[0].cl_ord_id) < own)

    def _replacement(self, order: Order) -> Order | None:
        for child in self._blotter.children_of(order.cl_ord_id):
            if child.links.replaces == order.cl_ord_id:
                return child
        return None

    def _lines(self, orders: Iterable[Order]) -> tuple[Line, ...]:
        lines: dict[ClOrdID, Line] = {}
        for order in orders:
            line = self.line(order)
            lines.setdefault(line.orders[0].cl_ord_id, line)
        return tuple(lines.values())


def is_exit(order: Order, entry: Order) -> bool:
    """Whether an order takes back what its entry has filled."""
    return order.symbol == entry.symbol and order.order.side is not entry.order.side


def _asked_qty(order: Order) -> Decimal:
    asked = order.order.order_qty
    most = ZERO
    for amendment in order.amendments:
        if not amendment.is_in_force:
            continue
        if amendment.way is AmendmentWay.HERE:
            asked = amendment.order.order_qty
        else:
            most = max(most, amendment.order.order_qty)
    return max(asked, most)
