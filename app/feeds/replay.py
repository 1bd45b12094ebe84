"""Recorded ticks played as a feed, at any speed, over a simulated clock.

The danger: an order that is worked on while the tape runs on fills differently from run to run.
So simulated time stands still while anything is under way: before an event is published whatever is
due by then is done (`before`), and after it the order engine comes to rest (`settle`).
What is due in the very instant of an event comes before the event.
When the next event may go out is the player's word (`app.feeds.player`).
Not guaranteed: an even pace. A machine that was asleep or is too slow goes on from where it is; it
does not hurry to catch up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final, Protocol

import msgspec

from app.clock import Clock, LiveClock, SimClock
from app.domain.enums import FeedState
from app.domain.errors import BadInput
from app.domain.ids import Symbol
from app.domain.instrument import Instrument
from app.domain.market import FeedStatus, MarketEvent
from app.feeds.base import History, Publish
from app.feeds.player import NEVER_NS, Player

NAME: Final = "replay"
YIELD_NS: Final = 4_000_000
"""Real time after which the loop is given to others."""
_LOOK_EVERY: Final = 32
"""Events between two looks at the real clock; a power of two."""


class Ticks(Protocol):
    """Events to play; an `app.feeds.sources.Source`."""

    @property
    def symbols(self) -> Sequence[Symbol]:
        """Symbols known so far; may grow while events are taken."""
        ...

    def __iter__(self) -> Iterator[MarketEvent | FeedStatus]:
        """Give the events in order of `ts_recv_ns`."""
        ...


def _never() -> int:
    return NEVER_NS


def _idle() -> bool:
    return False


def _silent() -> None:
    return None


async def _nothing() -> None:
    return None


async def _nothing_due(ts_ns: int) -> None:
    del ts_ns


def _unlisted(instrument: Instrument) -> None:
    del instrument


class ReplayHooks(msgspec.Struct, frozen=True, kw_only=True):
    """What the session does between events. `busy` is asked for every event."""

    next_due_ns: Callable[[], int] = _never
    """When the next scheduled act is due; asked anew whenever others may have run."""
    before: Callable[[int], Awaitable[None]] = _nothing_due
    """Do what is due up to this time, moving the clock to each act's own time; awaited only if
    `next_due_ns` is not after it."""
    busy: Callable[[], bool] = _idle
    """Whether commands or reports are under way."""
    settle: Callable[[], Awaitable[None]] = _nothing
    """Return when nothing is under way; awaited only if `busy`."""
    listed: Callable[[Instrument], None] = _unlisted
    """A symbol appeared that `instruments` did not name."""
    beat: Callable[[], None] = _silent
    """Time has run on without an event: the recording is silent, not the feed."""
    failed: Callable[[str], None] | None = None
    """The file turned out bad, in words, and the run stands there; None: `run` raises."""


class ReplayFeed:
    """A run through recorded ticks."""

    name: Final = NAME
    exchange: Final = None

    def __init__(  # noqa: PLR0913  Two of them have the one value that sessions use.
        self,
        ticks: Ticks,
        clock: SimClock,
        *,
        player: Player | None = None,
        hooks: ReplayHooks | None = None,
        real: Clock | None = None,
    ) -> None:
        self._ticks = ticks
        self._clock = clock
        self._hooks = hooks or ReplayHooks()
        self._real: Clock = real or LiveClock()
        self._player = player or Player(clock)
        self.events = 0
        """Published so far."""

    def instruments(self) -> Sequence[Instrument]:
        """What the recording is known to hold."""
        return [_instrument(symbol) for symbol in self._ticks.symbols]

    def history(self, symbol: Symbol) -> History | None:
        """Return None: nothing is known from before a recording."""
        del symbol
        return None

    async def run(self, publish: Publish) -> None:
        """Publish the recorded events; return at their end.

        Raises:
            BadInput: the file turned out bad while it was read; the feed is then DOWN. Only
                without a hook for it.
        """
        self._say(publish, FeedState.LIVE, "replay")
        try:
            await self._play(publish)
        except BadInput as error:
            self._say(publish, FeedState.DOWN, str(error))
            if self._hooks.failed is None:
                raise
            self._player.end()
            self._hooks.failed(str(error))
            return
        self._player.end()
        self._say(publish, FeedState.ENDED, f"end of the replay after {self.events:,} events")

    async def _play(self, publish: Publish) -> None:
        hooks, player = self._hooks, self._player
        next_due_ns, busy, advance_to = hooks.next_due_ns, hooks.busy, self._clock.advance_to
        mono_ns, symbols = self._real.mono_ns, self._ticks.symbols
        listed = len(symbols)
        # What others may have changed is asked anew wherever they may have run, not for each event.
        free_ns, due_ns = player.free_ns(), next_due_ns()
        count, yielded_ns = self.events, mono_ns()
        for event in self._ticks:
            ts_ns = event.ts_recv_ns
            if ts_ns > free_ns:
                free_ns, due_ns = await player.reach(ts_ns, self._run_to), next_due_ns()
            if len(symbols) != listed:
                for symbol in symbols[listed:]:
                    hooks.listed(_instrument(symbol))
                listed = len(symbols)
            if due_ns <= ts_ns:
                await hooks.before(ts_ns)
                free_ns, due_ns = min(free_ns, player.free_ns()), next_due_ns()
            advance_to(ts_ns)
            publish(event)
            if busy():
                await hooks.settle()
                free_ns, due_ns = min(free_ns, player.free_ns()), next_due_ns()
            self.events = count = count + 1
            if not count % _LOOK_EVERY and mono_ns() - yielded_ns > YIELD_NS:
                await asyncio.sleep(0)
                free_ns, due_ns = min(free_ns, player.free_ns()), next_due_ns()
                yielded_ns = mono_ns()

    async def _run_to(self, ts_ns: int) -> None:
        """Let recorded time run up to a moment, doing what falls due on the way at its own time."""
        if self._hooks.next_due_ns() <= ts_ns:
            await self._hooks.before(ts_ns)
        self._clock.advance_to(ts_ns)
        self._hooks.beat()

    def _say(self, publish: Publish, state: FeedState, text: str) -> None:
        now_ns = self._clock.now_ns()
        publish(FeedStatus(feed=NAME, state=state, text=text, ts_recv_ns=now_ns))


def _instrument(symbol: Symbol) -> Instrument:
    # No recording says what could be borrowed; what is practised on may be sold short.
    return Instrument(symbol=symbol, name=symbol, exchange="recorded", is_shortable=True)
