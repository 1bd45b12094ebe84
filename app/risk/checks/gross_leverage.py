"""Refuse an order that could take the account over its gross leverage."""

from __future__ import annotations

from decimal import Decimal

from app.risk.checks.base import CheckParams, CheckSpec, Finding, figure, share
from app.risk.exposure import RiskInput, is_closing, worst_price, worst_qty_after


class Params(CheckParams, frozen=True):
    """Highest leverage."""

    leverage_max: Decimal = Decimal(2)
    """Worst-case gross exposure over equity. The limit is inclusive.

    Source: initial margin of 50 %, Regulation T, 12 CFR 220.12(a).
    """


def check(given: RiskInput, params: Params) -> Finding:
    """Gross exposure if everything working fills, this order included, <= leverage x equity."""
    order, picture = given.order, given.picture
    limit = f"{params.leverage_max}x"
    if is_closing(order, picture):
        return Finding(passed=True, value="closing", limit=limit)
    price = worst_price(order, picture)
    if (
        price is None
        or picture.equity is None
        or picture.gross_exposure is None
        or picture.symbol_exposure is None
    ):
        text = "gross leverage is not known: a price is missing"
        return Finding(passed=False, value="unknown", limit=limit, text=text)
    if not (picture.equity > 0):
        text = f"equity {figure(picture.equity, 2)} USD must be above 0 to open"
        return Finding(passed=False, value=figure(picture.equity, 2), limit="> 0", text=text)
    # A passive buy is valued at the mark as well: so the account will read it a moment later.
    mark = picture.bid if picture.bid is not None else picture.last_px
    price = price if mark is None else max(price, mark)
    others = picture.gross_exposure - picture.symbol_exposure
    after = others + max(picture.symbol_exposure, worst_qty_after(order, picture) * price)
    leverage = after / picture.equity
    value = f"{figure(leverage, 2)}x"
    if not (leverage <= params.leverage_max):
        text = f"gross leverage would be {value}, limit {limit}"
        return Finding(passed=False, value=value, limit=limit, text=text, use=1.0)
    return Finding(passed=True, value=value, limit=limit, use=share(leverage, params.leverage_max))


CHECK = CheckSpec("gross_leverage", "Gross leverage", Params, check, "R23")
