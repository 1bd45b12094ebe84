"""Refuse, unless a person says so, to put too much of the account into one group of symbols."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta

from app.risk.checks.base import (
    UNKNOWN,
    CheckParams,
    CheckSpec,
    Finding,
    ask,
    closing,
    percent,
    share,
    without_equity,
)
from app.risk.exposure import RiskInput, is_broken, known


class Params(CheckParams, frozen=True):
    """Largest share of a group: what falls together is one risk. The limit is our own."""

    share_max: Annotated[
        Decimal, Meta(title="Of a group", description="share of equity, inclusive")
    ] = Decimal("0.50")


def check(given: RiskInput, params: Params) -> Finding:
    """Worst-case value of the symbol's group, this order included, <= share of equity."""
    limit = percent(params.share_max)
    group = given.instrument.group if given.instrument is not None else ""
    if not group:
        return Finding(passed=True, value="no group", limit=limit)
    if given.is_closing:
        return closing(limit)
    picture = given.picture
    equity, after = known(picture.equity), _group_after(given)
    figures = (picture.equity, picture.group_exposure, picture.symbol_exposure)
    has_order = given.has_qty and given.has_prices and given.worst_qty.is_finite()
    if not has_order or any(map(is_broken, figures)):
        return ask(UNKNOWN, limit, f"the share of {group} is not known: a figure is no number")
    if equity is None or after is None:
        # The table of checks lets this one pass: the leverage checks refuse what is not known.
        return Finding(passed=True, value=UNKNOWN, limit=limit)
    if not (equity > 0):
        return msgspec.structs.replace(without_equity(equity), can_confirm=True)
    part = after / equity
    value = percent(part)
    if not (part <= params.share_max):
        return ask(value, limit, f"{group} could be {value} of equity, limit {limit}", use=1.0)
    return Finding(passed=True, value=value, limit=limit, use=share(part, params.share_max))


def _group_after(given: RiskInput) -> Decimal | None:
    group, own, after = (
        known(given.picture.group_exposure),
        known(given.picture.symbol_exposure),
        given.exposure_after,
    )
    if group is None or own is None or after is None:
        return None
    return group - own + after


CHECK = CheckSpec("group_share", "Group share", Params, check, "R22")
