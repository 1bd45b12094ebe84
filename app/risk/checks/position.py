"""Refuse an order that could take the holding of a symbol over its limit, long or short."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from app.domain.enums import Side
from app.risk.checks.base import (
    CheckParams,
    CheckSpec,
    Finding,
    closing,
    figure,
    refuse,
    share,
)
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """Largest holding of a symbol. Both limits are our own: as large as the largest order."""

    long_qty_max: Annotated[
        Decimal, Meta(title="Largest long position", description="shares, inclusive")
    ] = Decimal(10_000)
    short_qty_max: Annotated[
        Decimal, Meta(title="Largest short position", description="shares, inclusive")
    ] = Decimal(10_000)


def check(given: RiskInput, params: Params) -> Finding:
    """Position and working orders of this side, this order included, <= limit of that side.

    The end that the order moves away from is not tested: an exit must not be refused for it.
    """
    order, picture = given.order, given.picture
    if order.side is Side.BUY:
        side, most = "long", params.long_qty_max
        reach = picture.position_qty + picture.working_buy_qty
    else:
        side, most = "short", params.short_qty_max
        reach = picture.working_sell_qty - picture.position_qty
    limit = figure(most)
    if given.is_closing:
        return closing(limit)
    if not given.has_qty:
        return refuse("unknown", limit, f"position is not known: quantity {order.order_qty}")
    if not reach.is_finite():
        return refuse("unknown", limit, f"position is not known: {reach}")
    after = reach + order.order_qty
    value = figure(after)
    if not (after <= most):
        text = f"position of {order.symbol} could be {value} shares {side}, limit {limit}"
        return refuse(value, limit, text, use=1.0)
    return Finding(passed=True, value=value, limit=limit, use=share(max(after, 0), most))


CHECK = CheckSpec("position", "Position", Params, check, "R20")
