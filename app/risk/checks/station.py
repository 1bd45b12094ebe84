"""Refuse everything while this station cannot answer for what it does."""

from __future__ import annotations

from app.risk.checks.base import CheckParams, CheckSpec, Finding, refuse
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """None."""


def check(given: RiskInput, params: Params) -> Finding:
    """The record can be written, and nothing else about the station is broken."""
    fault = given.picture.station_fault
    if fault:
        return refuse("fault", "none", fault)
    return Finding(passed=True, value="well", limit="none")


CHECK = CheckSpec("station", "Station", Params, check, "R00")
