"""Refuse a child order that would come to more than its parent's fills leave for it."""

from __future__ import annotations

from app.risk.checks.base import UNKNOWN, CheckParams, CheckSpec, Finding, figure, refuse, share
from app.risk.exposure import RiskInput, known


class Params(CheckParams, frozen=True):
    """None: how much is left is data of the parent."""


def check(given: RiskInput, params: Params) -> Finding:
    """Quantity <= what the parent and the other children leave; holds for exits as for entries.

    Source: what befell Knight Capital on 2012-08-01, SEC Release 34-70694: child orders without
    end, because what the parent had filled was not counted.
    """
    if given.picture.family_qty is None:
        return Finding(passed=True, value="no parent", limit="none")
    left = known(given.picture.family_qty)
    qty = given.order.order_qty
    if left is None or not given.has_qty:
        return refuse(UNKNOWN, UNKNOWN, "what the parent order leaves is not known")
    value, limit = figure(qty), figure(left)
    if not (qty <= left):
        text = f"quantity {value} is over the {limit} shares that the parent order leaves"
        return refuse(value, limit, text, use=1.0)
    return Finding(passed=True, value=value, limit=limit, use=share(qty, left))


CHECK = CheckSpec("family", "Parent order", Params, check, "R34")
