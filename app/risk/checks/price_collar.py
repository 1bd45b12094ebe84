"""Refuse a limit price that lies far through the market: a typing error more often than not."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from app.domain.market import real_price
from app.domain.terms import ZERO
from app.risk.checks.base import (
    UNKNOWN,
    CheckParams,
    CheckSpec,
    Finding,
    ask,
    percent,
    refuse,
    share,
)
from app.risk.exposure import RiskInput, collar


class Params(CheckParams, frozen=True):
    """How wide the collar is."""

    width_max: Annotated[
        Decimal, Meta(title="Width", description="x the guideline of the price, inclusive")
    ] = Decimal(1)
    """The guideline is 10 % up to 25 USD, 5 % up to 50, 3 % above, twice that outside the core
    session: FINRA Rule 11892(b)(1), clearly erroneous executions."""


def check(given: RiskInput, params: Params) -> Finding:
    """A buy's limit <= ask x (1 + c), a sell's limit >= bid x (1 - c); over c / 2 it asks."""
    order, picture = given.order, given.picture
    if order.limit_px is None:
        return Finding(passed=True, value="market", limit="collar")
    if not order.limit_px.is_finite():
        return refuse(str(order.limit_px), "collar", f"limit {order.limit_px} is no number")
    far = given.far_px or real_price(picture.last_px)
    if far is None:
        if given.is_closing:
            return Finding(passed=True, value=UNKNOWN, limit="collar")
        return refuse(UNKNOWN, "collar", f"no price of {order.symbol} to compare the limit with")
    width = collar(far, picture.phase) * params.width_max
    limit = percent(width)
    through = order.side.sign * (order.limit_px - far) / far
    if not (through <= width):
        value = percent(through)
        text = f"limit {order.limit_px} is {value} through the market at {far}, limit {limit}"
        return refuse(value, limit, text, use=1.0)
    if through > width / 2:
        value = percent(through)
        text = f"limit {order.limit_px} is {value} through the market at {far}, limit {limit}"
        return ask(value, limit, text, use=share(through, width))
    if through <= 0:
        return Finding(passed=True, value="passive", limit=limit, use=0.0)
    value = percent(through)
    return Finding(passed=True, value=value, limit=limit, use=share(max(through, ZERO), width))


CHECK = CheckSpec("price_collar", "Price collar", Params, check, "R10")
