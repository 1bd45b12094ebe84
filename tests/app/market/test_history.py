"""Show that older bars come in pages, with progress, and that gaps of the feed are filled.

Method: a vendor made of a list, on a real store and hub; virtual time for deadlines.
"""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from app.domain.bar_spec import parse_spec
from app.domain.enums import FeedState
from app.domain.errors import Disconnected
from app.domain.market import BarRow
from app.domain.times import MINUTE_NS, SECOND_NS
from app.market import history
from app.market.history import DAY_NS, HistoryPages, PageState
from tests.app.market.test_store import Market, status
from tests.samples import IBM, NOW_NS, trade
from tests.sim.loop import SimLoop
from tests.tape import ny

EVER = 2**31
FIVE = parse_spec("5m")


class Vendor:
    """Bars of a minute for two days before now, 500 at a time; counts what it is asked."""

    def __init__(self, rows=(), at_once=500):
        self.rows = list(rows)
        self.at_once = at_once
        self.asked = []
        self.fails = None
        self.is_slow = False

    async def fetch(self, symbol, interval_ns, before_ns, n):
        self.asked.append((symbol, interval_ns, before_ns, n))
        await asyncio.sleep(3600 if self.is_slow else 0)
        if self.fails is not None:
            raise self.fails
        return [row for row in self.rows if row.start_ns < before_ns][-self.at_once :]


def minutes(count, end_ns=NOW_NS, volume=1.0):
    return [BarRow(end_ns - n * MINUTE_NS, 9, 11, 8, 10, volume) for n in range(count, 0, -1)]


class Station:
    """A store with somebody who looks at it and pages."""

    def __init__(self, vendor, has_vendor=True):
        self.market, self.vendor, self.tasks = Market(), vendor, []
        self.store, self.view = self.market.store, self.market.view
        self.pages = HistoryPages(
            store=self.store,
            hub=self.market.hub,
            fetch=vendor.fetch if has_vendor else None,
            spawn=lambda name, coroutine: self.tasks.append((name, coroutine)),
        )
        self.market.say(trade(100, 5, NOW_NS))

    def bars(self, spec=FIVE, **kwargs):
        return self.view.series(IBM, spec, EVER, **kwargs).bars

    def state(self, spec=FIVE, **kwargs):
        return self.pages.paging(IBM, spec, **kwargs).state

    def older(self, spec=FIVE, **kwargs):
        self.pages.older(IBM, spec, **kwargs)
        self.run()

    def run(self):
        while self.tasks:
            _, coroutine = self.tasks.pop(0)
            with contextlib.closing(SimLoop(1)) as loop:
                loop.run_until_complete(coroutine)


@pytest.fixture
def station():
    return Station(Vendor(minutes(5_000)))


class TestPages:
    def test_page_is_put_together_and_put_before_the_bars(self, station):
        assert station.state() is PageState.IDLE
        station.older()
        assert len(station.vendor.asked) == 4
        assert station.bars().volume.sum() == 2_000 + 5
        assert station.bars().start_ns[0] == NOW_NS - 2_000 * MINUTE_NS
        assert station.state() is PageState.IDLE

    def test_progress_is_told(self, station):
        shares = []
        fetch = station.vendor.fetch

        async def watched(*asked):
            shares.append(station.pages.paging(IBM, FIVE).share)
            assert station.state() is PageState.LOADING
            return await fetch(*asked)

        station.pages._fetch = watched
        before = station.pages.version
        station.older()
        assert shares == [0, 0.25, 0.5, 0.75]
        assert station.pages.version > before + 4

    def test_one_page_at_a_time(self, station):
        station.pages.older(IBM, FIVE)
        station.pages.older(IBM, parse_spec("1m"))
        assert len(station.tasks) == 1
        station.run()

    def test_pages_follow_each_other_to_the_end(self, station):
        for _ in range(3):
            station.older()
        assert station.state() is PageState.ENDED
        assert station.pages.paging(IBM, FIVE).words == "there are no older bars"
        assert station.bars().volume.sum() == 5_000 + 5
        asked = len(station.vendor.asked)
        station.older()
        assert len(station.vendor.asked) == asked

    def test_where_extended_hours_are_left_out_it_ends_too(self, station):
        for _ in range(9):
            station.older(extended=False)
        assert station.state(extended=False) is PageState.ENDED

    def test_second_chart_is_served_from_what_was_fetched(self, station):
        station.bars(parse_spec("1m"))
        station.older()
        asked = len(station.vendor.asked)
        whole = station.bars(parse_spec("1m")).volume.sum()
        late = station.bars(parse_spec("15m")).volume.sum()
        assert (whole, late) == (2_005, 5)
        station.older(parse_spec("15m"))
        assert station.bars(parse_spec("15m")).volume.sum() == 2_005
        assert len(station.vendor.asked) == asked

    def test_days_page_too(self):
        days = [BarRow(ny(f"2026-10-{n:02}T09:30"), 9, 11, 8, 10, 1) for n in range(5, 10)]
        station = Station(Vendor(days))
        for spec in ("1d", "1w", "LB3 1d"):
            station.older(parse_spec(spec))
        assert len(station.bars(parse_spec("1d"))) == 6
        assert {asked[1] for asked in station.vendor.asked} == {DAY_NS}

    @pytest.mark.parametrize("text", ["10s", "500T", "RENKO 1"])
    def test_what_is_made_of_trades_has_none(self, station, text):
        station.older(parse_spec(text))
        paging = station.pages.paging(IBM, parse_spec(text))
        assert paging.state is PageState.ENDED
        assert "begin here" in paging.words
        assert station.vendor.asked == []

    def test_of_an_unknown_symbol_there_are_none(self, station):
        assert station.pages.paging("XX", FIVE).state is PageState.ENDED

    def test_without_a_vendor_there_are_none(self):
        station = Station(Vendor(), has_vendor=False)
        assert station.state() is PageState.ENDED
        station.market.say(status(FeedState.LIVE), status(FeedState.DOWN, NOW_NS + 1))

    def test_no_more_is_kept_than_there_is_room_for(self, station, monkeypatch):
        monkeypatch.setattr(history, "SERIES_ROWS_MAX", 300)
        monkeypatch.setattr(history, "KEPT_ROWS_MAX", 600)
        monkeypatch.setattr(history, "ENDS_MAX", 0)
        station.older()
        assert station.pages._kept_rows == 500
        assert "all that is kept" in station.pages.paging(IBM, FIVE).words


