"""Refuse nothing: say when a trade settles."""

from __future__ import annotations

from app.risk.checks.base import CheckParams, CheckSpec, Finding
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """None."""


def check(given: RiskInput, params: Params) -> Finding:
    """A trade settles on the next business day; shown only, never blocks.

    Source: Rule 15c6-1(a), 17 CFR 240.15c6-1, in force since 2024-05-28.
    """
    return Finding(passed=True, value="T+1", limit="")


CHECK = CheckSpec("settlement", "Settlement", Params, check, "R42")
