"""Goal: an auction trades as many shares as can trade, at the one price that its rule names.

Method: tables for the rule, a search through every tick as the judge of any interest, and the book
as a whole: who trades, in which order, and what is left.
"""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import Side, TimeInForce
from app.exchange.auction import Indication, Interest
from app.exchange.book import Book
from app.exchange.entry import Accepted, Canceled, Crossed, Displayed, Order, Replaced

BUY, SELL = Side.BUY, Side.SELL
DAY, IOC, FOK = TimeInForce.DAY, TimeInForce.IOC, TimeInForce.FOK
OPG, CLS = TimeInForce.OPG, TimeInForce.CLS
TICKS = 30

RULE = {
    # bids, asks, market buys and sells, reference, the answer
    "nobody": ({}, {}, 0, 0, 10, Indication(None, 0, 0, None)),
    "buyers alone": ({9: 5}, {}, 0, 0, 9, Indication(None, 0, 5, BUY)),
    "buyers too low for the reference": ({9: 5}, {}, 0, 0, 10, Indication(None, 0, 0, None)),
    "not crossed": ({9: 5}, {10: 5}, 0, 0, 10, Indication(None, 0, 5, SELL)),
    "most shares": (
        {12: 100, 11: 100, 10: 100},
        {10: 50, 11: 200},
        0,
        0,
        12,
        Indication(11, 200, 50, SELL),
    ),
    "fewest left over": (
        {10: 100, 9: 100},
        {8: 100},
        0,
        0,
        8,
        Indication(10, 100, 0, None),
    ),
    "nearest to the reference": ({12: 100}, {8: 100}, 0, 0, 20, Indication(12, 100, 0, None)),
    "the reference itself": ({12: 100}, {8: 100}, 0, 0, 9, Indication(9, 100, 0, None)),
    "between two prices nobody named": (
        {14: 100, 10: 50},
        {9: 100},
        0,
        0,
        5,
        Indication(11, 100, 0, None),
    ),
    "market orders alone": ({}, {}, 30, 50, 17, Indication(17, 30, 20, SELL)),
    "market order takes the limit's price": (
        {},
        {10: 50, 12: 50},
        80,
        0,
        11,
        Indication(12, 80, 20, SELL),
    ),
    "market order and one limit": ({}, {10: 50}, 50, 0, 13, Indication(13, 50, 0, None)),
    "market seller below every bid": ({10: 50}, {}, 0, 50, 7, Indication(7, 50, 0, None)),
}


@pytest.mark.parametrize(
    ("bids", "asks", "buys", "sells", "reference", "answer"), RULE.values(), ids=RULE
)
def test_rule(bids, asks, buys, sells, reference, answer):
    interest = Interest(bids, asks, market_buys=buys, market_sells=sells)
    assert interest.indicate(reference) == answer


def searched(bids, asks, buys, sells, reference):
    """The rule read aloud: look at every tick."""
    ranks = {}
    for px in range(1, TICKS + 3):
        demand = buys + sum(qty for limit, qty in bids.items() if limit >= px)
        supply = sells + sum(qty for limit, qty in asks.items() if limit <= px)
        rank = (-min(demand, supply), abs(demand - supply), abs(px - reference))
        ranks.setdefault(rank, []).append((px, min(demand, supply), abs(demand - supply)))
    best = ranks[min(ranks)]
    assert len(best) == 1 or not best[0][1], "two ticks are equally good"
    return best[0]


SIDES = st.dictionaries(st.integers(1, TICKS), st.integers(1, 9), max_size=8)


@given(SIDES, SIDES, st.integers(0, 9), st.integers(0, 9), st.integers(1, TICKS))
def test_answer_is_that_of_a_search_through_every_tick(bids, asks, buys, sells, reference):
    interest = Interest(bids, asks, market_buys=buys, market_sells=sells)
    said = interest.indicate(reference)
    px, paired, imbalance = searched(bids, asks, buys, sells, reference)
    assert said.paired == paired
    if paired:
        assert (said.px, said.imbalance) == (px, imbalance)
    else:
        assert said.px is None
    assert (said.imbalance_side is None) == (said.imbalance == 0)


