"""Show that a picture holds what is known and makes nothing up.

Method: books folded from records, a market store, no engine.
"""

from decimal import Decimal

import msgspec
import pytest

from app.clock import SimClock
from app.config import load_config
from app.domain.enums import AmendmentWay, Custody, Side, TradingState
from app.domain.orders import Amendment
from app.domain.terms import Hold
from app.hub import Hub
from app.market.store import MarketStore
from app.oms.books import Books
from app.oms.picture import MARK_AGE_NS_MAX, Pictures
from tests.samples import IBM, MSFT, NOW_NS, bar, fill, new_order, order, quote, trade

CONFIG = load_config()


class Desk:
    def __init__(self):
        self.hub = Hub()
        store = MarketStore(hub=self.hub, clock=SimClock(NOW_NS), limits=CONFIG.limits)
        self.books = Books(Decimal(100_000))
        self.pictures = Pictures(
            books=self.books,
            market=store.view,
            clock=SimClock(NOW_NS),
            leverage_max=Decimal(2),
        )

    def picture(self, order=None, **options):
        return self.pictures.picture(order or new_order(), States(), **options)


class States:
    """What is let through of each symbol."""

    def state_of(self, symbol):
        return TradingState.ACTIVE if symbol == IBM else TradingState.REDUCING


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


def put(desk, *known):
    for one in known:
        desk.books.blotter.put(one)


def test_state_is_that_of_the_symbol():
    desk = Desk()
    assert desk.picture().trading_state is TradingState.ACTIVE
    assert desk.picture(new_order(symbol=MSFT)).trading_state is TradingState.REDUCING


def test_working_orders_count_with_what_they_may_come_to_and_those_held_here_do_not():
    desk = Desk()
    raised = amended(order(custody=Custody.ACKNOWLEDGED, ts_ack_ns=1), qty=150)
    held = order(cl_ord_id="O2", custody=Custody.HELD, hold=Hold())
    other = order(new_order(qty=7, symbol=MSFT), cl_ord_id="O3", custody=Custody.SENT)
    put(desk, raised, held, other)
    picture = desk.picture()
    assert (picture.working_buy_qty, picture.working_sell_qty) == (150, 0)
    assert desk.picture(new_order(symbol=MSFT)).working_buy_qty == 7


def test_order_that_is_to_be_replaced_is_left_out_and_named():
    desk = Desk()
    known = order(new_order(qty=80, limit=99), custody=Custody.ACKNOWLEDGED, ts_ack_ns=1)
    put(desk, known, order(new_order(qty=5), cl_ord_id="O2", custody=Custody.SENT))
    picture = desk.picture(without=known)
    assert picture.working_buy_qty == 5
    assert (picture.replaced_qty, picture.replaced_px) == (80, 99)
    assert (desk.picture().replaced_qty, desk.picture().replaced_px) == (0, None)


def test_orders_in_doubt_are_counted_by_symbol():
    desk = Desk()
    put(
        desk,
        order(custody=Custody.UNKNOWN),
        order(cl_ord_id="O2", custody=Custody.SENT),
        order(new_order(symbol=MSFT), cl_ord_id="O3", custody=Custody.UNKNOWN),
    )
    assert (desk.picture().in_doubt, desk.picture(new_order(symbol=MSFT)).in_doubt) == (1, 1)


@pytest.mark.parametrize(
    ("age_ns", "is_stale"), [(0, False), (MARK_AGE_NS_MAX, False), (MARK_AGE_NS_MAX + 1, True)]
)
def test_old_marks_are_used_and_said_to_be_stale(age_ns, is_stale):
    desk = Desk()
    desk.books.ledger.book(fill(px=100))
    ts_ns = NOW_NS - age_ns
    desk.hub.publish(quote(90, 91, ts_exch_ns=ts_ns, ts_recv_ns=ts_ns))
    figures = desk.pictures.account()
    assert (figures.equity, figures.is_stale) == (90_000 + 9_000, is_stale)
    assert desk.pictures.mark(IBM) == 90


def test_without_a_quote_the_last_print_is_the_mark_with_its_age():
    desk = Desk()
    desk.books.ledger.book(fill(px=100))
    desk.hub.publish(trade(95, ts_ns=NOW_NS - MARK_AGE_NS_MAX - 1))
    assert (desk.pictures.mark(IBM), desk.pictures.account().is_stale) == (95, True)
    desk.hub.publish(trade(96, ts_ns=NOW_NS))
    assert (desk.pictures.mark(IBM), desk.pictures.account().is_stale) == (96, False)


def test_a_price_of_a_bar_has_no_age_and_is_stale():
    desk = Desk()
    desk.books.ledger.book(fill(px=100))
    desk.hub.publish(bar())
    assert (desk.pictures.mark(IBM), desk.pictures.account().is_stale) == (11, True)


def amended(known, qty):
    amendment = Amendment(
        cl_ord_id="A1",
        order=msgspec.structs.replace(known.order, order_qty=Decimal(qty)),
        origin=known.origin,
        actor="ada",
        ts_intent_ns=NOW_NS,
        way=AmendmentWay.NATIVE,
    )
    return msgspec.structs.replace(known, amendments=(amendment,))
