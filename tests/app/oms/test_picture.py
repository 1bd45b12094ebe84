"""Show that a picture holds what is known and makes nothing up.

Method: books folded from records, a market store, no engine.
"""

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from app.calendar import us_calendar
from app.clock import SimClock
from app.config import MarginFrom, load_config
from app.domain.enums import (
    AmendmentWay,
    Custody,
    FeedState,
    MarginRegime,
    OrdStatus,
    Origin,
    Side,
    TradingState,
)
from app.domain.ids import ClOrdID, Symbol
from app.domain.market import FeedStatus, SymbolStatus
from app.domain.orders import Amendment
from app.domain.times import SECOND_NS
from app.domain.transitions import apply_report
from app.hub import Hub
from app.market.store import MarketStore
from app.oms.books import Books
from app.oms.health import Health
from app.oms.picture import Pictures
from app.oms.standing import MARK_AGE_NS_MAX
from app.risk.gate import Gate
from tests.samples import (
    IBM,
    MSFT,
    NOW_NS,
    instrument,
    new_order,
    order,
    quote,
    trade,
    trade_report,
)

CONFIG = load_config()


class Desk:
    def __init__(self, regime=None):
        account = CONFIG.account
        if regime is not None:
            margin = (MarginFrom(since=date(2000, 1, 1), regime=regime),)
            account = msgspec.structs.replace(account, margin=margin)
        self.hub, self.gate, self.clock = Hub(), Gate([], {}), SimClock(NOW_NS)
        self.store = store = MarketStore(hub=self.hub, clock=self.clock, limits=CONFIG.limits)
        self.books = Books(Decimal(100_000))
        self.health = Health()
        self.pictures = Pictures(
            books=self.books,
            market=store.view,
            clock=self.clock,
            account=account,
            health=self.health,
            calendar=us_calendar(),
        )

    def picture(self, order=None, without=None):
        return self.pictures.picture(order or new_order(), self.gate, without=without)

    def put(self, n, terms, *reports, **facts):
        """Put an order into the book that the broker has acknowledged."""
        known = order(
            terms, cl_ord_id=ClOrdID(f"O{n}"), custody=Custody.ACKNOWLEDGED, ts_ack_ns=1, **facts
        )
        for said in reports:
            known = apply_report(known, msgspec.structs.replace(said, cl_ord_id=known.cl_ord_id))
        for change in self.books.blotter.put(known):
            self.books.ledger.book(change.new)
        return known


def test_nothing_known_is_none_and_not_zero():
    picture = Desk().picture()
    assert (picture.bid, picture.ask, picture.last_px, picture.feed_age_ns) == (None,) * 4
    assert (picture.position_qty, picture.equity) == (0, Decimal(100_000))


def test_quote_is_in_the_picture():
    desk = Desk()
    said = quote()
    desk.hub.publish(said)
    picture = desk.picture()
    assert (picture.bid, picture.ask) == (said.bid, said.ask)
    assert (picture.bid_size, picture.ask_size) == (said.bid_size, said.ask_size)


def test_reserved_orders_count_on_their_side():
    desk = Desk()
    desk.hub.publish(quote())
    desk.pictures.reserved.append(new_order(qty=30))
    desk.pictures.reserved.append(new_order(qty=20, side=Side.SELL))
    picture = desk.picture()
    assert (picture.working_buy_qty, picture.working_sell_qty) == (30, 20)
    mark = desk.pictures.mark(IBM)
    assert picture.gross_exposure == picture.symbol_exposure == 30 * mark


def test_exposure_without_a_price_is_not_known():
    desk = Desk()
    desk.pictures.reserved.append(new_order(qty=30))
    picture = desk.picture()
    assert picture.symbol_exposure is None
    assert picture.gross_exposure is None
    assert desk.pictures.account().buying_power is None


