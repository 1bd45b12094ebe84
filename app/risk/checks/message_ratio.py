"""Refuse, unless a person says so, to go on sending what is canceled and changed, not filled."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from app.risk.checks.base import CheckParams, CheckSpec, Finding, ask, share
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """Most messages. All limits are our own."""

    cancels_per_minute_max: Annotated[
        int, Meta(title="Cancels in a minute", description="inclusive")
    ] = 60
    changes_per_minute_max: Annotated[
        int, Meta(title="Changes of one order in a minute", description="inclusive")
    ] = 10
    per_fill_max: Annotated[int, Meta(title="Messages for each fill", description="inclusive")] = 50
    free_messages_max: Annotated[
        int, Meta(title="Messages of a day that need no fill", description="exclusive")
    ] = 200
    """Below it a ratio says nothing: a few orders far from the market would be over it."""


def check(given: RiskInput, params: Params) -> Finding:
    """Cancels and changes of one order in a minute, and messages for each fill, <= number."""
    traffic = given.picture.traffic
    messages, fills = traffic.sent_day + traffic.cancels_60s, max(1, traffic.fills_day)
    value = f"{messages} : {traffic.fills_day}"
    limit = f"{params.per_fill_max} : 1"
    if not (traffic.cancels_60s <= params.cancels_per_minute_max):
        text = (
            f"{traffic.cancels_60s} cancels went out in a minute, "
            f"limit {params.cancels_per_minute_max}"
        )
        return ask(f"{traffic.cancels_60s}", f"{params.cancels_per_minute_max}", text, use=1.0)
    if not (traffic.changes_60s <= params.changes_per_minute_max):
        text = (
            f"the order was changed {traffic.changes_60s} times in a minute, "
            f"limit {params.changes_per_minute_max}"
        )
        return ask(f"{traffic.changes_60s}", f"{params.changes_per_minute_max}", text, use=1.0)
    if messages < params.free_messages_max:
        return Finding(passed=True, value=value, limit=limit)
    if not (messages <= params.per_fill_max * fills):
        text = f"{messages} messages went out for {traffic.fills_day} fills, limit {limit}"
        return ask(value, limit, text, use=1.0)
    use = share(messages, params.per_fill_max * fills)
    return Finding(passed=True, value=value, limit=limit, use=use)


CHECK = CheckSpec("message_ratio", "Messages for each fill", Params, check, "R35")
