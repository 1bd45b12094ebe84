"""Refuse to open once the account has fallen too far from its highest of the week."""

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
    """Largest fall."""

    drawdown_max: Annotated[
        Decimal,
        Meta(title="Fall from the week's peak", description="share of the peak, exclusive"),
    ] = Decimal("0.05")
    """Our own limit: two and a half bad days."""


def check(given: RiskInput, params: Params) -> Finding:
    """Highest equity of the trading week less equity now < share of the former."""
    limit = percent(params.drawdown_max)
    if given.is_closing:
        return closing(limit)
    found = meter(given, params)
    if found.value == UNKNOWN:
        return refuse(UNKNOWN, limit, "the drawdown is not known: equity is not")
    return found


def meter(given: RiskInput, params: Params) -> Finding:
    """Return the drawdown as it is; one that is not known is none."""
    limit = percent(params.drawdown_max)
    equity, peak = known(given.picture.equity), known(given.picture.funds.peak_equity)
    if equity is None or peak is None:
        return Finding(passed=True, value=UNKNOWN, limit=limit)
    if not (peak > 0):
        return without_equity(peak)
    fall = max(ZERO, peak - equity) / peak
    value = percent(fall)
    if not (fall < params.drawdown_max):
        text = f"equity is {value} below the week's peak of {figure(peak, 2)} USD, limit {limit}"
        return refuse(value, limit, text, use=1.0)
    use = share(fall, params.drawdown_max)
    return Finding(passed=True, value=value, limit=limit, use=use)


CHECK = CheckSpec("drawdown", "Drawdown", Params, check, "R29", meter, OnBreach.REDUCE)