@pytest.mark.parametrize(
    ("facts", "buys"),
    [
        ({}, 100),
        ({"custody": Custody.UNKNOWN}, 100),
        ({"custody": Custody.UNSENT}, 100),
        ({"custody": Custody.HELD}, 0),
        ({"custody": Custody.STAGED}, 0),
        ({"done": OrdStatus.CANCELED}, 0),
        ({"cancel_requested": True}, 100),
    ],
    ids=["working", "in doubt", "unsent", "held here", "staged", "canceled", "pending cancel"],
)
def test_what_may_execute_counts_the_unknown_included_and_what_waits_here_does_not(facts, buys):
    desk = Desk()
    known = desk.put(1, new_order())
    desk.books.blotter.put(msgspec.structs.replace(known, **facts))
    assert desk.picture().working_buy_qty == buys
    assert desk.picture().in_doubt == (facts.get("custody") is Custody.UNKNOWN)


def test_only_what_is_left_counts_and_only_of_the_symbol():
    desk = Desk()
    desk.hub.publish(quote("99", "101"))
    desk.hub.publish(quote("49", "51", symbol=MSFT))
    desk.put(1, new_order(qty=100), trade_report("E1", 40, 100))
    desk.put(2, new_order(Side.SELL, 30))
    desk.put(3, new_order(qty=7, symbol=MSFT))
    seen = desk.picture()
    assert (seen.position_qty, seen.working_buy_qty, seen.working_sell_qty) == (40, 60, 30)
    assert seen.symbol_exposure == 100 * 99  # Held long: what closing brings, the bid.
    assert seen.gross_exposure == 100 * 99 + 7 * desk.pictures.mark(MSFT)
    assert seen.equity == 100_000 - 40 * 100 + 40 * 99


def test_larger_of_both_terms_counts_while_a_replace_is_open():
    desk = Desk()
    for qty, expected in ((150, 150), (50, 100)):
        amendment = Amendment(
            cl_ord_id=ClOrdID("R1"),
            order=new_order(qty=qty),
            origin=Origin.MANUAL,
            actor="ada",
            ts_intent_ns=NOW_NS,
            way=AmendmentWay.NATIVE,
        )
        desk.put(1, new_order(), amendments=(amendment,))
        assert desk.picture().working_buy_qty == expected


def test_order_that_is_to_be_replaced_is_left_out_and_named():
    desk = Desk()
    old = desk.put(1, new_order(limit=99), trade_report("E1", 40, 99))
    desk.put(2, new_order(qty=5))
    seen = desk.picture(without=old)
    assert (seen.working_buy_qty, seen.replaced_qty, seen.replaced_px) == (5, 60, 99)
    seen = desk.picture()
    assert (seen.working_buy_qty, seen.replaced_qty, seen.replaced_px) == (65, 0, None)


def test_state_is_that_of_the_symbol():
    desk = Desk()
    desk.gate.set_symbol_state(IBM, TradingState.REDUCING, "r")
    assert desk.picture().trading_state is TradingState.REDUCING
    assert desk.picture(new_order(symbol=MSFT)).trading_state is TradingState.ACTIVE


def test_picture_is_of_its_moment():
    desk = Desk()
    desk.clock.advance_to(NOW_NS + 5)
    assert desk.picture().ts_ns == NOW_NS + 5


@pytest.mark.parametrize(("age_ns", "is_stale"), [(0, False), (1, True)])
def test_mark_that_is_older_than_allowed_is_used_and_said_to_be(age_ns, is_stale):
    desk = Desk()
    desk.put(1, new_order(), trade_report("E1", 100, 100))
    desk.hub.publish(quote("99", "101"))
    desk.clock.advance_to(NOW_NS + MARK_AGE_NS_MAX + age_ns)
    assert desk.pictures.mark(IBM) == 99
    assert desk.pictures.account().is_stale == is_stale
    assert MARK_AGE_NS_MAX == 60_000_000_000


def test_last_print_marks_where_there_is_no_quote():
    desk = Desk()
    desk.hub.publish(trade(98))
    assert desk.pictures.mark(IBM) == 98
    assert desk.picture().last_px == 98
    assert desk.pictures.mark(MSFT) is None