class TestFailures:
    def test_failure_is_told_and_asking_again_tries_again(self, station):
        station.vendor.fails = Disconnected("line is down", venue="x")
        station.older()
        paging = station.pages.paging(IBM, FIVE)
        assert paging.state is PageState.FAILED
        assert paging.words == "older bars of IBM could not be fetched: line is down"
        station.vendor.fails = None
        station.older()
        assert station.state() is PageState.IDLE
        assert len(station.bars()) > 1

    def test_vendor_that_does_not_answer_is_left(self, station):
        station.vendor.is_slow = True
        station.older()
        assert "TimeoutError" in station.pages.paging(IBM, FIVE).words

    @pytest.mark.parametrize(
        "row",
        [
            BarRow(NOW_NS - 99 * MINUTE_NS, float("nan"), 11, 8, 10, 1),
            BarRow(NOW_NS - 99 * MINUTE_NS, 9, float("inf"), 8, 10, 1),
            BarRow(NOW_NS - 99 * MINUTE_NS, 9, 8, 8, 10, 1),
            BarRow(NOW_NS - 99 * MINUTE_NS, 9, 11, 0, 10, 1),
            BarRow(NOW_NS - 99 * MINUTE_NS, 9, 11, 8, 10, -1),
        ],
    )
    def test_what_is_no_bar_is_left_out(self, row):
        station = Station(Vendor([row, *minutes(5)]))
        station.older()
        assert station.bars().volume.sum() == 5 + 5

    def test_bars_out_of_order_and_twice_are_put_right(self):
        rows = minutes(6)
        station = Station(Vendor([*rows[3:], *rows[:3], rows[0]._replace(volume=50)]))
        station.older()
        assert (station.bars().volume.sum(), len(station.bars(parse_spec("1m")))) == (60, 1)
        assert (station.bars().start_ns[1:] > station.bars().start_ns[:-1]).all()


class TestGaps:
    @staticmethod
    def lose(station, minutes_away=30):
        back_ns = NOW_NS + minutes_away * MINUTE_NS
        station.market.say(status(FeedState.LIVE), trade(100, 5, NOW_NS))
        station.market.say(status(FeedState.DOWN, NOW_NS + 9 * SECOND_NS))
        station.market.say(status(FeedState.LIVE, back_ns), trade(101, 5, back_ns))
        station.run()
        return station.view.gaps(IBM, 0, EVER * SECOND_NS)

    def test_gap_is_filled_of_what_somebody_looks_at(self, station):
        station.vendor.rows = minutes(200, NOW_NS + 60 * MINUTE_NS)
        station.bars(parse_spec("1m"))
        (gap,) = self.lose(station)
        assert gap.is_filled
        # The newest bar goes on; the one that was cut short is replaced.
        assert len(station.bars(parse_spec("1m"))) == 31

    def test_nobody_looks_nothing_is_fetched(self, station):
        (gap,) = self.lose(station)
        assert not gap.is_filled
        assert station.vendor.asked == []

    @pytest.mark.parametrize("fails", [Disconnected("away", venue="x"), None])
    def test_gap_of_which_nothing_can_be_had_stays_marked(self, station, fails):
        station.bars()
        station.vendor.fails, station.vendor.rows = fails, []
        (gap,) = self.lose(station)
        assert not gap.is_filled

    def test_long_gap_is_fetched_in_parts(self, station):
        station.vendor.rows = minutes(1_000, NOW_NS + 900 * MINUTE_NS)
        station.vendor.at_once = 100
        station.bars(parse_spec("1m"))
        self.lose(station, 800)
        assert len(station.vendor.asked) == 9
        assert len(station.bars(parse_spec("1m"))) == 801
