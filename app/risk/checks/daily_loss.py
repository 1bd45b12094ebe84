"""Refuse to open once the trading day has lost too much."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from app.risk.checks.base import (
    CheckParams,
    CheckSpec,
    Finding,
    OnBreach,
    closing,
    fall,
    percent,
    where_known,
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
    if given.is_closing:
        return closing(percent(params.loss_share_max))
    return where_known(meter(given, params), "the day's loss is not known: equity is not")


def meter(given: RiskInput, params: Params) -> Finding:
    """Return the loss of the day as it is; one that is not known is none."""
    picture = given.picture
    equity, before = known(picture.equity), known(picture.funds.day_equity)
    return fall(equity, before, params.loss_share_max, "the day's loss is {} of {} USD")


CHECK = CheckSpec("daily_loss", "Loss of the day", Params, check, "R28", meter, OnBreach.LATCH)
