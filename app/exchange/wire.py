"""The venue's wire format, sending side: compact JSON arrays of tagged messages.

    [{"T":"q","S":"AAPL","bp":187.22,"bs":300,"ap":187.23,"as":200,"t":1700000000000000000},
     {"T":"t","S":"AAPL","p":187.23,"s":100,"x":"Q","c":"@","t":1700000000000000000},
     {"T":"d","S":"AAPL","b":[[187.22,300]],"a":[[187.24,0]],"r":false,"t":1700000000000000000},
     {"T":"s","S":"AAPL","h":"","ssr":false,"lo":177.86,"up":196.58,"t":1700000000000000000},
     {"T":"i","S":"AAPL","x":"O","p":187.25,"q":12000,"n":700,"d":"B","t":1700000000000000000}]

`q` best bid and ask with sizes in shares; a side without orders is 0 with size 0. `t` a trade: `x`
venue, `c` conditions. `d` displayed depth: prices with all the shares displayed there now, 0 for
none left; `r` true where the message is the whole book. `s` status: `h` why it does not trade,
`ssr` short sale restriction, price bands (0 without). `i` what an auction would do: `x` O opening,
C closing, H reopening; price (0 without), paired shares, imbalance, and its side B, S or "".
`t` UTC nanoseconds. Prices are JSON numbers written with cents or finer: a reader who takes the
digits as they stand has the exact price.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

SCALE: Final = 10_000
"""Units of a price in one USD."""
_CENT: Final = SCALE // 100


class Message(msgspec.Struct, frozen=True, gc=False):
    """One line of market data on its way to text. Prices are in 1/10,000 USD."""

    symbol: str
    ts_ns: int


class QuoteMessage(Message, frozen=True, gc=False):
    """Best bid and ask, with sizes in shares; 0 and 0 for a side without orders."""

    bid: int
    bid_size: int
    ask: int
    ask_size: int


class PrintMessage(Message, frozen=True, gc=False):
    """A trade."""

    price: int
    size: int
    venue: str
    conditions: str


class DepthMessage(Message, frozen=True, gc=False):
    """Displayed shares at prices that changed, or at all prices of the book."""

    bids: tuple[tuple[int, int], ...]
    asks: tuple[tuple[int, int], ...]
    is_whole: bool


class StatusMessage(Message, frozen=True, gc=False):
    """Whether a symbol trades, and within which prices."""

    halt: str
    is_short_restricted: bool
    lower: int
    upper: int


class ImbalanceMessage(Message, frozen=True, gc=False):
    """What an auction would do now."""

    auction: str
    price: int
    paired: int
    imbalance: int
    side: str


AnyMessage = QuoteMessage | PrintMessage | DepthMessage | StatusMessage | ImbalanceMessage


def encode_frame(messages: Sequence[AnyMessage]) -> bytes:
    """Return one frame of the messages, in their order."""
    return f"[{','.join([_WRITERS[type(m)](m) for m in messages])}]".encode()


def _quote(m: QuoteMessage) -> str:
    return (
        f'{{"T":"q","S":"{m.symbol}","bp":{_price(m.bid)},"bs":{m.bid_size},'
        f'"ap":{_price(m.ask)},"as":{m.ask_size},"t":{m.ts_ns}}}'
    )


def _print(m: PrintMessage) -> str:
    return (
        f'{{"T":"t","S":"{m.symbol}","p":{_price(m.price)},"s":{m.size},'
        f'"x":"{m.venue}","c":"{m.conditions}","t":{m.ts_ns}}}'
    )


def _depth(m: DepthMessage) -> str:
    whole = "true" if m.is_whole else "false"
    return (
        f'{{"T":"d","S":"{m.symbol}","b":{_levels(m.bids)},"a":{_levels(m.asks)},'
        f'"r":{whole},"t":{m.ts_ns}}}'
    )


def _status(m: StatusMessage) -> str:
    restricted = "true" if m.is_short_restricted else "false"
    return (
        f'{{"T":"s","S":"{m.symbol}","h":"{m.halt}","ssr":{restricted},'
        f'"lo":{_price(m.lower)},"up":{_price(m.upper)},"t":{m.ts_ns}}}'
    )


def _imbalance(m: ImbalanceMessage) -> str:
    return (
        f'{{"T":"i","S":"{m.symbol}","x":"{m.auction}","p":{_price(m.price)},"q":{m.paired},'
        f'"n":{m.imbalance},"d":"{m.side}","t":{m.ts_ns}}}'
    )


_WRITERS: Final[dict[type[AnyMessage], Callable[[Any], str]]] = {
    QuoteMessage: _quote,
    PrintMessage: _print,
    DepthMessage: _depth,
    StatusMessage: _status,
    ImbalanceMessage: _imbalance,
}


def _levels(levels: tuple[tuple[int, int], ...]) -> str:
    return f"[{','.join([f'[{_price(px)},{qty}]' for px, qty in levels])}]"


def _price(units: int) -> str:
    dollars, rest = divmod(units, SCALE)
    if rest % _CENT:
        return f"{dollars}.{rest:04d}"
    return f"{dollars}.{rest // _CENT:02d}"
