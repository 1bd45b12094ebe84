"""Refuse to open once the account has fallen too far from its highest of the week."""

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
    """Largest fall."""

    drawdown_max: Annotated[
        Decimal,
        Meta(title="Fall from the week's peak", description="share of the peak, exclusive"),
    ] = Decimal("0.05")
    """Our own limit: two and a half bad days."""


def check(given: RiskInput, params: Params) -> Finding:
    """Highest equity of the trading week less equity now < share of the former."""
    if given.is_closing:
        return closing(percent(params.drawdown_max))
    return where_known(meter(given, params), "the drawdown is not known: equity is not")


def meter(given: RiskInput, params: Params) -> Finding:
    """Return the drawdown as it is; one that is not known is none."""
    picture = given.picture
    equity, before = known(picture.equity), known(picture.funds.peak_equity)
    return fall(equity, before, params.drawdown_max, "equity is {} below the week's peak of {} USD")


CHECK = CheckSpec("drawdown", "Drawdown", Params, check, "R29", meter, OnBreach.REDUCE)
