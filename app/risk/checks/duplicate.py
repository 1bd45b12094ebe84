"""Refuse, unless a person says so, an order like one that went out a moment ago."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from app.risk.checks.base import CheckParams, CheckSpec, Finding, ask
from app.risk.exposure import RiskInput

_MS_NS = 1_000_000


class Params(CheckParams, frozen=True):
    """How long two like orders are taken for one click too many."""

    window_ms: Annotated[
        int, Meta(title="Same order again", description="milliseconds, inclusive; 0: never asks")
    ] = 3_000
    """Our own limit: longer than a double click, shorter than a second thought."""


def check(given: RiskInput, params: Params) -> Finding:
    """No order of the same symbol, side, quantity, type, prices and time in force just before."""
    limit = f"> {params.window_ms / 1_000:g} s"
    age_ns = given.picture.traffic.twin_age_ns
    if age_ns is None:
        return Finding(passed=True, value="none", limit=limit)
    value = f"{age_ns / 1e9:.1f} s"
    if params.window_ms and not (age_ns > params.window_ms * _MS_NS):
        text = f"the same order went out {value} ago, limit {limit}"
        return ask(value, limit, text, use=1.0)
    return Finding(passed=True, value=value, limit=limit)


CHECK = CheckSpec("duplicate", "Same order again", Params, check, "R31")
