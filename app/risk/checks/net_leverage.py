"""Refuse an order that could take the account too far to one side, long or short."""

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
    without_equity,
)
from app.risk.exposure import RiskInput, known


class Params(CheckParams, frozen=True):
    """Highest leverage."""

    leverage_max: Annotated[
        Decimal, Meta(title="Net leverage", description="x equity, inclusive")
    ] = Decimal(2)
    """Longs less shorts, over equity. Source: as gross leverage, 12 CFR 220.12(a)."""


def check(given: RiskInput, params: Params) -> Finding:
    """Net exposure, the symbol's working orders of this side and this order, <= leverage x equity.

    The side that the order moves away from is not tested: a hedge must not be refused for it.
    """
    limit = f"{params.leverage_max}x"
    if given.is_closing:
        return closing(limit)
    equity, after = known(given.picture.equity), _net_after(given)
    if equity is None or after is None:
        return refuse("unknown", limit, "net leverage is not known: a price is missing")
    if not (equity > 0):
        return without_equity(equity)
    leverage = after / equity
    toward = leverage * given.order.side.sign
    value = f"{figure(leverage, 2)}x"
    if not (toward <= params.leverage_max):
        return refuse(value, limit, f"net leverage would be {value}, limit {limit}", use=1.0)
    use = share(max(toward, 0), params.leverage_max)
    return Finding(passed=True, value=value, limit=limit, use=use)


def _net_after(given: RiskInput) -> Decimal | None:
    picture, net = given.picture, known(given.picture.funds.net_exposure)
    if net is None or given.worst_px is None or not given.has_qty:
        return None
    is_buy = given.order.side is Side.BUY
    working = picture.working_buy_qty if is_buy else picture.working_sell_qty
    return net + (working + given.order.order_qty) * given.worst_px * given.order.side.sign


CHECK = CheckSpec("net_leverage", "Net leverage", Params, check, "R24")
