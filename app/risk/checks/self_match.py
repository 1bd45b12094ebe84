"""Refuse an order that would trade with an own one that works already."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from app.domain.enums import Side
from app.domain.market import real_price
from app.domain.terms import STOP_TYPES
from app.risk.checks.base import UNKNOWN, CheckParams, CheckSpec, Finding, figure, refuse
from app.risk.exposure import RiskInput, collar

_ONE: Final = Decimal(1)
_NONE: Final = "none"


class Params(CheckParams, frozen=True):
    """None."""


def check(given: RiskInput, params: Params) -> Finding:
    """A buy reaches no own working sell, a sell no own working buy; market orders included.

    A market order reaches as far as the collar. A stop reaches nothing before it is set off.

    Source: self-trades, FINRA Rule 5210, Supplementary Material .02.
    """
    order, picture = given.order, given.picture
    if order.ord_type in STOP_TYPES:
        return Finding(passed=True, value="stop", limit=_NONE)
    is_buy = order.side is Side.BUY
    other = "sell" if is_buy else "buy"
    if picture.has_own_market[is_buy]:
        text = f"an own {other} of {order.symbol} works at the market: this order would meet it"
        return refuse("market", _NONE, text)
    own_px = picture.own_ask if is_buy else picture.own_bid
    own = real_price(own_px)
    if own_px is not None and own is None:
        text = f"an own {other} of {order.symbol} works at {own_px}, which is no price"
        return refuse(UNKNOWN, _NONE, text)
    if own is None:
        return Finding(passed=True, value=_NONE, limit=_NONE)
    reach = _reach(given)
    limit = f"{'<' if is_buy else '>'} {own}"
    if reach is None:
        text = f"an own {other} of {order.symbol} works at {own}: this order would meet it"
        return refuse(UNKNOWN, limit, text)
    value = figure(reach)
    if (reach < own) if is_buy else (reach > own):
        return Finding(passed=True, value=value, limit=limit)
    text = f"the order reaches {value} and an own {other} of {order.symbol} works at {own}"
    return refuse(value, limit, text)


def _reach(given: RiskInput) -> Decimal | None:
    """Return the furthest price at which the order may trade; None where none bounds it."""
    if given.order.limit_px is not None:
        return real_price(given.order.limit_px)
    far = given.far_px or real_price(given.picture.last_px)
    if far is None:
        return None
    return far * (_ONE + given.order.side.sign * collar(far, given.picture.phase))


CHECK = CheckSpec("self_match", "Own orders", Params, check, "R33")
