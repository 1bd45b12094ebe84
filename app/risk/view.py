"""What a person sees of limits: rows, meters, breaches."""

from __future__ import annotations

import msgspec


class LimitRow(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter of a check."""

    check: str
    title: str
    code: str
    rule: str
    """The check in one sentence."""
    param: str
    param_title: str
    unit: str
    value: str
    default: str
    """As the settings have it."""
    changed_by: str = ""
    changed_ns: int = 0


class Meter(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a limit the account uses now."""

    name: str
    title: str
    value: str
    limit: str
    use: float | None
    is_breached: bool


class Breach(msgspec.Struct, frozen=True, kw_only=True):
    """A limit that the account came to lie over, or one that a person went over with a reason."""

    ts_ns: int
    what: str
    value: str
    limit: str
    outcome: str
    reason: str = ""
    cl_ord_id: str = ""


class Latch(msgspec.Struct, frozen=True, kw_only=True):
    """What holds trading tight."""

    reason: str
    until: str
    """ISO date of the session that lifts it; empty: by hand."""
