"""Show that the market is known as it was said, whenever somebody looks.

Method: events published on a real hub; a law that looking in between changes nothing.
"""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import SimClock
from app.config import load_config
from app.domain.enums import Auction, FeedState, Side
from app.domain.ids import Symbol
from app.domain.market import BarRow, Depth, FeedStatus, Imbalance, SymbolStatus
from app.domain.times import MINUTE_NS, SECOND_NS, parse_iso_ns
from app.hub import Hub
from app.market.days import DAY_NS
from app.market.store import UNFOLDED_MAX, DayFigures, MarketStore
from tests.samples import IBM, MSFT, NOW_NS, bar, instrument, quote, trade

LIMITS = msgspec.structs.replace(load_config().limits, symbols_max=2)


class Market:
    """A store on a hub, with short names."""

    def __init__(self, limits=LIMITS):
        self.hub, self.clock = Hub(), SimClock(NOW_NS)
        self.store = MarketStore(hub=self.hub, clock=self.clock, limits=limits)
        self.view = self.store.view

    def say(self, *events):
        for event in events:
            self.hub.publish(event)
        assert self.hub.failures == 0


@pytest.fixture
def market():
    return Market()


def status(state, ts_ns=NOW_NS):
    return FeedStatus(feed="test", state=state, text=state.value, ts_recv_ns=ts_ns)


class TestBeforeAnythingIsSaid:
    def test_nothing_is_known_and_nothing_is_made_up(self, market):
        view = market.view
        assert view.instruments == ()
        assert view.instrument(IBM) is view.quote(IBM) is view.trade(IBM) is None
        assert view.last_px(IBM) is view.day(IBM) is view.feed_age_ns is None
        assert (view.version(IBM), view.events) == (0, 0)
        assert len(view.prints(IBM, 5).ts_ns) == len(view.bars(IBM, SECOND_NS, 5)) == 0
        assert view.status.state is FeedState.CONNECTING

    def test_quote_alone_gives_no_last_price_and_no_day(self, market):
        market.say(quote())
        assert market.view.last_px(IBM) is market.view.day(IBM) is market.view.trade(IBM) is None


class TestInstruments:
    def test_listing_keeps_its_order_and_later_calls_replace(self, market):
        other = instrument(symbol=MSFT)
        market.store.list_instruments([instrument(), other])
        halted = instrument(is_tradable=False)
        market.store.list_instruments([halted])
        assert market.view.instruments == (halted, other)
        assert market.view.instrument(IBM) is halted


class TestQuotesAndPrints:
    def test_newest_quote_replaces_the_one_before(self, market):
        market.say(quote(), newest := quote(bid=None))
        assert market.view.quote(IBM) is newest

    def test_every_event_moves_the_version_of_its_symbol_only(self, market):
        seen = []
        for event in (quote(), trade(), bar(), quote()):
            market.say(event)
            seen.append((market.view.version(IBM), market.view.version(MSFT)))
        assert seen == [(1, 0), (2, 0), (3, 0), (4, 0)]
        assert market.view.events == 4

    def test_prints_come_oldest_first(self, market):
        market.say(*(trade(100 + n, n + 1, NOW_NS + n) for n in range(4)))
        prints = market.view.prints(IBM, 3)
        assert prints.ts_ns.tolist() == [NOW_NS + 1, NOW_NS + 2, NOW_NS + 3]
        assert prints.price.tolist() == [101.0, 102.0, 103.0]
        assert prints.size.tolist() == [2.0, 3.0, 4.0]

    def test_only_so_many_prints_are_kept(self):
        market = Market(msgspec.structs.replace(LIMITS, trades_ring=3))
        market.say(*(trade(100 + n) for n in range(UNFOLDED_MAX + 5)))
        assert market.view.prints(IBM, 99).price.tolist() == [
            100.0 + UNFOLDED_MAX + n for n in (2, 3, 4)
        ]

    def test_last_price_is_of_the_newest_print_and_of_a_bar_where_there_are_none(self, market):
        market.say(bar())
        assert market.view.last_px(IBM) == 11
        market.say(trade(12))
        assert market.view.last_px(IBM) == 12

    def test_symbols_beyond_the_limit_are_counted_and_dropped(self, market):
        market.say(*(quote(symbol=symbol) for symbol in ("A", "B")))
        for event in (trade(symbol="C"), quote(symbol="C"), bar(symbol="C")):
            market.say(event)
        market.store.load_history("C", [row(0)], [])
        assert (market.store.dropped, market.view.events) == (4, 2)
        assert market.view.quote("C") is None


