"""Refuse to add an order when too many work, or too much would."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from app.risk.checks.base import (
    UNKNOWN,
    CheckParams,
    CheckSpec,
    Finding,
    closing,
    percent,
    refuse,
    share,
    without_equity,
)
from app.risk.exposure import RiskInput, known


class Params(CheckParams, frozen=True):
    """Most that may work at once. Both limits are our own."""

    orders_max: Annotated[
        int, Meta(title="Working orders", description="of all symbols, inclusive")
    ] = 50
    share_max: Annotated[
        Decimal, Meta(title="Value of working orders", description="share of equity, inclusive")
    ] = Decimal(1)


def check(given: RiskInput, params: Params) -> Finding:
    """Working orders, this one included, <= number; their value at worst <= share of equity."""
    picture = given.picture
    limit = f"{params.orders_max} orders"
    if given.is_closing:
        return closing(limit)
    count = picture.open_orders + 1
    if not (count <= params.orders_max):
        text = f"{count} orders would work, limit {params.orders_max}"
        return refuse(f"{count} orders", limit, text, use=1.0)
    limit = percent(params.share_max)
    equity, working = known(picture.equity), known(picture.funds.open_value)
    if equity is None or working is None or given.worst_px is None or not given.has_qty:
        text = "the value of working orders is not known: a price is missing"
        return refuse(UNKNOWN, limit, text)
    if not (equity > 0):
        return without_equity(equity)
    part = (working + given.order.order_qty * given.worst_px) / equity
    value = percent(part)
    if not (part <= params.share_max):
        text = f"working orders could cost {value} of equity, limit {limit}"
        return refuse(value, limit, text, use=1.0)
    uses = (share(count, params.orders_max), share(part, params.share_max))
    use = max(one or 0.0 for one in uses)
    return Finding(passed=True, value=value, limit=limit, use=use)


def meter(given: RiskInput, params: Params) -> Finding:
    """Return how many orders work."""
    count, most = given.picture.open_orders, params.orders_max
    limit = f"{most} orders"
    if not (count <= most):
        return refuse(f"{count} orders", limit, f"{count} orders work, limit {most}", use=1.0)
    use = share(count, most)
    return Finding(passed=True, value=f"{count} orders", limit=limit, use=use)


CHECK = CheckSpec("open_orders", "Working orders", Params, check, "R26", meter)
