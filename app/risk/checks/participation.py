"""Refuse an order that is large against what a symbol trades in a day."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from app.risk.checks.base import (
    UNKNOWN,
    CheckParams,
    CheckSpec,
    Finding,
    ask,
    figure,
    percent,
    refuse,
    share,
)
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """Largest shares of the average daily volume of 20 days. Both limits are our own."""

    ask_share_max: Annotated[
        Decimal, Meta(title="Without asking", description="share of daily volume, inclusive")
    ] = Decimal("0.01")
    share_max: Annotated[
        Decimal, Meta(title="At most", description="share of daily volume, inclusive")
    ] = Decimal("0.05")


def check(given: RiskInput, params: Params) -> Finding:
    """Quantity <= share of the average daily volume; where that is not known it passes."""
    limit = percent(params.share_max)
    volume = None if given.instrument is None else given.instrument.adv
    if not given.has_qty:
        text = f"quantity {given.order.order_qty} has no share of a day's volume"
        return ask(UNKNOWN, limit, text)
    if not volume:
        return Finding(passed=True, value=UNKNOWN, limit=limit)
    part = given.order.order_qty / volume
    shares, value = figure(given.order.order_qty), percent(part)
    if not (part <= params.share_max):
        text = f"{shares} shares are {value} of a day's volume, limit {limit}"
        return refuse(value, limit, text, use=1.0)
    use = share(part, params.share_max)
    if not (part <= params.ask_share_max):
        limit = percent(params.ask_share_max)
        text = f"{shares} shares are {value} of a day's volume, usual are {limit}"
        return ask(value, limit, text, use=use)
    return Finding(passed=True, value=value, limit=limit, use=use)


CHECK = CheckSpec("participation", "Share of volume", Params, check, "R16")
