"""Show that bars of every kind have one door, and that what is missing is told and filled.

Method: events published on a real hub; the store's own intervals beside the series.
"""

from decimal import Decimal

import numpy as np
import pytest

from app.domain.bar_spec import DAY_S, interval, parse_spec
from app.domain.enums import FeedState
from app.domain.market import BarRow
from app.domain.times import MINUTE_NS, SECOND_NS
from app.market.days import DAY_NS
from app.market.gaps import GAPS_MAX, Gap, GapKind
from tests.app.market.test_store import Market, status
from tests.samples import IBM, MSFT, NOW_NS, bar, trade
from tests.tape import columns, ny, rows

EVER = 2**31
KINDS = ["5s", "1m", "5m", "1d", "1w", "1M", "7T", "2kV", "0.1M$", "R0.25", "RENKO 0.1", "KAGI 1%"]


@pytest.fixture
def market():
    return Market()


def series(market, text, n=EVER, extended=True):
    return market.view.series(IBM, parse_spec(text), n, extended=extended)


def traded(market, count=200, step_s=3, start=0):
    for n in range(start, start + count):
        price = Decimal(10_000 + n * 37 % 101) / 100
        market.say(trade(price, 1 + n % 9, NOW_NS + n * step_s * SECOND_NS))


@pytest.mark.parametrize("text", KINDS)
class TestEveryKind:
    def test_of_an_unknown_symbol_there_is_nothing(self, market, text):
        seen = series(market, text)
        assert (len(seen.bars), seen.version, seen.parts) == (0, 0, ())

    def test_bars_follow_the_trades_wherever_one_begins_to_look(self, market, text):
        traded(market, 50)
        series(market, text)
        traded(market, 50, start=50)
        series(market, text)
        traded(market, 50, start=100)
        late = Market()
        traded(late, 150)
        assert rows(series(market, text).bars) == rows(series(late, text).bars)
        assert len(series(market, text, 2).bars) <= 2

    def test_version_differs_after_a_trade_and_only_then(self, market, text):
        traded(market, 20)
        one, same = series(market, text), series(market, text)
        traded(market, 20, start=20)
        other = series(market, text)
        assert one.version == same.version != other.version
        assert one.revision == other.revision

    def test_it_says_what_it_is_made_of(self, market, text):
        traded(market, 20)
        assert series(market, text).parts[0].since_ns <= NOW_NS


@pytest.mark.parametrize("seconds", [1, 5, 30, 60, 300, 900, DAY_S])
def test_intervals_that_fit_the_phases_are_those_of_the_store(market, seconds):
    traded(market, 400, step_s=7)
    spec = interval(seconds)
    whole = market.view.bars(IBM, seconds * SECOND_NS, EVER)
    assert rows(market.view.series(IBM, spec, EVER).bars) == rows(whole)


def test_extended_hours_may_be_left_out(market):
    market.say(trade(100, 5, NOW_NS - MINUTE_NS), trade(101, 5, NOW_NS))
    assert series(market, "5m").bars.close.tolist() == [100, 101]
    assert series(market, "5m", extended=False).bars.close.tolist() == [101]
    assert series(market, "7T", extended=False).bars.volume.tolist() == [5]


def test_week_and_month_hold_the_days(market):
    days = [BarRow(ny(f"2026-11-{n}T09:30"), n, n + 1, n - 1, n, 10) for n in (12, 13, 16, 20)]
    market.store.load_history(IBM, [], days)
    market.say(trade(99, 5, NOW_NS))
    assert series(market, "1w").bars.volume.tolist() == [20, 20, 5]
    assert series(market, "1M").bars.volume.tolist() == [45]
    assert series(market, "1w", 2).bars.close.tolist() == [20, 99]
    assert series(market, "1d", 2).bars.close.tolist() == [20, 99]


def test_history_that_comes_late_is_in_the_series_that_was_asked_for(market):
    market.store.load_history(IBM, [], [])
    assert len(series(market, "5m").bars) == 0
    before = series(market, "5m").revision
    market.store.load_history(IBM, [BarRow(NOW_NS - MINUTE_NS, 1, 1, 1, 1, 7)], [])
    assert series(market, "5m").bars.volume.tolist() == [7]
    assert series(market, "5m").revision != before


def test_bars_of_a_feed_are_counted(market):
    market.say(bar())
    assert len(series(market, "1m").bars) == 1
    before = series(market, "1m").version
    market.say(bar())
    assert series(market, "1m").version != before


def test_why_there_are_none_is_told(market):
    market.say(trade(100, 5, NOW_NS))
    assert "fewer than 14" in series(market, "RENKO ATR14").lack
    assert series(market, "RENKO 0.5").step == 0.5


