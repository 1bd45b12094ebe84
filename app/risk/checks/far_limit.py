"""Ask about a limit price so far from the market that it was hardly meant."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from app.risk.checks.base import UNKNOWN, CheckParams, CheckSpec, Finding, ask, percent, share
from app.risk.exposure import RiskInput, collar, is_broken


class Params(CheckParams, frozen=True):
    """How far is far."""

    collars_max: Annotated[
        Decimal, Meta(title="Distance", description="x the collar of the price, inclusive")
    ] = Decimal(5)
    """Our own limit."""


def check(given: RiskInput, params: Params) -> Finding:
    """A passive limit lies no further from the middle of the market than so many collars."""
    order, far, near = given.order, given.far_px, given.near_px
    limit_px = order.limit_px
    if is_broken(limit_px):
        return ask(UNKNOWN, "far", f"limit {limit_px} is no number")
    if limit_px is None or far is None or near is None:
        return Finding(passed=True, value="not passive", limit="far")
    mid = (far + near) / 2
    away = order.side.sign * (mid - limit_px) / mid
    most = collar(mid, given.picture.phase) * params.collars_max
    limit = percent(most)
    if away <= 0:
        return Finding(passed=True, value="not passive", limit=limit)
    value = percent(away)
    if not (away <= most):
        text = f"limit {limit_px} is {value} away from the market at {mid}, usual are {limit}"
        return ask(value, limit, text, use=1.0)
    return Finding(passed=True, value=value, limit=limit, use=share(away, most))


CHECK = CheckSpec("far_limit", "Distance of the limit", Params, check, "R11")
