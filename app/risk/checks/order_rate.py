"""Refuse an order when too many have gone out of late: a loop that runs wild, mostly."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from app.risk.checks.base import CheckParams, CheckSpec, Finding, refuse, share
from app.risk.exposure import RiskInput


class Params(CheckParams, frozen=True):
    """Most orders and replaces, this one included. All limits are our own."""

    per_second_max: Annotated[int, Meta(title="In a second", description="inclusive")] = 5
    per_minute_max: Annotated[int, Meta(title="In a minute", description="inclusive")] = 60
    """Below what brokers take: some stop at 200 requests a minute, cancels included."""
    per_day_max: Annotated[int, Meta(title="In a trading day", description="inclusive")] = 1_000
    """What closes goes all the same; the other two hold for everything."""


def check(given: RiskInput, params: Params) -> Finding:
    """Orders and replaces sent in the last second, minute and trading day <= number."""
    traffic = given.picture.traffic
    windows = [
        (traffic.sent_1s + 1, params.per_second_max, "second"),
        (traffic.sent_60s + 1, params.per_minute_max, "minute"),
        (traffic.sent_day + 1, params.per_day_max, "trading day"),
    ]
    if given.is_closing:
        del windows[2]
    value = " / ".join([str(count) for count, _, _ in windows])
    limit = " / ".join([str(most) for _, most, _ in windows])
    use = 0.0
    for count, most, window in windows:
        if not (count <= most):
            text = f"this would be order {count} of a {window}, limit {most}"
            return refuse(value, limit, text, use=1.0)
        use = max(use, share(count, most) or 0.0)
    return Finding(passed=True, value=value, limit=limit, use=use)


def meter(given: RiskInput, params: Params) -> Finding:
    """Return how many orders went out in the last minute; more than the limit never do."""
    count, most = given.picture.traffic.sent_60s, params.per_minute_max
    use = share(count, most)
    return Finding(passed=True, value=f"{count} a minute", limit=str(most), use=use)


CHECK = CheckSpec("order_rate", "Order rate", Params, check, "R30", meter)
