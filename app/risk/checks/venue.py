"""Refuse everything while paper and live do not agree."""

from __future__ import annotations

from app.risk.checks.base import CheckParams, CheckSpec, Finding, refuse
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """None."""


def check(given: RiskInput, params: Params) -> Finding:
    """Window, broker, keys and account are all of paper money, or all of real money."""
    fault = given.picture.venue_fault
    if fault:
        return refuse("differ", "agree", fault)
    return Finding(passed=True, value="agree", limit="agree")


CHECK = CheckSpec("venue", "Paper or live", Params, check, "R51")
