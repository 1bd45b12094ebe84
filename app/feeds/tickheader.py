"""What the columns of a CSV file of ticks mean, from their names.

Names are compared without case, spaces and signs, so that `Bid Size`, `bid_size` and `bidSize` are
one. Columns of unknown name are not used.
"""

from __future__ import annotations

import csv
import re
from typing import Final

from app.feeds.tickrows import OHLC, Layout

_DELIMITERS: Final = (",", ";", "\t")
_STAMP: Final = re.compile(r"(ts|timestamp|datetime|epoch|tsexch|t)(s|ms|us|ns)?")
_NAMES: Final = {
    "date": "date day tradedate",
    "time": "time times timems timeus timens tradetime",
    "symbol": "symbol ticker sym",
    "kind": "kind type event eventtype",
    "price": "price px last p tradeprice lastprice lastpx",
    "size": "size qty quantity volume vol shares lastsize lastqty tradesize v",
    "bid": "bid bidprice bidpx bp",
    "bid_size": "bidsize bidqty bidvolume bidsz bs",
    "ask": "ask askprice askpx ap offer offerprice",
    "ask_size": "asksize askqty askvolume asksz offersize as",
    "open": "open o",
    "high": "high h",
    "low": "low l",
    "close": "close c",
    "exchange": "exchange exch venue mkt market x",
    "conditions": "conditions condition cond salecondition",
}
_MEANINGS: Final = {name: key for key, names in _NAMES.items() for name in names.split()}


def parse_header(line: str) -> Layout:
    """Return the layout that a header line tells.

    Raises:
        ValueError: the columns are not those of trades, quotes or bars; the reason in words.
    """
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        names = next(csv.reader([line], delimiter=delimiter))
    except (csv.Error, StopIteration) as error:
        raise ValueError("its first line cannot be read as a header") from error
    columns = _columns(names)
    kinds = _kinds(columns)
    if "time" not in columns and "date" not in columns:
        raise ValueError("no column of times (time, timestamp, datetime, date, ts)")
    if not kinds:
        raise ValueError(
            "no columns of trades (price, size), quotes (bid, ask) or bars (open, high, low, close)"
        )
    if len(kinds) > 1 and "kind" not in columns:
        raise ValueError(f"columns of {' and '.join(kinds)} but no column kind to tell them apart")
    if "bar" in kinds and "close" not in columns:
        columns["close"] = columns["price"]
    return Layout(delimiter=delimiter, width=len(names), columns=columns, kinds=kinds)


def _columns(names: list[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for place, name in enumerate(names):
        plain = re.sub(r"[^a-z0-9]", "", name.lower())
        if _STAMP.fullmatch(plain):
            columns.setdefault("stamp", place)
        elif plain in _MEANINGS:
            columns.setdefault(_MEANINGS[plain], place)
    if "stamp" in columns:
        # A whole time stamp needs neither a date nor a time of day beside it.
        columns["time"] = columns.pop("stamp")
        columns.pop("date", None)
    return columns


def _kinds(columns: dict[str, int]) -> tuple[str, ...]:
    kinds = []
    has_range = all(name in columns for name in OHLC[:3])
    is_bar = has_range and ("close" in columns or "price" in columns)
    # Next to a range, a last price is the close, unless the file is mixed.
    if "price" in columns and "size" in columns and (not is_bar or "close" in columns):
        kinds.append("trade")
    if "bid" in columns or "ask" in columns:
        kinds.append("quote")
    if is_bar:
        kinds.append("bar")
    if is_bar and "kind" not in columns:
        kinds = [kind for kind in kinds if kind != "trade"]
    return tuple(kinds)
