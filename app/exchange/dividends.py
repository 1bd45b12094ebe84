"""What the companies of the built-in exchange pay: once a quarter, the same amounts every year.

Who pays, and how much of its price a year, is as usual for the name; months and amounts are made
up. The ex-date is the second Thursday of the month, or the session after; the money comes three
weeks later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from app.calendar import us_calendar
from app.domain.corporate import Dividend
from app.domain.ids import Symbol

_THURSDAY: Final = 3
_PAID_AFTER: Final = timedelta(days=21)
_ROWS: Final[dict[str, tuple[int, str]]] = {
    "AAPL": (2, "0.26"),
    "MSFT": (2, "0.83"),
    "NVDA": (3, "0.01"),
    "GOOGL": (3, "0.21"),
    "META": (3, "0.53"),
    "SPY": (3, "1.83"),
    "QQQ": (3, "0.72"),
    "IWM": (3, "0.61"),
    "JPM": (1, "1.40"),
    "BAC": (3, "0.26"),
    "GS": (2, "3.00"),
    "V": (2, "0.59"),
    "MA": (1, "0.76"),
    "AVGO": (3, "0.59"),
    "ORCL": (1, "0.50"),
    "CRM": (3, "0.42"),
    "WMT": (3, "0.24"),
    "COST": (2, "1.30"),
    "KO": (3, "0.51"),
    "PG": (1, "1.06"),
    "JNJ": (2, "1.30"),
    "UNH": (3, "2.21"),
    "LLY": (2, "1.50"),
    "PFE": (1, "0.43"),
    "XOM": (2, "0.99"),
    "CVX": (2, "1.71"),
    "CAT": (1, "1.51"),
    "F": (2, "0.15"),
    "DIA": (3, "1.80"),
    "XLF": (3, "0.19"),
    "TLT": (1, "0.93"),
}
"""Symbol -> first month of the year in which it goes ex, and USD a share."""


def dividends_on(
    day: date, announced: Iterable[Dividend] = (), *, has_own: bool = True
) -> tuple[Dividend, ...]:
    """Return the dividends of which a day is the ex-date.

    Args:
        day: a calendar day.
        announced: others, which go before the exchange's own.
        has_own: whether there are the exchange's own.
    """
    found = {dividend.symbol: dividend for dividend in _own(day)} if has_own else {}
    found |= {dividend.symbol: dividend for dividend in announced if dividend.ex_date == day}
    return tuple(found.values())


def _own(day: date) -> Iterator[Dividend]:
    if day != _ex_date(day):
        return
    pay_date = us_calendar().next_session(day + _PAID_AFTER - timedelta(days=1)).day
    for symbol, (first_month, amount) in _ROWS.items():
        if day.month % 3 == first_month % 3:
            yield Dividend(
                symbol=Symbol(symbol), ex_date=day, pay_date=pay_date, amount=Decimal(amount)
            )


def _ex_date(day: date) -> date:
    """Return the ex-date of the month in which a day lies."""
    first = day.replace(day=1)
    second_thursday = first + timedelta(days=(_THURSDAY - first.weekday()) % 7 + 7)
    return us_calendar().next_session(second_thursday - timedelta(days=1)).day
