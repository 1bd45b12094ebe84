"""A recording: market events as they were received, in compressed columns, chunk after chunk.

The danger: a recording that looks whole and is not. A process that dies leaves half a chunk; a disk
flips a bit; a machine that cannot keep up leaves events out. How this prevents it: each chunk has
its length and a checksum, says the number of its first event and how many were lost before it. A
file that was cut plays up to the cut and says so; one that was damaged is refused.

    file   = MAGIC, frame(head), frame(chunk), frame(chunk), ...
    frame  = length u32, crc32 u32 (both little-endian, of the body), body
    head   = zlib(msgpack of `Head`)
    chunk  = zlib(msgpack of `Chunk`)

Quotes and trades are stored by column (numpy, little-endian), prices as whole numbers and powers of
ten, so that each comes back with the digits that the venue wrote; everything else as it is.
"""

from __future__ import annotations

import itertools
import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

import msgspec
import numpy as np

from app.domain.errors import BadInput
from app.domain.ids import Symbol
from app.domain.market import (
    Bar,
    Depth,
    FeedStatus,
    Imbalance,
    MarketEvent,
    Quote,
    SymbolStatus,
    Trade,
)

MAGIC: Final = b"TDKREC1\n"
SUFFIX: Final = ".tdr"
VERSION: Final = 1
FRAME: Final = struct.Struct("<II")
FRAME_MAX: Final = 64 << 20
"""Bytes of a body; a length beyond it is no length."""
BODY_MAX: Final = 512 << 20
"""Bytes of a body once it is unpacked: a small file must not fill the memory."""
_LEVEL: Final = 3
_QUOTE, _TRADE, _OTHER = 0, 1, 2
_NO_PRICE: Final = -128
"""Exponent of a side that is not there."""
_DIGITS_MAX: Final = 18
"""Of a price in 64 bits."""
_SAMPLE: Final = 4_096
"""Events read at opening, to learn symbols."""

Recorded = MarketEvent | FeedStatus
Price = tuple[int, int]
"""Digits and power of ten."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What a recording is of."""

    version: int
    feed: str
    started_ns: int
    program: str
    """Version of the station that wrote it."""


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """Some events in a row; columns are bytes of numpy arrays."""

    first: int
    """Number of its first event, from 0 on; lost ones have numbers too."""
    lost: int
    """Events that came before it and could not be kept."""
    words: list[str]
    """Symbols, venues and conditions that came up for the first time, in order."""
    kinds: bytes
    """u1 a row: quote, trade or other."""
    names: bytes
    """u4 a row: the symbol's place among all words."""
    exch_ns: bytes
    """i8 a row: difference from the row before."""
    recv_ns: bytes
    """i8 a row: difference from the row before."""
    quotes: list[bytes]
    """bid i8, bid's exponent i1, bid size i8; the same of the ask."""
    trades: list[bytes]
    """price i8, its exponent i1, size i8, venue u4, conditions u4."""
    others: list[bytes]
    """Each as msgpack of [kind, event]."""


_OTHER_KINDS: Final[dict[str, type[Recorded]]] = {
    "quote": Quote,
    "trade": Trade,
    "bar": Bar,
    "symbol": SymbolStatus,
    "depth": Depth,
    "imbalance": Imbalance,
    "feed": FeedStatus,
}
_NAME_OF: Final = {kind: name for name, kind in _OTHER_KINDS.items()}