def collecting(*orders):
    book = Book(is_continuous=False)
    for order in orders:
        book.enter(msgspec.structs.replace(order))
    return book


def word(event):
    match event:
        case Crossed():
            return f"{event.buy_id} buys {event.qty} @ {event.px} of {event.sell_id}"
        case Canceled():
            return f"-{event.order_id} {event.qty} {event.reason.value}"
        case Displayed():
            return f"{event.order_id} shows {event.qty} @ {event.px}"
        case Accepted():
            return f"+{event.order_id}"
        case Replaced():
            return f"{event.order_id} is {event.leaves} @ {event.px}"
    raise AssertionError(event)


OPENINGS = {
    "price, then time": (
        [
            Order(1, BUY, 100, 10),
            Order(2, BUY, 100, 11),
            Order(3, BUY, 100, 10),
            Order(4, SELL, 250, 9),
        ],
        ["2 buys 100 @ 10 of 4", "1 buys 100 @ 10 of 4", "3 buys 50 @ 10 of 4"],
    ),
    "market orders first": (
        [
            Order(1, BUY, 100, 12),
            Order(2, BUY, 100, time_in_force=OPG),
            Order(3, SELL, 150, 10),
        ],
        ["2 buys 100 @ 12 of 3", "1 buys 50 @ 12 of 3"],
    ),
    "what is for the opening only is canceled after it": (
        [
            Order(1, BUY, 100, 10, time_in_force=OPG),
            Order(2, BUY, 50, time_in_force=OPG),
            Order(3, BUY, 10),
            Order(4, SELL, 70, 10),
        ],
        [
            "2 buys 50 @ 10 of 4",
            "3 buys 10 @ 10 of 4",
            "1 buys 10 @ 10 of 4",
            "-1 90 unfilled",
        ],
    ),
    "orders for the close stay out of it": (
        [Order(1, BUY, 100, time_in_force=CLS), Order(2, SELL, 100, 10)],
        [],
    ),
    "displayed before hidden": (
        [
            Order(1, BUY, 100, 10, display=0),
            Order(2, BUY, 300, 10, display=100),
            Order(3, BUY, 50, 10, time_in_force=OPG),
            Order(4, SELL, 260, 10),
        ],
        [
            "2 buys 100 @ 10 of 4",
            "3 buys 50 @ 10 of 4",
            "1 buys 100 @ 10 of 4",
            "2 buys 10 @ 10 of 4",
            "2 shows 100 @ 10",
        ],
    ),
    "an owner's orders meet": (
        [Order(1, BUY, 100, 10, owner=7), Order(2, SELL, 100, 10, owner=7)],
        ["1 buys 100 @ 10 of 2"],
    ),
}


@pytest.mark.parametrize(("orders", "said"), OPENINGS.values(), ids=OPENINGS)
def test_opening(orders, said):
    book = collecting(*orders)
    assert [word(event) for event in book.uncross(12)] == said


class TestCollecting:
    def test_nothing_trades_and_prices_may_cross(self):
        book = collecting(Order(1, BUY, 100, 11), Order(2, SELL, 100, 10))
        assert (book.best(BUY), book.best(SELL)) == ((11, 100), (10, 100))
        assert not book.is_continuous

    @pytest.mark.parametrize(("px", "life"), [(10, IOC), (10, FOK), (None, IOC), (None, FOK)])
    def test_immediate_order_finds_nobody(self, px, life):
        book = collecting(Order(1, SELL, 100, 10))
        events = book.enter(Order(2, BUY, 100, px, life))
        assert [word(event) for event in events] == ["+2", "-2 100 unfilled"]

    def test_market_order_waits_for_the_auction(self):
        book = collecting(Order(1, SELL, 30, 10))
        assert [word(event) for event in book.enter(Order(2, BUY, 100))] == ["+2"]
        said = [word(event) for event in book.uncross(10)]
        assert said == ["2 buys 30 @ 10 of 1", "-2 70 unfilled"]

    def test_matching_goes_on_after_the_auction(self):
        book = collecting(Order(1, BUY, 100, 11), Order(2, SELL, 150, 10))
        book.uncross(10)
        assert book.is_continuous
        assert book.best(SELL) == (10, 50)
        assert book.enter(Order(3, BUY, 50, 10))[1].maker_id == 2

    def test_matching_can_be_stopped_again(self):
        book = Book()
        book.enter(Order(1, SELL, 100, 10))
        book.collect()
        assert [word(e) for e in book.enter(Order(2, BUY, 100, 10))] == ["+2", "2 shows 100 @ 10"]
        assert book.indicate(10) == Indication(10, 100, 0, None)


