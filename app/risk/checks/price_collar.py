"""Refuse a limit price that lies far through the market: a typing error more often than not."""

from __future__ import annotations

from decimal import Decimal

from app.domain.enums import Side
from app.domain.market import real_price
from app.risk.checks.base import CheckParams, CheckSpec, Finding, figure, share
from app.risk.exposure import RiskInput, is_closing


class Params(CheckParams, frozen=True):
    """Widest distance."""

    through_bps_max: Decimal = Decimal(300)
    """Basis points of the opposite quote. The limit is inclusive.

    Source: 3 % is the numerical guideline for clearly erroneous executions above 50 USD,
    FINRA Rule 11892(b)(1).
    """


def check(given: RiskInput, params: Params) -> Finding:
    """A buy's limit <= ask x (1 + c), a sell's limit >= bid x (1 - c)."""
    order, picture = given.order, given.picture
    limit = f"{params.through_bps_max} bp"
    if order.limit_px is None:
        return Finding(passed=True, value="market", limit=limit)
    far = real_price(picture.ask if order.side is Side.BUY else picture.bid)
    far = far or real_price(picture.last_px)
    if far is None:
        text = f"no price of {order.symbol} to compare the limit with"
        closing = is_closing(order, picture)
        return Finding(passed=closing, value="unknown", limit=limit, text=text)
    through = order.side.sign * (order.limit_px - far) / far * 10_000
    if not (through <= params.through_bps_max):
        text = (
            f"limit {order.limit_px} is {figure(through, 0)} bp through the market at {far}, "
            f"limit {limit}"
        )
        return Finding(
            passed=False, value=f"{figure(through, 0)} bp", limit=limit, text=text, use=1.0
        )
    use = share(max(through, Decimal(0)), params.through_bps_max)
    return Finding(passed=True, value=f"{figure(through, 0)} bp", limit=limit, use=use)


CHECK = CheckSpec("price_collar", "Price collar", Params, check, "R10")
