"""Refuse to open in a symbol while the fate of an earlier order in it is not known."""

from __future__ import annotations

from app.risk.checks.base import CheckParams, CheckSpec, Finding
from app.risk.exposure import RiskInput, is_closing


class Params(CheckParams, frozen=True):
    """None."""


def check(given: RiskInput, params: Params) -> Finding:
    """No order of the symbol is in doubt; one that only closes may go all the same."""
    count = given.picture.in_doubt
    if not count:
        return Finding(passed=True, value="none", limit="none")
    if is_closing(given.order, given.picture):
        return Finding(passed=True, value="closing", limit="none")
    orders = "1 order" if count == 1 else f"{count} orders"
    text = f"{orders} of {given.order.symbol} were sent and have no answer yet"
    return Finding(passed=False, value=f"{count} in doubt", limit="none", text=text)


CHECK = CheckSpec("in_doubt", "Orders in doubt", Params, check, "R02")
