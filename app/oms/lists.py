"""Orders that hang together: what may, and how they are tied.

The danger: a bracket whose stop lies on the wrong side of its entry sells at once; exits larger
than the entry flip the position; two exits that do not know of each other both fill.
Here a list is refused as a whole, in words, before anything of it is recorded.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from app.domain.capabilities import Capabilities
from app.domain.commands import SubmitOrder
from app.domain.enums import OrderClass, OrdType, Side
from app.domain.ids import ClOrdID
from app.domain.terms import STOP_TYPES, Hold, Links, NewOrder

_SIZES: Final = {
    OrderClass.SIMPLE: 1,
    OrderClass.OTO: 2,
    OrderClass.OCO: 2,
    OrderClass.OTOCO: 3,
    OrderClass.BRACKET: 3,
}


def list_fault(orders: tuple[NewOrder, ...], order_class: OrderClass) -> str:
    """Return what is wrong with a list, with field, value and limit; empty if nothing."""
    size = _SIZES[order_class]
    if len(orders) != size:
        return f"{order_class.name} has {size} orders, {len(orders)} were given"
    if len({order.symbol for order in orders}) > 1:
        names = ", ".join(sorted({order.symbol for order in orders}))
        return f"orders of one {order_class.name} are of one symbol, these were of {names}"
    for order in orders:
        if not (order.order_qty.is_finite() and order.order_qty > 0):
            return f"quantity {order.order_qty} must be above 0"
    if order_class is OrderClass.OCO:
        return _pair_fault(orders[0], orders[1])
    if order_class is OrderClass.BRACKET:
        return _exit_fault(orders) or _bracket_fault(*orders)
    if order_class is OrderClass.OTOCO:
        return _pair_fault(orders[1], orders[2])
    return ""


def linked(
    drafts: tuple[SubmitOrder, ...], order_class: OrderClass, able: Capabilities
) -> tuple[SubmitOrder, ...]:
    """Return commands tied to each other; those that do not go out now are held here."""
    first = drafts[0]
    tied: list[SubmitOrder] = []
    for index, draft in enumerate(drafts):
        is_oco = order_class is OrderClass.OCO
        parent = first.cl_ord_id if index and not is_oco else ClOrdID("")
        in_group = is_oco or (index > 0 and len(drafts) == 3)  # noqa: PLR2004  Entry and a pair.
        links = Links(parent=parent, oco=f"OCO-{first.cl_ord_id}" if in_group else "")
        goes = index == 0 and not is_oco and able.is_native(draft.order)
        tied.append(msgspec.structs.replace(draft, links=links, hold=None if goes else Hold()))
    return tuple(tied)


def _pair_fault(one: NewOrder, other: NewOrder) -> str:
    if one.order_qty != other.order_qty:
        return (
            f"orders that exclude each other are of one quantity, these were {one.order_qty} "
            f"and {other.order_qty}"
        )
    if one.side is other.side and one.ord_type is OrdType.LIMIT is other.ord_type:
        return "two limit orders of one side do not exclude each other: the better one always fills"
    if OrdType.MARKET in (one.ord_type, other.ord_type):
        return "a MARKET order excludes nothing: it fills at once"
    return ""


def _exit_fault(orders: tuple[NewOrder, ...]) -> str:
    entry, *exits = orders
    for leg in exits:
        if leg.side is entry.side:
            return f"an exit is of the other side than its entry, both were {leg.side.name}"
        if not (leg.order_qty <= entry.order_qty):
            return f"exit quantity {leg.order_qty} is over the entry's {entry.order_qty}"
    return ""


def _bracket_fault(entry: NewOrder, target: NewOrder, stop: NewOrder) -> str:
    if target.ord_type is not OrdType.LIMIT or stop.ord_type not in STOP_TYPES:
        return (
            f"a bracket has an entry, a LIMIT and a STOP, these were {entry.ord_type.name}, "
            f"{target.ord_type.name} and {stop.ord_type.name}"
        )
    entry_px = entry.limit_px if entry.limit_px is not None else entry.stop_px
    prices = [("stop", stop.stop_px), ("entry", entry_px), ("target", target.limit_px)]
    if entry.side is Side.SELL:
        prices.reverse()
    known = [(name, px) for name, px in prices if px is not None]
    for (low_name, low), (high_name, high) in zip(known, known[1:], strict=False):
        if not _is_below(low, high):
            return (
                f"crossed bracket: {low_name} {low} must be below {high_name} {high} "
                f"for a {entry.side.name} entry"
            )
    return ""


def _is_below(low: Decimal, high: Decimal) -> bool:
    return low.is_finite() and high.is_finite() and low < high
