"""Show that the calendar knows when US exchanges trade, and to which day a moment belongs.

Method: tables from the exchange's published holidays; every session of the covered years against
the library exchange-calendars; laws for drawn moments, many of them next to a boundary.
"""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calendar import ExchangeCalendar, Facts, us_calendar
from app.domain.enums import Phase
from app.domain.times import SECOND_NS, new_york_text, parse_iso_ns
from app.paths import resource

ROOT = Path(__file__).resolve().parents[3]
HOUR_NS = 3_600 * SECOND_NS
CALENDAR = us_calendar()
FACTS = msgspec.json.decode(resource("xnys.json").read_bytes(), type=Facts)

DAYS = st.dates(date(1995, 1, 1), date(2035, 12, 31))
"""Covered years, and some on either side."""
EDGES = st.builds(
    lambda day, name, ns: getattr(CALENDAR.next_session(day), name) + ns,
    DAYS,
    st.sampled_from(["pre_open_ns", "open_ns", "close_ns", "post_close_ns"]),
    st.integers(-2, 2),
)
MOMENTS = EDGES | st.integers(parse_iso_ns("1995-01-01"), parse_iso_ns("2036-01-01"))


def days_between(first, last):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def days_of(year):
    return days_between(date(year, 1, 1), date(year, 12, 31))


def iso(days):
    return [day.isoformat() for day in days]


def hours_of(day):
    session = CALENDAR.session_of(date.fromisoformat(day))
    moments = (session.pre_open_ns, session.open_ns, session.close_ns, session.post_close_ns)
    return [new_york_text(ts_ns).replace(":00.000", "") for ts_ns in moments]


class TestDays:
    """NYSE, "Holidays and Trading Hours", 2026 to 2028; earlier closures as they happened."""

    @pytest.mark.parametrize(
        ("year", "holidays"),
        [
            (2026, "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25"),
            (2027, "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24"),
            (2028, "01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25"),
        ],
    )
    def test_weekdays_without_a_session_are_the_holidays(self, year, holidays):
        closed = [d for d in days_of(year) if d.weekday() < 5 and CALENDAR.session_of(d) is None]
        assert iso(closed) == [f"{year}-{day}" for day in holidays.split()]

    @pytest.mark.parametrize(
        ("year", "half_days"),
        [(2026, "11-27 12-24"), (2027, "11-26"), (2028, "07-03 11-24")],
    )
    def test_sessions_that_close_early_are_the_half_days(self, year, half_days):
        sessions = filter(None, map(CALENDAR.session_of, days_of(year)))
        short = [s.day for s in sessions if s.close_ns - s.open_ns < 6.5 * HOUR_NS]
        assert iso(short) == [f"{year}-{day}" for day in half_days.split()]

    @pytest.mark.parametrize("year", [1999, 2026, 2031])
    def test_no_weekend_has_a_session(self, year):
        weekend = [day for day in days_of(year) if day.weekday() >= 5]
        assert [day for day in weekend if CALENDAR.session_of(day) is not None] == []

    @pytest.mark.parametrize(
        "day",
        [
            "2001-09-11",
            "2001-09-14",
            "2004-06-11",
            "2007-01-02",
            "2012-10-29",
            "2012-10-30",
            "2018-12-05",
            "2025-01-09",
        ],
    )
    def test_unplanned_closures_are_known(self, day):
        assert CALENDAR.session_of(date.fromisoformat(day)) is None


class TestHours:
    def test_full_day(self):
        assert hours_of("2026-11-25") == [
            "2026-11-25T04:00-05:00",
            "2026-11-25T09:30-05:00",
            "2026-11-25T16:00-05:00",
            "2026-11-25T20:00-05:00",
        ]

    @pytest.mark.parametrize("day", ["2026-11-27", "2026-12-24"])
    def test_half_day(self, day):
        assert hours_of(day) == [
            f"{day}T04:00-05:00",
            f"{day}T09:30-05:00",
            f"{day}T13:00-05:00",
            f"{day}T17:00-05:00",
        ]

    @pytest.mark.parametrize(
        ("day", "opens", "closes"),
        [
            ("2026-03-06", "14:30", "21:00"),
            ("2026-03-09", "13:30", "20:00"),
            ("2026-10-30", "13:30", "20:00"),
            ("2026-11-02", "14:30", "21:00"),
            ("2006-03-31", "14:30", "21:00"),
            ("2006-04-03", "13:30", "20:00"),
        ],
        ids=["winter", "spring", "summer", "autumn", "winter by the old law", "spring by it"],
    )
    def test_core_follows_the_clocks_of_new_york(self, day, opens, closes):
        session = CALENDAR.session_of(date.fromisoformat(day))
        assert session.open_ns == parse_iso_ns(f"{day}T{opens}+00:00")
        assert session.close_ns == parse_iso_ns(f"{day}T{closes}+00:00")

    @pytest.mark.parametrize(
        ("monday", "hours"),
        [("2026-03-02", 72), ("2026-03-09", 71), ("2026-11-02", 73), ("2026-11-09", 72)],
        ids=["before spring", "spring", "autumn", "after autumn"],
    )
    def test_a_weekend_of_changing_clocks_is_an_hour_shorter_or_longer(self, monday, hours):
        day = date.fromisoformat(monday)
        tuesday = day + timedelta(days=1)
        assert CALENDAR.day_start_ns(tuesday) - CALENDAR.day_start_ns(day) == hours * HOUR_NS


