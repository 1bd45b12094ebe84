"""What a broker takes, as data: the order path routes by it, and the ticket offers by it."""

from __future__ import annotations

import msgspec

from app.domain.enums import OrdType, TimeInForce
from app.domain.fees import Schedule
from app.domain.terms import STOP_TYPES, NewOrder


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a broker takes; everything else is refused before the gate, or held on this machine."""

    ord_types: frozenset[OrdType]
    times_in_force: frozenset[TimeInForce]
    can_short: bool
    has_fractions: bool
    has_trailing: bool = False
    has_cash_qty: bool = False
    """Takes orders by value (FIX 152)."""
    has_extended_hours: bool = False
    has_reserve: bool = False
    """Shows only a part of a resting order (FIX 1138)."""
    has_replace: bool = False
    """Changes a working order itself; otherwise: cancel, confirmed end, new order."""
    is_authoritative: bool = False
    """Lives in this process: what it does not name does not exist, nothing can be on its way."""
    fees: Schedule | None = None
    """What a fill costs; None: not known beforehand."""

    def is_native(self, order: NewOrder) -> bool:
        """Whether the broker takes an order as it is; otherwise this machine has to hold it."""
        if order.is_trailing and not self.has_trailing:
            return False
        return order.ord_type in self.ord_types or order.ord_type not in STOP_TYPES
