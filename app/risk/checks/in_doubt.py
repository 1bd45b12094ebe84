"""Refuse to open while this station does not know what it holds or has sent."""

from __future__ import annotations

from app.risk.checks.base import CheckParams, CheckSpec, Finding, refuse
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """None."""


def check(given: RiskInput, params: Params) -> Finding:
    """The books agree with the broker's, and no order of the symbol is in doubt."""
    count, unreconciled = given.picture.in_doubt, given.picture.unreconciled
    if not count and not unreconciled:
        return Finding(passed=True, value="none", limit="none")
    if given.is_closing:
        return Finding(passed=True, value="closing", limit="none")
    if unreconciled:
        return refuse("not reconciled", "none", unreconciled)
    name = given.order.symbol
    text = f"{count} orders of {name} were sent and have no answer yet"
    if count == 1:
        text = f"1 order of {name} was sent and has no answer yet"
    return refuse(f"{count} in doubt", "none", text)


CHECK = CheckSpec("in_doubt", "Orders in doubt", Params, check, "R02")
