"""The venue's wire format, sending side: compact JSON arrays of tagged messages.

    [{"T":"q","S":"AAPL","bp":187.22,"bs":300,"ap":187.23,"as":200,"t":1700000000000000000},
     {"T":"t","S":"AAPL","p":187.23,"s":100,"x":"Q","c":"@","t":1700000000000000000}]

`bp bs ap as` are bid and ask with sizes in shares, `x` the venue of a print, `c` its conditions
("@" regular, "@I" odd lot), `t` UTC nanoseconds. Prices are JSON numbers written with cents: a
reader who takes the digits as they stand has the exact price.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Message(msgspec.Struct, frozen=True, gc=False):
    """One line of market data on its way to text."""

    symbol: str
    ts_ns: int


class QuoteMessage(Message, frozen=True, gc=False):
    """Best bid and ask in cents, with sizes in shares."""

    bid: int
    bid_size: int
    ask: int
    ask_size: int


class PrintMessage(Message, frozen=True, gc=False):
    """A trade."""

    price: int
    """Cents."""
    size: int
    venue: str


def encode_frame(messages: Sequence[QuoteMessage | PrintMessage]) -> bytes:
    """Return one frame of the messages, in their order."""
    texts = [_quote(m) if isinstance(m, QuoteMessage) else _print(m) for m in messages]
    return f"[{','.join(texts)}]".encode()


def _quote(m: QuoteMessage) -> str:
    return (
        f'{{"T":"q","S":"{m.symbol}","bp":{_price(m.bid)},"bs":{m.bid_size},'
        f'"ap":{_price(m.ask)},"as":{m.ask_size},"t":{m.ts_ns}}}'
    )


def _print(m: PrintMessage) -> str:
    conditions = "@" if m.size >= 100 else "@I"
    return (
        f'{{"T":"t","S":"{m.symbol}","p":{_price(m.price)},"s":{m.size},'
        f'"x":"{m.venue}","c":"{conditions}","t":{m.ts_ns}}}'
    )


def _price(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
