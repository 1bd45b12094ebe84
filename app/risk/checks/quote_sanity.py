"""Ask before an order meets a quote that lies far from the last trade."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from app.domain.market import real_price
from app.risk.checks.base import UNKNOWN, CheckParams, CheckSpec, Finding, ask, percent, share
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """Widest gap."""

    gap_max: Annotated[
        Decimal, Meta(title="Gap", description="share of the last price, inclusive")
    ] = Decimal("0.10")
    """Our own limit."""


def check(given: RiskInput, params: Params) -> Finding:
    """The middle of the quote lies within a share of the last price."""
    limit = percent(params.gap_max)
    last, far, near = real_price(given.picture.last_px), given.far_px, given.near_px
    if given.is_closing:
        return Finding(passed=True, value="closing", limit=limit)
    if last is None or far is None or near is None:
        text = f"quote and last price of {given.order.symbol} cannot be compared, limit {limit}"
        return ask(UNKNOWN, limit, text)
    gap = abs((far + near) / 2 / last - 1)
    value = percent(gap)
    if not (gap <= params.gap_max):
        text = f"the quote of {given.order.symbol} is {value} from its last price, limit {limit}"
        return ask(value, limit, text, use=1.0)
    return Finding(passed=True, value=value, limit=limit, use=share(gap, params.gap_max))


CHECK = CheckSpec("quote_sanity", "Quote", Params, check, "R13")