class TestDay:
    def test_figures_follow_the_prints(self, market):
        market.say(trade(100, 5), trade(103, 1), trade(98, 2), trade(99, 2))
        assert market.view.day(IBM) == DayFigures(
            open=100, high=103, low=98, last=99, volume=10, prior_close=None
        )

    def test_bars_count_as_well(self, market):
        market.say(bar(), trade(20, 50))
        day = market.view.day(IBM)
        assert (day.open, day.high, day.low, day.last, day.volume) == (10, 20, 9, 20, 750)

    @pytest.mark.parametrize(
        ("prior_close", "change_pct"), [(80.0, 25.0), (None, None), (0.0, None)]
    )
    def test_change_is_against_the_close_of_the_day_before(self, prior_close, change_pct):
        day = DayFigures(open=90, high=100, low=90, last=100, volume=1, prior_close=prior_close)
        assert day.change_pct == change_pct


DAY_AGO_NS = NOW_NS - 4 * 86_400 * SECOND_NS


def row(start_ns=NOW_NS, close=11.0):
    return BarRow(start_ns, 10.0, 12.0, 8.0, close, 700.0)


class TestHistory:
    def test_days_that_are_over_stand_before_the_one_that_goes_on(self, market):
        market.store.load_history(IBM, [row()], [row(DAY_AGO_NS, 8.0)])
        market.say(trade(20, 50, NOW_NS + SECOND_NS))
        days = market.view.bars(IBM, DAY_NS, 9)
        assert days.close.tolist() == [8.0, 20.0]
        assert days.volume.tolist() == [700.0, 750.0]
        assert market.view.bars(IBM, DAY_NS, 1).close.tolist() == [20.0]

    def test_minutes_of_days_before_are_not_of_this_day(self, market):
        market.store.load_history(IBM, [row(DAY_AGO_NS), row()], [])
        assert market.view.day(IBM).volume == 700
        assert len(market.view.bars(IBM, MINUTE_NS, 9)) == 2
        assert market.view.last_px(IBM) == 11

    def test_history_without_minutes_is_a_history(self, market):
        market.store.load_history(IBM, [], [row(DAY_AGO_NS, 8.0)])
        assert market.view.day(IBM) is None
        assert market.view.bars(IBM, DAY_NS, 9).close.tolist() == [8.0]

    def test_history_is_there_before_the_first_event_and_prints_go_on_in_it(self, market):
        market.store.load_history(IBM, [row(NOW_NS - MINUTE_NS), row()], [row(DAY_AGO_NS, 8.0)])
        market.say(trade(20, 50, NOW_NS + SECOND_NS))
        bars = market.view.bars(IBM, MINUTE_NS, 9)
        assert bars.close.tolist() == [11.0, 20.0]
        assert bars.volume.tolist() == [700.0, 750.0]
        assert market.view.day(IBM).prior_close == 8.0

    def test_history_moves_the_version_so_that_it_is_drawn_and_loaded_once(self, market):
        market.store.load_history(IBM, [row()], [])
        assert market.view.version(IBM) > 0

    def test_history_after_a_print_is_our_mistake(self, market):
        market.say(trade())
        with pytest.raises(AssertionError, match="history of IBM"):
            market.store.load_history(IBM, [row()], [])


