"""What sets off an order that waits on this machine: levels, trails and conditions, without I/O.

The danger: a stop that goes off on a price that never was (a missing side read as 0, NaN, a crossed
quote, one print out of line), or a trailing stop that gives way when the price does.
How this prevents it: only finite prices above 0 are looked at, and only quotes with two sides that
do not cross; a trail moves in its order's favour or not at all; DOUBLE_LAST wants two prints in a
row. A price that is no price does nothing: it neither sets off, nor moves, nor breaks a row.
Not guaranteed: that a print is worth acting on; its conditions are not read here. A stop that
watches quotes does not see a market that has lost one side.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from app.domain.enums import OrdType, PegOffsetType, Side, TriggerMethod
from app.domain.instrument import Instrument
from app.domain.market import real_price
from app.domain.terms import STOP_TYPES, Hold, NewOrder, PriceCondition

_PERCENT: Final = Decimal(100)
_LAST_METHODS: Final = (TriggerMethod.LAST, TriggerMethod.DOUBLE_LAST)


class Watch:
    """One level in wait of a price, with the memory that its method and its trail need."""

    __slots__ = (
        "_is_above",
        "_method",
        "_row",
        "_row_min",
        "_side",
        "_trail",
        "is_set_off",
        "level",
        "px",
    )

    def __init__(
        self,
        *,
        method: TriggerMethod,
        side: Side,
        is_above: bool,
        level: Decimal | None,
        trail: Trail | None = None,
    ) -> None:
        self.level = real_price(level)
        """Where it is set off; None: nowhere yet, or the level given is no price."""
        self._method: Final = method
        self._side: Final = side
        """With BID_ASK a sell looks at the bid, a buy at the ask."""
        self._is_above: Final = is_above
        self._trail: Final = trail
        self.is_set_off = False
        """Whether the last price looked at was one to set off on."""
        self.px: Decimal | None = None
        """The last price looked at."""
        self._row = 0
        """Prices in a row at or beyond the level."""
        self._row_min: Final = 2 if method is TriggerMethod.DOUBLE_LAST else 1

    def on_trade(self, price: Decimal) -> bool:
        """Look at a print; return whether it sets off now."""
        if self._method not in _LAST_METHODS or real_price(price) is None:
            return False
        return self._look(price)

    def on_quote(self, bid: Decimal | None, ask: Decimal | None) -> bool:
        """Look at the best bid and ask; return whether they set off now."""
        bid, ask = real_price(bid), real_price(ask)
        if self._method in _LAST_METHODS or bid is None or ask is None or bid > ask:
            return False
        if self._method is TriggerMethod.MID:
            return self._look((bid + ask) / 2)
        return self._look(ask if self._side is Side.BUY else bid)

    def _look(self, price: Decimal) -> bool:
        self.px = price
        if self._is_beyond(price):
            self._row += 1
        else:
            self._row = 0
            self._follow(price)
        self.is_set_off = self._row >= self._row_min
        return self.is_set_off

    def _is_beyond(self, price: Decimal) -> bool:
        if self.level is None:
            return False
        return price >= self.level if self._is_above else price <= self.level

    def _follow(self, price: Decimal) -> None:
        if self._trail is None:
            return
        level = self._trail.level_at(price)
        if level is None:
            return
        if self.level is None or (level < self.level) is self._is_above:
            self.level = level


class Trail:
    """How far a stop stays behind the best price that it has seen."""

    __slots__ = ("_best", "_instrument", "_offset", "_side", "_type")

    def __init__(self, terms: NewOrder, instrument: Instrument) -> None:
        self._side: Final = terms.side
        self._offset: Final = real_price(terms.peg_offset)
        self._type: Final = terms.peg_offset_type
        self._instrument: Final = instrument
        self._best: Decimal | None = None

    def level_at(self, price: Decimal) -> Decimal | None:
        """Return the level at a new best price, on a tick away from the market; None otherwise.

        None as well where no price lies that far behind.
        """
        sign = self._side.sign
        if self._offset is None or (
            self._best is not None and (price - self._best) * sign >= 0  # A sell's best is highest.
        ):
            return None
        self._best = price
        level = price + sign * self._distance(price, self._offset)
        away = Side.SELL if self._side is Side.BUY else Side.BUY
        return real_price(self._instrument.passive_price(level, away))

    def _distance(self, price: Decimal, offset: Decimal) -> Decimal:
        match self._type:
            case PegOffsetType.PRICE:
                return offset
            case PegOffsetType.TICKS:
                return offset * self._instrument.tick_at(price)
        return price * offset / _PERCENT


def watch_of(terms: NewOrder, hold: Hold, instrument: Instrument) -> Watch | None:
    """Return the watch of an order that waits here; None for a type that waits for no price.

    A stop waits for its level, a limit order for the price at which it would trade at once.
    """
    side = terms.side
    if terms.ord_type in STOP_TYPES:
        level = hold.watch_px if terms.is_trailing else terms.stop_px
        trail = Trail(terms, instrument) if terms.is_trailing else None
        is_above = side is Side.BUY
        return Watch(method=terms.trigger, side=side, is_above=is_above, level=level, trail=trail)
    if terms.ord_type is OrdType.LIMIT:
        is_above, method = side is Side.SELL, TriggerMethod.BID_ASK
        return Watch(method=method, side=side, is_above=is_above, level=terms.limit_px)
    return None


def condition_watch(condition: PriceCondition) -> Watch:
    """Return the watch of a condition; with BID_ASK a rise looks at the ask, a fall at the bid."""
    return Watch(
        method=condition.method,
        side=Side.BUY if condition.is_above else Side.SELL,
        is_above=condition.is_above,
        level=condition.px,
    )
