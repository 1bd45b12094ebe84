"""Goal: every kind of order does in the book what its name promises, and the queue is fair."""

from __future__ import annotations

import re

import msgspec
import pytest

from app.domain.enums import Side, TimeInForce
from app.exchange.book import Book
from app.exchange.entry import (
    Accepted,
    Canceled,
    Displayed,
    Executed,
    Order,
    Replaced,
    SelfMatch,
)

BUY, SELL = Side.BUY, Side.SELL
IOC, FOK = TimeInForce.IOC, TimeInForce.FOK


def buy(order_id, qty, px=None, **more):
    return Order(order_id, BUY, qty, px, **more)


def sell(order_id, qty, px=None, **more):
    return Order(order_id, SELL, qty, px, **more)


def cancel(order_id):
    return lambda book: book.cancel(order_id)


def replace(order_id, leaves, px):
    return lambda book: book.replace(order_id, leaves, px)


def word(event):
    """One event as text; hidden shares have a bracket."""
    match event:
        case Accepted():
            return f"+{event.order_id}"
        case Displayed():
            return f"{event.order_id} shows {event.qty} @ {event.px}"
        case Executed():
            qty = event.qty if event.is_displayed else f"({event.qty})"
            return f"{event.taker_id} takes {qty} @ {event.px} of {event.maker_id}"
        case Canceled():
            rest = f", {event.leaves} left" if event.leaves else ""
            return f"-{event.order_id} {event.qty} {event.reason.value}{rest}"
        case Replaced():
            place = "in place" if event.keeps_place else "anew"
            return f"{event.order_id} is {event.leaves} @ {event.px} {place}"
    raise AssertionError(event)


def play(*steps):
    """Run orders and verbs through a book; the words of the last step, and the book."""
    book, said = Book(), []
    for step in steps:
        # A copy: the book writes into what it is given, and tables share their rows.
        is_order = isinstance(step, Order)
        events = book.enter(msgspec.structs.replace(step)) if is_order else step(book)
        said = [word(event) for event in events]
    return said, book


ASKS = (sell(1, 100, 10), sell(2, 100, 10), sell(3, 100, 11))
ICEBERG = (sell(1, 500, 10, display=100), sell(2, 100, 10))

