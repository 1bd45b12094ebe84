"""Refuse an order that could take the account over its gross leverage."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from app.domain.enums import MarginRegime
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
        Decimal, Meta(title="Gross leverage", description="x equity, inclusive")
    ] = Decimal(2)
    """Worst-case gross exposure over equity.

    Source: initial margin of 50 %, Regulation T, 12 CFR 220.12(a). Up to 4 where the broker lends
    more within the day.
    """
    cash_leverage_max: Annotated[
        Decimal, Meta(title="Of a cash account", description="x equity, inclusive")
    ] = Decimal(1)
    """The lower of both holds for a cash account. Source: nothing is lent, 12 CFR 220.8(a)."""


def check(given: RiskInput, params: Params) -> Finding:
    """Gross exposure if everything working fills, this order included, <= leverage x equity."""
    most = _most(given, params)
    if given.is_closing:
        return closing(f"{most}x")
    found = _judge(given, given.gross_after, most, "would be")
    return where_known(found, "gross leverage is not known: a price is missing")


def meter(given: RiskInput, params: Params) -> Finding:
    """Return the leverage as it is, working orders at their worst; one not known is none."""
    gross = known(given.picture.gross_exposure)
    return _judge(given, gross, _most(given, params), "is")


def _most(given: RiskInput, params: Params) -> Decimal:
    if given.picture.funds.regime is MarginRegime.CASH:
        return min(params.leverage_max, params.cash_leverage_max)
    return params.leverage_max


def _judge(given: RiskInput, gross: Decimal | None, most: Decimal, verb: str) -> Finding:
    limit, equity = f"{most}x", known(given.picture.equity)
    if equity is None or gross is None:
        return Finding(passed=True, value=UNKNOWN, limit=limit)
    if not (equity > 0):
        return without_equity(equity)
    leverage = gross / equity
    value = f"{figure(leverage, 2)}x"
    if not (leverage <= most):
        return refuse(value, limit, f"gross leverage {verb} {value}, limit {limit}", use=1.0)
    return Finding(passed=True, value=value, limit=limit, use=share(leverage, most))


CHECK = CheckSpec("gross_leverage", "Gross leverage", Params, check, "R23", meter)
