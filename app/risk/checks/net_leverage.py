"""Refuse an order that could take the account too far to one side, long or short."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from app.domain.enums import Side
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
    where_known,
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
    if given.is_closing:
        return closing(f"{params.leverage_max}x")
    found = _judge(given, _net_after(given), given.order.side.sign, params)
    return where_known(found, "net leverage is not known: a price is missing")


def meter(given: RiskInput, params: Params) -> Finding:
    """Return the net leverage as it is, either way; one that is not known is none."""
    net = known(given.picture.funds.net_exposure)
    return _judge(given, net, -1 if net is not None and net < 0 else 1, params)


def _net_after(given: RiskInput) -> Decimal | None:
    picture, net = given.picture, known(given.picture.funds.net_exposure)
    if net is None or given.worst_px is None or not given.has_qty or not given.has_holding:
        return None
    is_buy = given.order.side is Side.BUY
    working = picture.working_buy_qty if is_buy else picture.working_sell_qty
    return net + (working + given.order.order_qty) * given.worst_px * given.order.side.sign


def _judge(given: RiskInput, net: Decimal | None, sign: int, params: Params) -> Finding:
    equity, most = known(given.picture.equity), params.leverage_max
    limit = f"{most}x"
    if equity is None or net is None:
        return Finding(passed=True, value=UNKNOWN, limit=limit)
    if not (equity > 0):
        return without_equity(equity)
    leverage = net / equity
    value = f"{figure(leverage, 2)}x"
    if not (leverage * sign <= most):
        return refuse(value, limit, f"net leverage comes to {value}, limit {limit}", use=1.0)
    use = share(max(leverage * sign, ZERO), most)
    return Finding(passed=True, value=value, limit=limit, use=use)


CHECK = CheckSpec("net_leverage", "Net leverage", Params, check, "R24", meter)
