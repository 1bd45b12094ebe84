"""What an order could cost and how much of it only closes: shared by the checks.

Source: the reachable interval [position - working sells, position + working buys] is the usual
worst case of pre-trade control (SEC Rule 15c3-5(c)(1)(i): orders entered, not fills).
"""

from __future__ import annotations

from decimal import Decimal

from app.domain.decision import Picture
from app.domain.enums import Side
from app.domain.market import real_price
from app.domain.terms import ZERO, NewOrder


def worst_price(order: NewOrder, picture: Picture) -> Decimal | None:
    """Return the worst price at which the order can trade now; None without any price.

    A limit bounds it. A market order pays the far quote, or the last print where a feed has no
    quotes. A sell's worst case for exposure is the higher of its limit and the bid.
    """
    limit, last = real_price(order.limit_px), real_price(picture.last_px)
    if order.side is Side.BUY:
        return limit or real_price(picture.ask) or last
    near = real_price(picture.bid) or last
    if limit is None:
        return near
    return limit if near is None else max(limit, near)


def worst_value(order: NewOrder, picture: Picture) -> Decimal | None:
    """Return quantity x worst price, in account currency; None without a price."""
    price = worst_price(order, picture)
    return None if price is None else order.order_qty * price


def closable_qty(order: NewOrder, picture: Picture) -> Decimal:
    """Return how much of the position orders of this side may still close."""
    if order.side is Side.BUY:
        return max(ZERO, -picture.position_qty - picture.working_buy_qty)
    return max(ZERO, picture.position_qty - picture.working_sell_qty)


def is_closing(order: NewOrder, picture: Picture) -> bool:
    """Whether the whole order only reduces the position, whatever else fills first.

    A replace that lowers what the order before it could do counts as closing.
    """
    qty = order.order_qty
    # A quantity of 0, -5 or NaN closes nothing: it must not be let off as closing.
    if not (qty.is_finite() and qty > 0):
        return False
    return qty <= closable_qty(order, picture) or _only_lowers(order, picture)


def _only_lowers(order: NewOrder, picture: Picture) -> bool:
    if not (order.order_qty <= picture.replaced_qty):
        return False
    if order.limit_px is None or picture.replaced_px is None:
        return order.limit_px is picture.replaced_px
    if not order.limit_px.is_finite():
        return False
    if order.side is Side.BUY:
        return order.limit_px <= picture.replaced_px
    return order.limit_px >= picture.replaced_px


def worst_qty_after(order: NewOrder, picture: Picture) -> Decimal:
    """Return the largest holding of the symbol, long or short, reachable with this order added."""
    longest = picture.position_qty + picture.working_buy_qty
    shortest = picture.position_qty - picture.working_sell_qty
    if order.side is Side.BUY:
        longest += order.order_qty
    else:
        shortest -= order.order_qty
    return max(abs(longest), abs(shortest))
