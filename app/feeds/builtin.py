"""Market data of the built-in exchange.

`BuiltinCodec` reads the venue's frames as any vendor's codec does; `BuiltinFeed` asks the exchange
for what is due and publishes it. After a pause of the machine it does not make up for lost time: it
says that there is a gap, and goes on from now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final, final

import msgspec
from msgspec.structs import force_setattr

from app.clock import Clock
from app.config import Config, ExchangeConfig
from app.domain.enums import FeedState, Venue
from app.domain.errors import Malformed
from app.domain.ids import Symbol
from app.domain.instrument import Instrument
from app.domain.market import FeedStatus, MarketEvent, Quote, Trade
from app.exchange.market import Exchange
from app.feeds.base import FeedSpec, History, Publish

NAME: Final = "builtin"
TURN_S: Final = 0.025
"""Between two looks at the exchange."""
LAG_NS_MAX: Final = 1_000_000_000
"""Further behind than this, the time between is skipped and declared as a gap."""
MESSAGES_MAX: Final = 2_000
"""Of one turn: some 5 ms of work. What is more waits for the next turn."""
_ZERO: Final = Decimal(0)
_PRICE_MAX: Final = Decimal(10_000_000)

_Size = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
_Traded = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
_Time = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


@final
class WireQuote(Quote, frozen=True, kw_only=True, gc=False, tag_field="T", tag="q"):
    """A quote as the venue writes it; decoding makes the event itself."""

    symbol: Symbol = msgspec.field(name="S")
    bid: Decimal = msgspec.field(name="bp")
    bid_size: _Size = msgspec.field(name="bs")
    ask: Decimal = msgspec.field(name="ap")
    ask_size: _Size = msgspec.field(name="as")
    ts_exch_ns: _Time = msgspec.field(name="t")
    ts_recv_ns: int = 0


@final
class WireTrade(Trade, frozen=True, kw_only=True, gc=False, tag_field="T", tag="t"):
    """A print as the venue writes it; decoding makes the event itself."""

    symbol: Symbol = msgspec.field(name="S")
    price: Decimal = msgspec.field(name="p")
    size: _Traded = msgspec.field(name="s")
    exchange: str = msgspec.field(name="x")
    conditions: str = msgspec.field(name="c")
    ts_exch_ns: _Time = msgspec.field(name="t")
    ts_recv_ns: int = 0


class BuiltinCodec:
    """The wire format of the built-in exchange (see `app.exchange.wire`), reading side."""

    def __init__(self) -> None:
        self.decode: Final = msgspec.json.Decoder(list[WireQuote | WireTrade]).decode
        """The typed decode alone: no prices checked, no time of receipt."""

    def feed(self, frame: bytes, ts_recv_ns: int) -> Sequence[MarketEvent]:
        """Return the events of one frame, in its order.

        Raises:
            Malformed: not an array of the two known messages, or a price that is no price; nothing
                of the frame is used.
        """
        zero, price_max, stamp = _ZERO, _PRICE_MAX, force_setattr
        try:
            events = self.decode(frame)
            for event in events:
                stamp(event, "ts_recv_ns", ts_recv_ns)  # Ends its making: nobody else has seen it.
                if type(event) is WireTrade:
                    if not zero < event.price <= price_max:
                        _check(event.price)
                elif not zero < event.bid <= event.ask <= price_max:
                    _check(event.bid)  # A crossed quote comes here and is legal.
                    _check(event.ask)
        except (msgspec.DecodeError, InvalidOperation, ValueError, RecursionError) as error:
            raise Malformed(
                f"frame of {len(frame):,} bytes is not readable: {error}; frame dropped",
                venue=NAME,
                raw=frame[:1_000],
            ) from error
        return events


class BuiltinFeed:
    """The built-in exchange, in time with the clock."""

    name: Final = NAME

    def __init__(self, config: ExchangeConfig, clock: Clock) -> None:
        self._clock = clock
        self._exchange = Exchange(config, clock.now_ns())
        self._codec = BuiltinCodec()
        self.frames_bad = 0
        """Frames dropped because they could not be read."""

    def instruments(self) -> Sequence[Instrument]:
        """What is listed, the most usual first."""
        return self._exchange.instruments

    def history(self, symbol: Symbol) -> History | None:
        """Return the minutes before the feed was made; None where the symbol is not listed."""
        known = self._exchange.history(symbol)
        return None if known is None else History(bars=known[0], prior_close=known[1])

    async def run(self, publish: Publish) -> None:
        """Publish events until cancelled."""
        self._exchange.skip_to(self._clock.now_ns())
        self._say(publish, FeedState.LIVE, "live")
        while True:
            self.turn(publish)
            await asyncio.sleep(TURN_S)

    def turn(self, publish: Publish) -> None:
        """Publish what is due now; at most `MESSAGES_MAX` messages or a gap of `LAG_NS_MAX`."""
        now_ns = self._clock.now_ns()
        lag_ns = now_ns - self._exchange.now_ns
        has_gap = abs(lag_ns) > LAG_NS_MAX
        if has_gap:
            self._exchange.skip_to(now_ns)
            self._say(publish, FeedState.DEGRADED, _gap(lag_ns))
        for frame in self._exchange.frames(now_ns, MESSAGES_MAX):
            try:
                events = self._codec.feed(frame, now_ns)
            except Malformed as error:
                self.frames_bad += 1
                self._say(publish, FeedState.DEGRADED, str(error))
                continue
            for event in events:
                publish(event)
        if has_gap:
            self._say(publish, FeedState.LIVE, "live again; what happened in the gap is not known")

    def _say(self, publish: Publish, state: FeedState, text: str) -> None:
        now_ns = self._clock.now_ns()
        publish(FeedStatus(feed=NAME, state=state, text=text, ts_recv_ns=now_ns))


def _gap(lag_ns: int) -> str:
    if lag_ns < 0:
        return f"the clock was set back by {-lag_ns / 1e9:.1f} s; market data go on from now"
    return f"gap of {lag_ns / 1e9:.1f} s in the market data: the station could not keep up"


def _check(price: Decimal) -> None:
    # "NaN" and "Infinity" are Decimals to the decoder; comparing a NaN raises InvalidOperation.
    if not _ZERO < price <= _PRICE_MAX:
        raise ValueError(f"price {price:.20g} is not over 0 and up to {_PRICE_MAX:,}")


FEED: Final = FeedSpec(
    name=NAME,
    title="built-in exchange",
    venue=Venue.PAPER,
    make=lambda config, clock: BuiltinFeed(_exchange_config(config), clock),
)


def _exchange_config(config: Config) -> ExchangeConfig:
    return config.exchange
