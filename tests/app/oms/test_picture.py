"""Show that a picture holds what is known and makes nothing up.

Method: books folded from records, a market store, no engine.
"""

from decimal import Decimal

from app.clock import SimClock
from app.config import load_config
from app.domain.enums import Side, TradingState
from app.hub import Hub
from app.market.store import MarketStore
from app.oms.books import Books
from app.oms.picture import Pictures
from tests.samples import IBM, NOW_NS, new_order, quote

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

    def picture(self, order=None):
        return self.pictures.picture(order or new_order(), TradingState.ACTIVE)


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
