"""Ask about a stop that would be set off at once, or whose limit lies on the wrong side of it."""

from __future__ import annotations

from app.domain.market import real_price
from app.domain.terms import STOP_TYPES
from app.risk.checks.base import UNKNOWN, CheckParams, CheckSpec, Finding, ask, refuse
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """None."""


def check(given: RiskInput, params: Params) -> Finding:
    """A buy stop lies above the ask, a sell stop below the bid; its limit lies beyond it."""
    order = given.order
    if order.ord_type not in STOP_TYPES or order.is_trailing:
        return Finding(passed=True, value="no stop", limit="stop")
    stop, sign = real_price(order.stop_px), order.side.sign
    if stop is None:
        return refuse(str(order.stop_px), "> 0", f"stop price {order.stop_px} must be above 0")
    limit_px = real_price(order.limit_px)
    if order.limit_px is not None and limit_px is None:
        return refuse(str(order.limit_px), "> 0", f"limit {order.limit_px} must be above 0")
    if limit_px is not None and not (sign * limit_px >= sign * stop):
        beyond = "at or above" if sign > 0 else "at or below"
        text = f"limit {limit_px} of the stop {stop} should lie {beyond} it"
        return ask(str(limit_px), f"{beyond} {stop}", text)
    far = given.far_px
    where = "above the ask" if sign > 0 else "below the bid"
    if far is None:
        return refuse(UNKNOWN, where, f"no price of {order.symbol} to compare the stop with")
    if not (sign * stop > sign * far):
        return ask(
            str(stop), f"{where} {far}", f"stop {stop} is not {where} {far}: it goes at once"
        )
    return Finding(passed=True, value=str(stop), limit=f"{where} {far}")


CHECK = CheckSpec("stop_side", "Side of the stop", Params, check, "R09")
