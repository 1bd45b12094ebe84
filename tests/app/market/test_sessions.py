"""Show that bars of the day begin with the phases, whatever the clocks do.

Method: New York times by hand; the calendar, moment by moment, for drawn ones.
"""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calendar import us_calendar
from app.domain.enums import Phase
from app.domain.times import MINUTE_NS
from app.market.sessions import bar_starts, core_sessions, is_regular, regular_only
from tests.tape import columns, ny

HOUR_NS = 60 * MINUTE_NS
MOMENTS = st.integers(ny("2024-12-20T00:00"), ny("2027-01-10T00:00"))


def start(text, interval_ns):
    return int(bar_starts(np.array([ny(text)]), interval_ns)[0])


@pytest.mark.parametrize(
    ("moment", "minutes", "begins"),
    [
        ("2026-11-23T09:30", 60, "2026-11-23T09:30"),
        ("2026-11-23T10:29:59", 60, "2026-11-23T09:30"),
        ("2026-11-23T10:30", 60, "2026-11-23T10:30"),
        ("2026-11-23T09:29", 60, "2026-11-23T09:00"),
        ("2026-11-23T15:59", 60, "2026-11-23T15:30"),
        ("2026-11-23T16:00", 60, "2026-11-23T16:00"),
        ("2026-11-23T05:10", 120, "2026-11-23T04:00"),
        ("2026-11-23T13:29", 240, "2026-11-23T09:30"),
        ("2026-11-23T13:30", 240, "2026-11-23T13:30"),
        ("2026-11-23T19:59", 240, "2026-11-23T16:00"),
        ("2026-11-23T20:00", 240, "2026-11-23T20:00"),
        ("2026-11-23T10:03", 5, "2026-11-23T10:00"),
        # A half day closes at one.
        ("2026-11-27T12:59", 240, "2026-11-27T09:30"),
        ("2026-11-27T13:00", 240, "2026-11-27T13:00"),
        # Clocks are put forward in the night to Sunday 8 March, back in that to 1 November.
        ("2026-03-06T11:00", 60, "2026-03-06T10:30"),
        ("2026-03-09T11:00", 60, "2026-03-09T10:30"),
        ("2026-11-02T11:00", 60, "2026-11-02T10:30"),
        # A year begins.
        ("2026-12-31T21:00", 120, "2026-12-31T20:00"),
        ("2027-01-04T09:45", 30, "2027-01-04T09:30"),
    ],
)
def test_bar_begins_with_its_phase(moment, minutes, begins):
    assert start(moment, minutes * MINUTE_NS) == ny(begins)


@given(MOMENTS, st.sampled_from([1, 2, 7, 60, 120, 240]))
def test_bar_holds_its_moment_and_lies_in_one_phase(moment, minutes):
    interval_ns = minutes * MINUTE_NS
    begins = int(bar_starts(np.array([moment]), interval_ns)[0])
    assert begins <= moment < begins + interval_ns
    assert us_calendar().phase(begins) is us_calendar().phase(moment)
    assert us_calendar().trading_day(begins) == us_calendar().trading_day(moment)


@given(st.lists(MOMENTS, min_size=1, max_size=20))
def test_regular_hours_are_those_of_the_calendar(moments):
    expected = [us_calendar().phase(moment) is Phase.CORE for moment in moments]
    assert is_regular(np.array(moments)).tolist() == expected


@pytest.mark.parametrize("moment", [0, -HOUR_NS, ny("2100-06-01T12:00")])
def test_times_far_away_have_a_bar_too(moment):
    begins = int(bar_starts(np.array([moment]), HOUR_NS)[0])
    assert begins <= moment < begins + HOUR_NS


def test_nothing_has_no_start():
    none = np.array([], dtype=np.int64)
    assert len(bar_starts(none, 5)) == len(is_regular(none)) == 0


def test_bars_outside_of_core_sessions_are_left_out():
    bars = columns(*((ny(f"2026-11-23T{t}"), 1, 1, 1, 1, 1) for t in ("09:29", "09:30", "15:59")))
    assert regular_only(bars).start_ns.tolist() == bars.start_ns.tolist()[1:]


def test_core_sessions_are_those_that_are_touched():
    days = [date(2026, 11, 25), date(2026, 11, 27)]
    sessions = [us_calendar().session_of(day) for day in days]
    found = core_sessions(ny("2026-11-25T15:59"), ny("2026-11-27T09:30"))
    assert found.tolist() == [[s.open_ns, s.close_ns] for s in sessions]
    assert len(core_sessions(ny("2026-11-25T16:00"), ny("2026-11-27T09:29"))) == 0
