"""Show that weeks and months hold their trading days and begin with their first session."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calendar import us_calendar
from app.domain.bar_spec import BarKind
from app.domain.times import new_york
from app.market.calendar_bars import fold_days
from tests.tape import columns, ny


def days(*dates):
    return columns(*((ny(f"{d}T09:30"), n + 1, n + 3, n, n + 2, 10) for n, d in enumerate(dates)))


def starts(bars):
    return [f"{new_york(int(ts)):%Y-%m-%dT%H:%M}" for ts in bars.start_ns]


@pytest.mark.parametrize(
    ("kind", "count", "dates", "begins"),
    [
        (BarKind.WEEK, 1, ["2026-11-20", "2026-11-23", "2026-11-27"], ["11-16", "11-23"]),
        # Labor Day is a Monday; the week is that of Tuesday to Friday.
        (BarKind.WEEK, 1, ["2026-09-04", "2026-09-09"], ["08-31", "09-08"]),
        (BarKind.WEEK, 2, ["2026-11-20", "2026-11-23", "2026-12-01"], ["11-16", "11-30"]),
        (BarKind.MONTH, 1, ["2026-10-30", "2026-11-02", "2026-11-30"], ["10-01", "11-02"]),
        (BarKind.MONTH, 3, ["2026-09-30", "2026-10-01", "2026-12-31"], ["07-01", "10-01"]),
        (BarKind.MONTH, 12, ["2026-01-02", "2026-12-31"], ["01-02"]),
    ],
)
def test_bars_begin_with_their_first_session(kind, count, dates, begins):
    bars = fold_days(days(*dates), kind, count)
    assert starts(bars) == [f"2026-{day}T09:30" for day in begins]


def test_bar_is_made_of_its_days():
    bars = fold_days(days("2026-11-23", "2026-11-24", "2026-11-27", "2026-11-30"), BarKind.WEEK, 1)
    assert (bars.open[0], bars.high[0], bars.low[0], bars.close[0]) == (1, 5, 0, 4)
    assert bars.volume.tolist() == [30, 10]


def test_nothing_gives_nothing():
    assert len(fold_days(days(), BarKind.MONTH, 1)) == 0


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=60, unique=True).map(sorted))
def test_every_day_is_in_the_bar_of_its_week_and_month(numbers):
    calendar, first = (
        us_calendar(),
        us_calendar().session_of(new_york(ny("2015-01-05T12:00")).date()),
    )
    sessions = sorted(
        {
            calendar.next_session(first.day.fromordinal(first.day.toordinal() + n)).open_ns
            for n in numbers
        }
    )
    daily = columns(*((ts, 1, 1, 1, 1, 1) for ts in sessions))
    for kind, key in (
        (BarKind.WEEK, lambda d: d.isocalendar()[:2]),
        (BarKind.MONTH, lambda d: (d.year, d.month)),
    ):
        bars = fold_days(daily, kind, 1)
        groups = {}
        for ts in sessions:
            groups[key(new_york(ts).date())] = groups.get(key(new_york(ts).date()), 0) + 1
        assert bars.volume.tolist() == list(groups.values())
        assert [key(new_york(int(ts)).date()) for ts in bars.start_ns] == list(groups)
        assert (np.diff(bars.start_ns) > 0).all()
