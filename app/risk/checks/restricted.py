"""Refuse symbols that somebody put on the list of those not to be traded."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from app.domain.times import new_york
from app.risk.checks.base import CheckParams, CheckSpec, Finding, refuse
from app.risk.exposure import RiskInput


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A symbol that is not to be traded."""

    symbol: str
    reason: str
    until: date | None = None
    """Last day of it, New York; None: until it is taken off the list."""


class Params(CheckParams, frozen=True):
    """Who is on the list."""

    entries: Annotated[
        tuple[Entry, ...], Meta(title="Symbols", description="with reason and last day")
    ] = ()


def check(given: RiskInput, params: Params) -> Finding:
    """The symbol is not on the list, or its entry has ended."""
    listed = [entry for entry in params.entries if entry.symbol == given.order.symbol]
    if listed:
        today = new_york(given.picture.ts_ns).date()
        for entry in listed:
            if entry.until is None or today <= entry.until:
                until = "" if entry.until is None else f" until {entry.until}"
                text = f"{given.order.symbol} is restricted{until}: {entry.reason}"
                return refuse("restricted", "not listed", text)
    return Finding(passed=True, value="not listed", limit="not listed")


CHECK = CheckSpec("restricted", "Restricted list", Params, check, "R04")