class ChunkPacker:
    """Makes chunks of one recording; knows its words."""

    def __init__(self) -> None:
        self._words: dict[str, int] = {}
        self._next = 0

    def pack(self, events: Sequence[Recorded], lost: int = 0) -> bytes:
        """Return the frame of some events.

        Args:
            events: in the order in which they were received; at least one.
            lost: events before them that could not be kept.
        """
        known = len(self._words)
        kinds = np.empty(len(events), "u1")
        names = np.empty(len(events), "<u4")
        times = np.empty((2, len(events)), "<i8")
        quotes: list[tuple[int, int, int, int, int, int]] = []
        trades: list[tuple[int, int, int, int, int]] = []
        others: list[bytes] = []
        for row, event in enumerate(events):
            kinds[row] = self._add(event, quotes, trades, others)
            names[row] = self._word(getattr(event, "symbol", ""))
            # A feed's own state, and a bar, have no time at an exchange.
            times[:, row] = getattr(event, "ts_exch_ns", event.ts_recv_ns), event.ts_recv_ns
        first, self._next = self._next + lost, self._next + lost + len(events)
        return frame(
            Chunk(
                first=first,
                lost=lost,
                words=list(self._words)[known:],
                kinds=kinds.tobytes(),
                names=names.tobytes(),
                exch_ns=np.diff(times[0], prepend=0).tobytes(),
                recv_ns=np.diff(times[1], prepend=0).tobytes(),
                quotes=_columns(quotes, _QUOTE_TYPES),
                trades=_columns(trades, _TRADE_TYPES),
                others=others,
            )
        )

    def _add(
        self,
        event: Recorded,
        quotes: list[tuple[int, int, int, int, int, int]],
        trades: list[tuple[int, int, int, int, int]],
        others: list[bytes],
    ) -> int:
        """Put an event where it belongs, and return its kind."""
        if isinstance(event, Quote):
            bid, ask = _parts(event.bid), _parts(event.ask)
            if bid is not None and ask is not None:
                quotes.append((*bid, event.bid_size, *ask, event.ask_size))
                return _QUOTE
        elif isinstance(event, Trade):
            price = _parts(event.price)
            if price is not None:
                words = self._word(event.exchange), self._word(event.conditions)
                trades.append((*price, event.size, *words))
                return _TRADE
        others.append(_encode_other(event))
        return _OTHER

    def _word(self, word: str) -> int:
        return self._words.setdefault(word, len(self._words))


B = TypeVar("B", Head, Chunk)

_QUOTE_TYPES: Final = ("<i8", "i1", "<i8", "<i8", "i1", "<i8")
_TRADE_TYPES: Final = ("<i8", "i1", "<i8", "<u4", "<u4")


def frame(body: Head | Chunk) -> bytes:
    """Return a head or a chunk as it stands in the file."""
    packed = zlib.compress(msgspec.msgpack.encode(body), _LEVEL)
    return FRAME.pack(len(packed), zlib.crc32(packed)) + packed


class Recording:
    """A recording that was opened: each iteration reads it from the start."""

    fmt: Final = "recording"

    def __init__(self, path: Path, head: Head, frames: Sequence[int], cut: int) -> None:
        self.path: Final = path
        self.head: Final = head
        self._frames: Final = frames
        """Where each chunk begins in the file."""
        self._cut: Final = cut
        """Bytes after the last whole chunk."""
        self.symbols: Final[list[Symbol]] = []
        """In order of appearance; grows while reading if a later event names a new one."""
        self._reset()
        sample = list(itertools.islice(self, _SAMPLE))
        self.start_ns: Final = sample[0].ts_recv_ns if sample else 0
        """Time of the first event: where a clock starts that is to run through the file."""
        self._reset()

    def _reset(self) -> None:
        self.trades = self.quotes = self.bars = 0
        self.lost = 0
        """Events that the recorder could not keep."""
        self.first_ts: int | None = None
        self.last_ts: int | None = None

    @property
    def notes(self) -> list[str]:
        """What is not whole about it, in sentences."""
        said = []
        if self._cut:
            said.append(
                f"{self.path.name} was cut off while it was written: its last {self._cut:,} bytes "
                "are no whole chunk; everything before them was played"
            )
        if self.lost:
            said.append(
                f"{self.path.name} lacks {self.lost:,} events that came faster than they could be "
                "written"
            )
        return said

    def __iter__(self) -> Iterator[Recorded]:
        """Give the events in order of `ts_recv_ns`.

        Raises:
            BadInput: a chunk that was whole when the file was opened cannot be read any more.
        """
        self._reset()
        words: list[str] = []
        expected = last_ns = 0
        with _opened(self.path) as file:
            for place in self._frames:
                file.seek(place)
                chunk = _decode(_read_body(file), Chunk, self.path, place)
                if chunk.first != expected + chunk.lost:
                    raise _damaged(self.path, place, f"event {expected:,} is missing")
                self.lost += chunk.lost
                words += chunk.words
                try:
                    events = _events(chunk, words, last_ns)
                except (ValueError, IndexError, TypeError, msgspec.DecodeError) as error:
                    raise _damaged(self.path, place, str(error)) from error
                expected = chunk.first + len(events)
                if events:
                    last_ns = events[-1].ts_recv_ns
                    self._count(events)
                    self._name(words[n] for n in dict.fromkeys(_names(chunk)))
                yield from events

    def find_end_ns(self) -> int | None:
        """Return the time of the last event; None if its chunk cannot be read."""
        place = self._frames[-1]
        try:
            with _opened(self.path) as file:
                file.seek(place)
                chunk = _decode(_read_body(file), Chunk, self.path, place)
            # Differences from row to row; a clock that was set back stands still instead.
            return int(np.cumsum(np.frombuffer(chunk.recv_ns, "<i8")).max())
        except (BadInput, ValueError):
            return None  # Who plays it hears why.

    def _count(self, events: Sequence[Recorded]) -> None:
        """Count a chunk that is about to be given."""
        kinds = Counter(map(type, events))
        self.quotes += kinds[Quote]
        self.trades += kinds[Trade]
        self.bars += kinds[Bar]
        if self.first_ts is None:
            self.first_ts = events[0].ts_recv_ns
        self.last_ts = events[-1].ts_recv_ns

    def _name(self, words: Iterable[str]) -> None:
        """Keep the symbols among the names of a chunk; what is of no symbol has an empty one."""
        self.symbols.extend(Symbol(w) for w in words if w and w not in self.symbols)


