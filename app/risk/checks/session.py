"""Refuse an order that the exchanges do not take at this time of the day."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from app.domain.enums import OrdType, Phase, TimeInForce
from app.risk.checks.base import UNKNOWN, CheckParams, CheckSpec, Finding, refuse
from app.risk.exposure import RiskInput

_EXTENDED = frozenset({Phase.PRE, Phase.POST})


class Params(CheckParams, frozen=True):
    """Whose hours."""

    is_always_open: Annotated[
        bool, Meta(title="Open round the clock", description="yes: hours are not looked at")
    ] = False
    """For the built-in exchange, whose market never closes."""


def check(given: RiskInput, params: Params) -> Finding:
    """Type and time in force fit the hour: outside the core session limits for extended hours."""
    order, phase = given.order, given.picture.phase
    if params.is_always_open:
        return Finding(passed=True, value="always open", limit="open")
    if phase is None:
        return refuse(UNKNOWN, "open", "the hours of the exchanges are not known")
    shown = phase.value
    if order.time_in_force is TimeInForce.OPG:
        if phase is not Phase.CORE:
            return Finding(passed=True, value=shown, limit="before the open")
        return refuse(shown, "before the open", "an OPG order goes before the open")
    if phase is Phase.CORE:
        return Finding(passed=True, value=shown, limit="open")
    if order.time_in_force in (TimeInForce.GTC, TimeInForce.GTD):
        return Finding(passed=True, value=shown, limit="open")  # It rests until the next session.
    if order.ord_type is not OrdType.LIMIT or not order.extended_hours:
        text = f"in the {shown} session only limit orders for extended hours trade"
        return refuse(shown, "extended hours", text)
    if phase not in _EXTENDED:
        return refuse(shown, "open", f"the exchanges are {shown}")
    return Finding(passed=True, value=shown, limit="extended hours")


CHECK = CheckSpec("session", "Session", Params, check, "R05")