class TestBars:
    @pytest.mark.parametrize(
        ("interval_s", "starts_s"),
        [(1, [0, 1, 61, 125]), (5, [0, 60, 125]), (60, [0, 60, 120]), (120, [0, 120])],
    )
    def test_intervals_are_folded_from_seconds_or_minutes(self, market, interval_s, starts_s):
        market.say(*(trade(ts_ns=second * SECOND_NS) for second in (0, 1, 61, 125)))
        bars = market.view.bars(IBM, interval_s * SECOND_NS, 99)
        assert bars.start_ns.tolist() == [second * SECOND_NS for second in starts_s]

    @pytest.mark.parametrize("interval_s", [1, 5, 60, 120])
    @pytest.mark.parametrize("n", [0, 1, 2, 3])
    def test_no_more_bars_than_asked_and_the_newest_of_them(self, market, interval_s, n):
        market.say(*(trade(ts_ns=second * SECOND_NS) for second in range(0, 400, 7)))
        every = market.view.bars(IBM, interval_s * SECOND_NS, 999).start_ns.tolist()
        some = market.view.bars(IBM, interval_s * SECOND_NS, n).start_ns.tolist()
        assert some == every[len(every) - n :]

    def test_first_folded_bar_is_whole(self, market):
        market.say(*(trade(size=1, ts_ns=second * SECOND_NS) for second in range(100)))
        assert market.view.bars(IBM, 5 * SECOND_NS, 3).volume.tolist() == [5.0, 5.0, 5.0]

    def test_short_bars_of_a_feed_make_minutes_and_long_ones_stay_out_of_seconds(self, market):
        second = bar(start_ns=0, interval_ns=SECOND_NS)
        market.say(second, bar(start_ns=MINUTE_NS))
        assert market.view.bars(IBM, SECOND_NS, 9).start_ns.tolist() == [0]
        assert market.view.bars(IBM, MINUTE_NS, 9).start_ns.tolist() == [0, MINUTE_NS]

    @pytest.mark.parametrize("interval_ns", [0, -SECOND_NS, SECOND_NS + 1])
    def test_interval_of_no_whole_seconds_is_our_mistake(self, market, interval_ns):
        with pytest.raises(AssertionError):
            market.view.bars(IBM, interval_ns, 1)


class TestFeedAge:
    @pytest.mark.parametrize(
        "event",
        [quote(), trade(), bar(), status(FeedState.LIVE)],
        ids=["quote", "print", "bar", "heartbeat"],
    )
    def test_age_is_the_time_since_the_feed_said_anything(self, market, event):
        market.say(event)
        market.clock.advance_to(NOW_NS + 3 * SECOND_NS)
        assert market.view.feed_age_ns == 3 * SECOND_NS

    @pytest.mark.parametrize("state", [FeedState.DOWN, FeedState.DEGRADED, FeedState.CONNECTING])
    def test_news_of_a_broken_feed_makes_no_data_younger(self, market, state):
        market.say(quote())
        market.clock.advance_to(NOW_NS + 3 * SECOND_NS)
        market.say(broken := status(state, NOW_NS + 3 * SECOND_NS))
        assert market.view.feed_age_ns == 3 * SECOND_NS
        assert market.view.status is broken

    def test_age_is_never_below_zero(self, market):
        market.say(quote(ts_recv_ns=NOW_NS + 5))
        assert market.view.feed_age_ns == 0


# Laws

EVENTS = st.lists(
    st.one_of(
        st.builds(
            trade,
            st.integers(90, 110),
            st.integers(1, 50),
            st.integers(0, 300).map(lambda second: second * SECOND_NS),
        ),
        st.builds(bar, st.integers(0, 5).map(lambda minute: minute * MINUTE_NS)),
        st.builds(quote),
    ),
    max_size=40,
)


def everything(view):
    bars = [view.bars(IBM, n * SECOND_NS, 500) for n in (1, 5, 60, 300)]
    columns = [getattr(b, field).tolist() for b in bars for field in b.__struct_fields__]
    prints = view.prints(IBM, 500)
    tape = [getattr(prints, field).tolist() for field in prints.__struct_fields__]
    return columns, tape, view.day(IBM), view.last_px(IBM), view.version(IBM), view.events


