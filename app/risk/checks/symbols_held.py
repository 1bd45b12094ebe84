"""Refuse, unless a person says so, to hold more symbols than can be watched."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from app.risk.checks.base import UNKNOWN, CheckParams, CheckSpec, Finding, ask, closing, share
from app.risk.exposure import RiskInput, is_broken


class Params(CheckParams, frozen=True):
    """Most symbols. The limit is our own."""

    symbols_max: Annotated[int, Meta(title="Symbols held", description="inclusive")] = 50


def check(given: RiskInput, params: Params) -> Finding:
    """Symbols held, the order's included, <= number; one that is held already may always grow."""
    picture = given.picture
    limit = f"{params.symbols_max}"
    if given.is_closing:
        return closing(limit)
    if is_broken(picture.position_qty):
        return ask(UNKNOWN, limit, f"whether {given.order.symbol} is held is not known")
    if picture.position_qty:
        return Finding(passed=True, value=f"{picture.symbols_held}", limit=limit)
    count = picture.symbols_held + 1
    if not (count <= params.symbols_max):
        text = f"{given.order.symbol} would be symbol {count} that is held, limit {limit}"
        return ask(f"{count}", limit, text, use=1.0)
    use = share(count, params.symbols_max)
    return Finding(passed=True, value=f"{count}", limit=limit, use=use)


CHECK = CheckSpec("symbols_held", "Symbols held", Params, check, "R27")