TABLE = {
    "limit order rests": ([buy(1, 100, 10)], ["+1", "1 shows 100 @ 10"]),
    "first come, first served": (
        [*ASKS, buy(9, 150, 10)],
        ["+9", "9 takes 100 @ 10 of 1", "9 takes 50 @ 10 of 2"],
    ),
    "better price goes before earlier time": (
        [sell(1, 100, 11), sell(2, 100, 10), buy(9, 150, 11)],
        ["+9", "9 takes 100 @ 10 of 2", "9 takes 50 @ 11 of 1"],
    ),
    "rest of a limit order waits at its limit": (
        [*ASKS, buy(9, 250, 10)],
        ["+9", "9 takes 100 @ 10 of 1", "9 takes 100 @ 10 of 2", "9 shows 50 @ 10"],
    ),
    "sell takes the highest bid first": (
        [buy(1, 10, 9), buy(2, 10, 10), sell(9, 20, 9)],
        ["+9", "9 takes 10 @ 10 of 2", "9 takes 10 @ 9 of 1"],
    ),
    "market order takes what there is": (
        [sell(1, 100, 10), buy(9, 150)],
        ["+9", "9 takes 100 @ 10 of 1", "-9 50 unfilled"],
    ),
    "market order finds nobody": ([buy(9, 150)], ["+9", "-9 150 unfilled"]),
    "immediate order leaves nothing behind": (
        [*ASKS, buy(9, 250, 10, time_in_force=IOC)],
        ["+9", "9 takes 100 @ 10 of 1", "9 takes 100 @ 10 of 2", "-9 50 unfilled"],
    ),
    "all or nothing: nothing": (
        [*ASKS, buy(9, 250, 10, time_in_force=FOK)],
        ["+9", "-9 250 unfilled"],
    ),
    "all or nothing: all": (
        [*ASKS, buy(9, 250, 11, time_in_force=FOK)],
        ["+9", "9 takes 100 @ 10 of 1", "9 takes 100 @ 10 of 2", "9 takes 50 @ 11 of 3"],
    ),
    "all or nothing counts hidden shares": (
        [sell(1, 500, 10, display=100), buy(9, 500, 10, time_in_force=FOK)],
        ["+9", "9 takes 100 @ 10 of 1", "9 takes (400) @ 10 of 1"],
    ),
    "post-only order never takes": (
        [*ASKS, buy(9, 10, 10, is_post_only=True)],
        ["+9", "-9 10 would trade"],
    ),
    "post-only order that meets nobody rests": (
        [*ASKS, buy(9, 10, 9, is_post_only=True)],
        ["+9", "9 shows 10 @ 9"],
    ),
    "post-only order does not take hidden shares either": (
        [sell(1, 10, 10, display=0), buy(9, 10, 10, is_post_only=True)],
        ["+9", "-9 10 would trade"],
    ),
    "hidden order rests unseen": ([sell(1, 100, 10, display=0)], ["+1"]),
    "displayed shares go before hidden ones": (
        [sell(1, 100, 10, display=0), sell(2, 100, 10), buy(9, 150, 10)],
        ["+9", "9 takes 100 @ 10 of 2", "9 takes (50) @ 10 of 1"],
    ),
    "hidden shares at a better price go first": (
        [sell(1, 100, 11), sell(2, 100, 10, display=0), buy(9, 150, 11)],
        ["+9", "9 takes (100) @ 10 of 2", "9 takes 50 @ 11 of 1"],
    ),
    "reserve shows its next part when the first is gone": (
        [*ICEBERG, buy(9, 100, 10)],
        ["+9", "9 takes 100 @ 10 of 1", "1 shows 100 @ 10"],
    ),
    "next part stands at the back": (
        [*ICEBERG, buy(8, 100, 10), buy(9, 150, 10)],
        ["+9", "9 takes 100 @ 10 of 2", "9 takes 50 @ 10 of 1"],
    ),
    "reserve trades after all that is displayed": (
        [*ICEBERG, buy(9, 300, 10)],
        [
            "+9",
            "9 takes 100 @ 10 of 1",
            "9 takes 100 @ 10 of 2",
            "9 takes (100) @ 10 of 1",
            "1 shows 100 @ 10",
        ],
    ),
    "part that is not used up is not renewed": (
        [*ICEBERG, buy(9, 60, 10)],
        ["+9", "9 takes 60 @ 10 of 1"],
    ),
    "last part is what is left": (
        [sell(1, 150, 10, display=100), buy(9, 120, 10)],
        ["+9", "9 takes 100 @ 10 of 1", "9 takes (20) @ 10 of 1", "1 shows 30 @ 10"],
    ),
    "reserves among themselves by entry": (
        [
            sell(1, 200, 10, display=100),
            sell(2, 200, 10, display=100),
            sell(3, 50, 10, display=0),
            buy(9, 430, 10),
        ],
        [
            "+9",
            "9 takes 100 @ 10 of 1",
            "9 takes 100 @ 10 of 2",
            "9 takes (100) @ 10 of 1",
            "9 takes (100) @ 10 of 2",
            "9 takes (30) @ 10 of 3",
        ],
    ),
    "display above the quantity shows all": (
        [sell(1, 80, 10, display=100)],
        ["+1", "1 shows 80 @ 10"],
    ),
    "what is left of an incoming reserve order shows one part": (
        [sell(1, 100, 10), buy(9, 500, 10, display=50)],
        ["+9", "9 takes 100 @ 10 of 1", "9 shows 50 @ 10"],
    ),
    "canceled order is gone": ([*ASKS, cancel(1)], ["-1 100 requested"]),
    "order canceled before is unknown": ([*ASKS, cancel(1), cancel(1)], []),
    "canceled order does not trade": (
        [*ASKS, cancel(1), buy(9, 50, 10)],
        ["+9", "9 takes 50 @ 10 of 2"],
    ),
    "smaller order keeps its place": (
        [*ASKS, replace(1, 60, 10), buy(9, 100, 10)],
        ["+9", "9 takes 60 @ 10 of 1", "9 takes 40 @ 10 of 2"],
    ),
    "replacing says so": ([*ASKS, replace(1, 60, 10)], ["1 is 60 @ 10 in place"]),
    "larger order goes to the back": (
        [*ASKS, replace(1, 101, 10)],
        ["1 is 101 @ 10 anew", "1 shows 101 @ 10"],
    ),
    "larger order trades last": (
        [*ASKS, replace(1, 101, 10), buy(9, 150, 10)],
        ["+9", "9 takes 100 @ 10 of 2", "9 takes 50 @ 10 of 1"],
    ),
    "another price goes to the back of that price": (
        [*ASKS, replace(1, 50, 11), buy(9, 220, 11)],
        ["+9", "9 takes 100 @ 10 of 2", "9 takes 100 @ 11 of 3", "9 takes 20 @ 11 of 1"],
    ),
    "replaced order trades if its new price is met": (
        [*ASKS, buy(9, 150, 9), replace(9, 150, 10)],
        ["9 is 150 @ 10 anew", "9 takes 100 @ 10 of 1", "9 takes 50 @ 10 of 2"],
    ),
    "order that does not work cannot be replaced": ([*ASKS, replace(7, 150, 10)], []),
    "hidden shares go first when an order shrinks": (
        [*ICEBERG, replace(1, 100, 10), buy(9, 300, 10)],
        ["+9", "9 takes 100 @ 10 of 1", "9 takes 100 @ 10 of 2", "9 shows 100 @ 10"],
    ),
}


