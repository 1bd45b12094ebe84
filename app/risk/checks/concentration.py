"""Refuse an order that could put too much of the account into one symbol."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from app.risk.checks.base import (
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
    is_etf = given.instrument is not None and given.instrument.is_etf
    most = params.etf_share_max if is_etf else params.share_max
    limit = percent(most)
    if given.is_closing:
        return closing(limit)
    equity, after = known(given.picture.equity), given.exposure_after
    if equity is None or after is None:
        return refuse("unknown", limit, "concentration is not known: a price is missing")
    if not (equity > 0):
        return without_equity(equity)
    part = after / equity
    value = percent(part)
    if not (part <= most):
        text = f"{given.order.symbol} could be {value} of equity, limit {limit}"
        return refuse(value, limit, text, use=1.0)
    return Finding(passed=True, value=value, limit=limit, use=share(part, most))


CHECK = CheckSpec("concentration", "Concentration", Params, check, "R21")
