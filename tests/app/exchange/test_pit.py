"""Goal: whatever happens in a pit is told to its owners once and to the world in full."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import Liquidity, Side, TimeInForce
from app.domain.times import SECOND_NS
from app.exchange.entry import CancelReason, Order
from app.exchange.luld import LIMIT_NS, Tier
from app.exchange.pit import Facts, Pit
from app.exchange.wire import (
    DepthMessage,
    ImbalanceMessage,
    PrintMessage,
    QuoteMessage,
    StatusMessage,
)

FACTS = Facts(symbol="AAPL", market="Q", tick=Decimal("0.01"), lot=100, tier=Tier.ONE)
BUY, SELL = Side.BUY, Side.SELL


class Listener:
    def __init__(self):
        self.fills, self.ends = [], []

    def on_fill(self, order, qty, px, liquidity, now_ns):
        self.fills.append((order.order_id, qty, px, liquidity))

    def on_cancel(self, order, qty, reason, now_ns):
        self.ends.append((order.order_id, qty, reason))


class Bench:
    def __init__(self):
        self.said = []
        self.pit = Pit(FACTS, 100.0, self.said.append)
        self.own = Listener()

    def enter(self, side, qty, px=None, life=TimeInForce.DAY, *, is_own=False, now_ns=1, **more):
        order = Order(next(self.pit.ids), side, qty, px, life, **more)
        self.pit.enter(order, now_ns, self.own if is_own else None)
        return order.order_id

    def of(self, kind):
        return [message for message in self.said if isinstance(message, kind)]


@pytest.fixture
def bench():
    return Bench()


def test_a_taker_that_meets_several_prices_hears_of_each_share_once(bench):
    for px in (10_001, 10_002, 10_003):
        bench.enter(SELL, 100, px)
    taker = bench.enter(BUY, 250, 10_003, is_own=True)
    assert bench.own.fills == [
        (taker, 100, 10_001, Liquidity.REMOVED),
        (taker, 100, 10_002, Liquidity.REMOVED),
        (taker, 50, 10_003, Liquidity.REMOVED),
    ]
    assert [(m.price, m.size) for m in bench.of(PrintMessage)] == [
        (1_000_100, 100),
        (1_000_200, 100),
        (1_000_300, 50),
    ]


def test_a_maker_hears_of_its_fills_and_of_its_end(bench):
    maker = bench.enter(SELL, 300, 10_001, is_own=True)
    bench.enter(BUY, 100, 10_001)
    bench.pit.cancel(maker, 2)
    assert bench.own.fills == [(maker, 100, 10_001, Liquidity.ADDED)]
    assert bench.own.ends == [(maker, 200, CancelReason.REQUESTED)]
    assert not bench.pit.cancel(maker, 3)
    assert not bench.pit.replace(maker, 10, 10_001, 3)


def test_what_is_left_of_a_market_order_is_canceled_and_told(bench):
    bench.enter(SELL, 100, 10_001)
    taker = bench.enter(BUY, 300, is_own=True)
    assert bench.own.ends == [(taker, 200, CancelReason.UNFILLED)]


def test_a_quote_takes_a_round_lot_and_prints_say_odd_lots(bench):
    bench.enter(BUY, 60, 9_999)
    assert bench.of(QuoteMessage) == []
    bench.enter(BUY, 50, 9_998)
    assert [(m.bid, m.bid_size, m.ask) for m in bench.of(QuoteMessage)] == [(999_800, 110, 0)]
    bench.enter(SELL, 60, 9_999)
    assert [m.conditions for m in bench.of(PrintMessage)] == ["@I"]
    bench.pit.report(9_999, 100, 5)
    assert [(m.venue, m.conditions) for m in bench.of(PrintMessage)[1:]] == [("D", "@")]


def test_terms_without_sense_change_nothing(bench):
    with pytest.raises(ValueError, match="quantity 0"):
        bench.enter(BUY, 0, 10_000, is_own=True)
    assert bench.said == []


def test_orders_beyond_the_band_trade_within_it(bench):
    bench.pit.open(10_000, 1, 10**18)
    bench.enter(SELL, 100, 10_400)
    bench.enter(SELL, 100, 10_600)
    bench.enter(BUY, 1_000, is_own=True)
    assert [fill[2] for fill in bench.own.fills] == [10_400]
    (status,) = bench.of(StatusMessage)
    assert (status.lower, status.upper) == (950_000, 1_050_000)


def test_a_side_that_stays_at_its_band_is_due_for_a_pause(bench):
    bench.pit.open(10_000, 1, 10**18)
    bench.enter(BUY, 100, 10_900, now_ns=SECOND_NS)
    assert bench.pit.pause_due_ns() == SECOND_NS + LIMIT_NS
    bench.pit.close(2 * SECOND_NS, "@T")
    assert bench.pit.pause_due_ns() > 10**18


def test_a_halt_lets_orders_wait_and_an_auction_ends_it(bench):
    bench.pit.stop("news pending", 1)
    buyer = bench.enter(BUY, 200, 10_010, is_own=True)
    bench.enter(SELL, 100, 10_000)
    assert (bench.of(PrintMessage), bench.of(QuoteMessage)) == ([], [])
    bench.pit.say_imbalance(TimeInForce.OPG, "H", 2)
    (call,) = bench.of(ImbalanceMessage)
    assert (call.paired, call.imbalance, call.side) == (100, 100, "B")
    px = bench.pit.cross(TimeInForce.OPG, "@5", 3)
    assert px == 10_005  # Between the two: nearest to the middle.
    assert bench.own.fills == [(buyer, 100, px, Liquidity.AUCTION)]
    assert [m.halt for m in bench.of(StatusMessage)] == ["news pending", ""]


def test_a_fall_of_a_tenth_restricts_short_sales(bench):
    bench.pit.open(10_000, 1, 10**18)
    bench.pit.open(9_050, 2, 10**18)
    bench.enter(BUY, 100, 9_000)
    bench.enter(SELL, 100, 9_000)
    assert bench.pit.is_restricted
    assert bench.of(StatusMessage)[-1].is_short_restricted


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["enter", "cancel", "replace", "market"]),
            st.booleans(),
            st.integers(1, 12),
            st.integers(1, 400),
        ),
        max_size=60,
    )
)
def test_depth_messages_alone_rebuild_the_book_and_quotes_are_its_best(steps):
    bench = Bench()
    known = {True: {}, False: {}}
    for number, (verb, is_buy, px, qty) in enumerate(steps, start=1):
        side = BUY if is_buy else SELL
        if verb == "enter":
            bench.enter(side, qty, px, display=100 if qty % 7 == 0 else None)
        elif verb == "market":
            bench.enter(side, qty)
        elif verb == "cancel":
            bench.pit.cancel(1 + qty % number, 1)
        else:
            bench.pit.replace(1 + qty % number, qty, px, 1)
    for message in bench.of(DepthMessage):
        for is_buy, changes in ((True, message.bids), (False, message.asks)):
            for px, qty in changes:
                known[is_buy][px] = qty
    for is_buy, side in ((True, BUY), (False, SELL)):
        left = {px: qty for px, qty in known[is_buy].items() if qty}
        book = {px * 100: qty for px, qty in bench.pit.book.depth(side, 99)}
        assert left == book
    quotes = bench.of(QuoteMessage)
    assert ((quotes[-1].bid, quotes[-1].bid_size) if quotes else (0, 0)) == round_lot(bench, BUY)


def round_lot(bench, side):
    total = 0
    for px, qty in bench.pit.book.depth(side, 99):
        total += qty
        if total >= 100:
            return px * 100, total
    return 0, 0
