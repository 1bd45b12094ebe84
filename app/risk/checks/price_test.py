"""Refuse a short sale at or below the bid while the price test is in force for the symbol."""

from __future__ import annotations

from app.domain.enums import Side
from app.domain.market import real_price
from app.risk.checks.base import UNKNOWN, CheckParams, CheckSpec, Finding, closing, refuse
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """None: the rule leaves nothing to choose."""


def check(given: RiskInput, params: Params) -> Finding:
    """While the price test is in force a short sale's limit > bid; no market orders.

    It begins with a fall of 10 % from the last close and lasts to the end of the next day.

    Source: Regulation SHO Rule 201(b)(1), 17 CFR 242.201.
    """
    picture, limit_px = given.picture, real_price(given.order.limit_px)
    if not picture.is_short_restricted:
        return Finding(passed=True, value="off", limit="off")
    if given.order.side is Side.BUY:
        return Finding(passed=True, value="buy", limit="> bid")
    if given.is_closing:
        return closing("> bid")
    bid = real_price(picture.bid)
    if bid is None:
        text = f"price test of {given.order.symbol} is in force and its bid is not known"
        return refuse(UNKNOWN, "> bid", text)
    limit = f"> {bid}"
    if limit_px is None:
        text = f"price test is in force: a short sale needs a limit above the bid {bid}"
        return refuse("no limit", limit, text)
    value = f"{limit_px}"
    if not (limit_px > bid):
        text = f"price test is in force: limit {value} of a short sale must be above the bid {bid}"
        return refuse(value, limit, text)
    return Finding(passed=True, value=value, limit=limit)


CHECK = CheckSpec("price_test", "Price test", Params, check, "R41")
