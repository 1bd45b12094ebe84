"""Show that the minutes of an old day are whole and fold to exactly its bar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calendar import us_calendar
from app.domain.enums import Phase, TradingHours
from app.domain.market import BarRow
from app.domain.times import MINUTE_NS
from app.exchange.older import MINUTES_MAX, minutes_of
from tests.tape import ny

CENTS = st.tuples(*[st.integers(1_000, 1_100)] * 4).map(sorted)


def day(*cents, volume=1_000_000.0, date="2026-11-20"):
    """A day that opens and closes within its range."""
    low, one, other, high = (round(c / 100, 2) for c in cents)
    return BarRow(ny(f"{date}T09:30"), one, high, low, other, volume)


@pytest.mark.parametrize("hours", list(TradingHours))
@given(cents=CENTS, volume=st.integers(0, 10**9), seed=st.text(max_size=3))
def test_minutes_make_the_day(cents, volume, seed, hours):
    whole = day(*cents, volume=float(volume))
    minutes = minutes_of(whole, seed, hours)
    assert minutes[0].open == whole.open
    assert minutes[-1].close == whole.close
    assert max(one.high for one in minutes) == whole.high
    assert min(one.low for one in minutes) == whole.low
    assert sum(one.volume for one in minutes) == whole.volume
    for one, following in zip(minutes, [*minutes[1:], None], strict=True):
        assert one.low <= min(one.open, one.close) <= max(one.open, one.close) <= one.high
        assert one.volume >= 0
        assert following is None or following.start_ns == one.start_ns + MINUTE_NS
        assert all(abs(px * 100 - round(px * 100)) < 1e-6 for px in one[1:5])


@pytest.mark.parametrize(("date", "count"), [("2026-11-20", 390), ("2026-11-27", 210)])
def test_by_the_calendar_they_are_those_of_the_core_session(date, count):
    minutes = minutes_of(day(1_000, 1_010, 1_020, 1_030, date=date), "s", TradingHours.CALENDAR)
    assert len(minutes) == count
    assert {us_calendar().phase(one.start_ns) for one in minutes} == {Phase.CORE}


def test_around_the_clock_a_weekend_has_no_more_than_a_day():
    minutes = minutes_of(
        day(1_000, 1_010, 1_020, 1_030, date="2026-11-23"), "s", TradingHours.ALWAYS
    )
    assert len(minutes) == MINUTES_MAX
    assert minutes[-1].start_ns == ny("2026-11-23T19:59")


def test_one_seed_draws_the_same_and_another_does_not():
    one = day(1_000, 1_010, 1_020, 1_030)
    draws = [minutes_of(one, seed, TradingHours.CALENDAR) for seed in ("a", "a", "b")]
    assert draws[0] == draws[1] != draws[2]
