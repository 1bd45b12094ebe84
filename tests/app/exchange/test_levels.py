"""Goal: the best price is always last, and a queue costs the same however many have left it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import Side
from app.exchange.entry import Order
from app.exchange.levels import Ladder, Level


def level(px, *orders):
    one = Level(px)
    for order in orders:
        one.shown[order.order_id] = order
        one.shown_qty += order.shown
        if order.reserve:
            one.hidden[order.order_id] = order
            one.hidden_qty += order.reserve
    return one


def order(order_id, leaves, shown):
    return Order(order_id, Side.SELL, leaves, 10, shown=shown)


def ladder(side, *pxs):
    one = Ladder(side)
    one.keys = sorted(px * one.sign for px in pxs)
    one.levels = {px * one.sign: level(px, order(px, 5, 5)) for px in pxs}
    return one


class TestLadder:
    def test_bids_come_highest_first(self):
        assert [px for px, _ in ladder(Side.BUY, 8, 10, 9).displayed()] == [10, 9, 8]

    def test_asks_come_lowest_first(self):
        assert [px for px, _ in ladder(Side.SELL, 8, 10, 9).displayed()] == [8, 9, 10]

    def test_price_with_hidden_shares_only_is_not_displayed(self):
        one = ladder(Side.BUY, 8, 10)
        one.levels[10].shown_qty = 0
        assert list(one.displayed()) == [(8, 5)]

    @given(st.sampled_from(Side), st.sets(st.integers(1, 30), min_size=1), st.data())
    def test_dropping_one_price_leaves_the_others(self, side, pxs, data):
        one, px = ladder(side, *pxs), data.draw(st.sampled_from(sorted(pxs)))
        one.drop(px * one.sign)
        assert one.keys == sorted(one.levels)
        assert {one.levels[key].px for key in one.keys} == pxs - {px}


class TestLevel:
    def test_reserve_order_has_two_parts(self):
        first, second = order(1, 500, 100), order(2, 50, 50)
        assert list(level(10, first, second).parts()) == [(first, 100), (second, 50), (first, 400)]

    def test_reducing_keeps_totals(self):
        first = order(1, 500, 100)
        one = level(10, first, order(2, 50, 50))
        one.reduce(first, 30, 100)
        assert (first.leaves, first.shown, one.shown_qty, one.hidden_qty) == (370, 70, 120, 300)

    def test_order_leaves_the_queue_in_which_it_has_nothing(self):
        first = order(1, 500, 100)
        one = level(10, first)
        one.reduce(first, 100, 0)
        assert (list(one.shown), list(one.hidden)) == ([], [1])
        one.reduce(first, 0, 400)
        assert (list(one.hidden), first.leaves) == ([], 0)

    def test_rebuilding_keeps_the_order_of_the_queues(self):
        one = level(10, *(order(number, 10, 5) for number in range(40)))
        before = (list(one.shown), list(one.hidden))
        for _ in range(200):
            one.forget(1)
        assert (list(one.shown), list(one.hidden)) == before
        assert one.gone < 100