@pytest.mark.parametrize(("steps", "said"), TABLE.values(), ids=TABLE)
def test_order_gets(steps, said):
    assert play(*steps)[0] == said


NEWEST, OLDEST, BOTH, DECREMENT = SelfMatch
OWN = (sell(1, 100, 10, owner=7), sell(2, 100, 10))

SELF_TABLE = {
    "nobody's orders trade": (
        [sell(1, 100, 10), buy(9, 100, 10)],
        ["+9", "9 takes 100 @ 10 of 1"],
    ),
    "orders of two owners trade": (
        [*OWN, buy(9, 100, 10, owner=8)],
        ["+9", "9 takes 100 @ 10 of 1"],
    ),
    "newest goes": ([*OWN, buy(9, 150, 10, owner=7)], ["+9", "-9 150 self match"]),
    "newest goes after it traded": (
        [OWN[1], OWN[0], buy(9, 150, 10, owner=7)],
        ["+9", "9 takes 100 @ 10 of 2", "-9 50 self match"],
    ),
    "oldest goes": (
        [*OWN, buy(9, 150, 10, owner=7, self_match=OLDEST)],
        ["+9", "-1 100 self match", "9 takes 100 @ 10 of 2", "9 shows 50 @ 10"],
    ),
    "both go": (
        [*OWN, buy(9, 150, 10, owner=7, self_match=BOTH)],
        ["+9", "-1 100 self match", "-9 150 self match"],
    ),
    "both lose the smaller: the older is gone": (
        [*OWN, buy(9, 120, 10, owner=7, self_match=DECREMENT)],
        ["+9", "-1 100 self match", "-9 100 self match, 20 left", "9 takes 20 @ 10 of 2"],
    ),
    "both lose the smaller: the newer is gone": (
        [*OWN, buy(9, 40, 10, owner=7, self_match=DECREMENT)],
        ["+9", "-1 40 self match, 60 left", "-9 40 self match"],
    ),
    "oldest goes with its reserve": (
        [
            sell(1, 500, 10, display=100, owner=7),
            sell(2, 50, 10, display=0),
            buy(9, 50, 10, owner=7, self_match=OLDEST),
        ],
        ["+9", "-1 500 self match", "9 takes (50) @ 10 of 2"],
    ),
    "a part used up by decrements is renewed": (
        [
            sell(1, 500, 10, display=100, owner=7),
            buy(9, 100, 10, owner=7, self_match=DECREMENT),
        ],
        ["+9", "-1 100 self match, 400 left", "-9 100 self match", "1 shows 100 @ 10"],
    ),
    "all or nothing does not count own shares": (
        [*OWN, buy(9, 150, 10, owner=7, self_match=OLDEST, time_in_force=FOK)],
        ["+9", "-9 150 unfilled"],
    ),
    "all or nothing passes own shares by canceling them": (
        [*OWN, buy(9, 100, 10, owner=7, self_match=OLDEST, time_in_force=FOK)],
        ["+9", "-1 100 self match", "9 takes 100 @ 10 of 2"],
    ),
    "all or nothing that own shares would end does nothing": (
        [*OWN, buy(9, 100, 10, owner=7, self_match=DECREMENT, time_in_force=FOK)],
        ["+9", "-9 100 unfilled"],
    ),
    "all or nothing that is full before its own shares": (
        [OWN[1], OWN[0], buy(9, 100, 10, owner=7, time_in_force=FOK)],
        ["+9", "9 takes 100 @ 10 of 2"],
    ),
}


