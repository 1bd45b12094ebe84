"""Refuse an order that is sent again and again: repeated automated execution."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from app.risk.checks.base import CheckParams, CheckSpec, Finding, refuse, share
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """Most like orders."""

    twins_max: Annotated[
        int, Meta(title="Same order in a minute", description="this one included, inclusive")
    ] = 5
    """Our own limit."""


def check(given: RiskInput, params: Params) -> Finding:
    """Orders in a minute with the same symbol, side, quantity, type, prices and time <= number."""
    count = given.picture.traffic.twins_60s + 1
    value, limit = f"{count}", f"{params.twins_max}"
    if not (count <= params.twins_max):
        text = f"this would be the same order {value} times in a minute, limit {limit}"
        return refuse(value, limit, text, use=1.0)
    return Finding(passed=True, value=value, limit=limit, use=share(count, params.twins_max))


CHECK = CheckSpec("burst", "Burst", Params, check, "R32")
