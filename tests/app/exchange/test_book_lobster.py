"""Goal: a real morning, message by message, gives the book that was recorded.

Method: AAPL, 2012-06-21 from 09:30, 999 messages and the ten best levels of each side after each.
The first recorded book is the start, each of its levels as one order: who waited there before the
file begins nobody knows. The other 998 messages are played in. What the record says of the queue is
checked too: an execution is sent as an order that takes, and has to meet the order that is named.

Of the 998 books 680 are fully determined by what came before, and all 680 are equal. After the
other 318 a level went out of view or was used up, and another came into view from beyond the tenth,
of which no message ever tells. Even then all but that level is determined, and equal. 304 times
that level had gone out of view before and is as the book kept it. 14 times it is not: 10 lay beyond
from the start, in 2 the shares changed out of view, and in 2 a level nearer by had vanished there.
Then the record is taken for these levels.

61 executions met hidden orders: no displayed share changes. 6 cancels and 4 executions are of
orders from before the file, and come off the order that stands for those.
"""

from __future__ import annotations

import csv
import itertools
from collections import Counter

import pytest

from app.domain.enums import Side, TimeInForce
from app.exchange.book import Book
from app.exchange.entry import Executed, Order

STEM = "market/lobster/AAPL_2012-06-21_34200000_57600000"
LEVELS = 10
SUBMITTED, DELETED, EXECUTED, HIDDEN = "1", "3", "4", "5"


@pytest.fixture(scope="module")
def record(shared_data):
    """Message and displayed book after it, for every message."""
    with (
        open(shared_data / f"{STEM}_message_10.csv", newline="") as messages,
        open(shared_data / f"{STEM}_orderbook_10.csv", newline="") as books,
    ):
        rows = [[int(field) for field in row] for row in csv.reader(books)]
        return [
            (message, {Side.SELL: pairs(row, 0), Side.BUY: pairs(row, 2)})
            for message, row in zip(csv.reader(messages), rows, strict=True)
        ]


def pairs(row, first):
    """Price and shares of one side, the best first."""
    return list(zip(row[first::4], row[first + 1 :: 4], strict=True))


class Replay:
    """The book, and what the record had to be asked for."""

    def __init__(self, start):
        self.book, self.count = Book(), Counter()
        self.fresh = itertools.count(-1, -1)
        self.ids = set()
        for side, levels in start.items():
            for px, qty in levels:
                self.enter(next(self.fresh), side, qty, px)

    def enter(self, order_id, side, qty, px, **more):
        self.ids.add(order_id)
        return self.book.enter(Order(order_id, side, qty, px, **more))

    def at(self, side, px):
        """Ids of the orders at a price, those from before the file first."""
        orders = (self.book.order(order_id) for order_id in sorted(self.ids))
        return [
            order.order_id for order in orders if order and (order.side, order.px) == (side, px)
        ]

    def play(self, kind, order_id, qty, px, side):
        if kind == SUBMITTED:
            assert len(self.enter(order_id, side, qty, px)) == 2, "it rests and takes nothing"
        elif kind == DELETED:
            self.delete(order_id, qty, px, side)
        elif kind == EXECUTED:
            self.execute(order_id, qty, px, side)
        else:
            assert kind == HIDDEN
        self.count[kind] += 1

    def delete(self, order_id, qty, px, side):
        if self.book.order(order_id) is None:
            self.count["deleted from before"] += 1
            order_id = self.at(side, px)[0]
            assert order_id < 0
            left = self.book.order(order_id).leaves - qty
            assert self.book.replace(order_id, left, px) if left else self.book.cancel(order_id)
        else:
            assert self.book.cancel(order_id)[0].qty == qty

    def execute(self, order_id, qty, px, side):
        is_known = self.book.order(order_id) is not None
        far = Side.SELL if side is Side.BUY else Side.BUY
        taker = next(self.fresh)
        _, trade = self.enter(taker, far, qty, px, time_in_force=TimeInForce.IOC)
        assert isinstance(trade, Executed)
        assert (trade.px, trade.qty) == (px, qty)
        if is_known:
            assert trade.maker_id == order_id
        else:
            self.count["executed from before"] += 1
            assert trade.maker_id < 0

    def compare(self, side, before, after, made_px):
        """Compare a side; take from the record what came into view and cannot be known."""
        pxs = {px for px, _ in before} | {made_px}
        revealed = [level for level in after if level[0] not in pxs]
        kept = self.book.depth(side, LEVELS)
        if not revealed:
            assert kept == after
            return
        assert after[:-1] == kept[: LEVELS - 1]
        self.count["revealed"] += 1
        if kept == after:
            self.count["revealed as kept"] += 1
            return
        assert revealed == after[-1:]
        self.take_from_record(side, *revealed[0])
        assert self.book.depth(side, LEVELS) == after

    def take_from_record(self, side, px, qty):
        nearer = self.book.depth(side, LEVELS)[LEVELS - 1 :]
        if nearer and (nearer[0][0] - px) * side.sign > 0:
            self.count["vanished out of view"] += 1
            self.clear(side, nearer[0][0])
        if (shares := self.book.volume_at(side, px)[0]) != qty:
            self.count["changed out of view" if shares else "beyond from the start"] += 1
            self.clear(side, px)
            self.enter(next(self.fresh), side, qty, px)

    def clear(self, side, px):
        for order_id in self.at(side, px):
            self.book.cancel(order_id)


def test_recorded_morning(record):
    replay = Replay(record[0][1])
    for (_, before), (message, after) in itertools.pairwise(record):
        _, kind, order_id, qty, px, direction = message
        side = Side.BUY if direction == "1" else Side.SELL
        replay.play(kind, int(order_id), int(qty), int(px), side)
        if kind == HIDDEN:
            assert after == before
        revealed = replay.count["revealed"]
        for one in Side:
            is_made = kind == SUBMITTED and one is side
            replay.compare(one, before[one], after[one], int(px) if is_made else None)
        replay.count["determined"] += replay.count["revealed"] == revealed
    assert replay.count == {
        SUBMITTED: 470,
        DELETED: 369,
        EXECUTED: 98,
        HIDDEN: 61,
        "deleted from before": 6,
        "executed from before": 4,
        "determined": 680,
        "revealed": 318,
        "revealed as kept": 304,
        "beyond from the start": 10,
        "changed out of view": 2,
        "vanished out of view": 2,
    }
