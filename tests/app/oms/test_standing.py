"""Show that a symbol stands at what its orders, position and mark come to, kept or made anew.

Method: books and a market store without an engine; a law that what is kept is what would be made.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import SimClock
from app.config import load_config
from app.domain.enums import Custody, OrdStatus, OrdType, Side
from app.domain.ids import ClOrdID
from app.domain.terms import ZERO
from app.domain.times import SECOND_NS
from app.domain.transitions import apply_report
from app.hub import Hub
from app.market.store import MarketStore
from app.oms.books import Books
from app.oms.standing import (
    MARK_AGE_NS_MAX,
    Appraiser,
    Standing,
    open_value,
    standing_of,
)
from tests.samples import IBM, MSFT, NOW_NS, new_order, order, quote, trade, trade_report

CONFIG = load_config()
WORKING = {"custody": Custody.ACKNOWLEDGED, "ts_ack_ns": 1}


def working(terms, **facts):
    return order(terms, **{**WORKING, **facts})


class Desk:
    def __init__(self):
        self.hub, self.clock, self.books = Hub(), SimClock(NOW_NS), Books(Decimal(100_000))
        store = MarketStore(hub=self.hub, clock=self.clock, limits=CONFIG.limits)
        self.market = store.view
        self.appraiser = Appraiser(self.books, self.market, self.clock)

    def put(self, name, terms, *reports, **facts):
        known = working(terms, cl_ord_id=ClOrdID(name), **facts)
        for said in reports:
            known = apply_report(known, msgspec.structs.replace(said, cl_ord_id=known.cl_ord_id))
        for change in self.books.blotter.put(known):
            self.books.ledger.book(change.new)
        return known

    def appraise(self, symbol):
        return self.appraiser.appraise(symbol, self.clock.now_ns())

    def fresh(self):
        return Appraiser(self.books, self.market, self.clock)


class TestStandingOf:
    def test_of_nothing_is_nothing(self):
        assert standing_of([]) == Standing()

    def test_each_side_is_summed_up(self):
        orders = [
            working(new_order(Side.BUY, 100, 9)),
            working(new_order(Side.BUY, 50, 10)),
            working(new_order(Side.SELL, 30, 12)),
            working(new_order(Side.SELL, 20, 11)),
        ]
        found = standing_of(orders)
        assert (found.orders, found.buy_qty, found.sell_qty) == (4, 150, 50)
        assert (found.own_bid, found.own_ask) == (10, 11)
        assert (found.limit_value, found.free_qty) == (900 + 500 + 360 + 220, 0)
        assert found.has_market == (False, False)

    @pytest.mark.parametrize(
        ("side", "has_market"), [(Side.BUY, (True, False)), (Side.SELL, (False, True))]
    )
    def test_without_a_limit_it_is_free(self, side, has_market):
        found = standing_of([working(new_order(side, 40))])
        assert (found.free_qty, found.limit_value, found.has_market) == (40, 0, has_market)
        assert found.own_bid is found.own_ask is None

    @pytest.mark.parametrize("limit", [None, 94], ids=["stop", "stop-limit"])
    def test_stop_counts_and_meets_nothing_before_it_is_set_off(self, limit):
        ord_type = OrdType.STOP if limit is None else OrdType.STOP_LIMIT
        stop = new_order(Side.SELL, 40, limit, ord_type=ord_type, stop_px=Decimal(95))
        found = standing_of([working(stop)], [stop])
        assert (found.orders, found.sell_qty) == (2, 80)
        assert (found.free_qty, found.limit_value) == ((80, 0) if limit is None else (0, 80 * 94))
        assert (found.own_ask, found.has_market) == (None, (False, False))

    def test_limit_that_is_no_price_is_none(self):
        found = standing_of([working(new_order(Side.BUY, 40, "NaN"))])
        assert (found.free_qty, found.own_bid) == (40, None)

    @pytest.mark.parametrize("custody", [Custody.HELD, Custody.STAGED])
    def test_what_waits_here_does_not_count(self, custody):
        assert standing_of([working(new_order(), custody=custody)]) == Standing()

    def test_what_is_in_doubt_counts_and_is_counted(self):
        found = standing_of([order(custody=Custody.UNKNOWN), working(new_order())])
        assert (found.orders, found.in_doubt, found.buy_qty) == (2, 1, 200)

    def test_terms_that_are_about_to_be_orders_count(self):
        found = standing_of([], [new_order(Side.SELL, 7, 9)])
        assert (found.orders, found.sell_qty, found.own_ask, found.limit_value) == (1, 7, 9, 63)

    def test_what_an_ended_order_has_executed_counts_until_it_is_heard_of(self):
        ended = working(new_order(limit=10), done=OrdStatus.CANCELED, stated_cum_qty=Decimal(58))
        found = standing_of([], owed=[ended])
        assert (found.orders, found.buy_qty, found.limit_value) == (0, 58, 580)
        assert (found.own_bid, found.has_market) == (None, (False, False))


class TestAppraiser:
    def test_executions_that_are_missing_are_part_of_what_a_symbol_stands_at(self):
        desk = Desk()
        facts = {"done": OrdStatus.CANCELED, "stated_cum_qty": Decimal(100)}
        desk.put("O1", new_order(), **facts)
        assert desk.appraiser.symbols() == (IBM,)
        assert desk.appraise(IBM).exposure.working_buy_qty == 100
        more = desk.appraiser.appraise_with(IBM, [new_order(qty=7)], None)
        assert more.exposure.working_buy_qty == 107
        desk.put("O1", new_order(), trade_report(), **facts)
        assert desk.appraise(IBM).exposure.working_buy_qty == 0
        assert desk.appraise(IBM).exposure.position.qty == 100

    def test_symbols_are_those_held_and_those_of_working_orders(self):
        desk = Desk()
        assert desk.appraiser.symbols() == ()
        desk.put("O1", new_order(), trade_report())
        desk.put("O2", new_order(symbol=MSFT))
        desk.put("O3", new_order())
        assert desk.appraiser.symbols() == (IBM, MSFT)
        assert desk.appraiser.all().keys() == {IBM, MSFT}
        desk.put("O2", new_order(symbol=MSFT), done=OrdStatus.CANCELED)
        assert desk.appraiser.symbols() == (IBM,)

    def test_what_has_not_changed_is_kept(self):
        desk = Desk()
        desk.hub.publish(quote())
        desk.put("O1", new_order())
        kept = desk.appraise(IBM)
        desk.hub.publish(quote(symbol=MSFT))
        desk.put("O2", new_order(symbol=MSFT), trade_report())
        assert desk.appraise(IBM) is kept

    def test_orders_are_summed_up_anew_only_when_they_changed(self):
        desk = Desk()
        desk.put("O1", new_order())
        kept = desk.appraise(IBM)
        desk.hub.publish(quote())
        assert desk.appraise(IBM).standing is kept.standing
        assert desk.appraise(IBM).exposure.mark == Decimal("99.99")
        desk.put("O2", new_order(qty=1))
        assert desk.appraise(IBM).standing.buy_qty == 101

    def test_fill_changes_it(self):
        desk = Desk()
        desk.hub.publish(quote())
        desk.appraise(IBM)
        desk.put("O1", new_order(), trade_report())
        assert desk.appraise(IBM).worth.value == Decimal("9999")

    @pytest.mark.parametrize(("past_ns", "is_stale"), [(0, False), (1, True)])
    def test_mark_gets_stale_while_nothing_comes(self, past_ns, is_stale):
        desk = Desk()
        desk.hub.publish(quote())
        desk.put("O1", new_order())
        assert desk.appraise(IBM).exposure.is_stale is False
        desk.clock.advance_to(NOW_NS + MARK_AGE_NS_MAX + past_ns)
        assert desk.appraise(IBM).exposure.is_stale is is_stale
        assert desk.appraise(IBM).exposure.is_stale is is_stale

    def test_with_more_and_without_one(self):
        desk = Desk()
        desk.hub.publish(quote())
        old = desk.put("O1", new_order(qty=100, limit=99))
        desk.put("O2", new_order(qty=5))
        found = desk.appraiser.appraise_with(IBM, [new_order(qty=7)], old)
        assert (found.standing.buy_qty, found.standing.orders) == (12, 2)
        assert found.worth.gross == 12 * Decimal("99.99")
        assert desk.appraise(IBM).standing.buy_qty == 105

    def test_without_a_price_there_is_no_mark(self):
        assert Desk().appraiser.mark(IBM) is None


class TestOpenValue:
    def appraisal(self, *orders, mark=None):
        desk = Desk()
        if mark is not None:
            desk.hub.publish(trade(mark))
        for number, terms in enumerate(orders):
            desk.put(f"O{number}", terms)
        return desk.appraise(IBM)

    def test_limits_count_at_their_limit_and_the_rest_at_the_mark(self):
        made = self.appraisal(new_order(qty=10, limit=9), new_order(Side.SELL, 5), mark=20)
        assert open_value([made, self.appraisal(new_order(qty=1, limit=7))]) == 90 + 100 + 7

    def test_free_shares_without_a_mark_make_it_unknown(self):
        assert open_value([self.appraisal(new_order())]) is None

    def test_of_nothing_is_nothing(self):
        assert open_value([]) == open_value([self.appraisal()]) == ZERO


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("quote"), st.sampled_from([IBM, MSFT]), st.integers(1, 200)),
        st.tuples(st.just("print"), st.sampled_from([IBM, MSFT]), st.integers(1, 200)),
        st.tuples(st.just("order"), st.sampled_from([IBM, MSFT]), st.integers(1, 9)),
        st.tuples(st.just("fill"), st.sampled_from([IBM, MSFT]), st.integers(1, 9)),
        st.tuples(st.just("end"), st.sampled_from([IBM, MSFT]), st.integers(1, 9)),
        st.tuples(st.just("time"), st.just(IBM), st.integers(1, 90)),
    ),
    max_size=30,
)


@given(STEPS)
def test_what_is_kept_is_what_would_be_made_anew(steps):
    desk = Desk()
    for number, (what, symbol, n) in enumerate(steps):
        now_ns = desk.clock.now_ns()
        side = Side.SELL if n % 2 else Side.BUY
        terms = new_order(side, 10, symbol=symbol)
        match what:
            case "quote":
                desk.hub.publish(quote(n, n + 1, symbol=symbol, ts_exch_ns=now_ns))
            case "print":
                desk.hub.publish(trade(n, ts_ns=now_ns, symbol=symbol))
            case "order":
                desk.put(f"{symbol}{n}", terms)
            case "fill":
                desk.put(f"F{number}", terms, trade_report(f"E{number}", n, n))
            case "end":
                desk.put(f"{symbol}{n}", terms, done=OrdStatus.CANCELED)
            case "time":
                desk.clock.advance_to(now_ns + n * SECOND_NS)
        for each in (IBM, MSFT):
            assert desk.appraise(each) == desk.fresh().appraise(each, desk.clock.now_ns())
