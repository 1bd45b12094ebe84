"""The days and hours of US stock exchanges: sessions, half days, closures.

All of them keep the days of the New York Stock Exchange (XNYS). The facts are in
`resources/xnys.json`, which `packaging/trading_days.py` makes from the library
exchange-calendars; the tests hold the two equal, so the station itself needs no pandas.

A trading day begins where the post-market of the one before ends. It so holds the night, the
weekend or the holidays before its session, and every moment lies in exactly one trading day:

    Fri 20:00            Mon 04:00   09:30   16:00    20:00   New York
        |  night, weekend    |  pre  | core  |  post  |
        |<------------ trading day Monday ----------->|<-- Tuesday ...

After 20:00 the trade date is no longer the date on the wall: what a broker trades overnight
counts to the day that follows. On a half day the turn is at 17:00, with its post-market.

Beyond the years that the facts cover, every weekday counts as a full session and says so by
`is_known = False`: a station that runs for longer than its calendar goes on, a little wrong.

Not told here: the hours of other markets than stocks, halts, and the shorter pre- and
post-markets of the past; today's hours stand for every year.
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import Final, Protocol

import msgspec

from app.domain.enums import Phase
from app.domain.times import NEW_YORK, SECOND_NS, new_york
from app.paths import resource

PRE_OPEN: Final = dt.time(4)
OPEN: Final = dt.time(9, 30)
CLOSE: Final = dt.time(16)
POST_CLOSE: Final = dt.time(20)
HALF_DAY_CLOSE: Final = dt.time(13)
HALF_DAY_POST_CLOSE: Final = dt.time(17)

_SATURDAY: Final = 5
_ONE_DAY: Final = dt.timedelta(days=1)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """The hours of one trading day; moments are UTC nanoseconds."""

    day: dt.date
    """The day in New York: the trade date."""
    pre_open_ns: int
    """04:00."""
    open_ns: int
    """09:30."""
    close_ns: int
    """16:00; 13:00 on a half day."""
    post_close_ns: int
    """20:00; 17:00 on a half day. From here on it is the next trading day."""
    is_known: bool = True
    """False beyond the covered years, where a holiday or a half day may be missing."""


class Calendar(Protocol):
    """Trading days of one market. Answers for every day that 64 bits of nanoseconds hold."""

    def session_of(self, day: dt.date) -> Session | None:
        """Return the session of a day, or None if the exchanges are closed all day."""
        ...

    def next_session(self, day: dt.date) -> Session:
        """Return the first session after a day."""
        ...

    def previous_session(self, day: dt.date) -> Session:
        """Return the last session before a day."""
        ...

    def trading_day(self, ts_ns: int) -> dt.date:
        """Return the trading day that a moment belongs to: always a day with a session."""
        ...

    def day_start_ns(self, day: dt.date) -> int:
        """Return when a trading day begins: the end of the post-market before it.

        A day without a session counts as part of the trading day that follows.
        """
        ...

    def phase(self, ts_ns: int) -> Phase:
        """Return what the exchanges do at a moment."""
        ...


class Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What no rule gives: the days that differ from a full session on every weekday."""

    source: str
    """Where the days were taken from, with its version."""
    first_day: dt.date
    last_day: dt.date
    """The covered range, both ends included."""
    closed: frozenset[dt.date]
    """Weekdays without a session: holidays and unplanned closures."""
    half_days: frozenset[dt.date]
    """Sessions that close at 13:00."""


class ExchangeCalendar:
    """Sessions by rule, but for the days that the facts name. An answer takes 1 to 10 µs."""

    def __init__(self, facts: Facts) -> None:
        self._facts: Final = facts

    def session_of(self, day: dt.date) -> Session | None:
        """Return the session of a day, or None if the exchanges are closed all day."""
        facts = self._facts
        if day.weekday() >= _SATURDAY or day in facts.closed:
            return None
        is_known = facts.first_day <= day <= facts.last_day
        return _session(day, day in facts.half_days, is_known)

    def next_session(self, day: dt.date) -> Session:
        """Return the first session after a day."""
        return self._session_beyond(day, _ONE_DAY)

    def previous_session(self, day: dt.date) -> Session:
        """Return the last session before a day."""
        return self._session_beyond(day, -_ONE_DAY)

    def trading_day(self, ts_ns: int) -> dt.date:
        """Return the trading day that a moment belongs to: always a day with a session."""
        day = new_york(ts_ns).date()
        session = self.session_of(day)
        if session is not None and ts_ns < session.post_close_ns:
            return day
        return self.next_session(day).day

    def day_start_ns(self, day: dt.date) -> int:
        """Return when a trading day begins: the end of the post-market before it.

        A day without a session counts as part of the trading day that follows.
        """
        return self.previous_session(day).post_close_ns

    def phase(self, ts_ns: int) -> Phase:
        """Return what the exchanges do at a moment."""
        session = self.session_of(new_york(ts_ns).date())
        if session is None or not session.pre_open_ns <= ts_ns < session.post_close_ns:
            return Phase.CLOSED
        if ts_ns < session.open_ns:
            return Phase.PRE
        return Phase.CORE if ts_ns < session.close_ns else Phase.POST

    def _session_beyond(self, day: dt.date, step: dt.timedelta) -> Session:
        """Step to the nearest session; the longest closure covered, of 2001, took seven steps."""
        day += step
        while (session := self.session_of(day)) is None:
            day += step
        return session


@functools.cache
def us_calendar() -> Calendar:
    """Return the calendar of US stocks; its facts are read once, when first asked for."""
    facts = msgspec.json.decode(resource("xnys.json").read_bytes(), type=Facts)
    return ExchangeCalendar(facts)


@functools.lru_cache(maxsize=1_024)
def _session(day: dt.date, is_half_day: bool, is_known: bool) -> Session:
    return Session(
        day=day,
        pre_open_ns=_utc_ns(day, PRE_OPEN),
        open_ns=_utc_ns(day, OPEN),
        close_ns=_utc_ns(day, HALF_DAY_CLOSE if is_half_day else CLOSE),
        post_close_ns=_utc_ns(day, HALF_DAY_POST_CLOSE if is_half_day else POST_CLOSE),
        is_known=is_known,
    )


def _utc_ns(day: dt.date, time: dt.time) -> int:
    return int(dt.datetime.combine(day, time, NEW_YORK).timestamp()) * SECOND_NS
