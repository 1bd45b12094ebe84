"""What a change of an order means for the trade log: fills added, corrected and broken."""

from __future__ import annotations

import msgspec

from app.domain.orders import Fill, Order, fill_of


class FillChange(msgspec.Struct, frozen=True):
    """What a change of an order means for the trade log."""

    old: Fill | None
    """None: `new` is a fill there was not before."""
    new: Fill | None
    """None: `old` was broken. Both: `new` takes its place."""


def fill_changes(known: Order | None, order: Order) -> tuple[FillChange, ...]:
    """Return what the new facts of an order mean for its fills, in order of booking."""
    before = known.executions if known is not None else ()
    after = order.executions
    if after is before:
        return ()
    if after[: len(before)] == before:  # Nothing but more of them: how it nearly always is.
        return tuple(FillChange(None, fill_of(order, e)) for e in after[len(before) :])
    assert known is not None
    old = {execution.key: execution for execution in before}
    new = {execution.key: execution for execution in after}
    return tuple(
        FillChange(
            fill_of(known, old[key]) if key in old else None,
            fill_of(order, new[key]) if key in new else None,
        )
        for key in (*old, *(key for key in new if key not in old))
        if old.get(key) != new.get(key)
    )
