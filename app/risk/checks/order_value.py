"""Refuse an order whose value is over a fixed amount or a share of equity, whatever its type."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from app.domain.terms import ZERO
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
from app.risk.exposure import RiskInput, known


class Params(CheckParams, frozen=True):
    """Largest order. Both limits are our own; the lesser holds."""

    value_max: Annotated[Decimal, Meta(title="Value", description="USD, inclusive")] = Decimal(
        25_000
    )
    equity_share_max: Annotated[
        Decimal, Meta(title="Of the equity", description="share of equity, inclusive")
    ] = Decimal("0.20")


def check(given: RiskInput, params: Params) -> Finding:
    """Quantity x worst price <= the lesser of both; market orders are not let off."""
    most, equity = params.value_max, known(given.picture.equity)
    if equity is not None:
        most = min(most, max(ZERO, equity) * params.equity_share_max)
    limit = figure(most, 2)
    value = given.value if given.has_qty else None
    if given.is_closing and (value is None or equity is None or not (value <= most)):
        return closing(limit)
    if equity is None:
        return refuse(UNKNOWN, limit, "the limit of the order value is not known: equity is not")
    if value is None:
        text = f"order value is not known: no price of {given.order.symbol}"
        return refuse(UNKNOWN, limit, text)
    shown = figure(value, 2)
    if not (value <= most):
        text = f"order value {shown} USD is over the limit {limit} USD"
        return refuse(shown, limit, text, use=1.0)
    return Finding(passed=True, value=shown, limit=limit, use=share(value, most))


CHECK = CheckSpec("order_value", "Order value", Params, check, "R15")
