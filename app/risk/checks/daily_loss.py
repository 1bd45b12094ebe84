"""Refuse to open once the trading day has lost too much."""

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
    OnBreach,
    closing,
    figure,
    percent,
    refuse,
    share,
    without_equity,
)
from app.risk.exposure import RiskInput, known


class Params(CheckParams, frozen=True):
    """Largest loss of a day."""

    loss_share_max: Annotated[
        Decimal,
        Meta(title="Loss of a day", description="share of equity at the day's start, exclusive"),
    ] = Decimal("0.02")
    """Realised and unrealised, fees included; deposits do not count as gains. Our own limit."""


def check(given: RiskInput, params: Params) -> Finding:
    """Equity at the start of the trading day less equity now < share of the former."""
    limit = percent(params.loss_share_max)
    if given.is_closing:
        return closing(limit)
    found = meter(given, params)
    if found.value == UNKNOWN:
        return refuse(UNKNOWN, limit, "the day's loss is not known: equity is not")
    return found


def meter(given: RiskInput, params: Params) -> Finding:
    """Return the loss of the day as it is; one that is not known is none."""
    limit = percent(params.loss_share_max)
    equity, start = known(given.picture.equity), known(given.picture.funds.day_equity)
    if equity is None or start is None:
        return Finding(passed=True, value=UNKNOWN, limit=limit)
    if not (start > 0):
        return without_equity(start)
    loss = max(ZERO, start - equity) / start
    value = percent(loss)
    if not (loss < params.loss_share_max):
        text = f"the day's loss is {value} of {figure(start, 2)} USD, limit {limit}"
        return refuse(value, limit, text, use=1.0)
    use = share(loss, params.loss_share_max)
    return Finding(passed=True, value=value, limit=limit, use=use)


CHECK = CheckSpec("daily_loss", "Loss of the day", Params, check, "R28", meter, OnBreach.LATCH)