class TestTradingDay:
    @pytest.mark.parametrize(
        ("moment", "day"),
        [
            ("2026-11-18T00:00:00", "2026-11-18"),
            ("2026-11-18T19:59:59.999999", "2026-11-18"),
            ("2026-11-18T20:00:00", "2026-11-19"),
            ("2026-11-20T20:00:00", "2026-11-23"),
            ("2026-11-21T12:00:00", "2026-11-23"),
            ("2026-11-25T20:00:00", "2026-11-27"),
            ("2026-11-26T12:00:00", "2026-11-27"),
            ("2026-11-27T16:59:59.999999", "2026-11-27"),
            ("2026-11-27T17:00:00", "2026-11-30"),
            ("2026-12-24T17:00:00", "2026-12-28"),
            ("2026-12-31T20:00:00", "2027-01-04"),
            ("2001-09-10T20:00:00", "2001-09-17"),
            ("1999-12-31T19:59:59.999999", "1999-12-31"),
            ("1999-12-31T20:00:00", "2000-01-03"),
            ("2030-12-31T19:59:59.999999", "2030-12-31"),
            ("2030-12-31T20:00:00", "2031-01-01"),
        ],
    )
    def test_turns_at_the_end_of_the_post_market(self, moment, day):
        assert CALENDAR.trading_day(parse_iso_ns(moment)).isoformat() == day

    def test_turns_to_the_nanosecond(self):
        turn_ns = parse_iso_ns("2026-11-18T20:00:00")
        assert CALENDAR.trading_day(turn_ns - 1) == date(2026, 11, 18)
        assert CALENDAR.trading_day(turn_ns) == date(2026, 11, 19)

    @pytest.mark.parametrize(
        ("day", "start"),
        [
            ("2026-11-19", "2026-11-18T20:00"),
            ("2026-11-23", "2026-11-20T20:00"),
            ("2026-11-27", "2026-11-25T20:00"),
            ("2026-11-30", "2026-11-27T17:00"),
            ("2000-01-03", "1999-12-31T20:00"),
            ("2031-01-01", "2030-12-31T20:00"),
        ],
        ids=["midweek", "Monday", "holiday before", "half day before", "first", "beyond"],
    )
    def test_starts_where_the_post_market_before_it_ends(self, day, start):
        assert CALENDAR.day_start_ns(date.fromisoformat(day)) == parse_iso_ns(start)

    @pytest.mark.parametrize("day", ["2026-11-21", "2026-11-22"])
    def test_a_day_without_a_session_starts_with_the_trading_day_after_it(self, day):
        monday = date(2026, 11, 23)
        assert CALENDAR.day_start_ns(date.fromisoformat(day)) == CALENDAR.day_start_ns(monday)

    @pytest.mark.parametrize(
        ("day", "before", "after"),
        [
            ("2026-11-18", "2026-11-17", "2026-11-19"),
            ("2026-11-26", "2026-11-25", "2026-11-27"),
            ("2026-11-28", "2026-11-27", "2026-11-30"),
            ("2001-09-12", "2001-09-10", "2001-09-17"),
            ("2000-01-01", "1999-12-31", "2000-01-03"),
            ("2030-12-31", "2030-12-30", "2031-01-01"),
        ],
        ids=["midweek", "holiday", "weekend", "closure", "first day", "last day"],
    )
    def test_neighbours_of_a_day(self, day, before, after):
        day = date.fromisoformat(day)
        assert CALENDAR.previous_session(day).day.isoformat() == before
        assert CALENDAR.next_session(day).day.isoformat() == after


class TestPhase:
    @pytest.mark.parametrize(
        ("moment", "phase"),
        [
            ("2026-11-18T04:00", Phase.PRE),
            ("2026-11-18T09:30", Phase.CORE),
            ("2026-11-18T16:00", Phase.POST),
            ("2026-11-18T20:00", Phase.CLOSED),
            ("2026-11-27T09:30", Phase.CORE),
            ("2026-11-27T13:00", Phase.POST),
            ("2026-11-27T17:00", Phase.CLOSED),
        ],
    )
    def test_begins_on_the_nanosecond(self, moment, phase):
        ts_ns = parse_iso_ns(moment)
        assert CALENDAR.phase(ts_ns) is phase
        assert CALENDAR.phase(ts_ns - 1) is not phase

    @pytest.mark.parametrize(
        "moment",
        ["2026-11-18T03:59", "2026-11-18T23:00", "2026-11-21T12:00", "2026-11-26T12:00"],
        ids=["morning", "night", "weekend", "holiday"],
    )
    def test_closed(self, moment):
        assert CALENDAR.phase(parse_iso_ns(moment)) is Phase.CLOSED


