"""Nanoseconds to words and back: New York, the time of US markets."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

NEW_YORK: Final = ZoneInfo("America/New_York")
SECOND_NS: Final = 1_000_000_000
MINUTE_NS: Final = 60 * SECOND_NS
_TIME: Final = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def new_york(ts_ns: int) -> datetime:
    """Return the New York time of UTC nanoseconds, to the microsecond below."""
    seconds, ns = divmod(ts_ns, SECOND_NS)
    return (_EPOCH + timedelta(seconds=seconds, microseconds=ns // 1_000)).astimezone(NEW_YORK)


def day_end_ns(ts_ns: int) -> int:
    """Return the next midnight of New York: the end of a DAY order where a market never closes."""
    return midnight_ns(new_york(ts_ns).date() + timedelta(days=1))


def midnight_ns(day: date) -> int:
    """Return when a calendar day of New York begins, UTC nanoseconds."""
    return int(datetime.combine(day, time(), NEW_YORK).timestamp()) * SECOND_NS


def new_york_text(ts_ns: int) -> str:
    """Return ISO-8601 with milliseconds and offset: 2013-10-08T09:50:06.041-04:00."""
    return new_york(ts_ns).isoformat(timespec="milliseconds")


def parse_iso_ns(text: str) -> int:
    """Return UTC nanoseconds of an ISO-8601 time; without an offset it is New York time.

    Raises:
        ValueError: the text is not such a time, or one beyond the years 1678 to 2261.
    """
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=NEW_YORK)
    if not 1678 <= moment.year <= 2261:  # What 64 bits of nanoseconds hold.
        raise ValueError(f"the year of '{text.strip()}' is out of range 1678 to 2261")
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1) * 1_000


def parse_moment_ns(text: str, day_of_ns: int) -> int:
    """Return UTC nanoseconds of a time as a person types it: 9:50, 09:50:30, 2013-10-08 09:50.

    Args:
        text: a time of day, or an ISO-8601 time with its day; New York time without an offset.
        day_of_ns: a moment of the day that a bare time of day means.

    Raises:
        ValueError: the text is no such time.
    """
    text = text.strip()
    if _TIME.fullmatch(text):
        clock = f"0{text}" if text[1] == ":" else text
        return parse_iso_ns(f"{new_york(day_of_ns):%Y-%m-%d}T{clock}")
    return parse_iso_ns(text)