def is_recording(path: Path) -> bool:
    """Whether a file begins as a recording does; a file that cannot be read is none."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def open_recording(path: Path) -> Recording:
    """Return a recording, every chunk of it checked.

    Raises:
        BadInput: it cannot be read, is none, was damaged, or is of a later version.
    """
    with _opened(path) as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise BadInput(f"{path.name}: is no recording; nothing was replayed")
        frames: list[int] = []
        place = cut = 0
        while True:
            place = file.tell()
            start = file.read(FRAME.size)
            if not start:
                break
            body = _body(file, start, path, place)
            if body is None:
                file.seek(0, 2)
                cut = file.tell() - place
                break
            frames.append(place)
        if not frames:
            raise BadInput(f"{path.name}: was cut off before its first chunk; nothing was replayed")
        file.seek(frames[0])
        head = _decode(_read_body(file), Head, path, frames[0])
    if head.version > VERSION:
        raise BadInput(
            f"{path.name}: is of version {head.version}, this program reads up to {VERSION}; "
            "nothing was replayed"
        )
    if len(frames) == 1:
        raise BadInput(f"{path.name}: holds no events; nothing was replayed")
    return Recording(path, head, frames[1:], cut)


# Reading


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}; nothing was replayed") from error


def _read_body(file: BinaryIO) -> bytes:
    length, _ = FRAME.unpack(file.read(FRAME.size))
    return file.read(length)


def _body(file: BinaryIO, start: bytes, path: Path, place: int) -> bytes | None:
    """Return the body of a frame; None if the file ends within it.

    Raises:
        BadInput: the frame is not what was written.
    """
    if len(start) < FRAME.size:
        return None
    length, checksum = FRAME.unpack(start)
    if length > FRAME_MAX:
        raise _damaged(path, place, f"a chunk of {length:,} bytes, at most are {FRAME_MAX:,}")
    body = file.read(length)
    if len(body) < length:
        return None
    if zlib.crc32(body) != checksum:
        raise _damaged(path, place, "the checksum differs")
    return body


def _decode(body: bytes, kind: type[B], path: Path, place: int) -> B:
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(body, BODY_MAX)
        if not unpacker.eof:
            raise ValueError(f"it unpacks to more than {BODY_MAX:,} bytes, or does not end")
        return msgspec.msgpack.decode(raw, type=kind)
    except (zlib.error, ValueError) as error:
        raise _damaged(path, place, str(error)) from error


def _damaged(path: Path, place: int, what: str) -> BadInput:
    return BadInput(f"{path.name}: is damaged at byte {place:,}: {what}; the replay ends here")


def _events(chunk: Chunk, words: Sequence[str], since_ns: int) -> list[Recorded]:
    """Return the events of a chunk; a clock that was set back stands still instead.

    Raises:
        ValueError, IndexError, TypeError, msgspec.DecodeError: its columns do not fit each other.
    """
    kinds = np.frombuffer(chunk.kinds, "u1").tolist()
    names = _names(chunk)
    exch = np.cumsum(np.frombuffer(chunk.exch_ns, "<i8")).tolist()
    received = np.cumsum(np.frombuffer(chunk.recv_ns, "<i8"))
    recv = np.maximum.accumulate(np.maximum(received, since_ns)).tolist()
    price = _Prices()
    symbols = [Symbol(word) for word in words]
    quotes = zip(*_read_columns(chunk.quotes, _QUOTE_TYPES), strict=True)
    trades = zip(*_read_columns(chunk.trades, _TRADE_TYPES), strict=True)
    others = iter(chunk.others)
    events: list[Recorded] = []
    add = events.append
    try:
        for kind, name, exch_ns, recv_ns in zip(kinds, names, exch, recv, strict=True):
            if kind == _QUOTE:
                bid, bid_e, bid_size, ask, ask_e, ask_size = next(quotes)
                add(
                    Quote(
                        symbol=symbols[name],
                        bid=price[bid, bid_e],
                        bid_size=bid_size,
                        ask=price[ask, ask_e],
                        ask_size=ask_size,
                        ts_exch_ns=exch_ns,
                        ts_recv_ns=recv_ns,
                    )
                )
            elif kind == _TRADE:
                px, px_e, size, venue, conditions = next(trades)
                traded_px = price[px, px_e]
                if traded_px is None:
                    raise ValueError("a trade without a price")
                add(
                    Trade(
                        symbol=symbols[name],
                        price=traded_px,
                        size=size,
                        exchange=words[venue],
                        conditions=words[conditions],
                        ts_exch_ns=exch_ns,
                        ts_recv_ns=recv_ns,
                    )
                )
            else:
                event = _decode_other(next(others))
                add(msgspec.structs.replace(event, ts_recv_ns=recv_ns))
    except StopIteration:
        raise ValueError("a column is too short") from None
    if any(next(column, None) is not None for column in (quotes, trades, others)):
        raise ValueError("a column is too long")
    return events


def _names(chunk: Chunk) -> list[int]:
    """Return the word of each event's symbol."""
    names: list[int] = np.frombuffer(chunk.names, "<u4").tolist()
    return names


