"""When the built-in exchange trades, and how lively each moment is.

Either by the calendar of the New York exchanges, or around the clock: then every moment is in the
core session and there are no auctions, so that somebody can practise on a Sunday night.
"""

from __future__ import annotations

import math
from typing import Final, Protocol

import msgspec

from app.calendar import Session, us_calendar
from app.domain.enums import Phase, TradingHours
from app.domain.times import MINUTE_NS, new_york

NEVER_NS: Final = 2**63 - 1
_EVER: Final = 0


class Span(msgspec.Struct, frozen=True):
    """A stretch of time in one phase: from its start up to, not including, its end."""

    phase: Phase
    start_ns: int
    end_ns: int


class Timetable(Protocol):
    """What phase a moment is in."""

    def span(self, ts_ns: int) -> Span:
        """Return the stretch that holds a moment."""
        ...


class AroundTheClock:
    """One core session without end."""

    _SPAN: Final = Span(Phase.CORE, _EVER, NEVER_NS)

    def span(self, ts_ns: int) -> Span:
        """Return the one stretch there is."""
        return self._SPAN


class ByCalendar:
    """The sessions of the New York exchanges."""

    def __init__(self) -> None:
        self._calendar: Final = us_calendar()

    def span(self, ts_ns: int) -> Span:
        """Return the stretch that holds a moment."""
        calendar = self._calendar
        session = calendar.session_of(calendar.trading_day(ts_ns))
        assert session is not None, ts_ns
        for phase, start_ns, end_ns in _phases(session):
            if start_ns <= ts_ns < end_ns:
                return Span(phase, start_ns, end_ns)
        day_start_ns = calendar.day_start_ns(new_york(session.open_ns).date())
        return Span(Phase.CLOSED, day_start_ns, session.pre_open_ns)


def _phases(session: Session) -> tuple[tuple[Phase, int, int], ...]:
    return (
        (Phase.PRE, session.pre_open_ns, session.open_ns),
        (Phase.CORE, session.open_ns, session.close_ns),
        (Phase.POST, session.close_ns, session.post_close_ns),
    )


def timetable(hours: TradingHours) -> Timetable:
    """Return the timetable that a setting names."""
    return ByCalendar() if hours is TradingHours.CALENDAR else AroundTheClock()


class Pace(msgspec.Struct, frozen=True):
    """How lively a moment is, against the mean of a core session."""

    rate: float
    """Of orders and trades."""
    vol: float
    """Of price moves: standard deviation."""
    size: float
    """Of orders."""


EXTENDED: Final = Pace(0.06, 0.35, 0.4)
_EVEN: Final = Pace(1.0, 1.0, 1.0)
_STILL: Final = Pace(0.0, 0.15, 0.0)
"""Of a night: prices move little while nobody trades."""
_OPEN_MINUTES: Final = 25.0
_CLOSE_MINUTES: Final = 20.0


def pace(span: Span, ts_ns: int) -> Pace:
    """Return the pace of a moment: a core session is busy at both ends, the U of a trading day."""
    if span.phase is Phase.CLOSED:
        return _STILL
    if span.phase is not Phase.CORE:
        return EXTENDED
    if span.end_ns == NEVER_NS:
        return _EVEN
    since_open = (ts_ns - span.start_ns) / MINUTE_NS
    till_close = (span.end_ns - ts_ns) / MINUTE_NS
    at_open = math.exp(-since_open / _OPEN_MINUTES)
    at_close = math.exp(-till_close / _CLOSE_MINUTES)
    return Pace(
        0.70 + 1.9 * at_open + 2.0 * at_close,
        0.85 + 1.1 * at_open + 0.35 * at_close,
        0.90 + 0.6 * at_open + 0.8 * at_close,
    )


class Rhythm:
    """The timetable and the pace of moments that come in order; the pace in steps of ten seconds.

    Steps lie on a grid of the clock, so that it does not matter who asks and how often.
    """

    _STEP_NS: Final = MINUTE_NS // 6

    def __init__(self, timetable: Timetable) -> None:
        self.timetable: Final = timetable
        self._span = timetable.span(0)
        self._step = -1
        self._pace = _STILL

    def span(self, ts_ns: int) -> Span:
        """Return the stretch that holds a moment."""
        span = self._span
        if not span.start_ns <= ts_ns < span.end_ns:
            span = self._span = self.timetable.span(ts_ns)
        return span

    def pace(self, ts_ns: int) -> Pace:
        """Return how lively a moment is."""
        step = ts_ns // self._STEP_NS
        if step != self._step:
            self._step = step
            at_ns = step * self._STEP_NS
            self._pace = pace(self.span(at_ns), at_ns)
        return self._pace
