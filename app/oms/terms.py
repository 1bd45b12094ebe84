"""Terms that are refused before they get an identity or a record.

What no broker of this kind takes is refused with the value and what is allowed; whether a possible
order may go is the gate's to say.
"""

from __future__ import annotations

from typing import Final

from app.brokers.base import Capabilities
from app.domain.enums import OrdType
from app.domain.errors import RefusedOrder
from app.domain.terms import NewOrder

SYMBOL_CHARS_MAX: Final = 16
DIGITS_MAX: Final = 28
"""Of a number in an order: what Decimal computes with exactly."""
LIMIT_TYPES: Final = (OrdType.LIMIT, OrdType.STOP_LIMIT)
STOP_TYPES: Final = (OrdType.STOP, OrdType.STOP_LIMIT)


def require_taken(order: NewOrder, able: Capabilities, *, broker: str) -> None:
    """Let an order through that can be recorded and that this broker takes.

    Raises:
        RefusedOrder: which value, what it was, and what is allowed.
    """
    reason = _unrecordable(order) or _not_taken(order, able, broker) or _incomplete(order)
    if reason:
        raise RefusedOrder(f"{reason}; order not sent")


def _unrecordable(order: NewOrder) -> str:
    symbol = order.symbol
    if not (0 < len(symbol) <= SYMBOL_CHARS_MAX and symbol.isascii() and symbol.isprintable()):
        return (
            f"symbol {ascii(symbol[:SYMBOL_CHARS_MAX])} ({len(symbol):,} characters) must be 1 to "
            f"{SYMBOL_CHARS_MAX} printable ASCII characters"
        )
    for name, number in (
        ("quantity", order.order_qty),
        ("limit price", order.limit_px),
        ("stop price", order.stop_px),
    ):
        digits = 0 if number is None else len(number.as_tuple().digits)
        if digits > DIGITS_MAX:
            return f"{name} has {digits:,} digits, limit {DIGITS_MAX}"
    return ""


def _not_taken(order: NewOrder, able: Capabilities, broker: str) -> str:
    qty = order.order_qty
    if order.ord_type not in able.ord_types:
        return f"{broker} takes no {order.ord_type.name} orders"
    if order.time_in_force not in able.times_in_force:
        return f"{broker} takes no {order.time_in_force.name} orders"
    if not able.has_fractions and qty.is_finite() and qty != qty.to_integral_value():
        return f"{broker} takes whole shares only, quantity was {qty}"
    return ""


def _incomplete(order: NewOrder) -> str:
    for name, price, types in (
        ("limit", order.limit_px, LIMIT_TYPES),
        ("stop", order.stop_px, STOP_TYPES),
    ):
        if (order.ord_type in types) != (price is not None):
            return f"a {order.ord_type.name} order with {name} price {price} is not one"
    return ""
