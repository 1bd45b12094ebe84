"""Text of tick files to exact values. No float anywhere: what is written is what is traded.

Each parser raises ValueError with the reason in words, for the report of bad lines. Prices, sizes
and minutes repeat, so results are kept; the caches are bounded.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.times import NEW_YORK, SECOND_NS

PRICE_MAX: Final = Decimal(10_000_000)
SIZE_MAX: Final = 10**13

_PRICE: Final = re.compile(r"\d{1,12}(\.\d{0,18})?|\.\d{1,18}", re.ASCII)
_SIZE: Final = re.compile(r"(\d{1,18})(?:\.0*)?", re.ASCII)
_EPOCH: Final = re.compile(r"(\d{1,20})(?:\.(\d{1,18}))?", re.ASCII)
_ISO: Final = re.compile(
    r"(\d{4}-\d\d-\d\d|\d{8}|\d{1,2}/\d{1,2}/\d{4})"
    r"(?:[T ]+(\d{1,2}:\d\d)(?::(\d\d)(?:[.,](\d{1,18}))?)?)?"
    r"\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
_DATE_ONLY_DIGITS: Final = 8
# Whole part below this -> nanoseconds of one unit. Seconds reach to the year 5138; what is below
# 1973 in a unit belongs to the finer one.
_UNITS: Final = ((10**11, SECOND_NS), (10**14, 10**6), (10**17, 10**3), (2**63, 1))
_EPOCH_MIN: Final = 10**8


@lru_cache(maxsize=32_768)
def parse_price(text: str) -> Decimal:
    """Return a price over 0, digit by digit.

    Raises:
        ValueError: not plain digits with at most one point, zero, or over `PRICE_MAX`.
    """
    text = text.strip()
    if _PRICE.fullmatch(text) is None:
        raise ValueError(f"price {_shown(text)} is not a plain number over 0")
    price = Decimal(text)
    if not 0 < price <= PRICE_MAX:
        raise ValueError(f"price {_shown(text)} is not over 0 and up to {PRICE_MAX:,}")
    return price


@lru_cache(maxsize=32_768)
def parse_side_price(text: str) -> Decimal | None:
    """Return the price of one side of a quote; None for blank or 0, which mean an empty side."""
    if not text.strip(" 0.") and text.count(".") < 2:
        return None
    return parse_price(text)


@lru_cache(maxsize=32_768)
def parse_size(text: str) -> int:
    """Return a number of shares, 0 allowed; a fraction of zeros ("100.0") is taken.

    Raises:
        ValueError: negative, not whole, or over `SIZE_MAX`.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"size {_shown(text)} is not a whole number of shares")
    size = int(match[1])
    if size > SIZE_MAX:
        raise ValueError(f"size {_shown(text)} is over {SIZE_MAX:,}")
    return size


def parse_time(text: str) -> int:
    """Return UTC nanoseconds of a time.

    Taken are ISO-8601 (with an offset or Z; without one it is New York time, and the first of the
    two in the hour that autumn repeats), a date alone as yyyy-mm-dd, yyyymmdd or month/day/year
    (midnight in New York), and epoch seconds, milli-, micro- or nanoseconds, told apart by
    magnitude. Digits beyond nanoseconds are cut off.

    Raises:
        ValueError: none of these, or before 1973 as an epoch.
    """
    text = text.strip()
    epoch = _EPOCH.fullmatch(text)
    if epoch is not None and not (len(epoch[1]) == _DATE_ONLY_DIGITS and epoch[2] is None):
        return _epoch_ns(text, int(epoch[1]), epoch[2] or "")
    match = _ISO.fullmatch(text)
    if match is None:
        hint = "has no date" if re.fullmatch(r"\d{1,2}:\d\d.*", text) else _UNKNOWN_TIME
        raise ValueError(f"time {_shown(text)} {hint}")
    day, minute, second, fraction, zone = match.groups()
    try:
        ts_ns = _minute_ns(day, minute or "00:00", (zone or "").upper())
    except (ValueError, OverflowError) as error:
        raise ValueError(f"time {_shown(text)} is not a time: {error}") from error
    if second is not None:
        if second > "59":
            raise ValueError(f"time {_shown(text)} is not a time: second must be in 0..59")
        ts_ns += int(second) * SECOND_NS
    if fraction is not None:
        ts_ns += _fraction_ns(fraction, SECOND_NS)
    return ts_ns


_UNKNOWN_TIME: Final = "is neither ISO-8601 nor an epoch time"


def midnight_ns(day: date) -> int:
    """Return UTC nanoseconds of a day's first instant in New York."""
    return int(datetime(day.year, day.month, day.day, tzinfo=NEW_YORK).timestamp()) * SECOND_NS


def parse_day(text: str) -> date:
    """Return the day of yyyymmdd, yyyy-mm-dd or month/day/year; raises ValueError."""
    if "/" in text:
        month, day, year = (int(part) for part in text.split("/"))
        return date(year, month, day)
    return date.fromisoformat(text)


def _epoch_ns(text: str, whole: int, fraction: str) -> int:
    if whole >= _EPOCH_MIN:
        for below, unit_ns in _UNITS:
            if whole < below:
                return whole * unit_ns + _fraction_ns(fraction, unit_ns)
    raise ValueError(f"time {_shown(text)} {_UNKNOWN_TIME} after 1973")


def _fraction_ns(digits: str, unit_ns: int) -> int:
    return int(int(digits or "0") * unit_ns // 10 ** len(digits))


@lru_cache(maxsize=4_096)
def _minute_ns(day_text: str, minute_text: str, zone: str) -> int:
    day = parse_day(day_text)
    hour, minute = (int(part) for part in minute_text.split(":"))
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=_zone(zone))
    elapsed = local - datetime(1970, 1, 1, tzinfo=UTC)
    ts_ns = (elapsed.days * 86_400 + elapsed.seconds) * SECOND_NS
    if not 0 < ts_ns < 2**63 - 60 * SECOND_NS:
        raise ValueError("year must be in 1970..2262")
    return ts_ns


def _zone(text: str) -> ZoneInfo | timezone:
    if not text:
        return NEW_YORK
    if text in {"Z", "UTC"}:
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(offset if text[0] == "+" else -offset)


def _shown(text: str) -> str:
    return '""' if not text else f'"{text[:40]}"'
