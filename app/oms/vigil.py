"""Orders that wait on this machine, with the prices and times that each waits for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal
from enum import Enum, auto
from typing import Final

from app.domain.ids import ClOrdID, Symbol
from app.domain.instrument import Instrument
from app.domain.market import Quote, Trade
from app.domain.orders import Order
from app.domain.terms import Hold, PriceCondition, TimeCondition
from app.oms.triggers import condition_watch, watch_of


class Stage(Enum):
    """What an order waits for."""

    IDLE = auto()
    """For other orders; prices mean nothing to it."""
    WATCHING = auto()
    """For its own price, while its conditions hold."""
    READY = auto()
    """For its conditions only."""


class Vigil:
    """The memory of an order in wait; conditions hold while they hold, and all at once."""

    def __init__(self, order: Order, instrument: Instrument) -> None:
        hold = order.hold or Hold()
        self.cl_ord_id: Final = order.cl_ord_id
        self.terms: Final = order.terms
        """As they were when it was made; of other terms another is made."""
        self.watch: Final = watch_of(order.terms, hold, instrument)
        self.stage = Stage.IDLE
        self.recorded_px = hold.watch_px
        """Level of a trail that was last given to be recorded."""
        self.recorded_ns = 0
        """When that was."""
        self.px: Decimal | None = None
        """The price that set it off."""
        self._prices: Final = tuple(
            (condition.symbol, condition_watch(condition))
            for condition in hold.conditions
            if isinstance(condition, PriceCondition)
        )
        self.opens_ns: Final = max(
            (c.at_ns for c in hold.conditions if isinstance(c, TimeCondition)), default=0
        )
        """From when its conditions on time hold."""
        self._is_open = not self.opens_ns

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """Symbols whose prices it looks at, each once."""
        return tuple(dict.fromkeys((self.terms.symbol, *(symbol for symbol, _ in self._prices))))

    @property
    def conditions_hold(self) -> bool:
        """Whether all its conditions held when each was last looked at; without any they do."""
        return self._is_open and all(watch.is_set_off for _, watch in self._prices)

    @property
    def has_moved(self) -> bool:
        """Whether its trail's level is another than was last recorded."""
        return self.terms.is_trailing and self.watch_px not in (None, self.recorded_px)

    @property
    def watch_px(self) -> Decimal | None:
        """The level that it waits for now."""
        return None if self.watch is None else self.watch.level

    def on_trade(self, trade: Trade) -> bool:
        """Look at a print; return whether the order is set off now."""
        for symbol, condition in self._prices:
            if symbol == trade.symbol and condition.on_trade(trade.price):
                self.px = trade.price
        if self.stage is Stage.IDLE or not self.conditions_hold:
            return False
        if self.stage is Stage.READY:
            return True
        if self.watch is None or trade.symbol != self.terms.symbol:
            return False
        is_set_off = self.watch.on_trade(trade.price)
        self.px = self.watch.px
        return is_set_off

    def on_quote(self, quote: Quote) -> bool:
        """Look at a quote; return whether the order is set off now."""
        for symbol, condition in self._prices:
            if symbol == quote.symbol and condition.on_quote(quote.bid, quote.ask):
                self.px = condition.px
        if self.stage is Stage.IDLE or not self.conditions_hold:
            return False
        if self.stage is Stage.READY:
            return True
        if self.watch is None or quote.symbol != self.terms.symbol:
            return False
        is_set_off = self.watch.on_quote(quote.bid, quote.ask)
        self.px = self.watch.px
        return is_set_off

    def on_time(self, now_ns: int) -> None:
        """Look at the clock."""
        self._is_open = now_ns >= self.opens_ns


class Vigils:
    """The orders in wait, by the symbols whose prices they look at."""

    def __init__(self, instrument: Callable[[Symbol], Instrument | None]) -> None:
        self._instrument: Final = instrument
        self._by_id: dict[ClOrdID, Vigil] = {}
        self.by_symbol: Final[dict[Symbol, dict[ClOrdID, Vigil]]] = {}
        """To be read. No symbol without an order: most ticks are of symbols that nobody watches."""

    def get(self, cl_ord_id: ClOrdID) -> Vigil | None:
        """Return the watch over an order, or None."""
        return self._by_id.get(cl_ord_id)

    def of(self, symbol: Symbol) -> Collection[Vigil]:
        """Return those that look at a symbol's prices."""
        vigils = self.by_symbol.get(symbol)
        return vigils.values() if vigils is not None else ()

    def post(self, order: Order) -> Vigil:
        """Return the watch over an order; of other terms a new one, without memory."""
        vigil = self._by_id.get(order.cl_ord_id)
        if vigil is not None and vigil.terms == order.terms:
            return vigil
        self.dismiss(order.cl_ord_id)
        vigil = Vigil(order, self.instrument(order.symbol))
        self._by_id[order.cl_ord_id] = vigil
        for symbol in vigil.symbols:
            self.by_symbol.setdefault(symbol, {})[order.cl_ord_id] = vigil
        return vigil

    def dismiss(self, cl_ord_id: ClOrdID) -> None:
        """Watch an order no more."""
        vigil = self._by_id.pop(cl_ord_id, None)
        for symbol in () if vigil is None else vigil.symbols:
            del self.by_symbol[symbol][cl_ord_id]
            if not self.by_symbol[symbol]:
                del self.by_symbol[symbol]

    def instrument(self, symbol: Symbol) -> Instrument:
        """Return what is known of a symbol; of an unknown one that Rule 612 holds for it."""
        return self._instrument(symbol) or Instrument(symbol=symbol, name="", exchange="")
