"""Refuse to open on prices that may be old."""

from __future__ import annotations

from app.domain.market import real_price
from app.risk.checks.base import CheckParams, CheckSpec, Finding, share
from app.risk.exposure import RiskInput, is_closing


class Params(CheckParams, frozen=True):
    """Longest silence."""

    silence_s_max: float = 5.0
    """Seconds since the feed last said anything. The limit is inclusive."""


def check(given: RiskInput, params: Params) -> Finding:
    """The feed has spoken lately and knows a price of the symbol."""
    picture = given.picture
    limit = f"{params.silence_s_max:g} s"
    closing = is_closing(given.order, picture)
    prices = (picture.bid, picture.ask, picture.last_px)
    if picture.feed_age_ns is None or not any(map(real_price, prices)):
        text = f"no market data of {given.order.symbol}"
        return Finding(passed=closing, value="none", limit=limit, text=text)
    age_s = picture.feed_age_ns / 1e9
    value = f"{age_s:.1f} s"
    if not (age_s <= params.silence_s_max):
        text = f"the feed has been silent for {value}, limit {limit}"
        return Finding(passed=closing, value=value, limit=limit, text=text, use=1.0)
    return Finding(passed=True, value=value, limit=limit, use=share(age_s, params.silence_s_max))


CHECK = CheckSpec("market_data", "Market data", Params, check, "R50")
