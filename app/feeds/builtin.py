"""Market data of the built-in exchange.

`BuiltinCodec` reads the venue's frames as any vendor's codec does; `BuiltinFeed` asks the exchange
for what is due and publishes it. After a pause of the machine it does not make up for lost time: it
says that there is a gap, and goes on from now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, Literal, final

import msgspec
from msgspec.structs import force_setattr

from app.clock import Clock
from app.config import Config, ExchangeConfig
from app.domain.enums import Auction, FeedState, Side, Venue
from app.domain.errors import Malformed
from app.domain.ids import Symbol
from app.domain.instrument import Instrument
from app.domain.market import (
    BarRow,
    Depth,
    FeedStatus,
    Imbalance,
    MarketEvent,
    Quote,
    SymbolStatus,
    Trade,
)
from app.exchange.market import LAG_NS_MAX, Exchange
from app.feeds.base import FeedSpec, History, Publish

NAME: Final = "builtin"
TURN_S: Final = 0.025
"""Between two looks at the exchange."""
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
    bid: Decimal = msgspec.field(name="bp")  # None after `_mend` where the side is empty.
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


@final
class WireDepth(Depth, frozen=True, kw_only=True, gc=False, tag_field="T", tag="d"):
    """Depth as the venue writes it; decoding makes the event itself."""

    symbol: Symbol = msgspec.field(name="S")
    bids: tuple[tuple[Decimal, _Size], ...] = msgspec.field(name="b")
    asks: tuple[tuple[Decimal, _Size], ...] = msgspec.field(name="a")
    is_whole: bool = msgspec.field(name="r")
    ts_exch_ns: _Time = msgspec.field(name="t")
    ts_recv_ns: int = 0


class WireStatus(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="T", tag="s"):
    """A status as the venue writes it."""

    symbol: Symbol = msgspec.field(name="S")
    halt: str = msgspec.field(name="h")
    is_short_restricted: bool = msgspec.field(name="ssr")
    lower: Decimal = msgspec.field(name="lo")
    upper: Decimal = msgspec.field(name="up")
    ts_exch_ns: _Time = msgspec.field(name="t")

    def event(self, ts_recv_ns: int) -> SymbolStatus:
        """Return it as an event."""
        return SymbolStatus(
            symbol=self.symbol,
            halt=self.halt,
            is_short_restricted=self.is_short_restricted,
            lower_px=_px_or_none(self.lower),
            upper_px=_px_or_none(self.upper),
            ts_exch_ns=self.ts_exch_ns,
            ts_recv_ns=ts_recv_ns,
        )


class WireImbalance(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="T", tag="i"):
    """An imbalance as the venue writes it."""

    symbol: Symbol = msgspec.field(name="S")
    auction: Auction = msgspec.field(name="x")
    px: Decimal = msgspec.field(name="p")
    paired_qty: _Size = msgspec.field(name="q")
    imbalance_qty: _Size = msgspec.field(name="n")
    side: Literal["B", "S", ""] = msgspec.field(name="d")
    ts_exch_ns: _Time = msgspec.field(name="t")

    def event(self, ts_recv_ns: int) -> Imbalance:
        """Return it as an event."""
        return Imbalance(
            symbol=self.symbol,
            auction=self.auction,
            px=_px_or_none(self.px),
            paired_qty=self.paired_qty,
            imbalance_qty=self.imbalance_qty,
            side={"B": Side.BUY, "S": Side.SELL, "": None}[self.side],
            ts_exch_ns=self.ts_exch_ns,
            ts_recv_ns=ts_recv_ns,
        )


_Wire = WireQuote | WireTrade | WireDepth | WireStatus | WireImbalance


class BuiltinCodec:
    """The wire format of the built-in exchange (see `app.exchange.wire`), reading side."""

    def __init__(self) -> None:
        self.decode: Final = msgspec.json.Decoder(list[_Wire]).decode
        """The typed decode alone: no prices checked, no time of receipt."""

    def feed(self, frame: bytes, ts_recv_ns: int) -> Sequence[MarketEvent]:
        """Return the events of one frame, in its order.

        Raises:
            Malformed: not an array of the known messages, or a price that is no price; nothing of
                the frame is used.
        """
        zero, price_max, stamp = _ZERO, _PRICE_MAX, force_setattr
        try:
            events: list[Any] = self.decode(frame)
            for place, wire in enumerate(events):
                kind = type(wire)
                if kind is WireQuote:
                    if not zero < wire.bid <= wire.ask <= price_max:
                        _mend(wire)
                elif kind is WireTrade:
                    if not zero < wire.price <= price_max:
                        _check(wire.price)
                elif kind is WireDepth:
                    _check_levels(wire)
                else:
                    events[place] = wire.event(ts_recv_ns)
                    continue
                stamp(wire, "ts_recv_ns", ts_recv_ns)  # Ends its making: nobody has seen it.
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
        self.exchange: Final = Exchange(config, clock.now_ns())
        """Where orders can be sent in this process."""
        self._codec = BuiltinCodec()
        self.frames_bad = 0
        """Frames dropped because they could not be read."""

    def instruments(self) -> Sequence[Instrument]:
        """What is listed, the most usual first."""
        return self.exchange.instruments

    def history(self, symbol: Symbol) -> History | None:
        """Return what was before the feed was made; None where the symbol is not listed."""
        known = self.exchange.history(symbol)
        return None if known is None else History(minutes=known[0], days=known[1])

    async def older(
        self, symbol: Symbol, interval_ns: int, before_ns: int, n: int
    ) -> Sequence[BarRow]:
        """Return bars from before a moment; of what the feed skipped there are none."""
        return self.exchange.older(symbol, interval_ns, before_ns, n)

    async def run(self, publish: Publish) -> None:
        """Publish events until cancelled."""
        self.exchange.skip_to(self._clock.now_ns())
        self._say(publish, FeedState.LIVE, "live")
        while True:
            self.turn(publish)
            await asyncio.sleep(TURN_S)

    def turn(self, publish: Publish) -> None:
        """Publish what is due now; at most `MESSAGES_MAX` messages or a gap of `LAG_NS_MAX`."""
        now_ns = self._clock.now_ns()
        lag_ns = now_ns - self.exchange.now_ns
        has_gap = bool(self.exchange.gap_ns) or abs(lag_ns) > LAG_NS_MAX
        if has_gap:
            lag_ns, self.exchange.gap_ns = self.exchange.gap_ns or lag_ns, 0
            self.exchange.skip_to(now_ns)
            self._say(publish, FeedState.DEGRADED, _gap(lag_ns))
        for frame in self.exchange.frames(now_ns, MESSAGES_MAX):
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
    gap = f"gap of {lag_ns / 1e9:.1f} s in the market data"
    return f"{gap}: the station could not keep up, or its clock was set"


def _mend(quote: WireQuote) -> None:
    """Check a quote whose prices are not in order: crossed is legal, a side may be empty."""
    for name, price, size in (
        ("bid", quote.bid, quote.bid_size),
        ("ask", quote.ask, quote.ask_size),
    ):
        if price == _ZERO and not size:
            force_setattr(quote, name, None)
        else:
            _check(price)


def _check_levels(depth: WireDepth) -> None:
    for price, _ in depth.bids:
        if not _ZERO < price <= _PRICE_MAX:
            _check(price)
    for price, _ in depth.asks:
        if not _ZERO < price <= _PRICE_MAX:
            _check(price)


def _px_or_none(price: Decimal) -> Decimal | None:
    """Return a price, or None for the 0 that stands for none."""
    if price == _ZERO:
        return None
    _check(price)
    return price


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
