"""What a feed is: the contract that every vendor's file fills."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from app.clock import Clock
from app.config import Config
from app.domain.enums import Venue
from app.domain.ids import Symbol
from app.domain.instrument import Instrument
from app.domain.market import BarRow, FeedStatus, MarketEvent
from app.exchange.market import Exchange

Publish = Callable[[MarketEvent | FeedStatus], None]


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Bars from before the feed began."""

    minutes: Sequence[BarRow]
    """Oldest first, all before the first live event."""
    days: Sequence[BarRow]
    """Oldest first, of trading days that are over."""


class Codec(Protocol):
    """A venue's wire format, without I/O and without a clock."""

    def feed(self, frame: bytes, ts_recv_ns: int) -> Sequence[MarketEvent]:
        """Return the events of one frame.

        Raises:
            Malformed: the frame is not in the venue's format.
        """
        ...


class Feed(Protocol):
    """A source of market data."""

    @property
    def name(self) -> str:
        """Stable id, stored in records."""
        ...

    @property
    def exchange(self) -> Exchange | None:
        """The exchange in this process whose market this is; None for all others."""
        ...

    def instruments(self) -> Sequence[Instrument]:
        """What it can deliver, the most usual first."""
        ...

    def history(self, symbol: Symbol) -> History | None:
        """Return what is known from before the start; None where nothing is."""
        ...

    async def run(self, publish: Publish) -> None:
        """Publish events until cancelled, or until there are no more."""
        ...


@runtime_checkable
class PagedFeed(Protocol):
    """A feed that can be asked for older bars, a page at a time."""

    async def older(
        self, symbol: Symbol, interval_ns: int, before_ns: int, n: int
    ) -> Sequence[BarRow]:
        """Return the newest bars that start before a moment; none: there are no older ones.

        Args:
            symbol: of the bars.
            interval_ns: of a minute or a trading day.
            before_ns: UTC.
            n: about how many.

        Raises:
            VenueError: they could not be had now.
        """
        ...


class FeedSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What a plug-in gives under `tradedeck.feeds`."""

    name: str
    title: str
    """As shown: "built-in exchange"."""
    venue: Venue
    make: Callable[[Config, Clock], Feed]
