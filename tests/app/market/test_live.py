"""Show that a series fed for long and one made now of the same trades are the same.

Method: a store's rings by hand, a series beside them; laws over drawn trades.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.bar_spec import parse_spec
from app.domain.times import MINUTE_NS, SECOND_NS
from app.market.bars import BarSeries
from app.market.days import DayBars
from app.market.live import EVER, LiveSeries
from app.market.ring import Ring
from tests.tape import DRAWN, columns, ny, rows, walk

OPEN_NS = ny("2026-11-23T09:30")
KINDS = [
    *("1s", "1m", "5m", "1h", "7T", "2kV", "0.1M$", "R0.25", "RENKO 0.1", "KAGI 0.3", "KAGI 0.2%"),
    *("PF 0.1x3", "LB3", "LB3 5m", "RENKO 0.1 1m", "PF 0.1x3 HL 5m", "KAGI 0.3 1m"),
]
every = pytest.mark.parametrize("text", KINDS)


class Kept:
    """What a store keeps of a symbol; feeds the series it is told of, as the store does."""

    def __init__(self, trades=5_000, bars=5_000):
        self.trades, self.seconds = Ring(trades, 2), BarSeries(SECOND_NS, bars)
        self.minutes, self.days = BarSeries(MINUTE_NS, bars), DayBars()
        self.fed = []

    def add(self, group, start_ns=OPEN_NS, every_s=1):
        times = np.array([start_ns + every_s * s * SECOND_NS for s, _, _ in group], dtype=np.int64)
        prices = np.array([price for _, price, _ in group], float)
        sizes = np.array([size for _, _, size in group], float)
        for row in zip(times.tolist(), prices.tolist(), sizes.tolist(), strict=True):
            self.trades.append(*row)
        for series in (self.seconds, self.minutes, self.days):
            series.extend(times, prices, sizes)
        for series in self.fed:
            series.on_trades(times, prices, sizes)

    def series(self, text, *, extended=True, capacity=999):
        series = LiveSeries(parse_spec(text), self, capacity, extended=extended)
        self.fed.append(series)
        return series


@every
@settings(max_examples=25)
@given(groups=DRAWN, first=st.integers(0, 6), extended=st.booleans())
def test_series_asked_for_late_is_that_asked_for_early(text, groups, first, extended):
    groups = [group for group in walk(groups) if group]
    # An hour before the open, so that some are outside of regular hours.
    kept, start_ns = Kept(), OPEN_NS - 40 * SECOND_NS
    early = kept.series(text, extended=extended)
    for group in groups[:first]:
        kept.add(group, start_ns, every_s=3)
    middle = kept.series(text, extended=extended)
    for group in groups[first:]:
        kept.add(group, start_ns, every_s=3)
        middle.columns(2)
    late = kept.series(text, extended=extended)
    expected = rows(early.columns(EVER))
    assert rows(middle.columns(EVER)) == rows(late.columns(EVER)) == expected


@every
def test_what_is_not_counted_changes_nothing(text):
    kept = Kept()
    series = kept.series(text, extended=False)
    kept.add([(0, 100.0, 10)], ny("2026-11-23T08:00"))
    assert (series.changes, len(series.columns(9)), series.parts) == (0, 0, ())
    kept.add([(0, 100.0, 10)])
    assert series.changes == 1


class TestSeeds:
    """What it says it is made of."""

    @staticmethod
    def parts(series):
        return [(part.source, part.is_exact) for part in series.parts]

    @staticmethod
    def kept():
        """Minutes from nine on, then more seconds and trades than are kept."""
        kept = Kept(trades=50, bars=100)
        for n in range(30):
            kept.minutes.add_bar(OPEN_NS - (30 - n) * MINUTE_NS, 100, 101, 99, 100, 1_000)
        kept.add([(second, 100 + second % 7, 10) for second in range(200)])
        return kept

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("1m", [("minutes", True)]),
            ("LB3", [("minutes", True)]),
            ("10s", [("seconds", True)]),
            ("7T", [("trades", True)]),
            ("2kV", [("seconds", False), ("trades", True)]),
            ("R2", [("minutes", False), ("seconds", False), ("trades", True)]),
            ("RENKO 1", [("minutes", False), ("seconds", False), ("trades", True)]),
        ],
    )
    def test_finest_first(self, text, expected):
        assert self.parts(self.kept().series(text)) == expected

    @pytest.mark.parametrize("text", ["R2", "RENKO 1", "PF 1x3", "KAGI 2"])
    def test_no_share_is_counted_twice(self, text):
        kept = self.kept()
        series = kept.series(text)
        # Trades of all the time, less those before the first column of boxes.
        assert series.columns(EVER).volume.sum() == 30_000 + 200 * 10

    def test_parts_follow_each_other(self):
        series = self.kept().series("R2")
        since = [part.since_ns for part in series.parts]
        assert since == sorted(since)
        assert since[0] == series.first_ns == OPEN_NS - 30 * MINUTE_NS

    def test_daily_closes_come_from_the_days(self):
        kept = Kept()
        series = kept.series("LB2 1d")
        assert len(series.columns(9)) == 0
        for day, price in ((23, 10.0), (24, 12.0), (25, 9.0), (27, 9.5)):
            kept.add([(0, price, 100)], ny(f"2026-11-{day}T10:00"))
        assert rows(series.columns(9))[0][1:] == (10, 12, 10, 12, 200)
        assert [part.source for part in series.parts] == ["days"]
        assert kept.series("LB2 1d").columns(9).close.tolist() == series.columns(9).close.tolist()


class TestBrickByTrueRange:
    def test_it_is_taken_of_minutes_that_are_over(self):
        kept = Kept()
        for n in range(5):
            kept.minutes.add_bar(OPEN_NS + n * MINUTE_NS, 100, 100.5 + n, 100, 100, 10)
        assert kept.series("RENKO ATR2").step == 3.0
        assert kept.series("RENKO ATR2 5m").lack

    def test_of_days_it_is_taken_of_days_that_are_over(self):
        kept = Kept()
        for day in (20, 23, 24):
            kept.add([(0, 10.0, 1), (1, 13.0, 1), (2, 10.0, 1)], ny(f"2026-11-{day}T10:00"))
        assert kept.series("RENKO ATR2 1d").step == 3.0

    def test_without_enough_minutes_it_says_what_it_lacks(self):
        kept = Kept()
        series = kept.series("RENKO ATR14")
        kept.add([(0, 10.0, 1)])
        assert series.lack == "fewer than 14 bars are known to take the mean range of"
        assert (len(series.columns(9)), series.changes) == (0, 0)

    def test_fixed_heights_are_told(self):
        assert Kept().series("PF 0.5x3").step == 0.5
        assert Kept().series("KAGI 0.5").step == 0.0


class TestOlderMinutes:
    OLDER = columns(
        *((OPEN_NS - (60 - n) * MINUTE_NS, 90 + n, 91 + n, 89 + n, 90 + n, 10) for n in range(60))
    )

    @pytest.mark.parametrize("text", ["1m", "5m", "1h", "LB3", "RENKO 1 5m"])
    def test_they_make_what_would_have_been_made_with_them(self, text):
        kept, whole = Kept(), Kept()
        for n in range(60):
            row = [getattr(self.OLDER, name)[n] for name in self.OLDER.__struct_fields__]
            whole.minutes.add_bar(*row)
        series = kept.series(text)
        for one in (kept, whole):
            one.add([(second, 150 + second % 5, 1) for second in range(300)])
        series.prepend(self.OLDER)
        assert rows(series.columns(EVER)) == rows(whole.series(text).columns(EVER))
        assert series.first_ns == OPEN_NS - 60 * MINUTE_NS
        for one in (kept, whole):
            one.add([(second, 120 + second % 5, 1) for second in range(301, 500)])
        assert rows(series.columns(EVER)) == rows(whole.series(text).columns(EVER))

    def test_those_that_are_not_older_and_none_change_nothing(self):
        kept = Kept()
        kept.add([(0, 100.0, 1)], OPEN_NS - 60 * MINUTE_NS)
        series = kept.series("1m")
        before = series.changes
        series.prepend(self.OLDER)
        series.prepend(columns())
        assert series.changes == before

    def test_outside_of_regular_hours_they_are_left_out_where_that_is_wanted(self):
        kept = Kept()
        kept.add([(0, 100.0, 1)])
        series = kept.series("1m", extended=False)
        series.prepend(self.OLDER)
        assert len(series.columns(9)) == 1

    def test_one_capacity_more_is_kept_with_each(self):
        kept = Kept()
        kept.add([(0, 100.0, 1)])
        series = kept.series("1m", capacity=10)
        series.prepend(self.OLDER)
        assert series.rows == 70
        assert len(series.columns(EVER)) == 61


@pytest.mark.parametrize("text", ["1m", "5m", "1h", "LB3 5m"])
def test_filled_minutes_make_what_would_have_been_made_with_them(text):
    kept, whole = Kept(), Kept()
    series = kept.series(text)
    trades = [(second, 100 + second % 11, 5) for second in range(0, 3_600, 7)]
    kept.add([t for t in trades if not 600 <= t[0] < 1_800])
    whole.add(trades)
    kept.minutes.splice(whole.minutes.columns(EVER))
    series.replace(OPEN_NS + 600 * SECOND_NS, OPEN_NS + 1_800 * SECOND_NS)
    assert rows(series.columns(EVER)) == rows(whole.series(text).columns(EVER))


def test_what_is_made_of_trades_stays_as_it_is_when_minutes_are_filled():
    kept = Kept()
    series = kept.series("7T")
    series.replace(0, OPEN_NS)
    assert series.changes == 0


class TestBarsOfAFeed:
    BAR = columns((OPEN_NS, 10, 12, 9, 11, 700))

    @pytest.mark.parametrize(
        ("text", "interval", "volume"),
        [
            ("1m", MINUTE_NS, 700),
            ("1s", MINUTE_NS, 0),
            ("1s", SECOND_NS, 700),
            ("R9", MINUTE_NS, 700),
            ("RENKO 1", MINUTE_NS, 700),
            ("1kV", SECOND_NS, 700),
            ("1kV", MINUTE_NS, 0),
            ("7T", MINUTE_NS, 0),
            ("LB3 1d", MINUTE_NS, 0),
        ],
    )
    def test_bar_counts_where_it_is_fine_enough(self, text, interval, volume):
        series = Kept().series(text)
        series.on_bar(self.BAR, interval)
        assert series.columns(9).volume.sum() == volume

    def test_bar_outside_of_regular_hours_does_not_count_where_that_is_wanted(self):
        series = Kept().series("1m", extended=False)
        series.on_bar(columns((OPEN_NS - MINUTE_NS, 10, 12, 9, 11, 700)), MINUTE_NS)
        assert series.changes == 0