class TestFunds:
    """What may be spent depends on the rules of the account on the day."""

    @pytest.mark.parametrize("regime", [r for r in MarginRegime if r is not MarginRegime.CASH])
    def test_account_that_borrows_waits_for_no_settlement(self, regime):
        funds = Desk(regime).picture().funds
        assert (funds.regime, funds.settled_cash) == (regime, None)

    def test_cash_account_may_spend_what_has_settled(self):
        desk = Desk(MarginRegime.CASH)
        assert desk.picture().funds.settled_cash == 100_000
        sold = trade_report("E1", 10, 100)
        (change,) = desk.books.blotter.put(
            apply_report(
                order(new_order(Side.SELL, 10), custody=Custody.ACKNOWLEDGED, ts_ack_ns=1), sold
            )
        )
        desk.books.ledger.book(change.new)
        desk.books.unsettled.put(change.new)
        assert desk.books.ledger.cash == 101_000
        assert desk.picture().funds.settled_cash == 100_000
        desk.clock.advance_to(NOW_NS + 24 * 3_600 * SECOND_NS)
        assert desk.picture().funds.settled_cash == 101_000


class TestGroup:
    """Symbols that move together are one exposure."""

    def put(self, **groups):
        desk = Desk()
        desk.store.list_instruments(
            instrument(symbol=Symbol(name), group=group) for name, group in groups.items()
        )
        return desk

    def test_symbols_of_a_group_count_together_and_others_do_not(self):
        desk = self.put(IBM="tech", MSFT="tech", JPM="banks")
        for symbol, px in ((IBM, 100), (MSFT, 50), (Symbol("JPM"), 10)):
            desk.hub.publish(quote(px, px, symbol=symbol))
        desk.put(1, new_order(qty=7, symbol=MSFT))
        desk.put(2, new_order(qty=3, symbol=IBM))
        desk.put(3, new_order(qty=9, symbol=Symbol("JPM")))
        assert desk.picture().group_exposure == 7 * 50 + 3 * 100

    def test_symbol_without_a_group_adds_to_none(self):
        desk = self.put(IBM="", MSFT="")
        desk.hub.publish(quote(100, 100))
        desk.put(1, new_order(qty=3))
        assert desk.picture().group_exposure == 0

    def test_group_is_not_known_if_one_of_it_has_no_price(self):
        desk = self.put(IBM="tech", MSFT="tech")
        desk.hub.publish(quote(100, 100))
        desk.put(1, new_order(qty=3))
        desk.put(2, new_order(qty=7, symbol=MSFT))
        assert desk.picture().group_exposure is None


def test_everything_that_is_known_is_in_the_picture():
    desk = Desk()
    desk.health.station, desk.health.unreconciled = "late", "2 differ"
    desk.health.venue, desk.health.loop_lag_ns = "no venue", 7
    desk.hub.publish(quote(ts_recv_ns=NOW_NS))
    desk.hub.publish(FeedStatus(feed="test", state=FeedState.LIVE, text="live", ts_recv_ns=NOW_NS))
    desk.hub.publish(
        SymbolStatus(
            symbol=IBM,
            halt="T1",
            is_short_restricted=True,
            ts_exch_ns=NOW_NS,
            ts_recv_ns=NOW_NS,
        )
    )
    desk.clock.advance_to(NOW_NS + 3 * SECOND_NS)
    desk.put(1, new_order(qty=30, limit=9))
    desk.put(2, new_order(qty=20, limit=11, side=Side.SELL))
    desk.put(3, new_order(qty=5, side=Side.SELL))
    desk.put(4, new_order(symbol=MSFT), trade_report())
    picture = desk.pictures.picture(new_order(), desk.gate, family_qty=Decimal(12))
    assert picture.phase is us_calendar().phase(desk.clock.now_ns())
    assert (picture.quote_age_ns, picture.is_feed_live) == (3 * SECOND_NS, True)
    assert (picture.halt, picture.is_short_restricted) == ("T1", True)
    assert (picture.station_fault, picture.unreconciled) == ("late", "2 differ")
    assert (picture.venue_fault, picture.loop_lag_ns) == ("no venue", 7)
    assert (picture.open_orders, picture.symbols_held) == (3, 1)
    assert (picture.own_bid, picture.own_ask, picture.has_own_market) == (9, 11, (False, True))
    assert picture.family_qty == 12


def test_a_quote_from_the_future_has_no_age_and_none_has_none():
    desk = Desk()
    assert desk.picture().quote_age_ns is None
    assert (desk.picture().bid_size, desk.picture().ask_size) == (0, 0)
    desk.hub.publish(quote(ts_recv_ns=NOW_NS + SECOND_NS))
    assert desk.picture().quote_age_ns == 0
