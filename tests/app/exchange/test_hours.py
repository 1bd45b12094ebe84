"""Goal: the exchange opens, closes and quickens when the New York exchanges do, or never closes."""

from __future__ import annotations

from datetime import datetime

import pytest

from app.domain.enums import Phase, TradingHours
from app.domain.times import MINUTE_NS, NEW_YORK, SECOND_NS
from app.exchange.hours import NEVER_NS, Rhythm, pace, timetable


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * SECOND_NS


BY_CALENDAR = timetable(TradingHours.CALENDAR)
ALWAYS = timetable(TradingHours.ALWAYS)


@pytest.mark.parametrize(
    ("moment", "phase", "start", "end"),
    [
        ("2026-11-23T03:59:59", Phase.CLOSED, "2026-11-20T20:00", "2026-11-23T04:00"),
        ("2026-11-23T04:00:00", Phase.PRE, "2026-11-23T04:00", "2026-11-23T09:30"),
        ("2026-11-23T09:30:00", Phase.CORE, "2026-11-23T09:30", "2026-11-23T16:00"),
        ("2026-11-23T16:00:00", Phase.POST, "2026-11-23T16:00", "2026-11-23T20:00"),
        ("2026-11-23T20:00:00", Phase.CLOSED, "2026-11-23T20:00", "2026-11-24T04:00"),
        ("2026-11-26T12:00:00", Phase.CLOSED, "2026-11-25T20:00", "2026-11-27T04:00"),
        ("2026-11-27T12:59:59", Phase.CORE, "2026-11-27T09:30", "2026-11-27T13:00"),
        ("2026-11-27T13:00:00", Phase.POST, "2026-11-27T13:00", "2026-11-27T17:00"),
        ("2026-11-29T12:00:00", Phase.CLOSED, "2026-11-27T17:00", "2026-11-30T04:00"),
    ],
)
def test_every_moment_lies_in_its_stretch(moment, phase, start, end):
    span = BY_CALENDAR.span(at(moment))
    assert (span.phase, span.start_ns, span.end_ns) == (phase, at(start), at(end))


def test_stretches_follow_each_other_without_a_hole():
    moment, end = at("2026-11-20T00:00"), at("2026-12-05T00:00")
    while moment < end:
        span = BY_CALENDAR.span(moment)
        assert span.start_ns <= moment < span.end_ns
        assert BY_CALENDAR.span(span.end_ns - 1) == span
        assert BY_CALENDAR.span(span.end_ns).start_ns == span.end_ns
        moment = span.end_ns


def test_around_the_clock_is_one_core_session():
    for moment in ("2026-11-22T03:00", "2026-11-26T12:00"):
        span = ALWAYS.span(at(moment))
        assert (span.phase, span.end_ns) == (Phase.CORE, NEVER_NS)
        assert pace(span, at(moment)).rate == 1


def test_a_core_session_is_busiest_at_its_ends():
    span = BY_CALENDAR.span(at("2026-11-23T12:00"))
    rates = [pace(span, at(f"2026-11-23T{hour}")).rate for hour in ("09:30", "12:30", "15:59")]
    assert rates[0] > 2 * rates[1]
    assert rates[2] > 2 * rates[1]
    minutes = range(span.start_ns, span.end_ns, MINUTE_NS)
    assert sum(pace(span, m).rate for m in minutes) / len(minutes) == pytest.approx(1, abs=0.1)


def test_hours_outside_the_core_are_thin_and_nights_silent():
    pre = pace(BY_CALENDAR.span(at("2026-11-23T08:00")), at("2026-11-23T08:00"))
    night = pace(BY_CALENDAR.span(at("2026-11-23T02:00")), at("2026-11-23T02:00"))
    assert 0 < pre.rate < 0.2
    assert (night.rate, night.size) == (0, 0)


def test_a_rhythm_says_the_same_however_often_it_is_asked():
    moments = [at("2026-11-23T09:29:30") + n * SECOND_NS for n in range(120)]
    often, seldom = Rhythm(BY_CALENDAR), Rhythm(BY_CALENDAR)
    paces = [often.pace(moment) for moment in moments]
    assert [seldom.pace(moment) for moment in moments[::7]] == paces[::7]
    assert often.span(moments[0]) == BY_CALENDAR.span(moments[0])
