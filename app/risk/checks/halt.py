"""Refuse to trade at any price, or to open, while a symbol is halted."""

from __future__ import annotations

from app.domain.enums import OrdType
from app.risk.checks.base import CheckParams, CheckSpec, Finding, refuse
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """None."""


def check(given: RiskInput, params: Params) -> Finding:
    """Neither the symbol nor the market is halted or paused; a closing limit order goes anyway."""
    halt = given.picture.halt
    if not halt:
        return Finding(passed=True, value="trading", limit="trading")
    if given.is_closing and given.order.ord_type is OrdType.LIMIT:
        return Finding(passed=True, value="closing", limit="trading")
    return refuse("halted", "trading", f"{given.order.symbol} does not trade: {halt}")


CHECK = CheckSpec("halt", "Halts", Params, check, "R06")