class TestOlderBars:
    OLDER = columns(*((NOW_NS - n * MINUTE_NS, 9, 9, 9, 9, 1) for n in (3, 2, 1)))

    def test_minutes_are_put_before_what_is_made_of_minutes(self, market):
        market.say(trade(100, 5, NOW_NS))
        before = {text: series(market, text).revision for text in ("1m", "7T")}
        market.store.load_older(IBM, MINUTE_NS, self.OLDER, NOW_NS)
        assert len(series(market, "1m").bars) == 4
        assert len(series(market, "7T").bars) == 1
        assert series(market, "1m").revision != before["1m"]
        assert series(market, "7T").revision == before["7T"]

    def test_series_that_begins_later_gets_none(self, market):
        market.say(trade(100, 5, NOW_NS))
        series(market, "1m")
        market.store.load_older(IBM, MINUTE_NS, self.OLDER, NOW_NS - 1)
        assert len(series(market, "1m").bars) == 1

    def test_days_are_put_before_the_days(self, market):
        market.say(trade(100, 5, NOW_NS))
        before = series(market, "1w").revision
        market.store.load_older(
            IBM, DAY_NS, columns((ny("2026-11-12T09:30"), 9, 9, 9, 9, 1)), NOW_NS
        )
        assert series(market, "1w").bars.volume.tolist() == [1, 5]
        assert series(market, "1w").revision != before

    def test_what_is_made_of_daily_closes_is_made_anew(self, market):
        for n, day in enumerate((19, 20, 23)):
            market.say(trade(100 + n, 5, ny(f"2026-11-{day}T10:00")))
        before = series(market, "LB1 1d")
        assert before.bars.close.tolist() == [101]
        older = columns(*((ny(f"2026-11-{n}T09:30"), n, n, n, n, 1) for n in (17, 18)))
        market.store.load_older(IBM, DAY_NS, older, NOW_NS)
        after = series(market, "LB1 1d")
        assert after.bars.close.tolist() == [18, 100, 101]
        assert after.revision != before.revision

    def test_a_look_is_moved_on(self, market):
        market.say(trade(100, 5, NOW_NS))
        version = market.view.version(IBM)
        market.store.load_older(IBM, MINUTE_NS, self.OLDER, NOW_NS)
        assert market.view.version(IBM) > version


class TestGaps:
    @staticmethod
    def away(market, minutes=30):
        """Trade, lose the feed, trade again."""
        market.say(status(FeedState.LIVE))
        traded(market, 200)
        last_ns = NOW_NS + 199 * 3 * SECOND_NS
        back_ns = last_ns + minutes * MINUTE_NS
        market.say(trade(100, 1, last_ns, ts_recv_ns=last_ns))
        market.clock.advance_to(back_ns)
        market.say(status(FeedState.DOWN, back_ns - 1), status(FeedState.LIVE, back_ns))
        market.say(trade(101, 1, back_ns))
        return Gap(start_ns=last_ns, end_ns=back_ns, kind=GapKind.FEED)

    def test_gap_of_the_feed_is_told_of_every_symbol(self, market):
        gap = self.away(market)
        assert market.view.gaps(IBM, 0, EVER * SECOND_NS) == (gap,)
        assert market.view.gaps(MSFT, 0, EVER * SECOND_NS) == (gap,)
        assert market.view.gaps(IBM, 0, NOW_NS) == ()
        assert (market.view.gaps_version, market.store.last_gap) == (2, gap)

    def test_quiet_stretch_is_told_of_its_symbol(self, market):
        for n in [*range(30), *range(60, 90)]:
            market.say(trade(100, 1, NOW_NS + n * MINUTE_NS))
        (gap,) = market.view.gaps(IBM, 0, EVER * SECOND_NS)
        assert gap.kind is GapKind.QUIET
        assert gap.end_ns - gap.start_ns == 30 * MINUTE_NS
        assert market.view.gaps(MSFT, 0, EVER * SECOND_NS) == ()

    def test_filled_gap_is_in_bars_days_and_series(self, market):
        gap = self.away(market)
        seen = {text: len(series(market, text).bars) for text in ("1m", "5m", "7T")}
        first = gap.start_ns - gap.start_ns % MINUTE_NS
        minutes = columns(*((first + n * MINUTE_NS, 50, 150, 40, 50, 1_000) for n in range(1, 30)))
        market.store.fill_gap(IBM, gap, minutes)
        assert [g.is_filled for g in market.view.gaps(IBM, 0, EVER * SECOND_NS)] == [True]
        assert len(market.view.bars(IBM, MINUTE_NS, EVER)) == seen["1m"] + 29
        assert len(series(market, "1m").bars) == seen["1m"] + 29
        assert len(series(market, "7T").bars) == seen["7T"]
        day = market.view.day(IBM)
        assert (day.high, day.low, day.last) == (150, 40, 101)
        five = series(market, "5m").bars
        assert (np.diff(five.start_ns) == 5 * MINUTE_NS).all()
        assert five.volume.sum() == day.volume == series(market, "1m").bars.volume.sum()

    def test_nothing_fetched_fills_nothing(self, market):
        gap = self.away(market)
        market.store.fill_gap(IBM, gap, columns())
        assert [g.is_filled for g in market.view.gaps(IBM, 0, EVER * SECOND_NS)] == [False]

    def test_bars_of_other_times_are_left_out(self, market):
        gap = self.away(market)
        before = rows(series(market, "1m").bars)
        market.store.fill_gap(IBM, gap, columns((gap.start_ns - 9 * MINUTE_NS, 1, 1, 1, 1, 1)))
        assert rows(series(market, "1m").bars) == before
        assert not market.view.gaps(IBM, 0, EVER * SECOND_NS)[0].is_filled

    def test_only_so_many_filled_ones_are_remembered(self, market):
        traded(market, 10)
        for n in range(GAPS_MAX + 1):
            start_ns = NOW_NS - (n + 1) * MINUTE_NS
            gap = Gap(start_ns=start_ns, end_ns=start_ns + 1, kind=GapKind.FEED)
            market.store.fill_gap(IBM, gap, columns((start_ns, 1, 1, 1, 1, 1)))
        assert len(market.store._books[IBM].filled) == GAPS_MAX


def test_symbols_that_are_looked_at_are_known(market):
    market.say(trade(100, 5, NOW_NS), trade(100, 5, NOW_NS, symbol=MSFT))
    assert market.store.symbols_with_series() == ()
    series(market, "5m")
    assert market.store.symbols_with_series() == (IBM,)
