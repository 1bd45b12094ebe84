"""What is asked for: the terms of an order, before it has an identity.

A field left at its default is left out of records, so a default that was ever released stays.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from app.domain.enums import OrdType, PegOffsetType, Side, TimeInForce, TriggerMethod
from app.domain.ids import ClOrdID, Symbol

ZERO: Final = Decimal(0)

LIMIT_TYPES: Final = frozenset({OrdType.LIMIT, OrdType.STOP_LIMIT})
"""Types with a limit price."""
STOP_TYPES: Final = frozenset({OrdType.STOP, OrdType.STOP_LIMIT})
"""Types that wait for a trigger."""
LASTING_TIMES: Final = frozenset({TimeInForce.DAY, TimeInForce.GTC, TimeInForce.GTD})
"""Times in force of orders that rest; the others trade at once or at a set moment."""
TRAIL_PERCENT_MAX: Final = 50
"""Of a trailing offset, exclusive: further behind it protects nothing."""


class NewOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The terms of an order (FIX NewOrderSingle)."""

    symbol: Symbol
    side: Side
    order_qty: Decimal
    """Shares. Of an order by value (`cash_qty`): what it is counted with until it has filled."""
    ord_type: OrdType
    time_in_force: TimeInForce = TimeInForce.DAY
    limit_px: Decimal | None = None
    """FIX 44 Price; in currency. Present for limit types only."""
    stop_px: Decimal | None = None
    """FIX 99; in currency. None for a trailing stop: its level follows the market."""
    cash_qty: Decimal | None = None
    """FIX 152; account currency to spend, where a broker takes orders by value."""
    peg_offset: Decimal | None = None
    """FIX 211; makes a stop a trailing one: how far behind the best price, above 0."""
    peg_offset_type: PegOffsetType = PegOffsetType.PRICE
    limit_offset: Decimal | None = None
    """Of a trailing stop-limit: limit price beyond the stop, currency a share, 0 or more."""
    trigger: TriggerMethod = TriggerMethod.LAST
    """Which price sets off a stop that is held here."""
    expire_ns: int | None = None
    """FIX 126; present for GTD only."""
    extended_hours: bool = False
    """May trade before the open and after the close."""
    display_qty: Decimal | None = None
    """FIX 1138; shares that are shown of a resting limit order, the rest is a hidden reserve. None,
    or the quantity and more: all are shown."""

    @property
    def is_trailing(self) -> bool:
        """Whether the stop follows the market."""
        return self.peg_offset is not None


class PriceCondition(msgspec.Struct, frozen=True, kw_only=True, tag="price"):
    """Holds once a symbol's price is at or beyond a level."""

    symbol: Symbol
    is_above: bool
    """At or above the level; otherwise at or below."""
    px: Decimal
    method: TriggerMethod = TriggerMethod.LAST


class TimeCondition(msgspec.Struct, frozen=True, kw_only=True, tag="time"):
    """Holds from a moment on."""

    at_ns: int
    """UTC nanoseconds."""


Condition = PriceCondition | TimeCondition


class Links(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How an order hangs together with others."""

    parent: ClOrdID = ClOrdID("")
    """The order whose fills this one follows; never more than they are."""
    oco: str = ""
    """Group of which what one fills is taken off the others."""
    replaces: ClOrdID = ClOrdID("")
    """The canceled order whose remainder this one is."""


class Hold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why an order waits on this machine."""

    conditions: tuple[Condition, ...] = ()
    """All have to hold; none: it waits for its trigger, its parent or its turn only."""
    is_staged: bool = False
    """It waits for a person."""
    watch_px: Decimal | None = None
    """Level of a trailing stop, as last recorded."""
    triggered_ns: int = 0
    """When it was set off, by our clock; 0: it has not been. It goes as soon as it may."""
