"""Goal: the book on screen is what the feed said, whatever came in which order."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import Side
from app.domain.ids import Symbol
from app.domain.market import Depth
from app.market.depth import LEVELS_MAX, DepthBook


def said(bids=(), asks=(), *, is_whole=False):
    def levels(pairs):
        return tuple((Decimal(price), size) for price, size in pairs)

    return Depth(
        symbol=Symbol("AAPL"),
        bids=levels(bids),
        asks=levels(asks),
        is_whole=is_whole,
        ts_exch_ns=1,
        ts_recv_ns=2,
    )


def shown(book, side, n=10):
    return [(str(price), size) for price, size in book.levels(side, n)]


def test_the_best_prices_come_first():
    book = DepthBook()
    book.apply(said([("9.98", 100), ("9.99", 200)], [("10.02", 50), ("10.01", 300)]))
    assert shown(book, Side.BUY) == [("9.99", 200), ("9.98", 100)]
    assert shown(book, Side.SELL) == [("10.01", 300), ("10.02", 50)]
    assert shown(book, Side.BUY, 1) == [("9.99", 200)]


def test_no_shares_left_take_a_price_away():
    book = DepthBook()
    book.apply(said([("9.99", 200)]))
    book.apply(said([("9.99", 0), ("9.50", 0)]))
    assert shown(book, Side.BUY) == []


def test_a_whole_book_replaces_all():
    book = DepthBook()
    book.apply(said([("9.99", 200)], [("10.01", 300)]))
    book.apply(said([("9.00", 1)], is_whole=True))
    assert shown(book, Side.BUY) == [("9.00", 1)]
    assert shown(book, Side.SELL) == []


def test_every_change_is_a_new_version():
    book = DepthBook()
    assert book.version == 0
    book.apply(said())
    assert book.version == 1


def test_a_book_without_end_is_bounded_and_keeps_what_is_near():
    book = DepthBook()
    prices = range(1, 2 * LEVELS_MAX)
    book.apply(said([(price, 1) for price in prices], [(price, 1) for price in prices]))
    assert shown(book, Side.BUY, 1) == [(str(prices[-1]), 1)]
    assert shown(book, Side.SELL, 1) == [("1", 1)]
    assert len(book.levels(Side.BUY, 10**6)) <= LEVELS_MAX


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 9), st.integers(0, 3)), max_size=60))
def test_it_is_what_was_said_last_of_every_price(changes):
    book, known = DepthBook(), {True: {}, False: {}}
    for is_bid, price, size in changes:
        book.apply(said([(price, size)]) if is_bid else said((), [(price, size)]))
        known[is_bid][price] = size
    for is_bid, side in ((True, Side.BUY), (False, Side.SELL)):
        left = {Decimal(price): size for price, size in known[is_bid].items() if size}
        assert book.levels(side, 99) == tuple(sorted(left.items(), reverse=is_bid))
