"""Refuse a short sale of shares that nobody is known to lend, or that also sells a holding."""

from __future__ import annotations

from app.domain.enums import MarginRegime, Side
from app.risk.checks.base import UNKNOWN, CheckParams, CheckSpec, Finding, closing, figure, refuse
from app.risk.exposure import RiskInput

_LIMIT = "easy to borrow"


class Params(CheckParams, frozen=True):
    """None: what can be borrowed is data of the instrument."""


def check(given: RiskInput, params: Params) -> Finding:
    """A short sale needs a margin account and shares to lend, in an order of its own.

    What opens is counted after all working sells. What is not known is taken as a no.

    Source: locate, Regulation SHO Rule 203(b)(1), 17 CFR 242.203; an order is marked long or
    short, never both, Rule 200(g), 17 CFR 242.200; short sales only in a margin account,
    12 CFR 220.8(a) and 220.12(c).
    """
    order = given.order
    if order.side is Side.BUY:
        return Finding(passed=True, value="buy", limit=_LIMIT)
    if given.is_closing:
        return closing(_LIMIT)
    if not given.has_qty:
        return refuse(UNKNOWN, _LIMIT, f"what is sold short is not known: {order.order_qty}")
    if not given.has_holding:
        return refuse(UNKNOWN, _LIMIT, f"the holding of {order.symbol} is not known")
    if given.picture.funds.regime is MarginRegime.CASH:
        text = f"a cash account cannot sell {figure(given.open_qty)} {order.symbol} short"
        return refuse("cash account", "margin account", text)
    if given.closable_qty > 0:
        held = figure(given.closable_qty)
        text = (
            f"{figure(order.order_qty)} sold of {held} that are held would be long and short in "
            f"one order: sell {held}, then the rest short"
        )
        return refuse(figure(order.order_qty), held, text)
    shortable = given.instrument.is_shortable if given.instrument is not None else None
    if not shortable:
        found = UNKNOWN if shortable is None else "hard to borrow"
        text = f"{order.symbol} cannot be sold short: {found}, must be {_LIMIT}"
        return refuse(found, _LIMIT, text)
    return Finding(passed=True, value=_LIMIT, limit=_LIMIT)


CHECK = CheckSpec("short_sale", "Short sale", Params, check, "R40")
