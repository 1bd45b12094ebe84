"""What a person has to be told about a change of an order, beyond its new status."""

from __future__ import annotations

import msgspec

from app.domain.enums import OrdStatus, TimeInForce
from app.domain.orders import Order

_ENDS_AT_ONCE = frozenset({TimeInForce.IOC, TimeInForce.FOK})


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """Something that should not happen, and did."""

    text: str
    """What, and what happens now."""
    reduces: bool = False
    """The symbol may only be reduced until a person has seen to it."""


def alarms_of(before: Order, after: Order) -> tuple[Alarm, ...]:
    """Return what a change of an order has to be announced with; usually nothing."""
    if (after.executions, after.done, after.is_absent) == (
        before.executions,
        before.done,
        before.is_absent,
    ):
        return ()  # The way of nearly every change.
    found = (
        _overfill(before, after),
        _late(before, after),
        _rewritten(before, after),
        _risen(before, after),
        _unsolicited(before, after),
    )
    return tuple(alarm for alarm in found if alarm is not None)


def _overfill(before: Order, after: Order) -> Alarm | None:
    over = after.overfilled_qty
    if not (over > before.overfilled_qty):
        return None
    text = f"{_name(after)}: {over} shares executed beyond the {after.order_qty} asked for; booked"
    return Alarm(text=f"{text}; {after.symbol} only reduces until acknowledged", reduces=True)


def _late(before: Order, after: Order) -> Alarm | None:
    known = {execution.key for execution in before.executions}
    late = [e for e in after.executions if e.is_late and e.key not in known]
    if not late:
        return None
    last = late[-1]
    return Alarm(
        text=f"{_name(after)}: {last.qty} at {last.px} executed and reported after it was "
        f"{_ended_as(after)}; booked"
    )


def _ended_as(order: Order) -> str:
    assert order.done is not None  # Late is what comes after the end.
    return order.done.name.lower()


def _rewritten(before: Order, after: Order) -> Alarm | None:
    now = {execution.key: execution for execution in after.executions}
    for old in before.executions:
        new = now.get(old.key)
        if new is None and not old.is_synthetic:
            return Alarm(text=f"{_name(after)}: the venue broke the fill of {old.qty} at {old.px}")
        if new is not None and not old.is_synthetic and (new.qty, new.px) != (old.qty, old.px):
            return Alarm(
                text=f"{_name(after)}: the venue corrected the fill of {old.qty} at {old.px} "
                f"to {new.qty} at {new.px}"
            )
    return None


def _risen(before: Order, after: Order) -> Alarm | None:
    if not before.is_absent or after.is_absent:
        return None
    return Alarm(text=f"{_name(after)}: the broker has it after all; it works and counts again")


def _unsolicited(before: Order, after: Order) -> Alarm | None:
    if (
        after.done is not OrdStatus.CANCELED
        or before.done is not None
        or before.cancel_requested
        or before.is_here
        or after.terms.time_in_force in _ENDS_AT_ONCE
    ):
        return None
    return Alarm(text=f"{_name(after)}: canceled without being asked: {after.text}")


def _name(order: Order) -> str:
    return f"order {order.cl_ord_id}"
