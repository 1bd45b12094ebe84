"""Refuse to open while the station itself is late."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from app.domain.times import SECOND_NS
from app.risk.checks.base import CheckParams, CheckSpec, Finding, refuse, share
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """Largest lateness."""

    lag_ms_max: Annotated[int, Meta(title="Late by", description="ms, inclusive")] = 500
    """Our own limit: what is decided later is decided on prices of before."""


def check(given: RiskInput, params: Params) -> Finding:
    """The loop that decides was last late by <= lag_ms_max."""
    lag_ms = given.picture.loop_lag_ns * 1_000 // SECOND_NS
    limit = f"{params.lag_ms_max} ms"
    if given.is_closing:
        return Finding(passed=True, value="closing", limit=limit)
    value = f"{lag_ms} ms"
    if not (lag_ms <= params.lag_ms_max):
        return refuse(value, limit, f"the station is late by {value}, limit {limit}", use=1.0)
    return Finding(passed=True, value=value, limit=limit, use=share(lag_ms, params.lag_ms_max))


CHECK = CheckSpec("dead_man", "Station in time", Params, check, "R52")
