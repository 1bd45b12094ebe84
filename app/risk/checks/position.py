"""Refuse an order that could take the holding of a symbol over its limit, long or short."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from app.domain.enums import Side
from app.risk.checks.base import (
    UNKNOWN,
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
    is_buy = order.side is Side.BUY
    side, most = ("long", params.long_qty_max) if is_buy else ("short", params.short_qty_max)
    limit = figure(most)
    if given.is_closing:
        return closing(limit)
    if not given.has_qty:
        return refuse(UNKNOWN, limit, f"position is not known: quantity {order.order_qty}")
    working = picture.working_buy_qty if is_buy else picture.working_sell_qty
    if not given.has_holding:
        no_number = working if picture.position_qty.is_finite() else picture.position_qty
        return refuse(UNKNOWN, limit, f"position is not known: {no_number}")
    after = picture.position_qty * order.side.sign + working + order.order_qty
    value = figure(after)
    if not (after <= most):
        text = f"position of {order.symbol} could be {value} shares {side}, limit {limit}"
        return refuse(value, limit, text, use=1.0)
    return Finding(passed=True, value=value, limit=limit, use=share(max(after, 0), most))


CHECK = CheckSpec("position", "Position", Params, check, "R20")
