"""Refuse to open on prices that may be old."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from app.domain.enums import OrdType, Phase
from app.domain.market import real_price
from app.risk.checks.base import CheckParams, CheckSpec, Finding, figure, refuse, share
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """Longest silences, in seconds. All limits are our own."""

    silence_s_max: Annotated[
        Decimal, Meta(title="Silence of the feed", description="s, inclusive")
    ] = Decimal(5)
    market_s_max: Annotated[
        Decimal, Meta(title="Age of the quote, market orders", description="s, inclusive")
    ] = Decimal(2)
    limit_s_max: Annotated[
        Decimal, Meta(title="Age of the quote, limit orders", description="s, inclusive")
    ] = Decimal(5)
    """Quotes may stand still for longer outside the core session: only the silence counts then."""


def check(given: RiskInput, params: Params) -> Finding:
    """The feed is live and has spoken lately, of this symbol too, and knows a price of it."""
    picture, name = given.picture, given.order.symbol
    limit = f"{figure(params.silence_s_max)} s"
    if given.is_closing:
        return Finding(passed=True, value="closing", limit=limit)
    prices = (picture.bid, picture.ask, picture.last_px)
    if picture.feed_age_ns is None or not any(map(real_price, prices)):
        return refuse("none", limit, f"no market data of {name}")
    if not picture.is_feed_live:
        return refuse("not live", limit, "the feed is not live")
    silence_s = Decimal(picture.feed_age_ns).scaleb(-9)
    value = f"{silence_s:.1f} s"
    if not (silence_s <= params.silence_s_max):
        text = f"the feed has been silent for {value}, limit {limit}"
        return refuse(value, limit, text, use=1.0)
    if picture.phase is Phase.CORE and picture.quote_age_ns is not None:
        is_market = given.order.ord_type is OrdType.MARKET
        most = params.market_s_max if is_market else params.limit_s_max
        age_s = Decimal(picture.quote_age_ns).scaleb(-9)
        if not (age_s <= most):
            text = f"the quote of {name} is {age_s:.1f} s old, limit {figure(most)} s"
            return refuse(f"{age_s:.1f} s", f"{figure(most)} s", text, use=1.0)
    return Finding(
        passed=True, value=value, limit=limit, use=share(silence_s, params.silence_s_max)
    )


CHECK = CheckSpec("market_data", "Market data", Params, check, "R50")
