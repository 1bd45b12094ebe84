"""Refuse a price that the market's grid does not have."""

from __future__ import annotations

from app.domain.instrument import Instrument
from app.domain.terms import NewOrder
from app.risk.checks.base import CheckParams, CheckSpec, Finding
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """None: the tick is data of the instrument."""


def check(given: RiskInput, params: Params) -> Finding:
    """A limit order's price is finite, above zero and on the tick.

    Source: Regulation NMS Rule 612, 17 CFR 242.612.
    """
    order, instrument = given.order, given.instrument
    price = order.limit_px
    if price is None:
        return Finding(passed=True, value="market", limit="tick")
    if not price.is_finite() or not (price > 0):
        text = f"limit price {price} must be a number above 0"
        return Finding(passed=False, value=str(price), limit="> 0", text=text)
    if instrument is None:
        text = f"tick of {order.symbol} is not known"
        return Finding(passed=False, value=f"{price}", limit="unknown", text=text)
    tick = instrument.tick_at(price)
    if not instrument.is_on_tick(price):
        text = f"limit price {price} is off the tick {tick}; nearest {_nearest(order, instrument)}"
        return Finding(passed=False, value=f"{price}", limit=f"x {tick}", text=text)
    return Finding(passed=True, value=f"{price}", limit=f"x {tick}")


def _nearest(order: NewOrder, instrument: Instrument) -> str:
    assert order.limit_px is not None
    return f"{instrument.passive_price(order.limit_px, order.side)}"


CHECK = CheckSpec("tick_size", "Tick", Params, check, "R08")
