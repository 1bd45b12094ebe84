"""Refuse a symbol that is not listed here or cannot be traded now."""

from __future__ import annotations

from app.risk.checks.base import UNKNOWN, CheckParams, CheckSpec, Finding
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """None."""


def check(given: RiskInput, params: Params) -> Finding:
    """The symbol is known and tradable."""
    instrument = given.instrument
    found = UNKNOWN if instrument is None else "tradable" if instrument.is_tradable else "closed"
    return Finding(
        passed=found == "tradable",
        value=found,
        limit="tradable",
        text=f"symbol {given.order.symbol} is {found}, must be listed and tradable here",
    )


CHECK = CheckSpec("instrument", "Symbol", Params, check, "R03")