@pytest.mark.parametrize(("steps", "said"), SELF_TABLE.values(), ids=SELF_TABLE)
def test_owner_meets_itself(steps, said):
    assert play(*steps)[0] == said


class TestQueries:
    def test_empty_book_has_nothing(self):
        book = Book()
        assert (book.best(BUY), book.best(SELL)) == (None, None)
        assert book.depth(BUY, 5) == []
        assert book.volume_at(BUY, 10) == (0, 0)
        assert (book.order(1), book.ahead_of(1), len(book)) == (None, None, 0)

    def test_best_and_depth_show_displayed_shares(self):
        _, book = play(
            buy(1, 100, 8), buy(2, 500, 9, display=100), buy(3, 70, 9), buy(4, 50, 10, display=0)
        )
        assert book.best(BUY) == (9, 170)
        assert book.depth(BUY, 5) == [(9, 170), (8, 100)]
        assert book.depth(BUY, 1) == [(9, 170)]

    def test_depth_of_asks_starts_with_the_lowest(self):
        _, book = play(*ASKS)
        assert book.depth(SELL, 9) == [(10, 200), (11, 100)]

    def test_volume_tells_hidden_shares(self):
        _, book = play(*ICEBERG, sell(3, 7, 10, display=0))
        assert book.volume_at(SELL, 10) == (200, 407)
        assert book.volume_at(BUY, 10) == (0, 0)

    @pytest.mark.parametrize(("order_id", "ahead"), [(1, 0), (2, 100), (3, 600), (4, 0)])
    def test_queue_counts_what_trades_before(self, order_id, ahead):
        _, book = play(*ICEBERG, sell(3, 7, 10, display=0), sell(4, 5, 11))
        assert book.ahead_of(order_id) == ahead

    def test_order_tells_how_far_it_came(self):
        _, book = play(*ICEBERG, buy(9, 130, 10))
        order = book.order(1)
        assert (order.leaves, order.shown, order.reserve) == (400, 100, 300)
        assert book.order(2).leaves == 70
        assert book.order(9) is None
        assert len(book) == 2

    def test_book_with_nobody_left_is_empty(self):
        _, book = play(*ASKS, buy(9, 300, 11))
        assert (len(book), book.depth(SELL, 9)) == (0, [])


BAD = {
    "no shares": (buy(9, 0, 10), "quantity 0 is not positive"),
    "no price": (buy(9, 1, 0), "limit 0 is below one tick"),
    "same id": (buy(1, 1, 1), "order 1 is working"),
}


@pytest.mark.parametrize(("order", "text"), BAD.values(), ids=BAD)
def test_bad_order_changes_nothing(order, text):
    _, book = play(*ASKS)
    with pytest.raises(ValueError, match=re.escape(text)):
        book.enter(order)
    assert (len(book), book.depth(BUY, 1), book.depth(SELL, 1)) == (3, [], [(10, 200)])


@pytest.mark.parametrize(("leaves", "px"), [(0, 10), (-1, 10), (10, None), (10, 0)])
def test_bad_replacement_changes_nothing(leaves, px):
    _, book = play(*ASKS)
    with pytest.raises(ValueError, match="order 1 cannot become"):
        book.replace(1, leaves, px)
    assert book.depth(SELL, 1) == [(10, 200)]


def test_id_may_come_again_once_it_is_free():
    said, book = play(*ASKS, cancel(1), sell(1, 5, 10))
    assert said == ["+1", "1 shows 5 @ 10"]
    assert book.ahead_of(1) == 100


def test_long_queue_is_taken_from_the_front_without_end():
    book = Book()
    for order_id in range(1, 501):
        book.enter(sell(order_id, 10, 10))
    for order_id in range(1, 200):
        book.cancel(order_id)
    makers = [book.enter(buy(1000 + n, 10, 10))[1].maker_id for n in range(301)]
    assert makers == list(range(200, 501))
    assert len(book) == 0
