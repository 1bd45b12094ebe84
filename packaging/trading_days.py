"""Renew `resources/xnys.json`, the trading days of US stocks, from exchange-calendars.

    .venv/bin/python packaging/trading_days.py

The library and its pandas are in the environment of the tests (`start.py setup`), not in that
of the station, which reads the small file instead. Run this after a new version of the library
is locked: the tests compare the two and say when they differ. The library holds what the
exchange has announced, and beyond that the rules its holidays follow; an unplanned closure is
known when somebody has entered it there.
"""

from __future__ import annotations

import json
from datetime import date, time, timedelta
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

import exchange_calendars

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FACTS: Final = Path(__file__).resolve().parent.parent / "resources" / "xnys.json"
ZONE: Final = "America/New_York"
FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2030, 12, 31)
OPEN: Final = time(9, 30)
CLOSE: Final = time(16)
HALF_DAY_CLOSE: Final = time(13)


def main() -> int:
    """Write the file and return the exit code."""
    hours = read_hours()
    odd = odd_hours(hours)
    if odd:
        print("trading_days.py: the station has no word for these hours; no file was changed.")
        print(*odd, sep="\n")
        return 1
    FACTS.write_text(facts_text(hours), encoding="utf-8", newline="\n")
    print(f"{FACTS.name}: {len(hours)} sessions")
    return 0


def read_hours() -> dict[date, tuple[time, time]]:
    """Return day -> open and close in New York, of every session the library knows."""
    schedule = exchange_calendars.get_calendar("XNYS", start=FIRST_DAY, end=LAST_DAY).schedule
    opens, closes = (schedule[name].dt.tz_convert(ZONE) for name in ("open", "close"))
    return {
        opened.date(): (opened.time(), closed.time())
        for opened, closed in zip(opens, closes, strict=True)
    }


def odd_hours(hours: Mapping[date, tuple[time, time]]) -> list[str]:
    """Return the sessions that are neither a full nor a half day."""
    known = ((OPEN, CLOSE), (OPEN, HALF_DAY_CLOSE))
    return [
        f"{day}: {opens} to {closes}"
        for day, (opens, closes) in hours.items()
        if (opens, closes) not in known or day.weekday() > 4
    ]


def facts_text(hours: Mapping[date, tuple[time, time]]) -> str:
    """Return the file's text: JSON with a line a year, for a reader of differences."""
    days = (FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1))
    head = {
        "source": f"exchange-calendars {version('exchange-calendars')}, XNYS",
        "first_day": FIRST_DAY.isoformat(),
        "last_day": LAST_DAY.isoformat(),
    }
    lists = {
        "closed": [day for day in days if day.weekday() <= 4 and day not in hours],
        "half_days": [day for day, (_, closes) in hours.items() if closes == HALF_DAY_CLOSE],
    }
    fields = [f'  "{name}": {json.dumps(value)}' for name, value in head.items()]
    fields += [f'  "{name}": [\n{year_lines(value)}\n  ]' for name, value in lists.items()]
    return "{\n" + ",\n".join(fields) + "\n}\n"


def year_lines(days: Iterable[date]) -> str:
    """Return JSON strings, those of one year on one line."""
    years = groupby(days, key=lambda day: day.year)
    return ",\n".join("    " + ", ".join(f'"{day}"' for day in group) for _, group in years)


if __name__ == "__main__":
    raise SystemExit(main())
