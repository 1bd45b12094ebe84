"""Refuse a quantity that is not a number above zero, off the lot grid, or too large."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from app.domain.instrument import is_multiple
from app.domain.times import new_york_text
from app.risk.checks.base import CheckParams, CheckSpec, Finding, figure, refuse, share
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """Largest order."""

    qty_max: Annotated[Decimal, Meta(title="Quantity", description="shares, inclusive")] = Decimal(
        10_000
    )
    """Our own limit."""


def check(given: RiskInput, params: Params) -> Finding:
    """0 < quantity <= qty_max, in whole lots; an order with a date is good till a later one."""
    order, qty = given.order, given.order.order_qty
    limit = figure(params.qty_max)
    lot = given.instrument.lot if given.instrument else Decimal(1)
    if not given.has_qty:
        return refuse(str(qty), "> 0", f"quantity {qty} must be a number above 0")
    shown = figure(qty)
    if not (qty <= params.qty_max):
        text = f"quantity {shown} is over the limit {limit} shares"
        return refuse(shown, limit, text, use=1.0)
    if not is_multiple(qty, lot):
        return refuse(shown, f"x {lot}", f"quantity {shown} must be a multiple of {lot}")
    if order.expire_ns is not None and not (order.expire_ns > given.picture.ts_ns):
        until = new_york_text(order.expire_ns)
        return refuse(until, "later", f"the order was good till {until}, which is over")
    return Finding(passed=True, value=shown, limit=limit, use=share(qty, params.qty_max))


CHECK = CheckSpec("order_qty", "Quantity", Params, check, "R14")
