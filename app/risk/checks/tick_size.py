"""Refuse a price that is none, or that the market's grid does not have."""

from __future__ import annotations

from decimal import Decimal

from app.domain.instrument import Instrument
from app.risk.checks.base import UNKNOWN, CheckParams, CheckSpec, Finding, refuse
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """None: the tick is data of the instrument."""


def check(given: RiskInput, params: Params) -> Finding:
    """Limit and stop price are finite, above zero and on the tick.

    Source: Regulation NMS Rule 612, 17 CFR 242.612.
    """
    order = given.order
    found = Finding(passed=True, value="market", limit="tick")
    for name, price in (("stop", order.stop_px), ("limit", order.limit_px)):
        if price is not None:
            found = _judge(name, price, given)
            if not found.passed:
                return found
    return found


def _judge(name: str, price: Decimal, given: RiskInput) -> Finding:
    instrument = given.instrument
    if not price.is_finite() or not (price > 0):
        return refuse(str(price), "> 0", f"{name} price {price} must be a number above 0")
    if instrument is None:
        text = f"{name} price {price} of {given.order.symbol} has no tick that is known"
        return refuse(f"{price}", UNKNOWN, text)
    tick = instrument.tick_at(price)
    if not instrument.is_on_tick(price):
        text = f"{name} price {price} is off the tick {tick}"
        if tick.is_finite() and tick > 0:
            text += f"; nearest {_nearest(price, given, instrument)}"
        return refuse(f"{price}", f"x {tick}", text)
    return Finding(passed=True, value=f"{price}", limit=f"x {tick}")


def _nearest(price: Decimal, given: RiskInput, instrument: Instrument) -> Decimal:
    return instrument.passive_price(price, given.order.side)


CHECK = CheckSpec("tick_size", "Tick", Params, check, "R08")