class TestBeyondTheFacts:
    @pytest.mark.parametrize("day", ["1999-12-31", "2031-01-01", "2031-07-04"])
    def test_every_weekday_is_a_full_session_that_is_not_known(self, day):
        assert [hour[10:16] for hour in hours_of(day)] == ["T04:00", "T09:30", "T16:00", "T20:00"]
        assert CALENDAR.session_of(date.fromisoformat(day)).is_known is False

    @pytest.mark.parametrize(
        ("day", "is_known"),
        [(8, False), (9, True), (10, True), (11, False)],
        ids=["before", "first", "last", "after"],
    )
    def test_first_and_last_day_are_known(self, day, is_known):
        two_days = ExchangeCalendar(
            Facts(
                source="two days of 2026",
                first_day=date(2026, 6, 9),
                last_day=date(2026, 6, 10),
                closed=frozenset(),
                half_days=frozenset(),
            )
        )
        assert two_days.session_of(date(2026, 6, day)).is_known is is_known

    @pytest.mark.parametrize("ts_ns", [-(2**63), 2**63 - 1], ids=["1677", "2262"])
    def test_every_moment_of_64_bits_has_an_answer(self, ts_ns):
        day = CALENDAR.trading_day(ts_ns)
        assert CALENDAR.day_start_ns(day) <= ts_ns
        assert CALENDAR.phase(ts_ns) in Phase


class TestLaws:
    @given(MOMENTS, MOMENTS)
    def test_trading_day_never_goes_back(self, one, other):
        earlier, later = sorted((one, other))
        assert CALENDAR.trading_day(earlier) <= CALENDAR.trading_day(later)

    @given(MOMENTS)
    def test_every_moment_lies_in_exactly_its_trading_day(self, ts_ns):
        session = CALENDAR.session_of(CALENDAR.trading_day(ts_ns))
        assert CALENDAR.day_start_ns(session.day) <= ts_ns < session.post_close_ns
        assert session.post_close_ns == CALENDAR.day_start_ns(
            CALENDAR.next_session(session.day).day
        )

    @given(MOMENTS)
    def test_phase_is_that_of_the_hours(self, ts_ns):
        session = CALENDAR.session_of(CALENDAR.trading_day(ts_ns))
        begins = {
            Phase.CLOSED: CALENDAR.day_start_ns(session.day),
            Phase.PRE: session.pre_open_ns,
            Phase.CORE: session.open_ns,
            Phase.POST: session.close_ns,
        }
        assert list(begins.values()) == sorted(begins.values())
        assert CALENDAR.phase(ts_ns) is [p for p, at_ns in begins.items() if at_ns <= ts_ns][-1]

    @given(DAYS)
    def test_next_and_previous_undo_each_other(self, day):
        after = CALENDAR.next_session(day)
        before = CALENDAR.previous_session(day)
        assert before.day < day < after.day
        between = CALENDAR.session_of(day) or after
        assert CALENDAR.next_session(before.day) == between


class TestWholeRange:
    """Every covered day; a new version of the library that differs is a reason to renew."""

    @pytest.mark.filterwarnings(
        # pandas of its own use by the library: said once while the calendar is built.
        "ignore:Series.values returning an ndarray:DeprecationWarning"
    )
    def test_sessions_opens_and_closes_are_those_of_the_library(self):
        import exchange_calendars  # Not above: pandas takes a second that other tests can spare.

        library = exchange_calendars.get_calendar("XNYS", start=FACTS.first_day, end=FACTS.last_day)
        expected = zip(
            library.sessions.date.tolist(),
            library.opens_nanos.tolist(),
            library.closes_nanos.tolist(),
            strict=True,
        )
        sessions = map(CALENDAR.session_of, days_between(FACTS.first_day, FACTS.last_day))
        found = [(s.day, s.open_ns, s.close_ns) for s in sessions if s is not None]
        assert found == list(expected)
        assert len(found) == 7_794

    def test_covered_years(self):
        assert (FACTS.first_day, FACTS.last_day) == (date(2000, 1, 1), date(2030, 12, 31))


class TestCost:
    def test_station_needs_neither_pandas_nor_numpy_for_it(self):
        program = (
            "import sys; from app.calendar import us_calendar; us_calendar();"
            "print(sorted({'numpy', 'pandas', 'exchange_calendars'} & set(sys.modules)))"
        )
        command = [sys.executable, "-c", program]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert (run.stdout.strip(), run.stderr) == ("[]", "")

    def test_facts_are_read_once(self):
        assert us_calendar() is us_calendar()
