"""Refuse a quantity that is not a number above zero, off the lot grid, or too large."""

from __future__ import annotations

from decimal import Decimal

from app.risk.checks.base import CheckParams, CheckSpec, Finding, figure, share
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """Largest order."""

    qty_max: Decimal = Decimal(10_000)
    """Shares. The limit is inclusive."""


def check(given: RiskInput, params: Params) -> Finding:
    """0 < quantity <= qty_max, in whole lots."""
    qty = given.order.order_qty
    limit = figure(params.qty_max)
    lot = given.instrument.lot if given.instrument else Decimal(1)
    if not qty.is_finite() or not (qty > 0):
        text = f"quantity {qty} must be a number above 0"
        return Finding(passed=False, value=str(qty), limit=limit, text=text)
    if not (qty <= params.qty_max):
        text = f"quantity {figure(qty)} is over the limit {limit} shares"
        return Finding(passed=False, value=figure(qty), limit=limit, text=text, use=1.0)
    if qty % lot != 0:
        text = f"quantity {figure(qty)} must be a multiple of {lot}"
        return Finding(passed=False, value=figure(qty), limit=f"x {lot}", text=text)
    return Finding(passed=True, value=figure(qty), limit=limit, use=share(qty, params.qty_max))


CHECK = CheckSpec("order_qty", "Quantity", Params, check, "R14")
