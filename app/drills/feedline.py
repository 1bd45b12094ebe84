"""A line to a feed that can fail: a feed in front of a feed.

Without a fault it hands every event on as it is. One fault at a time; a new one takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import Final, NoReturn

import msgspec

from app.clock import Clock
from app.domain.errors import Disconnected
from app.domain.ids import Symbol
from app.domain.instrument import Instrument
from app.domain.market import FeedStatus, MarketEvent, Quote, SymbolStatus, Trade
from app.feeds.base import Feed, History, Publish


class FeedTrouble(Enum):
    """What goes wrong with market data."""

    DROPPED = auto()
    """The connection breaks, and cannot be made anew while this lasts."""
    MUTE = auto()
    """The connection stands and nothing comes: half open."""
    THIN = auto()
    """No quote and no print of a symbol is of more than a few shares."""
    CROSSED = auto()
    """The bid of a symbol lies above its ask."""
    HALTED = auto()
    """A symbol is halted: quotes go on, prints do not."""


class FeedFault(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong, and with which symbol."""

    trouble: FeedTrouble
    symbol: Symbol = Symbol("")
    """Of THIN, CROSSED and HALTED."""
    size_max: int = 1
    """Of THIN: shares."""
    text: str = "connection reset"
    """Of DROPPED and HALTED: what is said."""


class FeedLine:
    """Implements `app.feeds.base.Feed` in front of another feed."""

    def __init__(self, feed: Feed, clock: Clock) -> None:
        self._feed: Final = feed
        self.exchange: Final = feed.exchange
        """Where orders go: halted and thin with the feed; other faults are of the line alone."""
        self._clock: Final = clock
        self._fault: FeedFault | None = None
        self._publish: Publish | None = None
        """Where events go while it runs."""

    def set(self, fault: FeedFault) -> None:
        """Let something go wrong from now on, in the place of what did."""
        self.clear()
        self._fault = fault
        if fault.trouble is FeedTrouble.HALTED:
            self._say(fault.symbol, fault.text)
            if self.exchange is not None:
                self.exchange.halt(fault.symbol, fault.text)
        if fault.trouble is FeedTrouble.THIN and self.exchange is not None:
            self.exchange.thin(fault.symbol, fault.size_max)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        fault, self._fault = self._fault, None
        if fault is None:
            return
        if fault.trouble is FeedTrouble.HALTED:
            self._say(fault.symbol, "")
            if self.exchange is not None:
                self.exchange.resume(fault.symbol)
        if fault.trouble is FeedTrouble.THIN and self.exchange is not None:
            self.exchange.thin(fault.symbol, None)

    @property
    def name(self) -> str:
        """Of the feed behind."""
        return self._feed.name

    def instruments(self) -> Sequence[Instrument]:
        """Return what the feed behind can deliver."""
        return self._feed.instruments()

    def history(self, symbol: Symbol) -> History | None:
        """Return what the feed behind knows from before the start."""
        return self._feed.history(symbol)

    async def run(self, publish: Publish) -> None:
        """Publish what the feed behind does, as far as the line lets it.

        Raises:
            Disconnected: the line is dropped; it breaks at the feed's next word.
        """
        self._publish = publish

        def pass_on(event: MarketEvent | FeedStatus) -> None:
            fault = self._fault
            if fault is None:
                publish(event)
                return
            for passed in self._spoil(fault, event):
                publish(passed)

        try:
            if self._fault is not None and self._fault.trouble is FeedTrouble.DROPPED:
                self._break(self._fault)
            await self._feed.run(pass_on)
        finally:
            self._publish = None

    def _spoil(
        self, fault: FeedFault, event: MarketEvent | FeedStatus
    ) -> tuple[MarketEvent | FeedStatus, ...]:
        """Return what comes through of an event."""
        if fault.trouble is FeedTrouble.DROPPED:
            self._break(fault)
        if fault.trouble is FeedTrouble.MUTE:
            return ()
        if isinstance(event, FeedStatus) or event.symbol != fault.symbol:
            return (event,)
        if fault.trouble is FeedTrouble.HALTED:
            return () if isinstance(event, Trade) else (event,)
        if fault.trouble is FeedTrouble.THIN:
            return (_thinned(event, fault.size_max),)
        return (_crossed(event),)

    def _break(self, fault: FeedFault) -> NoReturn:
        raise Disconnected(fault.text, venue=self.name, request="market data")

    def _say(self, symbol: Symbol, halt: str) -> None:
        if self._publish is not None:
            now_ns = self._clock.now_ns()
            self._publish(
                SymbolStatus(symbol=symbol, halt=halt, ts_exch_ns=now_ns, ts_recv_ns=now_ns)
            )


def _thinned(event: MarketEvent, size_max: int) -> MarketEvent:
    if isinstance(event, Quote):
        return msgspec.structs.replace(
            event,
            bid_size=min(event.bid_size, size_max),
            ask_size=min(event.ask_size, size_max),
        )
    if isinstance(event, Trade):
        return msgspec.structs.replace(event, size=min(event.size, size_max))
    return event


def _crossed(event: MarketEvent) -> MarketEvent:
    if isinstance(event, Quote) and event.is_two_sided:
        return msgspec.structs.replace(
            event,
            bid=event.ask,
            bid_size=event.ask_size,
            ask=event.bid,
            ask_size=event.bid_size,
        )
    return event
