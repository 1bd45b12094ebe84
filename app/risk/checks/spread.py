"""Refuse a market order into a market that has no fair price."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from app.domain.enums import OrdType
from app.risk.checks.base import CheckParams, CheckSpec, Finding, ask, percent, refuse, share
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """Widest spread."""

    spread_max: Annotated[
        Decimal, Meta(title="Spread", description="share of the middle, inclusive")
    ] = Decimal("0.02")
    """Our own limit."""


def check(given: RiskInput, params: Params) -> Finding:
    """A market order meets two sides with sizes, not locked or crossed, (ask - bid) / mid <= s.

    What closes is asked about only: a stop that is refused protects nothing.
    """
    limit = percent(params.spread_max)
    deny = ask if given.is_closing else refuse
    if given.order.ord_type is not OrdType.MARKET:
        return Finding(passed=True, value="limit", limit=limit)
    picture, name = given.picture, given.order.symbol
    far, near = given.far_px, given.near_px
    if far is None or near is None or not (picture.bid_size > 0 and picture.ask_size > 0):
        if given.is_closing:
            return Finding(passed=True, value="closing", limit=limit)
        return refuse("one-sided", limit, f"{name} has no quote of both sides, limit {limit}")
    bid, ask_px = min(far, near), max(far, near)
    is_crossed = bid == ask_px or bid != picture.bid
    if is_crossed:
        text = f"the quote of {name} is locked or crossed: {picture.bid} / {picture.ask}"
        return deny("crossed", limit, text)
    spread = (ask_px - bid) / ((ask_px + bid) / 2)
    value = percent(spread)
    if not (spread <= params.spread_max):
        return deny(value, limit, f"the spread of {name} is {value}, limit {limit}", use=1.0)
    return Finding(passed=True, value=value, limit=limit, use=share(spread, params.spread_max))


CHECK = CheckSpec("spread", "Spread", Params, check, "R12")
