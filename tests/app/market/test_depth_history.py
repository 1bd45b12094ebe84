"""Show that the book is looked at once a second of the feed, and that looks have a bound."""

from __future__ import annotations

from decimal import Decimal

from app.domain.ids import Symbol
from app.domain.market import Depth
from app.market.depth import DepthBook
from app.market.depth_history import EVERY_NS, LEVELS, LOOKS_MAX, DepthHistory


def book_of(levels=3, size=100):
    book = DepthBook()
    book.apply(
        Depth(
            symbol=Symbol("IBM"),
            bids=tuple((Decimal(100 - n), size) for n in range(levels)),
            asks=tuple((Decimal(101 + n), size) for n in range(levels)),
            is_whole=True,
            ts_exch_ns=0,
            ts_recv_ns=0,
        )
    )
    return book


def test_there_is_one_look_a_second():
    history, book = DepthHistory(), book_of()
    for tenth in range(35):
        history.see(book, tenth * EVERY_NS // 10)
    assert [look.ts_ns // EVERY_NS for look in history.looks] == [0, 1, 2, 3]
    assert history.version == 4


def test_while_nothing_comes_there_is_none():
    history, book = DepthHistory(), book_of()
    for second in (0, 1, 60, 61):
        history.see(book, second * EVERY_NS)
    assert [look.ts_ns // EVERY_NS for look in history.looks] == [0, 1, 60, 61]


def test_a_look_holds_both_sides_as_they_were():
    history = DepthHistory()
    history.see(book_of(size=7), 0)
    [look] = history.looks
    assert sorted(look.prices.tolist()) == [98.0, 99.0, 100.0, 101.0, 102.0, 103.0]
    assert set(look.sizes.tolist()) == {7.0}


def test_there_are_bounds():
    history, book = DepthHistory(), book_of(levels=200)
    for second in range(LOOKS_MAX + 10):
        history.see(book, second * EVERY_NS)
    assert len(history.looks) == LOOKS_MAX
    assert len(history.looks[0].prices) == 2 * LEVELS
