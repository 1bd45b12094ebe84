"""Lines of tick files to events: one parser a layout.

A parser is called with one line at a time and returns its event, or raises ValueError with the
reason. A line that raises changes nothing: neither the time reached nor a standing quote.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final, Protocol

import msgspec

from app.domain.ids import Symbol
from app.domain.market import Bar, MarketEvent, Quote, Trade
from app.domain.times import SECOND_NS
from app.feeds.tickvalues import (
    midnight_ns,
    parse_price,
    parse_side_price,
    parse_size,
    parse_time,
)

IBM_HEADER: Final = (
    "ms_since_midnight_ny,kind,price,size,bid,bid_size,ask,ask_size,exchange,cond,suspicious"
)
_DAY_MS: Final = 86_400_000


class RowParser(Protocol):
    """One layout of lines."""

    def parse(self, line: str) -> MarketEvent:
        """Return the event of a line; raises ValueError with the reason."""
        ...


class IbmRows:
    """Rows of the one-sided sample: each quote row carries one side, the other is unchanged.

    Times are milliseconds since midnight in New York of a day that only the file's name tells.
    """

    def __init__(self, symbol: Symbol, day: date) -> None:
        self._symbol = symbol
        self._midnight_ns = midnight_ns(day)
        self._last_ns = 0
        self._bid: Decimal | None = None
        self._ask: Decimal | None = None
        self._bid_size = self._ask_size = 0

    def parse(self, line: str) -> MarketEvent:
        """Return a print, or the whole quote after a row has changed one side."""
        f = line.split(",")
        if len(f) != 11:
            raise ValueError(f"{len(f)} columns where 11 are expected")
        ms_text = f[0]
        if not (ms_text.isascii() and ms_text.isdigit() and len(ms_text) < 9):
            raise ValueError(f'time "{ms_text[:40]}" is not a number of milliseconds')
        ms = int(ms_text)
        if ms >= _DAY_MS:
            raise ValueError(f"{ms} ms is past the end of the day")
        ts_ns = self._midnight_ns + ms * 1_000_000
        if f[1] == "T":
            return self._trade(f, ts_ns)
        if f[1] == "Q":
            return self._quote(f, ts_ns)
        raise ValueError(f'kind "{f[1][:20]}" is neither T nor Q')

    def _trade(self, f: list[str], ts_ns: int) -> Trade:
        price, size = parse_price(f[2]), parse_traded(f[3])
        self._last_ns = in_order(ts_ns, self._last_ns)
        return Trade(
            symbol=self._symbol,
            price=price,
            size=size,
            ts_exch_ns=ts_ns,
            ts_recv_ns=ts_ns,
            exchange=f[8],
            conditions=f[9],
        )

    def _quote(self, f: list[str], ts_ns: int) -> Quote:
        if not f[4] and not f[6]:
            raise ValueError("a quote with neither bid nor ask")
        bid, bid_size, ask, ask_size = self._bid, self._bid_size, self._ask, self._ask_size
        if f[4]:
            bid, bid_size = parse_price(f[4]), parse_size(f[5])
        if f[6]:
            ask, ask_size = parse_price(f[6]), parse_size(f[7])
        self._last_ns = in_order(ts_ns, self._last_ns)
        self._bid, self._bid_size, self._ask, self._ask_size = bid, bid_size, ask, ask_size
        return Quote(
            symbol=self._symbol,
            bid=bid,
            bid_size=bid_size,
            ask=ask,
            ask_size=ask_size,
            ts_exch_ns=ts_ns,
            ts_recv_ns=ts_ns,
        )


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """Where a CSV file keeps what: columns by meaning (see `tickheader`)."""

    delimiter: str
    width: int
    """Columns of the header; every line has as many."""
    columns: dict[str, int]
    """Meaning -> place."""
    kinds: tuple[str, ...]
    """Of "trade", "quote", "bar"; more than one only with a kind column."""

    def split(self, line: str) -> list[str]:
        """Return the fields of a line; raises ValueError if there are not `width`."""
        if '"' in line:
            try:
                fields = next(csv.reader([line], delimiter=self.delimiter, strict=True))
            except csv.Error as error:
                raise ValueError(f"quoting is broken: {error}") from error
        else:
            fields = line.split(self.delimiter)
        if len(fields) != self.width:
            raise ValueError(f"{len(fields)} columns where the header has {self.width}")
        return fields

    def kind(self, fields: Sequence[str]) -> str:
        """Return the kind of a line of a mixed file; raises ValueError."""
        text = fields[self.columns["kind"]].strip().lower()
        kind = KINDS.get(text)
        if kind is None or kind not in self.kinds:
            known = ", ".join(self.kinds)
            raise ValueError(f'kind "{text[:20]}" is none of {known}')
        return kind

    def time_ns(self, fields: Sequence[str]) -> int:
        """Return the time of a line; raises ValueError."""
        day = self.columns.get("date")
        time = self.columns.get("time")
        if time is None:
            assert day is not None
            return parse_time(fields[day])
        if day is None:
            return parse_time(fields[time])
        return parse_time(f"{fields[day].strip()}T{fields[time].strip()}")


class CsvRows:
    """Rows of a CSV file with a header.

    Of a quote a blank or zero side is an empty side, not an unchanged one. Bars carry the start of
    their interval; they are known at its end.
    """

    def __init__(self, layout: Layout, symbol: Symbol | None, interval_ns: int) -> None:
        self._layout = layout
        self._symbol = symbol
        self._interval_ns = interval_ns
        self._last_ns = 0
        self._makers: dict[str, Callable[[list[str], int, Symbol], MarketEvent]] = {
            "trade": self._trade,
            "quote": self._quote,
            "bar": self._bar,
        }
        self._only = self._makers[layout.kinds[0]] if len(layout.kinds) == 1 else None
        self._at: Callable[[str], int | None] = layout.columns.get

    def parse(self, line: str) -> MarketEvent:
        """Return the event of a line."""
        fields = self._layout.split(line)
        ts_ns = self._layout.time_ns(fields)
        make = self._only or self._makers[self._layout.kind(fields)]
        event = make(fields, ts_ns, self._symbol or self._symbol_of(fields))
        self._last_ns = in_order(ts_ns, self._last_ns)
        return event

    def _symbol_of(self, fields: list[str]) -> Symbol:
        return parse_symbol(fields[self._layout.columns["symbol"]])

    def _text(self, fields: list[str], meaning: str) -> str:
        at = self._at(meaning)
        return "" if at is None else fields[at].strip()

    def _trade(self, fields: list[str], ts_ns: int, symbol: Symbol) -> Trade:
        columns = self._layout.columns
        return Trade(
            symbol=symbol,
            price=parse_price(fields[columns["price"]]),
            size=parse_traded(fields[columns["size"]]),
            ts_exch_ns=ts_ns,
            ts_recv_ns=ts_ns,
            exchange=self._text(fields, "exchange"),
            conditions=self._text(fields, "conditions"),
        )

    def _quote(self, fields: list[str], ts_ns: int, symbol: Symbol) -> Quote:
        bid_text, ask_text = self._text(fields, "bid"), self._text(fields, "ask")
        if not bid_text and not ask_text:
            raise ValueError("a quote with neither bid nor ask")
        bid, ask = parse_side_price(bid_text), parse_side_price(ask_text)
        bid_size = parse_size(self._text(fields, "bid_size") or "0")
        ask_size = parse_size(self._text(fields, "ask_size") or "0")
        return Quote(
            symbol=symbol,
            bid=bid,
            bid_size=0 if bid is None else bid_size,
            ask=ask,
            ask_size=0 if ask is None else ask_size,
            ts_exch_ns=ts_ns,
            ts_recv_ns=ts_ns,
        )

    def _bar(self, fields: list[str], ts_ns: int, symbol: Symbol) -> Bar:
        columns = self._layout.columns
        open_, high, low, close = (parse_price(fields[columns[name]]) for name in OHLC)
        if not (low <= open_ <= high and low <= close <= high):
            raise ValueError(
                f"open {open_} and close {close} are not both between low {low} and high {high}"
            )
        return Bar(
            symbol=symbol,
            start_ns=ts_ns,
            interval_ns=self._interval_ns,
            open=open_,
            high=high,
            low=low,
            close=close,
            volume=parse_size(self._text(fields, "size") or "0"),
            ts_recv_ns=ts_ns + self._interval_ns,
        )


OHLC: Final = ("open", "high", "low", "close")
KINDS: Final = {
    **dict.fromkeys(("t", "trade", "trades", "print"), "trade"),
    **dict.fromkeys(("q", "quote", "quotes", "bbo", "nbbo"), "quote"),
    **dict.fromkeys(("b", "bar", "bars", "candle"), "bar"),
}


@lru_cache(maxsize=4_096)
def parse_symbol(text: str) -> Symbol:
    """Return a symbol in capitals; raises ValueError if it is blank, long or has odd signs."""
    text = text.strip().upper()
    plain = text.replace(".", "").replace("-", "").replace("/", "").replace("^", "")
    if not (plain.isascii() and plain.isalnum() and len(text) <= 16):
        raise ValueError(f'symbol "{text[:20]}" is not a symbol')
    return Symbol(text)


def parse_traded(text: str) -> int:
    """Return the size of a print; raises ValueError if it is not over 0."""
    size = parse_size(text)
    if not size:
        raise ValueError("a print of no shares")
    return size


def in_order(ts_ns: int, last_ns: int) -> int:
    """Return the time reached; raises ValueError if a line is older than one before it."""
    if ts_ns < last_ns:
        late_s = (last_ns - ts_ns) / SECOND_NS
        raise ValueError(f"out of order: {late_s:,.3f} s older than a line before it")
    return ts_ns
