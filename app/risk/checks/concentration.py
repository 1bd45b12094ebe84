"""Refuse an order that could put too much of the account into one symbol."""

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
    where_known,
    without_equity,
)
from app.risk.exposure import RiskInput, known


class Params(CheckParams, frozen=True):
    """Largest share of a symbol. Both limits are our own."""

    share_max: Annotated[
        Decimal, Meta(title="Of a stock", description="share of equity, inclusive")
    ] = Decimal("0.25")
    etf_share_max: Annotated[
        Decimal, Meta(title="Of an ETF", description="share of equity, inclusive")
    ] = Decimal("0.50")
    """More than of a stock: a fund is spread over many."""


def check(given: RiskInput, params: Params) -> Finding:
    """Worst-case value of the symbol, this order included, <= share of equity."""
    most = _most(given, params)
    if given.is_closing:
        return closing(percent(most))
    found = _judge(given, given.exposure_after, most, "could be")
    return where_known(found, "concentration is not known: a price is missing")


def meter(given: RiskInput, params: Params) -> Finding:
    """Return the share of the largest symbol as it is; one that is not known is none."""
    exposure = known(given.picture.symbol_exposure)
    return _judge(given, exposure, _most(given, params), "is")


def _most(given: RiskInput, params: Params) -> Decimal:
    is_etf = given.instrument is not None and given.instrument.is_etf
    return params.etf_share_max if is_etf else params.share_max


def _judge(given: RiskInput, exposure: Decimal | None, most: Decimal, verb: str) -> Finding:
    limit, equity = percent(most), known(given.picture.equity)
    if equity is None or exposure is None:
        return Finding(passed=True, value=UNKNOWN, limit=limit)
    if not (equity > 0):
        return without_equity(equity)
    part = exposure / equity
    value = percent(part)
    if not (part <= most):
        text = f"{given.order.symbol} {verb} {value} of equity, limit {limit}"
        return refuse(value, limit, text, use=1.0)
    return Finding(passed=True, value=value, limit=limit, use=share(part, most))


CHECK = CheckSpec("concentration", "Concentration", Params, check, "R21", meter)
