"""Goal: a trading day begins and ends with the exchanges, and every trade counts in one day."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.market import BarRow
from app.domain.times import NEW_YORK, SECOND_NS
from app.market.days import DayBars
from tests.tape import columns


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * SECOND_NS


def trades(*rows):
    times, prices, sizes = zip(*((at(t), p, s) for t, p, s in rows), strict=True)
    return np.array(times), np.array(prices, float), np.array(sizes, float)


def days_of(bars):
    columns = bars.columns(99)
    return list(zip(columns.close.tolist(), columns.volume.tolist(), strict=True))


def test_a_day_follows_its_trades():
    bars = DayBars()
    bars.extend(*trades(("2026-11-23T10:00", 10, 1), ("2026-11-23T11:00", 12, 2)))
    bars.extend(*trades(("2026-11-23T12:00", 9, 3), ("2026-11-23T13:00", 11, 4)))
    assert bars.current == (10, 12, 9, 11, 10)
    assert bars.prior_close is None
    assert bars.columns(1).start_ns.tolist() == [at("2026-11-23T09:30")]


@pytest.mark.parametrize(
    ("moment", "is_new"),
    [
        ("2026-11-23T19:59:59", False),
        ("2026-11-23T20:00:00", True),
        ("2026-11-24T02:00:00", True),
        ("2026-11-24T10:00:00", True),
    ],
)
def test_what_trades_after_the_post_market_is_of_the_next_day(moment, is_new):
    bars = DayBars()
    bars.extend(*trades(("2026-11-23T10:00", 10, 1), (moment, 12, 2)))
    assert days_of(bars) == ([(10, 1), (12, 2)] if is_new else [(12, 3)])
    assert bars.prior_close == (10 if is_new else None)


def test_a_weekend_is_of_the_monday_after_it():
    bars = DayBars()
    bars.extend(
        *trades(
            ("2026-11-20T10:00", 10, 1),
            ("2026-11-21T10:00", 11, 1),
            ("2026-11-22T10:00", 12, 1),
            ("2026-11-23T10:00", 13, 1),
        )
    )
    assert days_of(bars) == [(10, 1), (13, 3)]


def test_days_that_are_over_come_first_and_give_the_prior_close():
    bars = DayBars()
    bars.load([BarRow(at(f"2026-11-{n}T09:30"), 1, 3, 1, n, 5) for n in (19, 20)])
    assert bars.current is None
    assert bars.prior_close == 20
    bars.add(at("2026-11-23T10:00"), 7, 9, 6, 8, 100)
    assert days_of(bars) == [(19, 5), (20, 5), (8, 100)]
    assert len(bars.columns(2)) == 2


@given(
    st.lists(st.tuples(st.integers(0, 9 * 24), st.integers(1, 99)), min_size=1, max_size=40),
    st.integers(1, 40),
)
def test_it_does_not_matter_how_many_come_at_once(rows, step):
    start_ns = at("2026-11-18T00:00")
    rows.sort()
    times = np.array([start_ns + hour * 3_600 * SECOND_NS for hour, _ in rows])
    prices = np.array([float(price) for _, price in rows])
    sizes = np.ones(len(rows))
    one, many = DayBars(), DayBars()
    one.extend(times, prices, sizes)
    for first in range(0, len(rows), step):
        part = slice(first, first + step)
        many.extend(times[part], prices[part], sizes[part])
    assert days_of(one) == days_of(many)
    assert sum(volume for _, volume in days_of(one)) == len(rows)


class TestOlderDays:
    OLDER = columns(
        (at("2026-11-18T09:30"), 1, 2, 1, 18, 5),
        (at("2026-11-19T09:30"), 1, 2, 1, 19, 5),
        (at("2026-11-20T09:30"), 9, 9, 9, 99, 9),
    )

    def test_they_are_put_before_all_that_is_known(self):
        bars = DayBars()
        bars.load([BarRow(at("2026-11-20T09:30"), 1, 3, 1, 20, 5)])
        bars.add(at("2026-11-23T10:00"), 7, 9, 6, 8, 100)
        bars.prepend(self.OLDER)
        assert days_of(bars) == [(18, 5), (19, 5), (20, 5), (8, 100)]
        assert bars.prior_close == 20
        assert bars.over_count == 3
        assert bars.over(1).close.tolist() == [20]

    def test_before_a_first_day_they_give_the_prior_close(self):
        bars = DayBars()
        bars.add(at("2026-11-20T10:00"), 7, 9, 6, 8, 100)
        bars.prepend(self.OLDER)
        assert days_of(bars) == [(18, 5), (19, 5), (8, 100)]
        assert bars.prior_close == 19

    def test_where_nothing_is_known_all_are_taken(self):
        bars = DayBars()
        bars.prepend(self.OLDER)
        assert len(bars.columns(9)) == 3


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("2026-11-23T11:00", (10, 15, 2, 10, 8)),
        ("2026-11-20T20:00", (10, 15, 2, 10, 8)),
        ("2026-11-20T19:59", (10, 10, 10, 10, 1)),
    ],
)
def test_what_was_missed_counts_to_the_day_that_goes_on(since, expected):
    bars = DayBars()
    bars.mend(at(since), 15, 2, 7)
    bars.extend(*trades(("2026-11-23T10:00", 10, 1)))
    bars.mend(at(since), 15, 2, 7)
    assert bars.current == expected