@given(EVENTS, st.sets(st.integers(0, 40)))
def test_looking_in_between_changes_nothing(events, looks):
    unseen, watched = Market(), Market()
    for n, event in enumerate(events):
        unseen.say(event)
        watched.say(event)
        if n in looks:
            everything(watched.view)
    assert everything(unseen.view) == everything(watched.view)


class TestDepthAndAuctions:
    def test_depth_is_kept_and_is_no_new_version_of_the_symbol(self, market):
        market.say(quote())
        before = market.view.version(IBM)
        market.say(depth([("9.98", 100), ("9.99", 200)], [("10.01", 50)]))
        assert market.view.version(IBM) == before
        assert (market.view.depth_version(IBM), market.view.events) == (1, 2)
        assert market.view.depth(IBM, Side.BUY, 1) == ((Decimal("9.99"), 200),)
        assert market.view.depth(IBM, Side.SELL, 9) == ((Decimal("10.01"), 50),)

    def test_nothing_is_known_of_a_symbol_without_depth(self, market):
        assert market.view.depth(IBM, Side.BUY, 5) == ()
        assert market.view.depth_version(IBM) == 0
        assert market.view.imbalance(IBM) is market.view.band(IBM) is None

    def test_the_newest_imbalance_and_band_are_kept(self, market):
        market.say(imbalance(100), imbalance(300))
        assert market.view.imbalance(IBM).imbalance_qty == 300
        market.say(banded("9.50", "10.50"))
        assert market.view.band(IBM) == (Decimal("9.50"), Decimal("10.50"))
        market.say(banded(None, None))
        assert market.view.band(IBM) is None

    def test_depth_says_that_the_feed_is_alive(self, market):
        market.clock.advance_to(NOW_NS + 5 * SECOND_NS)
        market.say(depth([], []))
        assert market.view.feed_age_ns == 5 * SECOND_NS

    def test_symbols_beyond_the_limit_are_counted(self, market):
        market.say(quote(), quote(symbol=MSFT))
        for event in (depth([], [], Symbol("XYZ")), imbalance(1, Symbol("XYZ"))):
            market.say(event)
        assert market.store.dropped == 2


def depth(bids, asks, symbol=IBM):
    def levels(pairs):
        return tuple((Decimal(price), size) for price, size in pairs)

    return Depth(
        symbol=symbol,
        bids=levels(bids),
        asks=levels(asks),
        is_whole=False,
        ts_exch_ns=NOW_NS,
        ts_recv_ns=NOW_NS,
    )


def imbalance(qty, symbol=IBM):
    return Imbalance(
        symbol=symbol,
        auction=Auction.OPENING,
        px=Decimal(10),
        paired_qty=1_000,
        imbalance_qty=qty,
        side=Side.BUY,
        ts_exch_ns=NOW_NS,
        ts_recv_ns=NOW_NS,
    )


def banded(lower, upper):
    return SymbolStatus(
        symbol=IBM,
        lower_px=None if lower is None else Decimal(lower),
        upper_px=None if upper is None else Decimal(upper),
        ts_exch_ns=NOW_NS,
        ts_recv_ns=NOW_NS,
    )


class TestCoreHours:
    def test_a_weekend_lies_between_two_sessions(self, market):
        friday, monday = parse_iso_ns("2026-11-20T12:00"), parse_iso_ns("2026-11-23T09:00")
        assert market.view.core_hours(friday, monday).tolist() == [
            [parse_iso_ns("2026-11-20T09:30"), parse_iso_ns("2026-11-20T16:00")],
        ]
        after_open = parse_iso_ns("2026-11-23T09:30")
        assert len(market.view.core_hours(friday, after_open)) == 2

    def test_a_night_has_none(self, market):
        evening, morning = parse_iso_ns("2026-11-20T17:00"), parse_iso_ns("2026-11-23T09:00")
        assert market.view.core_hours(evening, morning).tolist() == []

    def test_a_short_day_ends_early(self, market):
        [(_, close_ns)] = market.view.core_hours(*[parse_iso_ns("2026-11-27T12:00")] * 2)
        assert close_ns == parse_iso_ns("2026-11-27T13:00")