class _Prices(dict[Price, Decimal | None]):
    """Digits and power of ten -> the price; each is made once a chunk."""

    def __missing__(self, parts: Price) -> Decimal | None:
        digits, exponent = parts
        price = None if exponent == _NO_PRICE else Decimal(digits).scaleb(exponent)
        self[parts] = price
        return price


def _parts(price: Decimal | None) -> Price | None:
    """Return a price by digits and power of ten; None where that does not hold it."""
    if price is None:
        return 0, _NO_PRICE
    sign, digits, exponent = price.as_tuple()
    fits = isinstance(exponent, int) and -100 <= exponent <= 100 and len(digits) <= _DIGITS_MAX
    if not fits or (sign and not any(digits)):  # A zero below zero has no whole number.
        return None
    number = int("".join(map(str, digits)))
    assert isinstance(exponent, int)
    return -number if sign else number, exponent


def _columns(rows: Sequence[tuple[int, ...]], types: Sequence[str]) -> list[bytes]:
    return [
        np.array([row[place] for row in rows], kind).tobytes() for place, kind in enumerate(types)
    ]


def _read_columns(columns: Sequence[bytes], types: Sequence[str]) -> list[list[int]]:
    return [
        np.frombuffer(column, kind).tolist() for column, kind in zip(columns, types, strict=True)
    ]


def _encode_other(event: Recorded) -> bytes:
    kind = next(base for base in type(event).__mro__ if base in _NAME_OF)
    # By the names of our own fields: a codec's subclass has its venue's.
    fields = {name: getattr(event, name) for name in kind.__struct_fields__}
    return msgspec.msgpack.encode((_NAME_OF[kind], fields))


def _decode_other(raw: bytes) -> Recorded:
    name, fields = msgspec.msgpack.decode(raw, type=tuple[str, dict[str, Any]])
    kind = _OTHER_KINDS.get(name)
    if kind is None:
        raise ValueError(f"an event of kind '{name[:40]}'")
    return msgspec.convert(fields, kind, str_keys=False)
