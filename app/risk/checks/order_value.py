"""Refuse an order whose value is over a fixed amount, whatever its type."""

from __future__ import annotations

from decimal import Decimal

from app.risk.checks.base import CheckParams, CheckSpec, Finding, figure, share
from app.risk.exposure import RiskInput, is_closing, worst_value


class Params(CheckParams, frozen=True):
    """Largest order."""

    value_max: Decimal = Decimal(200_000)
    """Account currency. The limit is inclusive."""


def check(given: RiskInput, params: Params) -> Finding:
    """Quantity x worst price <= value_max; market orders are not let off."""
    limit = figure(params.value_max, 2)
    value = worst_value(given.order, given.picture)
    if value is None:
        closing = is_closing(given.order, given.picture)
        text = f"order value is not known: no price of {given.order.symbol}"
        return Finding(passed=closing, value="unknown", limit=limit, text=text)
    if not (value <= params.value_max):
        text = f"order value {figure(value, 2)} USD is over the limit {limit} USD"
        return Finding(passed=False, value=figure(value, 2), limit=limit, text=text, use=1.0)
    use = share(value, params.value_max)
    return Finding(passed=True, value=figure(value, 2), limit=limit, use=use)


CHECK = CheckSpec("order_value", "Order value", Params, check, "R15")