class TestWaiting:
    def test_order_for_an_auction_stays_out_of_the_queues(self):
        book = Book()
        book.enter(Order(1, SELL, 100, 10))
        assert [word(e) for e in book.enter(Order(2, BUY, 100, 10, CLS))] == ["+2"]
        assert (book.best(BUY), book.ahead_of(2), len(book)) == (None, None, 2)

    def test_it_can_be_canceled(self):
        book = Book()
        book.enter(Order(2, BUY, 100, None, CLS))
        assert [word(event) for event in book.cancel(2)] == ["-2 100 requested"]
        assert (len(book), book.indicate(10, CLS).paired) == (0, 0)
        assert book.uncross(10, CLS) == []

    def test_fewer_shares_keep_its_place(self):
        book = collecting(Order(1, BUY, 90, 10, OPG), Order(2, BUY, 90, 10, OPG))
        book.replace(1, 50, 10)
        book.enter(Order(3, SELL, 60, 10))
        said = [word(event) for event in book.uncross(10)]
        assert said == ["1 buys 50 @ 10 of 3", "2 buys 10 @ 10 of 3", "-2 80 unfilled"]

    def test_more_shares_go_to_the_back(self):
        book = collecting(Order(1, BUY, 90, 10, OPG), Order(2, BUY, 90, 10, OPG))
        assert [word(event) for event in book.replace(1, 91, 10)] == ["1 is 91 @ 10"]
        book.enter(Order(3, SELL, 100, 10))
        said = [word(event) for event in book.uncross(10)]
        assert said[:2] == ["2 buys 90 @ 10 of 3", "1 buys 10 @ 10 of 3"]


def test_close_takes_the_book_and_what_waited_for_it():
    book = Book()
    for order in (
        Order(1, BUY, 100, 10),
        Order(2, SELL, 100, 12),
        Order(3, BUY, 150, None, CLS),
        Order(4, SELL, 80, 11, CLS),
        Order(5, BUY, 10, None, OPG),
    ):
        book.enter(order)
    assert book.indicate(11, CLS) == Indication(12, 150, 30, SELL)
    said = [word(event) for event in book.uncross(11, CLS)]
    assert said == ["3 buys 80 @ 12 of 4", "3 buys 70 @ 12 of 2"]
    assert (book.best(BUY), book.best(SELL)) == ((10, 100), (12, 30))
    assert book.order(5).leaves == 10


def test_part_that_came_out_of_reserve_is_behind_what_waited_for_the_close():
    book = Book()
    book.enter(Order(1, BUY, 200, 10, display=100))
    book.enter(Order(2, BUY, 100, 10, CLS))
    book.enter(Order(3, SELL, 100, 10))
    book.enter(Order(4, SELL, 150, 10, CLS))
    said = [word(event) for event in book.uncross(10, CLS)]
    assert said == ["2 buys 100 @ 10 of 4", "1 buys 50 @ 10 of 4"]


def test_indication_follows_the_interest():
    book = collecting(Order(1, BUY, 100, 10))
    assert book.indicate(10) == Indication(None, 0, 100, BUY)
    book.enter(Order(2, SELL, 300, 10, display=50))
    assert book.indicate(10) == Indication(10, 100, 200, SELL)
    book.cancel(1)
    assert book.indicate(10) == Indication(None, 0, 300, SELL)
