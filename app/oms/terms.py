"""Terms that are refused before they get an identity or a record.

What no broker of this kind takes, and this machine cannot hold for it, is refused with the value
and what is allowed; whether a possible order may go is the gate's to say.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from app.domain.capabilities import Capabilities
from app.domain.enums import OrdType, PegOffsetType, Side, TimeInForce
from app.domain.errors import RefusedOrder
from app.domain.terms import (
    LASTING_TIMES,
    LIMIT_TYPES,
    STOP_TYPES,
    TRAIL_PERCENT_MAX,
    NewOrder,
)

SYMBOL_CHARS_MAX: Final = 16
DIGITS_MAX: Final = 28
"""Of a number in an order: what Decimal computes with exactly."""


def as_sent(order: NewOrder, stop_px: Decimal | None) -> NewOrder:
    """Return the terms with which an order that was held here goes out once it is set off.

    Args:
        order: the terms as asked for.
        stop_px: the level that set it off; a trailing stop-limit counts its limit from there.
    """
    if order.ord_type is OrdType.STOP_LIMIT:
        limit_px = order.limit_px
        if limit_px is None and stop_px is not None and order.limit_offset is not None:
            away = order.limit_offset if order.side is Side.BUY else -order.limit_offset
            limit_px = stop_px + away
        sent = msgspec.structs.replace(order, ord_type=OrdType.LIMIT, limit_px=limit_px)
    elif order.ord_type is OrdType.STOP:
        sent = msgspec.structs.replace(order, ord_type=OrdType.MARKET)
    else:
        sent = order
    return msgspec.structs.replace(
        sent,
        stop_px=None,
        peg_offset=None,
        peg_offset_type=PegOffsetType.PRICE,
        limit_offset=None,
    )


def require_taken(order: NewOrder, able: Capabilities, *, broker: str) -> None:
    """Let an order through that can be recorded and that this broker takes, or that is held here.

    Raises:
        RefusedOrder: which value, what it was, and what is allowed.
    """
    reason = (
        _unrecordable(order)
        or _incomplete(order)
        or _not_taken(_going(order, able), able, broker)
        or _contradictory(order)
    )
    if reason:
        raise RefusedOrder(f"{reason}; order not sent")


def _going(order: NewOrder, able: Capabilities) -> NewOrder:
    """Return the terms with which an order would reach the broker."""
    return order if able.is_native(order) else as_sent(order, order.stop_px)


def _numbers(order: NewOrder) -> tuple[tuple[str, Decimal | None], ...]:
    return (
        ("quantity", order.order_qty),
        ("limit price", order.limit_px),
        ("stop price", order.stop_px),
        ("value", order.cash_qty),
        ("trailing offset", order.peg_offset),
        ("limit offset", order.limit_offset),
        ("displayed quantity", order.display_qty),
    )


def _unrecordable(order: NewOrder) -> str:
    symbol = order.symbol
    if not (0 < len(symbol) <= SYMBOL_CHARS_MAX and symbol.isascii() and symbol.isprintable()):
        return (
            f"symbol {ascii(symbol[:SYMBOL_CHARS_MAX])} ({len(symbol):,} characters) must be 1 to "
            f"{SYMBOL_CHARS_MAX} printable ASCII characters"
        )
    for name, number in _numbers(order):
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
    if order.cash_qty is not None and not able.has_cash_qty:
        return f"{broker} takes no orders by value"
    if order.extended_hours and not able.has_extended_hours:
        return f"{broker} takes no orders outside regular hours"
    if order.display_qty is not None and not able.has_reserve:
        return f"{broker} takes no reserve orders, displayed quantity was {order.display_qty}"
    if not able.has_fractions and qty.is_finite() and qty != qty.to_integral_value():
        return f"{broker} takes whole shares only, quantity was {qty}"
    return ""


def _incomplete(order: NewOrder) -> str:
    for name, price, is_needed in (
        ("limit", order.limit_px, order.ord_type in LIMIT_TYPES and not order.is_trailing),
        ("stop", order.stop_px, order.ord_type in STOP_TYPES and not order.is_trailing),
    ):
        if is_needed != (price is not None):
            kind = "trailing " if order.is_trailing else ""
            return f"a {kind}{order.ord_type.name} order with {name} price {price} is not one"
    if order.is_trailing and order.ord_type not in STOP_TYPES:
        return f"a {order.ord_type.name} order does not trail, its offset was {order.peg_offset}"
    has_limit_offset = order.is_trailing and order.ord_type is OrdType.STOP_LIMIT
    if has_limit_offset != (order.limit_offset is not None):
        return f"a {order.ord_type.name} order with limit offset {order.limit_offset} is not one"
    return ""


def _contradictory(order: NewOrder) -> str:
    offset, away = order.peg_offset, order.limit_offset
    if offset is not None and not (offset.is_finite() and offset > 0):
        return f"trailing offset {offset} must be above 0"
    if (
        order.peg_offset_type is PegOffsetType.PERCENTAGE
        and offset
        and not offset < TRAIL_PERCENT_MAX
    ):
        return f"trailing offset {offset} % must be below {TRAIL_PERCENT_MAX} %"
    if away is not None and not (away.is_finite() and away >= 0):
        return f"limit offset {away} must be 0 or more"
    if order.cash_qty is not None and not (order.cash_qty.is_finite() and order.cash_qty > 0):
        return f"value {order.cash_qty} must be above 0"
    if (order.time_in_force is TimeInForce.GTD) != (order.expire_ns is not None):
        return f"a {order.time_in_force.name} order with expiry {order.expire_ns} is not one"
    if order.ord_type in STOP_TYPES and order.time_in_force not in LASTING_TIMES:
        return f"a {order.ord_type.name} order waits: {order.time_in_force.name} does not fit it"
    if order.extended_hours and order.ord_type is not OrdType.LIMIT:
        return f"outside regular hours only limit orders trade, this is {order.ord_type.name}"
    return _ill_displayed(order)


def _ill_displayed(order: NewOrder) -> str:
    shown = order.display_qty
    if shown is None:
        return ""
    if not (shown.is_finite() and shown > 0 and shown == shown.to_integral_value()):
        return f"displayed quantity {shown} must be whole shares above 0"
    if order.ord_type not in LIMIT_TYPES or order.time_in_force not in LASTING_TIMES:
        kind = f"{order.ord_type.name} {order.time_in_force.name}"
        return f"a {kind} order does not rest: a displayed quantity of {shown} does not fit it"
    return ""
