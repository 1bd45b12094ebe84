"""Ask about an order that is many times larger than this account's usual ones."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from app.risk.checks.base import UNKNOWN, CheckParams, CheckSpec, Finding, ask, figure, share
from app.risk.exposure import RiskInput, is_broken


class Params(CheckParams, frozen=True):
    """How much larger."""

    times_max: Annotated[
        Decimal, Meta(title="Larger than usual", description="x the median, inclusive")
    ] = Decimal(10)
    """Of the newest 50 orders by hand. Our own limit."""


def check(given: RiskInput, params: Params) -> Finding:
    """Value <= so many times the median of the newest 50 orders by hand."""
    limit = f"{figure(params.times_max)}x"
    usual = given.picture.traffic.habit_value
    if is_broken(usual) or not given.has_qty or not given.has_prices:
        return ask(UNKNOWN, limit, "the order cannot be compared with the usual ones")
    value = given.value
    if not usual or value is None:
        return Finding(passed=True, value="no habit", limit=limit)
    times = value / usual
    shown = f"{figure(times, 1)}x"
    if not (times <= params.times_max):
        text = f"the order is {shown} the usual {figure(usual, 2)} USD, limit {limit}"
        return ask(shown, limit, text, use=1.0)
    return Finding(passed=True, value=shown, limit=limit, use=share(times, params.times_max))


CHECK = CheckSpec("habit", "Usual size", Params, check, "R17")
